extension FunctionShapes {
    /// The length of a reply of some unit to some request, from its own bytes: for frames that nobody expects.
    ///
    /// - Parameter bytes: what has come so far, beginning with the unit identifier.
    package func unexpectedReplyLength(_ bytes: ArraySlice<UInt8>) -> FrameLength {
        guard bytes.count >= 2 else { return .needs(2) }
        let function = FunctionCode(rawValue: bytes[bytes.startIndex + 1])
        if function.isException { return .bytes(5) }
        switch shape(of: function) {
        case .writeSingle, .writeBits, .writeRegisters: return .bytes(8)
        case .maskWrite: return .bytes(10)
        case .readBits: return counted(bytes, even: false)
        case .readRegisters, .readWrite: return counted(bytes, even: true)
        case .opaque: return .impossible
        }
    }

    private func counted(_ bytes: ArraySlice<UInt8>, even: Bool) -> FrameLength {
        guard bytes.count >= 3 else { return .needs(3) }
        let count = Int(bytes[bytes.startIndex + 2])
        let isPossible = (1...PDU.maximumLength - 2).contains(count) && !(even && count % 2 == 1)
        return isPossible ? .bytes(5 + count) : .impossible
    }
}
