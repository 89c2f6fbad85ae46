package import Growatt
package import Modbus
internal import WireLog

/// The values that one register had in a recording.
package struct RegisterValues: Hashable, Sendable {
    /// How often it was read; 0: never.
    package var count: UInt32 = 0
    /// How often it was another value than before.
    package var changes: UInt32 = 0
    package var first: UInt16 = 0
    package var last: UInt16 = 0
    package var smallest = UInt16.max
    package var largest = UInt16.min

    @inline(__always)
    mutating func add(_ value: UInt16) {
        if count == 0 { first = value } else if value != last { changes &+= 1 }
        count &+= 1
        last = value
        smallest = min(smallest, value)
        largest = max(largest, value)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Two bytes for each register, the high one first.
    @inline(__always)
    fileprivate func register(_ index: Int) -> UInt16 { UInt16(self[2 * index]) << 8 | UInt16(self[2 * index + 1]) }
}

/// The values of all registers that were read, by unit, table and address; bounded.
package struct RegisterStatistics: Sendable {
    /// A register.
    package struct Key: Hashable, Comparable, Sendable {
        package let unit: UnitIdentifier
        package let table: RegisterTable
        package let address: UInt16

        package init(unit: UnitIdentifier, table: RegisterTable, address: UInt16) {
            (self.unit, self.table, self.address) = (unit, table, address)
        }

        package static func < (lhs: Key, rhs: Key) -> Bool {
            (lhs.unit, lhs.table, lhs.address) < (rhs.unit, rhs.table, rhs.address)
        }
    }

    /// Addresses of a page.
    private static let pageSize = 256
    /// 16 MB; enough for all registers of five units.
    private static let largestPageCount = 4096

    private var pages = RegisterPages(capacity: largestPageCount)
    private var values: [RegisterValues] = []
    private var counts: ValueCounts?
    /// Replies with registers that there was no room for.
    package private(set) var omittedReplies = 0

    package init() {}

    /// - Parameter medianMemory: the most bytes for what medians take.
    init(medianMemory: Int) {
        counts = ValueCounts(memory: medianMemory)
    }

    /// Registers whose medians are of a part of their values: there was no room for more.
    package var incompleteMedians: Int { counts?.incomplete.count ?? 0 }

    mutating func add(_ read: ReadRegisters) {
        var (address, offset) = (read.address, read.bytes.startIndex)
        while offset < read.bytes.endIndex {
            let count = min(Self.pageSize - address % Self.pageSize, (read.bytes.endIndex - offset) / 2)
            guard let page = pages.page(unit: read.unit, table: read.table, address: address) else {
                omittedReplies += 1
                return
            }
            let start = page * Self.pageSize
            if start == values.count { values += repeatElement(RegisterValues(), count: Self.pageSize) }
            let first = start + address % Self.pageSize
            let bytes = read.bytes[offset..<offset + 2 * count]
            counts?.add(bytes, at: first, after: values[first..<first + count])
            values.withUnsafeMutableBufferPointer { values in
                bytes.withUnsafeBufferPointer { bytes in
                    for index in 0..<count { values[first + index].add(bytes.register(index)) }
                }
            }
            (address, offset) = (address + count, offset + 2 * count)
        }
    }

    /// Registers that were read, in ascending order.
    package var all: [(key: Key, values: RegisterValues)] {
        positions.map { ($0.key, values[$0.position]) }
    }

    /// The median of each register, in ascending order; of an even number of values the lower one. The first value where
    /// no value had room.
    package var medians: [(key: Key, value: UInt16)] {
        positions.map { ($0.key, counts?.median(at: $0.position) ?? values[$0.position].first) }
    }

    private var positions: [(key: Key, position: Int)] {
        pages.all.flatMap { page in
            (0..<Self.pageSize).compactMap { index in
                let position = page.position * Self.pageSize + index
                guard values[position].count > 0 else { return nil }
                return (Key(unit: page.unit, table: page.table, address: page.address + UInt16(index)), position)
            }
        }
    }
}

/// Which page holds the registers around an address; pages of 256 addresses are numbered as they come.
struct RegisterPages: Sendable {
    private let capacity: Int
    private var positions: [UInt32: Int] = [:]
    private var last: (key: UInt32, position: Int)?

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Nil if it would be one too many.
    mutating func page(unit: UnitIdentifier, table: RegisterTable, address: Int) -> Int? {
        let key = UInt32(unit.rawValue) << 16 | UInt32(table.position) << 8 | UInt32(address >> 8)
        if let last, last.key == key { return last.position }
        let position = positions[key] ?? positions.count
        guard position < capacity else { return nil }
        positions[key] = position
        last = (key, position)
        return position
    }

    struct Page {
        let unit: UnitIdentifier
        let table: RegisterTable
        /// Of its first register.
        let address: UInt16
        let position: Int
    }

    /// In ascending order.
    var all: [Page] {
        positions.sorted { $0.key < $1.key }.map { key, position in
            Page(
                unit: UnitIdentifier(rawValue: UInt8(truncatingIfNeeded: key >> 16)),
                table: RegisterTable.allCases[Int(key >> 8 & 0xFF)],
                address: UInt16(key & 0xFF) << 8, position: position)
        }
    }
}

extension RecordedExchange {
    /// The registers that the reply holds; nil if it holds none.
    var readRegisters: ReadRegisters? { ReadRegisters(unit: answeringUnit, request: request, reply: reply) }
}
