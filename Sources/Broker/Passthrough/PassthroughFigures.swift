/// Why a passthrough ended.
package enum PassthroughEnd: String, Hashable, Sendable {
    case command, time
    /// The broker has stopped.
    case stopping
}

/// How many bytes a passthrough has carried.
package struct PassthroughFigures: Hashable, Sendable {
    package var fromClient = 0
    package var fromLine = 0
    /// For a port that was not there.
    package var lost = 0

    package init() {}
}

/// How a passthrough stands at one moment.
package struct PassthroughStatus: Hashable, Sendable {
    package enum Phase: String, Hashable, Sendable {
        /// What was sent before may still be answered.
        case waiting
        case joined
        /// Its time is over, or it was told to end: it does as soon as that does no harm.
        case ending
    }

    package let phase: Phase
    package let started: Instant
    /// When its time is over.
    package let ends: Instant
    /// The last byte that was no ordinary polling; nil: none so far.
    package let lastUpdateByte: Instant?
    package let figures: PassthroughFigures
}
