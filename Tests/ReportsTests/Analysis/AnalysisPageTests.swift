import TestSupport
@testable import Reports
import Testing

@Suite("The page of an analysis")
struct AnalysisPageTests {
    private func page(_ text: String) throws -> String {
        let (analysis, summary) = try analysis(text)
        return AnalysisPage(analysis, summary, files: ["logs/<a>&\".jsonl"]).html
    }

    @Test func `it is well-formed, self-contained, and names axes and units`() throws {
        let text = try (0..<50).map {
            try Prototype.request(readHolding(0, 2), at: $0 * 1000)
                + Prototype.reply(holding(UInt16($0), 7), at: $0 * 1000 + 40)
        }.joined()
        let page = try page(text + Prototype.request([6, 0, 45, 0, 25], at: 60_000) + Prototype.timeout(at: 61_500))
        try expectWellFormed(page)
        for word in [
            "reply time in milliseconds", "requests in", "time of day", "bytes of the reply on the line",
            "Registers that were read", "45 = 25", "timeout", "holding 0: 0…49, read 50×",
        ] {
            #expect(page.contains(word), "\(word)")
        }
        #expect(!page.contains("http"))
        #expect(!page.contains("<script"))
    }

    @Test func `names from a log cannot bring tags of their own`() throws {
        let name = #"<script>alert('1')</script>&\""#
        let page = try page(
            Prototype.request(readHolding(0, 1), at: 0, by: name) + Prototype.timeout(at: 1500, to: name)
                + "<b>foreign</b>\u{1}\n")
        try expectWellFormed(page)
        #expect(!page.contains("<script"))
        #expect(!page.contains("<b>"))
        #expect(page.contains("&lt;script&gt;"))
    }

    @Test func `a reading of one instant has a page`() throws {
        try expectWellFormed(page(Prototype.request(readHolding(0, 1), at: 0) + Prototype.reply(holding(1), at: 0)))
    }

    @Test(arguments: ["a\u{9B}b", "a\u{202E}b", "a\u{2028}b", "a\u{7F}b", "a\u{1B}b"])
    func `text in a page has nothing that a terminal obeys`(_ text: String) {
        #expect(Markup.escaped(text) == "a�b")
    }
}

/// Every tag that begins also ends, in its order, and no bare `<` or `&` stands in the text.
func expectWellFormed(_ page: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    var open: [Substring] = []
    var rest = try #require(page.split(separator: "<!DOCTYPE html>", maxSplits: 1).last)
    while let start = rest.firstIndex(of: "<") {
        expectEscaped(rest[..<start], sourceLocation)
        let end = try #require(rest[start...].firstIndex(of: ">"), sourceLocation: sourceLocation)
        let tag = rest[rest.index(after: start)..<end]
        let name = tag.prefix { $0.isLetter || $0.isNumber || $0 == "/" }
        #expect(!name.isEmpty, "\(tag)", sourceLocation: sourceLocation)
        #expect(tag.count { $0 == "\"" }.isMultiple(of: 2), "\(tag)", sourceLocation: sourceLocation)
        if name.hasPrefix("/") {
            #expect(open.popLast() == name.dropFirst(), "\(tag)", sourceLocation: sourceLocation)
        } else if !tag.hasSuffix("/") {
            open.append(name)
        }
        rest = rest[rest.index(after: end)...]
    }
    #expect(open.isEmpty, sourceLocation: sourceLocation)
}

private func expectEscaped(_ text: Substring, _ sourceLocation: SourceLocation) {
    for part in text.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
        let isEntity = ["amp;", "lt;", "gt;", "quot;"].contains { part.hasPrefix($0) }
        #expect(isEntity, "&\(part.prefix(10))", sourceLocation: sourceLocation)
    }
}
