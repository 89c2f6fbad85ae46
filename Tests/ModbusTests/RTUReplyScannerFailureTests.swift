import Modbus
import Testing

/// Replies that are damaged, cut short or without a known end.
@Suite struct RTUReplyScannerFailureTests {
    @Test(arguments: Sample.known)
    func `a damaged reply becomes noise, and a good one behind it is found`(sample: Sample) throws {
        let (shape, frame) = (try sample.shape(), try sample.replyFrame())
        for bit in 0..<(frame.bytes.count * 8) {
            var damaged = frame.bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            for size in [1, 3, 100] {
                let findings = ReplyReader.read((damaged + frame.bytes).chunks(of: size), expected: shape)
                #expect(findings == [.noise(damaged), .reply(frame)], "bit \(bit), chunks of \(size)")
            }
        }
    }

    @Test(arguments: Sample.known)
    func `a reply that is cut short is given up after the gap, and a good one behind it is found`(
        sample: Sample
    ) throws {
        let (shape, frame) = (try sample.shape(), try sample.replyFrame())
        for count in 1..<frame.bytes.count {
            var reader = ReplyReader(expected: shape)
            let truncated = Array(frame.bytes.prefix(count))
            reader.receive(truncated)
            reader.silence(.frameEnd)
            #expect(reader.findings == [], "\(count) bytes")
            #expect(reader.scanner.awaits == .frameGap, "\(count) bytes")
            reader.silence(.frameGap)
            #expect(reader.findings == [.noise(truncated)], "\(count) bytes")
            #expect(reader.scanner.awaits == nil, "\(count) bytes")
            reader.receive(frame.bytes)
            #expect(reader.findings == [.noise(truncated), .reply(frame)], "\(count) bytes")
        }
    }

    @Test(arguments: Sample.known)
    func `a reply directly behind one that is cut short is found`(sample: Sample) throws {
        let (shape, frame) = (try sample.shape(), try sample.replyFrame())
        for count in 1..<frame.bytes.count {
            let truncated = Array(frame.bytes.prefix(count))
            for chunks in (truncated + frame.bytes).allChunkings {
                let findings = ReplyReader.read(chunks, expected: shape)
                #expect(findings == [.noise(truncated), .reply(frame)], "\(count) bytes, \(chunks.map(\.count))")
            }
        }
    }

    @Test func `a reply of unknown layout ends with a silence`() throws {
        let (shape, frame) = (try Sample.opaque.shape(), try Sample.opaque.replyFrame())
        for size in 1...frame.bytes.count {
            var reader = ReplyReader(expected: shape)
            for chunk in frame.bytes.chunks(of: size) { reader.receive(chunk) }
            #expect(reader.findings == [])
            #expect(reader.scanner.awaits == .frameEnd)
            reader.silence(.frameEnd)
            #expect(reader.findings == [.reply(frame)], "chunks of \(size)")
            #expect(reader.scanner.awaits == nil)
        }
    }

    @Test func `a damaged reply of unknown layout is noise, and the next one is found`() throws {
        let (shape, frame) = (try Sample.opaque.shape(), try Sample.opaque.replyFrame())
        var damaged = frame.bytes
        damaged[4] ^= 1
        var reader = ReplyReader(expected: shape)
        reader.receive(damaged)
        reader.silenceToTheEnd()
        #expect(reader.findings == [.noise(damaged)])
        reader.receive(frame.bytes)
        reader.silenceToTheEnd()
        #expect(reader.findings == [.noise(damaged), .reply(frame)])
    }

    @Test func `a reply of unknown layout behind noise is found after a silence`() throws {
        let frame = try Sample.opaque.replyFrame()
        for chunks in ([0xFF, 0x80] + frame.bytes).allChunkings {
            let findings = ReplyReader.read(chunks, expected: try Sample.opaque.shape())
            #expect(findings == [.noise([0xFF, 0x80]), .reply(frame)], "\(chunks.map(\.count))")
        }
    }

    @Test func `more than 256 bytes are no reply of unknown layout`() throws {
        var reader = ReplyReader(expected: try Sample.opaque.shape())
        let bytes = [1, 0x2B] + Array(repeating: UInt8(0x55), count: 300)
        reader.receive(bytes)
        #expect(
            reader.findings.flatMap(\.bytes).count >= bytes.count - RTUFrame.maximumLength, "nothing longer is held")
        reader.silenceToTheEnd()
        #expect(reader.findings == [.noise(bytes)])
    }

    @Test func `draining hands out what is held and forgets it`() throws {
        let frame = try Sample.known[2].replyFrame()
        var reader = ReplyReader(expected: try Sample.known[2].shape())
        reader.receive(frame.bytes.prefix(6))
        #expect(reader.scanner.drain() == Array(frame.bytes.prefix(6)))
        #expect(reader.scanner.awaits == nil)
        #expect(reader.scanner.drain() == [])
        reader.receive(frame.bytes)
        #expect(reader.findings == [.reply(frame)])
    }
}
