internal import Broker
internal import CAllocationCount
internal import Modbus
internal import NIOCore
internal import Transport

/// Microbenchmarks of what an exchange passes through: medians of several rounds, in time per operation.
@main
enum Benchmark {
    private static let rounds = 15
    private static let clock = ContinuousClock()

    static func main() {
        checksum()
        decodeTCPFrames()
        findReplies()
        exchanges()
    }

    /// The median time of one operation, of rounds with `count` each.
    private static func measure(_ count: Int, _ body: () -> Void) -> Duration {
        let times = (0..<rounds).map { _ in clock.measure(body) }.sorted()
        return times[rounds / 2] / count
    }

    private static func checksum() {
        for length in [8, 256, 4096] {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let count = 4_000_000 / length
            var sum: UInt16 = 0
            let time = measure(count) {
                for _ in 0..<count { sum ^= CRC16.checksum(of: bytes) }
            }
            let rate = Double(length) / (time / .nanoseconds(1))
            print("CRC-16 of \(length) bytes: \(time), \(rate.rounded(to: 2)) GB/s (\(sum & 1))")
        }
    }

    private static func decodeTCPFrames() {
        var encoded = ByteBuffer()
        let pdu = PDU(read: .readInputRegisters, address: 3000, quantity: 125)
        for transaction in 0..<1000 {
            encoded.writeBytes(TCPFrame(transaction: UInt16(transaction), unit: 1, pdu: pdu).bytes)
        }
        var found = 0
        let time = measure(1000) {
            var buffer = encoded
            while let frame = try? TCPFrame(&buffer) { found += Int(frame.unit.rawValue) }
        }
        print("Modbus TCP request decoded: \(time) (\(found & 1))")
    }

    private static func findReplies() {
        let request = PDU(read: .readInputRegisters, address: 3000, quantity: 125)
        let reply = RTUFrame(
            unit: 1, pdu: PDU(registers: Array(repeating: 0x1234, count: 125), replyTo: .readInputRegisters)
        ).bytes
        let shape = ReplyShape(unit: 1, request: request)
        var found = 0
        let time = measure(1000) {
            var scanner = RTUReplyScanner()
            for _ in 0..<1000 { found += scanner.received(reply, expected: shape, owed: []).count }
        }
        print("RTU reply of 255 bytes found: \(time) (\(found & 1))")
    }

    /// The whole core: session, policies, router, bus and back; time and allocations in steady state. With an observer
    /// that keeps what it is told, as a log does for a moment, no storage of a frame is used again.
    private static func exchanges() {
        for (clients, keeps) in [(1, false), (32, false), (1, true), (32, true)] {
            let loop = CoreLoop(clients: clients, keepsEvents: keeps)
            loop.run(1000)
            let before = allocation_count()
            loop.run(1000)
            let allocations = Double(allocation_count() - before) / 1000
            let time = measure(2000) { loop.run(2000) }
            loop.stop()
            let who = (clients == 1 ? "1 client" : "\(clients) clients") + (keeps ? ", events kept" : "")
            print("exchange through the core, \(who): \(time), \(allocations.rounded(to: 1)) allocations")
        }
    }
}

extension Double {
    fileprivate func rounded(to digits: Int) -> Double {
        let factor = (0..<digits).reduce(1.0) { product, _ in product * 10 }
        return (self * factor).rounded() / factor
    }
}
