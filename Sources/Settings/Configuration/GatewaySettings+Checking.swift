extension GatewaySettings {
    /// Checks what no key can know alone.
    ///
    /// - Throws: ``YAMLError`` for values that do not fit together.
    mutating func finish(_ reader: YAMLReader) throws(YAMLError) {
        if lines.isEmpty { lines = [LineSettings()] }
        if capture?.file.isEmpty == true { capture = nil }
        for index in lines.indices {
            lines[index].dropDongle(reader.node[["lines", "\(index)", "dongle", "endpoint"]])
        }
        var faults = YAMLFaults()
        let settings = self
        faults.attempt { () throws(YAMLError) in try settings.checkLines(reader) }
        faults.attempt { () throws(YAMLError) in try settings.checkUnits(reader) }
        faults.attempt { () throws(YAMLError) in try settings.checkListeners(reader) }
        faults.attempt { () throws(YAMLError) in try settings.checkPeriods(reader) }
        try faults.check()
    }
}

extension LineSettings {
    /// A dongle without a device is none, nor is one at the inverter's own: so the prototype had it, by flags and
    /// variables. Of a file that is a mistake, and told as such.
    ///
    /// - Parameter endpoint: where the dongle's is written; nil: nowhere.
    fileprivate mutating func dropDongle(_ endpoint: YAMLNode?) {
        guard let path = dongle?.port.path else { return }
        let isOfFile = endpoint.map { $0.origin == nil } ?? false
        isDongleAtInverter = !path.isEmpty && path == port.path && !isOfFile
        if path.isEmpty || isDongleAtInverter { dongle = nil }
    }
}
