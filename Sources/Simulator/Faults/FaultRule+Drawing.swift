internal import Broker

extension FaultRule {
    /// What the rule does to one reply.
    func fault(_ random: inout RandomSource) -> Fault {
        switch kind {
        case .delay(let range): .delay(random.duration(range))
        case .tail(let mean): .delay(random.tail(mean: mean))
        case .loss: .loss
        case .late(let range): .late(random.duration(range))
        case .exception(let code): .exception(code)
        case .duplicate: .duplicate
        case .truncated: .truncated(count: Int.random(in: 1...250, using: &random))
        case .crc: .corrupted(bit: Int.random(in: 0..<2048, using: &random))
        case .noiseBefore: .noiseBefore(random.noise())
        case .noiseAfter: .noiseAfter(random.noise())
        case .split(let gap): .split(at: Int.random(in: 1...250, using: &random), pause: random.duration(gap))
        case .wrongUnit: .wrongUnit(difference: 100)
        case .wrongFunction: .wrongFunction(difference: 0x48)
        case .wrongCount: .wrongLength(registers: 1)
        case .asleep(let duration): .asleep(duration)
        case .unplugged(let duration): .unplugged(duration)
        }
    }
}

extension RandomSource {
    /// 1–12 bytes.
    mutating func noise() -> [UInt8] {
        (0..<Int.random(in: 1...12, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// Exponential: in steps of halving, which needs no logarithm and is the same on every machine.
    fileprivate mutating func tail(mean: Duration) -> Duration {
        var doublings = 0
        while doublings < 29, next() & 1 == 0 { doublings += 1 }
        let fraction = Double(next() >> 11) * 0x1p-53
        // Within one halving the exponential is nearly straight. ln 2 = 0.6931.
        let nanoseconds = Double(mean.nanoseconds) * 0.693_147 * (Double(doublings) + fraction)
        return Duration(nanoseconds: Int64(nanoseconds))
    }
}
