internal import Broker
internal import Growatt
internal import Modbus
internal import Settings
internal import WireLog

extension RepeatLog {
    /// - Parameter place: the listener or line that refuses, such as `0.0.0.0:5020`.
    func note(_ refusal: AccessPolicy.Refusal, of query: Query, at place: String) {
        // The request helps to find the program that sends it.
        let what = if case .read = refusal { ", \(ExchangeLine().asked(query))" } else { "" }
        note("\(place): \(refusal.text)", by: query.client.source + what)
    }
}

extension Client {
    /// The client in messages: the certificate's name counts for more than the address.
    fileprivate var source: String { kind == .tls ? "\(address), \(name)" : address }
}

extension AccessPolicy.Refusal {
    fileprivate var text: String {
        switch self {
        case .readOnly: "a write, for it is read-only"
        case .noWriter: "a write, for the address is not among its writers"
        case .rights: "what the client's certificate does not let it do"
        case .broadcast: "a write to unit 0, which is all units"
        case .forbiddenRegister(let register): "a write of holding register \(register)"
        case .read(.refused(let block)): "a read of \(block.text), which reads refuses"
        case .read(.notAllowed): "a read of what reads does not allow"
        }
    }
}

extension ReadRules {
    /// - Parameter settings: nil: clients may read everything.
    init(_ settings: ReadsSettings?) {
        self.init()
        guard let settings else { return }
        refused = settings.refuse.flatMap(\.brokerBlocks)
        if !settings.allow.isEmpty { allowed = settings.allow.flatMap(\.brokerBlocks) }
    }
}

extension ReadRule {
    fileprivate var brokerBlocks: [ReadRules.Block] {
        blocks.map { .init($0.table.function, $0.addresses, unit: unit.map { UnitIdentifier(rawValue: $0) }) }
    }
}

extension ReadRules.Block {
    /// As the configuration has it, such as `input:30000-65535`.
    fileprivate var text: String {
        guard let table = UnitTable(readBy: function) else { return "\(function)" }
        return "\(ReadRule(.init(table: table, addresses: addresses), unit: unit?.rawValue))"
    }
}
