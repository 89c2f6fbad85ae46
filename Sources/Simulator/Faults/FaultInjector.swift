package import Broker
internal import Modbus

/// Decides which fault strikes which request: the first rule that applies and strikes.
///
/// One seed and the same requests at the same instants give the same faults.
package final class FaultInjector {
    /// A fault that holds until an instant, whatever the rules say.
    private struct Lasting {
        let fault: Fault
        let end: Instant

        func rest(at now: Instant) -> Fault? { now < end ? fault.lasting(end - now) : nil }
    }

    private let rules: [FaultRule]
    private var random: RandomSource
    private let start: Instant
    /// What keeps each unit from hearing.
    private var unheard = [Lasting?](repeating: nil, count: 256)
    private var unplugged: Lasting?

    package init(_ rules: [FaultRule], seed: UInt64, start: Instant) {
        self.rules = rules
        random = RandomSource(seed: seed)
        self.start = start
    }

    /// - Parameter client: its name; nil on a line, which knows none.
    /// - Returns: nil: none strikes.
    func fault(for request: RTUFrame, of client: String? = nil, at now: Instant) -> Fault? {
        fault(for: request, of: client, at: now, &random)
    }

    /// The same, drawn from another source.
    func fault(
        for request: RTUFrame, of client: String? = nil, at now: Instant, _ random: inout RandomSource
    ) -> Fault? {
        let unit = Int(request.unit.rawValue)
        if let fault = unplugged?.rest(at: now) ?? unheard[unit]?.rest(at: now) { return fault }
        for rule in rules where rule.mayStrike(request, of: client, after: now - start) {
            guard random.chance(rule.probability) else { continue }
            let fault = rule.fault.drawn(&random)
            switch fault.request {
            case .unheard(let duration): unheard[unit] = Lasting(fault: fault, end: now + duration)
            case .unplugged(let duration): unplugged = Lasting(fault: fault, end: now + duration)
            case .passes, .refused: break
            }
            return fault
        }
        return nil
    }
}
