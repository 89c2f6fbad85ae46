/// The fields of recordings that are looked at; all others are passed over.
enum LineField: Sendable {
    case timestamp, seconds, role, client, hex, unit, function, event, reason, outcome, source, error
    case address, quantity, value, busTime, waitingTime, lost, baud, format
    case operation, registers, code, pdu, reply, line

    static let vocabulary = Vocabulary<LineField>([
        ("ts", .timestamp), ("t", .seconds), ("role", .role), ("from_client", .client), ("to_client", .client),
        ("hex", .hex), ("uid", .unit), ("func", .function), ("event", .event), ("reason", .reason),
        ("outcome", .outcome), ("source", .source), ("error", .error), ("addr", .address), ("count", .quantity),
        ("value", .value), ("rtt_ms", .busTime), ("queue_ms", .waitingTime), ("lost", .lost), ("baud", .baud),
        ("fmt", .format), ("op", .operation), ("unit", .unit), ("regs", .registers), ("values", .registers),
        ("code", .code), ("pdu", .pdu), ("reply", .reply), ("line", .line),
    ])
}

/// A capture's operation.
enum CallOperation: Sendable {
    case readHolding, readInput, writeSingle, writeMultiple, raw

    static let vocabulary = Vocabulary<CallOperation>([
        ("read_holding", .readHolding), ("read_input", .readInput),
        ("write_single", .writeSingle), ("write_multiple", .writeMultiple), ("raw", .raw),
    ])
}
