import Modbus
import Testing

@Suite struct RTURequestScannerProperties {
    @Test(arguments: UInt64(1)...60)
    func `R6 all requests between noise are found, and nothing else, in every chunking`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let stream = RequestStream(groups: 1, using: &generator)
        let bytes = stream.bytes
        var chunkings = (1...16).map { bytes.chunks(of: $0) } + [[bytes[...]]]
        for longest in [4, 20, 100] { chunkings.append(bytes.chunks(upTo: longest, using: &generator)) }
        for chunks in chunkings {
            var scanner = RTURequestScanner()
            let findings = scanner.scan(chunks)
            #expect(findings == stream.expected, "seed \(seed), chunks \(chunks.map(\.count)), \(bytes.hex)")
            #expect(findings.flatMap(\.bytes) == bytes, "seed \(seed), chunks \(chunks.map(\.count))")
        }
    }

    @Test(arguments: UInt64(1)...60)
    func `R6 silences between requests end opaque ones and confirm writes`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let stream = RequestStream(groups: 6, using: &generator)
        for longest in [1, 3, 10, 50, 1000] {
            var scanner = RTURequestScanner()
            var findings: [RTURequestScanner.Finding] = []
            for group in stream.groups { findings += scanner.scan(group.chunks(upTo: longest, using: &generator)) }
            #expect(
                findings.merged == stream.expected, "seed \(seed), chunks up to \(longest), \(stream.groups.map(\.hex))"
            )
            #expect(findings.flatMap(\.bytes) == stream.bytes, "seed \(seed), chunks up to \(longest)")
        }
    }

    @Test(arguments: UInt64(1)...30)
    func `every byte of random noise is reported exactly once`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let bytes = (0..<20).flatMap { _ in generator.noise() }
        var scanner = RTURequestScanner()
        var findings: [RTURequestScanner.Finding] = []
        var received = 0
        for chunk in bytes.chunks(upTo: 40, using: &generator) {
            findings += scanner.received(chunk, afterSilence: generator.number(0...2) == 0)
            received += chunk.count
            let held = received - findings.flatMap(\.bytes).count
            #expect(held <= RTUFrame.maximumLength, "seed \(seed)")
            if let awaits = scanner.awaits, generator.number(0...3) == 0 { findings += scanner.silence(awaits) }
        }
        findings += scanner.silenceToTheEnd()
        #expect(findings.flatMap(\.bytes) == bytes, "seed \(seed)")
    }
}
