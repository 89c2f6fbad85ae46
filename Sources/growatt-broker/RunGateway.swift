internal import Gateway
internal import Glibc
internal import Recording
internal import SerialLine
internal import Settings
internal import Simulator

/// Runs the gateway until a signal; everything for the operator goes to stderr, stdout is for the wire log.
///
/// - Returns: the number of captured lines.
@discardableResult
func runGateway(_ source: ConfigurationSource) throws -> Int {
    let signals = ProcessSignals()
    if let format = source.messageFormat { OperatorMessages.format = format }
    let loaded = try source.load()
    let settings = loaded.settings
    OperatorMessages.format = settings.log.format
    let configuration: GatewayConfiguration
    do {
        configuration = try GatewayConfiguration(settings)
        try configuration.checkOutputs()
    } catch let error as FileError {
        throw UsageFailure(error.description)
    } catch let error as YAMLError where error.file == FaultRules.flag {
        throw UsageFailure(lines: error.lines)
    } catch let error as SerialLineError {
        guard case .notSerialPort = error else { throw error }
        throw UsageFailure(error.description)
    }
    let process = GatewayProcess(
        version: GrowattBroker.version, level: settings.log.level,
        load: {
            let configuration = try GatewayConfiguration(try source.load().settings)
            try configuration.checkOutputs()
            return configuration
        },
        write: OperatorMessages.write)
    if !loaded.file.isEmpty { process.tell(.info, "configuration \(loaded.file)") }
    for notice in loaded.notices { process.tell(.warning, notice) }
    for line in StartUpSummary(settings).lines { process.tell(.info, line) }
    let captured = try process.run(
        configuration, signals: signals, duration: settings.duration,
        started: { addresses in
            let places = addresses.isEmpty ? "no port" : addresses.joined(separator: ", ")
            process.tell(.info, "listening on \(places)")
            if settings.lines.contains(where: { $0.poll != nil }) {
                process.tell(.info, "reading by itself, once a second")
            }
        })
    OperatorMessages.flush()
    return captured
}
