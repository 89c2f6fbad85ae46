/// Whole lines, each of which ends with a newline.
struct LineBatch: Sendable {
    var bytes: [UInt8] = []
    var count = 0
}
