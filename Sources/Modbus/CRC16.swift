/// The checksum of RTU frames: polynomial 0xA001 (reflected 0x8005), initial value 0xFFFF, sent low byte first.
///
/// Eight tables take eight bytes a step, which makes it a few times faster than byte by byte.
/// Source: Modbus over Serial Line V1.02, section 6.2.2.
package struct CRC16: Sendable {
    /// Eight tables of 256: entry `k * 256 + b` is the CRC of byte `b` followed by `k` zero bytes.
    private static let tables: [UInt16] = {
        var tables = [UInt16](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt16(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xA001 : crc >> 1 }
            tables[byte] = crc
        }
        for entry in 256..<(8 * 256) {
            let shorter = tables[entry - 256]
            tables[entry] = shorter >> 8 ^ tables[Int(shorter & 0xFF)]
        }
        return tables
    }()

    /// The checksum of `bytes`: 0 for a frame that ends with its own.
    package static func checksum(of bytes: some Collection<UInt8>) -> UInt16 {
        bytes.withContiguousStorageIfAvailable { checksum(of: UnsafeRawBufferPointer($0)) }
            ?? checksum(of: Array(bytes))
    }

    /// The checksum of bytes in memory.
    package static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt16 {
        tables.withUnsafeBufferPointer { tables in
            var crc: UInt16 = 0xFFFF
            var index = 0
            while index &+ 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                crc = step(tables, word ^ UInt64(crc))
                index &+= 8
            }
            while index < bytes.count {
                crc = crc >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[index])]
                index &+= 1
            }
            return crc
        }
    }

    @inline(__always)
    private static func step(_ tables: UnsafeBufferPointer<UInt16>, _ word: UInt64) -> UInt16 {
        func entry(_ table: Int, _ shift: UInt64) -> UInt16 {
            tables[table &* 256 &+ Int(truncatingIfNeeded: word &>> shift & 0xFF)]
        }
        let front = entry(7, 0) ^ entry(6, 8) ^ entry(5, 16) ^ entry(4, 24)
        return front ^ entry(3, 32) ^ entry(2, 40) ^ entry(1, 48) ^ entry(0, 56)
    }
}
