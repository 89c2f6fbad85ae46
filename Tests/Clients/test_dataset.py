"""Clients of simulated units: over TCP, at a pseudo-terminal, and through a gateway before it."""

import json
import pathlib
import subprocess

from pymodbus.constants import ExcCodes

import mbpoll
from broker import ENVIRONMENT, FAST, PROGRAM
from clients import raw_connection, receive_frames, serial_client, tcp_client, tcp_read
from dataset import TABLES, DatasetTestCase, blocks, units
from waiting import eventually

DATASETS = pathlib.Path(__file__).parents[2] / "Sources/CResources/Datasets"
DATASET = {
    "_source": "a test",
    "_list": [1, {"a": None}],
    "holding": {"0": 11, "1": -1, "2": -32768, "30": 65535, "31": 0, "65535": 9},
    "input": {str(address): address - 130 for address in range(260)},
    "meter": {"10": 7, "11": -500},
    "units": {"2": {"_note": "x", "holding": {"0": 22}, "input": {"3000": -2}, "meter": {"10": 8}}},
}


class ValueTests(DatasetTestCase):
    def setUp(self):
        super().setUp()
        self.path = self.directory / "unit"
        self.broker = self.serve(DATASET, "--pty", self.path)
        self.broker.wait_for_message("units answer here")

    def clients(self):
        return tcp_client(self.broker), serial_client(self.path)

    def test_pymodbus_reads_every_value_over_tcp_and_on_the_line(self):
        for connection in self.clients():
            with connection as client:
                self.assert_holds(client, DATASET)

    def test_mbpoll_reads_every_value_over_tcp_and_on_the_line(self):
        tables = {"holding": "4", "input": "3"}  # It knows no function 0x20.
        for mbpoll_at, place in ((mbpoll.over_tcp, self.broker.port), (mbpoll.over_serial, self.path)):
            for unit, table, address, values in blocks(DATASET):
                if table in tables:
                    status, output = mbpoll_at(
                        place, "-t", tables[table], "-r", address, "-c", len(values), unit=unit)
                    self.assertEqual((status, mbpoll.values(output)), (0, values), output)

    def test_what_is_written_with_any_function_is_read_back_by_all(self):
        tcp, serial = self.clients()
        with tcp as writer, serial as reader:
            for client, other in ((writer, reader), (reader, writer)):
                self.assertFalse(client.write_register(30, 100).isError())
                self.assertFalse(client.write_registers(31, [1, 2, 3]).isError())
                self.assertFalse(client.mask_write_register(address=31, and_mask=0xFF00, or_mask=0x0042).isError())
                both = client.readwrite_registers(read_address=30, read_count=4, write_address=33, values=[9])
                self.assertEqual(both.registers, [100, 0x0042, 2, 9])
                self.assertEqual(other.read_holding_registers(30, count=4).registers, [100, 0x0042, 2, 9])
                self.assertFalse(client.write_registers(30, [0, 0, 0, 0]).isError())
            self.assertEqual(reader.read_holding_registers(0, device_id=2).registers, [22])

    def test_mbpoll_writes_on_the_line_and_reads_it_back(self):
        status, output = mbpoll.over_serial(self.path, "-t", "4", "-r", "45", write=["25", "9"])
        self.assertEqual(status, 0, output)
        _, output = mbpoll.over_tcp(self.broker.port, "-t", "4", "-r", "45", "-c", "2")
        self.assertEqual(mbpoll.values(output), [25, 9], output)

    def test_a_missing_register_reads_0_and_a_missing_unit_is_silent(self):
        tcp, serial = self.clients()
        with tcp as client:
            self.assertEqual(client.read_holding_registers(32, count=2).registers, [0, 0])
            self.assertEqual(
                client.read_holding_registers(0, device_id=9).exception_code, ExcCodes.GATEWAY_NO_RESPONSE)
        with serial as client:
            self.assertEqual(client.read_holding_registers(32, count=2).registers, [0, 0])


class StrictTests(DatasetTestCase):
    def test_a_missing_register_is_exception_2(self):
        path = self.directory / "unit"
        broker = self.serve(DATASET, "--strict", "--pty", path)
        broker.wait_for_message("units answer here")
        for connection in (tcp_client(broker), serial_client(path)):
            with connection as client:
                self.assertEqual(client.read_holding_registers(30, count=2).registers, [65535, 0])
                refused = [client.read_holding_registers(30, count=3), client.write_register(32, 1)]
                self.assertEqual([reply.exception_code for reply in refused], [ExcCodes.ILLEGAL_ADDRESS] * 2)


class RegisterScanTests(DatasetTestCase):
    """A register scan of the Home Assistant integration Growatt_ModbusTCP; the device's data are invented."""

    SCAN = "\r\n".join((
        "SCAN METADATA", "Timestamp,2026-08-01T12:00:00+02:00", "Connection,192.0.2.7:502", "",
        "REGISTER DATA", "", "Register,Hex,Raw Value,×0.1,×0.01,Signed,Suggested Match,Status/Comment", "",
        "--- Base Range 0-124 ---", "0,0x0000,1,0.1,0.01,1,,Read OK", "1,0x0001,0,0.0,0.00,0,,Read OK (zero value)",
        '2,0x0002,,,,,,"Modbus Error: ExceptionResponse(132, 4, 2)"', "", "--- Legacy Holding 0-124 (Holding Registers) ---",
        "H30,0x001E,65535,6553.5,655.35,-1,,Read OK", ""))

    def test_is_served_as_unit_1_and_what_was_not_read_is_exception_2(self):
        broker = self.start(
            "run", "--mode", "dataset", "--dataset", self.file("scan.csv", self.SCAN), "--tcp", "127.0.0.1:0")
        with tcp_client(broker) as client:
            self.assertEqual(client.read_input_registers(0, count=2).registers, [1, 0])
            self.assertEqual(client.read_holding_registers(30, count=1).registers, [65535])
            refused = [client.read_input_registers(1, count=2), client.read_holding_registers(0, count=1)]
            self.assertEqual([reply.exception_code for reply in refused], [ExcCodes.ILLEGAL_ADDRESS] * 2)

    def test_what_is_wrong_is_named_with_its_line(self):
        path = self.file("scan.csv", self.SCAN.replace("0,0x0000,1,", "0,0x0000,1.5,"))
        done = subprocess.run(
            [PROGRAM, "run", "--mode", "dataset", "--dataset", path], capture_output=True, text=True,
            env=ENVIRONMENT, timeout=20)
        self.assertEqual((done.returncode, done.stderr.splitlines()[-1]), (2, (
            f"growatt-broker: --dataset: {path}: line 10: Raw Value of register 0: expected 0 to 65535, or nothing if it was not "
            'read, not "1.5"')))


class TimeoutTests(DatasetTestCase):
    def test_a_missing_unit_is_waited_for_as_long_as_rtimeout_says(self):
        log = self.directory / "wire.log"
        broker = self.serve(DATASET, "--rtimeout", "0.05", "--log", log)
        with tcp_client(broker) as client:
            self.assertTrue(client.read_holding_registers(0, device_id=9).isError())
        broker.stop()
        replies = [e for e in map(json.loads, log.read_text().splitlines()) if e["role"] == "RSP"]
        self.assertEqual([e["outcome"] for e in replies], ["timeout"])
        self.assertGreaterEqual(replies[0]["rtt_ms"], 50)
        self.assertLess(replies[0]["rtt_ms"], 800)


class StopTests(DatasetTestCase):
    def test_what_runs_is_answered_and_logged_before_the_end(self):
        for number, options in enumerate((["--reply-time", "5"], ["--faults", "delay by 5s"], ["--faults", "loss"])):
            with self.subTest(options):
                log = self.directory / f"{number}.log"
                broker = self.serve(DATASET, "--log", log, "--client-timeout", "9", *options)
                with raw_connection(broker.port) as connection, connection.makefile("rb") as stream:
                    connection.sendall(tcp_read(7, 30, 2))
                    eventually(lambda: log.exists() and log.read_text(), "the request in the log")
                    broker.stop()
                    (transaction, _), = receive_frames(stream, 1)
                self.assertEqual(transaction, 7)
                self.assertEqual([json.loads(line)["role"] for line in log.read_text().splitlines()], ["REQ", "RSP"])


class WrongUseTests(DatasetTestCase):
    def test_is_one_line_that_names_what_is_wrong(self):
        bad = self.file("bad.json", {"holding": {"0": 70000}})
        good = self.file("good.json", DATASET)
        cases = [
            (2, [], "--dataset"), (2, ["--dataset", good, "--inverter", "/dev/null"], "--inverter"),
            (2, ["--dataset", good, "--read-limit", "7"], "--read-limit"), (2, ["--dataset", bad], f"--dataset: {bad}: holding.0: "),
            (2, ["--dataset", self.directory / "missing.json"], "missing.json"),
        ]
        for status, options, named in cases:
            with self.subTest(options):
                done = subprocess.run(
                    [PROGRAM, "run", "--mode", "dataset", "--tcp", "127.0.0.1:0", *map(str, options)],
                    capture_output=True, text=True, env=ENVIRONMENT, timeout=10)
                self.assertEqual(done.returncode, status, done.stderr)
                lines = [line for line in done.stderr.splitlines() if ", dataset " not in line and "timeout" not in line]
                self.assertEqual(len(lines), 1, done.stderr)
                self.assertIn(named, lines[0])


class CircleTests(DatasetTestCase):
    """A dataset, served on a line, captured by a gateway on it, and compacted, is the dataset."""

    def compacted(self, recording):
        out = self.directory / "again.json"
        subprocess.run(
            [PROGRAM, "compact", recording, "--out", out, "--force"], check=True, capture_output=True, env=ENVIRONMENT,
            timeout=30)
        return json.loads(out.read_text())

    def assert_circle(self, name, dataset):
        stem = pathlib.Path(name).stem
        path, session = self.directory / f"{stem}-unit", self.directory / f"{stem}.jsonl"
        served = self.start("run", "--mode", "dataset", "--dataset", name, "--pty", path)
        served.wait_for_message("units answer here")
        reads = [f"{unit}/{table}:{first}-{first + len(values) - 1}" for unit, table, first, values in blocks(dataset)]
        capture = self.start("capture", "--inverter", path, *FAST, "--poll", ",".join(reads), "--out", session)
        eventually(lambda: len(self.entries(session)) >= len(reads), "a whole round")
        capture.stop()
        self.assert_same_registers(self.compacted(session), dataset)

    def assert_same_registers(self, compacted, dataset):
        again = dict(units(compacted))
        for unit, part in units(dataset):
            for table in TABLES:
                expected = {address: value % 0x10000 for address, value in part.get(table, {}).items()}
                self.assertEqual(again[unit].get(table, {}), expected, (unit, table))

    def test_of_the_shipped_datasets(self):
        for path in sorted(DATASETS.glob("*.json")):
            with self.subTest(path.stem):
                self.assert_circle(path.stem, json.loads(path.read_text()))

    def test_of_two_units(self):
        self.assert_circle(self.file("two.json", DATASET), DATASET)

    def test_a_capture_of_the_dataset_itself_has_every_value(self):
        session = self.directory / "session.jsonl"
        capture = self.start(
            "capture", "--mode", "dataset", "--dataset", self.file("two.json", DATASET), "--out", session)
        # The last block of a round.
        eventually(lambda: self.entries(session, unit=2, op="raw"), "the meter of unit 2")
        capture.stop()
        self.assert_same_registers(self.compacted(session), DATASET)

    def entries(self, session, **fields):
        if not session.exists():
            return []
        return [e for e in map(json.loads, session.read_text().split("\n")[:-1]) if fields.items() <= e.items()]
