import Modbus

/// Random frames with random noise between them: the expected reply, late ones, foreign ones; and what has to be found.
///
/// No CRC-valid frame begins in the noise.
struct ReplyStream {
    private(set) var bytes: [UInt8] = []
    private(set) var expected: [RTUReplyScanner.Finding] = []
    let shape: ReplyShape
    let owed: [ReplyShape]

    init(using generator: inout SplitMix64) throws {
        let samples = Sample.known.shuffled(using: &generator)
        shape = try samples[0].shape()
        owed = try [samples[1].shape(), samples[2].shape()]
        while true {
            var noise: [Int] = []
            var hasReply = false
            (bytes, expected) = ([], [])
            for _ in 0..<generator.number(1...7) {
                let start = bytes.count
                let finding: RTUReplyScanner.Finding
                switch generator.number(0...6) {
                case 0...1: finding = .noise(generator.noise())
                case 2: finding = .foreign(generator.foreignReply())
                case 3:
                    let frame = generator.request()
                    finding = .foreign(RTUFrame(unit: 200, pdu: frame.pdu))
                case 4: finding = .late(try samples[1].replyFrame(), index: 0)
                case 5:
                    finding = .late(
                        RTUFrame(unit: 1, pdu: PDU(exception: .serverDeviceFailure, to: owed[1].function)), index: 1)
                default:
                    let frame = try samples[0].replyFrame()
                    finding = hasReply ? .foreign(frame) : .reply(frame)
                    hasReply = true
                }
                bytes += finding.bytes
                expected.append(finding)
                if case .noise = finding { noise += start..<bytes.count }
            }
            expected = expected.merged
            if !ReferenceCRC.hasFrame(in: bytes, at: noise) { return }
        }
    }
}

extension SplitMix64 {
    /// A reply of some unit that is asked by somebody else.
    mutating func foreignReply() -> RTUFrame {
        let sample = Sample.known.randomElement(using: &self) ?? Sample.known[0]
        let unit = UnitIdentifier(rawValue: UInt8(number(100...247)))
        return (try? sample.replyFrame(unit: unit)) ?? foreignReply()
    }
}
