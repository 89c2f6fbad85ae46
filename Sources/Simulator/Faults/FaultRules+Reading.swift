internal import Broker
package import Settings
internal import Text

/// The faults of a file or a command line.
package struct FaultRules: Hashable, Sendable {
    package var rules: [FaultRule]
    /// Of the file; nil: it names none.
    package var seed: UInt64?

    /// Reads `--faults`: a YAML file if it ends in `.yaml` or `.yml`, otherwise rules separated by semicolons, each a fault,
    /// perhaps a probability, and words and values: `loss 5%; late 2% by 1ms-400ms unit 1`.
    ///
    /// - Parameter name: what errors call rules that are no file.
    /// - Throws: `YAMLError`.
    package init(_ text: String, name: String) throws(YAMLError) {
        if text.hasSuffix(".yaml") || text.hasSuffix(".yml") {
            let bytes: [UInt8]
            do throws(FileError) {
                bytes = try WholeFile.read(text, atMost: YAMLParser.largestFile)
            } catch {
                throw YAMLError(file: text, place: nil, reason: error.reason)
            }
            try self.init(YAMLReader(try YAMLParser.node(of: bytes, file: text), file: text))
        } else {
            let rules = try FaultWords.node(of: text, name: name)
            try self.init(rules: YAMLReader(rules, file: name))
        }
    }

    private init(_ root: YAMLReader) throws(YAMLError) {
        let fields = try root.fields(["seed", "faults"])
        guard let faults = fields["faults"] else { throw root.error("expected the key faults: a list of faults") }
        try self.init(rules: faults)
        seed = try fields["seed"]?.value("a number from 0 to \(UInt64.max)") { UInt64($0) }
    }

    private init(rules reader: YAMLReader) throws(YAMLError) {
        rules = []
        for element in try reader.elements() { rules.append(try FaultRule(element)) }
        guard !rules.isEmpty else { throw reader.error("expected at least one fault") }
    }
}

extension FaultRule {
    private static let longest: ClosedRange<Duration> = .zero ... .seconds(86_400)
    /// The keys of every rule: before those of the kinds, and behind them.
    static let ownKeys = (
        first: ["fault", "probability"], last: ["unit", "function", "registers", "client", "from", "until"]
    )
    private static let keys = ownKeys.first + FaultKinds.keys + ownKeys.last

    fileprivate init(_ reader: YAMLReader) throws(YAMLError) {
        let fields = try reader.fields(Self.keys)
        guard let name = fields["fault"] else { throw reader.error("expected the key fault") }
        self.init(try Self.kind(name).init(of: name, fields))
        probability = try fields["probability"]?.value("a probability such as 5% or 0.05", Self.probability) ?? 1
        units = try fields["unit"]?.value("a unit 0 to 255, or a range 1-3") { ClosedRange<UInt8>(numbers: $0) }
        functions = try fields["function"]?.value("a function code 1 to 255, or a range") {
            ClosedRange<UInt8>(numbers: $0)
        }
        registers = try fields["registers"]?.value("an address 0 to 65535, or a range 0-124") {
            ClosedRange<UInt16>(numbers: $0)
        }
        client = try fields["client"]?.text()
        from = try fields["from"]?.duration(Self.longest, "a time from the start, 0 to 24 h") ?? .zero
        until = try fields["until"]?.duration(Self.longest, "a time from the start, 0 to 24 h")
        if let until, until <= from, let reader = fields["until"] {
            throw reader.error("expected a time after from, which is \(from.secondsText) s")
        }
    }

    private static func probability(_ text: String) -> Double? {
        let isPercent = text.hasSuffix("%")
        let digits = isPercent ? text.dropLast() : text[...]
        guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let number = Double(digits) else {
            return nil
        }
        let probability = isPercent ? number / 100 : number
        return (0...1).contains(probability) ? probability : nil
    }

    private static func kind(_ name: YAMLReader) throws(YAMLError) -> any FaultKind.Type {
        let text = try name.text()
        if let kind = FaultKinds.all.first(where: { $0.word == text }) { return kind }
        let words = FaultKinds.all.map { $0.word }
        let meant = SpellingGuess.of(text, among: words).map { "did you mean \($0)? " } ?? ""
        let isPath = text.contains("/") || text.contains(".")
        let file = isPath ? "; the name of a file of rules ends in .yaml or .yml" : ""
        throw name.error("unknown fault \(text); \(meant)expected \(words.joined(separator: ", "))\(file)")
    }
}

extension FaultKind {
    /// Reads what a rule says about it.
    ///
    /// - Parameters:
    ///   - name: where the rule names it.
    ///   - fields: all that the rule says, by key.
    fileprivate init(of name: YAMLReader, _ fields: [String: YAMLReader]) throws(YAMLError) {
        for key in FaultKinds.keys where !Self.keys.contains(key) {
            if let reader = fields[key] { throw reader.error("\(Self.word) has no \(key)") }
        }
        self.init()
        for setting in Self.settings {
            if let value = fields[setting.key] {
                try setting.read(&self, value)
            } else if setting.isNeeded {
                throw name.error("\(Self.word) needs the key \(setting.key)")
            }
        }
    }
}

extension ClosedRange where Bound: FixedWidthInteger {
    /// `7` or `0-124`.
    fileprivate init?(numbers text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let low = Bound(parts[0]), let high = Bound(parts[parts.count - 1]),
            low <= high
        else { return nil }
        self = low...high
    }
}
