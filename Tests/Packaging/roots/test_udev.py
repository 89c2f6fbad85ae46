"""The rules for names of adapters, by the udev of Debian 12 and a USB adapter that umockdev makes up."""

import tempfile
import unittest

from building import make_package
from debian_root import SUITES, DebianRoot

SOCKET = "/devices/pci0000:00/0000:00:14.0/usb1/1-2"
TERMINAL = f"{SOCKET}/1-2:1.0/ttyUSB0/tty/ttyUSB0"
ADAPTER = f"""\
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
A: idVendor=1a86
A: idProduct=7523
A: product=USB Serial
A: devpath=2

P: {SOCKET}/1-2:1.0
E: SUBSYSTEM=usb
E: DEVTYPE=usb_interface
E: DRIVER=ch341
A: bInterfaceNumber=00

P: {SOCKET}/1-2:1.0/ttyUSB0
E: SUBSYSTEM=usb-serial
E: DRIVER=ch341-uart
A: port_number=0

P: {TERMINAL}
N: ttyUSB0
E: DEVNAME=/dev/ttyUSB0
E: SUBSYSTEM=tty
E: MAJOR=188
E: MINOR=0
"""
OWN_RULES = """\
SUBSYSTEM=="tty", ENV{ID_PATH}=="pci-0000:00:14.0-usb-0:2:1.0", SYMLINK+="growatt-shine", ENV{ID_MM_PORT_IGNORE}="1"
"""
RULES = "etc/udev/rules.d/61-growatt-broker.rules"


@unittest.skipUnless("bookworm" in SUITES, "udevadm of newer Debians runs no programs when it tests")
class UdevTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="udev-test-")
        cls.addClassCleanup(directory.cleanup)
        cls.root = DebianRoot("bookworm")
        cls.addClassCleanup(cls.root.remove)
        cls.root.run("dpkg", "--install", cls.root.put(make_package(directory.name)))
        (cls.root.path / "root/adapter.umockdev").write_text(ADAPTER)

    def plug(self, counted):
        """What udev makes of the adapter if so many are counted; umockdev's devices are not in the script's /sys."""
        script = self.root.path / "usr/lib/growatt-broker/count-adapters"
        script.write_text(f"#!/bin/sh\n{f'echo {counted}' if counted else 'exit 1'}\n")
        done = self.root.run(
            "sh", "-c", "mount -t sysfs sysfs /sys && mount -t devpts -o newinstance,ptmxmode=666 devpts /dev/pts &&"
            f" ln -sf pts/ptmx /dev/ptmx && umockdev-run -d /root/adapter.umockdev -- udevadm test --action=add {TERMINAL}")
        self.assertIn("ID_PATH=pci-0000:00:14.0-usb-0:2:1.0\n", done)
        return done

    def test_the_only_adapter_is_the_inverters(self):
        told = self.plug(1)
        self.assertRegex(told, "DEVLINKS=.*/dev/growatt-inverter")
        self.assertIn("ID_MM_PORT_IGNORE=1", told)
        self.assertNotIn("run: ", told)

    def test_of_two_adapters_none_is_the_inverters_and_the_other_is_looked_at_again(self):
        told = self.plug(2)
        self.assertNotRegex(told, "DEVLINKS=.*growatt")
        self.assertIn("run: '/usr/bin/udevadm trigger --action=change", told)

    def test_other_adapters_are_not_touched(self):
        self.assertNotIn("ID_GROWATT_ADAPTER", self.plug(None))

    def test_rules_of_the_user_hold_in_place_of_the_packages(self):
        (self.root.path / RULES).write_text(OWN_RULES)
        self.addCleanup((self.root.path / RULES).unlink)
        told = self.plug(1)
        self.assertRegex(told, "DEVLINKS=.*/dev/growatt-shine")
        self.assertNotIn("growatt-inverter", told)


if __name__ == "__main__":
    unittest.main()
