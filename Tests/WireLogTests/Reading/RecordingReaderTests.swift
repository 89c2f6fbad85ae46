import Reports
import Testing
import TestSupport

@testable import WireLog

@Suite("Reading recordings")
struct RecordingReaderTests {
    private let request =
        #"{"role":"REQ","from_client":"SHINE","hex":"0103002b0002b403","ts":"2025-09-21T19:58:43.667"}"#

    @Test func `a line of the prototype is opened whatever the order of its fields`() throws {
        let (lines, summary) = try read(
            #"{"ts": "2025-09-21T19:58:43.667", "hex": "0103002B0002B403", "from_client": "SHINE", "role": "REQ"}"#
                + "\n")
        let line = try #require(lines.first)
        #expect(line.kind == .request)
        #expect(line.client?.name == "SHINE")
        #expect(line.bytes == [0x01, 0x03, 0x00, 0x2B, 0x00, 0x02, 0xB4, 0x03])
        #expect(line.microseconds == 1_758_484_723_667_000)
        #expect(summary.wireLogLines == 1)
    }

    @Test func `our line has the time of t, and the wall clock of ts`() throws {
        let line = try #require(
            try read(
                #"{"ts":"2025-09-21T21:58:43.667","role":"RSP","to_client":"TCP:10.0.0.7:502","crc_ok":true,"hex":"","uid":1,"func":3,"rtt_ms":36.8,"queue_ms":0.4,"outcome":"superseded","source":"shared","t":1758484723.667123}"#
            ).lines.first)
        #expect(line.microseconds == 1_758_484_723_667_123)
        #expect(line.wallMicroseconds - line.microseconds == 7_200_000_000 - 123)
        #expect(line.outcome == .superseded)
        #expect(line.busTime == 36_800)
        #expect(line.waitingTime == 400)
        #expect(line.client?.group == "TCP:10.0.0.7")
    }

    @Test func `what is allowed in JSON but never written is read as well`() throws {
        let text =
            #"{"role":"\u0052EQ","from_client":"S\"H","hex":"0103002b0002b403","x":{"a":[1,{"b":"}"}]},"t":1.758484723e9}"#
        let line = try #require(try read(text + "\n").lines.first)
        #expect(line.kind == .request)
        #expect(line.client?.name == "S\"H")
        #expect(line.microseconds == 1_758_484_723_000_000)
    }

    @Test func `the bytes of a passthrough are known, and no exchange`() throws {
        let (lines, summary) = try read(
            #"{"ts":"2025-09-21T19:58:43.667","role":"RAW","from_client":"SHINE","hex":"0103002b0002b403","t":1758484723.667123}"#
                + "\n"
                + #"{"ts":"2025-09-21T19:58:43.667","role":"RAW","from":"INVERTER","hex":"\#(String(repeating: "5a", count: 2000))","t":1758484723.8}"#
                + "\n")
        #expect(lines.map(\.kind) == [.raw, .raw])
        #expect(lines.last?.bytes.count == 2000)
        #expect(summary.wireLogLines == 2)
        var analysis = Analysis()
        for line in lines { analysis.take(line) }
        analysis.end()
        #expect(analysis.pairingCounts.openRequests == 0)
        #expect(analysis.pairingCounts.strayReplies == 0)
    }

    @Test func `foreign lines are counted, and the first ones are shown`() throws {
        let noise = (1...8).map { "Broker up \($0)\n" }.joined()
        let (lines, summary) = try read(noise + request + "\r\n\n" + #"{"level":"info"}"# + "\n[1]\n")
        #expect(lines.count == 1)
        #expect(summary.foreignLines == 10)
        #expect(summary.lines == 11)
        #expect(summary.firstForeignLines.map(\.number) == [1, 2, 3, 4, 5])
        #expect(summary.firstForeignLines.first?.text == "Broker up 1")
    }

    @Test(
        "Lines that contradict themselves are foreign",
        arguments: [
            #"{"role":"REQ","from_client":"SHINE","hex":"010","ts":"2025-09-21T19:58:43.667"}"#,
            #"{"role":"REQ","from_client":"SHINE","hex":"01zz","ts":"2025-09-21T19:58:43.667"}"#,
            #"{"role":"REQ","from_client":"SHINE","hex":"0103","ts":"2025-13-21T19:58:43.667"}"#,
            #"{"role":"REQ","from_client":"SHINE","hex":"0103"}"#, #"{"role":"REQ","hex":"0103","t":1}"#,
            #"{"role":"NEW","from_client":"SHINE","hex":"0103","t":1}"#,
            #"{"role":"REQ","from_client":"SHINE","hex":"0103","t":999999999999999999999}"#,
            #"{"role":"REQ","from_client":"SHINE","hex":"0103","t":1e300}"#,
            #"{"ts":1,"op":"read_input","unit":1,"addr":0,"count":2,"regs":[1]}"#,
            #"{"ts":1,"op":"read_input","unit":256,"addr":0,"count":1,"regs":[1]}"#,
            #"{"ts":1,"op":"read_input","unit":1,"addr":0,"count":1,"regs":[65536]}"#,
            #"{"ts":1,"op":"write_single","unit":1,"addr":65536,"value":1}"#,
            #"{"ts":1,"op":"write_multiple","unit":1,"addr":0,"values":[]}"#,
            #"{"ts":1,"op":"raw","unit":1,"func":101,"pdu":""}"#,
            #"{"ts":1,"op":"raw","unit":1,"func":32,"pdu":"20012c0001","reply":"03020004"}"#,
        ])
    func contradiction(_ text: String) throws {
        let (lines, summary) = try read(text + "\n")
        #expect(lines.isEmpty)
        #expect(summary.foreignLines == 1)
    }

    @Test func `a last line without newline counts if it is whole`() throws {
        #expect(try read(request).lines.count == 1)
        let (lines, summary) = try read(request + "\n" + request.dropLast(30))
        #expect(lines.count == 1)
        #expect(summary.foreignLines == 0)
        #expect(summary.remarks.count == 1)
        #expect(summary.remarks.first?.contains("the last line is cut off") == true)
    }

    @Test func `a line that is longer than the memory is one foreign line`() throws {
        let long = String(repeating: "x", count: 3 * LineSplitter.longest)
        let (lines, summary) = try read("\(request)\n\(long)\n\(request)\n")
        #expect(lines.count == 2)
        #expect(summary.foreignLines == 1)
        #expect(summary.firstForeignLines.first?.text.count == 100)
    }

    @Test func `lines are whole across the edges of the memory`() throws {
        let count = 2 * LineSplitter.longest / request.utf8.count + 10
        let (lines, summary) = try read(String(repeating: request + "\n", count: count))
        #expect(lines.count == count)
        #expect(summary.foreignLines == 0)
    }

    @Test func `a missing file and a directory are named`() throws {
        let directory = try TemporaryDirectory()
        var reader = RecordingReader()
        let missing = try #require(throws: ReadingError.self) { try reader.read(directory["no"]) { _ in } }
        #expect(missing.description == "\(directory["no"]): cannot open: No such file or directory")
        let folder = try #require(throws: ReadingError.self) { try reader.read(directory.path) { _ in } }
        #expect(folder.description.hasSuffix("it is a directory"))
    }
}
