internal import CSerialLine
internal import Glibc

/// Major and minor number of a device.
struct DeviceNumber: Hashable {
    let major: UInt32
    let minor: UInt32

    init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    init(_ number: dev_t) {
        self.init(major: gnu_dev_major(number), minor: gnu_dev_minor(number))
    }

    /// Whether this is the other side of a pseudo-terminal.
    ///
    /// Source: the kernel's Documentation/admin-guide/devices.txt, majors 136 to 143.
    var isPseudoTerminal: Bool { (136...143).contains(major) }
}
