/// The rows of a CSV text: fields with a separator between them, in quotation marks where they need it.
///
/// Source: RFC 4180. Lines may end as on any system; a byte order mark, as spreadsheets write it, is ignored.
struct CSVRows {
    struct Row: Hashable {
        /// The line at which the row begins, from 1.
        let line: Int
        let fields: [String]

        /// An absent field is empty.
        subscript(index: Int) -> String { fields.indices.contains(index) ? fields[index] : "" }
    }

    /// A quotation mark without its closing one.
    struct OpenQuotation: Error {
        let line: Int
    }

    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let quotation = UInt8(ascii: "\"")

    private var rest: ArraySlice<UInt8>
    private let separator: UInt8
    private var line = 1

    /// - Throws: ``OpenQuotation``.
    static func all(of bytes: [UInt8], separator: UInt8) throws(OpenQuotation) -> [Row] {
        var rows = CSVRows(rest: Self.withoutMark(bytes), separator: separator)
        var all: [Row] = []
        while !rows.rest.isEmpty { all.append(try rows.next()) }
        return all
    }

    static func withoutMark(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
    }

    private init(rest: ArraySlice<UInt8>, separator: UInt8) {
        self.rest = rest
        self.separator = separator
    }

    private mutating func next() throws(OpenQuotation) -> Row {
        let start = line
        var fields: [String] = []
        while true {
            fields.append(rest.first == Self.quotation ? try quoted() : plain())
            guard rest.first == separator else { break }
            rest.removeFirst()
        }
        endLine()
        return Row(line: start, fields: fields)
    }

    private mutating func plain() -> String {
        let field = rest.prefix { $0 != separator && !Self.endsLine($0) }
        rest = rest.dropFirst(field.count)
        return String(decoding: field, as: UTF8.self)
    }

    /// Text after the closing mark belongs to the field, as in spreadsheets.
    private mutating func quoted() throws(OpenQuotation) -> String {
        let start = line
        var field: [UInt8] = []
        rest.removeFirst()
        while let byte = rest.popFirst() {
            if byte == Self.quotation {
                guard rest.first == Self.quotation else { return String(decoding: field, as: UTF8.self) + plain() }
                rest.removeFirst()
            } else if byte == UInt8(ascii: "\n") {
                line += 1
            }
            field.append(byte)
        }
        throw OpenQuotation(line: start)
    }

    private mutating func endLine() {
        guard let end = rest.popFirst() else { return }
        if end == UInt8(ascii: "\r"), rest.first == UInt8(ascii: "\n") { rest.removeFirst() }
        line += 1
    }

    private static func endsLine(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
}
