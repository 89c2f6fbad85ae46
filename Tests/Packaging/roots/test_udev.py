"""What name-adapters writes, by the udev of each Debian, with adapters of two ports that umockdev makes up."""

import re
import tempfile
import unittest

from building import make_package
from debian_root import SUITES, DebianRoot

SOCKET = "/devices/pci0000:00/0000:00:14.0/usb1/1-2"
BUS = f"""\
P: /devices/pci0000:00/0000:00:14.0
E: SUBSYSTEM=pci
E: DRIVER=xhci_hcd
E: PCI_SLOT_NAME=0000:00:14.0

P: /devices/pci0000:00/0000:00:14.0/usb1
E: SUBSYSTEM=usb
E: DEVTYPE=usb_device
A: idVendor=1d6b
A: idProduct=0002
A: devpath=0

P: {SOCKET}
E: SUBSYSTEM=usb
E: DEVTYPE=usb_device
A: idVendor=10c4
A: idProduct=ea70
A: devpath=2
"""


def interface(number):
    return f"""
P: {SOCKET}/1-2:1.{number}
E: SUBSYSTEM=usb
E: DEVTYPE=usb_interface
A: bInterfaceNumber=0{number}
"""


def usb_serial(name, number, port):
    """A port as the drivers of CP210x, FTDI and CH340 show it; their ports are numbered within an interface."""
    return f"""
P: {SOCKET}/1-2:1.{number}/{name}
E: SUBSYSTEM=usb-serial
A: port_number={port}

P: {SOCKET}/1-2:1.{number}/{name}/tty/{name}
N: {name}
E: DEVNAME=/dev/{name}
E: SUBSYSTEM=tty
E: MAJOR=188
E: MINOR={name[-1]}
"""


def modem(name, number):
    """A port as cdc_acm shows it, of a CH342."""
    return f"""
P: {SOCKET}/1-2:1.{number}/tty/{name}
N: {name}
E: DEVNAME=/dev/{name}
E: SUBSYSTEM=tty
E: MAJOR=166
E: MINOR={name[-1]}
"""


ADAPTERS = {
    "CP2105": BUS + interface(0) + usb_serial("ttyUSB0", 0, 0) + interface(1) + usb_serial("ttyUSB1", 1, 0),
    "CH342": BUS + interface(0) + modem("ttyACM0", 0) + interface(2) + modem("ttyACM1", 2),
    "two ports of one interface": BUS + interface(0) + usb_serial("ttyUSB0", 0, 0) + usb_serial("ttyUSB1", 0, 1),
}
# Without a udev that runs; what it knows of the device is what `udevadm test` found.
STUB = """\
#!/bin/sh
case "$*" in
    "info --query=property --name="*) sed -n "s/^ *//; /^ID_PATH=/p; /^DEVLINKS=/{s,$, /dev/growatt-inverter,;p}" /root/known ;;
esac
"""


class UdevTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="udev-test-")
        self.addCleanup(directory.cleanup)
        self.package = make_package(directory.name)

    def test_a_name_is_that_of_one_port_and_not_of_its_neighbour(self):
        for suite in SUITES:
            self.root = DebianRoot(suite)
            self.addCleanup(self.root.remove)
            self.root.run("dpkg", "--install", self.root.put(self.package))
            (self.root.path / "root/stub").mkdir()
            (self.root.path / "root/stub/udevadm").write_text(STUB)
            (self.root.path / "root/stub/udevadm").chmod(0o755)
            for kind, devices in ADAPTERS.items():
                with self.subTest(suite=suite, kind=kind):
                    self.name_each(devices)

    def name_each(self, devices):
        (self.root.path / "root/adapter.umockdev").write_text(devices)
        terminals = re.findall(r"^P: (.*/tty/.*)$", devices, re.MULTILINE)
        rules = self.root.path / "etc/udev/rules.d/61-growatt-broker.rules"
        for named in terminals:
            rules.unlink(missing_ok=True)
            (self.root.path / "root/known").write_text(self.look_at(named))
            # Any device will do.
            self.root.run("env", "PATH=/root/stub:/usr/bin:/bin", "sh", "-c", "test -c /dev/ttyUSB0 || mknod /dev/ttyUSB0 c 1 3;"
                          " /usr/lib/growatt-broker/name-adapters inverter=/dev/ttyUSB0")
            for terminal in terminals:
                told = self.look_at(terminal)
                has_name = bool(re.search("DEVLINKS=.*/dev/growatt-inverter", told))
                self.assertEqual(has_name, terminal == named, f"{terminal}:\n{rules.read_text()}\n{told}")
                self.assertEqual("ID_MM_PORT_IGNORE=1" in told, terminal == named)

    def look_at(self, terminal):
        return self.root.run(
            "sh", "-c", "mount -t sysfs sysfs /sys && mount -t devpts -o newinstance,ptmxmode=666 devpts /dev/pts &&"
            f" ln -sf pts/ptmx /dev/ptmx && umockdev-run -d /root/adapter.umockdev -- udevadm test --action=add {terminal}")


if __name__ == "__main__":
    unittest.main()
