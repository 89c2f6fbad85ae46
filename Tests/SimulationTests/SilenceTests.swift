import Broker
import Modbus
import Simulation
import Testing

/// R11: silence about something is not silence of the unit.
///
/// The situations in which 0.1.0, or a first wording of the rule, took good reads from somebody; with their bounds.
struct SilenceTests {
    private typealias Asker = SilenceScenario.Asker

    private static func input(_ address: UInt16, _ quantity: UInt16 = 20) -> PDU {
        PDU(read: .readInputRegisters, address: address, quantity: quantity)
    }

    /// Ranges that no Growatt of the kind has, and ranges that it has.
    private static func absent(_ count: UInt16) -> [PDU] { (0..<count).map { input(30_000 + $0 * 20) } }
    private static func good(_ count: UInt16) -> [PDU] { (0..<count).map { input($0 * 20) } }
    private static func isAbsent(_ request: PDU) -> Bool { (request.word(at: 1) ?? 0) >= 30_000 }

    private static let hour: Duration = .seconds(3600)
    private static let quarters: Duration = .seconds(2700)

    private static func silentAbout30000(_ askers: [SilenceScenario.Asker], for duration: Duration) -> SilenceScenario {
        SilenceScenario(askers, for: duration) { unit, request, _ in unit == 1 && !isAbsent(request) }
    }

    @Test(arguments: [3, 8] as [UInt16])
    func `1, 2: from the very start a client asks absent ranges, then three good ones`(count: UInt16) {
        let asker = Asker("X", Self.absent(count) + Self.good(3), every: .seconds(15))
        var scenario = Self.silentAbout30000([asker], for: .seconds(900))
        let report = scenario.run()
        #expect(report.clients[0].asked >= 150 && report.clients[0].share == 1, "\(report.clients)")
        scenario.loss = 0.055
        #expect(scenario.run().clients[0].share >= 0.95)
    }

    @Test func `3: from the start X asks an absent range each second, Y three good ones each 15 s, beside the dongle`()
    {
        var scenario = Self.silentAbout30000(
            [
                Asker("X", Self.absent(1), every: .seconds(1)), Asker("Y", Self.good(3), every: .seconds(15)),
            ], for: .seconds(900))
        scenario.hasDongle = true
        let report = scenario.run()
        #expect(report.clients[1].share == 1, "\(report.clients)")
        #expect(report.dongle.map { $0.unansweredShare <= 0.01 } == true, "\(report.dongle as Any)")
    }

    @Test func `4: X asks eight absent ranges each 5 s, Y comes after 60 s`() {
        let report = Self.silentAbout30000(
            [
                Asker("X", Self.absent(8), every: .seconds(5)),
                Asker("Y", Self.good(3), every: .seconds(15), from: .seconds(60)),
            ], for: .seconds(900)
        ).run()
        #expect(report.clients[1].asked >= 160 && report.clients[1].share == 1, "\(report.clients)")
    }

    @Test(arguments: [0, 700]) func `5, 6: a known range is gone at 600 s, X goes on asking it each second`(from: Int) {
        let gone = Self.input(3000)
        var scenario = SilenceScenario(
            [
                Asker("X", [gone], every: .seconds(1)),
                Asker("Y", Self.good(3), every: .seconds(from == 0 ? 15 : 60), from: .seconds(from)),
            ], for: .seconds(1800)
        ) { unit, request, time in unit == 1 && (request != gone || time < .seconds(600)) }
        scenario.mark = .seconds(600)
        let report = scenario.run()
        #expect(report.clients[1].share == 1, "\(report.clients)")
        #expect(report.lineLost <= 0.05)
    }

    @Test(arguments: [20, 74] as [UInt16])
    func `7, 8: by night only holding answers; Y has day ranges, Z asks holding`(ranges: UInt16) {
        let holding = PDU(read: .readHoldingRegisters, address: 0, quantity: 20)
        for from in [0, 2000] {
            var scenario = SilenceScenario(
                [
                    Asker("Y", Self.good(ranges), every: .seconds(60)),
                    Asker("Z", [holding], every: .seconds(60), from: .seconds(from)),
                ], for: .seconds(6000)
            ) { unit, request, time in
                unit == 1 && (time < .seconds(1800) || request.function == .readHoldingRegisters)
            }
            scenario.mark = .seconds(1800)
            let figures = scenario.run().clients[1]
            #expect(figures.asked >= 60 && figures.share >= 0.95, "\(ranges) ranges, from \(from): \(figures)")
        }
    }

    @Test func `9: a unit that is silent to half a value answers what contains it`() {
        let half = Self.input(3001, 1)
        var scenario = SilenceScenario(
            [
                Asker("X", [half], every: .seconds(1)), Asker("Y", [Self.input(3000, 60)], every: .seconds(15)),
            ], for: .seconds(900)
        ) { unit, request, _ in unit == 1 && request != half }
        scenario.hasDongle = true
        let report = scenario.run()
        #expect(report.clients[1].share == 1, "\(report.clients)")
        #expect(report.dongle.map { $0.unansweredShare <= 0.01 } == true)
    }

    @Test func `10: replies of ten registers and more come damaged, small ones are good`() {
        var scenario = SilenceScenario(
            [
                Asker("X", [Self.input(0, 60), Self.input(100, 20)], every: .seconds(1)),
                Asker("Y", [Self.input(300, 2), Self.input(310, 2), Self.input(320, 2)], every: .seconds(15)),
            ], for: .seconds(900)
        ) { unit, _, _ in unit == 1 }
        scenario.damages = { ($0.word(at: 3) ?? 0) >= 10 }
        let report = scenario.run()
        #expect(report.clients[1].asked >= 170 && report.clients[1].share == 1, "\(report.clients)")
        #expect(report.silentAfter == nil)
    }

    @Test(arguments: [6, 20, 74] as [UInt16])
    func `11, 12: at dusk a unit is silent within 20 s, and costs the other unit little`(ranges: UInt16) {
        // So that every range was answered before.
        let (per, period) = (ranges / 3, Duration.seconds(ranges == 74 ? 60 : 15))
        let askers = (0..<3).map { number in
            Asker("X\(number)", (0..<per).map { Self.input(UInt16(number) * 2000 + $0 * 20) }, every: period)
        }
        var scenario = SilenceScenario(
            askers + [Asker("Y", Self.good(2), every: .seconds(10), unit: 2)], for: .seconds(1800)
        ) { unit, _, time in unit == 2 || time < .seconds(600) }
        scenario.mark = .seconds(600)
        let report = scenario.run()
        #expect(report.silentAfter.map { $0 <= .seconds(20) } == true, "\(report.silentAfter as Any)")
        #expect(report.clients[3].asked - report.clients[3].answered <= 2, "\(report.clients)")
        // 25 s once, and 1.5 % of the line afterwards.
        #expect(report.lineLost * 1800 <= 25 + 0.02 * 1200 + 5, "\(report.lineLost)")
    }

    @Test(arguments: [6, 20, 74] as [UInt16])
    func `13: dawn is noticed within a minute`(ranges: UInt16) {
        var scenario = SilenceScenario(
            [Asker("X", Self.good(ranges), every: .seconds(15))], for: .seconds(4000)
        ) { unit, _, time in unit == 1 && !(Duration.seconds(600)..<Duration.seconds(3000)).contains(time) }
        scenario.mark = .seconds(3000)
        let first = scenario.run().clients[0].firstAnswer
        #expect(first.map { $0 <= .seconds(75) } == true, "\(first as Any)")
    }

    @Test(arguments: [20, 74] as [UInt16])
    func `14: a unit that never was there costs at most a twentieth of the line`(ranges: UInt16) {
        let report = SilenceScenario(
            [Asker("X", Self.good(ranges), every: .seconds(15))], for: Self.hour
        ) { _, _, _ in false }.run()
        #expect(report.lineLost <= 0.12, "\(report.lineLost)")
    }

    @Test func `15: a gateway says 0x0B after a second for a dead unit`() {
        var scenario = SilenceScenario(
            [
                Asker("X", Self.good(20), every: .seconds(60)),
                Asker("Y", Self.good(3), every: .seconds(2), unit: 2),
            ], for: .seconds(1800)
        ) { unit, _, time in unit == 2 || time < .seconds(200) }
        scenario.wordForSilence = .gatewayTargetFailedToRespond
        let report = scenario.run()
        #expect(report.lineLost <= 0.04, "\(report.lineLost)")
        #expect(report.clients[1].share >= 0.999, "\(report.clients)")
    }

    @Test func `16: in eight hours of night the port is opened anew 13 times`() {
        let report = SilenceScenario(
            [Asker("X", Self.good(3), every: .seconds(15))], for: .seconds(600 + 8 * 3600)
        ) { unit, _, time in unit == 1 && time < .seconds(600) }.run()
        #expect((10...14).contains(report.reopenings), "\(report.reopenings)")
    }

    @Test func `32: three clients and the dongle, 5·5 % of the replies lost: the unit is never said to be silent`() {
        var scenario = SilenceScenario(
            (0..<3).map { Asker("X\($0)", Self.good(4), every: .seconds(12)) }, for: Self.hour
        ) { unit, _, _ in unit == 1 }
        scenario.hasDongle = true
        scenario.loss = 0.055
        let report = scenario.run()
        #expect(report.silentAfter == nil)
        let asked = report.clients.reduce(0) { $0 + $1.asked }
        let answered = report.clients.reduce(0) { $0 + $1.answered }
        #expect(Double(answered) >= 0.94 * Double(asked), "\(report.clients)")
    }

    @Test(arguments: [true, false])
    func `33: an hour of 3,000 different absent ranges takes a bounded share of the line`(isAlive: Bool) {
        let many = (0..<UInt16(3000)).map { Self.input(30_000 + $0 * 10, 10) }
        let report = SilenceScenario(
            [Asker("X", many, every: .seconds(3600)), Asker("Y", [Self.input(0)], every: .seconds(15))], for: Self.hour
        ) { unit, request, _ in isAlive && unit == 1 && !Self.isAbsent(request) }.run()
        #expect(report.lineLost <= (isAlive ? 0.7 : 0.15), "\(report.lineLost)")
        #expect(report.clients[1].share == 1, "\(report.clients)")
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `a client whose reads the unit answers is served, whatever others ask`(seed: UInt64) {
        let scenario = SilenceScenario.random(seed: seed)
        let figures = scenario.run(seed: seed).clients[0]
        // Two others whose reads meet silence for the first time take 2.3 s each before its turn.
        #expect(figures.asked >= 100 && figures.share >= 0.98, "\(figures): \(scenario.askers.map(\.name))")
    }

    @Test(arguments: [3, 10, 100] as [UInt16])
    func `28, 29: a scanner of absent ranges takes no good read from anybody`(count: UInt16) {
        var scenario = Self.silentAbout30000(
            [
                Asker("scanner", Self.absent(count), every: .milliseconds(200)),
                Asker("HA", Self.good(3), every: .seconds(15)),
            ], for: .seconds(900))
        scenario.hasDongle = true
        let report = scenario.run()
        #expect(report.clients[1].share == 1, "\(report.clients)")
        #expect(
            report.dongle.map { $0.unansweredShare <= (count == 100 ? 0.2 : 0.1) } == true, "\(report.dongle as Any)")
        #expect(report.lineLost <= (count == 100 ? 0.45 : 0.2), "\(report.lineLost)")
    }

    @Test func `30: an absent range that begins to answer is served within its longest rest`() {
        let late = Self.input(30_000)
        var scenario = SilenceScenario(
            [Asker("X", Self.good(2), every: .seconds(15)), Asker("Y", [late], every: .seconds(30))], for: Self.hour
        ) { unit, request, time in unit == 1 && (request != late || time >= .seconds(1800)) }
        scenario.mark = .seconds(1800)
        let first = scenario.run().clients[1].firstAnswer
        #expect(first.map { $0 <= .seconds(331) } == true, "\(first as Any)")
    }

    @Test func `34: X loops over 3,000 absent ranges from the start, Y comes with three absent and three good ones`() {
        let many = (0..<UInt16(3000)).map { Self.input(30_000 + $0 * 10, 10) }
        let report = Self.silentAbout30000(
            [
                Asker("X", many, every: .seconds(3000)),
                Asker("Y", Self.absent(3) + Self.good(3), every: .seconds(15), from: .seconds(900)),
            ], for: .seconds(1500)
        ).run()
        #expect(report.clients[1].asked >= 110 && report.clients[1].share >= 0.95, "\(report.clients)")
    }
}
