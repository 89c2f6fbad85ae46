internal import Broker
package import Modbus
internal import Simulator

/// More clients than one line can serve, of all habits (R8, R13).
package struct OverloadScenario: LineScenario, Sendable {
    /// A client with one connection, or with one for each request.
    package struct Caller: Sendable {
        package var address: String
        /// The reads, one after the other, over and over.
        package var requests: [PDU]
        package var unit: UnitIdentifier = 1
        /// From the end of one request to the next.
        package var pause: Duration = .milliseconds(1)
        /// The wait for an answer before a repetition, and the number of repetitions; then the client gives up.
        package var patience: Duration = .seconds(3600)
        package var repetitions = 0
        /// Whether a repetition has a transaction identifier of its own.
        package var renumbers = false
        /// Whether the client connects anew for each request.
        package var dialsAnew = false
        /// The number of its open requests.
        package var pipelining = 1

        package init(_ address: String, _ requests: [PDU]) {
            self.address = address
            self.requests = requests
        }
    }

    /// The outcomes of a caller's requests.
    package struct Figures: Sendable, CustomStringConvertible {
        package internal(set) var asked = 0
        package internal(set) var answered = 0
        /// Answers 0x06, and 0x0A or 0x0B.
        package internal(set) var busy = 0
        package internal(set) var failed = 0
        package internal(set) var longestWait: Duration = .zero

        package var share: Double { asked == 0 ? 1 : Double(answered) / Double(asked) }

        package var description: String { "\(answered)/\(asked), busy \(busy), failed \(failed)" }
    }

    package struct Report: Sendable {
        /// In the order of the callers.
        package let callers: [Figures]
        package let dongle: ClientFigures?
        /// Good replies of the line a second.
        package let repliesASecond: Double

        /// The callers' figures together.
        package var total: Figures {
            callers.reduce(into: Figures()) { total, one in
                total.asked += one.asked
                total.answered += one.answered
                total.busy += one.busy
                total.failed += one.failed
                total.longestWait = max(total.longestWait, one.longestWait)
            }
        }
    }

    package var callers: [Caller]
    package let duration: Duration
    package var hasDongle = false
    /// The share of replies that never come, 0–1.
    package var loss = 0.0
    /// From the end of a request to its reply.
    package var replyTime: Duration = .milliseconds(80)
    /// Whether a unit answers this.
    package var answers: @Sendable (UnitIdentifier, PDU) -> Bool = { unit, _ in unit == 1 }

    package init(_ callers: [Caller], for duration: Duration) {
        self.callers = callers
        self.duration = duration
    }

    /// Clients that read blocks of different lengths, one after the other, and wait for each answer.
    package static func patient(
        _ clients: Int, pause: Duration, replyTime: Duration, loss: Double, hasDongle: Bool, for duration: Duration
    ) -> OverloadScenario {
        let callers = (0..<UInt16(clients)).map { number in
            let read = PDU(read: .readInputRegisters, address: number * 100, quantity: 20 + number * 10)
            var caller = Caller("10.0.0.\(number + 1)", [read])
            caller.pause = pause
            return caller
        }
        var scenario = OverloadScenario(callers, for: duration)
        scenario.hasDongle = hasDongle
        scenario.loss = loss
        scenario.replyTime = replyTime
        return scenario
    }

    package func run(seed: UInt64 = 1) -> Report {
        let world = ScenarioWorld(self, seed: seed) { unit, request, _ in answers(unit, request) }
        world.open()
        let callers = callers.map { settings in
            OverloadCaller(settings, timeline: world.timeline) { caller in
                world.connect(settings.address) { [weak caller] in caller?.received($0) }
            }
        }
        for caller in callers { caller.begin() }
        world.run()
        return Report(
            callers: callers.map(\.figures), dongle: world.dongleFigures,
            repliesASecond: Double(world.link.replies) * (.seconds(1) / duration))
    }
}
