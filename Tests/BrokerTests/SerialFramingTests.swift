import Broker
import Modbus
import Testing

/// R6: split and resync on the side of a serial client.
@Suite struct SerialFramingTests {
    private let bench = SerialBench()
    /// Ten bytes that begin no request.
    private let bootText = Array("\r\n\u{1}ets Jan".utf8)

    @Test func `R6 two glued requests of the capture are both found`() {
        bench.receive([1, 4, 0x0C, 0xB2, 0, 0x7D, 0x93, 0x5C, 1, 0x20, 0, 0, 0, 0x64, 0x81, 0xE6])
        bench.run(.seconds(1))
        #expect(bench.submitted == [.raw(0x20, 0, 0, 0, 0x64)])
        #expect(bench.ends == [.superseded])
    }

    @Test func `R6 a request cut at any byte is one request`() {
        let bytes = RTUFrame(unit: 1, pdu: .raw(0x10, 0, 1, 0, 2, 4, 0, 1, 0, 2)).bytes
        for cut in 1..<bytes.count {
            let bench = SerialBench()
            bench.receive(Array(bytes[..<cut]))
            bench.run(.milliseconds(60))
            bench.receive(Array(bytes[cut...]))
            #expect(bench.submitted.count == 1, "cut at \(cut)")
        }
    }

    @Test func `R6 after a gap of 100 ms the beginning of a request is noise`() {
        bench.receive([1, 3, 0])
        bench.run(.milliseconds(100))
        #expect(bench.discarded(.noise) == [1, 3, 0])
        bench.ask(.holding(0))
        #expect(bench.submitted == [.holding(0)])
    }

    @Test func `R6 a read directly behind boot text is found`() {
        let probe: [UInt8] = [0x00, 0x03, 0x00, 0x2B, 0x00, 0x01, 0xF5, 0xD3]
        bench.receive(bootText + probe)
        bench.run(.milliseconds(200))
        #expect(bench.submitted == [.holding(43)])
        #expect(bench.discarded(.noise) == bootText)
    }

    @Test func `R6 a write directly behind noise does not count`() {
        bench.receive(bootText + RTUFrame(unit: 1, pdu: .write(0, 1)).bytes)
        bench.run(.milliseconds(200))
        #expect(bench.submitted.isEmpty)
        #expect(bench.discarded(.unconfirmedWrite) == RTUFrame(unit: 1, pdu: .write(0, 1)).bytes)
    }

    @Test func `R6 a write behind noise and a silence counts`() {
        bench.receive(bootText)
        bench.run(.milliseconds(200))
        bench.ask(.write(0, 1))
        bench.run(.milliseconds(200))
        #expect(bench.submitted == [.write(0, 1)])
    }

    @Test func `R6 a write behind noise and a valid frame counts`() {
        bench.receive(bootText + RTUFrame(unit: 1, pdu: .holding(0)).bytes + RTUFrame(unit: 1, pdu: .write(0, 1)).bytes)
        bench.run(.milliseconds(200))
        #expect(bench.submitted == [.write(0, 1)])
    }

    @Test func `R2 a request of unknown shape ends at a silence`() {
        bench.ask(.unknown)
        #expect(bench.submitted.isEmpty)
        bench.run(.milliseconds(25))
        #expect(bench.submitted == [.unknown])
    }
}
