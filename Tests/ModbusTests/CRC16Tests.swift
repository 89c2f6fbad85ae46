import Modbus
import NIOCore
import Testing

@Suite struct CRC16Tests {
    @Test func `the checksum of 123456789 is 0x4B37`() {
        #expect(CRC16.checksum(of: Array("123456789".utf8)) == 0x4B37)
    }

    @Test func `the checksum of nothing is the initial value`() {
        #expect(CRC16.checksum(of: [UInt8]()) == 0xFFFF)
    }

    @Test(arguments: [
        "0003002b0001f5d3", "01040cb2007d935c", "01200000006481e6", "010300b4001405e3", "01030000007d85eb",
        "0103021500019476", "01040bb8007db22a", "01030213ecb4f9", "01030201317800",
        "01031e5453543042524f4b455200000000000000000000000000000000000000008d4c",
    ])
    func `a frame of a real line ends with its checksum, low byte first`(hex: String) {
        let frame = [UInt8](hex: hex)
        #expect(CRC16.checksum(of: frame) == 0)
        let checksum = CRC16.checksum(of: frame.dropLast(2))
        #expect(frame.suffix(2) == [UInt8(checksum & 0xFF), UInt8(checksum >> 8)])
    }

    @Test func `the tables agree with bit by bit at every length and alignment`() {
        var generator = SplitMix64(seed: 16)
        let bytes = generator.bytes(308)
        for alignment in 0..<8 {
            var reference: UInt16 = 0xFFFF
            for length in 0...300 {
                let slice = bytes[alignment..<(alignment + length)]
                #expect(CRC16.checksum(of: slice) == reference, "seed 16, alignment \(alignment), length \(length)")
                reference = ReferenceCRC.step(reference, bytes[alignment + length])
            }
        }
    }

    @Test func `raw memory at every alignment has the checksum of its bytes`() {
        var generator = SplitMix64(seed: 17)
        let bytes = generator.bytes(308)
        for alignment in 0..<8 {
            for length in 0...300 {
                let range = alignment..<(alignment + length)
                let checksum = bytes.withUnsafeBytes { CRC16.checksum(of: UnsafeRawBufferPointer(rebasing: $0[range])) }
                let expected = ReferenceCRC.checksum(of: bytes[range])
                #expect(checksum == expected, "seed 17, alignment \(alignment), length \(length)")
            }
        }
    }

    @Test(arguments: [0, 1, 7, 8, 9, 255, 256])
    func `every collection of the same bytes has the same checksum`(length: Int) {
        var generator = SplitMix64(seed: UInt64(length))
        let bytes = generator.bytes(length)
        let expected = ReferenceCRC.checksum(of: bytes)
        #expect(CRC16.checksum(of: ContiguousArray(bytes)) == expected)
        #expect(CRC16.checksum(of: ([0] + bytes).dropFirst()) == expected)
        #expect(CRC16.checksum(of: bytes.lazy.map { $0 }) == expected)
        #expect(CRC16.checksum(of: Array(bytes.reversed()).reversed() as ReversedCollection) == expected)
        #expect(CRC16.checksum(of: ByteBuffer(bytes: bytes).readableBytesView) == expected)
    }
}
