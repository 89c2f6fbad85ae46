import SerialLine
import Testing

@Suite struct PortIdentityTests {
    private let usb = "sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2.3"

    @Test("the stable names of a port are those that lead to its node, by adapter before by socket")
    func stableNames() throws {
        let directory = try TemporaryDirectory()
        let devices = directory.tree.devices
        try directory.file("dev/ttyUSB0")
        try directory.file("dev/ttyUSB1")
        try directory.link("dev/serial/by-id/usb-FTDI", to: "../../ttyUSB0")
        try directory.link("dev/serial/by-id/usb-1a86", to: "../../ttyUSB1")
        try directory.link("dev/serial/by-id/usb-gone", to: "../../ttyUSB9")
        try directory.link("dev/serial/by-path/pci-usb-0:2:1.0-port0", to: "../../ttyUSB0")
        let names = ["by-id/usb-FTDI", "by-path/pci-usb-0:2:1.0-port0"].map { "\(devices)/serial/\($0)" }
        #expect(StableName.names(of: "\(devices)/ttyUSB0", in: directory.tree) == names)
        #expect(StableName.names(of: names[0], in: directory.tree) == names)
        #expect(StableName.names(of: "\(devices)/ttyUSB9", in: directory.tree).isEmpty)
        #expect(
            StableName.advice(on: "\(devices)/ttyUSB0", in: directory.tree) == "its stable name is \(names[0])")
        #expect(StableName.advice(on: names[0], in: directory.tree) == nil)
        #expect(StableName.advice(on: "\(devices)/ttyUSB9", in: directory.tree) == nil)
    }

    @Test("an adapter that comes back in its socket under another name has the same physical port")
    func samePort() throws {
        let before = try TemporaryDirectory()
        try before.file("\(usb)/1-2.3:1.0/ttyUSB0/port_number", "0\n")
        before.directory("\(usb)/1-2.3:1.0/ttyUSB0/tty/ttyUSB0")
        try before.link("sys/dev/char/1:3", to: "../../../\(usb)/1-2.3:1.0/ttyUSB0/tty/ttyUSB0")
        try before.file("\(usb)/1-2.3:1.0/ttyUSB1/port_number", "0\n")
        before.directory("\(usb)/1-2.3:1.0/ttyUSB1/tty/ttyUSB1")
        try before.link("sys/dev/char/1:5", to: "../../../\(usb)/1-2.3:1.0/ttyUSB1/tty/ttyUSB1")
        let port = try #require(PhysicalPort(path: "/dev/null", tree: before.tree))
        #expect(port == PhysicalPort(path: "/dev/zero", tree: before.tree))
        #expect(port.description == "\(before.path)/\(usb)/1-2.3:1.0 port 0")
    }

    @Test("the ports of one adapter differ, by their number or by their interface")
    func portsOfOneAdapter() throws {
        let directory = try TemporaryDirectory()
        for (number, place) in ["1-2.3:1.0/ttyUSB0", "1-2.3:1.0/ttyUSB1", "1-2.3:1.1/ttyUSB2"].enumerated() {
            try directory.file("\(usb)/\(place)/port_number", number == 1 ? "1\n" : "0\n")
        }
        let places = [
            ("1:3", "1-2.3:1.0/ttyUSB0/tty/ttyUSB0"), ("1:5", "1-2.3:1.0/ttyUSB1/tty/ttyUSB1"),
            ("1:7", "1-2.3:1.1/ttyUSB2/tty/ttyUSB2"), ("1:8", "1-2.4:1.0/tty/ttyACM0"),
        ]
        for (number, place) in places {
            directory.directory("\(usb)/\(place)")
            try directory.link("sys/dev/char/\(number)", to: "../../../\(usb)/\(place)")
        }
        let devices = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random"]
        let ports = devices.compactMap { PhysicalPort(path: $0, tree: directory.tree) }
        #expect(Set(ports).count == 4)
        #expect(ports.map(\.index) == [0, 1, 0, nil])
    }

    @Test("fixed ports that share a driver differ")
    func fixedPorts() throws {
        let directory = try TemporaryDirectory()
        for (number, name) in [("1:3", "ttyS0"), ("1:5", "ttyS1")] {
            directory.directory("sys/devices/platform/serial8250/tty/\(name)")
            try directory.link("sys/dev/char/\(number)", to: "../../devices/platform/serial8250/tty/\(name)")
        }
        let first = try #require(PhysicalPort(path: "/dev/null", tree: directory.tree))
        let second = try #require(PhysicalPort(path: "/dev/zero", tree: directory.tree))
        #expect(first != second)
    }

    @Test("a pseudo-terminal, a file and nothing have no physical port")
    func noPort() throws {
        let terminal = try PseudoTerminal()
        let directory = try TemporaryDirectory()
        try directory.file("file")
        for path in [terminal.path, "\(directory.path)/file", "\(directory.path)/nothing"] {
            #expect(PhysicalPort(path: path) == nil)
        }
    }
}
