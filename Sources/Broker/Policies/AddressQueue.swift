/// The queries of one address that wait for its tokens: its clients take turns, and each keeps the order of its own.
///
/// So a program that asks too much delays others of its address by no more than one query each turn.
struct AddressQueue {
    typealias Entry = RateBook.Entry

    let address: String
    /// When the next of them has its turn; each further one an interval later.
    var turn: Instant
    /// Of each client that waits its queries, oldest first, none empty; the client whose turn it is first. They are few: a
    /// session has 17 at most.
    private var clients: [[Entry]] = []

    init(_ address: String, turn: Instant) {
        self.address = address
        self.turn = turn
    }

    var isEmpty: Bool { clients.isEmpty }

    /// The earliest deadline; those of one client come in the order of its queries.
    var firstDeadline: Instant {
        clients.lazy.compactMap { $0.first?.query.deadline }.min() ?? .distantFuture
    }

    /// By deadline: a read that joined another, and has outlived it, goes before the later queries of its client.
    mutating func append(_ entry: Entry) {
        if let index = clients.firstIndex(where: { $0.first?.query.client === entry.query.client }) {
            let deadline = entry.query.deadline ?? .distantFuture
            let before = clients[index].lastIndex { ($0.query.deadline ?? .distantFuture) <= deadline }
            clients[index].insert(entry, at: before.map { $0 + 1 } ?? 0)
        } else {
            clients.append([entry])
        }
    }

    /// Whose turn it is; its client comes behind the others.
    mutating func popFirst() -> Entry? {
        guard !clients.isEmpty else { return nil }
        var client = clients.removeFirst()
        defer { if !client.isEmpty { clients.append(client) } }
        return client.removeFirst()
    }

    /// Those whose deadline has come.
    mutating func removeExpired(at now: Instant) -> [Entry] {
        var expired: [Entry] = []
        for index in clients.indices {
            while let deadline = clients[index].first?.query.deadline, deadline <= now {
                expired.append(clients[index].removeFirst())
            }
        }
        clients.removeAll(where: \.isEmpty)
        return expired
    }

    mutating func remove(_ id: Query.ID) -> Entry? {
        for index in clients.indices {
            guard let position = clients[index].firstIndex(where: { $0.query.id == id }) else { continue }
            let entry = clients[index].remove(at: position)
            if clients[index].isEmpty { clients.remove(at: index) }
            return entry
        }
        return nil
    }
}
