extension String {
    /// Broken at spaces for a terminal of this width, which would break within words. A longer word stays whole.
    package func wrapped(to width: Int) -> String {
        split(separator: "\n", omittingEmptySubsequences: false).map { $0.wrappedLine(to: width) }
            .joined(separator: "\n")
    }
}

extension Substring {
    fileprivate func wrappedLine(to width: Int) -> String {
        var (rest, lines) = (self, [Substring]())
        while rest.count > width {
            // A space may be the first that does not fit.
            guard let space = rest.prefix(width + 1).lastIndex(of: " ") ?? rest.firstIndex(of: " "),
                space > rest.startIndex
            else { break }
            lines.append(rest[..<space])
            rest = rest[space...].dropFirst()
        }
        return (lines + [rest]).joined(separator: "\n")
    }
}
