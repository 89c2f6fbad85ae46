/// A line of the broker by name, as events and messages call it. One object for each, compared by identity.
package final class Line: Sendable {
    package let name: String

    package init(name: String) {
        self.name = name
    }
}
