internal import Endpoints
internal import SerialLine
internal import Settings

extension SniffTool.Settings {
    /// Reads the texts of the command line; nil: not given.
    ///
    /// - Throws: ``ToolError/usage(_:)``, naming the flag, the value and what is allowed.
    package init(
        devices: [String], feed: String?, baud: String?, bytes: String?, log: String?, isJSON: Bool, duration: String?
    ) throws(ToolError) {
        var taps: [SniffTool.Tap] = []
        for device in devices { taps.append(try SniffTool.Tap(device, baud: baud, bytes: bytes)) }
        let allowed = "HOST:PORT with a port from 1 to 65535, such as 127.0.0.1:5700"
        let address = try ConnectionSettings.value("--feed", feed, allowed: allowed) { text in
            HostPort(text).flatMap { $0.port > 0 && $0.host != "0.0.0.0" ? $0 : nil }
        }
        switch (taps.count, address) {
        case (0, .some(let address)): self.init(.feed(address))
        case (1, nil): self.init(.line(taps[0]))
        case (2, nil) where taps[0].path != taps[1].path: self.init(.directions(requests: taps[0], replies: taps[1]))
        default: throw .usage("expected one device, two different ones, or --feed HOST:PORT")
        }
        self.isJSON = isJSON || log == "-"
        self.log = log == "-" || log == "none" ? nil : log
        self.duration = try ConnectionSettings.duration(
            "--duration", duration, in: .milliseconds(10) ... .seconds(31_536_000))
    }
}

extension SniffTool.Tap {
    fileprivate init(_ device: String, baud: String?, bytes: String?) throws(ToolError) {
        let settings = try ConnectionSettings(endpoint: device, baud: baud, bytes: bytes)
        guard case .serial(let path, let baud, let format, _) = settings.endpoint else {
            throw .usage("\(device): expected a serial device; a broker's feed is --feed HOST:PORT")
        }
        do throws(SerialLineError) {
            self.init(
                path: path,
                setting: LineSetting(baud: try BaudRate(baud), format: try CharacterFormat(format.description)))
        } catch {
            throw .usage(error.description)
        }
    }
}
