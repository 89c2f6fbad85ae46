internal import Broker
internal import Recording
package import Settings
internal import Text

/// The faults of a file or a command line.
package struct FaultRules: Hashable, Sendable {
    package var rules: [FaultRule]
    /// What errors call rules that are no file.
    package static let flag = "--faults"

    /// Of the file; nil: it names none.
    package var seed: UInt64?

    /// Reads `--faults`: a YAML file if it ends in `.yaml` or `.yml`, otherwise rules separated by semicolons, each a fault,
    /// perhaps a probability, and words and values: `loss 5%; late 2% by 1ms-400ms unit 1`.
    ///
    /// - Parameter name: what errors call rules that are no file.
    /// - Throws: `YAMLError`.
    package init(_ text: String, name: String = flag) throws(YAMLError) {
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
    private static let keys = [
        "fault", "probability", "by", "for", "code", "unit", "function", "registers", "client", "from", "until",
    ]

    fileprivate init(_ reader: YAMLReader) throws(YAMLError) {
        let fields = try reader.fields(Self.keys)
        guard let name = fields["fault"] else { throw reader.error("expected the key fault") }
        self.init(try Self.kind(name, fields))
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

    private static func kind(_ name: YAMLReader, _ fields: [String: YAMLReader]) throws(YAMLError) -> Kind {
        let text = try name.text()
        guard let make = kinds.first(where: { $0.name == text }) else {
            let names = kinds.map(\.name)
            let meant = SpellingGuess.of(text, among: names).map { "did you mean \($0)? " } ?? ""
            let isPath = text.contains("/") || text.contains(".")
            let file = isPath ? "; the name of a file of rules ends in .yaml or .yml" : ""
            throw name.error("unknown fault \(text); \(meant)expected \(names.joined(separator: ", "))\(file)")
        }
        for key in ["by", "for", "code"] where key != make.key {
            if let reader = fields[key] { throw reader.error("\(text) has no \(key)") }
        }
        guard let key = make.key, let value = fields[key] else {
            if let key = make.key, make.isNeeded { throw name.error("\(text) needs the key \(key)") }
            return make.kind(nil, nil)
        }
        if key == "code" {
            let code = try value.value("an exception code 1 to 255") { UInt8($0).flatMap { $0 == 0 ? nil : $0 } }
            return make.kind(code, nil)
        }
        let allowed = make.isSingle ? "a time such as 20ms" : "a time such as 20ms, or a range 20ms-80ms"
        let durations = try value.value("\(allowed), up to 24 h") { text -> ClosedRange<Duration>? in
            let durations = ClosedRange<Duration>(durations: text)
            return make.isSingle && text.contains("-") ? nil : durations
        }
        return make.kind(nil, durations)
    }

    /// What each fault is called, the key that says more about it, whether it must be there, whether a range means nothing
    /// there, and what it is without.
    private static let kinds:
        [(
            name: String, key: String?, isNeeded: Bool, isSingle: Bool,
            kind: @Sendable (UInt8?, ClosedRange<Duration>?) -> Kind
        )] = [
            ("delay", "by", true, false, { .delay($1 ?? .zero ... .zero) }),
            ("tail", "by", true, true, { .tail(mean: $1?.upperBound ?? .zero) }),
            ("loss", nil, false, false, { _, _ in .loss }),
            ("late", "by", false, false, { .late($1 ?? .milliseconds(1) ... .milliseconds(400)) }),
            ("exception", "code", false, false, { code, _ in .exception(code ?? 4) }),
            ("duplicate", nil, false, false, { _, _ in .duplicate }),
            ("truncated", nil, false, false, { _, _ in .truncated }),
            ("crc", nil, false, false, { _, _ in .crc }),
            ("noise-before", nil, false, false, { _, _ in .noiseBefore }),
            ("noise-after", nil, false, false, { _, _ in .noiseAfter }),
            ("split", "by", false, false, { .split(gap: $1 ?? .milliseconds(1) ... .milliseconds(80)) }),
            ("wrong-unit", nil, false, false, { _, _ in .wrongUnit }),
            ("wrong-function", nil, false, false, { _, _ in .wrongFunction }),
            ("wrong-count", nil, false, false, { _, _ in .wrongCount }),
            ("asleep", "for", true, true, { .asleep($1?.upperBound ?? .zero) }),
            ("unplugged", "for", true, true, { .unplugged($1?.upperBound ?? .zero) }),
        ]
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

extension ClosedRange<Duration> {
    /// `20ms` or `20ms-80ms`; up to a day.
    fileprivate init?(durations text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let low = Duration(text: String(parts[0])),
            let high = Duration(text: String(parts[parts.count - 1])), low <= high, high <= .seconds(86_400)
        else { return nil }
        self = low...high
    }
}
