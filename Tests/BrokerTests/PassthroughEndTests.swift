@testable import Broker
import Modbus
import Simulator
import Testing

/// A passthrough never ends within five minutes of a byte of an update; ordinary polling, which never stops, is none.
@Suite struct PassthroughEndTests {
    private static let quiet: Duration = .seconds(300)

    @Test func `ordinary polling does not keep it from ending, by time or by command`() {
        for byCommand in [false, true] {
            let bench = PassthroughBench()
            bench.start(for: .seconds(60))
            bench.poll(for: 50)
            #expect(bench.isOn)
            #expect(bench.passthrough.status.lastUpdateByte == nil)
            if byCommand { bench.passthrough.end() } else { bench.poll(for: 11) }
            #expect(bench.end?.reason == (byCommand ? .command : .time))
            #expect(bench.timesPutOff == 0)
        }
    }

    @Test func `polls without an answer, late answers, exceptions, repeats and glued requests are polling`() {
        let bench = PassthroughBench()
        bench.start()
        let (first, second) = (RTUFrame(unit: 1, pdu: .input(0, 2)), RTUFrame(unit: 1, pdu: .holding(0, 125)))
        bench.poll(isAnswered: false)
        bench.dongle(sends: first.bytes + first.bytes + second.bytes)
        bench.inverter(sends: Unit.reply(to: first).bytes)
        bench.run(.seconds(1))
        bench.dongle(sends: first.bytes)
        bench.inverter(sends: first.exception(.illegalDataAddress).bytes)
        bench.run(.seconds(1))
        bench.poll(PDU(read: .readMeter, address: 0, quantity: 3))
        bench.dongle(sends: RTUFrame(unit: 0, pdu: .holding(43)).bytes)
        bench.inverter(sends: Unit.reply(to: RTUFrame(unit: 0, pdu: .holding(43))).bytes)
        bench.run(.seconds(1))
        #expect(bench.passthrough.status.lastUpdateByte == nil)
    }

    @Test(
        arguments: [
            [0x00], [0x06], Array(repeating: 0xFF, count: 300), RTUFrame(unit: 1, pdu: .write(31, 1)).bytes,
            RTUFrame(unit: 1, pdu: .write(30100, 0)).bytes, RTUFrame(unit: 1, pdu: .unknown).bytes,
            RTUFrame(unit: 1, pdu: .holding(31)).bytes, RTUFrame(unit: 1, pdu: .holding(0)).bytes.dropLast() + [0],
            Array(RTUFrame(unit: 1, pdu: .holding(0)).bytes.dropLast()),
            RTUFrame(unit: 1, pdu: .holding(0)).bytes + [0x55],
        ] as [[UInt8]])
    func `every other byte of the dongle is of an update`(bytes: [UInt8]) {
        let bench = PassthroughBench()
        bench.start(for: .seconds(60))
        bench.run(.seconds(30))
        let last = bench.now
        bench.dongle(sends: bytes)
        bench.run(Self.quiet - .seconds(1))
        #expect(bench.isOn)
        #expect(bench.passthrough.isUpdating)
        #expect(bench.passthrough.status.phase == .ending)
        #expect(bench.timesPutOff == 1)
        bench.run(.seconds(30))
        guard let end = bench.end else { return #expect(Bool(false), "it has not ended") }
        #expect(end.reason == .time)
        #expect(end.instant >= last + Self.quiet)
        #expect(end.instant <= last + Self.quiet + .seconds(1))
        bench.bench.finish()
    }

    @Test(
        arguments: [
            [0x06], Array(repeating: 0xFF, count: 300), RTUFrame(unit: 1, pdu: .write(5, 1)).bytes, [1, 4, 2, 0, 0],
        ] as [[UInt8]])
    func `every byte of the inverter that is no whole answer to a read is of an update`(bytes: [UInt8]) {
        let bench = PassthroughBench()
        bench.start(for: .seconds(60))
        bench.poll(for: 5)
        bench.inverter(sends: bytes)
        bench.run(.seconds(50) + Self.quiet / 2)
        #expect(bench.isOn)
        bench.run(Self.quiet)
        #expect(bench.end?.reason == .time)
    }

    @Test func `a block that only contains a register that starts an update is polling`() {
        let bench = PassthroughBench()
        bench.start()
        bench.poll(.holding(0, 125))
        bench.poll(.holding(30, 3))
        #expect(bench.passthrough.status.lastUpdateByte == nil)
        bench.poll(.holding(31, 1))
        #expect(bench.passthrough.status.lastUpdateByte != nil)
    }

    @Test func `put off, it ends five minutes after the last byte, however long the update lasts`() {
        let bench = PassthroughBench()
        bench.start(for: .seconds(60))
        for minute in 0..<300 {
            bench.dongle(sends: [0x01, UInt8(minute % 256), 0xFF])
            bench.run(.milliseconds(10))
            bench.inverter(sends: [0x06])
            bench.run(.seconds(60))
        }
        #expect(bench.isOn)
        #expect(bench.timesPutOff == 1)
        bench.run(.seconds(239))
        #expect(bench.isOn)
        bench.run(.seconds(2))
        #expect(bench.end?.reason == .time)
        #expect(bench.passthrough.status.figures.fromClient == 900)
    }

    @Test func `a command during an update is put off, too`() {
        let bench = PassthroughBench()
        bench.start()
        bench.dongle(sends: [0xFF])
        bench.run(.seconds(1))
        bench.passthrough.end()
        bench.run(.seconds(298))
        #expect(bench.isOn)
        bench.run(.seconds(2))
        #expect(bench.end?.reason == .command)
    }

    @Test func `a byte in the last moment of the five minutes begins them again`() {
        let bench = PassthroughBench()
        bench.start(for: .seconds(1))
        bench.dongle(sends: [0xFF])
        bench.run(.seconds(299))
        bench.inverter(sends: [0xFF])
        bench.run(.seconds(299))
        #expect(bench.isOn)
        bench.run(.seconds(2))
        #expect(!bench.isOn)
    }

    @Test func `after an update an inverter that is polled and does not answer may be busy with it`() {
        let bench = PassthroughBench()
        bench.start(for: .seconds(60))
        bench.dongle(sends: [0xFF])
        bench.poll(for: 1200, isAnswered: false)
        #expect(bench.isOn)
        #expect(!bench.passthrough.isUpdating)
        #expect(bench.passthrough.status.phase == .ending)
        bench.poll()
        #expect(bench.end?.reason == .time)
    }

    @Test func `without an update polls need no answer: at night it ends all the same`() {
        let bench = PassthroughBench()
        bench.start(for: .seconds(60))
        bench.poll(for: 61, isAnswered: false)
        #expect(bench.end?.reason == .time)
    }

    @Test func `in the midst of a frame it does not end`() {
        let bench = PassthroughBench()
        bench.start()
        let request = RTUFrame(unit: 1, pdu: .input(0)).bytes
        bench.dongle(sends: Array(request.prefix(5)))
        bench.passthrough.end()
        #expect(bench.isOn)
        bench.dongle(sends: Array(request.dropFirst(5)))
        #expect(bench.end?.reason == .command)
        #expect(bench.atInverter == request)
    }
}
