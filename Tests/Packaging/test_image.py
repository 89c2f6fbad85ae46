"""The image, run as the compose file says: `make test-image`, for it takes Podman, root and an image."""

import os
import pathlib
import re
import shutil
import unittest

import container
from compose import env
from container import ADDRESS, Container, Network
from simulated_unit import SimulatedUnit
from waiting import eventually

DIALOUT = 20
REFUSED = "Illegal function"


class ImageTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        container.require_tools()

    def setUp(self):
        # In /dev, because that is what the container has of the host; as udev's names are.
        self.directory = pathlib.Path(f"/dev/broker-test-{os.getpid()}")
        self.directory.mkdir()
        self.addCleanup(shutil.rmtree, self.directory)
        self.network = Network(f"broker-test-{os.getpid()}")
        self.addCleanup(self.network.close)
        self.unit = SimulatedUnit(self.directory / "inverter")
        self.addCleanup(self.unit.close)
        self.give_to_dialout(self.directory / "inverter")

    @staticmethod
    def give_to_dialout(path):
        os.chown(path, 0, DIALOUT)
        os.chmod(path, 0o660)

    def start(self, volumes=("/dev:/dev",), **settings):
        started = Container(
            self.network, env(INV_DEV=self.directory / "inverter", MIN_PERIOD=0, **settings), volumes)
        self.addCleanup(started.remove)
        started.start()
        eventually(lambda: "inverter is open" in started.messages(), "an open line", limit=20)
        return started

    def read(self, host=ADDRESS):
        status, output = self.network.mbpoll(host, "-t", 4, "-r", 3, "-c", 2)
        values = [int(value) for value in re.findall(r"^\[\d+\]:\s+(\d+)", output, re.MULTILINE)]
        return values if status == 0 else output

    def write(self, host):
        return self.network.mbpoll(host, "-t", 4, "-r", 45, write=[7])

    def test_everybody_reads_and_only_this_machine_writes(self):
        self.start()
        self.assertEqual(self.read(), self.unit.holding.block(3, 2))
        status, output = self.write(ADDRESS)
        self.assertNotEqual(status, 0)
        self.assertIn(REFUSED, output)
        self.assertEqual(self.unit.executed_writes, [])
        self.assertEqual(self.write("127.0.0.1")[0], 0)
        self.assertEqual(len(self.unit.executed_writes), 1)

    def test_one_variable_opens_writes(self):
        self.start(WRITERS="any")
        self.assertEqual(self.write(ADDRESS)[0], 0)

    def test_it_is_process_1_without_rights_and_stops_by_itself(self):
        started = self.start()
        status = started.execute("cat", "/proc/1/status")
        self.assertEqual(re.search(r"^Name:\s+(\S+)", status, re.MULTILINE)[1], "growatt-broker")
        self.assertEqual(re.search(r"^Uid:\s+(\d+)", status, re.MULTILINE)[1], "5020")
        self.assertEqual(re.search(r"^CapEff:\s+(\w+)", status, re.MULTILINE)[1], "0" * 16)
        self.assertEqual(re.search(r"^NoNewPrivs:\s+(\d)", status, re.MULTILINE)[1], "1")
        self.assertIn("Read-only file system", started.execute("touch", "/usr/bin/x", expected=1))
        self.assertTrue(started.is_healthy())
        self.assertEqual(started.stop(), 0)

    def test_an_adapter_that_is_plugged_in_again_is_found_without_a_restart(self):
        started = self.start()
        self.unit.unplug()
        eventually(lambda: "inverter" in started.messages().splitlines()[-1], "the loss is told")
        self.assertTrue(started.is_healthy())
        # Its old number is taken, so that it gets another one, as a CH340 may.
        here, there = os.openpty()
        self.addCleanup(os.close, here)
        self.addCleanup(os.close, there)
        self.unit.plug()
        self.give_to_dialout(self.directory / "inverter")
        eventually(lambda: self.read() == self.unit.holding.block(3, 2), "a reply by the new device", limit=20)

    def test_only_serial_devices_can_be_opened(self):
        started = self.start()
        # Neither is there: what may be opened fails for that, what may not fails before.
        for name, major, expected in (("serial", 188, "No such device"), ("other", 189, "not permitted")):
            path = self.directory / name
            os.mknod(path, 0o020660, os.makedev(major, 250))
            self.give_to_dialout(path)
            self.assertIn(expected, started.execute("cat", path, expected=1), name)

    def test_the_prototypes_log_path_can_be_written_and_has_local_time(self):
        started = self.start(volumes=("/dev:/dev", "/var/log"), LOG_PATH="/var/log/growatt_broker.jsonl", TZ="Asia/Kolkata")
        self.assertEqual(self.read(), self.unit.holding.block(3, 2))
        text = eventually(lambda: started.execute("cat", "/var/log/growatt_broker.jsonl"), "a line of the log")
        stamp = re.search(r'"ts":"\d+-\d+-\d+T(\d+:\d+)', text)[1]
        seconds = int(re.search(r'"t":(\d+)', text)[1])
        # India is five hours and a half before UTC.
        self.assertEqual(stamp, "{:02}:{:02}".format(*divmod((seconds + 19800) % 86400 // 60, 60)))


if __name__ == "__main__":
    unittest.main()
