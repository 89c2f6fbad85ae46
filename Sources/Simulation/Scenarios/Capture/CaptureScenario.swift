/// The real traffic of the capture, sent to this broker before a line that answers as recorded.
///
/// The bytes of dongle and TCP clients come at the instants at which the prototype logged them, whether they have been
/// answered or not: a repetition comes although this broker has answered in the meantime. (A request was logged when the
/// prototype sent it, after its own pauses: its reply time is that of the line alone.)
package struct CaptureScenario: Sendable {
    package struct Report: Sendable {
        package let dongle: ClientFigures
        package let tcp: ClientFigures
        package let transmissions: Int
        /// Distinct writes of the dongle.
        package let writes: Int
        /// Writes that were not executed exactly once, in hexadecimal.
        package let wrongWrites: [String]
        /// Executions of a request that was still being worked on, or whose answer was on its way.
        package let repeatsExecuted: Int
        /// Executions of a repetition that came after its request had been answered.
        package let askedAgain: Int
        /// Copies of the dongle's requests that caused no execution of their own.
        package let repeatsJoined: Int
        /// What the dongle or a TCP client got that was not the answer to its newest request.
        package let staleReplies: [String]
        /// Requests that stand in what the dongle sent, in their order.
        package let sentByDongle: [[UInt8]]
        /// Requests of the dongle that the broker found, in their order.
        package let foundByBroker: [[UInt8]]
        /// Requests that were sent while a reply was on its way (R1).
        package let collisions: Int
        /// Distinct requests without an answer, oldest first: seconds, client, hexadecimal.
        package let unanswered: [String]

        package var unansweredShare: Double { ClientFigures(joining: [dongle, tcp]).unansweredShare }
    }

    private let log: CaptureLog

    /// So much longer than recorded take the replies; so much longer than by default are timeouts and pauses, and so much
    /// slower the lines. What the rules fix is not scaled: silences, and the times of R4, R8 and R11.
    package var scale = 1.0
    /// So much longer than recorded is the time from each request of a client to its next; nil: as ``scale``.
    package var clientScale: Double?

    package init(_ log: CaptureLog) {
        self.log = log
    }

    package func run() -> Report {
        let world = CaptureWorld(log, scale: scale, clientScale: clientScale ?? scale)
        world.run()
        return world.report
    }
}
