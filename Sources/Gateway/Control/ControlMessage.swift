internal import Modbus
package import Recording
package import Settings

/// What a broker is asked or told: one JSON object in one line. `docs/control.md` describes the protocol.
package enum ControlCommand: Hashable, Sendable {
    case status
    case reload
    /// nil: tells which it is.
    case logLevel(LogLevel?)

    /// Of the lines that go both ways; a broker refuses others.
    package static let version = 1
    /// Bytes of a request; answers have no limit.
    static let longestRequest = 4096

    private static let names = ["status", "reload", "log-level"]

    /// - Throws: ``GatewayError/badRequest(_:)`` with what is allowed.
    init(line: [UInt8]) throws(GatewayError) {
        let members: [JSONValue.Member]
        do throws(JSONError) {
            members = try JSONReader.value(of: line).members ?? []
        } catch {
            throw .badRequest("the line is no JSON: \(error.reason)")
        }
        func value(_ key: String) -> JSONValue? { members.first { $0.key == key }?.value }
        guard value("protocol")?.integer == Self.version else {
            throw .badRequest(
                "protocol \(value("protocol")?.summary ?? "is missing"): expected \(Self.version), as this broker speaks"
            )
        }
        switch value("command")?.string {
        case "status": self = .status
        case "reload": self = .reload
        case "log-level":
            guard let text = value("level") else {
                self = .logLevel(nil)
                return
            }
            guard let level = text.string.flatMap({ LogLevel(rawValue: $0) }) else {
                let words = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
                throw .badRequest("level \(text.summary): expected one of \(words)")
            }
            self = .logLevel(level)
        default:
            throw .badRequest(
                "command \(value("command")?.summary ?? "is missing"): expected one of "
                    + Self.names.joined(separator: ", "))
        }
    }

    /// As one line.
    package var line: [UInt8] {
        var members: [JSONValue.Member] = [.init("protocol", .count(Self.version))]
        switch self {
        case .status: members.append(.init("command", .string("status")))
        case .reload: members.append(.init("command", .string("reload")))
        case .logLevel(let level):
            members.append(.init("command", .string("log-level")))
            if let level { members.append(.init("level", .string(level.rawValue))) }
        }
        return JSONValue.object(members).line
    }
}

/// What comes back: what was asked for, or why not.
package enum ControlReply: Sendable {
    case result(JSONValue)
    case failure(String)

    var line: [UInt8] {
        let head: [JSONValue.Member] = [.init("protocol", .count(ControlCommand.version))]
        return switch self {
        case .result(let value): JSONValue.object(head + [.init("ok", .bool(true)), .init("result", value)]).line
        case .failure(let text):
            JSONValue.object(head + [.init("ok", .bool(false)), .init("error", .string(text))]).line
        }
    }

    /// - Throws: ``GatewayError/connectionLost(_:)`` for what is no reply.
    init(line: [UInt8]) throws(GatewayError) {
        guard let members = (try? JSONReader.value(of: line))?.members else {
            throw .connectionLost("the answer is no JSON object")
        }
        func value(_ key: String) -> JSONValue? { members.first { $0.key == key }?.value }
        if case .bool(true) = value("ok"), let result = value("result") {
            self = .result(result)
        } else {
            self = .failure(value("error")?.string ?? "the answer has no result")
        }
    }
}

extension JSONValue {
    /// In one line, with the line feed.
    fileprivate var line: [UInt8] {
        var bytes: [UInt8] = []
        appendCompact(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }
}
