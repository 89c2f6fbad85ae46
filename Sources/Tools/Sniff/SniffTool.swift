internal import Broker
package import Endpoints
internal import Modbus
internal import SerialLine
internal import Settings
internal import Text

/// `growatt-broker sniff`: listens to a line, and never transmits.
package struct SniffTool {
    package enum Source: Hashable, Sendable {
        /// One tap that hears both directions.
        case line(Tap)
        /// A tap for the requests and one for the replies.
        case directions(requests: Tap, replies: Tap)
        /// The sniff feed of a broker.
        case feed(HostPort)
    }

    /// A serial port that only listens.
    package struct Tap: Hashable, Sendable {
        package let path: String
        package let setting: LineSetting

        package init(path: String, setting: LineSetting) {
            self.path = path
            self.setting = setting
        }
    }

    package struct Settings: Sendable {
        package var source: Source
        /// A file that the wire log is added to.
        package var log: String?
        /// Lines of the wire log on the standard output, in place of lines for a person.
        package var isJSON = false
        /// Nil: until a signal.
        package var duration: Duration?

        package init(_ source: Source) { self.source = source }
    }

    private let settings: Settings
    private let interruption: Interruption
    private let output: Output

    package init(_ settings: Settings, _ interruption: Interruption, _ output: Output) {
        self.settings = settings
        self.interruption = interruption
        self.output = output
    }

    /// Listens and prints until the end, and then tells how much it was.
    ///
    /// - Throws: ``ToolError``.
    package func run() throws(ToolError) {
        let printer = SniffPrinter(output, isJSON: settings.isJSON, log: settings.log)
        defer { printer.close() }
        let end = settings.duration.map { ContinuousClock.now + $0 }
        switch settings.source {
        case .line(let tap):
            try TapSession([(tap, .both)], interruption, output, printer).run(until: end)
        case .directions(let requests, let replies):
            try TapSession([(requests, .requests), (replies, .replies)], interruption, output, printer).run(until: end)
        case .feed(let address):
            try FeedSession(address, settings, interruption, output).run(until: end)
        }
    }
}

/// One or two open taps, and what they hear.
private final class TapSession {
    /// A line that never pauses is looked at in parts.
    private static let mostPasses = 16

    private let taps: [(port: BlockingPort, side: TapReader.Side)]
    private let interruption: Interruption
    private let output: Output
    private let printer: SniffPrinter
    private var reader: TapReader

    init(
        _ taps: [(tap: SniffTool.Tap, side: TapReader.Side)], _ interruption: Interruption, _ output: Output,
        _ printer: SniffPrinter
    ) throws(ToolError) {
        var ports: [(port: BlockingPort, side: TapReader.Side)] = []
        for (tap, side) in taps {
            let settings = SerialPortSettings(baud: tap.setting.baud, format: tap.setting.format)
            ports.append(
                (try BlockingPort(opening: tap.path, settings: settings, readsOnly: true, interruption), side))
            output.tell("\(tap.path): listening at \(tap.setting), never sending")
        }
        self.taps = ports
        self.interruption = interruption
        self.output = output
        self.printer = printer
        let slowest = taps.map(\.tap.setting).min { $0.baud.bitsPerSecond < $1.baud.bitsPerSecond }
        let name = "TAP:\(taps[0].tap.path)"
        reader = TapReader(
            client: Client(kind: .dongle, name: name, address: name), isSingle: taps.count == 1,
            timing: LineTiming(
                baud: slowest?.baud.bitsPerSecond ?? 9600, bitsPerCharacter: slowest?.format.bitsPerCharacter ?? 10))
    }

    func run(until end: ContinuousClock.Instant?) throws(ToolError) {
        do throws(ToolError) {
            try listen(until: end)
        } catch {
            output.endLine()
            finish()
            throw error
        }
        finish()
        guard reader.counts.isAny else {
            throw .failed("\(taps.map(\.port.path).joined(separator: ", ")): nothing was heard")
        }
    }

    private func listen(until end: ContinuousClock.Instant?) throws(ToolError) {
        let descriptors = taps.map(\.port.descriptor)
        while end.map({ .now < $0 }) ?? true {
            let wake = reader.wake.map { ContinuousClock.now + ($0 - now) }
            let index = try PolledDescriptors.wait(
                descriptors, until: [wake, end].compactMap(\.self).min(), interruption)
            var events: [BrokerEvent] = []
            if index == nil {
                events = reader.advance(to: now)
            } else if taps.count == 1 {
                events = try reader.received(read(0), on: taps[0].side, at: now)
            } else {
                let (requests, replies) = try readBoth()
                events = reader.received(requests: requests, replies: replies, at: now)
            }
            try printer.tell(events)
        }
    }

    private func read(_ tap: Int) throws(ToolError) -> [UInt8] {
        try PolledDescriptors.read(taps[tap].port.descriptor, named: taps[tap].port.path)
    }

    /// What both taps hold, the replies read first and until nothing more comes: a reply that was read is then never
    /// without its request, nor a request without the reply to the one before.
    private func readBoth() throws(ToolError) -> (requests: [UInt8], replies: [UInt8]) {
        var (requests, replies): ([UInt8], [UInt8]) = ([], [])
        for _ in 0..<Self.mostPasses {
            do throws(ToolError) {
                let newReplies = try readIfReady(1)
                replies += newReplies
                let newRequests = try readIfReady(0)
                requests += newRequests
                if newReplies.isEmpty, newRequests.isEmpty { break }
            } catch {
                // What was read before is told first; the next wait finds the same again.
                guard replies.isEmpty, requests.isEmpty else { break }
                throw error
            }
        }
        return (requests, replies)
    }

    private func readIfReady(_ tap: Int) throws(ToolError) -> [UInt8] {
        guard try PolledDescriptors.wait([taps[tap].port.descriptor], until: .now, interruption) != nil else {
            return []
        }
        return try read(tap)
    }

    private func finish() {
        try? printer.tell(reader.end(at: now))
        let counts = reader.counts
        output.tell(
            "\(counts.exchanges.counted("exchange")), of these \(counts.exceptions.counted("exception")); "
                + "\(counts.unanswered) unanswered, \(counts.strayFrames.counted("stray frame")), "
                + "\(counts.noise.counted("byte")) of noise")
    }

    private var now: Instant { Instant(nanoseconds: SystemClock.uptimeNanoseconds) }
}
