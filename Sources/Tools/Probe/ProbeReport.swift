internal import Broker
internal import Endpoints
internal import Modbus
internal import SerialLine
internal import Settings
internal import Text

/// What a probe tells in the end.
struct ProbeReport {
    private let findings: ProbeFindings
    private let endpoint: Endpoint

    init(_ findings: ProbeFindings, _ endpoint: Endpoint) {
        self.findings = findings
        self.endpoint = endpoint
    }

    func text(_ output: Output) -> String {
        var lines = [headline]
        if case .found = findings.verdict {
            var columns = Columns(["UNIT", "ANSWER", "TIME"], leftAligned: [1])
            for hit in findings.hits {
                columns.append([
                    .init(text: "\(hit.unit)"), .init(text: hit.answer, style: .green),
                    .init(text: hit.time.map { "\($0.nanoseconds / 1_000_000) ms" } ?? ""),
                ])
            }
            lines.append(String(columns.text(output).dropLast()))
        }
        lines += (notes + advice).map(output.sentences)
        return lines.joined(separator: "\n") + "\n"
    }

    private var headline: String {
        switch findings.verdict {
        case .found(let setting):
            "\(endpoint.path): \(findings.hits.count == 1 ? "a unit answers" : "\(findings.hits.count) units answer")"
                + Self.words(setting)
        case .talking(let setting, let frames):
            "\(endpoint.path): somebody else asks on this line\(Self.words(setting)), "
                + "unit \(Self.units(of: frames).joined(separator: ", ")); nothing more was sent"
        case .garbage(let setting):
            "\(endpoint.path): bytes come, most of them\(Self.words(setting)), but no frame that can be read"
        case .echo: "\(endpoint.path): the adapter hears what it sends, and nothing else comes"
        case .closed(let reason, let words):
            "\(endpoint.path): " + [reason?.quotedBriefly, words].compactMap(\.self).joined(separator: "; ")
        case .nothing, nil: "\(endpoint.path): not a byte came"
        }
    }

    private var notes: [String] {
        var notes: [String] = []
        if case .found = findings.verdict, findings.isEchoed {
            notes.append("The adapter hears what it sends: --local-echo")
        }
        if !isTalking, findings.heardWhileListening > 0 {
            notes.append(
                "\(findings.heardWhileListening.counted("byte")) came before anything was asked: noise, "
                    + "or another client at a setting that was not tried")
        }
        return notes
    }

    private var advice: [String] {
        switch findings.verdict {
        case .found: ["Use: \(flags.joined(separator: " "))"]
        case .talking:
            ["Two clients on a line collide: take the other one off, or give it to the broker's --shine."]
                + ["Then use: \(flags.joined(separator: " "))"]
        case .garbage:
            [
                "Perhaps A and B are swapped, the ground is missing, or the speed is none of these: see --bauds, --formats."
            ]
        case .closed(_, let words): [Self.adviceOnClosed(words, endpoint)]
        case .echo, .nothing, nil:
            [
                "Perhaps A and B are swapped or on the wrong terminal, the unit has no power (an inverter sleeps at night), "
                    + "or has another number: see --units."
            ]
        }
    }

    private static func adviceOnClosed(_ words: String?, _ endpoint: Endpoint) -> String {
        let advice = "No unit was reached, which is no fault of the wiring."
        if words != nil { return advice }
        let other = endpoint.hasTransactions ? "rtuovertcp://" : "tcp://"
        return advice + " Perhaps another client holds the only place of this server, or it speaks the other protocol: "
            + "\(other) in place of this scheme."
    }

    private var isTalking: Bool { if case .talking = findings.verdict { true } else { false } }

    private var setting: LineSetting? {
        switch findings.verdict {
        case .found(let setting), .talking(let setting, _), .garbage(let setting): setting
        case .echo, .closed, .nothing, nil: nil
        }
    }

    /// What the gateway has to be given.
    private var flags: [String] {
        guard let inverter else { return [] }
        let echo = findings.isEchoed ? ["--local-echo"] : []
        return ["--inverter", "'\(inverter)'"] + echo
    }

    /// Nil unless it is known.
    private var inverter: String? {
        guard case .serial(let path, _, _, let direction) = endpoint else { return endpoint.path }
        guard let setting, !isGarbage else { return nil }
        let format = setting.format.description
        let parameters =
            ["baud=\(setting.baud)"] + (format == "8N1" ? [] : ["format=\(format)"])
            + (direction.map { ["rs485=\($0.rawValue)"] } ?? [])
        return "serial://\(StableName.names(of: path).first ?? path)?\(parameters.joined(separator: "&"))"
    }

    private var isGarbage: Bool { if case .garbage = findings.verdict { true } else { false } }

    private static func words(_ setting: LineSetting?) -> String { setting.map { " at \($0)" } ?? "" }

    private static func units(of frames: [RTUFrame]) -> [String] {
        Set(frames.map(\.unit)).sorted().map { "\($0)" }
    }
}

extension ProbeReport {
    var json: JSONValue {
        .object([
            .init("endpoint", .string(endpoint.path)), .init("verdict", .string(verdictName)),
            .init("baud", setting.map { .number("\($0.baud)") } ?? .null),
            .init("format", setting.map { .string("\($0.format)") } ?? .null),
            .init(
                "units",
                .array(
                    findings.hits.map { hit in
                        .object([
                            .init("unit", .number("\(hit.unit)")), .init("answer", .string(hit.answer)),
                            .init("ms", hit.time.map { .number("\($0.nanoseconds / 1_000_000)") } ?? .null),
                        ])
                    })),
            .init("local_echo", .bool(findings.isEchoed)),
            .init("unasked_bytes", .number("\(findings.heardWhileListening)")),
            .init("inverter", inverter.map { .string($0) } ?? .null),
        ])
    }

    private var verdictName: String {
        switch findings.verdict {
        case .found: "found"
        case .talking: "other_client"
        case .garbage: "garbage"
        case .echo: "echo"
        case .closed: "closed"
        case .nothing, nil: "nothing"
        }
    }
}

extension ProbePlan.Hit {
    /// Such as `holding 0 = 3`.
    var answer: String {
        let table = request.function == .readHoldingRegisters ? "holding" : "input"
        if let code = reply.exceptionCode { return "\(table) 0: \(code) (\(code.rawValue))" }
        return "\(table) 0 = \(reply.registers?.first.map { "\($0)" } ?? "?")"
    }
}
