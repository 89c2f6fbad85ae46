import Broker
import Glibc
import Modbus
import NIOCore
import NIOPosix
import SerialLine
import Testing

@testable import Transport

/// A virtual port on an event loop, before a backend that answers when the test says so.
///
/// Touched on the loop only, by `on`.
final class PseudoTerminalBench {
    /// Keeps every query until the test answers it.
    final class PatientBackend: QueryPath {
        private(set) var queries: [Query] = []
        private(set) var withdrawn: [Query.ID] = []
        private var waiting: [(query: Query, owner: any QueryOwner)] = []
        /// Answers at once, with registers that hold the address.
        var answersAtOnce = false

        func destination(of unit: UnitIdentifier, isRead: Bool) -> Destination? { nil }

        func submit(_ query: Query, for owner: any QueryOwner) {
            queries.append(query)
            waiting.append((query, owner))
            if answersAtOnce { answerOldest() }
        }

        func withdraw(_ query: Query) { withdrawn.append(query.id) }

        /// A write is confirmed, a read gets one register: its address.
        func answerOldest() {
            guard !waiting.isEmpty else { return }
            let (query, owner) = waiting.removeFirst()
            let pdu = query.isRead ? PDU(registers: [query.address], replyTo: query.pdu.function) : query.pdu
            owner.finished(
                Exchange(
                    query: query, result: .success(RTUFrame(unit: query.lineUnit, pdu: pdu)), source: .bus,
                    finished: query.arrived))
        }
    }

    let backend = PatientBackend()
    let listener: PseudoTerminalListener
    private(set) var reports: [String] = []
    /// Whether the port had its name, or a program, when each report came; a moment later it may have them again.
    private(set) var wasThereAtReports: [Bool] = []
    private(set) var deliveries: [BrokerEvent.Delivery] = []
    /// How often bytes were dropped that were no request.
    private(set) var discards = 0

    private init(_ path: String, _ loop: any EventLoop, _ access: PseudoTerminalAccess) {
        weak var bench: PseudoTerminalBench?
        let admission = ClientAdmission(ClientAdmission.Limits(), observe: { _ in })
        let entrance = ClientEntrance(
            path: backend, settings: .patient, admission: admission, loop: loop,
            observe: { bench?.note($0) })
        listener = PseudoTerminalListener(path: path, access: access, entrance) { bench?.note(report: $0, path) }
        bench = self
    }

    private func note(_ event: BrokerEvent) {
        switch event {
        case .finished(_, let delivery): deliveries.append(delivery)
        case .discarded: discards += 1
        default: break
        }
    }

    private func note(report: String, _ path: String) {
        reports.append(report)
        var status = stat()
        wasThereAtReports.append(lstat(path, &status) == 0 || listener.connected > 0)
    }

    /// A bench, and the way to it from a test.
    struct Handle: Sendable {
        let path: String
        let loop: any EventLoop
        private let bound: NIOLoopBound<PseudoTerminalBench>

        init(
            access: PseudoTerminalAccess = PseudoTerminalAccess(),
            on loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
        ) async throws {
            let path = "/tmp/growatt-broker-test-\(UInt64.random(in: 0 ... .max))"
            self.path = path
            self.loop = loop
            bound = try await loop.submit {
                NIOLoopBound(PseudoTerminalBench(path, loop, access), eventLoop: loop)
            }.get()
        }

        func on<Value: Sendable>(
            _ body: @escaping @Sendable (PseudoTerminalBench) throws -> Value
        ) async throws -> Value {
            try await loop.submit { [bound] in try body(bound.value) }.get()
        }

        @discardableResult
        func start() async throws -> String {
            try await loop.flatSubmit { [bound] in bound.value.listener.start() }.get()
        }

        func stop() async throws {
            try await loop.flatSubmit { [bound] in bound.value.listener.stopAccepting() }.get()
        }

        /// Lets the loop run until something holds; the limit only keeps a failing test from hanging.
        func until(
            _ what: Comment, _ condition: @escaping @Sendable (PseudoTerminalBench) -> Bool,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let limit = NIODeadline.now() + .seconds(600)
            while try await !on(condition) {
                try #require(NIODeadline.now() < limit, what, sourceLocation: sourceLocation)
            }
        }

        /// Lets a program write a request in pieces until it is found: on a busy machine the pieces may come with a gap that
        /// ends a frame, and are dropped.
        func write(
            _ request: [UInt8], inPiecesOf size: Int, by program: Program,
            until isFound: @escaping @Sendable (PseudoTerminalBench) -> Bool
        ) async throws {
            repeat {
                let before = try await on { $0.discards }
                for start in stride(from: 0, to: request.count, by: size) {
                    program.write(Array(request[start..<min(start + size, request.count)]))
                    try await on { _ in }
                }
                try await until("the request, or its bytes dropped") { isFound($0) || $0.discards > before }
            } while try await !on(isFound)
        }

        func queries(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws -> [Query] {
            try await until("\(count) queries", { $0.backend.queries.count >= count }, sourceLocation: sourceLocation)
            return try await on { $0.backend.queries }
        }

        func connected(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
            try await until("connected: \(count)", { $0.listener.connected == count }, sourceLocation: sourceLocation)
        }

        func answerOldest() async throws { try await on { $0.backend.answerOldest() } }
    }
}

extension Query {
    var address: UInt16 { pdu.word(at: 1) ?? 0 }
}

/// A program that has a virtual port open.
struct Program: Sendable {
    static func readRequest(_ address: UInt16) -> [UInt8] {
        RTUFrame(unit: 1, pdu: PDU(read: .readHoldingRegisters, address: address, quantity: 1)).bytes
    }
    static func writeRequest(_ address: UInt16) -> [UInt8] {
        RTUFrame(unit: 1, pdu: PDU(write: .writeSingleRegister, address: address, value: 7)).bytes
    }
    static func reply(_ address: UInt16) -> [UInt8] {
        RTUFrame(unit: 1, pdu: PDU(registers: [address], replyTo: .readHoldingRegisters)).bytes
    }

    let descriptor: Int32

    init(_ path: String) throws {
        descriptor = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        try #require(descriptor >= 0, "\(path): \(String(cString: strerror(errno)))")
    }

    func write(_ bytes: [UInt8]) {
        #expect(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }

    func close() { _ = Glibc.close(descriptor) }

    /// What has come by now.
    func readWaiting() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    /// Waits until so much has come; the limit only keeps a failing test from hanging.
    func read(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var query = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while bytes.count < count, poll(&query, 1, 10_000) > 0 {
            let new = readWaiting()
            if new.isEmpty { break }
            bytes += new
        }
        return bytes
    }

    func setMode(_ change: (inout termios) -> Void) {
        var mode = termios()
        #expect(tcgetattr(descriptor, &mode) == 0)
        change(&mode)
        #expect(tcsetattr(descriptor, TCSANOW, &mode) == 0)
    }
}
