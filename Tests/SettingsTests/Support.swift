import Settings
import Testing

/// Reads settings with an inverter and the texts given.
func settings(_ texts: [SettingKey: String]) throws(SettingsError) -> GatewaySettings {
    var all = texts.mapValues { [$0] }
    if all[.inverter] == nil { all[.inverter] = ["/dev/ttyUSB0"] }
    return try GatewaySettings(all)
}

/// That one text is refused, in one line that names flag, value and a word of what is allowed.
func expectRefusal(
    _ key: SettingKey, _ text: String, naming allowed: String, sourceLocation: SourceLocation = #_sourceLocation
) {
    do throws(SettingsError) {
        let settings = try settings([key: text])
        Issue.record("\(key.flag) \(text) was taken: \(settings)", sourceLocation: sourceLocation)
    } catch {
        let line = error.description
        #expect(line.contains("\(key.flag) \(text.debugDescription): "), sourceLocation: sourceLocation)
        #expect(line.contains(allowed), sourceLocation: sourceLocation)
        #expect(!line.contains("\n"), sourceLocation: sourceLocation)
    }
}
