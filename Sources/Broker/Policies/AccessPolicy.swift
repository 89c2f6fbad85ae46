package import Modbus

/// Who may read and write what at one listener: refuses a query, or hands it on.
package final class AccessPolicy: Backend {
    package struct Settings: Hashable, Sendable {
        /// Whether everything but reads is refused, with 0x01.
        package var isReadOnly = false
        /// Whether clients may write to unit 0, which every unit executes and none answers (R10).
        ///
        /// A serial client's listener lets it: the dongle is the vendor's, and finds its inverter so.
        package var allowsBroadcast = false
        /// The holding registers that may not be written; refused with 0x02.
        package var forbiddenWrites: [UInt16] = []
        /// The registers that clients may read; other reads get 0x02.
        package var reads = ReadRules()

        package init() {}
    }

    /// Why a query was refused.
    package enum Refusal: Hashable, Sendable {
        /// A write at a listener that only lets clients read.
        case readOnly
        /// A write by a client that may only read.
        case noWriter
        /// More than the client's certificate lets it do.
        case rights
        case broadcast
        /// One of ``Settings/forbiddenWrites``.
        case forbiddenRegister(UInt16)
        /// By ``Settings/reads``.
        case read(ReadRules.Refusal)

        package var exceptionCode: ExceptionCode {
            switch self {
            case .readOnly, .noWriter, .rights, .broadcast: .illegalFunction
            case .forbiddenRegister, .read: .illegalDataAddress
            }
        }
    }

    /// Whoever gets queries, and how many of them it has.
    private final class Way {
        let next: any Backend
        var running = 0

        init(to next: any Backend) {
            self.next = next
        }
    }

    /// What holds from the next query on.
    package var settings: Settings
    /// Who may write, where clients may at all.
    package var mayWrite: (Client) -> Bool = { _ in true }
    /// Called with each query that is refused, before it is completed.
    package var whenRefused: (Query, Refusal) -> Void = { _, _ in }
    private let timeline: any Timeline
    private var way: Way
    /// Those that queries were handed to before, as long as they have some.
    private var earlierWays: [Way] = []

    package init(
        _ settings: Settings, timeline: any Timeline, next: any Backend
    ) {
        self.settings = settings
        self.timeline = timeline
        way = Way(to: next)
    }

    /// Who gets the next queries. What an earlier one was handed is still that one's to complete.
    package var next: any Backend {
        get { way.next }
        set {
            guard newValue !== way.next else { return }
            earlierWays = (earlierWays + [way]).filter { $0.running > 0 }
            way = Way(to: newValue)
        }
    }

    package func submit(_ query: Query, _ done: @escaping (Exchange) -> Void) {
        if let refusal = refusal(of: query) {
            whenRefused(query, refusal)
            done(.failed(query, .refused(refusal.exceptionCode), at: timeline.now))
        } else {
            way.running += 1
            way.next.submit(query) { [way] exchange in
                way.running -= 1
                done(exchange)
            }
        }
    }

    package func withdraw(_ id: Query.ID) {
        for earlier in earlierWays where earlier.running > 0 { earlier.next.withdraw(id) }
        way.next.withdraw(id)
    }

    private func refusal(of query: Query) -> Refusal? {
        if query.client.rights == .none { return .rights }
        if !query.isRead, let refusal = refusal(ofWrite: query) { return refusal }
        return settings.reads.refusal(of: query.pdu, to: query.unit).map { .read($0) }
    }

    private func refusal(ofWrite query: Query) -> Refusal? {
        if settings.isReadOnly { return .readOnly }
        if query.client.rights == .reading { return .rights }
        if !mayWrite(query.client) { return .noWriter }
        if query.isBroadcast && !settings.allowsBroadcast { return .broadcast }
        return forbiddenRegister(of: query).map { .forbiddenRegister($0) }
    }

    private func forbiddenRegister(of query: Query) -> UInt16? {
        guard !settings.forbiddenWrites.isEmpty,
            let written = (try? Request(query.pdu))?.writtenRegisters
        else { return nil }
        return settings.forbiddenWrites.first { written.contains(Int($0)) }
    }
}

extension Request {
    /// The holding registers that it writes; nil for coils, and for functions of unknown layout.
    fileprivate var writtenRegisters: Range<Int>? {
        switch self {
        case .writeSingle(.writeSingleRegister, let address, _), .maskWrite(let address, _, _):
            Int(address)..<Int(address) + 1
        case .writeRegisters(let range, _), .readWrite(_, let range, _): range.addresses
        case .writeSingle, .writeCoils, .readBits, .readRegisters, .opaque: nil
        }
    }
}
