import Modbus

/// Random requests with random noise between them, and what has to be found in them.
///
/// No CRC-valid frame begins in the noise.
struct RequestStream {
    /// What comes without a silence.
    private(set) var groups: [[UInt8]] = []
    private(set) var expected: [RTURequestScanner.Finding] = []

    var bytes: [UInt8] { groups.flatMap { $0 } }

    init(groups count: Int, using generator: inout SplitMix64) {
        for index in 0..<count {
            let isOpaque = count > 1 && generator.number(0...4) == 0
            if isOpaque {
                let frame = RTUFrame(unit: 1, pdu: generator.opaque())
                groups.append(frame.bytes)
                expected.append(.request(frame))
            } else {
                append(&generator, isLast: index == count - 1)
            }
        }
        expected = expected.merged
    }

    private mutating func append(_ generator: inout SplitMix64, isLast: Bool) {
        while true {
            var (group, findings, noise, isConfirmed) = ([UInt8](), [RTURequestScanner.Finding](), [Int](), true)
            for _ in 0..<generator.number(1...6) {
                if generator.number(0...2) == 0 {
                    let bytes = generator.noise()
                    noise += group.count..<(group.count + bytes.count)
                    group += bytes
                    findings.append(.noise(bytes))
                    isConfirmed = false
                } else {
                    let frame = generator.request()
                    let isRead = frame.pdu.function.isRead
                    group += frame.bytes
                    findings.append(isConfirmed || isRead ? .request(frame) : .unconfirmedWrite(frame.bytes))
                    isConfirmed = isConfirmed || isRead
                }
            }
            guard !ReferenceCRC.hasFrame(in: group, at: noise) else { continue }
            groups.append(group)
            expected += findings
            return
        }
    }
}

extension SplitMix64 {
    /// Any valid request of known layout.
    mutating func request() -> RTUFrame {
        let unit = UnitIdentifier(rawValue: UInt8(number(0...247)))
        let address = [UInt8(number(0...127)), byte()]
        func quantity(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
        var bytes: [UInt8]
        switch number(0...10) {
        case 0...1: bytes = [UInt8(number(1...2))] + address + quantity(number(1...2000))
        case 2...4: bytes = [[3, 4, 0x20].randomElement(using: &self) ?? 3] + address + quantity(number(1...125))
        case 5: bytes = [5] + address + (number(0...1) == 0 ? [0, 0] : [0xFF, 0])
        case 6: bytes = [6] + address + self.bytes(2)
        case 7:
            let coils = number(1...100)
            bytes = [0x0F] + address + quantity(coils) + [UInt8((coils + 7) / 8)] + self.bytes((coils + 7) / 8)
        case 8:
            let registers = number(1...20)
            bytes = [0x10] + address + quantity(registers) + [UInt8(registers * 2)] + self.bytes(registers * 2)
        case 9: bytes = [0x16] + address + self.bytes(4)
        default:
            let registers = number(1...20)
            bytes = [0x17] + address + quantity(number(1...125)) + address + quantity(registers)
            bytes += [UInt8(registers * 2)] + self.bytes(registers * 2)
        }
        return (try? PDU(bytes)).map { RTUFrame(unit: unit, pdu: $0) } ?? request()
    }

    /// Random bytes, bytes that look like the beginning of a frame, or a frame that is cut short.
    mutating func noise() -> [UInt8] {
        switch number(0...2) {
        case 0: return bytes(number(1...30))
        case 1:
            return (0..<number(1...12)).map { _ in
                [0, 1, 3, 4, 6, 0x10, 0x17, 0x20, 0x83].randomElement(using: &self) ?? 0
            }
        default:
            let frame = request().bytes
            return Array(frame.prefix(number(1...(frame.count - 1))))
        }
    }

    /// A PDU of unknown layout.
    mutating func opaque() -> PDU {
        let bytes = [[0x07, 0x2B, 0x41, 0x65].randomElement(using: &self) ?? 0x65] + bytes(number(0...40))
        return (try? PDU(bytes)) ?? opaque()
    }
}
