import Broker
import Glibc
import Modbus
import Simulator
import Testing

/// A capture of five reads, played: register 0 is 10 at the start, 20 after 10 s, 30 after 20 s.
final class RecordingPlaybackTests {
    private static let capture = """
        {"ts":1000.0,"op":"read_input","unit":1,"addr":0,"count":2,"regs":[10,11]}
        {"ts":1001.0,"op":"read_input","unit":1,"addr":500,"count":1,"error":"exception","code":2}
        {"ts":1010.0,"op":"read_input","unit":1,"addr":0,"count":2,"regs":[20,21]}
        {"ts":1015.0,"op":"read_input","unit":1,"addr":0,"count":2,"error":"no_reply"}
        {"ts":1020.0,"op":"read_input","unit":1,"addr":0,"count":2,"regs":[30,31]}
        {"ts":1021.0,"op":"raw","unit":1,"func":101,"pdu":"6501","reply":"650102"}

        """
    private let path = "/tmp/recording-playback-\(getpid())-\(UInt32.random(in: 0 ... .max)).jsonl"
    private var playback: RecordingPlayback?
    /// How often the end was told.
    private var ends = 0

    init() throws {
        let file = try #require(fopen(path, "w"))
        fputs(Self.capture, file)
        fclose(file)
    }

    deinit { unlink(path) }

    private func unit(_ change: (inout RecordingPlayback.Settings) -> Void = { _ in }) throws -> any SimulatedUnit {
        var settings = RecordingPlayback.Settings()
        change(&settings)
        let recording = try LoadedRecording(settings, path, report: { Issue.record("\($0)") })
        let made = RecordingPlayback(settings, recording, origin: .start, whenOver: { [unowned self] in ends += 1 })
        playback = made
        return try #require(made.units.first?.1)
    }

    private func read(_ unit: any SimulatedUnit, _ address: UInt16 = 0, after seconds: Int) -> [UInt16]? {
        let request = PDU(read: .readInputRegisters, address: address, quantity: 1)
        return unit.answer(request, at: .start + .seconds(seconds))?.registers
    }

    private let whole = PDU(read: .readInputRegisters, address: 0, quantity: 2)

    @Test func `the latest values of the moment are answered, also to requests that were never asked so`() throws {
        let unit = try unit()
        #expect(read(unit, after: 0) == [10])
        #expect(read(unit, 1, after: 9) == [11])
        #expect(read(unit, after: 10) == [20])
        #expect(read(unit, after: 19) == [20])
        #expect(read(unit, 1, after: 25) == [31])
    }

    @Test func `a faster recording is sooner over`() throws {
        let unit = try unit { $0.speed = 10 }
        #expect(read(unit, after: 0) == [10])
        #expect(read(unit, after: 2) == [30])
        let over = try self.unit { $0.speed = nil }
        #expect(read(over, after: 0) == [30])
    }

    @Test func `exceptions and functions of unknown layout are answered as recorded`() throws {
        let unit = try unit { $0.speed = nil }
        let absent = PDU(read: .readInputRegisters, address: 500, quantity: 1)
        #expect(unit.answer(absent, at: .start)?.exceptionCode == .illegalDataAddress)
        #expect(unit.answer(try PDU([0x65, 1]), at: .start)?.bytes == [0x65, 1, 2])
    }

    @Test func `what was never seen gets exception 2, or silence`() throws {
        let unseen = PDU(read: .readHoldingRegisters, address: 0, quantity: 1)
        #expect(try unit().answer(unseen, at: .start)?.exceptionCode == .illegalDataAddress)
        #expect(try unit { $0.isSilentWhenUnseen = true }.answer(unseen, at: .start) == nil)
    }

    @Test func `in strict order each request gets its next reply, and silence where it had none`() throws {
        let unit = try unit { $0.isStrict = true }
        let answers = (0..<4).map { _ in unit.answer(whole, at: .start) }
        #expect(answers.map { $0?.registers } == [[10, 11], [20, 21], nil, [30, 31]])
        #expect(answers[2] == nil)
        #expect(unit.answer(whole, at: .start)?.exceptionCode == .illegalDataAddress)
    }

    @Test func `an unanswered request to unit 0 is silence in strict order too`() throws {
        let text = """
            {"role":"REQ","from_client":"SHINE","hex":"0003002b0001f5d3","ts":"2025-09-21T19:58:43.000"}
            {"role":"RSP","to_client":"SHINE","hex":"","ts":"2025-09-21T19:58:44.000"}
            {"role":"REQ","from_client":"SHINE","hex":"0003002b0001f5d3","ts":"2025-09-21T19:58:45.000"}
            {"role":"RSP","to_client":"SHINE","hex":"01030213ecb4f9","ts":"2025-09-21T19:58:45.040"}

            """
        try rewrite(text)
        let unit = try unit { $0.isStrict = true }
        let request = PDU(read: .readHoldingRegisters, address: 43, quantity: 1)
        #expect(unit.answer(request, at: .start) == nil)
        #expect(unit.answer(request, at: .start)?.registers == [5100])
        #expect(unit.answer(request, at: .start)?.exceptionCode == .illegalDataAddress)
    }

    @Test func `an exception that comes later does not stand before the values that come first`() throws {
        let text = """
            {"ts":1000,"op":"read_input","unit":1,"addr":9,"count":1,"regs":[1]}
            {"ts":1050,"op":"read_input","unit":1,"addr":0,"count":2,"regs":[10,11]}
            {"ts":1100,"op":"read_input","unit":1,"addr":0,"count":2,"error":"exception","code":4}

            """
        try rewrite(text)
        let unit = try unit()
        #expect(unit.answer(whole, at: .start)?.registers == [10, 11])
        #expect(unit.answer(whole, at: .start + .seconds(60))?.registers == [10, 11])
        #expect(unit.answer(whole, at: .start + .seconds(100))?.exceptionCode == .serverDeviceFailure)
        let over = try self.unit { $0.speed = nil }
        #expect(over.answer(whole, at: .start)?.exceptionCode == .serverDeviceFailure)
    }

    @Test func `at the highest speed a long recording is over at once, too`() throws {
        let count = 3 * RecordingStream.capacity
        try rewrite(Self.counting(count))
        #expect(try read(unit { $0.speed = nil }, after: 0) == [UInt16(count - 1)])
    }

    @Test func `in strict order a long recording loses nothing to a client that asks in its order`() throws {
        let count = 3 * RecordingStream.capacity
        try rewrite(Self.counting(count))
        let unit = try unit { $0.isStrict = true }
        let asked = (0..<count).map { _ in read(unit, after: 0)?.first }
        #expect(asked == (0..<count).map { UInt16($0) })
        #expect(read(unit, after: 0) == nil)
    }

    @Test func `in strict order what was never recorded moves nothing`() throws {
        try rewrite(Self.counting(3 * RecordingStream.capacity))
        let unit = try unit { $0.isStrict = true }
        for _ in 0..<5 { #expect(read(unit, 7, after: 0) == nil) }
        #expect(read(unit, after: 0) == [0])
    }

    @Test func `in strict order a request is looked for so far, and what is passed over waits`() throws {
        let count = RecordingStream.capacity + 10
        let last = "{\"ts\":9000,\"op\":\"read_input\",\"unit\":1,\"addr\":7,\"count\":1,\"regs\":[77]}\n"
        try rewrite(Self.counting(count) + last)
        let unit = try unit { $0.isStrict = true }
        #expect(read(unit, 7, after: 0) == nil)
        #expect(read(unit, 7, after: 0) == [77])
        #expect(read(unit, after: 0) == [0])
    }

    @Test(arguments: [false, true])
    func `its end is told once`(isStrict: Bool) throws {
        let unit = try unit { $0.isStrict = isStrict }
        let raw = try PDU([0x65, 1])
        let requests = [whole, PDU(read: .readInputRegisters, address: 500, quantity: 1), whole, whole, whole]
        for request in requests { _ = unit.answer(request, at: .start) }
        #expect(ends == 0)
        for _ in 0..<2 { _ = unit.answer(raw, at: .start + .seconds(30)) }
        #expect(ends == 1)
    }

    private func rewrite(_ text: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
    }

    /// Register 0 is 0, 1, 2 and so on.
    private static func counting(_ count: Int) -> String {
        (0..<count).map {
            "{\"ts\":\(1000 + $0),\"op\":\"read_input\",\"unit\":1,\"addr\":0,\"count\":1,\"regs\":[\($0)]}\n"
        }.joined()
    }
}
