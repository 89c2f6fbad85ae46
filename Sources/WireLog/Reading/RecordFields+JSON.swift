internal import Text

extension RecordFields {
    /// Reads a line that is too unusual for ``LineScanner``; nil if it is no JSON object.
    init?(
        json bytes: UnsafeRawBufferPointer, _ words: RecordWords, _ clients: inout RecordedClients
    ) {
        guard let members = try? JSONReader.value(of: Array(bytes)).members else { return nil }
        self.init()
        for member in members {
            var key = member.key
            guard let field = key.withUTF8({ words.fields.word(UnsafeRawBufferPointer($0)) }) else { continue }
            // A value of another kind than the field's is no value.
            switch member.value {
            case .string("\\"): continue
            case .string(var text) where field == .fromClient || field == .toClient:
                client = text.withUTF8 { clients.client(UnsafeRawBufferPointer($0)) }
            case .string(var text):
                _ = text.withUTF8 { set(field, UnsafeRawBufferPointer($0), words, &clients) }
            case .number(let text):
                if let number = Self.millionths(text) { _ = set(field, number) }
            case .array(let values) where field == .registers || field == .values: registers = Self.registers(values)
            case .null, .bool, .array, .object: continue
            }
        }
    }

    private static func millionths(_ text: String) -> Int64? {
        var text = text
        // Exact where it can be: microseconds since 1970 fill a Double.
        return text.withUTF8 { LineScanner.millionths(UnsafeRawBufferPointer($0)) }
            ?? Double(text).flatMap { Int64(exactly: ($0 * 1_000_000).rounded()) }
    }

    private static func registers(_ values: [JSONValue]) -> [UInt16]? {
        let numbers = values.compactMap(\.integer).filter { (-32768...65535).contains($0) }
        return numbers.count == values.count ? numbers.map { UInt16(truncatingIfNeeded: $0) } : nil
    }
}
