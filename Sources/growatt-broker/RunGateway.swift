internal import Gateway
internal import Glibc
internal import Recording
internal import SerialLine
internal import Settings
internal import Simulator

/// Runs the gateway until a signal; everything for the operator goes to stderr, stdout is for the wire log.
func runGateway(_ source: ConfigurationSource) throws {
    let signals = ProcessSignals()
    if let format = source.messageFormat { OperatorMessages.format = format }
    let loaded = try source.load()
    let settings = loaded.settings
    OperatorMessages.format = settings.log.format
    let configuration: GatewayConfiguration
    do {
        configuration = try GatewayConfiguration(settings)
    } catch let error as YAMLError where error.file == FaultRules.flag {
        throw UsageFailure(lines: error.lines)
    } catch let error as SerialLineError {
        guard case .notSerialPort = error else { throw error }
        throw UsageFailure(error.description)
    }
    let process = GatewayProcess(
        version: GrowattBroker.version, level: settings.log.level,
        load: { try GatewayConfiguration(try source.load().settings) }, write: OperatorMessages.write)
    if !loaded.file.isEmpty { process.tell(.info, "configuration \(loaded.file)") }
    for notice in loaded.notices { process.tell(.warning, notice) }
    for line in StartUpSummary(settings).lines { process.tell(.info, line) }
    try process.run(
        configuration, signals: signals, duration: settings.duration,
        started: { addresses in
            let places = addresses.isEmpty ? "no port" : addresses.joined(separator: ", ")
            process.tell(.info, "listening on \(places)")
            if settings.lines.contains(where: { $0.poll != nil }) {
                process.tell(.info, "reading by itself, once a second")
            }
        })
    OperatorMessages.flush()
}

/// Runs the demo until a signal or the end of its time: a line for each exchange on stdout.
func runDemo(_ settings: DemoSettings) throws {
    // They leave the event loop: whoever looks at the demo may stop its terminal.
    let output = QueuedLines(STDOUT_FILENO) { "\($0) lines lost" }
    defer { output.flush(timeout: .seconds(1)) }
    let lines = ExchangeLine()
    let process = GatewayProcess(
        version: GrowattBroker.version, level: .info, write: OperatorMessages.write)
    try DemoGateway.run(
        tcp: settings.tcp, process: process, signals: ProcessSignals(),
        duration: settings.duration,
        started: { addresses in
            for line in invitation(addresses.first) { output.append(line) }
        },
        observe: { event in
            if let line = lines.text(of: event) { output.append(line) }
        })
    OperatorMessages.flush()
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
