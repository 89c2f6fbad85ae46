"""The table of docs/security.md, "Who can do what by default", against the program and the packages."""

import re
import unittest

import paths
import yaml

from broker import CLEAN_ENVIRONMENT, Broker
from dataset import DatasetTestCase
from tools import run_tool

PAGE = (paths.ROOT / "docs/security.md").read_text()
WAYS = ("started by hand", "Debian package", "Docker image", "Home Assistant add-on")


def default(row):
    """What each way of installing has in this row of the table."""
    (cells,) = re.findall(rf"^\| {re.escape(row)} \|(.*)\|$", PAGE, re.MULTILINE)
    return dict(zip(WAYS, (cell.strip() for cell in cells.split(" | ")), strict=True))


class ByHandTests(DatasetTestCase):
    def test_it_listens_at_loopback_only_and_everybody_there_may_write(self):
        text, _ = run_tool("check-config", self.file("config.yaml", "lines: [{endpoint: /dev/ttyUSB0}]\n"))
        settings = yaml.safe_load(text)
        self.assertEqual([listener["tcp"] for listener in settings["listeners"]], [default("Modbus TCP listens at")["started by hand"]])
        self.assertEqual(settings["clients"]["writers"], "any")
        self.assertEqual(default("programs on this machine")["started by hand"], "read and write")
        self.assertFalse([key for listener in settings["listeners"] for key in ("sniff", "pty", "tls") if key in listener])
        self.assertIn(settings["log"]["file"], (None, "none"))

    def test_with_writers_of_the_packages_this_machine_writes_and_the_others_read(self):
        for writers, may in (("loopback", True), ("none", False), ("192.0.2.1", False)):
            broker = self.serve("min-6000tl-xh", "--writers", writers)
            with self.subTest(writers):
                run_tool("read", f"tcp://127.0.0.1:{broker.port}", "input", "3000")
                run_tool("write", f"tcp://127.0.0.1:{broker.port}", "holding", "3049=1", "--yes", status=0 if may else 1)

    def test_the_virtual_port_and_the_control_socket_are_their_owners(self):
        control, port = self.directory / "control", self.directory / "port"
        broker = Broker(
            "--inverter", self.directory / "none", "--tcp", "none", "--pty", port, "--control", control,
            environment=CLEAN_ENVIRONMENT)
        self.addCleanup(broker.stop)
        broker.wait_for_message("listening on")
        self.assertEqual(port.stat().st_mode & 0o777, 0o660)
        self.assertEqual(control.stat().st_mode & 0o077, 0)


class PackageTests(unittest.TestCase):
    def packaged(self, name):
        path = paths.ROOT / "packaging" / name
        if not path.exists():
            self.skipTest(f"packaging/{name} is not there")
        return path.read_text()

    def test_the_debian_package_serves_the_network_and_lets_this_machine_write(self):
        settings = yaml.safe_load(self.packaged("debian/config.yaml"))
        self.assertIn({"tcp": default("Modbus TCP listens at")["Debian package"]}, settings["listeners"])
        self.assertEqual(settings["clients"]["writers"], ["loopback"])
        self.assertNotIn("file", settings.get("log", {}))

    def test_the_docker_image_does_the_same(self):
        text = self.packaged("docker/Dockerfile")
        self.assertIn("TCP_BIND=" + default("Modbus TCP listens at")["Docker image"].split(",")[0], text)
        self.assertIn("GROWATT_BROKER_WRITERS=loopback", text)
        self.assertIn("USER 5020", text)

    def test_the_add_on_lets_nobody_write(self):
        options = yaml.safe_load(self.packaged("home-assistant/growatt-broker/config.yaml"))["options"]
        self.assertEqual((options["allow_writes"], options["sniff"], options["wire_log"]), (False, False, False))
        self.assertEqual(default("programs on this machine")["Home Assistant add-on"], "read")


if __name__ == "__main__":
    unittest.main()
