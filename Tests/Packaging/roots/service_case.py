"""A Debian that runs, with the package installed, a simulated inverter at its line and a neighbour in its network."""

import pathlib
import re
import tempfile
import unittest

from building import make_package
from debian_root import SUITES, Machine, eventually

CONFIGURATION = "/etc/growatt-broker/config.yaml"
MACHINE, NEIGHBOUR = "10.23.0.1", "10.23.0.2"


class ServiceCase(unittest.TestCase):
    suite = None

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="service-test-")
        cls.addClassCleanup(directory.cleanup)
        cls.packages = [make_package(directory.name, revision) for revision in (1, 2)]
        cls.machine = Machine(cls.suite)
        cls.addClassCleanup(cls.machine.remove)
        cls.command = staticmethod(cls.machine.run)
        cls.command("dpkg", "--install", cls.machine.put(cls.packages[0]))
        cls.join_network()
        cls.plug_inverter()

    @classmethod
    def join_network(cls):
        for line in ("netns add lan",
                     "link add lan0 type veth peer name eth0 netns lan",
                     f"address add {MACHINE}/24 dev lan0", "link set lan0 up",
                     f"-n lan address add {NEIGHBOUR}/24 dev eth0", "-n lan link set eth0 up"):
            cls.command("ip", *line.split())

    @classmethod
    def plug_inverter(cls):
        """The program itself, as the service's user, at a pseudo-terminal; and by Modbus TCP, to compare with."""
        cls.command("systemd-run", "--quiet", "--unit=inverter", "--uid=growatt-broker", "growatt-broker", "run", "--mode",
                "dataset", "--dataset", "min-6000tl-xh", "--pty", "/var/lib/growatt-broker/line", "--tcp",
                "127.0.0.1:5999", "--control", "none")
        eventually(lambda: (cls.machine.run("test", "-e", "/var/lib/growatt-broker/line", expected=None) or True)
                   and "line" in cls.command("ls", "/var/lib/growatt-broker"), "the inverter's line")
        cls.command("ln", "-s", "/var/lib/growatt-broker/line", "/dev/growatt-inverter")
        eventually(lambda: ", open" in cls.command("growatt-broker", "status", expected=None), "the line is open")

    def property(self, name, unit="growatt-broker"):
        return self.command("systemctl", "show", "--property", name, "--value", unit).strip()

    def pid(self):
        return int(self.property("MainPID"))

    def journal(self):
        return self.command("journalctl", "--no-pager", "--output=cat", "--unit=growatt-broker")

    def values(self, *command, port=5020, host="127.0.0.1", expected=0):
        """What mbpoll shows of ten input registers."""
        told = self.command(*command, "mbpoll", "-q", "-o", "3", "-a", "1", "-0", "-r", "3000", "-c", "10", "-t", "3", "-1",
                        "-p", str(port), host, expected=expected)
        return re.findall(r"^\[(\d+)\]:\s+(\S+)", told, re.MULTILINE)

    def write(self, value, *command, host="127.0.0.1", expected=0):
        return self.command(*command, "mbpoll", "-q", "-o", "3", "-a", "1", "-0", "-r", "45", "-t", "4", "-p", "5020", host,
                        str(value), expected=expected)

    def holding_45(self):
        told = self.command("growatt-broker", "read", "tcp://127.0.0.1:5999", "holding", "45", "--format", "csv")
        return int(told.splitlines()[1].split(",")[5])

    def replace(self, old, new):
        """Changes the configuration, as editors do: never half of it."""
        file = self.machine.path / CONFIGURATION[1:]
        text = file.read_text()
        self.assertIn(old, text)
        self.addCleanup(self.restore, text)
        pathlib.Path(f"{file}.new").write_text(text.replace(old, new, 1))
        pathlib.Path(f"{file}.new").rename(file)

    def restore(self, text):
        (self.machine.path / CONFIGURATION[1:]).write_text(text)
        self.command("systemctl", "restart", "growatt-broker")

    def wait_for_another(self, pid, limit):
        """The service runs, by another process, and its line is open."""
        def runs():
            now = self.pid()
            return now not in (0, pid) and self.property("ActiveState") == "active" and now
        new = eventually(runs, f"another process than {pid}", limit)
        eventually(lambda: ", open" in self.command("growatt-broker", "status", expected=None), "the line is open")
        return new


def in_each_suite(tests):
    """Test cases with these tests, one for each Debian."""
    return {f"{tests.__name__}_{suite}": type(f"{tests.__name__}_{suite}", (tests, ServiceCase), {"suite": suite})
            for suite in SUITES}
