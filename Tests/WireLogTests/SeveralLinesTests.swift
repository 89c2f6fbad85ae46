import Broker
import Modbus
import Testing
import TestSupport
import Text

@testable import WireLog

@Suite("Recordings of a broker with several lines")
struct SeveralLinesTests {
    private let text = """
        {"role":"REQ","from_client":"TCP:10.0.0.7:1","hex":"0b0300000001852f","line":"garage","t":1.5}
        {"role":"RSP","to_client":"TCP:10.0.0.7:1","crc_ok":true,"hex":"0b030200052046","line":"garage","line_uid":1,"t":1.6}
        {"role":"REQ","from_client":"SHINE","hex":"0103002b0002b403","line":"house","t":1.7}
        {"role":"SYS","event":"started","t":1.8}
        {"ts":1.9,"op":"read_holding","unit":1,"addr":5,"count":1,"regs":[7],"line":"house"}

        """

    private func read(_ lineName: String?) -> (lines: [RecordedLine], summary: ReadingSummary) {
        var reader = RecordingReader(lineName: lineName)
        let lines = text.split(separator: "\n").compactMap { reader.open(Array($0.utf8), of: "test") }
        return (lines, reader.summary)
    }

    @Test func `each is told with the name of its line, and the names are kept`() {
        let (lines, summary) = read(nil)
        #expect(lines.map(\.lineName) == ["garage", "garage", "house", "", "house"])
        #expect(summary.lineNames == ["garage", "house"])
    }

    @Test func `of one line nothing of another is told, nor what names none`() {
        let (lines, summary) = read("house")
        #expect(lines.map(\.kind) == [.request, .call])
        #expect(summary.lineNames == ["garage", "house"])
        #expect(read("cellar").lines.isEmpty)
    }

    @Test func `the log has the line behind the exchange, and the unit's own number where the client has another`()
        throws
    {
        for (unit, own) in [(UInt8(11), UInt8(1)), (2, 2)] {
            let exchange = Answering.exchange(
                unit: UnitIdentifier(rawValue: unit), mappedTo: UnitIdentifier(rawValue: own))
            var formatter = makeFormatter()
            let ended = try #require(exchange)
            formatter.append(
                WireLogEntry(
                    event: .finished(ended, .delivered), microseconds: moment, line: "garage"))
            let fields = try JSONValue.fields(String(decoding: formatter.take().bytes, as: UTF8.self))
            #expect(fields["line"] == .text("garage"))
            #expect(fields["uid"] == .number(Double(unit)))
            #expect(fields["line_uid"] == (own == unit ? nil : .number(Double(own))))
        }
    }
}

/// Answers every query at once.
final class Answering: Backend, LineEnd, Timeline {
    private final class Timer: WakeTimer {
        func set(_ instant: Instant?) {}
    }

    /// A read by a client that knows the unit by another number than its line.
    static func exchange(unit: UnitIdentifier, mappedTo own: UnitIdentifier) -> Exchange? {
        let end = Answering()
        let bus = BusSettings(
            timing: .modbusTCP, minPeriod: .zero, responseTimeout: .seconds(1), retries: 0)
        let switchboard = Switchboard(timeline: end)
        let path = switchboard.makePath()
        var line = SwitchboardPlan.Line(Line(name: "garage"), end: end, bus)
        line.units = [unit: own]
        var plan = SwitchboardPlan([line], timeToAnswer: .seconds(5))
        plan.paths = [.init(path, .init())]
        switchboard.apply(plan)
        let query = Query(
            number: 1, client: shine, unit: unit, destination: path.destination(of: unit, isRead: true),
            pdu: PDU(read: .readHoldingRegisters, address: 43, quantity: 2), isRead: true, arrived: .start,
            deadline: nil)
        var exchange: Exchange?
        path.submit(query) { exchange = $0 }
        return exchange
    }

    let now = Instant.start

    func makeTimer(_ fire: @escaping () -> Void) -> any WakeTimer { Timer() }

    var backend: any Backend { self }

    func apply(_ settings: BusSettings) {}

    func open(_ isReady: @escaping () -> Void) { isReady() }

    func stop(_ done: @escaping () -> Void) { done() }

    func close(_ done: @escaping () -> Void) { done() }

    func submit(_ query: Query, for owner: any QueryOwner) {
        let reply = RTUFrame(unit: query.lineUnit, pdu: PDU(registers: [1, 2], replyTo: query.pdu.function))
        owner.finished(
            Exchange(query: query, result: .success(reply), source: .bus, attempts: 1, sent: now, finished: now))
    }

    func withdraw(_ query: Query) {}
}
