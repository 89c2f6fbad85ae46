package import Broker
internal import Endpoints
package import Modbus
package import Settings
package import Simulator
package import Transport
package import TransportTLS
package import WireLog

/// A whole gateway in the terms of the modules that it is built from.
package struct GatewayConfiguration: Sendable {
    /// What answers.
    package enum Source: Hashable, Sendable {
        case line(Port)
        case dataset(DatasetSettings)
        case recording(RecordingSettings)
    }

    /// The vendor's dongle at its port.
    package struct Dongle: Hashable, Sendable {
        package var port: Port
        /// Its timing and its patience.
        package var client = ClientSettings.usual
        package var access = AccessPolicy.Settings()

        package init(_ port: Port) {
            self.port = port
            access.allowsBroadcast = true
        }
    }

    /// A line, or what stands in for it, and all that belongs to it.
    package struct Line: Sendable {
        /// What messages and `status` call it; no two have the same.
        package var name = "inverter"
        package var source: Source
        /// What is in the files that the source names; nil: not read yet.
        package var contents: SourceContents?
        /// The names of pseudo-terminals at which simulated units answer.
        package var pty: [String] = []
        package var faults: FaultRules?
        /// What is read without a client that asks, once a second.
        package var poll: PollSettings?
        package var dongle: Dongle?
        /// Of a line that dials in: from which addresses, besides the rules of ``limits``.
        package var rules = AddressRules()
        package var bus: BusSettings
        /// The most registers that are asked for at once, 1–125; nil: as many as clients ask.
        package var readLimit: UInt16?
        /// The same for single units, by the number that they have here.
        package var readLimits: [UnitIdentifier: UInt16] = [:]
        /// The registers that its clients, except the dongle, may read, by the units' own numbers.
        package var reads = ReadRules()
        /// The units that clients of all lines reach here, by the number that they have there, 0–255; nil: those of no other line.
        package var units: [UnitIdentifier: UnitIdentifier]?

        /// - Parameter settings: what holds for the exchanges with it.
        package init(_ source: Source, _ settings: LineSettings = LineSettings()) {
            self.source = source
            bus = BusSettings(settings)
        }

        /// Where it, or its dongle, dials in.
        var listeningAddresses: [HostPort] {
            let port: Port? = if case .line(let port) = source { port } else { nil }
            return [port, dongle?.port].compactMap { $0?.listeningAddress }
        }
    }

    /// Where clients, or readers of the traffic, come in.
    package struct Listener: Sendable {
        package var kind: ListenerSettings.Kind
        /// The only line that is reached here; nil: all.
        package var line: String?
        package var access = AccessPolicy.Settings()
        package var rules = AddressRules()
        /// The addresses whose writes are executed; nil: all.
        package var writers: [AddressBlock]?
        var manners = Manners()
        package var node = NodeSettings()
        /// Of a TLS listener.
        package var identity: TLSIdentity?

        package init(_ kind: ListenerSettings.Kind) {
            self.kind = kind
        }
    }

    /// Settings of the clients of one listener.
    struct Manners: Hashable, Sendable {
        /// nil: as for all clients.
        var timeout: Duration?
        var answersNewestOnly = false
        var answersSilence = false

        func of(_ clients: ClientSettings) -> ClientSettings {
            var clients = clients
            if let timeout { clients.clientTimeout = timeout }
            clients.answersNewestOnly = answersNewestOnly
            clients.answersSilence = answersSilence
            return clients
        }
    }

    /// At least one.
    package var lines: [Line]
    package var listeners: [Listener] = []
    /// Of all clients but the dongles.
    package var clients = ClientSettings.usual
    /// Whether clients may write to a unit that is 0 on its line, which reaches all units there (R10).
    package var allowsBroadcast = false
    /// Over all network listeners together.
    package var limits = ClientAdmission.Limits()
    /// Requests a second of each client; nil: any number.
    package var rate: Double?
    package var log = WireLogDestination.none
    package var capture: WireLogDestination?
    /// What addresses are called in `status`.
    package var clientNames: [ClientName] = []
    package var logLevel = LogLevel.info
    package var logFormat = MessageFormat.auto
    /// How long it runs; nil: until it is stopped.
    package var duration: Duration?
    package var control = ControlPlace.none

    package init(_ lines: [Line]) {
        self.lines = lines
    }
}
