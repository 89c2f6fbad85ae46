"""Every symptom of docs/troubleshooting.md is produced; what the page quotes is what the program then says."""

import getpass
import os
import pathlib
import re
import socket
import threading
import unittest
from unittest import mock

import paths

import rtu
from broker import CLEAN_ENVIRONMENT, PROGRAM, Broker
from dataset import DatasetTestCase
from tools import run_tool
from waiting import eventually

PAGE = (paths.ROOT / "docs/troubleshooting.md").read_text()
SOURCE = pathlib.Path(__file__).read_text()
DEVICE, DONGLE, FILE = "/dev/ttyUSB0", "/dev/ttyUSB1", "/etc/growatt-broker/config.yaml"


def quoted(section):
    """The program's lines in a section: what stands in its code blocks, without commands and what other programs print."""
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    blocks = re.findall(r"^ *```(?:json)?\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    assert blocks, f"{section} quotes nothing"
    return [line for block in blocks for line in block.splitlines() if not line.startswith(("$ ", "crw"))]


def without_numbers(line):
    """Numbers, bytes and the width of columns are those of the moment."""
    line = re.sub(r"plugged in\?.*; trying", "plugged in? …; trying", line)
    line = re.sub(r'"hex":"[0-9a-f]*"', '"hex":""', line)
    line = re.sub(r"(\d+ m )?\d+(\.\d+)? m?s\b", "0 s", line)
    line = re.sub(r"\s+", " ", re.sub(r"\d+(\.\d+)*", "0", line)).strip()
    for one, several in (("retry,", "retries,"), ("attempt f", "attempts f"), ("frame,", "frames,"), ("reply,", "replies,"), ("byte of", "bytes of")):
        line = line.replace(f" {one}", f" {several}").replace(f"foreign {one}", f"foreign {several}")
    return line


class TroubleshootingTests(DatasetTestCase):
    def setUp(self):
        super().setUp()
        self.directory.chmod(0o755)
        self.device, self.dongle, self.control = (self.directory / name for name in ("inverter", "dongle", "control"))
        self.names = {str(self.device): DEVICE, str(self.dongle): DONGLE, str(self.directory / "config.yaml"): FILE}

    def assert_quotes(self, section, *said, at_least):
        """Each line that the page has is among what was said; `at_least` so many are quoted."""
        lines = set()
        for text in said:
            for name, other in sorted(self.names.items(), key=lambda pair: -len(pair[0])):
                text = text.replace(name, other)
            lines.update(without_numbers(line) for line in text.splitlines())
        quotes = quoted(section)
        self.assertGreaterEqual(len(quotes), at_least)
        for quote in quotes:
            self.assertIn(without_numbers(quote), lines, f"not said: {quote}\nbut: {sorted(lines)}")

    def simulated(self, *options):
        broker = Broker("run", "--mode", "dataset", "--dataset", "min-6000tl-xh", "--pty", self.device, "--tcp", "none", *options)
        self.addCleanup(broker.stop)
        broker.wait_for_message("units answer here")
        self.names[os.readlink(self.device)] = DEVICE

    def gateway(self, *options, waits_for="/inverter is open"):
        broker = Broker(
            "--inverter", self.device, "--tcp", "127.0.0.1:0", "--control", self.control,
            "--log", self.directory / "wire.jsonl", *options, environment=CLEAN_ENVIRONMENT)
        self.addCleanup(broker.stop)
        broker.wait_for_message(waits_for)
        broker.wait_for_message("listening on")
        return broker

    def read(self, broker, *words, status=1):
        return run_tool("read", f"tcp://127.0.0.1:{broker.port}", *words, status=status)[0]

    def status(self):
        return run_tool("status", "--control", self.control)[0]

    def wire_log(self, *events):
        """Complete, once all these are in it."""
        def complete():
            text = (self.directory / "wire.jsonl").read_text()
            return text if all(f'"{event}"' in text for event in events) else None

        return eventually(complete, f"{events} in the wire log")

    def said(self, broker):
        return "\n".join(broker.messages)

    def test_permission_denied(self):
        self.simulated()
        os.chmod(os.readlink(self.device), 0)
        for user in ("nobody", getpass.getuser()):
            self.names[f"'{user}'"] = "'growatt-broker'"
        program = self.directory / "as-nobody"
        as_nobody = "setpriv --reuid=nobody --regid=nogroup --clear-groups " if os.geteuid() == 0 else ""
        program.write_text(f'#!/bin/sh\nexec {as_nobody}{PROGRAM} "$@"\n')
        program.chmod(0o755)
        with mock.patch("broker.PROGRAM", str(program)):
            broker = Broker("--inverter", self.device, "--tcp", "127.0.0.1:0")
        self.addCleanup(broker.stop)
        broker.wait_for_message("not permitted")
        self.assert_quotes("Permission denied", self.said(broker), at_least=1)
        os.chmod(os.readlink(self.device), 0o666)
        # As the page says: it is tried again by itself.
        broker.wait_for_message("/inverter is open")

    def test_port_busy(self):
        self.simulated()
        first = self.gateway()
        second = Broker("--inverter", self.device, "--tcp", "127.0.0.1:0")
        self.addCleanup(second.stop)
        second.wait_for_message("in use by")
        ports, _ = run_tool("ports", "--all")
        third = Broker("--inverter", self.directory / "none", "--tcp", f"127.0.0.1:{first.port}")
        third.exit_status(expected=1)
        self.assert_quotes("Port busy", self.said(second), ports, self.said(third), at_least=4)

    def test_the_adapter_is_not_there(self):
        broker = self.gateway(waits_for="no such device")
        self.assertIn("(10)", self.read(broker, "input", "3000"))
        self.assert_quotes("The adapter is not there", self.said(broker), at_least=1)

    def test_no_reply(self):
        self.simulated("--faults", "loss 100%")
        broker = self.gateway("--log-level", "debug", "--rtimeout", "0.2", "--min-period", "0")
        shown = [self.read(broker, "input", "3000") for _ in range(3)]
        broker.wait_for_message("unit says nothing to this range")
        self.assert_quotes("No reply", *shown, self.status(), self.said(broker), at_least=7)

    def test_night(self):
        self.simulated("--profile", "sleeping-inverter", "--start-time", "18:30", "--time-scale", "600")
        broker = self.gateway("--log-level", "debug", "--rtimeout", "0.2", "--min-period", "0")
        self.assertIn("0x0001", self.read(broker, "input", "3000", status=0))

        def asleep():
            run_tool("read", f"tcp://127.0.0.1:{broker.port}", "input", "3000", status=mock.ANY)
            return any("is silent" in message for message in broker.messages)

        eventually(asleep, "the night", limit=60)
        self.assert_quotes("Night", self.status(), self.said(broker), at_least=3)

    def test_crc_errors(self):
        self.simulated("--faults", "crc 100%")
        broker = self.gateway("--rtimeout", "0.2")
        for words in (("input", "3000-3010"), ("holding", "3")):
            self.read(broker, *words)
        self.assert_quotes("CRC errors", self.status(), self.wire_log("damaged_reply", "DROP"), at_least=6)

    def test_something_else_than_modbus(self):
        said = []
        for words in (b"Port already in use\r\n", b"\xff\xfb\x03\xff\xfd\x03", bytes.fromhex("000100000005010302002a")):
            with socket.create_server(("127.0.0.1", 0)) as server:
                broker = Broker("--inverter", f"rtuovertcp://127.0.0.1:{server.getsockname()[1]}", "--tcp", "127.0.0.1:0")
                self.addCleanup(broker.stop)
                connection, _ = server.accept()
                with connection:
                    connection.sendall(words)
                    broker.wait_for_message("the server s")
                with socket.create_connection(("127.0.0.1", broker.port)) as client:
                    client.sendall(rtu.read(7, 2))
                    broker.wait_for_message("this listener takes")
            said.append(self.said(broker))
        self.assert_quotes("Something else than Modbus", *said, at_least=4)

    def test_values_jump(self):
        self.simulated("--faults", "duplicate 100%")
        broker = self.gateway()
        for address in ("3000", "3001"):
            self.read(broker, "input", address, status=0)
        log = self.wire_log("foreign_frame")
        eventually(lambda: "2 foreign frames" in self.status(), "both in the status")
        self.assert_quotes("Values jump", self.status(), log, at_least=2)

    def test_the_dongle_is_offline(self):
        self.simulated()
        broker = self.gateway("--shine", self.dongle)
        broker.wait_for_message("shine: ")
        self.assertNotIn("SHINE", self.status())
        self.assert_quotes("The dongle is offline in the cloud", self.said(broker), at_least=1)

    def test_writes_are_refused(self):
        self.simulated()
        said = []
        for options in (("--writers", "192.0.2.1"), ("--read-only",)):
            broker = self.gateway(*options)
            said += run_tool(
                "write", f"tcp://127.0.0.1:{broker.port}", "holding", "3049=1", "--yes", status=1)
            broker.wait_for_message("refused: ")
            said.append(self.said(broker))
            broker.stop()
        self.assert_quotes("Writes are refused", *said, at_least=6)

    def test_slow_answers(self):
        self.simulated("--reply-time", "300ms")
        broker = self.gateway("--min-period", "2")
        shown = []
        readers = [
            threading.Thread(target=lambda at=at: shown.append(
                run_tool("read", f"tcp://127.0.0.1:{broker.port}", "input", str(at), status=mock.ANY)[0]))
            for at in range(3000, 3006)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        self.assertTrue(any("busy (6)" in text for text in shown), shown)
        self.assert_quotes("Slow answers", *shown, self.status(), at_least=5)

    def test_after_an_update(self):
        said = []
        for text in ("lines:\n  - endpoint: /dev/ttyUSB0\n    min-perod: 1\n", "version: 2\nlines: [{endpoint: /dev/ttyUSB0}]\n"):
            said.append(run_tool("check-config", self.file("config.yaml", text), status=2)[1])
        self.assert_quotes("After an update", *said, at_least=2)

    def test_every_section_that_quotes_the_program_is_played(self):
        sections = re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
        quoting = {section for section in sections if "```\ngrowatt-broker: " in PAGE.split(f"## {section}\n")[1].split("\n## ")[0]}
        played = set(re.findall(r'assert_quotes\("([^"]+)"|assert_quotes\(\s*"([^"]+)"', SOURCE))
        self.assertLessEqual(quoting, {first or second for first, second in played})


if __name__ == "__main__":
    unittest.main()
