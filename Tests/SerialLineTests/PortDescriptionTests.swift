import SerialLine
import Testing

@Suite struct PortDescriptionTests {
    private let usb = "sys/devices/pci0000:00/0000:00:14.0/usb1/1-2"

    /// A USB adapter as the kernel shows it.
    private func adapter(_ name: String, at socket: String, serial: String?, in directory: TemporaryDirectory) throws {
        let place = "\(usb)/\(socket)/\(socket):1.0/\(name)"
        directory.directory("\(place)/tty/\(name)")
        for (file, text) in [
            ("idVendor", "1a86\n"), ("idProduct", "7523\n"), ("manufacturer", "QinHeng\n"), ("product", "USB Serial\n"),
        ] {
            try directory.file("\(usb)/\(socket)/\(file)", text)
        }
        if let serial { try directory.file("\(usb)/\(socket)/serial", "\(serial)\n") }
        directory.directory("sys/bus/usb-serial/drivers/ch341-uart")
        try directory.link("\(place)/driver", to: "\(directory.path)/sys/bus/usb-serial/drivers/ch341-uart")
        try directory.link("sys/class/tty/\(name)/device", to: "\(directory.path)/\(place)")
        try directory.file("dev/\(name)")
        try directory.link("dev/serial/by-path/pci-\(socket)", to: "../../\(name)")
    }

    @Test("a USB adapter is told with its names, driver and what it says about itself")
    func usbAdapter() throws {
        let directory = try TemporaryDirectory()
        try adapter("ttyUSB0", at: "1-2.3", serial: "A1", in: directory)
        try directory.link("dev/serial/by-id/usb-1a86", to: "../../ttyUSB0")
        let ports = directory.tree.portDescriptions()
        let port = try #require(ports.first)
        #expect(ports.count == 1)
        #expect(port.device == "\(directory.path)/dev/ttyUSB0")
        #expect(port.byID == "\(directory.path)/dev/serial/by-id/usb-1a86")
        #expect(port.byPath == "\(directory.path)/dev/serial/by-path/pci-1-2.3")
        #expect(port.driver == "ch341-uart")
        #expect(
            port.adapter
                == .init(manufacturer: "QinHeng", product: "USB Serial", serialNumber: "A1", identifiers: "1a86:7523"))
        #expect(port.holders.isEmpty && port.access == .allowed)
    }

    @Test("ports without a chip, consoles and pseudo-terminals are left out unless everything is asked for")
    func leftOut() throws {
        let directory = try TemporaryDirectory()
        for (name, type) in [("ttyS0", "4"), ("ttyS1", "0")] {
            directory.directory("sys/devices/platform/serial8250/tty/\(name)")
            try directory.link("sys/class/tty/\(name)/device", to: "\(directory.path)/sys/devices/platform/serial8250")
            try directory.file("sys/class/tty/\(name)/type", "\(type)\n")
            try directory.file("dev/\(name)")
        }
        directory.directory("sys/class/tty/console")
        try directory.file("dev/pts/7")
        func names(_ isComplete: Bool) -> [Substring] {
            directory.tree.portDescriptions(isComplete: isComplete).map {
                $0.device.dropFirst(directory.path.count + "/dev/".count)
            }
        }
        #expect(names(false) == ["ttyS0"])
        #expect(names(true) == ["ttyS0", "ttyS1", "pts/7"])
        #expect(directory.tree.portDescriptions().first?.adapter == .init())
    }

    @Test("a pseudo-terminal that this process has open is told so")
    func holders() throws {
        let terminal = try PseudoTerminal()
        let ports = SystemTree().portDescriptions(isComplete: true)
        let port = try #require(ports.first { $0.device == terminal.path })
        #expect(port.holders.count == 1)
    }
}
