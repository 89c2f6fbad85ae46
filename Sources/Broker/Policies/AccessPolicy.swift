internal import Modbus

/// Who may read and write what: refuses a query, or hands it on.
package final class AccessPolicy: Backend {
    package struct Settings: Hashable, Sendable {
        /// Whether Modbus TCP clients may write to unit 0, which every unit executes and none answers (R10).
        ///
        /// Serial clients always may: the dongle is the vendor's, and finds its inverter so.
        package var allowsBroadcast = false

        package init() {}
    }

    /// What holds from the next query on.
    package var settings: Settings
    private let timeline: any Timeline
    /// Who gets the next queries. What an earlier one was handed is still that one's to complete.
    package var next: any Backend

    package init(_ settings: Settings, timeline: any Timeline, next: any Backend) {
        self.settings = settings
        self.timeline = timeline
        self.next = next
    }

    package func submit(_ query: Query, _ done: @escaping (Exchange) -> Void) {
        if let code = refusal(of: query) {
            done(.failed(query, .refused(code), at: timeline.now))
        } else {
            next.submit(query, done)
        }
    }

    package func withdraw(_ id: Query.ID) {
        next.withdraw(id)
    }

    private func refusal(of query: Query) -> ExceptionCode? {
        query.isBroadcast && query.client.kind != .serial && !settings.allowsBroadcast ? .illegalFunction : nil
    }
}
