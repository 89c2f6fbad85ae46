package import Broker
package import Modbus

/// Decides which fault strikes which request: the first rule that applies and strikes.
///
/// One seed and the same requests at the same instants give the same faults.
package final class FaultInjector {
    private let rules: [FaultRule]
    private var random: RandomSource
    private let start: Instant
    /// Until when each unit hears nothing.
    private var asleepUntil = [Instant](repeating: .distantPast, count: 256)
    private var unpluggedUntil = Instant.distantPast

    package init(_ rules: [FaultRule], seed: UInt64, start: Instant) {
        self.rules = rules
        random = RandomSource(seed: seed)
        self.start = start
    }

    /// - Parameter client: its name; nil on a line, which knows none.
    package func fault(for request: RTUFrame, of client: String? = nil, at now: Instant) -> Fault {
        let unit = Int(request.unit.rawValue)
        if now < unpluggedUntil { return .unplugged(unpluggedUntil - now) }
        if now < asleepUntil[unit] { return .asleep(asleepUntil[unit] - now) }
        for rule in rules where rule.mayStrike(request, of: client, after: now - start) {
            guard random.chance(rule.probability) else { continue }
            let fault = rule.fault(&random)
            if case .asleep(let duration) = fault { asleepUntil[unit] = now + duration }
            if case .unplugged(let duration) = fault { unpluggedUntil = now + duration }
            return fault
        }
        return .none
    }
}
