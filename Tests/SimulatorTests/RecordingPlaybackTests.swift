import Broker
import Glibc
import Modbus
import Recording
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

    init() throws {
        let file = try #require(fopen(path, "w"))
        fputs(Self.capture, file)
        fclose(file)
    }

    deinit { unlink(path) }

    private func unit(_ change: (inout RecordingPlayback.Settings) -> Void = { _ in }) throws -> any SimulatedUnit {
        var settings = RecordingPlayback.Settings()
        change(&settings)
        let made = RecordingPlayback(
            settings, try RecordingSurvey(path), RecordingStream(path) { Issue.record("\($0)") }, origin: .start)
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
}
