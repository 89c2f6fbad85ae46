/// Collects what is wrong with what values lead to, such as files that are not there.
///
/// Such faults show only where the values are used; they are told like those of the values themselves: by the flag, the
/// variable, or the line and key of the file.
package struct ConfigurationFaults {
    private let configuration: Configuration
    private var faults = YAMLFaults()

    /// The file of the configuration; empty: none.
    package var file: String { configuration.file }

    /// Whether values do not fit together: what is missing then has been told.
    package var hasConflicts: Bool { configuration.conflicts != nil }

    /// Begins with what does not fit together in the configuration.
    package init(in configuration: Configuration) {
        self.configuration = configuration
        if let conflicts = configuration.conflicts { faults.note(conflicts) }
    }

    /// What errors call the value at a path that is a text of its own, such as the rules of `faults`.
    package func name(of path: String) -> String {
        configuration.reader(path).node.origin ?? "rules"
    }

    /// Takes a step, and notes what is wrong with it.
    ///
    /// - Parameters:
    ///   - path: where the value stands that the step uses, such as `lines.0.dataset.name`.
    ///   - better: a path that fits an error better; nil: `path` does.
    /// - Returns: nil: it came to nothing.
    package mutating func attempt<Value>(
        _ path: String, better: (any Error) -> String? = { _ in nil }, _ step: () throws -> Value
    ) -> Value? {
        do {
            return try step()
        } catch {
            note(error, at: better(error) ?? path)
            return nil
        }
    }

    private mutating func note(_ error: any Error, at path: String) {
        let reader = configuration.reader(path)
        guard let error = error as? YAMLError else { return faults.note(reader.error("\(error)")) }
        for var error in error.all {
            error.isOfText = error.file == reader.node.origin
            faults.note(error.isOfText ? error : reader.error(error.description))
        }
    }

    /// - Throws: ``YAMLError``, with every fault that was noted; not if there is none.
    package func check() throws(YAMLError) { try faults.check() }
}

extension Configuration {
    /// The value at a path; where it is not written, that of what it would stand in.
    fileprivate func reader(_ path: String) -> YAMLReader {
        var steps = path.split(separator: ".").map(String.init)
        while tree[steps] == nil, !steps.isEmpty { steps.removeLast() }
        return YAMLReader(tree, file: file).at(steps)
    }
}
