package import Modbus

/// How the broker treats one line.
///
/// Whoever makes one states its times: the defaults of the program stand in `Settings`.
package struct BusSettings: Hashable, Sendable {
    package var timing: LineTiming
    /// From the last byte on the line to the next request (R7); any value ≥ 0.
    package var minPeriod: Duration
    /// Added to every silence that is kept: on a real port bytes are on the wire a moment later than they are handed
    /// over, and what has come was there a moment before its time is read. Default 0.
    package var guardTime: Duration = .zero
    /// From the end of a request to the first byte of its reply (R9); above 0.
    package var responseTimeout: Duration
    /// How often a read without reply is repeated (R9); 0 or more.
    package var retries: Int
    /// Whether the adapter hears itself; false: found out by the first read (R16).
    package var localEcho = false
    /// Whether the link tells by itself which request a reply belongs to, as Modbus TCP does: a late reply cannot be taken
    /// for another's (R4), nothing is heard of the own transmission (R16), and unit 0 answers as any other.
    package var hasTransactions = false
    /// Whether the server does not copy transaction identifiers: the bus then matches replies as on RTU (R3), and keeps debts
    /// (R4). Only where the link ``hasTransactions``. Default false.
    package var ignoresTransactions = false
    /// Exception codes with which a gateway says that a unit is silent, beside 0x0A and 0x0B (R11); only where the link
    /// ``hasTransactions``. Default none.
    package var silenceCodes: [ExceptionCode] = []
    /// Whether a server has the adapter, which is the same still when a connection is dialled again at once (R16).
    package var isBehindServer = false
    /// Whether reads of a silent unit are sent all the same (R11): a single client that asks for them itself has nobody to
    /// make room for. Default false.
    package var asksSilentUnits = false
    /// After a broadcast, which nobody answers: time for the units to execute it (Serial Line V1.02, section 2.4.1).
    package var turnaroundDelay: Duration = .milliseconds(100)
    /// The most queries that wait; beyond that, the address with the most gives one up (R8).
    package var queueCapacity = 4096

    /// Everything else is off, or as its property says.
    package init(timing: LineTiming, minPeriod: Duration, responseTimeout: Duration, retries: Int) {
        self.timing = timing
        self.minPeriod = minPeriod
        self.responseTimeout = responseTimeout
        self.retries = retries
    }

    /// How long after its timeout a transmission may still be answered (R4).
    package var lateWindow: Duration { max(responseTimeout, .milliseconds(500)) }

    /// From the first byte of a reply to its last, however slowly it comes.
    package var longestReply: Duration { .seconds(1) + timing.time(of: 2 * RTUFrame.maximumLength) }
}
