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

    /// What holds from the next query on.
    package var settings: Settings
    /// Who may write, where clients may at all.
    package var mayWrite: (Client) -> Bool = { _ in true }
    /// As reports call the listener.
    private let name: String
    private let observe: (BrokerEvent) -> Void
    private let timeline: any Timeline
    private let next: any Backend

    /// - Parameters:
    ///   - name: as reports call the listener, such as `0.0.0.0:5020`.
    ///   - observe: told of each query that is refused, before it is completed.
    package init(
        _ settings: Settings, name: String = "", timeline: any Timeline, next: any Backend,
        observe: @escaping (BrokerEvent) -> Void = { _ in }
    ) {
        self.settings = settings
        self.name = name
        self.observe = observe
        self.timeline = timeline
        self.next = next
    }

    package func submit(_ query: Query, for owner: any QueryOwner) {
        if let refusal = refusal(of: query) {
            observe(.refused(query, .access(refusal), at: name))
            owner.finished(.failed(query, .refused(refusal.exceptionCode), at: timeline.now))
        } else {
            next.submit(query, for: owner)
        }
    }

    package func withdraw(_ query: Query) { next.withdraw(query) }

    private func refusal(of query: Query) -> Refusal? {
        if query.client.rights == .none { return .rights }
        if !query.isRead, let refusal = refusal(ofWrite: query) { return refusal }
        return settings.reads.refusal(of: query.pdu, to: query.clientUnit).map { .read($0) }
    }

    private func refusal(ofWrite query: Query) -> Refusal? {
        if settings.isReadOnly { return .readOnly }
        if query.client.rights == .reading { return .rights }
        if !mayWrite(query.client) { return .noWriter }
        if query.isClientBroadcast && !settings.allowsBroadcast { return .broadcast }
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
