/// The names udev gives a serial port that stay the same over re-plugging and restarts.
package enum StableName {
    /// The stable names that lead to the same node as `path`, `by-id` (follows the adapter) before `by-path`
    /// (follows the socket); empty where there is none or nothing is at the path.
    package static func names(of path: String, in tree: SystemTree = SystemTree()) -> [String] {
        guard let node = FileTree.resolve(path) else { return [] }
        return ["by-id", "by-path"]
            .flatMap { FileTree.paths(matching: "\(tree.devices)/serial/\($0)/*") }
            .filter { FileTree.resolve($0) == node }
    }

    /// One line for the operator who named a port by what may be another's next time; nil where there is nothing to say.
    package static func advice(on path: String, in tree: SystemTree = SystemTree()) -> String? {
        guard FileTree.target(ofLink: path) == nil else { return nil }
        return names(of: path, in: tree).first.map { "its stable name is \($0)" }
    }
}
