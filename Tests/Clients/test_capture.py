"""Captures: of a live line, of simulated units and of the gateway's clients."""

import json
import pathlib
import subprocess

from pymodbus.constants import ExcCodes

import recording
from broker import FAST, Broker
from clients import serial_client, tcp_client
from dataset import DatasetTestCase, read
from simulated_unit import SimulatedUnit
from test_log import is_json
from waiting import eventually

DATASET = {"holding": {"0": 11, "1": 12}, "input": {"3000": 7}, "meter": {"5": 9}}


class CaptureTestCase(DatasetTestCase):
    def setUp(self):
        super().setUp()
        self.session = self.directory / "session.jsonl"

    def entries(self, path=None):
        """The whole lines."""
        path = path or self.session
        return [json.loads(line) for line in path.read_text().split("\n")[:-1]] if path.exists() else []

    def wait_for_entries(self, count, path=None, limit=8):
        eventually(lambda: len(self.entries(path)) >= count, f"{count} lines", limit)

    def plug_unit(self):
        unit = SimulatedUnit(self.directory / "inverter")
        self.addCleanup(unit.close)
        return unit


class FormatTests(CaptureTestCase):
    def test_each_call_of_a_client_is_one_line_with_its_answer(self):
        unit = self.plug_unit()
        unit.loses_reply = lambda request: request.pdu[1:3] == bytes([0, 99])
        broker = self.start_in_front(
            self.directory / "inverter", "--capture", self.session, "--rtimeout", "0.2", "--retries", "0")
        with tcp_client(broker) as client:
            client.read_holding_registers(30, count=2)
            client.read_input_registers(0, count=1)
            client.write_register(45, 1234)
            client.write_registers(45, [25, 9, 21])
            client.read_input_registers(unit.ABSENT_REGISTER, count=4)
            read(client, "meter", 10, 1)
            client.read_holding_registers(99)
            client.write_register(0, 1, device_id=0)  # Refused: it never reached the line.
        broker.stop()
        expected = [
            {"op": "read_holding", "addr": 30, "count": 2, "regs": unit.holding.block(30, 2)},
            {"op": "read_input", "addr": 0, "count": 1, "regs": unit.input.block(0, 1)},
            {"op": "write_single", "addr": 45, "value": 1234},
            {"op": "write_multiple", "addr": 45, "values": [25, 9, 21]},
            {"op": "read_input", "addr": unit.ABSENT_REGISTER, "count": 4, "error": "exception", "code": 2},
            {"op": "raw", "func": 32, "pdu": "20000a0001", "reply": f"2002{unit.meter[10]:04x}"},
            {"op": "read_holding", "addr": 99, "count": 1, "error": "no_reply"},
        ]
        found = self.entries()
        times = [entry.pop("ts") for entry in found]
        self.assertEqual(found, [{"unit": 1, **entry} for entry in expected])
        self.assertEqual(times, sorted(times))

    def test_a_pseudo_terminal_s_clients_are_captured_too(self):
        port = self.directory / "unit"
        broker = self.start(
            "capture", "--mode", "dataset", "--dataset", self.file("d.json", DATASET), "--pty", port, "--out",
            self.session)
        broker.wait_for_message("units answer here")
        with serial_client(port) as client:
            self.assertEqual(client.read_holding_registers(0, count=2).registers, [11, 12])
        broker.stop()
        self.assertEqual([e["regs"] for e in self.entries()], [[11, 12]])


class PollTests(CaptureTestCase):
    def test_the_blocks_of_a_live_line_are_read_once_it_is_there(self):
        log = self.directory / "wire.jsonl"
        capture = self.start(
            "capture", "--inverter", self.directory / "inverter", *FAST, "--poll", "holding:0-129,input:3000,meter:5-6",
            "--out", self.session, "--log", log)
        capture.wait_for_message("trying again")
        unit = self.plug_unit()
        self.wait_for_entries(8)
        capture.stop()
        asked = [(e["op"], e.get("addr"), e.get("count"), e.get("pdu")) for e in self.entries()]
        self.assertEqual(asked[:4], [
            ("read_holding", 0, 125, None), ("read_holding", 125, 5, None), ("read_input", 3000, 1, None),
            ("raw", None, None, "2000050002")])
        self.assertEqual(self.entries()[0]["regs"], unit.holding.block(0, 125))
        # Nothing was asked, and nothing refused, before the line was open.
        outcomes = {e["outcome"] for e in map(json.loads, log.read_text().splitlines()) if e["role"] == "RSP"}
        self.assertEqual(outcomes, {"ok"})

    def test_a_line_that_was_away_is_read_again(self):
        unit = self.plug_unit()
        capture = self.start(
            "capture", "--inverter", self.directory / "inverter", *FAST, "--poll", "holding:0-9", "--out", self.session)
        self.wait_for_entries(1)
        unit.unplug()
        capture.wait_for_message("is gone")
        count = len(self.entries())
        unit.plug()
        self.wait_for_entries(count + 2)
        capture.stop()

    def test_a_dataset_and_a_recording_are_read_whole_without_being_told_what(self):
        dataset = self.file("d.json", DATASET)
        first = self.start("capture", "--mode", "dataset", "--dataset", dataset, "--out", self.session)
        self.wait_for_entries(3)
        first.stop()
        again = self.directory / "again.jsonl"
        second = self.start("capture", "--mode", "replay", "--recording", self.session, "--out", again)
        self.wait_for_entries(3, again)
        second.stop()
        for path in (self.session, again):
            whole = [{k: v for k, v in e.items() if k != "ts"} for e in self.entries(path)[:3]]
            self.assertEqual(whole, [
                {"op": "read_holding", "unit": 1, "addr": 0, "count": 2, "regs": [11, 12]},
                {"op": "read_input", "unit": 1, "addr": 3000, "count": 1, "regs": [7]},
                {"op": "raw", "unit": 1, "func": 32, "pdu": "2000050001", "reply": "20020009"}])

    def test_it_ends_by_itself_and_tells_how_much_it_has(self):
        capture = Broker(
            "capture", "--mode", "dataset", "--dataset", self.file("d.json", DATASET), "--out", self.session,
            "--duration", "500ms")
        capture.exit_status(expected=0)
        count = len(self.entries())
        self.assertGreaterEqual(count, 3)
        self.assertEqual(capture.messages[-1], f"growatt-broker: capture {self.session}: {count} lines written")

    def test_a_file_needs_a_name(self):
        capture = Broker("capture", "--mode", "dataset", "--dataset", "sph-6000", "--out", "")
        capture.exit_status(expected=2)
        self.assertEqual(capture.messages, ['growatt-broker: --out "": expected the path of a file'])

    def test_a_live_line_needs_to_be_told_what_to_read(self):
        capture = Broker("capture", "--inverter", "/dev/null", "--out", self.session)
        capture.exit_status(expected=2)
        self.assertEqual(len(capture.messages), 1, capture.messages)
        self.assertIn("--poll is missing", capture.messages[0])
        self.assertIn("input:3000-3124", capture.messages[0])


class SafetyTests(CaptureTestCase):
    def read_blocks(self, broker, unit, addresses, count=1):
        with tcp_client(broker) as client:
            for address in addresses:
                reply = client.read_holding_registers(address, count=count)
                self.assertEqual(reply.registers, unit.holding.block(address, count))

    def start_capturing(self, path, *options):
        unit = self.plug_unit()
        return unit, self.start_in_front(self.directory / "inverter", "--capture", path, *options)

    def test_whole_lines_are_readable_after_kill_9_and_the_next_run_goes_on_behind_them(self):
        dataset = self.file("d.json", {"holding": {str(a): a for a in range(4000)}})
        options = ("capture", "--mode", "dataset", "--dataset", dataset, "--out", self.session, "--tcp", "127.0.0.1:0")
        for run in range(2):
            capture = self.start(*options)
            count = len(self.session.read_text().splitlines()) if self.session.exists() else 0
            with tcp_client(capture) as client:
                def is_much():
                    for address in range(0, 3900, 100):
                        self.assertEqual(client.read_holding_registers(address, count=100).registers[0], address)
                    return len(self.session.read_text().splitlines()) > count + 300

                eventually(is_much, "300 lines")
                capture.kill()
            text = self.session.read_text()
            damaged = [line for line in text.split("\n")[:-1] if not is_json(line)]
            self.assertLessEqual(len(damaged), run, damaged)
        self.assertGreater(len([line for line in text.split("\n") if is_json(line)]), 600)

    def test_a_full_disk_stops_no_exchange_and_what_it_costs_is_told(self):
        unit, broker = self.start_capturing("/dev/full")
        self.read_blocks(broker, unit, range(200))
        broker.wait_for_message("capture /dev/full: cannot write: No space left on device; its lines are dropped")
        self.read_blocks(broker, unit, range(200))
        broker.stop()
        self.assertEqual(broker.messages[-1], "growatt-broker: capture /dev/full: 0 lines written, 400 lost")

    def test_a_disk_that_is_full_for_a_while_costs_lines_but_no_exchange(self):
        disk = self.directory / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk], capture_output=True)
        if mounted.returncode:
            self.skipTest("a small file system may not be mounted here")
        self.addCleanup(subprocess.run, ["umount", disk], check=True)
        filler = disk / "filler"
        filler.write_bytes(bytes(60 * 1024))
        path = disk / "session.jsonl"
        unit, broker = self.start_capturing(path)
        self.read_blocks(broker, unit, range(200))
        broker.wait_for_message("No space left on device")
        filler.unlink()

        def is_written_again():
            self.read_blocks(broker, unit, range(3))
            return any("writing again" in message for message in broker.messages)

        eventually(is_written_again, "the capture is written again")
        broker.stop()
        written = len(self.entries(path))
        self.assertRegex(broker.messages[-1], rf"capture {path}: {written} lines written, \d+ lost$")

    def test_a_full_file_is_rotated(self):
        limit = 4096
        unit, broker = self.start_capturing(self.session, "--log-max-size", str(limit))
        rotated = pathlib.Path(f"{self.session}.1")
        self.read_blocks(broker, unit, range(100))
        eventually(rotated.exists, "the rotated file")
        broker.stop()
        for path in (rotated, self.session):
            self.assertLessEqual(path.stat().st_size, limit)
        addresses = [e["addr"] for path in (rotated, self.session) for e in self.entries(path)]
        self.assertEqual(addresses, list(range(100))[-len(addresses):])

    def test_the_real_recording_captured_again_has_the_same_registers(self):
        path = recording.real_recording(self)
        expected = recording.final_registers(path)
        capture = self.start("capture", "--mode", "replay", "--recording", path, "--speed", "max", "--out", self.session)
        captured = {}

        def is_whole():
            for entry in self.entries():
                self.assertNotIn("error", entry)
                if entry["op"] == "raw":
                    request, reply = bytes.fromhex(entry["pdu"]), bytes.fromhex(entry["reply"])
                    table, first, values = "meter", recording.address(request), recording.values(reply)
                else:
                    table, first, values = entry["op"][len("read_"):], entry["addr"], entry["regs"]
                captured.update({(entry["unit"], table, first + n): value for n, value in enumerate(values)})
            return len(captured) >= len(expected)

        eventually(is_whole, "every register")
        capture.stop()
        self.assertEqual(captured, expected)


class ExceptionTests(CaptureTestCase):
    def test_a_capture_on_a_gateway_does_not_change_what_clients_get(self):
        broker = self.serve(DATASET, "--strict", "--capture", self.session)
        with tcp_client(broker) as client:
            self.assertEqual(client.read_holding_registers(0, count=2).registers, [11, 12])
            self.assertEqual(client.read_holding_registers(0, count=3).exception_code, ExcCodes.ILLEGAL_ADDRESS)
        broker.stop()
        self.assertEqual([e.get("code") for e in self.entries()], [None, 2])
