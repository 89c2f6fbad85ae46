internal import Text

/// The silence between two frames on the inverter's line (R7).
package enum Silence: Hashable, Sendable {
    /// t3.5 of the line: 3.5 characters up to 19200 baud, 1.75 ms above.
    case automatic
    /// 0 s to 1 h; 0 is for links that are no real line.
    case fixed(Duration)
}

extension Silence: CustomStringConvertible {
    package var description: String {
        switch self {
        case .automatic: "auto"
        case .fixed(let duration): duration.secondsText
        }
    }
}
