"""Recordings of every kind are played: with their reply times, of our own making, damaged, and wrong ones."""

import shutil
import subprocess
import time

from pymodbus.constants import ExcCodes

import recording
import rtu
from broker import ENVIRONMENT, PROGRAM
from clients import serial_client, tcp_client
from dataset import read
from replaying import ReplayTestCase, prototype_log
from simulated_unit import SimulatedUnit


class TimeTests(ReplayTestCase):
    """Replies take their time; only lower bounds, which a busy machine cannot break."""

    LOG = prototype_log((0, 400, rtu.read(0, 1), rtu.read_reply([1])), (9000, 400, rtu.read(0, 1), rtu.read_reply([1])))

    def seconds(self, client):
        began = time.monotonic()
        self.assertEqual(client.read_holding_registers(0).registers, [1])
        return time.monotonic() - began

    def test_replies_take_as_long_as_in_the_recording_divided_by_the_speed(self):
        path = self.file("log", self.LOG)
        for order in ("latest", "strict"):
            for speed, least in (("1", 0.4), ("2", 0.2)):
                with self.subTest((order, speed)), tcp_client(
                        self.play(path, "--order", order, "--speed", speed)) as client:
                    self.assertGreaterEqual(self.seconds(client), least)

    def test_replies_take_their_time_on_a_line_too(self):
        port = self.directory / "unit"
        broker = self.play(self.file("log", self.LOG), "--pty", port)
        broker.wait_for_message("units answer here")
        with serial_client(port) as client:
            self.assertGreaterEqual(self.seconds(client), 0.4)


class KindTests(ReplayTestCase):
    """Whatever the program itself writes can be played."""

    def setUp(self):
        super().setUp()
        self.unit = SimulatedUnit(self.directory / "inverter", (1, 2))
        self.addCleanup(self.unit.close)
        self.log, self.capture = self.directory / "wire.jsonl", self.directory / "session.jsonl"
        self.unit.loses_reply = lambda request: request.pdu == bytes([3]) + rtu.words([77, 1])
        live = self.start_in_front(
            self.directory / "inverter", "--log", self.log, "--capture", self.capture, "--rtimeout", "0.2",
            "--retries", "0")
        with tcp_client(live) as client:
            self.assertFalse(client.read_holding_registers(30, count=5).isError())
            self.assertTrue(client.read_holding_registers(77).isError())
            self.assertFalse(client.read_input_registers(3000, count=125, device_id=2).isError())
            self.assertFalse(read(client, "meter", 10, 20).isError())
            self.assertFalse(client.write_registers(31, [1, 2]).isError())
            self.assertFalse(client.read_holding_registers(30, count=5).isError())
            self.assertTrue(client.read_holding_registers(self.unit.ABSENT_REGISTER).isError())
        live.stop()

    def test_our_own_log_and_our_capture_answer_as_the_unit_did(self):
        for path in (self.log, self.capture):
            with self.subTest(path.name), tcp_client(self.play(path, "--speed", "max")) as client:
                self.assertEqual(
                    client.read_holding_registers(30, count=5).registers, self.unit.holding.block(30, 5))
                self.assertEqual(
                    client.read_input_registers(3000, count=125, device_id=2).registers,
                    self.unit.input.block(3000, 125))
                self.assertEqual(read(client, "meter", 10, 20).registers, self.unit.meter.block(10, 20))
                self.assertEqual(
                    client.read_holding_registers(self.unit.ABSENT_REGISTER).exception_code, ExcCodes.ILLEGAL_ADDRESS)
                self.assertFalse(client.write_registers(31, [1, 2]).isError())

    def test_in_strict_order_they_give_silence_where_the_unit_gave_it(self):
        for path in (self.log, self.capture):
            with self.subTest(path.name), tcp_client(
                    self.play(path, "--order", "strict", "--speed", "max", "--rtimeout", "0.05")) as client:
                before = client.read_holding_registers(30, count=5).registers
                self.assertEqual(
                    client.read_holding_registers(77).exception_code, ExcCodes.GATEWAY_NO_RESPONSE)
                after = client.read_holding_registers(30, count=5).registers
                self.assertEqual((before[1:3], after[1:3]), ([220, 227], [1, 2]))


class UnitZeroTests(ReplayTestCase):
    def test_what_was_read_of_unit_0_is_of_the_unit_that_has_answered(self):
        port = self.directory / "unit"
        served = self.start(
            "run", "--mode", "dataset", "--dataset", self.file("d.json", {"holding": {"0": 11}}), "--pty", port)
        served.wait_for_message("units answer here")
        log, capture = self.directory / "wire.jsonl", self.directory / "session.jsonl"
        live = self.start_in_front(port, "--log", log, "--capture", capture)
        with tcp_client(live) as client:
            self.assertEqual(client.read_holding_registers(0, device_id=0).registers, [11])
        live.stop()
        for path in (log, capture):
            for unit in (0, 1):
                with self.subTest((path.name, unit)), tcp_client(self.play(path)) as client:
                    self.assertEqual(client.read_holding_registers(0, device_id=unit).registers, [11])


class WrongUseTests(ReplayTestCase):
    def refused(self, *options):
        done = subprocess.run(
            [PROGRAM, "run", "--mode", "replay", "--tcp", "127.0.0.1:0", *map(str, options)], capture_output=True,
            text=True, env=ENVIRONMENT, timeout=10)
        lines = [
            line for line in done.stderr.splitlines() if ", recording " not in line and "client-timeout" not in line]
        self.assertEqual(len(lines), 1, done.stderr)
        return done.returncode, lines[0]

    def test_a_recording_that_cannot_be_had_is_one_line_that_names_it(self):
        empty, foreign = self.file("empty.jsonl", ""), self.file("foreign.jsonl", "hello\n")
        missing = self.directory / "missing.jsonl"
        for path, words in ((empty, "no request with a reply"), (foreign, "no request with a reply"),
                            (missing, "No such file"), (self.directory, "directory")):
            with self.subTest(path):
                status, line = self.refused("--recording", path)
                self.assertEqual(status, 2)
                self.assertIn(f"--recording: {path}", line)
                self.assertIn(words, line)

    def test_wrong_flags_are_status_2_and_tell_what_is_allowed(self):
        good = self.file("log", prototype_log((0, 9, rtu.read(0, 1), rtu.read_reply([1]))))
        for options, words in (
                ([], ["--recording"]), (["--recording", "-"], ["--recording", "a file"]),
                (["--recording", good, "--speed", "0"], ["--speed", "0.01 to 10000"]),
                (["--recording", good, "--order", "first"], ["--order", "latest or strict"]),
                (["--recording", good, "--unseen", "zero"], ["--unseen", "exception or silence"]),
                (["--recording", good, "--dataset", "sph-6000"], ["--dataset", "replay"]),
                (["--recording", good, "--log", good], ["--log", "recording"]),
                (["--recording", good, "--capture", good], ["--capture", "a wire log, and no capture"])):
            with self.subTest(options):
                status, line = self.refused(*options)
                self.assertEqual(status, 2, line)
                for word in words:
                    self.assertIn(word, line)


class DamagedTests(ReplayTestCase):
    def test_a_recording_that_is_cut_off_gives_what_it_holds(self):
        path = self.real_recording()
        cut = self.directory / "cut.jsonl"
        shutil.copy(path, cut)
        with open(cut, "r+b") as file:
            file.truncate(cut.stat().st_size // 2)
        broker = self.play(cut, "--speed", "max")
        with tcp_client(broker) as client:
            self.assert_holds(client, recording.dataset(recording.final_registers(cut)))
        broker.wait_for_message(f"{cut}: the last line is cut off; it was left out")

    def test_foreign_lines_are_told_and_left_out(self):
        good = prototype_log((0, 9, rtu.read(0, 1), rtu.read_reply([1])))
        path = self.file("mixed", f"Broker up.\n{good}hello\n")
        broker = self.play(path)
        broker.wait_for_message(f"{path}: 2 foreign lines left out, the first is line 1")
        broker.wait_for_message(f"{path}: 1 exchange of unit 1 in 0 s")
        with tcp_client(broker) as client:
            self.assertEqual(client.read_holding_registers(0).registers, [1])
