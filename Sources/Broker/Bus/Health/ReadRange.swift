internal import Modbus

/// What one read asks for: R11 knows reads by function, address and quantity.
struct ReadRange: Hashable {
    let function: FunctionCode
    let address: UInt16
    let quantity: UInt16

    /// - Returns: nil unless the request has five bytes: function, address, quantity.
    init?(_ request: PDU) {
        guard request.bytes.count == 5, let address = request.word(at: 1), let quantity = request.word(at: 3) else {
            return nil
        }
        function = request.function
        self.address = address
        self.quantity = quantity
    }

    var request: PDU { PDU(read: function, address: address, quantity: quantity) }

    /// Whether the broker may send it by itself: 0x01–0x04, which have no effect on a unit.
    var isPlainRead: Bool { (0x01...0x04).contains(function.rawValue) }
}
