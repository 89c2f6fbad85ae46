package import Modbus

/// What observers are told (R15): wire log, capture, sniff feed, metrics.
package enum BrokerEvent: Sendable {
    /// A client's request, as it arrived. Exactly one `finished` of the same query follows.
    case request(Query)
    /// The end of a client's request, and what its client got.
    case finished(Exchange, Delivery)
    /// A request was sent again, or one of the broker's own was sent.
    case transmitted(RTUFrame, reason: TransmissionReason, for: Client)
    /// A transmission got no reply, or none that fits.
    case attemptFailed(Query, attempt: Int, timeout: Duration, isDamaged: Bool)
    /// Bytes that were on a line or came from a client, and were delivered to nobody.
    case discarded([UInt8], from: Source, reason: DiscardReason)
    case line(LineEvent)
    case passthrough(PassthroughEvent)
    /// A query was refused by policy; its end follows. The name is that of the listener, the dongle or the line that refuses.
    case refused(Query, Refusal, at: String)
    /// A client has connected or left, at the listener of this name.
    case client(ClientEvent, at: String)
    /// The dongle's port was opened, or is lost.
    case donglePort(DonglePortEvent)
    /// A client was not let in, or clients are let in again.
    case admission(AdmissionEvent)

    /// Why a query was refused by policy.
    package enum Refusal: Hashable, Sendable {
        case access(AccessPolicy.Refusal)
        /// A write to a unit that is 0 on its line, which reaches all units there.
        case allUnits
        /// Its turn by the rate of its address did not come in time.
        case rate
    }

    /// The port of a dongle: a serial device, or a server in place of it.
    package struct DonglePortEvent: Hashable, Sendable {
        /// The device, or the address.
        package let port: String
        /// Of a serial device: bits a second, and the character format, such as `8N1`.
        package let baud: Int?
        package let format: String?
        package let isOpen: Bool

        /// - Parameter baud: nil, as the format, for a server.
        package init(port: String, baud: Int? = nil, format: String? = nil, isOpen: Bool) {
            self.port = port
            self.baud = baud
            self.format = format
            self.isOpen = isOpen
        }
    }

    /// A decision of the listeners, before there is a client.
    package enum AdmissionEvent: Hashable, Sendable {
        /// A client from this host, such as `192.168.1.10`, was not let in, or a datagram of it was not taken.
        case refused(AdmissionRefusal, host: String)
        /// The TLS listener of this name refused a client from this host.
        case refusedSecurity(reason: String, host: String, at: String)
        /// Clients are accepted again after a pause for lack of descriptors.
        case resumed
    }

    /// Why a client was not let in, or a datagram of one was not taken.
    package enum AdmissionRefusal: String, CaseIterable, Sendable {
        /// Its address is not allowed, or denied.
        case address
        /// Too many of its address are in.
        case perAddress
        /// Too many are in.
        case full
        /// No descriptor is left to accept it with.
        case descriptors
        /// It sent back what had been sent to it: a datagram of a client that stays in.
        case reflected
    }

    /// The query that it is about; nil: it is about none, or about one that its line names.
    var query: Query? {
        switch self {
        case .request(let query), .refused(let query, _, _): query
        case .finished(let exchange, _): exchange.query
        case .transmitted, .attemptFailed, .discarded, .line, .passthrough, .client, .donglePort, .admission: nil
        }
    }

    /// What became of an answer.
    package enum Delivery: String, Sendable {
        case delivered
        /// The client has asked something newer, or the same again, which gets the answer (R5, R8).
        case superseded
        /// Nobody hears it: the client is gone, waits no longer, or gets silence by R10.
        case suppressed
    }

    /// Why a frame was sent that is not the first transmission of a client's request.
    package enum TransmissionReason: String, Sendable {
        case retry
        /// A read before the first write, to learn whether the adapter hears itself (R16).
        case echoProbe = "echo_probe"
        /// A part of a read that is larger than the line's limit, as it was asked of the line.
        case part
        /// A read of the broker's own, to learn whether a unit still answers, or answers again (R11).
        case probe
    }

    /// Where bytes came from.
    package enum Source: Sendable {
        case line
        case client(Client)
    }

    /// Why bytes were delivered to nobody.
    package enum DiscardReason: String, Sendable {
        case noise
        /// The reply of a transmission that had been given up (R4).
        case late
        /// An intact frame that nobody asked for (R3).
        case foreign = "foreign_frame"
        /// A reply whose query had been completed before.
        case afterDeadline = "after_deadline"
        /// The answer to the broker's own read (R16).
        case echoProbe = "echo_probe"
        /// The answer to a probe of the broker's own (R11).
        case probe
        /// What the adapter heard of the broker's own transmission (R16).
        case echo
        /// A write directly behind noise (R6).
        case unconfirmedWrite = "unconfirmed_write"
        /// The port that they were for was not there, during a passthrough.
        case portClosed = "port_closed"
    }

    /// What happened to a line or its units.
    package enum LineEvent: Sendable {
        case opened
        case closed(reason: String)
        case unitSilent(UnitIdentifier)
        case unitLive(UnitIdentifier)
        case echoDetected
    }

    /// The dongle's port and the line, joined byte by byte.
    package enum PassthroughEvent: Sendable {
        case began(Client, duration: Duration)
        /// Bytes that came from one side, and were handed to the other.
        case bytes([UInt8], from: Source)
        /// It should have ended, but bytes of an update flow, or have until a short time ago.
        case endPutOff
        case ended(PassthroughEnd, PassthroughFigures)
    }
}
