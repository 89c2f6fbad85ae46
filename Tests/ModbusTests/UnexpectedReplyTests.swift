import Modbus
import Testing

/// Lengths of replies that nobody expects.
@Suite struct UnexpectedReplyTests {
    @Test(arguments: Sample.known)
    func `the length of a reply follows from its first bytes`(sample: Sample) throws {
        let frame = try sample.replyFrame().bytes
        for count in 0...frame.count {
            switch FrameLength(ofUnexpectedReply: frame[..<count]) {
            case .needs(let more): #expect(count < 3 && more == (count < 2 ? 2 : 3), "\(count) bytes")
            case let length: #expect(length == .bytes(frame.count), "\(count) bytes")
            }
        }
    }

    @Test func `an exception has 5 bytes, whatever the function`() {
        for code in UInt8(0x80)...UInt8(0xFF) {
            #expect(FrameLength(ofUnexpectedReply: [1, code]) == .bytes(5), "\(code)")
        }
    }

    @Test func `a byte count is 1–251, and even for registers`() {
        for function in [0x01, 0x02, 0x03, 0x04, 0x17, 0x20] as [UInt8] {
            for count in UInt8.min...UInt8.max {
                let isPossible = (1...251).contains(count) && (function < 3 || count % 2 == 0)
                let expected: FrameLength = isPossible ? .bytes(5 + Int(count)) : .impossible
                #expect(FrameLength(ofUnexpectedReply: [1, function, count]) == expected, "\(function), \(count)")
            }
        }
    }

    @Test func `a reply of unknown layout is never taken for a frame`() {
        for code in UInt8(0)...UInt8(0x7F) where FunctionCode(rawValue: code).shape == .opaque {
            #expect(FrameLength(ofUnexpectedReply: [1, code, 2, 0, 0, 0, 0]) == .impossible, "\(code)")
        }
    }
}
