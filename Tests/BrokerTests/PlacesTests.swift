import Testing

@testable import Broker

@Suite struct PlacesTests {
    private let places = Places()
    private let first = Places.Departure()
    private let second = Places.Departure()

    @Test func `a place that nobody leaves is free at once`() {
        var isFree = false
        places.whenFree(["/dev/a"]) { isFree = true }
        #expect(isFree)
    }

    @Test func `a place is free when all who leave it are gone`() {
        places.leave(["/dev/a"], first)
        places.leave(["/dev/a", "/dev/b"], second)
        var free: [String] = []
        for place in ["/dev/a", "/dev/b", "/dev/c"] { places.whenFree([place]) { free.append(place) } }
        #expect(free == ["/dev/c"])
        second.end()
        #expect(free == ["/dev/c", "/dev/b"])
        first.end()
        #expect(free == ["/dev/c", "/dev/b", "/dev/a"])
    }

    @Test func `two that take each other's places both come in`() {
        places.leave(["/dev/a"], first)
        places.leave(["/dev/b"], second)
        var come: [String] = []
        places.whenFree(["/dev/b"]) { come.append("first") }
        places.whenFree(["/dev/a"]) { come.append("second") }
        first.end()
        #expect(come == ["second"])
        second.end()
        #expect(come == ["second", "first"])
    }

    @Test func `what has left after the question is not waited for`() {
        places.leave(["/dev/a"], first)
        var isFree = false
        places.whenFree(["/dev/a"]) { isFree = true }
        places.leave(["/dev/a"], second)
        first.end()
        #expect(isFree)
    }

    @Test func `further departures are waited for, and one that has ended twice counts once`() {
        places.leave(["/dev/a"], first)
        var times = 0
        places.whenFree(["/dev/a"], after: [second]) { times += 1 }
        second.end()
        second.end()
        #expect(times == 0)
        first.end()
        first.end()
        #expect(times == 1)
    }
}
