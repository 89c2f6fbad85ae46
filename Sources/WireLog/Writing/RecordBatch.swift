/// Whole lines, each of which ends with a newline.
struct RecordBatch: Sendable {
    var bytes: [UInt8] = []
    var count = 0
}
