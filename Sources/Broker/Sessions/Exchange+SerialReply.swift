internal import Modbus

extension Exchange {
    /// The answer of the unit, or a refusal by policy; everything else is silence (R10), and so is a broadcast.
    var frameForSerial: RTUFrame? {
        switch result {
        case .success(let frame): query.isClientBroadcast ? nil : frame
        case .failure where query.isClientBroadcast: nil
        case .failure(let error):
            error.serialExceptionCode.map {
                RTUFrame(unit: query.clientUnit, pdu: PDU(exception: $0, to: query.pdu.function))
            }
        }
    }
}
