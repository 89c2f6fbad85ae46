extension Int {
    /// `1 client`, `2 clients`, `0 replies`.
    ///
    /// - Parameter noun: English, in the singular.
    package func counted(_ noun: String) -> String { "\(self) \(self == 1 ? noun : noun.plural)" }
}

extension String {
    /// Of a regular noun.
    package var plural: String {
        guard hasSuffix("y"), !"aeiou".contains(dropLast().last ?? "a") else { return self + "s" }
        return dropLast() + "ies"
    }
}
