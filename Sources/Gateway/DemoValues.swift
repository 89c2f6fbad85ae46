internal import Broker
internal import Growatt
internal import Modbus
internal import Simulator

/// The present values of the demo's inverter, read from its registers as a client would.
struct DemoValues {
    private typealias Row = (name: String, unit: String, address: UInt16, type: IntegerType, scale: Double)

    private static let rows: [Row] = [
        ("solar", "W", 3001, .u32, 0.1), ("house", "W", 3045, .s32, 0.1), ("from the grid", "W", 3041, .s32, 0.1),
        ("to the grid", "W", 3043, .s32, 0.1), ("battery", "%", 3171, .u16, 1), ("grid", "V", 3026, .u16, 0.1),
        ("today", "kWh", 3049, .u32, 0.1),
    ]

    /// Values with their units of measure, in the order of ``rows``; nil: the inverter sleeps.
    private let texts: [String]?

    init(of unit: DatasetUnit, at now: Instant) {
        var texts: [String]? = []
        for row in Self.rows {
            let width = UInt16(row.type.registers)
            let request = PDU(read: .readInputRegisters, address: row.address, quantity: width)
            guard let words = unit.answer(request, at: now)?.registers, words.count == row.type.registers else {
                texts = nil
                break
            }
            let value = RegisterEncoding(row.type, scale: row.scale).value(words)
            texts?.append("\(Self.text(value, row.scale)) \(row.unit)")
        }
        self.texts = texts
    }

    /// One value a line, with its register as `read` takes it.
    var lines: [String] {
        guard let texts else { return ["  the inverter sleeps: it says nothing"] }
        return zip(Self.rows, texts).map { row, text in
            let type = row.type == .u16 ? "" : ":\(row.type.rawValue)"
            let scale = row.scale == 1 ? "" : "  × \(row.scale)"
            return "  \(row.name.padded(to: 14)) \(text.padded(to: 12)) input \(row.address)\(type)\(scale)"
        }
    }

    /// All in one line.
    var line: String {
        guard let texts else { return "the inverter sleeps: it says nothing" }
        return zip(Self.rows, texts).map { "\($0.name) \($1)" }.joined(separator: ", ")
    }

    /// With as many decimals as the register has.
    private static func text(_ value: Double, _ scale: Double) -> String {
        scale == 1 ? "\(Int(value))" : "\((value * 10).rounded() / 10)"
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        count < width ? self + String(repeating: " ", count: width - count) : self
    }
}
