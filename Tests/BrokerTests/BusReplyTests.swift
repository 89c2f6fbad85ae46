import Broker
import Modbus
import Testing

/// R3: what is taken for the answer, and what is not.
@Suite struct BusReplyTests {
    /// Frames that do not fit a read of holding register 0 of unit 1.
    static let misfits: [(String, RTUFrame)] = [
        ("unit", RTUFrame(unit: 2, pdu: .raw(3, 2, 0x12, 0x34))),
        ("function", RTUFrame(unit: 1, pdu: .raw(4, 2, 0x12, 0x34))),
        ("byte count", RTUFrame(unit: 1, pdu: .raw(3, 4, 0x12, 0x34, 0x56, 0x78))),
        ("exception of another function", RTUFrame(unit: 1, pdu: .raw(0x84, 2))),
        ("exception of another unit", RTUFrame(unit: 2, pdu: .raw(0x83, 2))),
    ]

    @Test(arguments: misfits.indices)
    func `R3 a frame that does not fit is never delivered, and the right one behind it is`(index: Int) {
        let (what, misfit) = Self.misfits[index]
        let bench = Bench()
        bench.line.respond = { request in
            [(.milliseconds(30), misfit.bytes), (.milliseconds(90), Unit.reply(to: request).bytes)]
        }
        let asked = bench.ask(.holding(0))
        bench.run(.seconds(2))
        #expect(asked.reply?.pdu == .raw(3, 2, 0x12, 0x34), "\(what)")
        #expect(bench.discarded(.foreign) == [misfit.bytes], "\(what)")
        #expect(bench.failedAttempts == 0)
        bench.finish()
    }

    @Test(arguments: misfits.indices)
    func `R3 a frame that does not fit leaves the request without reply`(index: Int) {
        let bench = Bench { $0.retries = 0 }
        bench.line.respond = { _ in [(.milliseconds(30), Self.misfits[index].1.bytes)] }
        let asked = bench.ask(.holding(0))
        bench.run(.seconds(2))
        #expect(asked.error == .noReply)
        bench.finish()
    }

    @Test(arguments: [PDU.write(5, 8), .write(6, 7), .raw(0x10, 0, 5, 0, 1)])
    func `R3 a write is acknowledged only by the echo of its own fields`(misfit: PDU) {
        let bench = Bench()
        bench.warmUp()
        bench.line.respond = { _ in [(.milliseconds(30), RTUFrame(unit: 1, pdu: misfit).bytes)] }
        let asked = bench.ask(.write(5, 7))
        bench.run(.seconds(2))
        #expect(asked.error == .noReply)
        bench.finish()
    }

    @Test func `R3 a reply with a wrong CRC is no reply`() {
        let bench = Bench { $0.retries = 0 }
        bench.line.respond = { request in
            var bytes = Unit.reply(to: request).bytes
            bytes[3] ^= 0x10
            return [(.milliseconds(30), bytes)]
        }
        let asked = bench.ask(.holding(0))
        bench.run(.seconds(2))
        #expect(asked.error == .noReply)
        #expect(bench.count { if case .attemptFailed(_, _, _, isDamaged: true) = $0 { true } else { false } } == 1)
        bench.finish()
    }

    @Test func `R3 a read of unit 0 accepts the reply of any unit`() throws {
        let bench = Bench()
        let probe = try #require(RTUFrame([0x00, 0x03, 0x00, 0x2B, 0x00, 0x01, 0xF5, 0xD3] as [UInt8]))
        let reply = RTUFrame(unit: 7, pdu: .raw(3, 2, 0, 9))
        bench.line.respond = { _ in [(.milliseconds(30), reply.bytes)] }
        let asked = bench.ask(probe.pdu, unit: probe.unit)
        bench.run(.seconds(2))
        #expect(bench.line.transmissions.first?.bytes == probe.bytes)
        #expect(asked.reply == reply)
        bench.finish()
    }

    @Test func `R3 noise around the reply is recorded and skipped`() {
        let bench = Bench()
        bench.line.respond = { [(.milliseconds(30), [0xFE, 0xFF] + Unit.reply(to: $0).bytes + [0xFD])] }
        let asked = bench.ask(.holding(0))
        bench.run(.seconds(2))
        #expect(asked.reply?.pdu == .raw(3, 2, 0x12, 0x34))
        #expect(bench.discarded(.noise).flatMap(\.self) == [0xFE, 0xFF, 0xFD])
        bench.finish()
    }

    @Test func `R3 a frame on an idle line is foreign`() {
        let bench = Bench()
        let frame = RTUFrame(unit: 1, pdu: .holding(5, 2))
        bench.line.deliver(frame.bytes, at: bench.now + .seconds(1))
        bench.run(.seconds(2))
        #expect(bench.discarded(.foreign) == [frame.bytes])
        bench.finish()
    }

    @Test(arguments: [UInt8(0x02), 0x05, 0x06, 0x0B])
    func `R10 the exception of a unit is an answer, passed on unchanged and not retried`(code: UInt8) {
        let bench = Bench()
        bench.line.respond = { [(.milliseconds(30), $0.exception(ExceptionCode(rawValue: code)).bytes)] }
        let asked = bench.ask(.holding(0))
        bench.run(.seconds(5))
        #expect(asked.reply?.pdu == .raw(0x83, code))
        #expect(bench.line.transmissions.count == 1)
        bench.finish()
    }
}
