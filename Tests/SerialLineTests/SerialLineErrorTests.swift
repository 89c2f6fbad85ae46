import Glibc
import SerialLine
import Testing

@Suite struct SerialLineErrorTests {
    @Test("a missing port is told with the ports that are present")
    func missing() throws {
        let directory = try TemporaryDirectory()
        for name in ["ttyUSB0", "ttyUSB1", "ttyS0", "ttyS1", "ttyAMA0"] {
            try directory.file("dev/\(name)")
            directory.directory("sys/class/tty/\(name)/device")
        }
        try directory.file("sys/class/tty/ttyS0/type", "4\n")
        try directory.file("sys/class/tty/ttyS1/type", "0\n")
        directory.directory("sys/class/tty/console")
        try directory.link("dev/serial/by-id/usb-FTDI", to: "../../ttyUSB0")
        let devices = directory.tree.devices
        let present = ["serial/by-id/usb-FTDI", "ttyAMA0", "ttyS0", "ttyUSB1"].map { "\(devices)/\($0)" }
        let error = SerialLineError.missing(path: "\(devices)/ttyUSB7", present: present, errno: ENOENT)
        #expect(throws: error) {
            _ = try SerialPort(opening: "\(devices)/ttyUSB7", settings: .test(), tree: directory.tree)
        }
        #expect(
            error.description == "\(devices)/ttyUSB7: no such device; is the adapter plugged in? "
                + "serial ports present: \(present.joined(separator: ", "))"
        )
    }

    @Test("without any port the message says none")
    func missingAll() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/ttyUSB0"
        let error = #expect(throws: SerialLineError.self) {
            _ = try SerialPort(opening: path, settings: .test(), tree: directory.tree)
        }
        #expect(error?.description.hasSuffix("serial ports present: none") == true)
    }

    @Test("what is no serial port is refused")
    func notSerialPort() throws {
        let directory = try TemporaryDirectory()
        try directory.file("file")
        for path in ["\(directory.path)/file", directory.path, "/dev/null"] {
            #expect(throws: SerialLineError.notSerialPort(path: path)) {
                _ = try SerialPort(opening: path, settings: .test())
            }
        }
    }

    @Test(
        "each message is one line with the path and what to do",
        arguments: [
            (
                SerialLineError.notPermitted(path: "/dev/ttyUSB0", user: "pi", group: "dialout", errno: EACCES),
                "/dev/ttyUSB0: not permitted; add the user 'pi' to group 'dialout' and log in again: "
                    + "sudo usermod -aG dialout pi"
            ),
            (
                .notPermitted(path: "/dev/ttyUSB0", user: "pi", group: nil, errno: EACCES),
                "/dev/ttyUSB0: not permitted; user 'pi' may not open it: see ls -lL /dev/ttyUSB0"
            ),
            (
                .notPermitted(path: "/dev/ttyUSB0", user: "root", group: "dialout", errno: EPERM),
                "/dev/ttyUSB0: not permitted; the system forbids it to every user here "
                    + "(a container must be given the device)"
            ),
            (
                .busy(
                    path: "/dev/ttyUSB0",
                    holders: [PortHolder(process: 12, program: "mbusd"), PortHolder(process: 34, program: "")],
                    errno: EBUSY
                ),
                "/dev/ttyUSB0: in use by pid 12 (mbusd), pid 34"
            ),
            (
                .busy(
                    path: "/dev/ttyUSB0", holders: [PortHolder(process: 12, program: "growatt-broker")], errno: EBUSY),
                "/dev/ttyUSB0: in use by pid 12 (growatt-broker); ask that broker instead, as in tcp://127.0.0.1:5020"
            ),
            (
                .busy(path: "/dev/ttyUSB0", holders: [], errno: EBUSY),
                "/dev/ttyUSB0: in use by another program; to see which: sudo fuser -v /dev/ttyUSB0 "
                    + "or sudo lsof /dev/ttyUSB0"
            ),
            (
                .refused(path: "/dev/ttyUSB0", wanted: "250000 baud", actual: "9600 baud"),
                "/dev/ttyUSB0: the driver does not take 250000 baud and stays at 9600 baud"
            ),
            (
                .nameTaken(path: "/run/inverter"),
                "/run/inverter: a running broker has a virtual port of this name; choose another name"
            ),
            (
                .systemCall(path: "/dev/ttyS1", call: "open", errno: EIO),
                "/dev/ttyS1: open failed: Input/output error"
            ),
        ]
    )
    func messages(error: SerialLineError, message: String) {
        #expect(error.description == message)
    }
}
