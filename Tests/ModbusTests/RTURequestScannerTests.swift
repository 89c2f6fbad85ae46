import Modbus
import Testing

@Suite struct RTURequestScannerTests {
    private func scanner() -> RTURequestScanner { RTURequestScanner() }

    /// 1–5 requests, beginning with each function in turn.
    private static let sequences: [[Sample]] = (1...5).flatMap { length in
        Sample.known.indices.map { start in
            (0..<length).map { Sample.known[(start + $0 * 3) % Sample.known.count] }
        }
    }

    @Test(arguments: sequences)
    func `R6 glued requests are found wherever they are cut`(sequence: [Sample]) throws {
        let frames = try sequence.enumerated().map { try $1.requestFrame(unit: UnitIdentifier(rawValue: UInt8($0))) }
        for chunks in frames.flatMap(\.bytes).allChunkings {
            var scanner = scanner()
            var findings: [RTURequestScanner.Finding] = []
            for chunk in chunks { findings += scanner.received(chunk, afterSilence: false) }
            #expect(findings == frames.map { .request($0) }, "chunks \(chunks.map(\.count))")
            #expect(scanner.awaits == nil)
        }
    }

    @Test(arguments: [
        ["010300b4001405e3", "01030000007d85eb"],
        ["01030000007d85eb", "01030000007d85eb"],
        ["01040cb2007d935c", "01200000006481e6"],
        ["01040bb8007db22a", "01200000006481e6", "010300b4001405e3"],
        ["01030c35004c5761", "01040c35007d2375", "01030c35004c5761"],
        ["0103021500019476", "0103021500019476", "0103021500019476"],
        ["0003002b0001f5d3", "0003002b0001f5d3", "0003002b0001f5d3", "01030d2f0001b76f", "01030c8100269768"],
    ])
    func `R6 glued requests of a real dongle are found wherever they are cut`(requests: [String]) {
        for chunks in [UInt8](hex: requests.joined()).allChunkings {
            var scanner = scanner()
            let findings = scanner.scan(chunks)
            #expect(findings.requests.map(\.bytes.hex) == requests, "chunks \(chunks.map(\.count))")
            #expect(findings.count == requests.count)
        }
    }

    @Test func `requests of the greatest length are found in every chunk size`() throws {
        let registers = [0x10, 0, 0, 0, 123, 246] + Array(repeating: UInt8(0x01), count: 246)
        let coils = [0x0F, 0, 0, 0x07, 0xB0, 246] + Array(repeating: UInt8(0x03), count: 246)
        let both = [0x17, 0, 0, 0, 125, 0, 0, 0, 121, 242] + Array(repeating: UInt8(0x06), count: 242)
        let frames = try [registers, coils, both].map { RTUFrame(unit: 1, pdu: try PDU($0)) }
        let stream = frames.flatMap(\.bytes)
        for size in 1...stream.count {
            var scanner = scanner()
            #expect(scanner.scan(stream.chunks(of: size)) == frames.map { .request($0) }, "chunks of \(size)")
        }
    }

    @Test func `nothing is reported while a request is incomplete`() throws {
        let bytes = try Sample.known[7].requestFrame().bytes
        for count in 1..<bytes.count {
            var scanner = scanner()
            #expect(scanner.received(bytes.prefix(count), afterSilence: true) == [])
            #expect(scanner.awaits == .frameGap, "\(count) bytes")
        }
    }

    @Test(arguments: Sample.known)
    func `an incomplete request is given up after the gap, and the next one is found`(sample: Sample) throws {
        let frame = try sample.requestFrame()
        for count in 1..<frame.bytes.count {
            var scanner = scanner()
            let truncated = Array(frame.bytes.prefix(count))
            var findings = scanner.received(truncated, afterSilence: true)
            findings += scanner.silence(.frameGap)
            #expect(findings.merged == [.noise(truncated)], "\(count) bytes")
            #expect(scanner.awaits == nil, "\(count) bytes")
            #expect(scanner.received(frame.bytes, afterSilence: true) == [.request(frame)], "\(count) bytes")
        }
    }

    @Test func `the shorter silence does not give up an incomplete request`() throws {
        let frame = try Sample.known[2].requestFrame()
        var scanner = scanner()
        #expect(scanner.received(frame.bytes.prefix(5), afterSilence: true) == [])
        #expect(scanner.silence(.frameEnd) == [])
        #expect(scanner.received(frame.bytes.dropFirst(5), afterSilence: true) == [.request(frame)])
    }

    @Test func `a damaged request is noise, and the ones around it are found`() throws {
        let frames = try Sample.known.prefix(3).map { try $0.requestFrame() }
        var damaged = frames[1].bytes
        damaged[5] ^= 0x10
        let stream = frames[0].bytes + damaged + frames[2].bytes
        for chunks in stream.allChunkings {
            var scanner = scanner()
            let expected: [RTURequestScanner.Finding] = [.request(frames[0]), .noise(damaged), .request(frames[2])]
            #expect(scanner.scan(chunks) == expected, "chunks \(chunks.map(\.count))")
        }
    }

    @Test func `no bytes find nothing`() {
        var scanner = scanner()
        #expect(scanner.received([], afterSilence: true) == [])
        #expect(scanner.silence(.frameEnd) == [])
        #expect(scanner.silence(.frameGap) == [])
        #expect(scanner.awaits == nil)
    }
}
