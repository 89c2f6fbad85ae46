internal import Modbus
package import Settings
package import Text

/// What a broker is asked or told: one JSON object in one line. `docs/control.md` describes the protocol.
package enum ControlCommand: Hashable, Sendable {
    case status
    case reload
    /// nil: tells which it is.
    case logLevel(LogLevel?)
    /// Joins the dongle's port and its line for so many minutes; nil: ends that. The line need be named only among several.
    case passthrough(minutes: Int?, line: String? = nil)

    /// Of the lines that go both ways; a broker refuses others.
    package static let version = 1
    /// Bytes of a request; answers have no limit.
    static let longestRequest = 4096

    private static let names = ["status", "reload", "log-level", "passthrough"]

    /// - Throws: ``GatewayError/refused(_:)`` with what is allowed.
    init(line: [UInt8]) throws(GatewayError) {
        let members: [JSONValue.Member]
        do throws(JSONError) {
            members = try JSONReader.value(of: line).members ?? []
        } catch {
            throw .refused("the line is no JSON: \(error.reason)")
        }
        func value(_ key: String) -> JSONValue? { members.first { $0.key == key }?.value }
        guard value("protocol")?.integer == Self.version else {
            throw .refused(
                "protocol \(value("protocol")?.summary ?? "is missing"): expected \(Self.version), as this broker speaks"
            )
        }
        let known = ["protocol", "command", "level", "minutes", "end", "line"]
        if let other = members.first(where: { !known.contains($0.key) }) {
            throw .refused("\(other.key): unknown member; expected some of \(known.joined(separator: ", "))")
        }
        switch value("command")?.string {
        case "status": self = .status
        case "reload": self = .reload
        case "log-level": self = .logLevel(try Self.level(value("level")))
        case "passthrough":
            self = .passthrough(
                minutes: try Self.minutes(value("minutes"), end: value("end")), line: try Self.lineName(value("line")))
        default:
            throw .refused(
                "command \(value("command")?.summary ?? "is missing"): expected one of "
                    + Self.names.joined(separator: ", "))
        }
    }

    private static func level(_ value: JSONValue?) throws(GatewayError) -> LogLevel? {
        guard let value else { return nil }
        guard let level = value.string.flatMap({ LogLevel(rawValue: $0) }) else {
            let words = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
            throw .refused("level \(value.summary): expected one of \(words)")
        }
        return level
    }

    private static func lineName(_ value: JSONValue?) throws(GatewayError) -> String? {
        guard let value else { return nil }
        guard let name = value.string else { throw .refused("line \(value.summary): expected the name of a line") }
        return name
    }

    private static func minutes(_ value: JSONValue?, end: JSONValue?) throws(GatewayError) -> Int? {
        let allowed = Gateway.passthroughMinutes
        switch (value, end) {
        case (nil, .bool(true)?): return nil
        case (let value?, nil):
            guard let minutes = value.integer, allowed.contains(minutes) else {
                throw .refused("minutes \(value.summary): expected \(allowed.lowerBound) to \(allowed.upperBound)")
            }
            return minutes
        default: throw .refused("passthrough: expected either minutes or \"end\": true")
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
        case .passthrough(let minutes, let line):
            members.append(.init("command", .string("passthrough")))
            if let line { members.append(.init("line", .string(line))) }
            members.append(minutes.map { .init("minutes", .count($0)) } ?? .init("end", .bool(true)))
        }
        return JSONValue.object(members).bytesOfLine
    }
}

/// What comes back: what was asked for, or why not.
package enum ControlReply: Sendable {
    case result(JSONValue)
    case failure(String)

    var line: [UInt8] {
        let head: [JSONValue.Member] = [.init("protocol", .count(ControlCommand.version))]
        return switch self {
        case .result(let value):
            JSONValue.object(head + [.init("ok", .bool(true)), .init("result", value)]).bytesOfLine
        case .failure(let text):
            JSONValue.object(head + [.init("ok", .bool(false)), .init("error", .string(text))]).bytesOfLine
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
    fileprivate var bytesOfLine: [UInt8] { Array((line + "\n").utf8) }
}
