internal import Endpoints
internal import Modbus
internal import SerialLine
internal import Settings
internal import Text

extension ProbeTool.Settings {
    /// Growatt's RS-485 first, then the speed of its USB/UART port.
    static let usualBauds = "9600,115200,19200,38400,57600,4800,2400"
    static let usualFormats = "8N1,8E1,8O1,8N2"

    /// Reads the texts of the command line; nil: not given.
    ///
    /// - Throws: ``ToolError/usage(_:)``, naming the flag, the value and what is allowed.
    package init(
        endpoint: String, units: String?, bauds: String?, formats: String?, listening: String?,
        responseTimeout: String?, pause: String?, isJSON: Bool
    ) throws(ToolError) {
        let place: Endpoint
        do throws(EndpointError) {
            place = try Endpoint(endpoint)
        } catch {
            throw .usage(error.description)
        }
        let speeds = try Self.list("--bauds", bauds ?? Self.usualBauds, allowed: "speeds such as 9600,115200") { text in
            Int(digits: text).flatMap { try? BaudRate($0) }
        }
        let shapes = try Self.list("--formats", formats ?? Self.usualFormats, allowed: "formats such as 8N1,8E1") {
            text in (try? CharacterFormat(text)).flatMap { $0.dataBits == .eight ? $0 : nil }
        }
        self.init(place, LineSetting.all(bauds: speeds, formats: shapes))
        self.units = try Self.units(units) ?? self.units
        timing.listening =
            try ConnectionSettings.duration("--listen", listening, in: .zero ... .seconds(60)) ?? timing.listening
        timing.responseTimeout =
            try ConnectionSettings.duration("--rtimeout", responseTimeout, in: .milliseconds(10) ... .seconds(60))
            ?? timing.responseTimeout
        timing.pause =
            try ConnectionSettings.duration("--min-period", pause, in: .zero ... .seconds(60)) ?? timing.pause
        self.isJSON = isJSON
    }

    private static func list<Value>(
        _ flag: String, _ text: String, allowed: String, _ read: (String) -> Value?
    ) throws(ToolError) -> [Value] {
        let list = try ConnectionSettings.value(flag, text, allowed: allowed) { text in
            let values = text.split(separator: ",", omittingEmptySubsequences: false).map { read(String($0)) }
            return values.contains { $0 == nil } ? nil : values.compactMap(\.self)
        }
        return list ?? []
    }

    private static func units(_ text: String?) throws(ToolError) -> [UnitIdentifier]? {
        try ConnectionSettings.value("--units", text, allowed: "units from 1 to 247, such as 1-3,10") { text in
            guard let ranges = AddressRanges.list(text),
                ranges.allSatisfy({ (1...247).contains($0.lowerBound) && $0.upperBound <= 247 })
            else { return nil }
            var units: [UnitIdentifier] = []
            for number in ranges.joined() {
                let unit = UnitIdentifier(rawValue: UInt8(number))
                if !units.contains(unit) { units.append(unit) }
            }
            return units
        }
    }
}
