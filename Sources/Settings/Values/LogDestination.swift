/// Where the wire log goes (`--log`).
package enum LogDestination: Hashable, Sendable {
    case none
    /// `-`.
    case standardOutput
    case file(String)

    static let allowed = "a path, - (stdout) or none"

    /// Reads a path, `-` or `none`; nil: it is empty or names a directory.
    package init?(_ text: String) {
        switch text {
        case "-": self = .standardOutput
        case _ where text.isNone: self = .none
        case _ where text.isEmpty || text.hasSuffix("/"): return nil
        default: self = .file(text)
        }
    }
}

extension LogDestination: CustomStringConvertible {
    package var description: String {
        switch self {
        case .none: "none"
        case .standardOutput: "-"
        case .file(let path): path
        }
    }
}

extension String {
    /// Whether it is the word `none`, in any letter case.
    var isNone: Bool { lowercased() == "none" }
}
