package import Broker
package import Growatt

/// A profile at work on one unit: a function of dataset, profile, seed and simulated time.
package final class ProfileMovement {
    private let profile: Profile
    private let clock: SimulatedClock
    private var plant: Plant?
    private var map: [(quantity: PlantQuantity, place: RegisterPlace)] = []
    private var generators: [RunningGenerator] = []
    /// What the counters of the plant had at the start.
    private let stored: Dataset.Unit
    private var energiesAtStart = PlantEnergies()
    /// The plant at ``elapsed``.
    private var powers = PlantPowers()
    private var energies = PlantEnergies()
    private var elapsed = 0.0
    /// What moves a register.
    private var movers: [RegisterTable: [UInt16: Mover]] = [:]

    /// An entry of ``generators`` or ``map``, and which of its words this register is.
    private enum Mover {
        case generator(Int, word: Int)
        case quantity(Int, word: Int)
    }

    /// - Parameters:
    ///   - family: whose registers the plant moves.
    ///   - seed: of what is random; give each unit another.
    package init(_ profile: Profile, unit: Dataset.Unit, family: RegisterFamily?, clock: SimulatedClock, seed: UInt64) {
        self.profile = profile
        self.clock = clock
        stored = unit
        var random = RandomSource(seed: seed)
        let weather = random.split()
        generators = profile.drives.map { RunningGenerator($0, seed: random.next()) }
        if let settings = profile.plant { start(settings, weather, family) }
        for (index, entry) in map.enumerated() { claim(entry.place) { .quantity(index, word: $0) } }
        for (index, generator) in generators.enumerated() {
            claim(generator.drive.place) { .generator(index, word: $0) }
        }
    }

    private func start(_ settings: PlantSettings, _ weather: RandomSource, _ family: RegisterFamily?) {
        var plant = Plant(settings, random: weather)
        plant.advance(to: clock.start)
        (powers, energies) = (plant.powers(at: clock.start), plant.energies(at: clock.start))
        energiesAtStart = energies
        self.plant = plant
        let mirrors = (family?.mirrors ?? []).filter { _, place in
            place.addresses.allSatisfy { stored[place.table][UInt16($0)] != nil }
        }
        map = ((family?.map ?? []) + mirrors).compactMap { name, place in
            PlantQuantity.named(name).map { ($0, place) }
        }
    }

    private func claim(_ place: RegisterPlace, _ mover: (Int) -> Mover) {
        for (word, address) in place.addresses.enumerated() {
            movers[place.table, default: [:]][UInt16(address)] = mover(word)
        }
    }

    /// Goes on to this instant; what is before the last one changes nothing.
    package func advance(to now: Instant) {
        let next = max(elapsed, clock.elapsed(at: now))
        guard next != elapsed else { return }
        elapsed = next
        guard plant != nil else { return }
        plant?.advance(to: clock.start + next)
        powers = plant?.powers(at: clock.start + next) ?? powers
        energies = plant?.energies(at: clock.start + next) ?? energies
    }

    /// Whether the unit hears and says nothing: it sleeps.
    package var isSilent: Bool {
        let second = (clock.start + elapsed).truncatingRemainder(dividingBy: 86400)
        let panels = profile.plant?.pv ?? PlantSettings.Panels()
        return profile.silences.contains { $0.contains(second, in: panels) }
    }

    /// What a register shows instead of what is stored (nil: nothing is); nil: this one does not move.
    package func value(_ table: RegisterTable, _ address: UInt16, stored: UInt16?) -> UInt16? {
        switch movers[table]?[address] {
        case .quantity(let index, let word):
            let (quantity, place) = map[index]
            return value(of: quantity, at: place).map { place.encoding.words($0)[word] }
        case .generator(let index, let word):
            let place = generators[index].drive.place
            let value = generators[index].value(
                elapsed: elapsed, start: clock.start, stored: start(of: place), quantity: quantity)
            return place.encoding.words(value)[word]
        case nil: break
        }
        for count in profile.counts {
            if let value = count.value(table, address, stored: stored, elapsed: elapsed) { return value }
        }
        return nil
    }

    /// The number that a quantity of the plant has now; nil: there is no plant, or none of this name.
    package func quantity(_ name: String) -> Double? {
        PlantQuantity.named(name).flatMap { value(of: $0, at: nil) }
    }

    /// The registers that a plant moves, with the quantity's name.
    package var places: [(quantity: String, place: RegisterPlace)] { map.map { ($0.quantity.name, $0.place) } }

    /// - Parameter place: where a total was counted before; nil: from 0.
    private func value(of quantity: PlantQuantity, at place: RegisterPlace?) -> Double? {
        guard let plant, let settings = profile.plant else { return nil }
        switch quantity.source {
        case .momentary(let value): return value(powers, settings)
        case .today(let value): return value(energies) - value(plant.midnight)
        case .total(let value): return (place.map(start) ?? 0) + value(energies) - value(energiesAtStart)
        }
    }

    /// What the dataset has there.
    private func start(of place: RegisterPlace) -> Double {
        place.encoding.value(place.addresses.map { stored[place.table][UInt16($0)] ?? 0 })
    }
}
