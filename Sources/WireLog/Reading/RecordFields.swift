/// What the fields of one line say, before they are put together.
///
/// Numbers are in millionths, which holds integers, seconds with microseconds and milliseconds alike.
struct RecordFields {
    enum Time {
        case civil(microseconds: Int64)
        case since1970(microseconds: Int64)
    }

    var time: Time?
    /// Microseconds since 1970.
    var seconds: Int64?
    var role: WireLogRole?
    var client: RecordedClient?
    var hex: [UInt8]?
    var unit: Int64?
    var function: Int64?
    var event: WireLogEvent?
    var reason = ""
    var outcome: WireLogOutcome?
    var isFromBroker = false
    var hasError = false
    var address: Int64?
    var quantity: Int64?
    var value: Int64?
    var busTime: Int64?
    var waitingTime: Int64?
    var lost: Int64?
    var baud: Int64?
    var characterBits: Int?
    var operation: CapturedCall?
    var registers: [UInt16]?
    var code: Int64?
    var pdu: [UInt8]?
    var reply: [UInt8]?
    /// The name of a line of the broker; empty: there is only one.
    var lineName = ""

    /// Times are between the years 828 and 3111, so that differences and sums of them fit.
    static let times = -(Int64(1) << 55)...(Int64(1) << 55)
    /// Durations are less than a day: microseconds.
    static let durations = 0...Int64(86_400_000_000)

    /// An integer in `range`, given in millionths; nil for anything else.
    static func integer<Number: FixedWidthInteger>(_ millionths: Int64?) -> Number? {
        guard let millionths, millionths.isMultiple(of: 1_000_000) else { return nil }
        return Number(exactly: millionths / 1_000_000)
    }
}
