import Modbus
import Testing

@Suite struct RTUFrameTests {
    @Test func `every frame of 4–256 bytes is read back as it was written`() throws {
        for length in 1...PDU.maximumLength {
            var generator = SplitMix64(seed: UInt64(length))
            let unit = UnitIdentifier(rawValue: generator.byte())
            let frame = RTUFrame(unit: unit, pdu: try PDU(generator.bytes(length)))
            #expect(frame.bytes.count == length + 3, "seed \(length)")
            #expect(RTUFrame(frame.bytes) == frame, "seed \(length)")
            #expect(RTUFrame(([0] + frame.bytes).dropFirst()) == frame, "seed \(length)")
        }
    }

    @Test func `a frame has its parts where the specification has them`() throws {
        let frame = try #require(RTUFrame([UInt8](hex: "01040cb2007d935c")))
        #expect(frame.unit == 1)
        #expect(frame.pdu.function == .readInputRegisters)
        #expect(frame.pdu.bytes == [UInt8](hex: "040cb2007d"))
        #expect(frame.bytes.hex == "01040cb2007d935c")
    }

    @Test(arguments: ["0003002b0001f5d3", "018302c0f1", "01030213ecb4f9", "01200000006481e6"])
    func `a frame with one flipped bit is not intact`(hex: String) {
        let frame = [UInt8](hex: hex)
        #expect(RTUFrame.isIntact(frame))
        for bit in 0..<(frame.count * 8) {
            var damaged = frame
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!RTUFrame.isIntact(damaged), "bit \(bit)")
            #expect(RTUFrame(damaged) == nil, "bit \(bit)")
        }
    }

    @Test(arguments: [0, 1, 2, 3, 257, 300])
    func `bytes of another length than 4–256 are no frame, whatever their checksum`(length: Int) {
        var bytes = [UInt8](repeating: 0x55, count: max(0, length - 2))
        if length >= 2 {
            let checksum = CRC16.checksum(of: bytes)
            bytes += [UInt8(checksum & 0xFF), UInt8(checksum >> 8)]
            #expect(CRC16.checksum(of: bytes) == 0)
        } else {
            bytes = Array(repeating: 0, count: length)
        }
        #expect(bytes.count == length)
        #expect(!RTUFrame.isIntact(bytes))
        #expect(RTUFrame(bytes) == nil)
    }

    @Test(arguments: [4, 256])
    func `the shortest and the longest frame are intact`(length: Int) throws {
        let frame = RTUFrame(unit: 247, pdu: try PDU(Array(repeating: 0x41, count: length - 3)))
        #expect(frame.bytes.count == length)
        #expect(RTUFrame.isIntact(frame.bytes))
    }
}
