import Broker
import Growatt
import Modbus
import Simulator
import Testing

/// A profile on a unit of a shipped dataset, from the midnight at which simulated time begins.
final class ProfileBench {
    let movement: ProfileMovement
    let unit: DatasetUnit
    let family: RegisterFamily
    private(set) var elapsed = 0.0
    private let clock: SimulatedClock

    init(
        _ names: [String], yaml: String? = nil, dataset: String = "min-6000tl-xh", start: Double = 0, scale: Double = 1,
        seed: UInt64 = 1
    ) throws {
        var profile = try Profile(names)
        if let yaml { try profile.add(yaml: Array(yaml.utf8), file: "p.yaml") }
        let registers = try #require(try Dataset(named: dataset).units[1])
        family = try #require(RegisterFamily(registers, note: nil))
        clock = SimulatedClock(origin: .start, start: start, scale: scale)
        movement = ProfileMovement(profile, unit: registers, family: family, clock: clock, seed: seed)
        unit = DatasetUnit(registers, movement: movement)
    }

    /// Goes to so many simulated seconds after the start.
    func go(to seconds: Double) {
        elapsed = seconds
        unit.advance(to: now)
    }

    var now: Instant { .start + .nanoseconds(Int64(elapsed / clock.scale * 1e9)) }

    func quantity(_ name: String) throws -> Double { try #require(movement.quantity(name), "no quantity \(name)") }

    /// What a client reads there, as the number that it stands for.
    func read(_ table: RegisterTable, _ address: UInt16, _ type: IntegerType = .u16, scale: Double = 1) throws
        -> Double
    {
        let request = PDU(read: table.function, address: address, quantity: UInt16(type.registers))
        let reply = try #require(unit.answer(request, at: now), "silent")
        let words = try (0..<type.registers).map { try #require(reply.word(at: 2 + 2 * $0)) }
        return RegisterEncoding(type, scale: scale).value(words)
    }

    /// All registers of the unit that a client can read, in order.
    func dump() -> [UInt16] {
        let functions: [UInt8] = [3, 4, 0x20]
        return functions.flatMap { function in
            stride(from: UInt16(0), to: 3500, by: 125).flatMap { address -> [UInt16] in
                let request = PDU(read: FunctionCode(rawValue: function), address: address, quantity: 125)
                guard let reply = unit.answer(request, at: now) else { return [] }
                return (0..<125).compactMap { reply.word(at: 2 + 2 * $0) }
            }
        }
    }
}
