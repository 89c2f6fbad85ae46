import NIOCore
import NIOEmbedded
import Testing

@testable import Gateway

@Suite struct OccupiedPlacesTests {
    @Test func `a place that nobody leaves is free at once`() {
        let loop = EmbeddedEventLoop()
        let places = OccupiedPlaces(loop)
        var isFree = false
        places.free(["/dev/a"]).assumeIsolated().whenSuccess { isFree = true }
        #expect(isFree)
    }

    @Test func `a place is free when all who leave it are gone`() {
        let loop = EmbeddedEventLoop()
        let places = OccupiedPlaces(loop)
        let (first, second) = (loop.makePromise(of: Void.self), loop.makePromise(of: Void.self))
        places.leave(["/dev/a"], first.futureResult)
        places.leave(["/dev/a", "/dev/b"], second.futureResult)
        var free: Set<String> = []
        for place in ["/dev/a", "/dev/b", "/dev/c"] {
            places.free([place]).assumeIsolated().whenSuccess { free.insert(place) }
        }
        #expect(free == ["/dev/c"])
        second.succeed()
        #expect(free == ["/dev/b", "/dev/c"])
        first.succeed()
        #expect(free == ["/dev/a", "/dev/b", "/dev/c"])
    }

    @Test func `two that take each other's places both come in`() {
        let loop = EmbeddedEventLoop()
        let places = OccupiedPlaces(loop)
        let (first, second) = (loop.makePromise(of: Void.self), loop.makePromise(of: Void.self))
        places.leave(["/dev/a"], first.futureResult)
        places.leave(["/dev/b"], second.futureResult)
        var come: [String] = []
        places.free(["/dev/b"]).assumeIsolated().whenSuccess { come.append("first") }
        places.free(["/dev/a"]).assumeIsolated().whenSuccess { come.append("second") }
        first.succeed()
        #expect(come == ["second"])
        second.succeed()
        #expect(come == ["second", "first"])
    }
}
