/// What the answer to one request must look like (R2, R3).
///
/// Made from the request: unit, function, byte count of a read, echoed fields of a write.
package struct ReplyShape: Hashable, Sendable {
    private enum Body: Hashable, Sendable {
        /// A byte count, then as many bytes.
        case counted(UInt8)
        /// These bytes of the request again, behind the function code.
        case echo([UInt8])
        /// Nothing known: only a silence ends it.
        case opaque
    }

    /// The unit that has to answer; unit 0 lets any unit answer.
    package let unit: UnitIdentifier
    package let function: FunctionCode
    private let body: Body

    /// - Parameter request: a request PDU; one that is not well-formed is treated as opaque.
    package init(unit: UnitIdentifier, request: PDU) {
        self.unit = unit
        function = request.function
        body =
            switch request.function.shape {
            case .readBits: Self.counted(request.word(at: 3).map { (Int($0) + 7) / 8 })
            case .readRegisters, .readWrite: Self.counted(request.word(at: 3).map { Int($0) * 2 })
            case .writeSingle, .writeBits, .writeRegisters: Self.echo(request, length: 5)
            case .maskWrite: Self.echo(request, length: 7)
            case .opaque: .opaque
            }
    }

    private static func counted(_ count: Int?) -> Body {
        guard let count, (1...PDU.maximumLength - 2).contains(count) else { return .opaque }
        return .counted(UInt8(count))
    }

    private static func echo(_ request: PDU, length: Int) -> Body {
        request.bytes.count >= length ? .echo(Array(request.bytes[1..<length])) : .opaque
    }

    /// The length of the whole RTU reply; nil if only a silence ends it.
    package var length: Int? {
        switch body {
        case .counted(let count): 5 + Int(count)
        case .echo(let bytes): 4 + bytes.count
        case .opaque: nil
        }
    }

    /// Compares what has come so far with this shape, without its CRC.
    ///
    /// - Parameter bytes: at least one byte, beginning with the unit identifier.
    /// - Returns: the length of the frame that begins here, `.needs` while the bytes fit but do not tell the length,
    ///   `.opaque` if the function fits and only a silence ends it, `.impossible` if this is not the reply.
    package func match(_ bytes: ArraySlice<UInt8>) -> FrameLength {
        let start = bytes.startIndex
        guard unit.isBroadcast || bytes[start] == unit.rawValue else { return .impossible }
        guard bytes.count >= 2 else { return .needs(2) }
        if bytes[start + 1] == function.exception.rawValue { return .bytes(5) }
        guard bytes[start + 1] == function.rawValue else { return .impossible }
        switch body {
        case .opaque: return .opaque
        case .counted(let count):
            guard bytes.count >= 3 else { return .needs(3) }
            return bytes[start + 2] == count ? .bytes(5 + Int(count)) : .impossible
        case .echo(let echo):
            let come = bytes.dropFirst(2).prefix(echo.count)
            return come.elementsEqual(echo.prefix(come.count)) ? .bytes(4 + echo.count) : .impossible
        }
    }
}
