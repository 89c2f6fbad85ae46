internal import Gateway
internal import Glibc
internal import Settings

/// Runs the gateway until a signal; everything for the operator goes to stderr, stdout is for the wire log.
///
/// - Returns: the number of captured lines.
/// - Throws: ``UsageFailure`` for a configuration that cannot be used, with all files that it names.
@discardableResult
func runGateway(_ source: ConfigurationSource) throws -> Int {
    do {
        return try run(source)
    } catch let error as YAMLError {
        throw UsageFailure(lines: error.lines)
    }
}

private func run(_ source: ConfigurationSource) throws -> Int {
    let signals = ProcessSignals()
    if let format = source.messageFormat { OperatorMessages.format = format }
    let loaded = try source.values()
    let settings = loaded.settings
    OperatorMessages.format = settings.log.format
    let process = GatewayProcess(
        version: GrowattBroker.version, level: settings.log.level,
        load: { running, report in
            let loaded = try source.values()
            do throws(YAMLError) {
                return try GatewayConfiguration(loaded, after: running, report: report)
            } catch {
                throw UsageFailure(lines: error.lines)
            }
        },
        write: OperatorMessages.write)
    let configuration = try GatewayConfiguration(loaded, report: { process.tell(.info, $0) })
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
