internal import Glibc

/// Cuts a source into its lines, in constant memory.
struct LineSplitter {
    /// One line without its newline; valid during the call only.
    struct Line {
        let bytes: UnsafeRawBufferPointer
        /// It is the last one, and has no newline.
        let isUnfinished: Bool
        /// It has more bytes than are looked at; these are its first ones.
        let isTooLong: Bool
    }

    /// The most bytes of a line that are looked at.
    static let longest = 1 << 18

    private let source: UnpackedSource
    /// What has been read, unpacked.
    private(set) var bytes = 0
    private var isSkipping = false

    init(_ source: UnpackedSource) {
        self.source = source
    }

    /// Reads to the end.
    ///
    /// - Parameters:
    ///   - progress: called for each chunk.
    ///   - take: called for each line, in order.
    mutating func run(progress: () -> Void, _ take: (Line) -> Void) throws(ReadingError) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.longest, alignment: 16)
        defer { memory.deallocate() }
        /// How much of the memory is the beginning of a line.
        var held = 0
        while true {
            let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[held...]))
            guard count > 0 else { break }
            bytes += count
            let end = held + count
            let used = takeLines(of: UnsafeRawBufferPointer(rebasing: memory[..<end]), from: held, take)
            held = end - used
            if used > 0, held > 0 { memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[used..<end])) }
            if held == memory.count {
                if !isSkipping { take(Line(bytes: .init(memory), isUnfinished: false, isTooLong: true)) }
                (isSkipping, held) = (true, 0)
            }
            progress()
        }
        guard held > 0, !isSkipping else { return }
        take(Line(bytes: .init(rebasing: memory[..<held]), isUnfinished: true, isTooLong: false))
    }

    /// - Parameter start: there is no newline before it.
    /// - Returns: how many bytes the whole lines have.
    private mutating func takeLines(
        of memory: UnsafeRawBufferPointer, from start: Int, _ take: (Line) -> Void
    ) -> Int {
        guard let base = memory.baseAddress else { return 0 }
        var (lineStart, search) = (0, start)
        while let newline = memchr(base + search, 0x0A, memory.count - search) {
            let end = base.distance(to: UnsafeRawPointer(newline))
            if isSkipping {
                isSkipping = false
            } else {
                let bytes = UnsafeRawBufferPointer(start: base + lineStart, count: end - lineStart)
                take(Line(bytes: bytes, isUnfinished: false, isTooLong: false))
            }
            (lineStart, search) = (end + 1, end + 1)
        }
        return lineStart
    }
}
