internal import Broker
internal import Modbus
internal import Simulator

/// The way from the dongle to the broker, with its noise, and the check that every request is found in it (R6).
///
/// What is written at once arrives as one burst, whole or in two pieces that no silence separates; a silence goes before each
/// burst. Which requests it holds is told by ``GluedRequests``.
final class DonglePort {
    private static let silence: Duration = .milliseconds(60)
    /// Between the pieces of a burst: less than any silence that ends a frame.
    private static let pause: Duration = .milliseconds(10)
    /// Bytes that look like the beginning of a frame may hold up what comes behind them.
    private static let patience: Duration = .milliseconds(500)

    private let world: World
    private var random: RandomSource
    private let isCutting: Bool
    private let noisiness: Double
    var deliver: (([UInt8]) -> Void)?
    private var outgoing: [UInt8] = []
    private var isFlushScheduled = false
    private var quietFrom = Instant.distantPast
    /// Counts how often it was opened: what was on its way to a closed port is lost.
    private var opening = 0
    /// The requests that have not been found yet, oldest first.
    private var unfound: [(request: [UInt8], written: Instant)] = []

    init(_ world: World, random: RandomSource) {
        self.world = world
        self.random = random
        isCutting = self.random.chance(0.5)
        noisiness = self.random.chance(0.5) ? 0.1 : 0
    }

    func write(_ bytes: [UInt8]) {
        guard world.isOpen else { return }
        outgoing += bytes
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        world.timeline.schedule(at: max(world.timeline.now, quietFrom)) { [weak self, opening] in
            guard let self, self.opening == opening else { return }
            flush()
        }
    }

    func close() {
        opening += 1
        outgoing = []
        isFlushScheduled = false
        unfound = []
        quietFrom = world.timeline.now
    }

    private func flush() {
        isFlushScheduled = false
        var burst = random.chance(noisiness) ? noise() + outgoing : outgoing
        // One noise of 65,536 makes a frame of what comes behind it, and that looks like a request.
        if burst.count > outgoing.count, RTUFrame(burst) != nil { burst[0] ^= 0x01 }
        outgoing = []
        expect(burst)
        let cut = isCutting ? Int.random(in: 0...burst.count, using: &random) : burst.count
        let isCut = 0 < cut && cut < burst.count
        quietFrom = world.timeline.now + (isCut ? Self.pause : .zero) + Self.silence
        let rest = Array(burst.dropFirst(cut))
        deliver?(Array(burst.prefix(isCut ? cut : burst.count)))
        guard isCut else { return }
        world.timeline.schedule(at: world.timeline.now + Self.pause) { [weak self, opening] in
            guard let self, self.opening == opening else { return }
            deliver?(rest)
        }
    }

    private func noise() -> [UInt8] {
        (0..<Int.random(in: 1...12, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// Directly behind noise a write is not executed, and a function of unknown layout counts only at the end of a burst: it
    /// reaches to the next silence.
    private func expect(_ burst: [UInt8]) {
        let parts = GluedRequests.parts(of: burst)
        var isConfirmed = true
        for (index, part) in parts.enumerated() {
            guard case .request(let request) = part else {
                isConfirmed = false
                continue
            }
            let function = FunctionCode(rawValue: request[1])
            let isLost = function == StampingUnit.opaqueFunction && index + 1 < parts.count
            guard !isLost, isConfirmed || function.isRead else {
                isConfirmed = isConfirmed && !isLost
                continue
            }
            unfound.append((request, world.timeline.now))
            isConfirmed = true
        }
    }

    /// The broker has found a request.
    func found(_ frame: RTUFrame) {
        let next = unfound.isEmpty ? nil : unfound.removeFirst().request
        world.verdict.check(
            "R6", next == frame.bytes,
            "found \(frame.summary), where \(next?.hexadecimal ?? "nothing") was written")
    }

    /// None may be overlooked.
    func checkFound() {
        guard let oldest = unfound.first else { return }
        world.verdict.check(
            "R6", world.timeline.now - oldest.written < Self.patience, "not found: \(oldest.request.hexadecimal)")
    }
}
