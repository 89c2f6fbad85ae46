internal import Growatt
internal import Modbus
internal import Text
package import WireLog

extension Analysis {
    /// The figures for machines; `docs/analyze.md` has the schema.
    package func json(_ summary: ReadingSummary) -> [UInt8] {
        var members: [JSONValue.Member] = reading(summary)
        members += Self.outcomes(outcomes) + Self.repeats(repeats)
        members += [
            .init("strayReplies", .count(pairingCounts.strayReplies)),
            .init("damagedFrames", .count(pairingCounts.damagedFrames)),
            .init("drops", .count(dropped.chunks)), .init("glued", .count(dropped.requests)),
            .init("dropped", droppedBytes), .init("unit0", unit0Figures), .init("line", line),
            .init("replyTime", Self.times(replyTime)), .init("replyTimesBySize", bySize),
            .init("clients", .array(clients.byClient.map(client))),
            .init("blocks", .array(blocks.all.map(Self.block))),
            .init("requestsOfOtherBlocks", .count(blocks.requestsOfOthers)),
            .init("writes", .array(writes.elements.map(Self.write))), .init("writesOmitted", .count(writes.omitted)),
            .init("registers", .array(registerRanges)),
            .init("gaps", .array(gaps.longest.map(Self.gap))), .init("gapsCount", .count(gaps.count)),
            .init(
                "events",
                .object(
                    WireLogEvent.allCases.compactMap { event in
                        events[event].map { .init(event.rawValue, .count($0)) }
                    })),
        ]
        var bytes: [UInt8] = []
        JSONValue.object(members).append(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private func reading(_ summary: ReadingSummary) -> [JSONValue.Member] {
        [
            .init("first", firstWallMicroseconds.map { .string(FigureText.time($0)) } ?? .null),
            .init("last", lastWallMicroseconds.map { .string(FigureText.time($0)) } ?? .null),
            .init("seconds", .decimal(Double(microseconds) / 1e6)),
            .init("files", .count(summary.files)), .init("bytes", .count(summary.bytes)),
            .init("lines", .count(summary.lines)), .init("wireLogLines", .count(summary.wireLogLines)),
            .init("captureLines", .count(summary.captureLines)), .init("foreignLines", .count(summary.foreignLines)),
            .init(
                "firstForeignLines",
                .array(
                    summary.firstForeignLines.map {
                        .object([
                            .init("file", .string($0.file)), .init("line", .count($0.number)),
                            .init("text", .string($0.text)),
                        ])
                    })),
            .init("remarks", .array(summary.remarks.map { .string($0) })), .init("lostLines", .count(lostLines)),
        ]
    }

    private static func outcomes(_ outcomes: OutcomeCounts) -> [JSONValue.Member] {
        let codes = outcomes.exceptionCodes.sorted { $0.key < $1.key }
        return [
            .init("requests", .count(outcomes.requests)), .init("replies", .count(outcomes.replies)),
            .init("exceptions", .count(outcomes.exceptions)),
            .init("exceptionCodes", .object(codes.map { .init("\($0.key)", .count($0.value)) })),
            .init("timeouts", .count(outcomes.timeouts)), .init("superseded", .count(outcomes.superseded)),
            .init("refused", .count(outcomes.refused)), .init("expired", .count(outcomes.expired)),
            .init("notSent", .count(outcomes.notSent)), .init("open", .count(outcomes.open)),
        ]
    }

    private static func repeats(_ repeats: RepeatCounts) -> [JSONValue.Member] {
        [
            .init("repeats", .count(repeats.all)),
            .init(
                "repeatKinds",
                .object([
                    .init("whilePending", .count(repeats.whilePending)),
                    .init("afterFailure", .count(repeats.afterFailure)),
                    .init("afterAnswer", .count(repeats.afterAnswer)),
                ])),
        ]
    }

    private var droppedBytes: JSONValue {
        .object([
            .init("bytes", .count(dropped.bytes)), .init("gluedChunks", .count(dropped.chunksOfGlued)),
            .init("noisyChunks", .count(dropped.noisyChunks)), .init("noiseBytes", .count(dropped.noiseBytes)),
            .init(
                "reasons", .object(dropped.reasons.sorted { $0.key < $1.key }.map { .init($0.key, .count($0.value)) })),
        ])
    }

    private var unit0Figures: JSONValue {
        .object([
            .init("requests", .count(unit0.requests)), .init("answered", .count(unit0.answered)),
            .init("units", .array(unit0.units.sorted().map { .count(Int($0.rawValue)) })),
        ])
    }

    private var line: JSONValue {
        let span = Double(microseconds)
        let isKnown = span > 0 && lineUse.busyMicroseconds > 0
        return .object([
            .init("busyShare", isKnown ? .decimal(Double(lineUse.busyMicroseconds) / span) : .null),
            .init("bitShare", lineUse.wireMicroseconds.map { isKnown ? .decimal(Double($0) / span) : .null } ?? .null),
            .init("bytes", .count(lineUse.bytes)), .init("baud", lineUse.baud.map { .count($0) } ?? .null),
        ])
    }

    private var bySize: JSONValue {
        .array(
            replyTimeBySize.enumerated().filter { $0.element.count > 0 }.map {
                .object([.init("bytes", .count($0.offset))] + Self.timeMembers($0.element))
            })
    }
}

extension Analysis {
    private static func timeMembers(_ times: DurationHistogram) -> [JSONValue.Member] {
        [
            .init("count", .count(times.count)), .init("medianMs", .milliseconds(times.median)),
            .init("p99Ms", .milliseconds(times.p99)),
            .init("maxMs", .milliseconds(times.count > 0 ? times.longest : nil)),
        ]
    }

    private static func times(_ times: DurationHistogram) -> JSONValue { .object(timeMembers(times)) }

    private func client(_ client: (name: String, functions: [FunctionFigures])) -> JSONValue {
        .object([
            .init("name", .string(client.name)), .init("connections", .count(clients.connections[client.name] ?? 0)),
            .init("requests", .count(client.functions.reduce(0) { $0 + $1.outcomes.requests })),
            .init(
                "functions",
                .array(
                    client.functions.map { figures in
                        .object(
                            [.init("function", .count(Int(figures.function.rawValue)))]
                                + Self.outcomes(figures.outcomes)
                                + Self.repeats(figures.repeats) + [
                                    .init("replyTime", Self.times(figures.replyTime)),
                                    .init("waitingTime", Self.times(figures.waitingTime)),
                                ])
                    })),
        ])
    }

    private static func block(_ figures: BlockFigures) -> JSONValue {
        .object([
            .init("client", .string(figures.block.client)), .init("unit", .count(Int(figures.block.unit.rawValue))),
            .init("function", .count(Int(figures.block.function.rawValue))),
            .init("address", .count(Int(figures.block.address))),
            .init("quantity", .count(Int(figures.block.quantity))), .init("requests", .count(figures.requests)),
            .init("answered", .count(figures.answered)),
            .init("periodSeconds", figures.period.median.map { .decimal(Double($0) / 1e6) } ?? .null),
        ])
    }

    private static func write(_ write: RecordedWrite) -> JSONValue {
        .object([
            .init("time", .string(FigureText.time(write.wallMicroseconds))), .init("client", .string(write.client)),
            .init("unit", .count(Int(write.unit.rawValue))), .init("function", .count(Int(write.function.rawValue))),
            .init("address", .count(Int(write.address))), .init("values", .array(write.values.map { .count(Int($0)) })),
            .init("outcome", .string(write.outcome?.rawValue ?? "open")),
            .init("exceptionCode", write.exceptionCode.map { .count(Int($0.rawValue)) } ?? .null),
        ])
    }

    private static func gap(_ gap: Gaps.Gap) -> JSONValue {
        .object([
            .init("from", .string(FigureText.time(gap.wallMicroseconds))),
            .init("seconds", .decimal(Double(gap.duration) / 1e6)),
        ])
    }

    /// Ranges of registers that were read, each with how many of them changed.
    private var registerRanges: [JSONValue] {
        RegisterRange.all(of: registers).map { range in
            .object([
                .init("unit", .count(Int(range.unit.rawValue))), .init("table", .string(range.table.rawValue)),
                .init("first", .count(range.addresses.lowerBound)), .init("last", .count(range.addresses.upperBound)),
                .init("changing", .count(range.changing)),
            ])
        }
    }
}

extension JSONValue {
    static func count(_ number: Int) -> JSONValue { .number("\(number)") }

    /// With up to six decimals.
    static func decimal(_ number: Double) -> JSONValue { .number(FigureText.decimal(number, 6)) }

    /// With three decimals, from microseconds.
    static func milliseconds(_ microseconds: Int64?) -> JSONValue {
        microseconds.map { .number(FigureText.decimal(Double($0) / 1000, 3)) } ?? .null
    }
}
