internal import CZlib

/// The bytes of a recording, unpacked where they are gzip; which is found out from its first two bytes.
///
/// Several gzip members in one file are one text, as for `zcat`. A file that is cut off gives what it holds.
final class UnpackedSource {
    private enum Form {
        case plain
        case packed
        /// Behind the last gzip member.
        case ended
    }

    let file: FileSource
    /// The file ended in the middle of compressed data.
    private(set) var isCutOff = false
    /// Behind the last gzip member there was something else, which was left out.
    private(set) var hasTrailingBytes = false
    private var form = Form.plain
    private var stream = z_stream()
    /// What has been read and is not used up: `input[start..<end]`.
    private var input = [UInt8](repeating: 0, count: 1 << 17)
    private var start = 0
    private var end = 0
    private var isInsideMember = false

    init(path: String) throws(ReadingError) {
        file = try FileSource(path: path)
        // A pipe may give one byte at a time.
        while end < 2 {
            let count = try fill(from: end)
            if count == 0 { break }
        }
        guard beginsMember else { return }
        form = .packed
        // 15 bits of window, and 16 for the gzip header.
        let status = inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib is not the one this program was built with")
    }

    deinit {
        inflateEnd(&stream)
    }

    /// Reads some bytes, unpacked.
    ///
    /// - Returns: how many; 0 at the end.
    func read(into memory: UnsafeMutableRawBufferPointer) throws(ReadingError) -> Int {
        switch form {
        case .plain: try readPlain(into: memory)
        case .packed: try readPacked(into: memory)
        case .ended: 0
        }
    }

    private func readPlain(into memory: UnsafeMutableRawBufferPointer) throws(ReadingError) -> Int {
        guard start < end else { return try file.read(into: memory) }
        let count = min(end - start, memory.count)
        input.withUnsafeBytes { memory.copyMemory(from: .init(rebasing: $0[start..<start + count])) }
        start += count
        return count
    }

    private func readPacked(into memory: UnsafeMutableRawBufferPointer) throws(ReadingError) -> Int {
        while true {
            if end - start < 2 { try refill() }
            guard start < end else {
                isCutOff = isInsideMember
                form = .ended
                return 0
            }
            guard isInsideMember || beginsMember else {
                hasTrailingBytes = true
                form = .ended
                return 0
            }
            let count = try inflate(into: memory)
            if count > 0 { return count }
        }
    }

    private func inflate(into memory: UnsafeMutableRawBufferPointer) throws(ReadingError) -> Int {
        isInsideMember = true
        let (status, left) = input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress.map { $0 + start }
            stream.avail_in = UInt32(end - start)
            stream.next_out = memory.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.avail_out = UInt32(memory.count)
            return (CZlib.inflate(&stream, Z_NO_FLUSH), Int(stream.avail_in))
        }
        start = end - left
        switch status {
        case Z_STREAM_END:
            isInsideMember = false
            inflateReset(&stream)
        case Z_OK, Z_BUF_ERROR: break
        default: throw .damagedGzip(file: file.path, position: file.bytesRead - left)
        }
        return memory.count - Int(stream.avail_out)
    }

    /// Keeps what is not used up.
    private func refill() throws(ReadingError) {
        input.withUnsafeMutableBufferPointer { input in
            for offset in 0..<end - start { input[offset] = input[start + offset] }
        }
        (start, end) = (0, end - start)
        while end < 2 {
            let count = try fill(from: end)
            if count == 0 { return }
        }
    }

    private func fill(from offset: Int) throws(ReadingError) -> Int {
        let count: Result<Int, ReadingError> = input.withUnsafeMutableBytes { input in
            Result { () throws(ReadingError) in try file.read(into: .init(rebasing: input[offset...])) }
        }
        end = offset + (try count.get())
        return try count.get()
    }

    /// The two magic numbers of RFC 1952.
    private var beginsMember: Bool { end - start >= 2 && input[start] == 0x1F && input[start + 1] == 0x8B }
}
