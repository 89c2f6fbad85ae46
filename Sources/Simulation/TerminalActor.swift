internal import Broker
internal import Modbus
internal import Simulator

/// Programs that open one pseudo-terminal in turn, ask what they want, and close it at will.
final class TerminalActor {
    /// What a program is like.
    private struct Habits {
        /// Before it gives up, and asks something else or the same again.
        var patience: ClosedRange<Duration>
        var reads = true
        /// Between the pieces of a request; nil: it writes whole ones.
        var pieces: ClosedRange<Duration>?
        /// From an answer to the next request.
        var pause: ClosedRange<Duration>
    }

    private let world: World
    private let door: Door
    private var random: RandomSource
    private let port: TerminalPort
    private var habits: Habits
    /// Counts programs and their requests: what belongs to an earlier one is not done any more.
    private var generation = 0
    private var last: RTUFrame?

    init(_ world: World, number: Int, at door: Door, random: RandomSource) {
        self.world = world
        self.door = door
        self.random = random
        let size = [64, 256, 4095].randomElement(using: &self.random) ?? 4095
        port = TerminalPort(world, number: number, at: door, size: size)
        habits = Habits(patience: .zero ... .zero, pause: .zero ... .zero)
        after(.milliseconds(1) ... .milliseconds(500)) { $0.open() }
    }

    func check() { port.check() }

    /// Unless something else is begun before.
    private func after(_ wait: ClosedRange<Duration>, _ action: @escaping (TerminalActor) -> Void) {
        let instant = world.timeline.now + random.duration(wait)
        world.timeline.schedule(at: instant) { [weak self, generation] in
            guard let self, self.generation == generation, world.isOpen else { return }
            action(self)
        }
    }

    private func open() {
        let isHurried = random.chance(0.4)
        habits = Habits(
            patience: isHurried ? .milliseconds(61) ... .milliseconds(400) : .milliseconds(900) ... .milliseconds(2500),
            reads: !random.chance(0.15), pieces: random.chance(0.4) ? .zero ... .milliseconds(10) : nil,
            pause:
                .zero...([Duration.milliseconds(5), .milliseconds(300), .seconds(2)].randomElement(using: &random)
                ?? .zero))
        last = nil
        port.open()
        // Some look first what is there: nothing must be.
        after(.zero ... .milliseconds(random.chance(0.5) ? 300 : 0)) { actor in
            _ = actor.port.read(300)
            actor.ask()
        }
    }

    private func close() {
        generation += 1
        let isNoticed = random.chance(0.9)
        port.close(behind: random.chance(0.3) ? drawLast() : nil, isNoticed: isNoticed)
        after(.milliseconds(1) ... .milliseconds(random.chance(0.5) ? 100 : 3000)) { $0.open() }
    }

    /// One whose end is known without a silence.
    private func drawLast() -> RTUFrame? {
        let frame = draw()
        return frame.pdu.function == StampingUnit.opaqueFunction ? nil : frame
    }

    private func draw() -> RTUFrame {
        let (unit, pdu) = world.requests.draw(&random, at: door.entrance)
        return RTUFrame(unit: unit, pdu: pdu)
    }

    private func ask() {
        generation += 1
        let frame = random.chance(0.15) ? last ?? draw() : draw()
        last = frame
        let bytes = frame.bytes
        guard let pieces = habits.pieces else { return write(bytes[...], of: frame, pieces: nil) }
        write(bytes[...], of: frame, pieces: pieces)
    }

    private func write(_ rest: ArraySlice<UInt8>, of frame: RTUFrame, pieces: ClosedRange<Duration>?) {
        let count = pieces == nil ? rest.count : Int.random(in: 1...rest.count, using: &random)
        let left = rest.dropFirst(count)
        port.write(Array(rest.prefix(count)), completing: left.isEmpty ? frame : nil)
        if let pieces, !left.isEmpty {
            after(pieces) { $0.write(left, of: frame, pieces: pieces) }
        } else {
            let patience = random.duration(habits.patience)
            listen(until: world.timeline.now + patience)
        }
    }

    private func listen(until end: Instant) {
        after(.milliseconds(1) ... .milliseconds(40)) { actor in
            let isReading = actor.habits.reads && actor.world.timeline.now < end
            let most = Int.random(in: 1...300, using: &actor.random)
            if isReading, actor.port.read(most) {
                actor.goOn(after: actor.habits.pause)
            } else if actor.world.timeline.now >= end {
                actor.goOn(after: .zero ... .zero)
            } else {
                actor.listen(until: end)
            }
        }
    }

    private func goOn(after pause: ClosedRange<Duration>) {
        after(pause) { $0.random.chance(0.06) ? $0.close() : $0.ask() }
    }
}
