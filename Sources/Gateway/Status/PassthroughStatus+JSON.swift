internal import Broker
internal import Text

extension PassthroughStatus {
    /// The member `passthrough` of a line, and of the reply to the command.
    func json(at now: Instant) -> JSONValue {
        .object([
            .init("phase", .string(phase.rawValue)), .init("sinceSeconds", .seconds(now - started)),
            .init("leftSeconds", .seconds(max(.zero, ends - now))),
            .init("updateByteSeconds", lastUpdateByte.map { .seconds(now - $0) } ?? .null),
            .init("dongleBytes", .count(figures.fromClient)), .init("inverterBytes", .count(figures.fromLine)),
            .init("lostBytes", .count(figures.lost)),
        ])
    }
}
