package import Growatt
package import Modbus

extension DatasetUnit {
    /// The units of a dataset, in the order of their numbers, each moved by the profile with a seed of its own.
    ///
    /// - Parameters:
    ///   - file: what errors call the dataset.
    ///   - profile: nil: only writes change the registers.
    /// - Throws: `DatasetError` if the profile has a plant and it is not known which registers of a unit show it.
    package static func units(
        of dataset: Dataset, file: String, settings: Settings = Settings(), profile: Profile? = nil,
        clock: SimulatedClock, seed: UInt64
    ) throws(DatasetError) -> [(UnitIdentifier, DatasetUnit)] {
        var random = RandomSource(seed: seed)
        var units: [(UnitIdentifier, DatasetUnit)] = []
        for (name, registers) in dataset.units.sorted(by: { $0.key < $1.key }) {
            let seed = random.next()
            guard let profile else {
                units.append((name, DatasetUnit(registers, settings: settings)))
                continue
            }
            let family = try family(of: name, registers, in: dataset, file: file, for: profile)
            let movement = ProfileMovement(profile, unit: registers, family: family, clock: clock, seed: seed)
            units.append((name, DatasetUnit(registers, settings: settings, movement: movement)))
        }
        return units
    }

    /// Tells whether a profile can move the units of a dataset.
    ///
    /// - Throws: `DatasetError` as ``units(of:file:settings:profile:clock:seed:)``.
    package static func check(_ dataset: Dataset, file: String, profile: Profile?) throws(DatasetError) {
        guard let profile else { return }
        for (name, registers) in dataset.units.sorted(by: { $0.key < $1.key }) {
            _ = try family(of: name, registers, in: dataset, file: file, for: profile)
        }
    }

    private static func family(
        of name: UnitIdentifier, _ registers: Dataset.Unit, in dataset: Dataset, file: String, for profile: Profile
    ) throws(DatasetError) -> RegisterFamily? {
        let note = dataset.note("_family", of: name)
        let family = RegisterFamily(registers, note: note)
        guard family != nil || profile.plant == nil else { throw unknownFamily(of: name, note, file) }
        return family
    }

    private static func unknownFamily(of unit: UnitIdentifier, _ note: String?, _ file: String) -> DatasetError {
        let families = RegisterFamily.allCases.map(\.rawValue).joined(separator: ", ")
        let found = note.map { "\($0.debugDescription) is none" } ?? "it is missing, and the registers do not tell"
        return DatasetError(
            file: file, key: "_family",
            reason: "unit \(unit): the profile moves the registers of a family, one of \(families); \(found)")
    }

    /// The shipped MIN 6000TL-XH at noon, for the load scenario.
    package static func demo() -> DatasetUnit {
        guard let unit = demoDataset.units[1] else { preconditionFailure("the shipped dataset has no unit 1") }
        return DatasetUnit(unit)
    }

    /// The same, moved by a profile, for the demo.
    ///
    /// - Throws: `DatasetError` as ``units(of:file:settings:profile:clock:seed:)``.
    package static func demo(
        _ profile: Profile, clock: SimulatedClock, seed: UInt64
    ) throws(DatasetError) -> DatasetUnit {
        let units = try units(of: demoDataset, file: demoName, profile: profile, clock: clock, seed: seed)
        guard let unit = units.first?.1 else { preconditionFailure("the shipped dataset has no unit 1") }
        return unit
    }

    private static let demoName = "min-6000tl-xh"

    private static var demoDataset: Dataset {
        guard let dataset = try? Dataset(named: demoName) else {
            preconditionFailure("the shipped dataset cannot be read")
        }
        return dataset
    }
}
