import Endpoints
import Modbus
import NIOCore
import NIOEmbedded
import Settings
import Testing
import Transport

@testable import Gateway

/// Messages that may come again and again, and the time that passes for them.
private final class SpeechBench {
    private let told = Told()
    let loop = EmbeddedEventLoop()
    let notices: RepeatLog

    init() { notices = RepeatLog(loop: loop, logger: told.logger) }

    func newLines() -> [String] { told.newLines() }
}

@Suite struct ServerSpeechTests {
    private let bench = SpeechBench()
    private static let inUse = Array("Port already in use\r\n".utf8)
    private static let told = "inverter: rtuovertcp://h:23: the server says: \"Port already in use\""

    private func speech(_ peer: ServerWords.Peer = .units(hasTransactions: false)) -> ServerSpeech {
        let port = Port.server(.rtuOverTCP(HostPort(host: "h", port: 23)))
        return ServerSpeech(of: "inverter", port, peer, bench.notices)
    }

    @Test func `a server's words are told at once, and counted for as long as it says them at each connection`() {
        let speech = speech()
        for _ in 0..<5 {
            for event in [
                CarrierEvent.opened(notes: []), .said(Self.inUse), .said(Self.inUse), .lost(reason: "closed"),
            ] {
                speech.note(event)
            }
        }
        #expect(bench.newLines() == [Self.told])
        bench.loop.advanceTime(by: .seconds(60))
        #expect(bench.newLines() == [Self.told + ", 4 more within a minute"])
        bench.loop.advanceTime(by: .seconds(60))
        #expect(bench.newLines() == [])
    }

    @Test func `what is not known is not told`() {
        speech().note(.said([0x00, 0x17, 0x80]))
        #expect(bench.newLines() == [])
    }

    @Test func `advice fits what is expected at the port`() {
        let pdu = PDU(read: .readHoldingRegisters, address: 0, quantity: 1)
        let tcp = TCPFrame(transaction: 7, unit: 1, pdu: pdu).bytes
        #expect(
            ServerWords.meaning(of: tcp, from: .units(hasTransactions: false))?.contains("use tcp:// in place") == true)
        #expect(ServerWords.meaning(of: tcp, from: .dongle)?.contains("raw TCP, without Modbus") == true)
        let rtu = RTUFrame(unit: 1, pdu: pdu).bytes
        #expect(
            ServerWords.meaning(of: rtu, from: .units(hasTransactions: true))?.contains("use rtuovertcp://") == true)
        #expect(ServerWords.meaning(of: rtu, from: .diallingUnits)?.hasSuffix("set it to Modbus TCP") == true)
        #expect(ServerWords.meaning(of: rtu, from: .dongle) == nil)
    }

    @Test func `quoted text is cut and has no control characters`() {
        let text = "Failure:\t" + String(repeating: "x", count: 300)
        let meaning = ServerWords.meaning(of: Array(text.utf8), from: .dongle)
        #expect(meaning == "the server says: \"Failure:?" + String(repeating: "x", count: 191) + "…\"")
    }

    @Test func `a web server is called one`() {
        let answer = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
        #expect(
            ServerWords.meaning(of: Array(answer.utf8), from: .units(hasTransactions: true))
                == "the server says: \"HTTP/1.1 400 Bad Request\": that is a web server; is the port right?")
        #expect(
            ServerWords.meaning(of: Array("SSH-2.0-OpenSSH_9.6\r\n".utf8), from: .dongle)?
                .hasSuffix(": that is an SSH server; is the port right?") == true)
    }

    @Test func `more kinds than fit are told together`() {
        for number in 0..<200 { bench.notices.note("client \(number)") }
        let lines = bench.newLines()
        #expect(lines.count == RepetitionLimit.mostKinds + 1)
        #expect(lines.last == "something else")
    }
}

@Suite struct FramingAdviceTests {
    private static let place = HostPort(host: "0.0.0.0", port: 5020)
    private static let read = PDU(read: .readHoldingRegisters, address: 0, quantity: 2)
    private static let rtu = RTUFrame(unit: 1, pdu: read).bytes
    private static let tcp = TCPFrame(transaction: 1, unit: 1, pdu: read).bytes

    @Test func `a client of the other framing is told which listener fits`() {
        #expect(
            FramingAdvice.text(Self.rtu, from: "10.0.0.9", at: .tcp(Self.place))
                == "0.0.0.0:5020: 10.0.0.9 sends RTU frames, and this listener takes Modbus TCP: set the client to Modbus TCP, or give it a listener for RTU frames (--rtu-tcp HOST:PORT)"
        )
        #expect(
            FramingAdvice.text(Self.tcp, from: "10.0.0.9", at: .rtuTCP(Self.place))
                == "rtu-tcp 0.0.0.0:5020: 10.0.0.9 sends Modbus TCP, and this listener takes RTU frames: set the client to RTU frames, or give it a listener for Modbus TCP (--tcp HOST:PORT)"
        )
        #expect(FramingAdvice.text(Self.rtu, from: "::1", at: .udp(Self.place))?.contains("--rtu-udp") == true)
        #expect(FramingAdvice.text(Self.tcp, from: "::1", at: .rtuUDP(Self.place))?.contains("(--udp ") == true)
    }

    @Test func `the right framing, and what is no Modbus, draws no advice`() {
        #expect(FramingAdvice.text(Self.tcp, from: "::1", at: .tcp(Self.place)) == nil)
        #expect(FramingAdvice.text(Self.rtu, from: "::1", at: .rtuTCP(Self.place)) == nil)
        #expect(FramingAdvice.text(Array("GET / HTTP/1.1\r\n".utf8), from: "::1", at: .tcp(Self.place)) == nil)
    }
}

@Suite struct ServerDoubtTests {
    private let server = HostPort(host: "h", port: 502)

    @Test func `a server that closes on RTU without a word may speak Modbus TCP`() {
        let closed = "closed by the server"
        #expect(
            ServerWords.doubt(of: .rtuOverTCP(server), closed: closed)
                == "the server may speak Modbus TCP, not RTU: try tcp://h:502")
        #expect(ServerWords.doubt(of: .modbusTCP(server), closed: closed) == nil)
        #expect(ServerWords.doubt(of: .rtuOverTCP(server), closed: "no answer") == nil)
        #expect(ServerWords.doubt(of: .rtuOverTCP(server), closed: nil) == nil)
    }
}
