import Growatt
import Settings
import Testing

struct ReadsSettingsTests {
    private func line(_ reads: String, _ more: String = "") throws -> LineSettings {
        try configuration("lines:\n  - endpoint: /dev/i\n    reads: \(reads)\n\(more)").settings.lines[0]
    }

    private func refusal(_ reads: String, _ more: String = "") -> String {
        let error = #expect(throws: YAMLError.self) { try line(reads, more) }
        return error?.description ?? ""
    }

    private func block(_ table: UnitTable, _ addresses: ClosedRange<UInt16>) -> ReadRule.Block {
        ReadRule.Block(table: table, addresses: addresses)
    }

    @Test func `off-grid is every register from 30000 on`() throws {
        let reads = try #require(try line("off-grid").reads)
        #expect(reads.refuse.flatMap(\.blocks).map(\.table) == [.holding, .input, .meter])
        #expect(Set(reads.refuse.flatMap(\.blocks).map(\.addresses)) == [30000...65535])
        #expect(reads.allow.isEmpty)
        #expect(try line("{refuse: [2/off-grid]}").reads?.refuse == [ReadRule(.offGrid, unit: 2)])
    }

    @Test func `blocks of every table are allowed or refused, of all units or of one`() throws {
        let reads = try line("{allow: [holding:0-124, 2/input:3000-3124], refuse: [coil:7, discrete:0-1, meter:5]}")
            .reads
        #expect(
            reads?.allow == [
                ReadRule(block(.holding, 0...124)), ReadRule(block(.input, 3000...3124), unit: 2),
            ])
        #expect(
            reads?.refuse == [
                ReadRule(block(.coil, 7...7)), ReadRule(block(.discrete, 0...1)), ReadRule(block(.meter, 5...5)),
            ])
        #expect(try line("{refuse: input:0-65535}").reads?.refuse == [ReadRule(block(.input, 0...65535))])
    }

    @Test(arguments: [
        ("off-grid", "all but off-grid"), ("{allow: [input:0-9, coil:7]}", "only input:0-9 coil:7"),
        ("{allow: input:0-9, refuse: 2/input:5}", "only input:0-9 but 2/input:5"),
    ])
    func `it can be said in words`(text: String, words: String) throws {
        #expect(try line(text).reads?.description == words)
    }

    @Test func `a line, its dongle and a listener each have their own`() throws {
        let settings = try configuration(
            """
            lines:
              - endpoint: /dev/i
                dongle: {endpoint: /dev/d, reads: off-grid}
            listeners:
              - {tcp: "*:1", reads: {allow: [input:0-249]}}
              - {pty: /run/p, reads: off-grid}
              - tcp: "*:2"
            """
        ).settings
        #expect(settings.lines[0].reads == nil)
        #expect(settings.lines[0].dongle?.reads?.refuse == [ReadRule(.offGrid)])
        #expect(settings.listeners.map { $0.reads?.allow.count } == [1, 0, nil])
    }

    @Test(
        "what is no block is refused by its name, and what was meant is told",
        arguments: [
            ("{refuse: [input:5-3]}", #"reads.refuse[0]: expected a block such as input:30000-65535"#, "input:3-5"),
            ("{refuse: [inptu:5-9]}", "reads.refuse[0]: expected a block", "input:5-9"),
            ("{refuse: [input:0-65536]}", "addresses 0 to 65535, the lower one first)", nil),
            ("{refuse: [input]}", "reads.refuse[0]: expected a block", nil),
            ("{refuse: [0/input:1]}", "with 2/ before one of unit 2 (1 to 255)", nil),
            ("{refuse: [256/off-grid]}", "reads.refuse[0]: expected a block", nil),
            ("{refuse: [offgrid]}", "reads.refuse[0]: expected a block", "off-grid"),
            ("{allow: [off-grid]}", "reads.allow[0]: expected a block", nil),
            ("{allow: [holding:1, input:-]}", "reads.allow[1]: expected a block", nil),
            ("offgrid", "reads: expected off-grid, or a mapping such as {refuse: [input:30000-65535]}", "off-grid"),
            ("{forbid: input:1}", "reads.forbid: unknown key", nil),
            ("[input:1]", "reads: expected off-grid, or a mapping such as", "reads: {refuse: [input:1]}"),
            ("[off-grid]", "reads: expected off-grid, or a mapping", "reads: off-grid"),
            ("[off-grid, input:1]", "reads: expected off-grid", "reads: {refuse: [off-grid, input:1]}"),
            ("[input]", "reads: expected off-grid, or a mapping", nil),
            ("[{refuse: input:1}]", "reads: expected off-grid, or a mapping", nil),
            ("", "reads: names nothing; expected off-grid, or allow and refuse", nil),
            ("{}", "reads: names nothing", nil),
            ("{allow: []}", "reads.allow: names nothing", nil),
            ("{allow: [], refuse: [off-grid]}", "reads.allow: names nothing", nil),
        ] as [(String, String, String?)])
    func wrong(_ text: String, _ told: String, _ meant: String?) {
        let refusal = refusal(text)
        #expect(refusal.contains(told), "\(refusal)")
        #expect(refusal.contains("did you mean") == (meant != nil), "\(refusal)")
        if let meant { #expect(refusal.contains("did you mean \(meant)?"), "\(refusal)") }
    }

    @Test func `all faults are told together`() {
        let error = #expect(throws: YAMLError.self) { try line("{allow: [x:1], refuse: [y:1, input:2-1]}") }
        #expect(error?.lines.count == 3)
    }

    @Test func `what is polled must not be what is refused`() throws {
        let text = refusal("off-grid", "    poll: input:0-9,2/holding:29999-30000\n")
        #expect(text.contains("poll: 2/holding:29999-30000 is what reads refuses (off-grid); expected other blocks"))
        _ = try line("{refuse: [1/off-grid]}", "    poll: 2/holding:30000\n")
        _ = try line("off-grid", "    poll: input:0-9\n")
    }

    @Test func `a pseudo-terminal of simulated units has none`() {
        let error = #expect(throws: YAMLError.self) {
            try configuration("lines: [{dataset: {name: min-6000tl-xh}}]\nlisteners: [{pty: p, reads: off-grid}]")
        }
        #expect(error?.description.contains("listeners[0].reads: has no meaning with simulated units") == true)
    }

    @Test(arguments: ["off-grid", "{refuse: [2/off-grid]}", "{allow: [holding:0-9, 2/coil:7], refuse: off-grid}"])
    func `what is in effect is written so that it is read again`(text: String) throws {
        let first = try configuration("lines:\n  - endpoint: /dev/i\n    reads: \(text)\n")
        #expect(first.settings.lines[0].reads != nil)
        #expect(try configuration(first.effective).settings == first.settings)
    }
}
