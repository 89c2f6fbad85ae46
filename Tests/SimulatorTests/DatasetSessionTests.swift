import Broker
import Growatt
import Modbus
import Simulator
import Testing

/// The sessions of real clients in front of a dataset: what they get by R10.
struct DatasetSessionTests {
    private let timeline = VirtualTimeline()
    private let backend: SimulatedUnitsBackend
    private let settings = ClientSettings(
        clientTimeout: .seconds(5), serialTimeout: .seconds(2),
        serialTiming: LineTiming(baud: 9600, bitsPerCharacter: 10))

    init() throws {
        let units = try DatasetUnit.units(
            of: try Dataset(named: "min-6000tl-xh"), file: "min-6000tl-xh", clock: SimulatedClock(origin: .start),
            seed: 1)
        backend = SimulatedUnitsBackend(units: units, timeline: timeline)
    }

    @Test func `a TCP client reads what the dataset has, and gets 0x0B for a unit that is not there`() throws {
        var replies: [TCPFrame] = []
        let session = TCPClientSession(
            client: Client(kind: .tcp, name: "TCP:10.0.0.1:1", address: "10.0.0.1"), path: DirectPath(to: backend),
            settings: settings,
            timeline: timeline, observe: { _ in }
        ) { replies.append($0) }
        let requests: [(UnitIdentifier, PDU)] = [
            (1, PDU(read: .readInputRegisters, address: 3001, quantity: 2)),
            (1, PDU(read: .readMeter, address: 46, quantity: 2)),
            (1, PDU(read: .readCoils, address: 0, quantity: 1)),
            (9, PDU(read: .readInputRegisters, address: 3001, quantity: 2)),
        ]
        for (index, (unit, pdu)) in requests.enumerated() {
            session.received(TCPFrame(transaction: UInt16(index), unit: unit, pdu: pdu), arrived: timeline.now)
        }
        timeline.run(until: timeline.now + .seconds(5))
        #expect(replies.map(\.transaction) == [0, 1, 2, 3])
        #expect(
            replies.map(\.pdu.bytes) == [
                [4, 4, 0, 0, 0xB0, 0x46], [0x20, 4, 0, 0, 1, 0xF4], [0x81, 1], [0x84, 0x0B],
            ])
    }

    @Test func `a serial client reads what the dataset has, and hears nothing from a unit that is not there`() {
        var heard: [UInt8] = []
        let session = SerialClientSession(
            client: Client(kind: .dongle, name: "PTY:/tmp/x", address: "PTY:/tmp/x"), path: DirectPath(to: backend),
            settings: settings,
            timeline: timeline, observe: { _ in }
        ) { heard += $0 }
        session.portOpened(isPseudoTerminal: true)
        for unit in [UnitIdentifier(rawValue: 9), 1] {
            session.received(
                RTUFrame(unit: unit, pdu: PDU(read: .readHoldingRegisters, address: 30, quantity: 1)).bytes)
            timeline.run(until: timeline.now + .seconds(5))
        }
        #expect(heard == RTUFrame(unit: 1, pdu: .one(1)).bytes)
    }
}
