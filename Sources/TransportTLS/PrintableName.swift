/// A text of somebody else, made fit for logs.
struct PrintableName {
    static let maximumLength = 64

    /// At most 64 characters, each of which can be seen.
    let text: String

    /// - Parameter text: controls, unassigned characters and those that change how others look become `?`; what is longer
    ///   is cut. nil if there is nothing in it but spaces.
    init?(_ text: String) {
        let scalars = text.unicodeScalars.prefix(Self.maximumLength).map { $0.isPrintable ? $0 : "?" }
        guard scalars.contains(where: { $0 != " " }) else { return nil }
        self.text = String(String.UnicodeScalarView(scalars))
    }
}

extension Unicode.Scalar {
    fileprivate var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .nonspacingMark,
            .spacingMark, .enclosingMark:
            false
        case .spaceSeparator: self == " "
        default: true
        }
    }
}
