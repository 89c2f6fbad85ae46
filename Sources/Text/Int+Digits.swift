extension Int {
    /// Reads ASCII digits only: no sign, no space, no separator; nil: something else, or too large.
    package init?(digits text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        self.init(text)
    }
}
