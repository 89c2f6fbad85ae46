import Modbus
import Testing

/// R4: replies to requests that were given up.
@Suite struct RTUReplyScannerLateTests {
    private func check(
        _ stream: [UInt8], expected: ReplyShape?, owed: [ReplyShape], _ findings: [RTUReplyScanner.Finding],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for chunks in stream.allChunkings {
            let found = ReplyReader.read(chunks, expected: expected, owed: owed)
            #expect(found == findings, "chunks \(chunks.map(\.count))", sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: Sample.known)
    func `R4 a late reply is recognised, and the expected one behind it is found`(sample: Sample) throws {
        for other in Sample.known where other.name != sample.name {
            let (late, reply) = (try sample.replyFrame(), try other.replyFrame())
            check(
                late.bytes + reply.bytes, expected: try other.shape(), owed: [try sample.shape()],
                [.late(late, index: 0), .reply(reply)])
        }
    }

    @Test func `R4 late replies have the index of their requests`() throws {
        let owed = try Sample.known.map { try $0.shape() }
        for order in [Array(Sample.known.indices), Sample.known.indices.reversed()] {
            let frames = try order.map { try Sample.known[$0].replyFrame() }
            check(
                frames.flatMap(\.bytes), expected: nil, owed: owed,
                zip(frames, order).map { .late($0, index: $1) })
        }
    }

    @Test(arguments: Sample.known + [.opaque])
    func `R4 a late exception is recognised`(sample: Sample) throws {
        let late = RTUFrame(unit: 1, pdu: PDU(exception: .serverDeviceBusy, to: try sample.request.function))
        let other = try Sample.known[3].replyFrame(unit: 2)
        check(
            late.bytes + other.bytes, expected: try Sample.known[3].shape(unit: 2), owed: [try sample.shape()],
            [.late(late, index: 0), .reply(other)])
    }

    @Test func `R4 the expected reply comes before an owed one of the same shape`() throws {
        let (shape, frame) = (try Sample.known[2].shape(), try Sample.known[2].replyFrame())
        check(
            frame.bytes + frame.bytes, expected: shape, owed: [shape],
            [.reply(frame), .late(frame, index: 0)])
    }

    @Test func `R4 a reply owed by unit 0 may come from any unit`() throws {
        let late = try Sample.known[2].replyFrame(unit: 7)
        let reply = try Sample.known[1].replyFrame()
        check(
            late.bytes + reply.bytes, expected: try Sample.known[1].shape(),
            owed: [try Sample.known[0].shape(), try Sample.known[2].shape(unit: 0)],
            [.late(late, index: 1), .reply(reply)])
    }

    @Test func `R4 a late reply of another length than the expected one is no reply to it`() throws {
        let owed = ReplyShape(
            unit: 1, request: PDU(read: .readHoldingRegisters, address: 0, quantity: 2))
        let late = RTUFrame(unit: 1, pdu: try PDU([3, 4, 1, 2, 3, 4]))
        let reply = try Sample.known[2].replyFrame()
        check(
            late.bytes + reply.bytes, expected: try Sample.known[2].shape(), owed: [owed],
            [.late(late, index: 0), .reply(reply)])
    }

    @Test func `R4 a late reply of unknown layout ends with a silence`() throws {
        let late = try Sample.opaque.replyFrame()
        var reader = ReplyReader(expected: nil, owed: [try Sample.opaque.shape()])
        reader.receive(late.bytes)
        #expect(reader.scanner.awaits == .frameEnd)
        reader.silence(.frameEnd)
        #expect(reader.findings == [.late(late, index: 0)])
    }

    @Test func `R4 a reply that is owed no more is foreign`() throws {
        let frame = try Sample.known[2].replyFrame()
        check(frame.bytes, expected: nil, owed: [try Sample.known[1].shape()], [.foreign(frame)])
    }
}
