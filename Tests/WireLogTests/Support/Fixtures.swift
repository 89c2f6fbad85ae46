import Broker
import Modbus
import Synchronization
import Text

@testable import WireLog

/// 2025-09-21T19:58:43.667123 in the zone of the tests, which is UTC.
let moment: Int64 = 1_758_484_723_667_123

let shine = Client(kind: .dongle, name: "SHINE", address: "SHINE")
let homeAssistant = Client(kind: .tcp, name: "TCP:127.0.0.1:40112", address: "127.0.0.1")

func query(_ pdu: [UInt8], unit: UInt8 = 1, from client: Client = shine, number: UInt64 = 1) throws -> Query {
    let pdu = try PDU(pdu)
    return Query(
        number: number, client: client, unit: UnitIdentifier(rawValue: unit), pdu: pdu,
        isRead: pdu.function.isRead, arrived: .start, deadline: nil)
}

/// Holding registers 43 and 44 of unit 1, the example of `interfaces.md`.
func exampleQuery(from client: Client = shine) throws -> Query {
    try query([0x03, 0x00, 0x2B, 0x00, 0x02], from: client)
}

/// A record whose field `baud` is the number.
func numbered(_ number: Int, port: String = "p") -> BrokerEvent {
    .donglePort(.init(port: port, baud: number, isOpen: true))
}

func frame(_ pdu: [UInt8], unit: UInt8 = 1) throws -> RTUFrame {
    RTUFrame(unit: UnitIdentifier(rawValue: unit), pdu: try PDU(pdu))
}

/// Sent 0.4 ms after arrival, ended 36.8 ms later.
func exchange(_ query: Query, _ result: Result<RTUFrame, BrokerError>, source: Exchange.Source = .bus) -> Exchange {
    let sent = Instant(nanoseconds: 400_000)
    return Exchange(
        query: query, result: result, source: source, attempts: 1, sent: sent, finished: sent + .microseconds(36_800))
}

func makeFormatter() -> WireLogFormatter {
    WireLogFormatter(calendar: CalendarTime.utc)
}

func line(_ event: BrokerEvent) -> String {
    var formatter = makeFormatter()
    return String(decoding: formatter.line(event, at: moment), as: UTF8.self)
}

/// A clock that stands still until it is set.
final class StoppedClock: Sendable {
    private let uptime = Atomic<Int64>(0)

    var clock: WireLogClock {
        WireLogClock(
            wall: { moment }, uptime: { Instant(nanoseconds: self.uptime.load(ordering: .relaxed)) },
            calendar: CalendarTime.utc)
    }

    func advance(by duration: Duration) {
        uptime.add(duration.nanoseconds, ordering: .relaxed)
    }
}
