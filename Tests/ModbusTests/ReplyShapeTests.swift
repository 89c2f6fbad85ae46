import Modbus
import Testing

@Suite struct ReplyShapeTests {
    @Test(arguments: Sample.known)
    func `R2 the length of the reply follows from the request`(sample: Sample) throws {
        #expect(try sample.shape().length == sample.replyFrame().bytes.count)
    }

    @Test func `R2 the length of a read follows from its quantity`() {
        for quantity in UInt16(1)...2000 {
            let bits = PDU(read: .readCoils, address: 0, quantity: quantity)
            #expect(length(of: bits) == 5 + (Int(quantity) + 7) / 8)
            guard quantity <= 125 else { continue }
            for code in [0x03, 0x04, 0x20] as [UInt8] {
                let registers = PDU(read: FunctionCode(rawValue: code), address: 0, quantity: quantity)
                #expect(length(of: registers) == 5 + 2 * Int(quantity))
            }
        }
    }

    @Test(arguments: Sample.known)
    func `R3 the reply and each of its beginnings match`(sample: Sample) throws {
        let shape = try sample.shape()
        let frame = try sample.replyFrame().bytes
        let knownFrom = Sample.writes.dropLast().contains { $0.name == sample.name } ? 2 : 3
        for count in 1...frame.count {
            let expected: FrameLength = count < knownFrom ? .needs(count + 1) : .bytes(frame.count)
            #expect(shape.match(frame[..<count]) == expected, "\(count) bytes")
            #expect(shape.match(([0] + frame)[1...count]) == expected, "\(count) bytes in a larger buffer")
        }
        #expect(shape.match((frame + [1, 2, 3])[...]) == .bytes(frame.count))
    }

    @Test(arguments: Sample.known + [.opaque])
    func `R3 an exception of the function matches`(sample: Sample) throws {
        let function = try sample.request.function.exception.rawValue
        #expect(try sample.shape().match([1, function]) == .bytes(5))
        #expect(try sample.shape().match([1, function, 2, 0, 0, 9]) == .bytes(5))
        #expect(try sample.shape().match([2, function, 2]) == .impossible)
        #expect(try sample.shape().match([1, function ^ 0x40, 2]) == .impossible)
    }

    @Test(arguments: Sample.known + [.opaque])
    func `R3 no other unit and no other function matches`(sample: Sample) throws {
        let (shape, frame) = (try sample.shape(), try sample.replyFrame().bytes)
        for other in UInt8.min...UInt8.max {
            if other != 1 { #expect(shape.match([other] + frame.dropFirst()) == .impossible, "unit \(other)") }
            guard other & 0x7F != frame[1] else { continue }
            #expect(shape.match([1, other] + frame.dropFirst(2)) == .impossible, "function \(other)")
        }
    }

    @Test(arguments: Sample.known + [.opaque])
    func `R3 a request to unit 0 accepts a reply of any unit`(sample: Sample) throws {
        let shape = try sample.shape(unit: 0)
        for unit in UInt8.min...UInt8.max {
            let frame = try sample.replyFrame(unit: UnitIdentifier(rawValue: unit)).bytes
            #expect(shape.match(frame[...]) == shape.length.map { .bytes($0) } ?? .opaque, "unit \(unit)")
        }
    }

    @Test(arguments: Sample.writes.dropLast())
    func `R3 an echo that differs in one byte does not match`(sample: Sample) throws {
        let (shape, frame) = (try sample.shape(), try sample.replyFrame().bytes)
        for offset in 2..<(frame.count - 2) {
            var changed = frame
            changed[offset] ^= 0x01
            for count in 1...frame.count {
                let isImpossible = shape.match(changed[..<count]) == .impossible
                #expect(isImpossible == (count > offset), "byte \(offset), \(count) bytes")
            }
        }
        var damaged = frame
        damaged[frame.count - 1] ^= 0xFF
        #expect(shape.match(damaged[...]) == .bytes(frame.count), "the CRC is not compared")
    }

    @Test(arguments: Sample.reads + Sample.writes.suffix(1))
    func `R3 another byte count does not match`(sample: Sample) throws {
        let (shape, frame) = (try sample.shape(), try sample.replyFrame().bytes)
        for count in UInt8.min...UInt8.max where count != frame[2] {
            #expect(shape.match([frame[0], frame[1], count]) == .impossible, "\(count)")
        }
    }

    @Test func `a function of unknown layout ends only with a silence`() throws {
        let (shape, frame) = (try Sample.opaque.shape(), try Sample.opaque.replyFrame().bytes)
        #expect(shape.length == nil)
        #expect(shape.match(frame[..<1]) == .needs(2))
        for count in 2...frame.count { #expect(shape.match(frame[..<count]) == .opaque, "\(count) bytes") }
    }

    @Test(arguments: Sample.known)
    func `a truncated request has an opaque reply`(sample: Sample) throws {
        let bytes = try sample.request.bytes
        let needed = try sample.request.acknowledgement?.bytes.count ?? 5
        for length in 1..<needed {
            let pdu = try PDU(Array(bytes.prefix(length)))
            #expect(self.length(of: pdu) == nil, "\(length) bytes")
        }
    }

    @Test(arguments: [(0x01, 0), (0x01, 2009), (0x02, 0xFFFF), (0x03, 0), (0x03, 126), (0x20, 0x8000)])
    func `a read of an impossible quantity has an opaque reply`(code: UInt8, quantity: UInt16) {
        #expect(length(of: PDU(read: FunctionCode(rawValue: code), address: 0, quantity: quantity)) == nil)
    }

    private func length(of request: PDU) -> Int? {
        ReplyShape(unit: 1, request: request).length
    }
}
