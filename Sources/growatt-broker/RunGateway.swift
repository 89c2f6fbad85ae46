internal import Gateway
internal import Settings
internal import Simulator

/// Runs the gateway until a signal; everything for the operator goes to stderr, stdout is for the wire log.
func runGateway(_ settings: GatewaySettings) throws {
    let signals = ProcessSignals()
    let configuration: GatewayConfiguration
    do {
        configuration = try GatewayConfiguration(settings)
    } catch let error as YAMLError where error.file == FaultRules.flag {
        throw UsageFailure(error.description)
    }
    for line in StartUpSummary(settings).lines { StandardStreams.printError(line) }
    try GatewayProcess.run(
        configuration, signals: signals, duration: settings.duration,
        report: { StandardStreams.printError($0) },
        started: { addresses in
            let places = addresses.isEmpty ? "no TCP port" : addresses.joined(separator: ", ")
            StandardStreams.printError("listening on \(places)")
            if settings.poll != nil { StandardStreams.printError("reading by itself, once a second") }
        })
}

/// Runs the demo until a signal or the end of its time: a line for each exchange on stdout.
func runDemo(_ settings: DemoSettings) throws {
    let lines = ExchangeLine()
    try DemoGateway.run(
        tcp: settings.tcp.map { .init(host: $0.host, port: $0.port) }, signals: ProcessSignals(),
        duration: settings.duration,
        report: { StandardStreams.printError($0) },
        started: { addresses in
            for line in invitation(addresses.first) { StandardStreams.print(line) }
        },
        observe: { event in
            if let line = lines.text(of: event) { StandardStreams.print(line) }
        })
}

/// What to try while the demo runs.
private func invitation(_ address: String?) -> [String] {
    guard let address, let colon = address.lastIndex(of: ":") else { return [] }
    let (host, port) = (address[..<colon], address[address.index(after: colon)...])
    return [
        "A simulated MIN 6000TL-XH and a Shine dongle share one line; Modbus TCP is on \(address). Try, in another terminal:",
        "  mbpoll -o 3 -a 1 -0 -r 3000 -c 10 -t 3 -1 -p \(port) \(host)    # status, power and strings",
        "  mbpoll -o 3 -a 1 -0 -r 3049 -t 4 -p \(port) \(host) 1           # allow charging from the grid",
        "  mbpoll -o 3 -a 1 -0 -r 3000 -c 125 -t 3 -l 1000 -p \(port) \(host)  # beside the dongle, once a second",
        "Ctrl-C ends it.",
    ]
}
