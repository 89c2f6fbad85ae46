internal import Broker
internal import Modbus
internal import Simulator

/// One world: what its seed decides before anything happens.
struct WorldSettings {
    var clients = ClientSettings.usual(LineTiming(baud: 115_200, bitsPerCharacter: 10))
    var lines: [LineSettings]
    /// Where each TCP client comes in, and each pseudo-terminal is.
    var tcpClients: [Entrance]
    var terminals: [Entrance]
    /// How many queries a second each address may have; nil: any number.
    var rate: Double?
    /// Whether that changes now and then.
    var changesRate: Bool
    /// Whether TCP clients may write to all units, and anybody to a unit that is 0 on its line.
    var allowsBroadcast = false

    init(_ random: inout RandomSource) {
        var copy = random
        let count = [1, 1, 1, 2, 2, 3].randomElement(using: &random) ?? 1
        lines = (0..<count).map { LineSettings(number: $0, &random) }
        tcpClients = (0..<Int.random(in: 0...8, using: &random)).map { _ in Entrance(lines: count, &random) }
        let most = random.chance(0.5) ? 3 : 0
        terminals = (0..<Int.random(in: 0...most, using: &random)).map { _ in
            var entrance = Entrance(lines: count, &random)
            entrance.allowsBroadcast = true
            return entrance
        }
        if tcpClients.isEmpty, terminals.isEmpty { for index in lines.indices { lines[index].hasDongle = true } }
        rate = random.chance(0.25) ? Self.drawRate(&random) : nil
        changesRate = random.chance(0.05)
        drawLimits(copy.split())
    }

    static func drawRate(_ random: inout RandomSource) -> Double {
        [0.5, 2, 7.5, 30].randomElement(using: &random) ?? 2
    }
}
