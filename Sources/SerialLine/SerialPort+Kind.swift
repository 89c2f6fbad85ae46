extension SerialPort {
    /// Refuses a path that can never become a serial port: a directory or a regular file is there. A device that is missing
    /// may come.
    ///
    /// - Throws: `notSerialPort`.
    package static func refuseFile(at path: String) throws(SerialLineError) {
        guard let node = DeviceNode(path: path), node.isFileOrDirectory else { return }
        throw .notSerialPort(path: path)
    }
}
