internal import Growatt
internal import Settings
internal import Text

extension RegisterDrive {
    private static let generators = [
        "constant", "steps", "ramp", "sine", "noise", "random-walk", "counter", "csv", "quantity",
    ]

    /// Reads one entry of `registers`: where it stands, and one generator.
    ///
    /// - Throws: `YAMLError`, also where a value does not fit the register's type.
    init(_ reader: YAMLReader) throws(YAMLError) {
        let fields = try reader.fields(["register", "type", "scale"] + Self.generators)
        guard let register = fields["register"] else { throw reader.error("expected the key register") }
        let type = try fields["type"]?.value("u16, s16, u32 or s32") { IntegerType(rawValue: $0) } ?? .u16
        let scale = try fields["scale"]?.number(1e-6...1e6) ?? 1
        let (table, addresses) = try register.registers()
        guard addresses.count == 1, addresses.lowerBound + type.registers <= 65536 else {
            throw register.error("expected one address, with \(type.rawValue) up to \(65536 - type.registers)")
        }
        place = RegisterPlace(table, UInt16(addresses.lowerBound), RegisterEncoding(type, scale: scale))
        let named = Self.generators.compactMap { name in fields[name].map { (name, $0) } }
        guard let (name, value) = named.first, named.count == 1 else {
            let all = Self.generators.joined(separator: ", ")
            throw reader.error(
                "expected one of \(all), not \(named.isEmpty ? "none" : named.map(\.0).joined(separator: " and "))")
        }
        generator = try Generator(name, value, fitting: place.encoding.range)
    }
}

extension Generator {
    /// - Parameter range: what the register can hold.
    fileprivate init(_ name: String, _ reader: YAMLReader, fitting range: ClosedRange<Double>) throws(YAMLError) {
        let read = GeneratorReader(reader: reader, range: range)
        switch name {
        case "constant": self = .constant(try reader.number(range))
        case "steps": self = try read.steps()
        case "ramp": self = try read.ramp()
        case "sine": self = try read.sine()
        case "noise": self = try read.noise()
        case "random-walk": self = try read.randomWalk()
        case "counter": self = try read.counter()
        case "csv": self = try read.series()
        default: self = .quantity(try Self.quantity(reader))
        }
    }

    private static func quantity(_ reader: YAMLReader) throws(YAMLError) -> String {
        let name = try reader.text()
        guard PlantQuantity.named(name) == nil else { return name }
        let meant = SpellingGuess.of(name, among: PlantQuantity.all.map(\.name)).map { "; did you mean \($0)?" } ?? ""
        throw reader.error("no quantity \(name.debugDescription)\(meant)")
    }
}

private struct GeneratorReader {
    let reader: YAMLReader
    let range: ClosedRange<Double>

    func steps() throws(YAMLError) -> Generator {
        let fields = try reader.fields(["values", "every"])
        let list = try required("values", fields)
        var values: [Double] = []
        for element in try list.elements() { values.append(try element.number(range)) }
        guard !values.isEmpty else { throw list.error("expected at least one value") }
        return .steps(values, every: try time("every", fields))
    }

    func ramp() throws(YAMLError) -> Generator {
        let fields = try reader.fields(["from", "to", "over", "then"])
        let repeats = try fields["then"]?.repeats() ?? false
        return .ramp(
            from: try required("from", fields).number(range), to: try required("to", fields).number(range),
            over: try time("over", fields), repeats: repeats)
    }

    func sine() throws(YAMLError) -> Generator {
        let fields = try reader.fields(["mean", "amplitude", "period", "phase"])
        let (mean, amplitude) = try meanAndAmplitude(fields)
        let phase = try fields["phase"]?.duration(.zero ... .seconds(86400), "0 to 24 h").seconds
        return .sine(mean: mean, amplitude: amplitude, period: try time("period", fields), phase: phase ?? 0)
    }

    func noise() throws(YAMLError) -> Generator {
        let fields = try reader.fields(["mean", "amplitude", "every"])
        let (mean, amplitude) = try meanAndAmplitude(fields)
        let every = fields["every"] == nil ? 1 : try time("every", fields)
        return .noise(mean: mean, amplitude: amplitude, every: every)
    }

    func randomWalk() throws(YAMLError) -> Generator {
        let fields = try reader.fields(["start", "step", "every", "minimum", "maximum"])
        let low = try fields["minimum"]?.number(range) ?? range.lowerBound
        let high = try fields["maximum"]?.number(range) ?? range.upperBound
        guard low <= high else { throw reader.error("minimum \(low) is above maximum \(high)") }
        return .randomWalk(
            start: try required("start", fields).number(low...high),
            step: try required("step", fields).number(0...range.upperBound), every: try time("every", fields),
            bounds: low...high)
    }

    func counter() throws(YAMLError) -> Generator {
        let fields = try reader.fields(["start", "per-hour", "reset"])
        let reset = try fields["reset"]?.value("midnight or never") { ["midnight": true, "never": false][$0] }
        return .counter(
            start: try fields["start"]?.number(range),
            perHour: try required("per-hour", fields).number(0...range.upperBound), daily: reset ?? false)
    }

    func series() throws(YAMLError) -> Generator {
        let fields = try reader.fields(["file", "column", "then"])
        let (file, column) = (try required("file", fields), try required("column", fields).text())
        let repeats = try fields["then"]?.repeats() ?? false
        let name = try file.text()
        let folder = reader.file.lastIndex(of: "/").map { String(reader.file[...$0]) } ?? ""
        let text: String
        do throws(FileError) {
            text = String(
                decoding: try WholeFile.read(name.hasPrefix("/") ? name : folder + name, atMost: 64 << 20),
                as: UTF8.self)
        } catch {
            throw file.error("\(error)")
        }
        let series: CSVSeries
        do throws(CSVError) {
            series = try CSVSeries(text, column: column, repeats: repeats)
        } catch {
            throw file.error("\(name): \(error)")
        }
        if let value = series.values.first(where: { !range.contains($0) }) {
            throw file.error("\(name): \(value) does not fit the register, which holds \(range.text)")
        }
        return .series(series)
    }

    private func meanAndAmplitude(_ fields: [String: YAMLReader]) throws(YAMLError) -> (Double, Double) {
        let mean = try required("mean", fields).number(range)
        let amplitude = try required("amplitude", fields).number(0...range.upperBound)
        guard range.contains(mean - amplitude), range.contains(mean + amplitude) else {
            throw reader.error("mean ± amplitude does not fit the register, which holds \(range.text)")
        }
        return (mean, amplitude)
    }

    private func time(_ key: String, _ fields: [String: YAMLReader]) throws(YAMLError) -> Double {
        try required(key, fields).duration(.seconds(1) ... .seconds(31_536_000), "1 s to 8760 h").seconds
    }

    private func required(_ key: String, _ fields: [String: YAMLReader]) throws(YAMLError) -> YAMLReader {
        guard let field = fields[key] else { throw reader.error("expected the key \(key)") }
        return field
    }
}

extension ClosedRange<Double> {
    fileprivate var text: String { "\(lowerBound) to \(upperBound)" }
}

extension Duration {
    fileprivate var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}

extension YAMLReader {
    fileprivate func repeats() throws(YAMLError) -> Bool {
        try value("repeat or hold") { ["repeat": true, "hold": false][$0] }
    }
}
