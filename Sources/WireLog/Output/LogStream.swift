internal import Glibc

/// Standard output, which is neither opened nor rotated.
struct LogStream: LogOutput {
    let name: String
    private let descriptor: LineDescriptor

    init(name: String = "standard output", descriptor: Int32 = STDOUT_FILENO) {
        self.name = name
        self.descriptor = LineDescriptor(descriptor, isOwned: false)
    }

    func prepare() {}

    func append(_ lines: inout ArraySlice<UInt8>) throws(LogFailure) {
        try descriptor.append(&lines)
    }

    func close() {}
}
