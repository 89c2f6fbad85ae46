package import Modbus
package import Text
internal import WireLog

/// What one client asked with one function.
package struct FunctionFigures: Sendable {
    /// All connections of a host together.
    package let client: String
    package let function: FunctionCode
    package internal(set) var outcomes = OutcomeCounts()
    package internal(set) var repeats = RepeatCounts()
    /// From sending to the end of the reply.
    package internal(set) var replyTime = DurationHistogram()
    /// Before it was sent; only our own logs tell.
    package internal(set) var waitingTime = DurationHistogram()

    mutating func add(_ exchange: RecordedExchange) {
        outcomes.add(exchange)
        if exchange.reply != nil, let time = exchange.replyTime { replyTime.add(time) }
        if let time = exchange.waitingTime { waitingTime.add(time) }
    }
}

/// The figures of all clients, by client and function; bounded.
package struct ClientFigures: Sendable {
    private struct Key: Hashable {
        let client: String
        let clientHash: Int
        let function: FunctionCode

        func hash(into hasher: inout Hasher) { hasher.combine(clientHash ^ Int(function.rawValue)) }
    }

    /// Further clients are counted together, as this one.
    package static let others = "OTHERS"
    private static let capacity = 500

    private var positions: [Key: Int] = [:]
    /// In the order of their first requests.
    package private(set) var all: [FunctionFigures] = []
    /// How many names each client had; one for each connection.
    package private(set) var connections: [String: Int] = [:]

    mutating func add(_ exchange: RecordedExchange, _ finding: RepeatDetector.Finding) {
        let index = position(exchange.client, exchange.request.function)
        all[index].add(exchange)
        switch finding {
        case .firstOfClient: connections[all[index].client, default: 0] += 1
        case .repeated(let kind): all[index].repeats[keyPath: kind] += 1
        case .different: break
        }
    }

    private mutating func position(_ client: RecordedClient, _ function: FunctionCode) -> Int {
        let own = Key(client: client.group, clientHash: client.groupHash, function: function)
        if let known = positions[own] { return known }
        let key = all.count < Self.capacity ? own : Key(client: Self.others, clientHash: 0, function: function)
        if let known = positions[key] { return known }
        positions[key] = all.count
        all.append(FunctionFigures(client: key.client, function: function))
        return all.count - 1
    }

    /// Clients in the order of their first requests, each with its functions in ascending order.
    package var byClient: [(name: String, functions: [FunctionFigures])] {
        var names: [String] = []
        for figures in all where !names.contains(figures.client) { names.append(figures.client) }
        return names.map { name in
            (name, all.filter { $0.client == name }.sorted { $0.function.rawValue < $1.function.rawValue })
        }
    }
}
