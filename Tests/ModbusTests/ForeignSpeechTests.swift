import Modbus
import Testing

struct ForeignSpeechTests {
    private static let read = PDU(read: .readHoldingRegisters, address: 0, quantity: 2)
    private static let rtu = RTUFrame(unit: 1, pdu: read).bytes
    private static let tcp = TCPFrame(transaction: 7, unit: 1, pdu: read).bytes

    private func server(_ bytes: [UInt8], _ hasTransactions: Bool = false) -> ForeignSpeech? {
        ForeignSpeech(fromServer: bytes, hasTransactions: hasTransactions)
    }

    private func client(_ bytes: [UInt8], _ hasTransactions: Bool) -> ForeignSpeech? {
        ForeignSpeech(fromClient: bytes, hasTransactions: hasTransactions)
    }

    @Test(arguments: [
        "Port already in use\r\n", "Device open failure: Value or file not found\r\n", "\r\nInternal error: x\r\n\0",
    ])
    func `words of a serial server are known`(_ words: String) {
        let line = words.split { "\r\n\0".contains($0) || $0 == "\r\n" }[0]
        for hasTransactions in [false, true] {
            #expect(server(Array(words.utf8), hasTransactions) == .text(String(line)))
        }
    }

    @Test func `Telnet negotiation is known`() {
        #expect(server([0xFF, 0xFB, 0x01, 0xFF, 0xFB, 0x03]) == .telnet)
    }

    @Test func `the other framing is known in both directions, of servers and of clients`() {
        #expect(server(Self.tcp) == .modbusTCP)
        #expect(server(Self.rtu, true) == .rtu)
        #expect(client(Self.tcp, false) == .modbusTCP)
        #expect(client(Self.rtu, true) == .rtu)
    }

    @Test func `a read of RTU from register 0 is known, though it looks like a header of Modbus TCP`() throws {
        #expect(Array(Self.rtu[2..<6]) == [0, 0, 0, 2])
        #expect(client(Self.rtu, true) == .rtu)
        let write = try RTUFrame(unit: 1, pdu: PDU([16, 0, 0, 0, 3, 6, 0, 1, 0, 2, 0, 3])).bytes
        #expect(client(write, false) == nil)
        #expect(client(write, true) == .rtu)
        #expect(server(write) == nil)
    }

    @Test func `noise and frames of the right framing mean nothing`() {
        for bytes in [[], [0xFF, 0x00, 0x17], Self.rtu] { #expect(server(bytes) == nil) }
        #expect(server(Self.tcp, true) == nil)
        #expect(client(Self.rtu, false) == nil)
        #expect(client(Self.tcp, true) == nil)
        #expect(client(Array("GET / HTTP/1.1\r\n\r\n".utf8), true) == nil)
    }
}
