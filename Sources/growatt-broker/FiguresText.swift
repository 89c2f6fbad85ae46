internal import Text

// How the values of a snapshot are shown to people; `-` for one that is not there.

extension Int? {
    var text: String { map { "\($0)" } ?? "-" }

    /// With a noun.
    func counted(_ noun: String) -> String { self?.counted(noun) ?? "- \(noun.plural)" }

    /// Whether it is there, and more than 0.
    var isPositive: Bool { (self ?? 0) > 0 }
}

extension String? {
    var text: String { self ?? "-" }
}

extension Duration? {
    var age: String { self?.age ?? "-" }

    var ago: String { map { "\($0.age) ago" } ?? "-" }

    var milliseconds: String { map { "\(Int(($0 / .milliseconds(1)).rounded())) ms" } ?? "-" }
}

extension Duration {
    /// As `3 d 4 h`, `5 m 12 s` or `7 s`.
    var age: String {
        let seconds = components.seconds
        return switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) m \(seconds % 60) s"
        case ..<86400: "\(seconds / 3600) h \(seconds / 60 % 60) m"
        default: "\(seconds / 86400) d \(seconds / 3600 % 24) h"
        }
    }
}
