internal import ArgumentParser
internal import Growatt
internal import Settings

private let shippedDatasets = Resource.datasets.joined(separator: ", ")
private let shippedProfiles = Resource.profiles.joined(separator: ", ")

/// What answers in place of a line, and for how long. All are texts, as ``GatewayOptions``.
struct SourceOptions: ParsableArguments {
    @Option(
        help: .init(
            "What answers; live: the inverter itself; dataset: simulated units; replay: a recording "
                + "(default: what the configuration has, else live).", valueName: "mode"))
    var mode: SourceMode?
    @Option(
        help: .init(
            "The registers of the units: a file, also a register scan of Growatt_ModbusTCP (.csv), or a shipped dataset "
                + "(\(shippedDatasets)).", valueName: "file|name"))
    var dataset: String?
    @Option(
        help: .init(
            "What moves them: a file, or a shipped profile (\(shippedProfiles)); repeatable.", valueName: "file|name"))
    var profile: [String] = []
    @Flag(help: "Let them count slowly; the same as --profile counter.")
    var mutate = false
    @Flag(
        inversion: .prefixedNo,
        help: "Answer reads of registers that are not in the dataset with exception 2 (default: with 0).")
    var strict: Bool?
    @Option(
        help: .init(
            "Refuse reads of more registers, or beyond a multiple of them: none, 45 or 125 (default: none).",
            valueName: "limit"))
    var readLimit: String?
    @Option(
        help: .init(
            "How many simulated seconds a second lasts, 0.01 to 3600; 60: a day in 24 minutes (default: 1).",
            valueName: "factor"))
    var timeScale: String?
    @Option(help: .init("When the simulated day begins (default: 12:00).", valueName: "hh:mm"))
    var startTime: String?
    @Option(help: .init("Makes clouds and noise repeatable (default: drawn at the start).", valueName: "n"))
    var seed: String?
    @Option(help: .init("How long simulated units take to answer (default: 0).", valueName: "s"))
    var replyTime: String?
    @Option(help: .init("What is replayed: a wire log or a capture, plain or gzip.", valueName: "file"))
    var recording: String?
    @Option(
        help: .init(
            "How fast the recording's time goes, 0.01 to 10000, or max: it is over at once (default: 1).",
            valueName: "factor|max"))
    var speed: String?
    @Option(
        help: .init(
            "latest: the values of that moment; strict: to each request its next recorded reply (default: latest).",
            valueName: "order"))
    var order: String?
    @Option(
        help: .init(
            "What requests get that are not in the recording: exception (2) or silence (default: exception).",
            valueName: "answer"))
    var unseen: String?
    @Option(help: .init("Stop after this time (default: runs on).", valueName: "s"))
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
