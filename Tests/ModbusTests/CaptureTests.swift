import Foundation
import Modbus
import Testing

/// The recording of a real dongle. It is private, so that these tests are skipped where it is missing.
@Suite(.enabled(if: Capture.isPresent, "no recording at \(Capture.path)"))
struct CaptureTests {
    @Test func `R6 the request behind the boot text of the dongle's chip is found in every chunk size`() throws {
        let drops = try Capture.frames(of: "DROP")
        let line = try #require(drops.first { $0.count == 669 })
        let request = [UInt8](hex: "0003002b0001f5d3")
        for size in 1...line.count {
            var scanner = RTURequestScanner()
            let findings = scanner.scan(line.chunks(of: size))
            #expect(findings.map(\.bytes) == [Array(line.dropLast(8)), request], "chunks of \(size)")
            #expect(findings.requests.map(\.bytes) == [request], "chunks of \(size)")
        }
    }

    @Test func `R6 glued requests that another broker dropped are all found`() throws {
        let glued = try Capture.frames(of: "DROP").filter { $0.count != 669 }
        #expect(!glued.isEmpty)
        for line in glued {
            for chunks in line.allChunkings {
                var scanner = RTURequestScanner()
                let findings = scanner.scan(chunks)
                #expect(findings.requests.count == line.count / 8, "\(line.hex), \(chunks.map(\.count))")
                #expect(findings.requests.flatMap(\.bytes) == line)
            }
        }
    }

    @Test func `every request of the recording is one request, byte by byte`() throws {
        var scanner = RTURequestScanner()
        for frame in try Capture.frames(of: "REQ") {
            var findings: [RTURequestScanner.Finding] = []
            for chunk in frame.chunks(of: 1) { findings += scanner.received(chunk, afterSilence: false) }
            #expect(findings.requests.map(\.bytes) == [frame])
        }
    }
}

private enum Capture {
    /// Beside the checkout, or where the environment says; absent on a user's machine.
    static let path =
        (ProcessInfo.processInfo.environment["GROWATT_BROKER_DATA"] ?? "../shared/data")
        + "/shine-and-home-assistant-115200.jsonl"
    static let isPresent = FileManager.default.isReadableFile(atPath: path)

    private struct Line: Decodable {
        let role: String?
        let hex: String?
    }

    static func frames(of role: String) throws -> [[UInt8]] {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let decoder = JSONDecoder()
        return lines.filter { $0.hasPrefix("{") }.compactMap { line in
            guard let line = try? decoder.decode(Line.self, from: Data(line.utf8)), line.role == role else {
                return nil
            }
            return line.hex.map { [UInt8](hex: $0) }
        }
    }
}
