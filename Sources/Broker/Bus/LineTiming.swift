package import Modbus

/// How long characters and silences last on a line.
///
/// Source: Modbus over Serial Line V1.02, section 2.5.1.1 (page 13).
package struct LineTiming: Hashable, Sendable {
    /// One character with start, data, parity and stop bits.
    package let characterTime: Duration
    /// t3.5, the silence between frames: 3.5 characters up to 19,200 baud, 1.75 ms above.
    package let interFrameSilence: Duration
    /// Ends a frame of unknown layout: USB adapters deliver late (R2).
    package let frameEnd: Duration
    /// After this silence the rest of a frame will not come (R2).
    package let frameGap: Duration

    /// - Parameters:
    ///   - baud: bits a second, at least 1.
    ///   - bitsPerCharacter: 9–12 on the wire; 10 for 8N1, 11 for 8E1.
    ///   - silence: replaces t3.5; 0 is for links that are no real line (R7).
    package init(baud: Int, bitsPerCharacter: Int, silence: Duration? = nil) {
        characterTime = .nanoseconds(Int64(bitsPerCharacter) * 1_000_000_000 / Int64(max(1, baud)))
        let standard: Duration = baud > 19200 ? .microseconds(1750) : characterTime * 7 / 2
        interFrameSilence = silence ?? standard
        frameEnd = max(interFrameSilence, .milliseconds(25))
        frameGap = max(interFrameSilence, .milliseconds(100))
    }

    /// A link that is no line of ours: its characters take no time.
    ///
    /// - Parameters:
    ///   - silence: kept before each request; 0: none.
    private init(silence: Duration, frameEnd: Duration, frameGap: Duration) {
        characterTime = .zero
        interFrameSilence = silence
        self.frameEnd = frameEnd
        self.frameGap = frameGap
    }

    /// RTU over TCP: a line of unknown speed behind a serial server.
    ///
    /// 5 ms is more than t3.5 from 9600 baud on, and nothing beside the way through a serial server. A lost segment is
    /// sent again after 200 ms or more: within a frame a gap may be as long.
    package static let rtuOverTCP = LineTiming(
        silence: .milliseconds(5), frameEnd: .milliseconds(100), frameGap: .milliseconds(500))

    /// The same link with another silence before each request; nil: its own.
    package func keeping(silence: Duration?) -> LineTiming {
        guard let silence else { return self }
        return LineTiming(silence: silence, frameEnd: max(silence, frameEnd), frameGap: max(silence, frameGap))
    }

    /// A pseudo-terminal: a program may write a request in pieces, and be kept waiting between them.
    package static let pseudoTerminal = LineTiming(
        silence: .zero, frameEnd: .milliseconds(100), frameGap: .milliseconds(500))

    /// Modbus TCP: whole frames only.
    package static let modbusTCP = LineTiming(silence: .zero, frameEnd: .zero, frameGap: .zero)

    /// How long `count` characters are on the line.
    package func time(of count: Int) -> Duration { characterTime * count }

    /// How long a transmission keeps the line busy: not at all if no silences are kept, for that is no real line.
    func transmissionTime(of count: Int) -> Duration {
        interFrameSilence == .zero ? .zero : time(of: count)
    }

    /// How long the line has to be silent.
    package func length(of silence: AwaitedSilence) -> Duration {
        silence == .frameEnd ? frameEnd : frameGap
    }
}
