import Broker
import Modbus
import Testing
import Text

@testable import WireLog

@Suite("The lines of the wire log")
struct WireLogFormatterTests {
    @Test("A request reads as documented")
    func request() throws {
        #expect(
            line(.request(try exampleQuery())) == """
                {"ts":"2025-09-21T19:58:43.667","role":"REQ","from_client":"SHINE","crc_ok":true,\
                "hex":"0103002b0002b403","uid":1,"func":3,"len":4,"addr":43,"count":2,"t":1758484723.667123}

                """)
    }

    @Test("A reply reads as documented, with address and quantity of its request")
    func reply() throws {
        let reply = try frame([0x03, 0x04, 0x00, 0x01, 0x00, 0x02])
        #expect(
            line(.finished(exchange(try exampleQuery(), .success(reply)), .delivered)) == """
                {"ts":"2025-09-21T19:58:43.667","role":"RSP","to_client":"SHINE","crc_ok":true,\
                "hex":"010304000100022a32","uid":1,"func":3,"len":5,"addr":43,"count":2,"rtt_ms":36.8,"queue_ms":0.4,\
                "attempt":1,"source":"bus","outcome":"ok","t":1758484723.667123}

                """)
    }

    @Test("A read of unit 0 is answered by the unit that replied")
    func replyOfAnotherUnit() throws {
        let query = try query([0x03, 0x00, 0x2B, 0x00, 0x01], unit: 0)
        let fields = try JSONValue.fields(
            line(.finished(exchange(query, .success(try frame([0x03, 0x02, 0x13, 0xEC]))), .delivered)))
        #expect(fields["uid"] == .number(1))
        #expect(fields["hex"] == .text("01030213ecb4f9"))
    }

    @Test("A query that got no reply has an empty hex and no round-trip of a reply")
    func noReply() throws {
        let failed = exchange(try exampleQuery(from: homeAssistant), .failure(.noReply), source: .broker)
        #expect(
            line(.finished(failed, .delivered)) == """
                {"ts":"2025-09-21T19:58:43.667","role":"RSP","to_client":"TCP:127.0.0.1:40112","crc_ok":false,"hex":"",\
                "uid":1,"func":3,"len":0,"addr":43,"count":2,"rtt_ms":36.8,"queue_ms":0.4,"attempt":1,\
                "source":"broker","outcome":"timeout","error":"no_reply","t":1758484723.667123}

                """)
    }

    @Test("An exception made by the broker shows what the client got, and no round-trip")
    func brokersException() throws {
        let refused = Exchange.failed(
            try exampleQuery(from: homeAssistant), .refused(.illegalDataAddress), at: Instant(nanoseconds: 1_500))
        #expect(
            line(.finished(refused, .delivered)) == """
                {"ts":"2025-09-21T19:58:43.667","role":"RSP","to_client":"TCP:127.0.0.1:40112","crc_ok":true,\
                "hex":"018302c0f1","uid":1,"func":131,"len":1,"addr":43,"count":2,"queue_ms":0.002,"attempt":0,\
                "source":"broker","outcome":"refused","error":"refused","t":1758484723.667123}

                """)
    }

    @Test("A reply that nobody hears says so")
    func suppressedReply() throws {
        let late = exchange(try exampleQuery(), .success(try frame([0x03, 0x04, 0, 1, 0, 2])))
        let fields = try JSONValue.fields(line(.finished(late, .suppressed)))
        #expect(fields["outcome"] == .text("ok"))
        #expect(fields["delivered"] == .flag(false))
    }

    @Test("The bytes of a passthrough are a RAW with their origin, and its begin and end are told")
    func passthrough() throws {
        #expect(
            line(.passthrough(.bytes([0x00, 0xFF], from: .line))) == """
                {"ts":"2025-09-21T19:58:43.667","role":"RAW","from":"INVERTER","hex":"00ff","t":1758484723.667123}

                """)
        #expect(
            line(.passthrough(.bytes([0x06], from: .client(shine)))) == """
                {"ts":"2025-09-21T19:58:43.667","role":"RAW","from_client":"SHINE","hex":"06","t":1758484723.667123}

                """)
        #expect(
            line(.passthrough(.began(shine, duration: .seconds(1200)))) == """
                {"ts":"2025-09-21T19:58:43.667","role":"SYS","event":"passthrough_started","from_client":"SHINE",\
                "minutes":20,"t":1758484723.667123}

                """)
        var figures = PassthroughFigures()
        (figures.fromClient, figures.fromLine, figures.lost) = (3, 2, 1)
        #expect(
            line(.passthrough(.ended(.command, figures))) == """
                {"ts":"2025-09-21T19:58:43.667","role":"SYS","event":"passthrough_ended","reason":"command",\
                "client_bytes":3,"line_bytes":2,"lost_bytes":1,"t":1758484723.667123}

                """)
    }

    @Test("Discarded bytes are a DROP with their reason and origin")
    func discarded() throws {
        #expect(
            line(.discarded([0x0D, 0x0A, 0xFF], from: .client(shine), reason: .noise)) == """
                {"ts":"2025-09-21T19:58:43.667","role":"DROP","from_client":"SHINE","reason":"noise","hex":"0d0aff",\
                "t":1758484723.667123}

                """)
        let fields = try JSONValue.fields(line(.discarded([1], from: .line, reason: .late)))
        #expect(fields["from"] == .text("INVERTER"))
        #expect(fields["reason"] == .text("late"))
    }

    @Test("R3 a frame that nobody asked for is a warning")
    func foreignFrame() {
        #expect(
            line(.discarded([0x01, 0x03], from: .line, reason: .foreign)) == """
                {"ts":"2025-09-21T19:58:43.667","role":"WARN","event":"foreign_frame","from":"INVERTER","hex":"0103",\
                "t":1758484723.667123}

                """)
    }

    @Test("An attempt without reply is the prototype's warning")
    func attemptFailed() throws {
        let query = try exampleQuery(from: homeAssistant)
        let event = BrokerEvent.attemptFailed(query, attempt: 1, timeout: .milliseconds(1500), isDamaged: false)
        #expect(
            line(event) == """
                {"ts":"2025-09-21T19:58:43.667","role":"WARN","event":"downstream_timeout","to":"INVERTER",\
                "from_client":"TCP:127.0.0.1:40112","timeout":1.5,"uid":1,"func":3,"attempt":1,"t":1758484723.667123}

                """)
        let damaged = BrokerEvent.attemptFailed(query, attempt: 2, timeout: .seconds(1), isDamaged: true)
        let fields = try JSONValue.fields(line(damaged))
        #expect(fields["event"] == .text("damaged_reply"))
        #expect(fields["timeout"] == nil)
    }

    @Test("What is sent again is told, but is no request of a client")
    func transmitted() throws {
        let frame = try frame([0x03, 0x00, 0x2B, 0x00, 0x02])
        #expect(
            line(.transmitted(frame, reason: .retry, for: shine)) == """
                {"ts":"2025-09-21T19:58:43.667","role":"SYS","event":"retry","from_client":"SHINE","crc_ok":true,\
                "hex":"0103002b0002b403","uid":1,"func":3,"len":4,"t":1758484723.667123}

                """)
        let probe = try JSONValue.fields(line(.transmitted(frame, reason: .echoProbe, for: shine)))
        #expect(probe["event"] == .text("echo_probe"))
    }

    @Test(
        "Events of the line are SYS lines",
        arguments: [
            (BrokerEvent.LineEvent.opened, "inverter_online"), (.closed(reason: "unplugged"), "inverter_offline"),
            (.unitSilent(7), "unit_silent"), (.unitLive(7), "unit_live"), (.echoDetected, "echo_detected"),
        ])
    func lineEvents(event: BrokerEvent.LineEvent, name: String) throws {
        let fields = try JSONValue.fields(line(.line(event)))
        #expect(fields["role"] == .text("SYS"))
        #expect(fields["event"] == .text(name))
        if case .closed = event { #expect(fields["reason"] == .text("unplugged")) }
        if case .unitSilent = event { #expect(fields["uid"] == .number(7)) }
    }

    @Test("The port of a dongle reads as documented, and so do the records of a sniff feed")
    func dongleAndFeed() {
        var formatter = makeFormatter()
        let event = BrokerEvent.donglePort(.init(port: "/dev/ttyUSB1", baud: 115_200, format: "8N1", isOpen: true))
        #expect(
            String(decoding: formatter.feedBeginning(at: moment), as: UTF8.self) == """
                {"ts":"2025-09-21T19:58:43.667","role":"SYS","event":"sniff_feed","t":1758484723.667123}

                """)
        #expect(
            String(decoding: WireLogFormatter.feedLoss(of: 7), as: UTF8.self) == """
                {"role":"WARN","event":"sniff_overflow","lost":7}

                """)
        #expect(
            String(decoding: formatter.line(event, at: moment), as: UTF8.self) == """
                {"ts":"2025-09-21T19:58:43.667","role":"SYS","event":"shine_online","port":"/dev/ttyUSB1",\
                "baud":115200,"fmt":"8N1","t":1758484723.667123}

                """)
    }

    @Test(
        "Address, quantity and value stand where the function has them",
        arguments: [
            ([0x06, 0x00, 0xBC, 0x00, 0x07], 188, nil, 7), ([0x05, 0x00, 0x01, 0xFF, 0x00], 1, nil, 0xFF00),
            ([0x10, 0x00, 0x2D, 0x00, 0x01, 0x02, 0x00, 0x19], 45, 1, nil),
            ([0x20, 0x00, 0x00, 0x00, 0x64], 0, 100, nil),
            ([0x16, 0x00, 0x04, 0x00, 0xF2, 0x00, 0x25], 4, nil, nil), ([0x65, 0x01, 0x02, 0x03, 0x04], nil, nil, nil),
            ([0x03, 0x00, 0x00, 0x00, 0x7E], nil, nil, nil),
        ] as [([UInt8], Int?, Int?, Int?)])
    func fields(pdu: [UInt8], address: Int?, count: Int?, value: Int?) throws {
        let fields = try JSONValue.fields(line(.request(try query(pdu))))
        #expect(fields["addr"] == address.map { .number(Double($0)) })
        #expect(fields["count"] == count.map { .number(Double($0)) })
        #expect(fields["value"] == value.map { .number(Double($0)) })
        #expect(fields["len"] == .number(Double(pdu.count - 1)))
    }
}
