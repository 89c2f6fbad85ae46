internal import Broker
package import Modbus

/// What came from a line while it was listened to, or after a request.
package struct ProbeHearing: Hashable, Sendable {
    /// The reply to the request, or a late one to the request before.
    package var answer: RTUFrame?
    /// From the end of the request to the end of the answer.
    package var time: Duration?
    /// Intact frames that nobody here asked for.
    package var foreign: [RTUFrame] = []
    /// The adapter hears what it sends.
    package var isEchoed = false
    /// How many bytes belong to no frame.
    package var garbage = 0
    /// Why there is no connection to the server that was to be asked; nil: there is one.
    package var lossReason: String?
    /// What the server said in place of Modbus; nil: nothing that is known.
    package var serverWords: String?

    package init() {}

    var isNothing: Bool {
        answer == nil && foreign.isEmpty && !isEchoed && garbage == 0 && lossReason == nil
            && serverWords == nil
    }
}

/// Makes of bytes what was heard.
package struct ProbeListener {
    private var scanner: RTUReplyScanner
    private var expected: ReplyShape?
    private let owed: [ReplyShape]
    private var echo: [UInt8] = []
    package private(set) var hearing = ProbeHearing()

    /// - Parameters:
    ///   - request: nil: nothing was asked.
    ///   - previous: a request whose answer may still come late.
    package init(request: RTUFrame? = nil, previous: RTUFrame? = nil) {
        scanner = RTUReplyScanner()
        expected = request.map { ReplyShape(unit: $0.unit, request: $0.pdu) }
        owed = previous.map { [ReplyShape(unit: $0.unit, request: $0.pdu)] } ?? []
        echo = request?.bytes ?? []
    }

    /// Whether what has come so far may be the beginning of the answer.
    package var isReceiving: Bool { scanner.holdsReply }

    package mutating func received(_ bytes: [UInt8]) {
        take(scanner.received(bytes, expected: expected, owed: owed, echo: echo))
    }

    /// Nothing more will come.
    package mutating func end() {
        while let silence = scanner.awaits {
            take(scanner.silence(silence, expected: expected, owed: owed, echo: echo))
        }
    }

    private mutating func take(_ findings: [RTUReplyScanner.Finding]) {
        for finding in findings {
            switch finding {
            case .reply(let frame):
                hearing.answer = frame
                expected = nil
            case .late(let frame, _): hearing.answer = hearing.answer ?? frame
            case .echo:
                hearing.isEchoed = true
                echo = []
            case .foreign(let frame): hearing.foreign.append(frame)
            case .noise(let bytes): hearing.garbage += bytes.count
            }
        }
    }
}
