/// What a reader has come upon, beside the lines that it understood.
package struct ReadingSummary: Sendable {
    /// A line that is neither wire log nor capture.
    package struct ForeignLine: Sendable {
        package let file: String
        /// From 1.
        package let number: Int
        /// Its beginning.
        package let text: String
    }

    /// Of nothing.
    package init() {}

    /// How many foreign lines are kept.
    package static let shownForeignLines = 5

    package internal(set) var files = 0
    /// Unpacked.
    package internal(set) var bytes = 0
    /// Empty ones are not counted.
    package internal(set) var lines = 0
    /// Lines of wire logs.
    package internal(set) var wireLogLines = 0
    /// Lines of captures.
    package internal(set) var captureLines = 0
    package internal(set) var foreignLines = 0
    /// The first ones.
    package internal(set) var firstForeignLines: [ForeignLine] = []
    /// The lines of the broker that the recordings name, as far as they are counted; none where there was only one.
    package private(set) var lineNames: [String] = []
    private static let mostLineNames = 16
    /// One line each: what else the reader of a result should know.
    package internal(set) var remarks: [String] = []

    mutating func foreign(_ file: String, _ number: Int, _ bytes: UnsafeRawBufferPointer) {
        foreignLines += 1
        guard firstForeignLines.count < Self.shownForeignLines else { return }
        let text = String(decoding: bytes.prefix(100), as: UTF8.self)
        let printable = text.unicodeScalars.map { $0.properties.generalCategory == .control ? "�" : Character($0) }
        firstForeignLines.append(.init(file: file, number: number, text: String(printable)))
    }

    mutating func note(line name: String) {
        guard lineNames.last != name, !lineNames.contains(name), lineNames.count < Self.mostLineNames else { return }
        lineNames.append(name)
    }

    mutating func remark(_ text: String) {
        if remarks.count < 20 { remarks.append(text) }
    }
}
