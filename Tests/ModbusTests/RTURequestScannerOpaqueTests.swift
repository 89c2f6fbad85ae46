import Modbus
import Testing

/// Functions of unknown layout: only silences tell where they begin and end.
@Suite struct RTURequestScannerOpaqueTests {
    private func scanner() -> RTURequestScanner { RTURequestScanner() }

    @Test(arguments: [1, 2, 100, 252])
    func `an opaque request between two silences is found in every chunk size`(length: Int) throws {
        let frame = RTUFrame(unit: 1, pdu: try PDU([0x65] + Array(repeating: 0x41, count: length)))
        for size in 1...frame.bytes.count {
            var scanner = scanner()
            for (index, chunk) in frame.bytes.chunks(of: size).enumerated() {
                #expect(scanner.received(chunk, afterSilence: index == 0) == [], "chunks of \(size)")
            }
            #expect(scanner.awaits == .frameEnd, "chunks of \(size)")
            #expect(scanner.silence(.frameEnd) == [.request(frame)], "chunks of \(size)")
            #expect(scanner.awaits == nil, "chunks of \(size)")
        }
    }

    @Test func `an opaque request behind a valid frame ends with a silence`() throws {
        let (read, opaque) = (try Sample.reads[0].requestFrame(), try Sample.opaque.requestFrame())
        for chunks in (read.bytes + opaque.bytes).allChunkings {
            var scanner = scanner()
            #expect(scanner.scan(chunks) == [.request(read), .request(opaque)], "\(chunks.map(\.count))")
        }
    }

    @Test func `an opaque request directly behind noise is noise`() throws {
        let bytes = [0x00] + (try Sample.opaque.requestFrame().bytes)
        for chunks in bytes.allChunkings {
            var scanner = scanner()
            #expect(scanner.scan(chunks) == [.noise(bytes)], "\(chunks.map(\.count))")
        }
    }

    @Test func `a read directly behind an opaque request is found`() throws {
        let (read, opaque) = (try Sample.reads[2].requestFrame(), try Sample.opaque.requestFrame())
        for chunks in (opaque.bytes + read.bytes).allChunkings {
            var scanner = scanner()
            #expect(scanner.scan(chunks) == [.noise(opaque.bytes), .request(read)], "\(chunks.map(\.count))")
        }
    }

    @Test func `an opaque request with a wrong checksum is noise, and the next request is found`() throws {
        let opaque = try Sample.opaque.requestFrame()
        var damaged = opaque.bytes
        damaged[3] ^= 1
        var scanner = scanner()
        #expect(scanner.scan([damaged[...]]) == [.noise(damaged)])
        #expect(scanner.scan([opaque.bytes[...]]) == [.request(opaque)])
    }

    @Test func `more than 256 bytes without a silence are not held as an opaque request`() throws {
        let read = try Sample.reads[2].requestFrame()
        let text = Array(repeating: UInt8(0x55), count: 300)
        var scanner = scanner()
        let findings = scanner.received(text + read.bytes, afterSilence: true)
        #expect(findings.merged == [.noise(text), .request(read)])
    }

    @Test func `an opaque request ends at the silence before the next one, also when it had to wait`() throws {
        let (read, opaque) = (try Sample.reads[2].requestFrame(), try Sample.opaque.requestFrame())
        let beginning = [UInt8](hex: "0110 0000 007b f6 0102")
        var scanner = scanner()
        var findings = scanner.received(beginning, afterSilence: true)
        findings += scanner.received(opaque.bytes, afterSilence: true)
        findings += scanner.received(read.bytes, afterSilence: true)
        findings += scanner.silence(.frameGap)
        #expect(findings == [.noise(beginning), .request(opaque), .request(read)])
    }
}
