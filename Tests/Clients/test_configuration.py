"""Configuration files, seen from outside: the examples, the schema for editors, and where values come from."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import jsonschema
import yaml

from broker import CLEAN_ENVIRONMENT, PROGRAM, Broker, BrokerTestCase
from clients import tcp_client

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
RECORDING = str(ROOT / "Tests/Packaging/releases/0.1.0/files/wire.jsonl")
SCHEMA = json.loads((ROOT / "docs/growatt-broker.schema.json").read_text())


def check(*paths, **variables):
    return subprocess.run(
        [PROGRAM, "check-config", *map(str, paths)], capture_output=True, text=True, env=CLEAN_ENVIRONMENT | variables,
        timeout=20)


class CheckTests(unittest.TestCase):
    def test_without_a_file_variables_are_checked_as_the_gateway_takes_them(self):
        done = check(INV_DEV="/dev/ttyUSB0", MIN_PERIOD="1.5")
        self.assertEqual(done.returncode, 0, done.stderr)
        line, = yaml.safe_load(done.stdout)["lines"]
        self.assertEqual((line["endpoint"], line["min-period"]), ("/dev/ttyUSB0", 1.5))
        wrong = check(INV_DEV="/dev/ttyUSB0", MIN_PERIOD="soon")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn('MIN_PERIOD "soon": expected 0 to 1 h', wrong.stderr)

    def test_every_fault_has_a_line_in_the_order_of_the_file(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("logg: 1\nlines:\n  - endpoint: 10.0.0.5:8899\n    baud: fast\nclients: {limit: 0}\n")
            file.flush()
            done = check(file.name)
            places = [line.split(": ")[1] for line in done.stderr.splitlines()]
            self.assertEqual(places, [f"{file.name}:{place}" for place in ("1:1", "3:15", "4:11", "5:18")])
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean rtuovertcp://10.0.0.5:8899 (a serial server) or tcp://10.0.0.5:8899", done.stderr)

    def test_a_dataset_without_registers_is_refused(self):
        with tempfile.TemporaryDirectory() as directory:
            dataset = pathlib.Path(directory, "empty.json")
            dataset.write_text("{}")
            file = pathlib.Path(directory, "config.yaml")
            file.write_text(f"lines: [{{dataset: {{name: {dataset}}}}}]")
            done = check(file)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no register in it", done.stderr)

    def test_the_schema_is_that_of_no_file(self):
        done = check("--schema", "config.yaml")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn('--schema: expected no file with it, not "config.yaml"', done.stderr)

    def test_the_file_that_a_variable_names_is_checked_too(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("lines: [{endpoint: /dev/ttyUSB0, min-perod: 1}]")
            file.flush()
            self.assertIn(f"{file.name}:1:", check(GROWATT_BROKER_CONFIG=file.name).stderr)

    def test_the_page_quotes_what_is_printed_of_its_file(self):
        page = (ROOT / "docs/configuration.md").read_text()
        quoted = page.split("$ RTIMEOUT=0.5 growatt-broker check-config my.yaml\n")[1].split("…\n")[0]
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory, "my.yaml")
            file.write_text("lines:\n  - endpoint: /dev/ttyUSB0\n    baud: 115200\n    min-period: 1\n")
            said = check(file, RTIMEOUT="0.5").stdout.replace(str(file), file.name)
        self.assertTrue(said.startswith(quoted), said)


class SchemaTests(unittest.TestCase):
    LINE = {"endpoint": "/dev/ttyUSB0"}
    RIGHT = [
        {"lines": [LINE]},
        {"lines": [LINE | {"min-period": 0.5, "silence": "auto", "baud": 115200, "format": "8e1"}]},
        {"lines": [LINE | {"min-period": "500ms", "silence": 0, "rs485": "high", "poll": "input:0-9"}]},
        {"lines": [LINE | {"dongle": {"endpoint": "/dev/s", "timeout": "2s", "firmware-writes": 31}}]},
        {"lines": [LINE | {"dongle": {"endpoint": "/dev/s", "firmware-writes": [31, 32]}}]},
        {"lines": [{"dataset": {"name": "sph-6000", "profiles": "static", "read-limit": 45, "seed": 0}}]},
        {"lines": [{"dataset": {"name": "sph-6000", "start-time": "06:30", "read-limit": "none"}}]},
        {"lines": [{"recording": {"file": RECORDING, "speed": "max", "order": "strict"}}]},
        {"lines": [LINE], "listeners": [{"tcp": "*:502"}, {"sniff": "[::1]:5021"}], "control": "none"},
        {"lines": [LINE], "clients": {"limit": 5, "names": {"10.0.0.1": "evcc"}}, "duration": "1h"},
        {"lines": [LINE], "log": {"file": "none", "max-size": "10M", "level": "debug"}, "capture": {"file": "c"}},
    ]
    WRONG = [
        {"lins": []}, {"lines": {}}, {"lines": [LINE | {"min-perod": 1}]}, {"lines": [LINE | {"baud": "fast"}]},
        {"lines": [LINE | {"baud": 49}]}, {"lines": [LINE | {"format": "9N1"}]}, {"lines": [LINE | {"retries": 11}]},
        {"lines": [LINE | {"local-echo": "maybe"}]}, {"lines": [LINE | {"min-period": "soon"}]},
        {"lines": [LINE | {"rs485": "up"}]}, {"lines": [LINE | {"dongle": "/dev/s"}]},
        {"lines": [LINE | {"dongle": {"endpoint": "/dev/s", "firmware-writes": [70000]}}]},
        {"lines": [{"dataset": {"name": "x", "read-limit": 46}}]}, {"lines": [{"recording": {"file": "x", "order": "up"}}]},
        {"lines": [LINE], "listeners": ["*:502"]}, {"lines": [LINE], "listeners": [{"tcp": "here"}]},
        {"lines": [LINE], "clients": {"names": {"10.0.0.1": "a b"}}}, {"lines": [LINE], "log": {"level": "loud"}},
        {"lines": [LINE], "log": {"max-size": "10T"}}, {"lines": [LINE], "capture": []},
    ]

    def takes(self, configuration):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump(configuration, file, default_style=None)
            file.flush()
            return check(file.name).returncode == 0

    def test_the_schema_is_one(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_schema_and_loader_take_and_refuse_the_same(self):
        validator = jsonschema.Draft202012Validator(SCHEMA)
        for expected, configurations in ((True, self.RIGHT), (False, self.WRONG)):
            for configuration in configurations:
                with self.subTest(configuration):
                    self.assertEqual(self.takes(configuration), expected)
                    self.assertEqual(validator.is_valid(configuration), expected)

    def test_examples_fit_the_schema(self):
        for example in EXAMPLES:
            with self.subTest(example.name):
                jsonschema.validate(yaml.safe_load(example.read_text()), SCHEMA)


class CaptureTests(BrokerTestCase):
    def test_capture_reads_what_the_file_says_and_lets_in_whom_it_says(self):
        path, out = self.directory / "c.yaml", self.directory / "out.jsonl"
        path.write_text(
            f"lines: [{{endpoint: {self.directory}/inverter, poll: 'holding:7'}}]\n"
            "listeners: [{tcp: '127.0.0.1:0'}]\ncontrol: none\n")
        broker = Broker("capture", "--config", path, "--out", out, environment=CLEAN_ENVIRONMENT)
        self.addCleanup(broker.stop)
        with tcp_client(broker) as client:
            broker.wait_for_message("/inverter is open")
            self.assertFalse(client.read_input_registers(3).isError())
            self.wait_for_entries(1, out, op="read_holding", addr=7)
            self.wait_for_entries(1, out, op="read_input", addr=3)


class OriginTests(BrokerTestCase):
    def test_check_config_tells_where_each_value_comes_from(self):
        path = self.directory / "c.yaml"
        path.write_text("lines:\n  - endpoint: /dev/ttyUSB0\n    retries: 3\n")
        done = check(path, MIN_PERIOD="1", GROWATT_BROKER_RTIMEOUT="0.5", GROWATT_BROKER_RTIMOUT="1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, rf"retries: 3 +# {path}:3\n")
        self.assertRegex(done.stdout, r"min-period: 1 +# MIN_PERIOD\n")
        self.assertRegex(done.stdout, r"rtimeout: 0.5 +# GROWATT_BROKER_RTIMEOUT\n")
        self.assertIn("did you mean GROWATT_BROKER_RTIMEOUT?", done.stderr)

    def test_a_wrong_file_is_one_line_and_status_2(self):
        path = self.directory / "c.yaml"
        for text, words in (
                ("lines:\n  - endpoint: /dev/ttyUSB0\n    min-perod: 1\n", f"{path}:3:5: lines[0].min-perod: unknown key; did"),
                ("lines: [\n", f"{path}:2:1: no YAML"), ("", f"{path}: lines is missing"),
                ("lines:\n  - endpoint: /dev/ttyUSB0\n    faults: lose 5%\n", "lose")):
            with self.subTest(text):
                path.write_text(text)
                done = check(path)
                self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)
                self.assertIn(words, done.stderr)

    def test_a_file_that_is_not_there_is_named(self):
        done = check(self.directory / "absent.yaml")
        self.assertEqual(done.returncode, 2)
        self.assertIn("absent.yaml: cannot be opened: No such file", done.stderr)

    def test_the_prototypes_variables_start_the_gateway(self):
        variables = {
            "INV_DEV": str(self.directory / "inverter"), "SHINE_DEV": str(self.directory / "inverter"), "INV_BAUD": "9600",
            "TCP_BIND": "127.0.0.1:0", "MIN_PERIOD": "0", "LOG_PATH": "", "GROWATT_BROKER_CONTROL": "none"}
        broker = Broker(environment=CLEAN_ENVIRONMENT | variables)
        self.addCleanup(broker.stop)
        broker.wait_for_message("/inverter is open")
        with tcp_client(broker) as client:
            self.assertFalse(client.read_holding_registers(0).isError())
        self.assertIn("no dongle (--shine is the inverter's own device)", broker.messages[0])
