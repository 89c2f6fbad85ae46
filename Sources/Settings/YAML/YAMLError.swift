/// Why a YAML file, or a value in place of one of its, cannot be used.
package struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Or what gave the value instead, such as `--retries "11"`.
    package let file: String
    package let place: YAMLNode.Place?
    /// The keys that lead there, such as `plant.pv.strings[1].peak`; nil: the file as a whole.
    package let path: String?
    /// What is wrong, and what is allowed.
    package let reason: String
    /// Whether ``place`` is one in the text of a flag or a variable.
    var isOfText = false
    /// What else is wrong in the same run.
    var others: [YAMLError] = []

    package init(file: String, place: YAMLNode.Place?, path: String? = nil, reason: String) {
        self.file = file
        self.place = place
        self.path = path
        self.reason = reason
    }

    /// One line: `file:line:column: path: reason`.
    package var description: String {
        let position = place.map { "\(file):\($0.line):\($0.column)" } ?? file
        return [position, path, reason].compactMap(\.self).joined(separator: ": ")
    }

    /// nil: it is about a flag, a variable, or the file as a whole.
    var placeInFile: YAMLNode.Place? { isOfText ? nil : place }

    /// Whether a flag is what is wrong, and no file.
    package var isOfCommandLine: Bool { place == nil && file.hasPrefix("--") }
}
