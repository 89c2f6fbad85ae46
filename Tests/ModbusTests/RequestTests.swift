import Modbus
import Testing

@Suite struct RequestTests {
    private func request(_ hex: String) throws -> Request {
        try Request(PDU([UInt8](hex: hex)))
    }

    private func range(_ address: UInt16, _ quantity: UInt16) throws -> AddressRange {
        try AddressRange(address: address, quantity: quantity)
    }

    @Test func `reads have their range`() throws {
        #expect(try request("0100130013") == .readBits(.readCoils, range(0x13, 0x13)))
        #expect(try request("0200c40016") == .readBits(.readDiscreteInputs, range(0xC4, 0x16)))
        #expect(try request("03006b0003") == .readRegisters(.readHoldingRegisters, range(0x6B, 3)))
        #expect(try request("0400080001") == .readRegisters(.readInputRegisters, range(8, 1)))
        #expect(try request("2000000064") == .readRegisters(.readMeter, range(0, 100)))
    }

    @Test func `writes have their values`() throws {
        #expect(try request("0500acff00") == .writeSingle(.writeSingleCoil, address: 0xAC, value: 0xFF00))
        #expect(try request("0600010003") == .writeSingle(.writeSingleRegister, address: 1, value: 3))
        #expect(try request("0f0013000a02cd01") == .writeCoils(range(0x13, 10), bits: [0xCD, 0x01]))
        #expect(try request("100001000204000a0102") == .writeRegisters(range(1, 2), values: [0x000A, 0x0102]))
        #expect(try request("16000400f20025") == .maskWrite(address: 4, and: 0xF2, or: 0x25))
        #expect(
            try request("1700030006000e00030600ff12340001")
                == .readWrite(read: range(3, 6), write: range(14, 3), values: [0xFF, 0x1234, 1]))
    }

    @Test(arguments: ["2b0e0100", "21", "65", "8302", "00"])
    func `a function of unknown layout stays closed`(hex: String) throws {
        let pdu = try PDU([UInt8](hex: hex))
        #expect(try Request(pdu) == .opaque(pdu))
    }

    @Test(arguments: [0x0000, 0xFF00] as [UInt16])
    func `a coil is written with 0x0000 or 0xFF00`(value: UInt16) throws {
        let pdu = PDU(write: .writeSingleCoil, address: 7, value: value)
        #expect(
            try Request(pdu) == .writeSingle(.writeSingleCoil, address: 7, value: value))
    }

    @Test(arguments: [0x0001, 0x00FF, 0xFF01, 0xFFFF, 0x0100] as [UInt16])
    func `a coil is written with nothing else`(value: UInt16) {
        let pdu = PDU(write: .writeSingleCoil, address: 7, value: value)
        #expect(throws: PDUError.coilValue(value)) { try Request(pdu) }
        #expect(PDUError.coilValue(value).exceptionCode == .illegalDataValue)
    }

    @Test(arguments: [0x0000, 0x0001, 0xFF00, 0xFFFF] as [UInt16])
    func `a register is written with any value`(value: UInt16) throws {
        let pdu = PDU(write: .writeSingleRegister, address: 7, value: value)
        #expect(
            try Request(pdu) == .writeSingle(.writeSingleRegister, address: 7, value: value))
    }

    @Test func `every truncated request is refused with 0x03`() throws {
        for sample in Sample.known {
            let bytes = try sample.request.bytes
            for length in 1..<bytes.count {
                try expectRefusal(of: PDU(Array(bytes.prefix(length))), "\(sample.name), \(length) bytes")
            }
        }
    }

    @Test func `a request with bytes behind its end is refused with 0x03`() throws {
        for sample in Sample.known {
            for extra in 1...3 {
                let bytes = try sample.request.bytes + Array(repeating: 0, count: extra)
                try expectRefusal(of: PDU(bytes), "\(sample.name), \(extra) more")
            }
        }
    }

    @Test(arguments: [("0f0013000a02cd01", 5), ("100001000204000a0102", 5), ("1700030006000e00030600ff00ff00ff", 9)])
    func `a byte count that does not fit the quantity is refused with 0x03`(hex: String, offset: Int) throws {
        let good = [UInt8](hex: hex)
        for count in UInt8.min...UInt8.max where count != good[offset] {
            var bytes = good
            bytes[offset] = count
            try expectRefusal(of: PDU(bytes), "count \(count)")
            let data = Array(repeating: UInt8(0), count: min(Int(count), PDU.maximumLength - offset - 1))
            try expectRefusal(of: PDU(bytes.prefix(offset + 1) + data), "count \(count), as many bytes")
        }
    }

    private func expectRefusal(of pdu: PDU, _ comment: Comment) {
        let error = #expect(throws: PDUError.self, comment) { try Request(pdu) }
        guard case .byteCount = error else {
            Issue.record("\(String(describing: error)): \(comment)")
            return
        }
        #expect(error?.exceptionCode == .illegalDataValue, comment)
    }
}
