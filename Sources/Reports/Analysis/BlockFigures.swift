package import Modbus
package import Text
internal import WireLog

/// One block of registers that a client reads again and again.
package struct BlockFigures: Sendable {
    package struct Block: Hashable, Sendable {
        /// All connections of a host together.
        package let client: String
        fileprivate let clientHash: Int
        package let unit: UnitIdentifier
        package let function: FunctionCode
        package let address: UInt16
        package let quantity: UInt16

        package func hash(into hasher: inout Hasher) {
            let place = Int(function.rawValue) << 40 | Int(unit.rawValue) << 32 | Int(address) << 16 | Int(quantity)
            hasher.combine(clientHash ^ place)
        }
    }

    package let block: Block
    /// Repeats included.
    package fileprivate(set) var requests = 0
    package fileprivate(set) var answered = 0
    /// Between requests that are no repeats.
    package fileprivate(set) var period = DurationHistogram()
    /// When it was last asked, other than as a repeat.
    fileprivate var last: Int64?
}

/// All blocks that are read; bounded.
package struct BlockList: Sendable {
    private static let capacity = 1000

    private var positions: [BlockFigures.Block: Int] = [:]
    /// In the order of their first requests.
    package private(set) var all: [BlockFigures] = []
    /// Requests of blocks that came when the list was full.
    package private(set) var requestsOfOthers = 0

    mutating func add(_ exchange: RecordedExchange, isRepeat: Bool) {
        guard exchange.request.function.isRead, let address = exchange.request.word(at: 1),
            let quantity = exchange.request.word(at: 3)
        else { return }
        let block = BlockFigures.Block(
            client: exchange.client.group, clientHash: exchange.client.groupHash, unit: exchange.unit,
            function: exchange.request.function, address: address, quantity: quantity)
        guard let index = position(block) else {
            requestsOfOthers += 1
            return
        }
        all[index].requests += 1
        if exchange.reply.map({ !$0.function.isException }) ?? false { all[index].answered += 1 }
        guard !isRepeat else { return }
        if let last = all[index].last, exchange.microseconds >= last {
            all[index].period.add(exchange.microseconds - last)
        }
        all[index].last = exchange.microseconds
    }

    private mutating func position(_ block: BlockFigures.Block) -> Int? {
        if let known = positions[block] { return known }
        guard all.count < Self.capacity else { return nil }
        positions[block] = all.count
        all.append(BlockFigures(block: block))
        return all.count - 1
    }
}
