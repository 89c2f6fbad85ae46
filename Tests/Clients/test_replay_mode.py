"""A recording answers in place of the inverter: `run --mode replay`."""

import gzip
import json
import shutil
import subprocess
import time

from pymodbus.constants import ExcCodes
from pymodbus.exceptions import ModbusException

import mbpoll
import recording
import rtu
from broker import ENVIRONMENT, PROGRAM
from clients import raw_connection, receive_frames, serial_client, tcp_client
from dataset import DatasetTestCase, read
from simulated_unit import SimulatedUnit
from waiting import eventually


def prototype_log(*steps):
    """Lines of a prototype's log; a step is (milliseconds, request, reply or None), the reply `took` later."""
    text = ""
    for at, took, request, reply in steps:
        for role, client, moment, frame in (
                ("REQ", "from_client", at, request), ("RSP", "to_client", at + took, reply)):
            stamp = f"2025-09-21T19:{moment // 60000:02}:{moment // 1000 % 60:02}.{moment % 1000:03}"
            text += json.dumps(
                {"role": role, client: "SHINE", "crc_ok": True, "hex": frame.hex() if frame else "", "ts": stamp}) + "\n"
    return text


class ReplayTestCase(DatasetTestCase):
    def play(self, path, *options):
        return self.start("run", "--mode", "replay", "--recording", path, "--tcp", "127.0.0.1:0", *options)

    def real_recording(self):
        return recording.real_recording(self)

    def ask(self, broker, unit, request):
        """The PDU of the answer to a PDU."""
        with raw_connection(broker.port) as connection, connection.makefile("rb") as stream:
            connection.sendall(bytes([0, 7, 0, 0, 0, len(request) + 1, unit]) + request)
            (_, pdu), = receive_frames(stream, 1)
        return pdu


class LatestTests(ReplayTestCase):
    def assert_holds_registers(self, client, registers):
        self.assert_holds(client, recording.dataset(registers))

    def test_the_last_value_of_every_register_is_read_when_it_is_over(self):
        path = self.real_recording()
        registers = recording.final_registers(path)
        port = self.directory / "unit"
        broker = self.play(path, "--speed", "max", "--pty", port)
        broker.wait_for_message("units answer here")
        with tcp_client(broker) as client:
            self.assert_holds_registers(client, registers)
        with serial_client(port) as client:
            self.assert_holds_registers(client, registers)
        with tcp_client(self.start_in_front(port)) as client:
            self.assert_holds_registers(client, registers)

    def test_mbpoll_reads_the_last_values(self):
        path = self.real_recording()
        registers = recording.final_registers(path)
        port = self.directory / "unit"
        broker = self.play(path, "--speed", "max", "--pty", port)
        broker.wait_for_message("units answer here")
        expected = [registers[1, "input", address] for address in range(3000, 3125)]
        for mbpoll_at, place in ((mbpoll.over_tcp, broker.port), (mbpoll.over_serial, port)):
            status, output = mbpoll_at(place, "-t", "3", "-r", "3000", "-c", "125")
            self.assertEqual((status, mbpoll.values(output)), (0, expected), output)

    def test_values_come_in_the_order_of_the_recording_and_end_with_the_last(self):
        path = self.real_recording()
        history = recording.history(path, [(1, "input", address) for address in range(3000, 3125)])
        broker = self.play(path, "--speed", "400")
        seen = []
        with tcp_client(broker) as client:
            def is_over():
                values = client.read_input_registers(3000, count=125).registers
                if not seen or values != seen[-1]:
                    seen.append(values)
                return values == history[-1]

            eventually(is_over, "the last values", limit=20)
        self.assertGreater(len(seen), 3)
        rest = iter(history)
        self.assertTrue(all(values in rest for values in seen), "values out of order, or never recorded")

    def test_what_was_never_seen_is_exception_2_or_silence(self):
        path = self.file("log", prototype_log((0, 9, rtu.read(0, 2), rtu.read_reply([11, 12]))))
        for options, code in (
                ((), ExcCodes.ILLEGAL_ADDRESS), (("--order", "strict"), ExcCodes.ILLEGAL_ADDRESS),
                (("--unseen", "silence"), ExcCodes.GATEWAY_NO_RESPONSE),
                (("--unseen", "silence", "--order", "strict"), ExcCodes.GATEWAY_NO_RESPONSE)):
            with self.subTest(options), tcp_client(self.play(path, "--rtimeout", "0.05", *options)) as client:
                self.assertEqual(client.read_holding_registers(0, count=2).registers, [11, 12])
                for reply in (
                        client.read_holding_registers(1, count=2), client.read_input_registers(0),
                        client.write_register(0, 1)):
                    self.assertEqual(reply.exception_code, code)
                self.assertEqual(
                    client.read_holding_registers(0, device_id=9).exception_code, ExcCodes.GATEWAY_NO_RESPONSE)

    def test_what_was_never_seen_is_silence_on_a_line(self):
        path = self.file("log", prototype_log((0, 9, rtu.read(0, 2), rtu.read_reply([11, 12]))))
        port = self.directory / "unit"
        self.play(path, "--pty", port, "--unseen", "silence").wait_for_message("units answer here")
        with serial_client(port, timeout=0.3) as client:
            with self.assertRaises(ModbusException):
                client.read_holding_registers(1, count=2)
            self.assertEqual(client.read_holding_registers(0, count=2).registers, [11, 12])

    def test_a_gzip_file_is_played_as_it_is(self):
        path = self.real_recording()
        packed = self.directory / "capture.jsonl.gz"
        packed.write_bytes(gzip.compress(path.read_bytes()))
        with tcp_client(self.play(packed, "--speed", "max")) as client:
            self.assert_holds_registers(client, recording.final_registers(path))


class StrictTests(ReplayTestCase):
    def test_each_request_of_the_recording_gets_its_own_reply_again(self):
        path = self.real_recording()
        # A unit 0 is asked, and unit 1 answers.
        broker = self.play(path, "--order", "strict", "--speed", "max", "--rtimeout", "0.005")
        answered = 0
        with raw_connection(broker.port) as connection, connection.makefile("rb") as stream:
            for number, exchange in enumerate(recording.exchanges(path)):
                if exchange.request[0] not in recording.TABLES:
                    continue
                connection.sendall(
                    bytes([number >> 8, number & 0xFF, 0, 0, 0, len(exchange.request) + 1, exchange.unit])
                    + exchange.request)
                (transaction, reply), = receive_frames(stream, 1)
                self.assertEqual(transaction, number)
                silence = bytes([exchange.request[0] | 0x80, ExcCodes.GATEWAY_NO_RESPONSE])
                self.assertEqual(reply, exchange.reply or silence, f"exchange {number}")
                answered += exchange.reply is not None
        print(f"\n  {answered} replies of the recording given again, in its order")
        self.assertGreater(answered, 900)

    def test_a_long_recording_is_given_in_its_order_to_a_client_that_asks_in_it(self):
        count = 30_000
        path = self.file("long.jsonl", "".join(
            json.dumps({"ts": 1000 + n, "op": "read_input", "unit": 1, "addr": 0, "count": 1, "regs": [n]}) + "\n"
            for n in range(count)))
        broker = self.play(path, "--order", "strict", "--speed", "max")
        with raw_connection(broker.port) as connection, connection.makefile("rb") as stream:
            received = []
            for start in range(0, count, 10):
                for number in range(start, start + 10):
                    connection.sendall(bytes([number >> 8, number & 0xFF, 0, 0, 0, 6, 1, 4, 0, 0, 0, 1]))
                received += [pdu for _, pdu in receive_frames(stream, 10)]
        self.assertEqual(received, [bytes([4, 2, n >> 8, n & 0xFF]) for n in range(count)])

    def test_requests_that_are_not_in_the_recording_cost_it_nothing(self):
        count = 20_000
        path = self.file("long.jsonl", "".join(
            json.dumps({"ts": 1000 + n, "op": "read_input", "unit": 1, "addr": 0, "count": 1, "regs": [n]}) + "\n"
            for n in range(count)))
        broker = self.play(path, "--order", "strict", "--speed", "max")
        with tcp_client(broker) as client:
            for number in range(20):
                self.assertEqual(client.read_holding_registers(5).exception_code, ExcCodes.ILLEGAL_ADDRESS)
                self.assertEqual(client.read_input_registers(0).registers, [number])

    def test_each_request_is_answered_once_and_then_never_again(self):
        path = self.file("log", prototype_log(
            (0, 9, rtu.read(0, 1), rtu.read_reply([1])), (50, 9, rtu.read(0, 1), None),
            (99, 9, rtu.read(0, 1), rtu.frame(1, bytes([0x83, 4])))))
        broker = self.play(path, "--order", "strict", "--rtimeout", "0.05")
        request = bytes([3, 0, 0, 0, 1])
        answers = [self.ask(broker, 1, request) for _ in range(4)]
        self.assertEqual([a.hex() for a in answers], ["03020001", "830b", "8304", "8302"])


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
                self.assertEqual(status, 1)
                self.assertIn(str(path), line)
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
                (["--recording", good, "--capture", good], ["--capture", "recording"])):
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
