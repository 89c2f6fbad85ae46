extension String {
    /// Without control characters, of which a name of a file may be full: whoever reads line by line is told one line.
    ///
    /// Marks that turn the direction of text, and line separators, are taken for control characters too: with them text
    /// from outside could show something else than what it says.
    package var onOneLine: String {
        guard unicodeScalars.contains(where: \.isControl) else { return self }
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars { text.append(scalar.isControl ? "?" : scalar) }
        return String(text)
    }

    /// Lines for a terminal: each as ``onOneLine``.
    package var onLines: String {
        split(separator: "\n", omittingEmptySubsequences: false).map { String($0).onOneLine }.joined(separator: "\n")
    }

    /// Text from outside as it is quoted: ``onOneLine``, and no more than 200 scalars of it.
    package var quotedBriefly: String {
        let beginning = String(unicodeScalars.prefix(200))
        return (beginning.unicodeScalars.count < unicodeScalars.count ? beginning + "…" : self).onOneLine
    }
}

extension Unicode.Scalar {
    /// C0 and C1 controls, line separators, and marks that turn the direction of text.
    package var isControl: Bool {
        switch value {
        case ..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0x061C: true
        default: false
        }
    }
}
