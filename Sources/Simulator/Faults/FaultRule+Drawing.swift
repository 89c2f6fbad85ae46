/// What a broker can tell apart on a line: the faults of a world keep within it.
package struct FaultLimits: Sendable {
    /// A reply that begins later than this is late.
    let responseTimeout: Duration
    /// How much later a late reply begins at most.
    let lateness: Duration
    /// Whether a copy of a reply begins before the next request can.
    let copiesComeAtOnce: Bool

    /// - Parameters:
    ///   - responseTimeout: from the end of a request to the first byte of its reply.
    ///   - lateness: how long after that a reply can begin; at least 1 ms.
    ///   - copiesComeAtOnce: whether a copy of a reply begins before the next request can.
    package init(responseTimeout: Duration, lateness: Duration, copiesComeAtOnce: Bool) {
        self.responseTimeout = responseTimeout
        self.lateness = lateness
        self.copiesComeAtOnce = copiesComeAtOnce
    }

    /// From the end of a request to the first byte of its reply.
    var latest: Duration { responseTimeout + lateness }
}

extension FaultRule {
    /// A rule for each kind that a world can have on such a line.
    ///
    /// - Parameter scale: how often they strike, 0–1: 0 never, 1 up to 5 % of the requests each, and those that last up to 0.5 %.
    package static func drawn(
        within limits: FaultLimits, scale: Double, _ random: inout RandomSource
    ) -> [FaultRule] {
        FaultKinds.all.compactMap { kind in
            // A generator for each kind: one more at the end of the list changes none before it.
            var random = random.split()
            guard let kind = kind.drawn(within: limits, &random) else { return nil }
            return FaultRule(kind, Double.random(in: 0...kind.mostOften, using: &random) * scale)
        }
    }
}

extension FaultKind {
    /// What lasts strikes more seldom: else a line would hardly ever be well.
    fileprivate var mostOften: Double {
        switch request {
        case .passes, .refused: 0.05
        case .unheard, .unplugged: 0.005
        }
    }
}
