internal import Broker
internal import Modbus
internal import Simulator

/// What a reload says of one line.
struct ReloadedLine {
    var routes: LineRoutes
    var place: WorldPlace
    /// Whether what is at the place is replaced, too.
    var isAnew = false
}

/// Reloads of a world while queries, debts and writes are under way: lines that go, come, change places or get another bus at
/// the same place, units with other numbers, and other rights.
final class Reloads {
    private enum Change: CaseIterable {
        case remove, bringBack, replace, swapPlaces, swapNumbers, changeNumbers, changeRules, toggleRights,
            toggleBroadcast
    }

    private unowned let world: World
    private var random: RandomSource
    private var lines: [ReloadedLine?]
    /// What is said of lines that are not there.
    private var removed: [ReloadedLine?]
    private var allowsBroadcast: Bool

    init(of world: World, random: RandomSource) {
        self.world = world
        self.random = random
        lines = zip(world.routes, world.places).map { routes, place in
            routes.map { ReloadedLine(routes: $0, place: place) }
        }
        removed = lines.map { _ in nil }
        allowsBroadcast = world.allowsBroadcast
        schedule()
    }

    private func schedule() {
        // Now and then before the one before has come to its end.
        let pause = random.chance(0.2) ? Duration.milliseconds(1) ... .milliseconds(50) : .seconds(1) ... .seconds(15)
        world.timeline.schedule(at: world.timeline.now + random.duration(pause)) { [weak self] in
            guard let self, world.isOpen else { return }
            reload()
            schedule()
        }
    }

    private func reload() {
        for _ in 0..<(random.chance(0.3) ? 3 : 1) {
            change(Change.allCases.randomElement(using: &random) ?? .replace)
        }
        world.reload(lines, allowsBroadcast: allowsBroadcast)
        for index in lines.indices { lines[index]?.isAnew = false }
    }

    /// A change that cannot be made now is left out.
    private func change(_ change: Change) {
        let present = lines.indices.filter { lines[$0] != nil }
        guard let index = present.randomElement(using: &random) else { return bringBack() }
        world.verdict.note("reload: \(change) line\(index)")
        let other = present.filter { $0 != index }.randomElement(using: &random)
        switch change {
        case .remove:
            removed[index] = lines[index]
            lines[index] = nil
        case .bringBack: bringBack()
        case .replace: lines[index]?.isAnew = true
        case .swapPlaces: swapPlaces(index, other)
        case .swapNumbers: swapNumbers(index, other)
        case .changeNumbers:
            guard lines[index]?.routes.firstNumber != nil else { return }
            lines[index]?.routes.hasNumberForZero = random.chance(0.5)
            lines[index]?.routes.units = Int.random(in: 1...3, using: &random)
        case .changeRules: lines[index]?.routes.reads = random.chance(0.5) ? ReadRules() : drawRules()
        case .toggleRights: toggleRights()
        case .toggleBroadcast: allowsBroadcast.toggle()
        }
    }

    private func bringBack() {
        guard let index = removed.indices.filter({ removed[$0] != nil }).randomElement(using: &random) else { return }
        lines[index] = removed[index]
        removed[index] = nil
    }

    private func swapPlaces(_ index: Int, _ other: Int?) {
        guard let other, let (first, second) = both(index, other) else { return }
        lines[index]?.place = second.place
        lines[other]?.place = first.place
    }

    private func swapNumbers(_ index: Int, _ other: Int?) {
        guard let other, let (first, second) = both(index, other) else { return }
        lines[index]?.routes.firstNumber = second.routes.firstNumber
        lines[other]?.routes.firstNumber = first.routes.firstNumber
    }

    private func both(_ index: Int, _ other: Int) -> (ReloadedLine, ReloadedLine)? {
        guard let first = lines[index], let second = lines[other] else { return nil }
        return (first, second)
    }

    private func toggleRights() {
        guard let door = world.listeners.randomElement(using: &random) else { return }
        if random.chance(0.5) {
            door.entrance.isReadOnly.toggle()
        } else {
            door.entrance.reads = random.chance(0.5) ? ReadRules() : drawRules()
        }
    }

    private func drawRules() -> ReadRules {
        var rules = ReadRules()
        let first = UInt16.random(in: 0..<450, using: &random)
        let function = [FunctionCode.readHoldingRegisters, .readInputRegisters, .readMeter].randomElement(
            using: &random)
        rules.refused = [.init(function ?? .readHoldingRegisters, first...(first + 99))]
        return rules
    }
}
