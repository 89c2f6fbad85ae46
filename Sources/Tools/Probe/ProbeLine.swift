internal import Modbus
internal import SerialLine
internal import Settings

/// Where a probe listens and asks: a serial port, a server on the network, or a simulated line.
protocol ProbeLine: AnyObject {
    /// - Throws: ``ToolError``.
    func listen(at setting: LineSetting?, for duration: Duration) throws(ToolError) -> ProbeHearing

    /// Asks once, and waits for the answer.
    ///
    /// - Throws: ``ToolError``.
    func ask(_ request: RTUFrame, at setting: LineSetting?) throws(ToolError) -> ProbeHearing
}

/// A serial port that is set anew for every setting.
final class SerialProbeLine: ProbeLine {
    /// Some adapters hold bytes for 16 ms; a reply that has begun is waited for.
    private static let restOfReply: Duration = .milliseconds(100)

    private let port: BlockingPort
    private let direction: RS485Direction?
    private let timing: ProbeTool.Timing
    private let interruption: Interruption
    private var setting: LineSetting?
    /// The request before, at the same setting; its answer may still come.
    private var previous: RTUFrame?
    private var mayAsk = ContinuousClock.now

    init(
        _ path: String, _ first: LineSetting, direction: RS485Direction?, _ timing: ProbeTool.Timing,
        _ interruption: Interruption
    ) throws(ToolError) {
        var settings = SerialPortSettings(baud: first.baud, format: first.format)
        settings.rs485 = direction
        port = try BlockingPort(opening: path, settings: settings, readsOnly: false, interruption)
        self.direction = direction
        self.timing = timing
        self.interruption = interruption
        setting = first
    }

    func listen(at setting: LineSetting?, for duration: Duration) throws(ToolError) -> ProbeHearing {
        try set(setting)
        var listener = ProbeListener()
        let end = ContinuousClock.now + duration
        while .now < end { listener.received(try port.read(until: end)) }
        listener.end()
        return listener.hearing
    }

    func ask(_ request: RTUFrame, at setting: LineSetting?) throws(ToolError) -> ProbeHearing {
        try set(setting)
        try interruption.pause(until: mayAsk)
        var listener = ProbeListener(request: request, previous: previous)
        try port.write(request.bytes)
        let sent = ContinuousClock.now + (setting?.time(of: request.bytes.count) ?? .zero)
        var end = sent + timing.responseTimeout
        while listener.hearing.answer == nil {
            let bytes = try port.read(until: end)
            if bytes.isEmpty {
                guard listener.isReceiving, end < sent + timing.responseTimeout + Self.restOfReply else { break }
                end = sent + timing.responseTimeout + Self.restOfReply
            }
            listener.received(bytes)
        }
        let now = ContinuousClock.now
        // Silence was long enough where nothing came.
        mayAsk = listener.hearing.isNothing ? now : now + timing.pause
        previous = listener.hearing.answer == nil ? request : nil
        listener.end()
        var hearing = listener.hearing
        if hearing.answer != nil { hearing.time = max(.zero, now - sent) }
        return hearing
    }

    private func set(_ wanted: LineSetting?) throws(ToolError) {
        guard let wanted, wanted != setting else { return }
        var settings = SerialPortSettings(baud: wanted.baud, format: wanted.format)
        settings.rs485 = direction
        try port.set(settings)
        (setting, previous) = (wanted, nil)
    }
}

/// The units behind a server on the network: there are no settings to find.
final class NetworkProbeLine: ProbeLine {
    private let connection: UnitConnection

    init(_ connection: UnitConnection) { self.connection = connection }

    func listen(at setting: LineSetting?, for duration: Duration) throws(ToolError) -> ProbeHearing { ProbeHearing() }

    func ask(_ request: RTUFrame, at setting: LineSetting?) throws(ToolError) -> ProbeHearing {
        var hearing = ProbeHearing()
        let asked = ContinuousClock.now
        switch try connection.ask(request.pdu, unit: request.unit) {
        case .reply(let reply): hearing.answer = RTUFrame(unit: request.unit, pdu: reply)
        case .exception(let code) where !code.isOfGateway:
            hearing.answer = RTUFrame(unit: request.unit, pdu: PDU(exception: code, to: request.pdu.function))
        case .exception: break
        case .nothing: (hearing.lossReason, hearing.serverWords) = (connection.lossReason, connection.serverWords)
        }
        if hearing.answer != nil { hearing.time = .now - asked }
        return hearing
    }
}

extension ExceptionCode {
    /// A gateway says that no unit has answered.
    fileprivate var isOfGateway: Bool {
        [.gatewayPathUnavailable, .gatewayTargetFailedToRespond].contains(self)
    }
}
