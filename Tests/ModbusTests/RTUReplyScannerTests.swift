import Modbus
import Testing

@Suite struct RTUReplyScannerTests {
    private func check(
        _ stream: [UInt8], expected: ReplyShape?, _ findings: [RTUReplyScanner.Finding],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for chunks in stream.allChunkings {
            let found = ReplyReader.read(chunks, expected: expected)
            #expect(found == findings, "chunks \(chunks.map(\.count))", sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: Sample.known)
    func `R2 the reply is found with its last byte, wherever it is cut`(sample: Sample) throws {
        let (shape, frame) = (try sample.shape(), try sample.replyFrame())
        for chunks in frame.bytes.allChunkings {
            var reader = ReplyReader(expected: shape)
            for chunk in chunks {
                #expect(reader.findings.isEmpty)
                reader.receive(chunk)
                #expect(reader.scanner.awaits == (reader.findings.isEmpty ? .frameGap : nil))
            }
            #expect(reader.findings == [.reply(frame)], "chunks \(chunks.map(\.count))")
            #expect(reader.scanner.drain() == [])
        }
    }

    @Test func `R2 a reply with a CRC-valid beginning is not cut short`() throws {
        let reply = [UInt8](hex: "01030201317800")
        #expect(RTUFrame.isIntact(reply) && RTUFrame.isIntact(reply.dropLast()))
        let request = PDU(read: .readHoldingRegisters, address: 0, quantity: 1)
        let shape = ReplyShape(unit: 1, request: request)
        check(reply, expected: shape, [.reply(try #require(RTUFrame(reply)))])
    }

    @Test func `R2 a reply of the greatest length is found in every chunk size`() throws {
        let request = PDU(read: .readInputRegisters, address: 3000, quantity: 125)
        let shape = ReplyShape(unit: 1, request: request)
        let frame = RTUFrame(unit: 1, pdu: try PDU([4, 250] + Array(repeating: 3, count: 250)))
        for size in 1...frame.bytes.count {
            #expect(ReplyReader.read(frame.bytes.chunks(of: size), expected: shape) == [.reply(frame)])
        }
    }

    @Test(arguments: Sample.known + [.opaque])
    func `R3 an exception is the reply`(sample: Sample) throws {
        let exception = RTUFrame(unit: 1, pdu: PDU(exception: .illegalDataAddress, to: try sample.request.function))
        check(exception.bytes, expected: try sample.shape(), [.reply(exception)])
    }

    @Test(arguments: Sample.known)
    func `R3 a reply behind noise and before noise is found`(sample: Sample) throws {
        let frame = try sample.replyFrame()
        let (before, behind): ([UInt8], [UInt8]) = ([0x00, 0xFF, 0x01], [0xFE, 0x00])
        check(
            before + frame.bytes + behind, expected: try sample.shape(),
            [.noise(before), .reply(frame), .noise(behind)])
    }

    @Test(arguments: Sample.known)
    func `R3 a reply of another unit is foreign`(sample: Sample) throws {
        let foreign = try sample.replyFrame(unit: 2)
        check(foreign.bytes, expected: try sample.shape(), [.foreign(foreign)])
    }

    @Test(arguments: Sample.known, Sample.known)
    func `R3 a reply to another function is foreign, and the right one behind it is found`(
        sample: Sample, other: Sample
    ) throws {
        guard sample.name != other.name else { return }
        let (frame, foreign) = (try sample.replyFrame(), try other.replyFrame())
        check(foreign.bytes + frame.bytes, expected: try sample.shape(), [.foreign(foreign), .reply(frame)])
    }

    @Test func `R3 a reply with another byte count is foreign`() throws {
        let shape = try Sample.known[2].shape()
        for count in [2, 4, 8, 250] {
            let pdu = try PDU([3, UInt8(count)] + Array(repeating: 0x11, count: count))
            check(RTUFrame(unit: 1, pdu: pdu).bytes, expected: shape, [.foreign(RTUFrame(unit: 1, pdu: pdu))])
        }
    }

    @Test(arguments: Sample.writes.dropLast())
    func `R3 an echo with another address or value is foreign`(sample: Sample) throws {
        let echo = try sample.reply.bytes
        for offset in 1..<echo.count {
            var changed = echo
            changed[offset] ^= 0x01
            let foreign = RTUFrame(unit: 1, pdu: try PDU(changed))
            check(foreign.bytes, expected: try sample.shape(), [.foreign(foreign)])
        }
    }

    @Test(arguments: Sample.known)
    func `R3 a request of another client is foreign, wherever it is cut`(sample: Sample) throws {
        let foreign = try sample.requestFrame(unit: 9)
        check(foreign.bytes, expected: try Sample.known[2].shape(), [.foreign(foreign)])
        check(foreign.bytes, expected: nil, [.foreign(foreign)])
    }

    @Test(arguments: Sample.known)
    func `R3 a reply that nobody waits for is foreign`(sample: Sample) throws {
        let foreign = try sample.replyFrame()
        check(foreign.bytes, expected: nil, [.foreign(foreign)])
    }

    @Test(arguments: [1, 2, 247] as [UnitIdentifier])
    func `R3 a request to unit 0 is answered by any unit`(unit: UnitIdentifier) throws {
        for sample in Sample.known {
            let frame = try sample.replyFrame(unit: unit)
            check(frame.bytes, expected: try sample.shape(unit: 0), [.reply(frame)])
        }
    }

    @Test func `R3 the probe of the dongle is answered by unit 1`() throws {
        let request = try #require(RTUFrame([UInt8](hex: "0003002b0001f5d3")))
        let shape = ReplyShape(unit: request.unit, request: request.pdu)
        let reply = [UInt8](hex: "01030213ecb4f9")
        check(reply, expected: shape, [.reply(try #require(RTUFrame(reply)))])
    }

    @Test func `only one frame is the reply, and another one like it is foreign`() throws {
        let frame = try Sample.known[2].replyFrame()
        check(frame.bytes + frame.bytes, expected: try Sample.known[2].shape(), [.reply(frame), .foreign(frame)])
    }
}
