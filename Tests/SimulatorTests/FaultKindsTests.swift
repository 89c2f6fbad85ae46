import Modbus
import Testing

@testable import Simulator

/// What holds for every kind of fault.
struct FaultKindsTests {
    @Test func `no two kinds have one word, and each is read by its own`() throws {
        let words = FaultKinds.all.map { $0.word }
        #expect(Set(words).count == words.count)
        for kind in FaultKinds.all {
            let needed = kind.neededKeys.map { " \($0) 1s" }.joined()
            let rule = try #require(try FaultRules(kind.word + needed).rules.first)
            #expect(type(of: rule.fault.kind) == kind, "\(kind.word)")
        }
    }

    @Test func `no key of a kind is one of every rule`() {
        let own = FaultRule.ownKeys.first + FaultRule.ownKeys.last
        #expect(Set(own).isDisjoint(with: FaultKinds.keys))
    }

    @Test(
        "a client without a line gets a reply if a gateway finds it on the line, and no other",
        arguments: FaultKinds.all.map { $0.word })
    func replies(_ word: String) throws {
        let kind = try #require(FaultKinds.all.first { $0.word == word })
        var random = RandomSource(seed: 1)
        for (request, reply) in Self.exchanges {
            for _ in 0..<200 {
                let fault = Fault(kind.init()).drawn(&random)
                guard fault.request == .passes else { continue }
                var disturbed = LineReply(RTUFrame(unit: 1, pdu: reply).bytes)
                fault.kind.disturb(&disturbed)
                let isFound = disturbed.lateness == nil && Self.finds(disturbed, request)
                #expect(isFound == (fault.kind.replyWithoutLine != .lost), "\(fault.kind)")
            }
        }
    }

    private static let exchanges: [(PDU, PDU)] = [
        (
            PDU(read: .readHoldingRegisters, address: 0, quantity: 20),
            PDU(registers: (1...20).map { $0 * 257 }, replyTo: .readHoldingRegisters)
        ),
        (
            PDU(write: .writeSingleRegister, address: 7, value: 5),
            PDU(write: .writeSingleRegister, address: 7, value: 5)
        ),
    ]

    /// Whether a gateway that has sent the request finds its reply in what comes.
    private static func finds(_ reply: LineReply, _ request: PDU) -> Bool {
        let expected = ReplyShape(unit: 1, request: request)
        var scanner = RTUReplyScanner()
        var findings: [RTUReplyScanner.Finding] = []
        for piece in reply.pieces { findings += scanner.received(piece.bytes, expected: expected, owed: []) }
        while let silence = scanner.awaits { findings += scanner.silence(silence, expected: expected, owed: []) }
        return findings.contains { if case .reply = $0 { true } else { false } }
    }
}

extension FaultKind {
    fileprivate static var neededKeys: [String] { settings.filter { $0.isNeeded }.map(\.key) }
}
