/// Why a tool ends without a result.
package enum ToolError: Error, Hashable, Sendable {
    /// A mistake on the command line; one line.
    case usage(String)
    case cannotOpen(endpoint: String, reason: String)
    /// A signal, such as Ctrl-C.
    case interrupted(signal: Int32)
    /// Whoever read the output has gone.
    case outputClosed
    /// What the tool was asked for could not be done; it has said which.
    case incomplete
    case failed(String)
}

extension ToolError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .usage(let text), .failed(let text): text
        case .cannotOpen(let endpoint, let reason):
            reason.hasPrefix(endpoint) ? reason : "cannot connect to \(endpoint): \(reason)"
        case .interrupted: "interrupted"
        case .outputClosed: "nobody reads the output any more"
        case .incomplete: "not everything could be done"
        }
    }

    /// The exit status of the program: 2 for a mistake on the command line, 128 and the signal, or 1.
    package var status: Int32 {
        switch self {
        case .usage: 2
        case .interrupted(let signal): 128 + signal
        case .cannotOpen, .outputClosed, .incomplete, .failed: 1
        }
    }

    /// Whether it has been told already, or needs no words.
    package var isQuiet: Bool {
        switch self {
        case .interrupted, .outputClosed, .incomplete: true
        case .usage, .cannotOpen, .failed: false
        }
    }
}
