internal import Broker
internal import Modbus
internal import Simulator

/// One line of a world, and how it is treated: what the seed decides about it before anything happens.
struct LineSettings {
    var bus: BusSettings
    var line = SimulatedLine.Settings()
    /// The units that answer; 1…n by their own numbers.
    var units: Int
    /// Clients of all lines know each unit by its own number and this; nil: by its own alone.
    var firstNumber: UInt8?
    var hasDongle: Bool
    /// Whether it is said otherwise now and then whether the adapter hears itself.
    var changesEcho: Bool
    /// Whether the device is unplugged now and then.
    var replugs: Bool
    /// From one burst of noise on the idle line to the next; nil: none.
    var noisePeriod: Duration?
    /// What clients may read of it, and what its dongle may.
    var reads = ReadRules()
    var dongleReads = ReadRules()
    /// The most registers of a read; nil: any number. Of single units something else.
    var readLimit: UInt16?
    var unitLimits: [UnitIdentifier: UInt16] = [:]
    /// Whether clients of all lines know its unit 0 by a number.
    var hasNumberForZero = false
    /// Which of its units they read as unit 0; nil: none.
    var unitOfZero: UInt8?

    /// Lines that no broker could serve rightly are left out: a reply later than the window of R4; a late one that looks
    /// like a wrong one; a duplicate that begins after the next request was sent.
    init(number: Int, _ random: inout RandomSource) {
        let baud = [9600, 19200, 38400, 115_200].randomElement(using: &random) ?? 9600
        let timing = LineTiming(baud: baud, bitsPerCharacter: [10, 11].randomElement(using: &random) ?? 10)
        bus = .usual(timing)
        bus.minPeriod = [.zero, .milliseconds(100), .milliseconds(500)].randomElement(using: &random) ?? .zero
        bus.responseTimeout = random.duration(.milliseconds(200) ... .milliseconds(900))
        bus.retries = Int.random(in: 0...2, using: &random)
        bus.queueCapacity = [8, 64, 4096].randomElement(using: &random) ?? 64
        line.timing = timing
        line.responseTimeout = bus.responseTimeout
        line.latestReply = bus.responseTimeout + bus.lateWindow - .milliseconds(1)
        line.thinkingTime = .milliseconds(5)...min(.milliseconds(120), bus.responseTimeout / 2)
        line.largestPiece = [0, 0, 8, 64].randomElement(using: &random) ?? 0
        line.echoes = random.chance(0.15)
        bus.localEcho = line.echoes && random.chance(0.5)
        changesEcho = line.echoes && random.chance(0.5)
        hasDongle = random.chance(0.7)
        units = Int.random(in: 1...3, using: &random)
        firstNumber = number > 0 || random.chance(0.3) ? UInt8(10 * number + 10) : nil
        replugs = random.chance(0.3)
        noisePeriod = random.chance(0.3) ? random.duration(.seconds(1) ... .seconds(10)) : nil
        let limits = FaultLimits(
            responseTimeout: bus.responseTimeout, lateness: bus.lateWindow / 2,
            copiesComeAtOnce: line.largestPiece == 0 || bus.minPeriod > .zero)
        let scale: Double = [0, 0.3, 1].randomElement(using: &random) ?? 0
        line.faults = FaultRule.drawn(within: limits, scale: scale, &random)
    }

    /// The requests in which the line is asked for this.
    func parts(of frame: RTUFrame) -> [RTUFrame] {
        guard !frame.unit.isBroadcast, let limit = unitLimits[frame.unit] ?? readLimit,
            let read = ReadOpinion(frame.pdu)
        else { return [frame] }
        return read.parts(of: Int(limit)).map { RTUFrame(unit: frame.unit, pdu: $0) }
    }
}
