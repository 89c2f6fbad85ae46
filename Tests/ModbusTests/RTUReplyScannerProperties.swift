import Modbus
import Testing

@Suite struct RTUReplyScannerProperties {
    @Test(arguments: UInt64(1)...60)
    func `R3 R4 every frame between noise is found for what it is, in every chunking`(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let stream = try ReplyStream(using: &generator)
        let bytes = stream.bytes
        var chunkings = (1...16).map { bytes.chunks(of: $0) } + [[bytes[...]]]
        for longest in [4, 20, 100] { chunkings.append(bytes.chunks(upTo: longest, using: &generator)) }
        for chunks in chunkings {
            let findings = ReplyReader.read(chunks, expected: stream.shape, owed: stream.owed)
            #expect(findings == stream.expected, "seed \(seed), chunks \(chunks.map(\.count)), \(bytes.hex)")
        }
    }

    @Test(arguments: UInt64(1)...60)
    func `every byte is reported exactly once, or still held`(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        var bytes: [UInt8] = []
        for _ in 0..<8 {
            bytes += generator.noise()
            bytes += generator.number(0...1) == 0 ? generator.foreignReply().bytes : generator.request().bytes
            bytes += RTUFrame(unit: 1, pdu: generator.opaque()).bytes
        }
        let samples = Sample.known + [.opaque]
        var scanner = RTUReplyScanner()
        var findings: [RTUReplyScanner.Finding] = []
        var received = 0
        for chunk in bytes.chunks(upTo: 40, using: &generator) {
            let expected = try samples.randomElement(using: &generator)?.shape()
            let owed = try samples.shuffled(using: &generator).prefix(generator.number(0...3)).map { try $0.shape() }
            findings += scanner.received(chunk, expected: expected, owed: owed)
            received += chunk.count
            let held = received - findings.flatMap(\.bytes).count
            #expect(held <= RTUFrame.maximumLength, "seed \(seed)")
            if let awaits = scanner.awaits, generator.number(0...3) == 0 {
                findings += scanner.silence(awaits, expected: nil, owed: owed)
            }
        }
        #expect(findings.flatMap(\.bytes) + scanner.drain() == bytes, "seed \(seed)")
    }
}
