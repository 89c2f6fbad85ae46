import Modbus

@testable import WireLog

/// What an opened line tells, to be compared.
struct RecordedLineContents: Equatable {
    private let numbers: [Int64?]
    private let texts: [String?]
    private let flags: [Bool]
    private let bytes: [UInt8]
    private let request: [UInt8]?

    init(_ line: RecordedLine) {
        numbers = [
            line.microseconds, line.wallMicroseconds, line.busTime, line.waitingTime, Int64(line.lost),
            line.unit.map { Int64($0.rawValue) }, line.function.map { Int64($0.rawValue) }, line.baud.map { Int64($0) },
            line.characterBits.map { Int64($0) },
        ]
        texts = ["\(line.kind)", line.client?.name, line.event?.rawValue, line.reason, line.outcome?.rawValue]
        flags = [line.isFromBroker, line.hasError]
        bytes = line.bytes
        request = line.request?.bytes
    }
}
