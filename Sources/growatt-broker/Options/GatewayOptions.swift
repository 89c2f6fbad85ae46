internal import ArgumentParser
internal import Settings

/// The gateway's flags, by subject. All are texts, and nil where they are not given: values and defaults are up to `Settings`.
struct GatewayOptions: ParsableArguments {
    @Option(
        help: .init(
            "The configuration; flags and GROWATT_BROKER_… variables beat it (default: \(Configuration.defaultFile), "
                + "if the file exists and neither flags nor variables name a line).", valueName: "file"))
    var config: String?
    @OptionGroup(title: "The inverter's line and the dongle") var line: LineOptions
    @OptionGroup(title: "Listeners") var listeners: ListenerOptions
    @OptionGroup(title: "What clients may do") var clients: ClientOptions
    @OptionGroup(title: "Records and control") var records: RecordOptions

    /// The texts of the flags that are there.
    var texts: [SettingKey: [String]] {
        [line.texts, listeners.texts, clients.texts, records.texts].reduce(into: [:]) { all, some in
            all.merge(some) { $1 }
        }
    }
}
