/// Collects the faults of several steps, so that one run tells all of them.
struct YAMLFaults {
    private var faults: [YAMLError] = []

    init() {}

    var isEmpty: Bool { faults.isEmpty }

    /// Takes a step, and notes what is wrong with it.
    mutating func attempt(_ step: () throws(YAMLError) -> Void) {
        do throws(YAMLError) { try step() } catch { note(error) }
    }

    mutating func note(_ error: YAMLError) { faults += error.all }

    /// The first fault with the others behind it; nil: there is none.
    var error: YAMLError? {
        var first = faults.first
        first?.others = Array(faults.dropFirst())
        return first
    }

    /// - Throws: ``YAMLError``, the first fault with the others behind it; not if there is none.
    func check() throws(YAMLError) {
        if let error { throw error }
    }
}

extension YAMLError {
    /// Every fault, with no others behind it.
    package var all: [YAMLError] {
        var alone = self
        alone.others = []
        return [alone] + others
    }

    private static let mostLines = 50

    /// One line for each fault, those of the command line and the environment first, then those of the file in the order of
    /// its lines; at most 50, and one for the rest. A value that stands in several places, as by `--baud`, is told once.
    package var lines: [String] {
        // Sorting is not stable by itself.
        let sorted = all.enumerated().sorted { left, right in
            let (one, other) = (left.element.placeInFile, right.element.placeInFile)
            return (one?.line ?? 0, one?.column ?? 0, left.offset) < (
                other?.line ?? 0, other?.column ?? 0, right.offset
            )
        }
        var told: Set<String> = []
        let texts = sorted.map(\.element.description).filter { told.insert($0).inserted }
        guard texts.count > Self.mostLines else { return texts }
        let rest = texts.count - Self.mostLines
        return texts.prefix(Self.mostLines) + ["\(rest) more \(rest == 1 ? "fault" : "faults")"]
    }
}
