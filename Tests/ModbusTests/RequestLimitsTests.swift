import Modbus
import Testing

/// A request with a range, and the most items that it may have.
struct LimitedRequest: CustomTestStringConvertible, Sendable {
    let name: String
    let limit: UInt16
    private let make: @Sendable (_ address: UInt16, _ quantity: UInt16) -> [UInt8]

    private init(
        _ name: String, _ limit: UInt16, _ make: @escaping @Sendable (_ address: UInt16, _ quantity: UInt16) -> [UInt8]
    ) {
        (self.name, self.limit, self.make) = (name, limit, make)
    }

    static let all =
        ([(0x01, 2000), (0x02, 2000), (0x03, 125), (0x04, 125), (0x20, 125)] as [(UInt8, UInt16)]).map { code, limit in
            LimitedRequest("read \(code)", limit) { [code] + words($0, $1) }
        } + [
            LimitedRequest("write coils", 1968) { [0x0F] + words($0, $1) + data(bytes: (Int($1) + 7) / 8) },
            LimitedRequest("write registers", 123) { [0x10] + words($0, $1) + data(bytes: Int($1) * 2) },
            LimitedRequest("read of read/write", 125) { [0x17] + words($0, $1, 0, 1) + data(bytes: 2) },
            LimitedRequest("write of read/write", 121) { [0x17] + words(0, 1, $0, $1) + data(bytes: Int($1) * 2) },
        ]

    private static func words(_ words: UInt16...) -> [UInt8] {
        words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }

    private static func data(bytes: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: bytes)] + Array(repeating: 0, count: min(bytes, 250))
    }

    var testDescription: String { name }

    func pdu(address: UInt16, quantity: UInt16) throws -> PDU {
        try PDU(Array(make(address, quantity).prefix(PDU.maximumLength)))
    }
}

@Suite struct RequestLimitsTests {
    @Test(arguments: LimitedRequest.all)
    func `the smallest and the largest quantity are accepted`(request: LimitedRequest) throws {
        for quantity in [1, 2, request.limit - 1, request.limit] {
            let pdu = try request.pdu(address: 0, quantity: quantity)
            #expect(throws: Never.self, "\(quantity)") { try Request(pdu) }
        }
    }

    @Test(arguments: LimitedRequest.all)
    func `no and too many items are refused with 0x03`(request: LimitedRequest) throws {
        for quantity in [0, request.limit + 1, 0x8000, 0xFFFF] {
            let pdu = try request.pdu(address: 0, quantity: quantity)
            let error = #expect(throws: PDUError.self) { try Request(pdu) }
            #expect(error == .quantity(quantity, allowed: 1...request.limit))
            #expect(error?.exceptionCode == .illegalDataValue)
        }
    }

    @Test(arguments: LimitedRequest.all)
    func `the last item may have address 65535`(request: LimitedRequest) throws {
        for quantity in [1, request.limit] {
            let pdu = try request.pdu(address: 65535 - (quantity - 1), quantity: quantity)
            #expect(throws: Never.self, "\(quantity)") { try Request(pdu) }
        }
    }

    @Test(arguments: LimitedRequest.all)
    func `items beyond address 65535 are refused with 0x02`(request: LimitedRequest) throws {
        for quantity in [2, request.limit] {
            for address in [65535 - (quantity - 2), 65535] {
                let pdu = try request.pdu(address: address, quantity: quantity)
                let error = #expect(throws: PDUError.self) { try Request(pdu) }
                #expect(error == .addressOverflow(address: address, quantity: quantity))
                #expect(error?.exceptionCode == .illegalDataAddress)
            }
        }
    }

    @Test(arguments: LimitedRequest.all)
    func `a wrong quantity comes before a wrong address`(request: LimitedRequest) throws {
        let pdu = try request.pdu(address: 65535, quantity: request.limit + 1)
        let error = #expect(throws: PDUError.self) { try Request(pdu) }
        #expect(error?.exceptionCode == .illegalDataValue)
    }

    @Test func `a range ends at 65535 at the latest`() throws {
        let whole = try AddressRange(address: 1, quantity: 65535)
        #expect((whole.address, whole.quantity) == (1, 65535))
        #expect(throws: PDUError.addressOverflow(address: 2, quantity: 65535)) {
            try AddressRange(address: 2, quantity: 65535)
        }
    }
}
