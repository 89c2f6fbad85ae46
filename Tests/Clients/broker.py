"""The program under test, and the base of the tests that run it."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

from simulated_unit import SimulatedUnit
from waiting import LIMIT, eventually

PROGRAM = os.environ.get("BROKER", "growatt-broker")
# Settings may come from the environment: only what a program needs to start is passed on.
ENVIRONMENT = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH", "TZ") if key in os.environ}
# Brokers of several tests must not meet at the default control socket.
CLEAN_ENVIRONMENT = dict(ENVIRONMENT)
ENVIRONMENT["GROWATT_BROKER_CONTROL"] = "none"
FAST = ("--min-period", "0", "--silence", "0")
STOP_LIMIT = 5


# Becomes the program, with the sockets at the descriptors from 3 on, as systemd hands them over.
HANDING_OVER = """
import os, sys
count = int(sys.argv[1])
for number, descriptor in enumerate([os.dup2(int(d), 100 + i) for i, d in enumerate(sys.argv[2:2 + count])]):
    os.dup2(descriptor, 3 + number)
os.closerange(3 + count, 200)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(count), LISTEN_FDNAMES=":".join(["test.socket"] * count))
os.execvp(sys.argv[2 + count], sys.argv[2 + count:])
"""


class Broker:
    """A running growatt-broker; its ports are chosen by the system, or are those of the sockets that it is handed."""

    def __init__(self, *arguments, stdout=subprocess.DEVNULL, environment=ENVIRONMENT, sockets=()):
        command = [PROGRAM, *map(str, arguments)]
        descriptors = [socket.fileno() for socket in sockets]
        if sockets:
            command = [sys.executable, "-c", HANDING_OVER, str(len(sockets)), *map(str, descriptors), *command]
        self.process = subprocess.Popen(
            command, stdout=stdout, stderr=subprocess.PIPE, text=True, env=environment, pass_fds=descriptors)
        self.messages = []
        self._reader = threading.Thread(target=self._read_messages, daemon=True)
        self._reader.start()

    def _read_messages(self):
        for line in self.process.stderr:
            self.messages.append(line.rstrip("\n"))

    def wait_for_message(self, text, since=0):
        def found():
            ended = self.process.poll() is not None
            message = next((m for m in self.messages[since:] if text in m), None)
            assert message or not ended, f"it ended without {text!r}; messages: {self.messages}"
            return message

        return eventually(found, f"message {text!r}")

    @property
    def ports(self):
        """Of the listeners that have one, in the order of the configuration."""
        places = self.wait_for_message("growatt-broker: listening on ").split(" on ")[1].split(", ")
        ends = [place.rpartition(":")[2] for place in places if not place.startswith("pty ")]
        return [int(end) for end in ends if end.isdigit()]

    @property
    def port(self):
        return self.ports[0]

    def stop(self, with_signal=signal.SIGINT):
        """Ends it if it runs, and insists on a clean end in time."""
        if self.process.returncode is not None:
            return
        assert self.process.poll() is None, f"it ended by itself; messages: {self.messages}"
        self.process.send_signal(with_signal)
        self.exit_status(expected=0, limit=STOP_LIMIT)

    def kill(self):
        self.process.kill()
        self.exit_status(expected=-signal.SIGKILL)

    def exit_status(self, expected, limit=LIMIT):
        try:
            status = self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"still running after {limit} s; messages: {self.messages}") from None
        self._reader.join()
        self.process.stderr.close()
        if self.process.stdout:
            self.process.stdout.close()
        assert status == expected, f"exit status {status}, expected {expected}; messages: {self.messages}"


class BrokerTestCase(unittest.TestCase):
    """Each test has a directory of its own and a simulated unit at its line."""

    units = (1,)

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="broker-test-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.log_path = self.directory / "wire.log"
        self.unit = SimulatedUnit(self.directory / "inverter", self.units)
        self.addCleanup(self.unit.close)

    def start_broker(self, *options, pace=FAST, stdout=subprocess.DEVNULL):
        """Starts the gateway on the unit's line and waits until both ends are open."""
        broker = Broker(
            "--inverter", self.directory / "inverter", "--tcp", "127.0.0.1:0", *pace, *options, stdout=stdout)
        self.addCleanup(broker.stop)
        broker.wait_for_message("listening on")
        broker.wait_for_message(f"{self.directory}/inverter is open")
        return broker

    def log_entries(self, path=None):
        """The complete lines of the wire log; one that is no JSON fails."""
        try:
            text = (path or self.log_path).read_text()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in text.split("\n")[:-1]]

    def wait_for_entries(self, count, path=None, **fields):
        """Waits until at least `count` log lines have these fields, and returns them."""
        def matching():
            found = [e for e in self.log_entries(path) if fields.items() <= e.items()]
            return found if len(found) >= count else None

        try:
            return eventually(matching, f"{count} log lines with {fields}")
        except AssertionError as failure:
            entries = self.log_entries(path)
            asked = len(self.unit.requests)
            raise AssertionError(
                f"{failure}; {len(entries)} lines, {asked} requests at the unit; last: {entries[-4:]}") from None
