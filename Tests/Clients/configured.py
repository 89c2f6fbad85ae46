"""Brokers with a configuration of their own, which a test may change while they run."""

import json
import random
import socket
import subprocess

import yaml

from broker import CLEAN_ENVIRONMENT, ENVIRONMENT, PROGRAM, Broker, BrokerTestCase

ANYWHERE = "127.0.0.1:0"


def free_port(kind=socket.SOCK_STREAM):
    """A port that nobody has; with an address it can be named before and after a reload.

    The system takes those of connections from 32768 on: one of these could be somebody's before it is listened at.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket(type=kind) as free:
            try:
                free.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port


class ConfiguredTestCase(BrokerTestCase):
    def setUp(self):
        super().setUp()
        self.socket = self.directory / "control"
        self.file = self.directory / "config.yaml"

    def line(self, endpoint=None, **settings):
        """At the simulated unit, if no other endpoint is named; keys are written with _ for -."""
        endpoint = endpoint or str(self.directory / "inverter")
        serial = {} if "://" in endpoint else {"silence": 0}
        keys = {key.replace("_", "-"): value for key, value in settings.items()}
        return {"endpoint": endpoint, "min-period": 0, **serial, **keys}

    def configure(self, lines, listeners, **rest):
        """Writes the file; as editors do, never half of it."""
        text = yaml.safe_dump({"lines": lines, "listeners": listeners, "control": str(self.socket), **rest})
        new = self.file.with_suffix(".new")
        new.write_text(text)
        new.rename(self.file)

    def start(self, *messages):
        """Starts it by the file, and waits until it listens and has said all this."""
        broker = Broker("--config", self.file, environment=CLEAN_ENVIRONMENT)
        self.addCleanup(broker.stop)
        for message in ("listening on", *messages):
            broker.wait_for_message(message)
        return broker

    def run_command(self, *arguments, expected=0):
        done = subprocess.run(
            [PROGRAM, *arguments, "--control", str(self.socket)], capture_output=True, text=True, env=ENVIRONMENT,
            timeout=30)
        self.assertEqual(done.returncode, expected, done.stdout + done.stderr)
        return done.stdout if expected == 0 else done.stderr

    def reload(self, lines, listeners, expected=0, **rest):
        self.configure(lines, listeners, **rest)
        return self.run_command("reload", expected=expected)

    def status(self):
        return json.loads(self.run_command("status", "--json"))

    def line_status(self, name):
        return next(line for line in self.status()["lines"] if line["name"] == name)
