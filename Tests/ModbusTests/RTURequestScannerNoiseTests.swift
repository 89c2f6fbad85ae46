import Modbus
import Testing

@Suite struct RTURequestScannerNoiseTests {
    /// What the dongle's chip says at its start, at another line speed than the reader's in places.
    private static let bootText =
        Array(
            """
            \r\n ets Jan  8 2013,rst cause:2, boot mode:(3,7)\r\n\r\nload 0x40100000, len 2408, room 16 \r\ntail 8
            \r\nchksum 0xe5\r\nload 0x3ffe8000, len 776, room 0 \r\ntail 0\r\n2nd boot version : 1.6\r\n  SPI Speed
            """.utf8) + [0x7E, 0x72, 0x12, 0xEC, 0x12, 0x90, 0x62, 0x00, 0x8C, 0x9E, 0x60, 0xE1]
    private static let noises: [[UInt8]] = [[0x00], [0xFF], [0x01, 0x10], [0x01, 0x06, 0x00], bootText]

    private func scanner() -> RTURequestScanner { RTURequestScanner() }

    private func check(
        _ stream: [UInt8], _ expected: [RTURequestScanner.Finding], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for chunks in stream.allChunkings {
            var scanner = scanner()
            #expect(scanner.scan(chunks) == expected, "\(chunks.map(\.count))", sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: noises, Sample.reads)
    func `R6 a read behind noise is found wherever it is cut`(noise: [UInt8], sample: Sample) throws {
        let frame = try sample.requestFrame()
        check(noise + frame.bytes, [.noise(noise), .request(frame)])
    }

    @Test(arguments: noises, Sample.writes)
    func `R6 a write directly behind noise is reported, not executed`(noise: [UInt8], sample: Sample) throws {
        let frame = try sample.requestFrame()
        check(noise + frame.bytes, [.noise(noise), .unconfirmedWrite(frame.bytes)])
        check(
            noise + frame.bytes + frame.bytes,
            [.noise(noise)] + [.unconfirmedWrite(frame.bytes), .unconfirmedWrite(frame.bytes)])
    }

    @Test(arguments: noises, Sample.writes)
    func `R6 a write behind noise and a valid read is executed`(noise: [UInt8], sample: Sample) throws {
        let (read, write) = (try Sample.reads[2].requestFrame(), try sample.requestFrame())
        check(noise + read.bytes + write.bytes, [.noise(noise), .request(read), .request(write)])
    }

    @Test(arguments: noises, Sample.writes)
    func `R6 a write behind noise and a silence is executed`(noise: [UInt8], sample: Sample) throws {
        let write = try sample.requestFrame()
        for size in 1...write.bytes.count {
            for lineIsSilent in [false, true] {
                var scanner = scanner()
                var findings = scanner.received(noise, afterSilence: true)
                if lineIsSilent { findings += scanner.silenceToTheEnd() }
                findings += scanner.scan(write.bytes.chunks(of: size))
                #expect(findings.merged == [.noise(noise), .request(write)], "\(size), \(lineIsSilent)")
            }
        }
    }

    @Test func `a silence that is reported without bytes confirms the write behind it`() throws {
        let write = try Sample.writes[1].requestFrame()
        var scanner = scanner()
        #expect(scanner.received([0xFF], afterSilence: true).isEmpty)
        #expect(scanner.silenceToTheEnd() == [.noise([0xFF])])
        #expect(scanner.received([], afterSilence: true).isEmpty)
        #expect(scanner.received(write.bytes, afterSilence: false) == [.request(write)])
    }

    @Test(arguments: Sample.writes)
    func `a write behind an incomplete frame and a silence is executed`(sample: Sample) throws {
        let write = try sample.requestFrame()
        let beginning = [UInt8](hex: "0110 0000 007b f6 0102")
        var scanner = scanner()
        #expect(scanner.received(beginning, afterSilence: true) == [])
        #expect(scanner.received(write.bytes, afterSilence: true) == [])
        #expect(scanner.silence(.frameGap) == [.noise(beginning), .request(write)])
    }

    @Test func `a read directly behind noise makes no more of the noise than it is`() throws {
        let read = try Sample.reads[3].requestFrame()
        check(
            [0xFF] + read.bytes + [0xFF, 0xFE] + read.bytes,
            [.noise([0xFF]), .request(read), .noise([0xFF, 0xFE]), .request(read)])
    }

    @Test func `noise behind a request withdraws the confidence in writes`() throws {
        let (read, write) = (try Sample.reads[2].requestFrame(), try Sample.writes[1].requestFrame())
        check(
            read.bytes + [0x00] + write.bytes,
            [.request(read), .noise([0x00]), .unconfirmedWrite(write.bytes)])
    }
}
