internal import ArgumentParser
internal import Growatt
internal import Settings

private let shippedDatasets = Resource.datasets.joined(separator: ", ")
private let shippedProfiles = Resource.profiles.joined(separator: ", ")

/// What answers in place of a line, and for how long. All are texts, as ``GatewayOptions``.
struct SourceOptions: ParsableArguments {
    @Option(
        help: .init(
            "live: the inverter itself; dataset: simulated units; replay: a recording "
                + "(default: as the configuration says, else live).", valueName: "mode"))
    var mode: SourceMode?
    @Option(
        help: .init(
            "The registers of the simulated units: a file, a register scan of Growatt_ModbusTCP (.csv), or a shipped dataset "
                + "(\(shippedDatasets)).", valueName: "file|name"))
    var dataset: String?
    @Option(
        help: .init(
            "A profile, which moves the registers: a file, or a shipped profile (\(shippedProfiles)); repeatable.",
            valueName: "file|name"))
    var profile: [String] = []
    @Flag(help: "Let the registers count slowly; the same as --profile counter.")
    var mutate = false
    @Flag(
        inversion: .prefixedNo,
        help: "Answer reads of registers that are not in the dataset with exception 2 (default: with 0).")
    var strict: Bool?
    @Option(
        help: .init(
            "Refuse reads of more registers, or across a multiple of this number: none, 45 or 125 (default: none).",
            valueName: "limit"))
    var readLimit: String?
    @Option(
        help: .init(
            "Simulated seconds in a second, 0.01 to 3600; 60: a day in 24 minutes (default: 1).",
            valueName: "factor"))
    var timeScale: String?
    @Option(help: .init("When the simulated day begins (default: 12:00).", valueName: "hh:mm"))
    var startTime: String?
    @Option(help: .init("Makes clouds and noise repeatable (default: drawn at the start).", valueName: "n"))
    var seed: String?
    @Option(help: .init("How long simulated units take to answer (default: 0).", valueName: "s"))
    var replyTime: String?
    @Option(help: .init("The recording to replay: a wire log or a capture, plain or gzip.", valueName: "file"))
    var recording: String?
    @Option(
        help: .init(
            "The speed of the recording's time, 0.01 to 10000, or max: its end at once (default: 1).",
            valueName: "factor|max"))
    var speed: String?
    @Option(
        help: .init(
            "latest: the values of that moment; strict: each request gets its next recorded reply (default: latest).",
            valueName: "order"))
    var order: String?
    @Option(
        help: .init(
            "The answer to requests that are not in the recording: exception (2) or silence (default: exception).",
            valueName: "answer"))
    var unseen: String?
    @Option(help: .init("Stop after this time (default: never).", valueName: "s"))
    var duration: String?

    var texts: [SettingKey: [String]] {
        let single: [SettingKey: String?] = [
            .dataset: dataset, .readLimit: readLimit, .timeScale: timeScale, .startTime: startTime, .seed: seed,
            .replyTime: replyTime, .duration: duration, .mutate: mutate ? "true" : nil,
            .strict: strict.map { "\($0)" }, .recording: recording, .speed: speed, .order: order, .unseen: unseen,
        ]
        var texts = single.compactMapValues { $0.map { [$0] } }
        if !profile.isEmpty { texts[.profile] = profile }
        return texts
    }
}

extension SourceMode: ExpressibleByArgument {}
