"""Which adapter gets the name /dev/growatt-inverter: count-adapters, on trees like /sys."""

import pathlib
import subprocess
import tempfile
import unittest

from building import PACKAGING

CH340 = ("1a86", "7523", "", "USB Serial")
FTDI = ("0403", "6001", "FTDI", "FT232R USB UART")
CP2102 = ("10c4", "ea60", "Silicon Labs", "CP2102 USB to UART Bridge Controller")
XR21 = ("04e2", "1411", "Exar", "XR21B1411")
ZIGBEE_STICK = ("10c4", "ea60", "ITead", "Sonoff Zigbee 3.0 USB Dongle Plus")
CONBEE = ("0403", "6015", "dresden elektronik ingenieurtechnik GmbH", "ConBee")
ARDUINO = ("2341", "0043", "Arduino", "Uno")


class CountAdaptersTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="adapters-test-")
        self.addCleanup(directory.cleanup)
        self.sys = pathlib.Path(directory.name)
        (self.sys / "class/tty").mkdir(parents=True)
        self.socket = 0

    def plug(self, terminal, kind):
        """As the kernel shows it: the terminal below an interface below a device."""
        self.socket += 1
        device = self.sys / f"devices/usb1/1-{self.socket}"
        node = device / f"1-{self.socket}:1.0" / terminal / "tty" / terminal
        node.mkdir(parents=True)
        for name, text in zip(("idVendor", "idProduct", "manufacturer", "product"), kind):
            if text:
                (device / name).write_text(text + "\n")
        (node / "device").symlink_to(device / f"1-{self.socket}:1.0" / terminal)
        (self.sys / "class/tty" / terminal).symlink_to(node)

    def count(self, terminal):
        """What udev gets; None where it is none of the usual ones."""
        done = subprocess.run(
            [PACKAGING / "debian/count-adapters", terminal, self.sys], capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.strip() if done.returncode == 0 else None

    def test_the_only_adapter_is_the_only_one_whatever_its_kind(self):
        for index, kind in enumerate((CH340, FTDI, CP2102, XR21)):
            with self.subTest(kind=kind):
                self.setUp()
                self.plug(f"ttyUSB{index}", kind)
                self.assertEqual(self.count(f"ttyUSB{index}"), "1")

    def test_of_two_adapters_none_is_the_only_one(self):
        self.plug("ttyUSB0", CH340)
        self.plug("ttyACM0", XR21)
        self.assertEqual(self.count("ttyUSB0"), "2")
        self.assertEqual(self.count("ttyACM0"), "2")

    def test_sticks_for_radio_are_neither_named_nor_counted(self):
        self.plug("ttyUSB0", ZIGBEE_STICK)
        self.plug("ttyUSB1", CH340)
        self.plug("ttyUSB2", CONBEE)
        self.assertEqual(self.count("ttyUSB1"), "1")
        self.assertIsNone(self.count("ttyUSB0"))
        self.assertIsNone(self.count("ttyUSB2"))

    def test_other_devices_are_not_touched(self):
        self.plug("ttyACM0", ARDUINO)
        self.assertIsNone(self.count("ttyACM0"))

    def test_a_machine_without_adapters_has_none(self):
        self.assertIsNone(self.count("ttyUSB0"))


if __name__ == "__main__":
    unittest.main()
