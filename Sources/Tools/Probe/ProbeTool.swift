package import Endpoints
package import Modbus
internal import SerialLine
internal import Settings
internal import Text

/// `growatt-broker probe`.
package struct ProbeTool {
    package struct Timing: Hashable, Sendable {
        /// How long is listened at a setting before anything is sent; 0: not at all. A dongle asks every 1.5 s.
        package var listening: Duration = .milliseconds(2500)
        /// How long a unit may take to answer; real ones take 28 to 117 ms.
        package var responseTimeout: Duration = .milliseconds(400)
        /// After an answer, before the next request.
        package var pause: Duration = .milliseconds(500)

        package init() {}
    }

    package struct Settings: Sendable {
        package var endpoint: Endpoint
        package var settings: [LineSetting]
        package var units: [UnitIdentifier] = [1, 2, 3]
        package var timing = Timing()
        package var isJSON = false

        package init(_ endpoint: Endpoint, _ settings: [LineSetting]) {
            self.endpoint = endpoint
            self.settings = settings
        }
    }

    private let settings: Settings
    private let interruption: Interruption
    private let output: Output

    package init(_ settings: Settings, _ interruption: Interruption, _ output: Output) {
        self.settings = settings
        self.interruption = interruption
        self.output = output
    }

    /// Looks for units, and prints what it has found.
    ///
    /// - Throws: ``ToolError/incomplete`` if no unit answers; otherwise why it could not look.
    package func run() throws {
        guard case .serial(let path, _, _, let direction) = settings.endpoint else { return try runOnNetwork() }
        let line = try SerialProbeLine(
            path, settings.settings[0], direction: direction.map { RS485Direction(rtsOnSend: $0 == .high) },
            settings.timing, interruption)
        let plan = ProbePlan(
            settings: settings.settings, units: settings.units, listensFirst: settings.timing.listening > .zero)
        output.tell("\(path): \(announcement(plan))")
        try report(Self.walk(plan, line, settings.timing, ProbeProgress(output)))
    }

    private func runOnNetwork() throws {
        var connectionSettings = ConnectionSettings(settings.endpoint)
        connectionSettings.retries = 0
        connectionSettings.responseTimeout = max(connectionSettings.responseTimeout, settings.timing.responseTimeout)
        let connection = try UnitConnection(connectionSettings, interruption)
        defer { connection.close() }
        let plan = ProbePlan(settings: [nil], units: settings.units, listensFirst: false)
        try report(
            Self.walk(plan, NetworkProbeLine(connection), settings.timing, ProbeProgress(output)))
    }

    /// Does what the plan says, to its end.
    static func walk(
        _ plan: ProbePlan, _ line: any ProbeLine, _ timing: Timing, _ progress: ProbeProgress?
    ) throws(ToolError) -> ProbeFindings {
        var plan = plan
        var progress = progress
        defer { progress?.end() }
        while true {
            let step = plan.next
            progress?.show(step, plan.progress)
            switch step {
            case .listen(let setting): plan.note(try line.listen(at: setting, for: timing.listening))
            case .ask(let setting, let request): plan.note(try line.ask(request, at: setting))
            case .finished: return plan.findings
            }
        }
    }

    private func announcement(_ plan: ProbePlan) -> String {
        let timing = settings.timing
        let longest = settings.settings.reduce(timing.listening) { sum, setting in
            let each = setting.time(of: 8) + timing.responseTimeout
            return sum + each * (plan.questionCount / settings.settings.count)
        }
        let seconds = longest.components.seconds + 1
        return "\(settings.settings.count.counted("setting")), \(settings.units.count.counted("unit")); "
            + "at most \(ScanProgress.text(of: .seconds(seconds))) if nobody is heard"
    }

    private func report(_ findings: ProbeFindings) throws(ToolError) {
        let report = ProbeReport(findings, settings.endpoint)
        try output.write(settings.isJSON ? report.json.line + "\n" : report.text(output))
        guard case .found = findings.verdict else { throw .incomplete }
    }
}
