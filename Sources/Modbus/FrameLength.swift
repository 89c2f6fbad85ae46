/// How long an RTU frame is, as far as its first bytes tell.
package enum FrameLength: Hashable, Sendable {
    /// The whole frame, unit identifier and CRC included.
    case bytes(Int)
    /// Not known before at least this many bytes are there.
    case needs(Int)
    /// The function has no known layout: only a silence ends the frame.
    case opaque
    /// No frame of this function looks like this.
    case impossible

    /// The length of a request (R2).
    ///
    /// - Parameter bytes: what has come so far, beginning with the unit identifier.
    package init(ofRequest bytes: ArraySlice<UInt8>) {
        guard bytes.count >= 2 else {
            self = .needs(2)
            return
        }
        let function = FunctionCode(rawValue: bytes[bytes.startIndex + 1])
        guard function.rawValue != 0, !function.isException else {
            self = .impossible
            return
        }
        self =
            switch function.shape {
            case .readBits, .readRegisters, .writeSingle: .bytes(8)
            case .maskWrite: .bytes(10)
            case .writeBits, .writeRegisters: Self.length(of: bytes, countAt: 6)
            case .readWrite: Self.length(of: bytes, countAt: 10)
            case .opaque: .opaque
            }
    }

    /// The length of a reply of some unit to some request: for frames that nobody expects.
    ///
    /// - Parameter bytes: what has come so far, beginning with the unit identifier.
    package init(ofUnexpectedReply bytes: ArraySlice<UInt8>) {
        guard bytes.count >= 2 else {
            self = .needs(2)
            return
        }
        let function = FunctionCode(rawValue: bytes[bytes.startIndex + 1])
        guard !function.isException else {
            self = .bytes(5)
            return
        }
        self =
            switch function.shape {
            case .writeSingle, .writeBits, .writeRegisters: .bytes(8)
            case .maskWrite: .bytes(10)
            case .readBits: Self.counted(bytes, even: false)
            case .readRegisters, .readWrite: Self.counted(bytes, even: true)
            case .opaque: .impossible
            }
    }

    /// A request whose data bytes are counted by the byte at `offset`, followed by them and the CRC.
    private static func length(of bytes: ArraySlice<UInt8>, countAt offset: Int) -> FrameLength {
        guard bytes.count > offset else { return .needs(offset + 1) }
        let count = Int(bytes[bytes.startIndex + offset])
        let length = offset + 1 + count + 2
        return count > 0 && length <= RTUFrame.maximumLength ? .bytes(length) : .impossible
    }

    /// A reply whose data bytes are counted by its third one.
    private static func counted(_ bytes: ArraySlice<UInt8>, even: Bool) -> FrameLength {
        guard bytes.count >= 3 else { return .needs(3) }
        let count = Int(bytes[bytes.startIndex + 2])
        let isPossible = (1...PDU.maximumLength - 2).contains(count) && !(even && count % 2 == 1)
        return isPossible ? .bytes(5 + count) : .impossible
    }
}
