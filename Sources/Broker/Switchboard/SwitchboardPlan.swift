package import Modbus

/// What a ``Switchboard`` is to have: lines, the paths of clients, and limits.
package struct SwitchboardPlan {
    /// One line.
    package struct Line {
        /// One that was there before is the same object.
        package let line: Broker.Line
        /// The same object as before goes on; another one takes its place.
        package let end: any LineEnd
        /// What only one at a time can have open: devices, servers and names that the end has.
        package var places: [String] = []
        /// How the end treats its line.
        package var bus: BusSettings
        /// Stands in front of the end, and hands its queries there.
        package var box: (any LineBox)?
        /// The units that clients of all lines reach here, by the number that they have there; nil: those of no other line.
        package var units: [UnitIdentifier: UnitIdentifier]?
        /// The registers that its clients, except the dongle, may read, by the units' own numbers.
        package var reads = ReadRules()
        /// The most registers that are asked for at once, 1–125; nil: as many as clients ask.
        package var readLimit: UInt16?
        /// The same for single units, by their own numbers.
        package var readLimits: [UnitIdentifier: UInt16] = [:]
        package var dongle: Dongle?
        /// What is read without a client that asks, once a second.
        package var polls: [Poll] = []

        package init(_ line: Broker.Line, end: any LineEnd, _ bus: BusSettings) {
            self.line = line
            self.end = end
            self.bus = bus
        }
    }

    /// A line's dongle. What it may do is a matter of its path.
    package struct Dongle {
        /// The same object as before goes on, with its session; another one takes its place, with a session of its own.
        package let port: any DonglePort
        /// What only one at a time can have open.
        package let places: [String]
        package let client: Client
        package let settings: ClientSettings
        /// One of the plan's.
        package let path: AccessPath

        package init(
            _ client: Client, at port: any DonglePort, places: [String], by path: AccessPath, _ settings: ClientSettings
        ) {
            self.client = client
            self.port = port
            self.places = places
            self.path = path
            self.settings = settings
        }
    }

    /// A read of the broker's own, of a unit by its own number.
    package struct Poll: Hashable, Sendable {
        package let unit: UnitIdentifier
        package let pdu: PDU

        package init(unit: UnitIdentifier, _ pdu: PDU) {
            self.unit = unit
            self.pdu = pdu
        }
    }

    /// The way of the clients of one listener, or of a dongle.
    package struct Path {
        package let path: AccessPath
        package var access: AccessPolicy.Settings
        /// Which clients may write, where clients may at all.
        package var mayWrite: (Client) -> Bool = { _ in true }
        package let reach: Reach

        package init(_ path: AccessPath, _ access: AccessPolicy.Settings, to reach: Reach = .allLines) {
            self.path = path
            self.access = access
            self.reach = reach
        }
    }

    /// The lines that a path leads to.
    package enum Reach {
        case allLines
        /// One of the plan, whose units have their own numbers.
        case line(Broker.Line)
        case noLine
    }

    package var lines: [Line]
    /// A path that is not among them reaches no line.
    package var paths: [Path] = []
    /// Queries a second of each address, 0.1 to 10,000; nil: any number.
    package var rate: Double?
    /// Whether clients may write to a unit that is 0 on its line, which reaches all units there (R10).
    package var allowsBroadcast = false
    /// From a poll to its deadline.
    package var timeToAnswer: Duration

    package init(_ lines: [Line], timeToAnswer: Duration) {
        self.lines = lines
        self.timeToAnswer = timeToAnswer
    }
}
