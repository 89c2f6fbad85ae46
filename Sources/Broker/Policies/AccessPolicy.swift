package import Modbus

/// Who may read and write what: refuses a query, or hands it on.
package final class AccessPolicy: Backend {
    package struct Settings: Hashable, Sendable {
        /// Whether Modbus TCP clients may write to unit 0, which every unit executes and none answers (R10).
        ///
        /// Serial clients always may: the dongle is the vendor's, and finds its inverter so.
        package var allowsBroadcast = false
        /// The holding registers that serial clients may not write; refused with 0x02.
        package var serialForbiddenWrites: [UInt16] = []

        package init() {}
    }

    /// What holds from the next query on.
    package var settings: Settings
    /// Called with each write that was refused by ``Settings/serialForbiddenWrites``, and the register that it is about.
    package var whenForbidden: (Query, _ register: UInt16) -> Void = { _, _ in }
    private let timeline: any Timeline
    private let shapes: FunctionShapes
    /// Who gets the next queries. What an earlier one was handed is still that one's to complete.
    package var next: any Backend

    package init(
        _ settings: Settings, shapes: FunctionShapes = FunctionShapes(), timeline: any Timeline, next: any Backend
    ) {
        self.settings = settings
        self.shapes = shapes
        self.timeline = timeline
        self.next = next
    }

    package func submit(_ query: Query, _ done: @escaping (Exchange) -> Void) {
        if query.isBroadcast && query.client.kind != .serial && !settings.allowsBroadcast {
            done(.failed(query, .refused(.illegalFunction), at: timeline.now))
        } else if let register = forbiddenRegister(of: query) {
            whenForbidden(query, register)
            done(.failed(query, .refused(.illegalDataAddress), at: timeline.now))
        } else {
            next.submit(query, done)
        }
    }

    package func withdraw(_ id: Query.ID) {
        next.withdraw(id)
    }

    private func forbiddenRegister(of query: Query) -> UInt16? {
        guard !query.isRead, query.client.kind == .serial, !settings.serialForbiddenWrites.isEmpty,
            let written = (try? Request(query.pdu, shapes: shapes))?.writtenRegisters
        else { return nil }
        return settings.serialForbiddenWrites.first { written.contains(Int($0)) }
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
