internal import Text

/// JSON objects written byte by byte, one to a line, their fields in the order of the calls.
///
/// Written by hand because an encoder would need Foundation and several times the time.
/// Source: RFC 8259.
struct JSONRecords {
    private(set) var batch = RecordBatch()
    private var isFirstField = true

    /// Hands over the lines that were ended, and starts anew.
    mutating func take() -> RecordBatch {
        defer { batch = RecordBatch() }
        return batch
    }

    /// Makes room for about `count` further lines.
    mutating func reserve(lines count: Int) {
        batch.bytes.reserveCapacity(batch.bytes.count + count * 320)
    }

    mutating func begin() {
        batch.bytes.append(UInt8(ascii: "{"))
        isFirstField = true
    }

    mutating func end() {
        batch.bytes.append(UInt8(ascii: "}"))
        batch.bytes.append(UInt8(ascii: "\n"))
        batch.count += 1
    }

    mutating func append(_ field: WireLogField, _ text: String) {
        name(field)
        quoted { $0.appendEscaped(text) }
    }

    mutating func append(_ field: WireLogField, _ text: StaticString) {
        name(field)
        quoted { $0.append(text) }
    }

    mutating func append(_ field: WireLogField, _ word: some WireLogWord) {
        name(field)
        quoted { $0.append(contentsOf: word.rawValue.utf8) }
    }

    /// Text of bytes that need no escaping.
    mutating func append(_ field: WireLogField, plain write: (inout [UInt8]) -> Void) {
        name(field)
        quoted(write)
    }

    mutating func append(_ field: WireLogField, hex: some Sequence<UInt8>) {
        name(field)
        quoted { $0.append(hex: hex) }
    }

    mutating func append(_ field: WireLogField, _ number: Int) {
        name(field)
        batch.bytes.append(decimal: number)
    }

    mutating func append(_ field: WireLogField, _ flag: Bool) {
        name(field)
        batch.bytes.append(flag ? "true" : "false")
    }

    /// A number with one to three decimals.
    mutating func append(_ field: WireLogField, thousandths: Int) {
        name(field)
        batch.bytes.append(thousandths: thousandths)
    }

    /// A number with six decimals.
    mutating func append(_ field: WireLogField, millionths: Int64) {
        name(field)
        batch.bytes.append(millionths: millionths)
    }

    mutating func append(_ field: WireLogField, numbers: [UInt16]) {
        name(field)
        batch.bytes.append(UInt8(ascii: "["))
        for (index, number) in numbers.enumerated() {
            if index > 0 { batch.bytes.append(UInt8(ascii: ",")) }
            batch.bytes.append(decimal: Int(number))
        }
        batch.bytes.append(UInt8(ascii: "]"))
    }

    private mutating func name(_ field: WireLogField) {
        if !isFirstField { batch.bytes.append(UInt8(ascii: ",")) }
        isFirstField = false
        quoted { $0.append(contentsOf: field.rawValue.utf8) }
        batch.bytes.append(UInt8(ascii: ":"))
    }

    private mutating func quoted(_ write: (inout [UInt8]) -> Void) {
        batch.bytes.append(UInt8(ascii: "\""))
        write(&batch.bytes)
        batch.bytes.append(UInt8(ascii: "\""))
    }
}
