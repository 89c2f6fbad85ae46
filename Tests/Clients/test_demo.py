"""The demo: what it shows, what it says to try, and how it is asked."""

import contextlib
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import tempfile
import unittest

from broker import ENVIRONMENT, PROGRAM
from tools import read_values, run_tool
from waiting import LIMIT, eventually

POWER = ("input", 3001)


class Demo:
    """A demo that runs; `invitation` has its lines up to those of the exchanges."""

    def __init__(self, *arguments, environment=None):
        self.process = subprocess.Popen(
            [PROGRAM, "demo", "--tcp", "127.0.0.1:0", *map(str, arguments)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env={**ENVIRONMENT, **(environment or {})})
        self.invitation = []
        while not (self.invitation and self.invitation[-1].endswith("Ctrl-C ends it.")):
            line = self.process.stdout.readline()
            assert line, self.process.communicate()
            self.invitation.append(line.rstrip("\n"))

    @property
    def commands(self):
        """The commands that it says to try, without the program's name."""
        lines = [line.strip() for line in self.invitation if line.startswith("  growatt-broker ")]
        return [shlex.split(line, comments=True)[1:] for line in lines]

    def stop(self):
        """Standard output after the invitation, and standard error."""
        self.process.send_signal(signal.SIGTERM)
        output, errors = self.process.communicate(timeout=LIMIT)
        assert self.process.returncode == 0, errors
        return output, errors


class DemoTests(unittest.TestCase):
    def setUp(self):
        self.directory = self.enterContext(tempfile.TemporaryDirectory())

    @contextlib.contextmanager
    def demo(self, *arguments):
        """With a folder of its own for its socket, as a user's session has it."""
        demo = Demo(*arguments, environment={"XDG_RUNTIME_DIR": self.directory})
        try:
            yield demo
        finally:
            if demo.process.poll() is None:
                demo.stop()

    def endpoint(self, demo):
        return "tcp://" + re.search(r"Modbus TCP is on (\S+:\d+)", demo.invitation[0])[1]

    def test_its_first_lines_show_values_and_nothing_is_told_beside_them(self):
        with self.demo("--profile", "static") as demo:
            self.assertRegex("\n".join(demo.invitation), r"(?m)^  solar +[1-9][\d.]* W +input 3001:u32  × 0\.1$")
            self.assertRegex("\n".join(demo.invitation), r"(?m)^  battery +\d+ % +input 3171$")
            output, errors = demo.stop()
        self.assertEqual(errors, "")

    def test_each_command_that_it_says_works(self):
        with self.demo("--profile", "static") as demo:
            self.assertEqual([command[0] for command in demo.commands], ["status", "read", "write"])
            for command in demo.commands:
                # Once is enough, and a program has no terminal to be asked at.
                words = [word for word in command if word not in ("--every", "2s")]
                # The demo loses replies, now and then two in a row.
                words += {"write": ["--yes"], "read": ["--retries", "5"]}.get(words[0], [])
                env = {**ENVIRONMENT, "XDG_RUNTIME_DIR": self.directory}
                done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, env=env, timeout=60)
                self.assertEqual(done.returncode, 0, f"{words}: {done.stdout}{done.stderr}")

    def test_the_values_are_those_that_a_client_reads(self):
        with self.demo("--profile", "static") as demo:
            shown = float(re.search(r"solar +([\d.]+) W", "\n".join(demo.invitation))[1])
            values = read_values(self.endpoint(demo), "input", "3001:u32", "--retries", "5")
            self.assertAlmostEqual(values[POWER] / 10, shown)

    def test_a_second_demo_has_a_socket_of_its_own(self):
        with self.demo() as first, self.demo() as second:
            places = [demo.commands[0] for demo in (first, second)]
            self.assertEqual(places[0], ["status"])
            self.assertEqual(places[1][:2], ["status", "--control"])
            output, _ = run_tool(*places[1], "--json")
            self.assertEqual(json.loads(output)["lines"][0]["state"], "open")
        self.assertFalse(os.path.exists(places[1][2]))

    def test_it_is_recorded_as_a_gateway_is(self):
        log = os.path.join(self.directory, "wire.jsonl")
        with self.demo("--log", log) as demo:
            eventually(lambda: "SHINE" in pathlib.Path(log).read_text(), "the dongle in the wire log")
        self.assertEqual(run_tool("analyze", log)[1], "")

    def test_a_wire_log_on_stdout_is_nothing_else(self):
        process = subprocess.run(
            [PROGRAM, "demo", "--duration", "2s", "--tcp", "127.0.0.1:0", "--log", "-"], capture_output=True,
            text=True, timeout=LIMIT, env={**ENVIRONMENT, "XDG_RUNTIME_DIR": self.directory})
        self.assertEqual(process.returncode, 0)
        for line in process.stdout.splitlines():
            json.loads(line)
        self.assertIn("Ctrl-C ends it.\n", process.stderr)

    def test_it_ends_in_time_and_shows_exchanges(self):
        done = subprocess.run(
            [PROGRAM, "demo", "--duration", "3s", "--tcp", "127.0.0.1:0"], capture_output=True, text=True,
            timeout=LIMIT, env={**ENVIRONMENT, "XDG_RUNTIME_DIR": self.directory})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^SHINE .*read holding")

    def test_what_cannot_be_is_one_line(self):
        for flag, value, status in (
                ("--profile", "rainy", 2), ("--time-scale", "0", 2), ("--start-time", "25:00", 2), ("--log", "/", 2),
                ("--control", "/nowhere/at/all", 1)):
            _, errors = run_tool("demo", "--tcp", "127.0.0.1:0", flag, value, status=status)
            self.assertEqual(len(errors.splitlines()), 1, errors)
            self.assertIn(value, errors)


if __name__ == "__main__":
    unittest.main()
