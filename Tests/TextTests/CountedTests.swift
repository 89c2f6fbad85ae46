import Testing
import Text

struct CountedTests {
    @Test(arguments: [
        (0, "client", "0 clients"), (1, "client", "1 client"), (2, "client", "2 clients"), (1, "reply", "1 reply"),
        (0, "late reply", "0 late replies"), (7, "day", "7 days"), (-1, "line", "-1 lines"),
    ])
    func `one has a singular, and everything else a plural`(_ number: Int, _ noun: String, _ text: String) {
        #expect(number.counted(noun) == text)
    }
}

struct WrappedTests {
    @Test(arguments: [
        ("one two three", 7, "one two\nthree"), ("one two three", 80, "one two three"), ("one two", 3, "one\ntwo"),
        ("/dev/serial/by-id/x is there", 8, "/dev/serial/by-id/x\nis there"), ("", 5, ""),
        ("a\n\nbb cc", 2, "a\n\nbb\ncc"),
        (" leading", 3, " leading"),
    ])
    func `lines are broken at spaces alone`(_ text: String, _ width: Int, _ wrapped: String) {
        #expect(text.wrapped(to: width) == wrapped)
    }
}
