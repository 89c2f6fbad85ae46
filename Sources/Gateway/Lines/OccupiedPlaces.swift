internal import NIOCore

/// The places that somebody leaves and still has: devices, servers, addresses and names of pseudo-terminals, which nobody
/// else can have at the same time.
///
/// Who leaves never waits for who comes, so all of them are free in the end. On the event loop only.
final class OccupiedPlaces {
    private let loop: any EventLoop
    private var leaving: [String: EventLoopFuture<Void>] = [:]

    init(_ loop: any EventLoop) { self.loop = loop }

    /// Nobody else has these places before `gone`.
    func leave(_ places: [String], _ gone: EventLoopFuture<Void>) {
        let this = NIOLoopBound(self, eventLoop: loop)
        for place in places {
            let free = EventLoopFuture.andAllComplete([leaving[place], gone].compactMap(\.self), on: loop)
            leaving[place] = free
            free.whenComplete { _ in
                if this.value.leaving[place] === free { this.value.leaving[place] = nil }
            }
        }
    }

    /// - Returns: completed when nobody who has left by now has one of these any more.
    func free(_ places: [String]) -> EventLoopFuture<Void> {
        EventLoopFuture.andAllComplete(places.compactMap { leaving[$0] }, on: loop)
    }
}
