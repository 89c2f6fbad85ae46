import Settings
import Testing

extension GatewaySettings {
    /// What flags with these texts set.
    init(_ texts: [SettingKey: [String]], mode: SourceMode? = nil) throws(YAMLError) {
        self = try Configuration(.init(flags: texts, mode: mode)).settings
    }
}

/// Reads settings with an inverter and the texts given.
func settings(_ texts: [SettingKey: String]) throws(YAMLError) -> GatewaySettings {
    var all = texts.mapValues { [$0] }
    if all[.inverter] == nil { all[.inverter] = ["/dev/ttyUSB0"] }
    return try GatewaySettings(all)
}

/// That one text is refused, in one line that names flag, value and a word of what is allowed.
func expectRefusal(
    _ key: SettingKey, _ text: String, naming allowed: String, sourceLocation: SourceLocation = #_sourceLocation
) {
    do throws(YAMLError) {
        let settings = try settings([key: text])
        Issue.record("\(key.flag) \(text) was taken: \(settings)", sourceLocation: sourceLocation)
    } catch {
        let line = error.description
        #expect(line.contains("\(key.flag) \(text.debugDescription): "), sourceLocation: sourceLocation)
        #expect(line.contains(allowed), sourceLocation: sourceLocation)
        #expect(!line.contains("\n"), sourceLocation: sourceLocation)
    }
}

/// What a file sets, with flags and variables above it.
func configuration(
    _ yaml: String, _ flags: [SettingKey: String] = [:], _ variables: [String: String] = [:]
) throws(YAMLError) -> Configuration {
    try configuration(yaml, flags: flags.mapValues { [$0] }, variables)
}

func configuration(
    _ yaml: String, flags: [SettingKey: [String]], _ variables: [String: String] = [:]
) throws(YAMLError) -> Configuration {
    try Configuration(.init(flags: flags, environment: variables), file: "c.yaml", bytes: Array(yaml.utf8))
}
