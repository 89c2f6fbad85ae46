import Modbus
import Testing

@Suite struct FunctionShapeTests {
    private static let shapes: [UInt8: FunctionCode.Shape] = [
        0x01: .readBits, 0x02: .readBits, 0x03: .readRegisters, 0x04: .readRegisters, 0x05: .writeSingle,
        0x06: .writeSingle, 0x0F: .writeBits, 0x10: .writeRegisters, 0x16: .maskWrite, 0x17: .readWrite,
        0x20: .readRegisters,
    ]

    @Test func `every function code has a shape, opaque outside the specification and Growatt's 0x20`() {
        for code in UInt8.min...UInt8.max {
            #expect(FunctionCode(rawValue: code).shape == Self.shapes[code] ?? .opaque, "\(code)")
        }
    }

    @Test func `R9 only 0x01–0x04 and 0x20 are reads`() {
        let reads = (UInt8.min...UInt8.max).filter { FunctionCode(rawValue: $0).isRead }
        #expect(reads == [0x01, 0x02, 0x03, 0x04, 0x20])
    }

    @Test(arguments: Sample.known)
    func `R2 the length of a request follows from its first bytes`(sample: Sample) throws {
        let frame = try sample.requestFrame().bytes
        let shifted = [0xEE] + frame
        var isKnown = false
        for count in 0...frame.count {
            switch FrameLength(ofRequest: shifted[1..<(1 + count)]) {
            case .needs(let more):
                #expect(!isKnown && more > count && more <= frame.count, "\(count) bytes")
            case let length:
                #expect(length == .bytes(frame.count), "\(count) bytes")
                isKnown = true
            }
        }
        #expect(isKnown)
    }

    @Test func `R2 the length of a write follows from its byte count, up to 256 bytes`() {
        for (function, offset) in [(0x0F, 6), (0x10, 6), (0x17, 10)] as [(UInt8, Int)] {
            for count in UInt8.min...UInt8.max {
                let bytes = [1, function] + Array(repeating: 0, count: offset - 2) + [count]
                let length = offset + 3 + Int(count)
                let expected: FrameLength = count > 0 && length <= 256 ? .bytes(length) : .impossible
                #expect(FrameLength(ofRequest: bytes[...]) == expected, "function \(function), count \(count)")
            }
        }
    }

    @Test func `function 0 and functions with the high bit begin no request`() {
        for code in [0] + Array(UInt8(0x80)...UInt8(0xFF)) {
            #expect(FrameLength(ofRequest: [1, code]) == .impossible, "\(code)")
        }
    }

    @Test func `a request of a function outside the specification is opaque`() {
        for code in UInt8(1)...UInt8(0x7F) where Self.shapes[code] == nil {
            #expect(FrameLength(ofRequest: [1, code, 0, 0, 0, 0, 0, 0]) == .opaque, "\(code)")
        }
    }
}
