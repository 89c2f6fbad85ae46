internal import Growatt
package import Settings
internal import Text

extension Profile {
    /// What `--mutate` stands for.
    package static let mutate = "counter"
    private static let keys = ["description", "plant", "registers", "count-up", "silent"]

    /// Reads several profiles in their order: each by the name of a shipped one, otherwise as a file. What a later one says
    /// replaces what an earlier one said of the same plant key, register or table.
    ///
    /// - Throws: `YAMLError`.
    package init(_ names: [String]) throws(YAMLError) {
        self.init()
        for name in names {
            if let resource = Resource.profile(name) {
                try add(yaml: resource.bytes, file: name)
            } else {
                try add(yaml: try Self.contents(name), file: name)
            }
        }
    }

    private static func contents(_ path: String) throws(YAMLError) -> [UInt8] {
        do throws(FileError) {
            return try WholeFile.read(path, atMost: YAMLParser.largestFile)
        } catch {
            let shipped = Resource.profiles.joined(separator: ", ")
            throw YAMLError(file: path, place: nil, reason: "\(error.reason); shipped profiles: \(shipped)")
        }
    }

    /// Adds the text of a profile file.
    ///
    /// - Parameter file: what errors call it, and where CSV files are looked for.
    /// - Throws: `YAMLError` for an unknown key, a value that is not allowed, and what contradicts itself.
    package mutating func add(yaml bytes: [UInt8], file: String) throws(YAMLError) {
        let root = YAMLReader(try YAMLParser.node(of: bytes, file: file), file: file)
        let fields = try root.fields(Self.keys)
        _ = try fields["description"]?.text()
        if let reader = fields["plant"] {
            var settings = plant ?? PlantSettings()
            try settings.read(reader)
            plant = settings
        }
        if let reader = fields["registers"] { try addDrives(reader) }
        if let reader = fields["count-up"] { try addCounts(reader) }
        if let reader = fields["silent"] { silences = try reader.windows() }
        let needsPlant = drives.contains { if case .quantity = $0.generator { true } else { false } }
        if needsPlant, plant == nil { plant = PlantSettings() }
    }

    private mutating func addDrives(_ reader: YAMLReader) throws(YAMLError) {
        var own: [(drive: RegisterDrive, line: Int)] = []
        for element in try reader.elements() {
            let drive = try RegisterDrive(element)
            if let other = own.first(where: { $0.drive.overlaps(drive) }) {
                throw element.error("\(drive.place.text) is driven already, in line \(other.line)")
            }
            own.append((drive, element.node.place.line))
        }
        drives.removeAll { old in own.contains { $0.drive.overlaps(old) } }
        drives += own.map(\.drive)
    }

    private mutating func addCounts(_ reader: YAMLReader) throws(YAMLError) {
        var own: [CountUp] = []
        for element in try reader.elements() {
            let fields = try element.fields(["registers", "per-second"])
            guard let range = fields["registers"] else { throw element.error("expected the key registers") }
            let (table, addresses) = try range.registers()
            let rate = try fields["per-second"]?.number(0...1000)
            if own.contains(where: { $0.table == table && $0.addresses.overlaps(addresses) }) {
                throw range.error("some of these registers count already")
            }
            own.append(CountUp(table: table, addresses: addresses, perSecond: rate ?? 1))
        }
        counts = own
    }
}

extension RegisterDrive {
    func overlaps(_ other: RegisterDrive) -> Bool {
        place.table == other.place.table && place.addresses.overlaps(other.place.addresses)
    }
}

extension RegisterPlace {
    /// Such as `input 3000`.
    var text: String { "\(table.rawValue) \(address)" }
}

extension YAMLReader {
    /// A list of times of the day, or one alone.
    func windows() throws(YAMLError) -> [TimeWindow] {
        if case .scalar = node.content, !node.isEmpty { return [try window()] }
        var windows: [TimeWindow] = []
        for element in try elements() { windows.append(try element.window()) }
        return windows
    }

    func window() throws(YAMLError) -> TimeWindow {
        try value(TimeWindow.allowed) { TimeWindow($0) }
    }

    /// Reads `input 3000`, or `input 101-200`.
    func registers() throws(YAMLError) -> (RegisterTable, ClosedRange<Int>) {
        let allowed = "a table (holding, input, meter) and an address or a range, such as input 3000 or input 101-200"
        return try value(allowed) { text in
            let words = text.split(separator: " ")
            guard words.count == 2, let table = RegisterTable(rawValue: String(words[0])) else { return nil }
            let bounds = words[1].split(separator: "-", omittingEmptySubsequences: false).map { Self.address($0) }
            guard (1...2).contains(bounds.count), let low = bounds[0], let high = bounds[bounds.count - 1], low <= high
            else { return nil }
            return (table, low...high)
        }
    }

    private static func address(_ text: Substring) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), number <= 65535 else {
            return nil
        }
        return number
    }
}
