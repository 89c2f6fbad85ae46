"""Firmware passthrough: the dongle's port and the line joined byte by byte, and what is refused outside of it."""

import json
import os
import random
import select
import signal
import subprocess
import threading
import unittest

import rtu
from broker import ENVIRONMENT, PROGRAM, Broker, BrokerTestCase
from clients import tcp_client
from pty_port import PtyPort
from simulated_unit import SimulatedUnit
from waiting import eventually

MEGABYTE = 1 << 20
# As a sender of blocks that are acknowledged: less than what the ports may hold.
WINDOW = 16 << 10
TURNED = bytes(byte ^ 0x5A for byte in range(256))


def write_all(descriptor, data):
    while data:
        select.select([], [descriptor], [], 5)
        try:
            data = data[os.write(descriptor, data):]
        except BlockingIOError:
            pass


class UpdatedUnit(SimulatedUnit):
    """A unit that, while it is updated, sends every byte back with some of its bits turned over."""

    is_updating = False

    def _serve(self):
        if not self.is_updating:
            return super()._serve()
        while not self._stopping:
            if data := self._port.receive(0.05):
                write_all(self._port.descriptor, data.translate(TURNED))

    def update(self, is_updating=True):
        self._stopping = True
        self._thread.join()
        self.is_updating = is_updating
        self._start()


class PassthroughTestCase(BrokerTestCase):
    def setUp(self):
        super().setUp()
        self.socket = self.directory / "control"
        self.unit.close()
        self.unit = UpdatedUnit(self.directory / "inverter")
        self.addCleanup(self.unit.close)
        self.dongle = PtyPort(self.directory / "shine")
        self.addCleanup(self.dongle.unplug)

    def start_broker(self, *options):
        broker = super().start_broker(
            "--shine", self.directory / "shine", "--log", self.log_path, "--control", self.socket, *options)
        broker.wait_for_message(f"{self.directory}/shine is open")
        return broker

    def command(self, *arguments, expected=0):
        done = subprocess.run(
            [PROGRAM, *arguments, "--control", str(self.socket)], capture_output=True, text=True, env=ENVIRONMENT,
            timeout=20)
        self.assertEqual(done.returncode, expected, done.stderr)
        return done.stdout + done.stderr

    def end_in_the_midst(self, broker):
        """One signal is not enough while an update goes on."""
        broker.process.send_signal(signal.SIGTERM)
        broker.wait_for_message("a firmware update goes on")
        broker.process.send_signal(signal.SIGTERM)
        broker.exit_status(expected=0)

    def line(self):
        line, = json.loads(self.command("status", "--json"))["lines"]
        return line

    def start_passthrough(self, broker, *arguments):
        self.assertIn("ends in", self.command("passthrough", *arguments))
        broker.wait_for_message("joined")

    def poll(self, address=0, count=3):
        self.dongle.send(rtu.read(address, count))
        answer = rtu.read_reply(self.unit.holding.block(address, count))
        self.assertEqual(self.dongle.receive_exactly(len(answer)), answer)

    def assert_all_are_served(self, broker):
        with tcp_client(broker) as client:
            self.assertEqual(client.read_holding_registers(40, count=4).registers, self.unit.holding.block(40, 4))
            self.assertFalse(client.write_register(45, 99).isError())
        self.poll(44, 3)


class PassthroughTests(PassthroughTestCase):
    def exchange(self, data):
        """Sends all of it, and returns what comes back."""
        came = bytearray()
        has_room = threading.Condition()

        def send():
            sent = 0
            chance = random.Random(7)
            while sent < len(data):
                with has_room:
                    if not has_room.wait_for(lambda: sent - len(came) < WINDOW, 10):
                        return
                part = data[sent:sent + chance.randint(1, 3000)]
                write_all(self.dongle.descriptor, part)
                sent += len(part)

        sender = threading.Thread(target=send)
        sender.start()
        while len(came) < len(data):
            part = self.dongle.receive(10)
            if not part:
                break
            with has_room:
                came += part
                has_room.notify()
        sender.join()
        return bytes(came)

    def raw_bytes(self, **source):
        return b"".join(
            bytes.fromhex(e["hex"]) for e in self.log_entries() if e["role"] == "RAW" and source.items() <= e.items())

    def test_a_megabyte_passes_unchanged_both_ways_and_all_of_it_is_logged(self):
        broker = self.start_broker()
        self.assert_all_are_served(broker)
        self.start_passthrough(broker, "--minutes", "1")
        self.unit.update()
        asked = len(self.unit.requests)
        # Every kind of frame is among it, whole and damaged.
        frames = rtu.read(0, 10) + rtu.write(31, 1) + rtu.frame(1, b"\x41\x00") + b"\x01\x03\x00"
        data = frames + random.Random(1).randbytes(MEGABYTE) + frames
        with tcp_client(broker) as client:
            for attempt in (lambda: client.read_holding_registers(0), lambda: client.write_register(0, 1)):
                self.assertEqual(attempt().exception_code, 10)
            came = self.exchange(data)
            self.assertEqual(client.read_holding_registers(0).exception_code, 10)
        self.assertEqual(len(came), len(data))
        self.assertTrue(came == data.translate(TURNED), "bytes are changed, or in another order")
        line = self.line()
        self.assertEqual(line["state"], "passthrough")
        figures = line["passthrough"]
        self.assertEqual(
            (figures["dongleBytes"], figures["inverterBytes"], figures["lostBytes"]), (len(data), len(data), 0))
        eventually(lambda: len(self.raw_bytes(**{"from": "INVERTER"})) == len(data), "all bytes in the log")
        self.assertTrue(self.raw_bytes(from_client="SHINE") == data)
        self.assertTrue(self.raw_bytes(**{"from": "INVERTER"}) == came)
        self.assertEqual(len(self.unit.requests), asked)
        self.end_in_the_midst(broker)

    def test_neither_a_command_nor_a_signal_ends_it_in_the_midst_of_an_update(self):
        broker = self.start_broker()
        self.start_passthrough(broker, "--minutes", "1")
        self.unit.update()
        self.assertEqual(self.exchange(b"\xff\x00boot"), b"\xff\x00boot".translate(TURNED))
        self.assertIn("as soon as five minutes have passed", self.command("passthrough", "--end"))
        self.assertEqual(self.line()["passthrough"]["phase"], "ending")
        broker.process.send_signal(signal.SIGTERM)
        broker.wait_for_message("a firmware update goes on")
        self.assertEqual(self.exchange(b"more"), b"more".translate(TURNED))
        self.end_in_the_midst(broker)
        reasons = [e["reason"] for e in self.log_entries() if e.get("event") == "passthrough_ended"]
        self.assertEqual(reasons, ["stopping"])

    def test_a_dongle_that_polls_does_not_keep_it_from_ending_and_all_is_as_before(self):
        broker = self.start_broker()
        self.start_passthrough(broker)
        for address in range(5):
            self.poll(address)
        self.assertEqual(self.unit.requests[-1].function, rtu.READ_HOLDING)
        self.assertIn("ended", self.command("passthrough", "--end"))
        self.assertIsNone(self.line()["passthrough"])
        self.assert_all_are_served(broker)
        events = [e["event"] for e in self.log_entries() if e.get("event", "").startswith("passthrough")]
        self.assertEqual(events, ["passthrough_started", "passthrough_ended"])
        self.assertIn("no passthrough is on", self.command("passthrough", "--end", expected=1))

    def test_a_port_that_vanishes_does_not_end_it(self):
        broker = self.start_broker()
        self.start_passthrough(broker)
        self.unit.unplug()
        eventually(lambda: self.line()["state"] == "closed", "a line that is closed")
        with tcp_client(broker) as client:
            self.assertEqual(client.read_holding_registers(0).exception_code, 10)
        self.dongle.send(b"lost")
        broker.wait_for_message("bytes are lost")
        self.unit.plug()
        eventually(lambda: self.line()["state"] == "passthrough", "a line that is back")
        self.poll()
        self.assertEqual(self.line()["passthrough"]["lostBytes"], 4)
        self.end_in_the_midst(broker)


class ReloadTests(PassthroughTestCase):
    def configure(self, limit, inverter="inverter", timeout="2.0"):
        file = self.directory / "config.yaml"
        file.write_text(
            f"lines:\n  - endpoint: {self.directory}/{inverter}\n    min-period: 0\n    silence: 0\n"
            f"    dongle:\n      endpoint: {self.directory}/shine\n      timeout: {timeout}\n"
            f"listeners:\n  - tcp: 127.0.0.1:0\nclients:\n  limit: {limit}\n")
        return file

    def test_a_reload_does_not_end_it(self):
        broker = Broker("--config", self.configure(10), "--control", self.socket)
        self.addCleanup(broker.stop)
        broker.wait_for_message("/inverter is open")
        broker.wait_for_message("/shine is open")
        self.start_passthrough(broker)
        self.configure(20, inverter="other")
        self.assertIn("the line would change while passthrough is on", self.command("reload", expected=1))
        self.configure(20, timeout="1.5")
        self.assertIn("the dongle's port would change", self.command("reload", expected=1))
        self.configure(20)
        self.assertIn("clients", self.command("reload"))
        self.poll()
        self.assertEqual(self.line()["passthrough"]["lostBytes"], 0)
        self.assertIn("ended", self.command("passthrough", "--end"))
        self.configure(20, timeout="1.5")
        self.assertIn("dongle", self.command("reload"))


class RefusalTests(PassthroughTestCase):
    def test_outside_of_it_a_firmware_update_is_refused_and_the_operator_told(self):
        broker = self.start_broker()
        for request in (rtu.write(31, 1), rtu.frame(1, bytes([16, 0, 30, 0, 2, 4, 0, 1, 0, 1]))):
            self.dongle.send(request)
            refusal = rtu.frame(1, bytes([request[1] | 0x80, 2]))
            self.assertEqual(self.dongle.receive_exactly(len(refusal)), refusal)
        self.assertIn("growatt-broker passthrough", broker.wait_for_message("firmware update refused"))
        self.assertEqual(self.line()["firmwareWritesRefused"], 2)
        self.assert_all_are_served(broker)
        self.assertEqual([r.pdu[1:3] for r in self.unit.requests if r.function == rtu.WRITE_ONE], [b"\x00\x2d"])

    def test_without_a_dongle_or_a_line_there_is_none(self):
        broker = BrokerTestCase.start_broker(self, "--control", self.socket)
        self.assertIn("no dongle", self.command("passthrough", expected=1))
        broker.stop()
        broker = Broker(
            "run", "--mode", "dataset", "--dataset", "min-6000tl-xh", "--tcp", "127.0.0.1:0", "--control", self.socket)
        self.addCleanup(broker.stop)
        broker.wait_for_message("listening on")
        self.assertIn("no line", self.command("passthrough", expected=1))

    def test_wrong_use_is_status_2_and_says_what_is_allowed(self):
        for arguments in (["--minutes", "0"], ["--minutes", "241"], ["--minutes", "soon"]):
            self.assertIn("1 to 240", self.command("passthrough", *arguments, expected=2))
        self.assertIn("one of them", self.command("passthrough", "--end", "--minutes", "5", expected=2))


if __name__ == "__main__":
    unittest.main()
