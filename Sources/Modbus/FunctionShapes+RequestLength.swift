/// How long a frame is, as far as its first bytes tell.
package enum FrameLength: Hashable, Sendable {
    /// The whole RTU frame, unit identifier and CRC included.
    case bytes(Int)
    /// Not known before at least this many bytes are there.
    case needs(Int)
    /// The function has no known layout: only a silence ends the frame.
    case opaque
    /// No frame of this function looks like this.
    case impossible
}

extension FunctionShapes {
    /// The length of a request from its own bytes (R2).
    ///
    /// - Parameter bytes: what has come so far, beginning with the unit identifier.
    package func requestLength(_ bytes: ArraySlice<UInt8>) -> FrameLength {
        guard bytes.count >= 2 else { return .needs(2) }
        let function = FunctionCode(rawValue: bytes[bytes.startIndex + 1])
        guard function.rawValue != 0, !function.isException else { return .impossible }
        switch shape(of: function) {
        case .readBits, .readRegisters, .writeSingle: return .bytes(8)
        case .maskWrite: return .bytes(10)
        case .writeBits, .writeRegisters: return length(of: bytes, countAt: 6)
        case .readWrite: return length(of: bytes, countAt: 10)
        case .opaque: return .opaque
        }
    }

    /// A frame whose data bytes are counted by the byte at `offset`, followed by them and the CRC.
    private func length(of bytes: ArraySlice<UInt8>, countAt offset: Int) -> FrameLength {
        guard bytes.count > offset else { return .needs(offset + 1) }
        let count = Int(bytes[bytes.startIndex + offset])
        let length = offset + 1 + count + 2
        return count > 0 && length <= RTUFrame.maximumLength ? .bytes(length) : .impossible
    }
}
