/// A WARN or SYS line of the shell: what happened to ports and clients, outside of the core.
///
/// Example: `WireLogNote(.shineOnline, [(.port, .text(path)), (.baud, .number(115_200)), (.format, .text("8N1"))])`.
package struct WireLogNote: Sendable {
    package enum Value: Sendable {
        case text(String)
        case number(Int)
        case flag(Bool)
    }

    package let role: WireLogRole
    package let event: WireLogEvent
    package let fields: [(WireLogField, Value)]

    /// - Parameter fields: in the order of the line, each name at most once.
    package init(
        _ event: WireLogEvent, _ fields: [(WireLogField, Value)] = [], role: WireLogRole = .system
    ) {
        self.role = role
        self.event = event
        self.fields = fields
    }
}
