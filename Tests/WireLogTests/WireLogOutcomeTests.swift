import Broker
import Modbus
import Testing
import Text

@testable import WireLog

@Suite("The outcome of a query")
struct WireLogOutcomeTests {
    static let failures: [(BrokerError, unsent: String, sent: String)] = [
        (.noReply, "timeout", "timeout"), (.silentUnit, "timeout", "timeout"), (.expiredOnLine, "timeout", "timeout"),
        (.refused(.illegalFunction), "refused", "refused"), (.malformed(.length(0)), "refused", "refused"),
        (.expired, "expired", "timeout"), (.overloaded, "not_sent", "timeout"), (.stopping, "not_sent", "timeout"),
        (.unavailable, "not_sent", "timeout"), (.withdrawn, "not_sent", "timeout"),
    ]

    @Test("A failure has the outcome of the table", arguments: failures)
    func failure(error: BrokerError, unsent: String, sent: String) throws {
        let query = try exampleQuery()
        #expect(WireLogOutcome(.failed(query, error, at: .start), .suppressed).rawValue == unsent)
        #expect(WireLogOutcome(exchange(query, .failure(error)), .suppressed).rawValue == sent)
    }

    @Test("An exception delivered to a client is in the line, a timeout's and a silence are not", arguments: failures)
    func hexOfFailure(error: BrokerError, unsent: String, sent: String) throws {
        let failed = Exchange.failed(try exampleQuery(from: homeAssistant), error, at: .start)
        let delivered = try JSONValue.fields(line(.finished(failed, .delivered)))
        let suppressed = try JSONValue.fields(line(.finished(failed, .suppressed)))
        #expect((delivered["hex"] == .text("")) == (unsent == "timeout" || error == .withdrawn))
        #expect(suppressed["hex"] == .text(""))
        #expect(suppressed["crc_ok"] == .flag(false))
    }

    @Test("An exception of the unit is one, also of an unknown code")
    func exception() throws {
        let query = try exampleQuery()
        #expect(WireLogOutcome(exchange(query, .success(try frame([0x83, 0x63]))), .delivered) == .exception)
        #expect(WireLogOutcome(exchange(query, .success(try frame([0x03, 0x00]))), .delivered) == .ok)
    }

    @Test("R5 who has asked something newer is superseded, whatever came")
    func superseded() throws {
        let query = try exampleQuery()
        #expect(WireLogOutcome(exchange(query, .success(try frame([0x03, 0x00]))), .superseded) == .superseded)
        #expect(WireLogOutcome(.failed(query, .withdrawn, at: .start), .superseded) == .superseded)
    }
}
