"""The files that users start from: all are taken, quoted as they are, and say what the how-tos say of them."""

import re
import subprocess

import yaml

from broker import CLEAN_ENVIRONMENT, PROGRAM, Broker
from examples import EXAMPLES, HOW_TOS, ROOT, ExampleTestCase
from settings_differences import differences

QUOTE = re.compile(r"\[examples/([\w-]+\.yaml)\]\(\.\./\.\./examples/\1\):\n\n```yaml\n(.*?)```", re.DOTALL)
# What the how-tos say in words and in the settings of clients, and what tests replace or cannot see.
TOLD = {
    "dongle-and-home-assistant.yaml": """
        lines: [{baud: 115200, min-period: 0.5, dongle: {baud: 115200}}]
        listeners: [{tcp: "0.0.0.0:5020"}]
        clients: {writers: [loopback, 192.168.1.10], timeout: 5}
        """,
    "serial-server.yaml": """
        lines: [{endpoint: "rtuovertcp://192.168.1.20:8899", rtimeout: 1.5, dongle: {endpoint: "rtuovertcp://192.168.1.21:8899"}}]
        listeners: [{tcp: "0.0.0.0:5020"}]
        clients: {writers: [loopback, 192.168.1.10], timeout: 5}
        """,
    "serial-server-dials-in.yaml": """
        lines: [{baud: 115200, dongle: {endpoint: "listen+rtuovertcp://0.0.0.0:8899"}}]
        listeners: [{tcp: "0.0.0.0:5020"}]
        clients: {allow: [127.0.0.1, 192.168.1.21, 192.168.1.10], writers: [loopback, 192.168.1.10]}
        """,
    "gateway-dials-in.yaml": """
        lines: [{endpoint: "listen+tcp://0.0.0.0:5502", allow: 192.168.1.20, rtimeout: 1.5}]
        listeners: [{tcp: "0.0.0.0:5020"}]
        clients: {writers: [loopback, 192.168.1.10], timeout: 5}
        """,
    "two-inverters.yaml": """
        lines:
          - {name: house, baud: 115200, dongle: {baud: 115200}}
          - {name: garage, endpoint: "rtuovertcp://192.168.1.20:8899", rtimeout: 1.5, units: {11: 1},
             dongle: {endpoint: "rtuovertcp://192.168.1.21:8899"}}
        listeners: [{tcp: "0.0.0.0:5020"}, {tcp: "0.0.0.0:5021", line: house}, {tcp: "0.0.0.0:5022", line: garage}]
        clients: {writers: [loopback, 192.168.1.10], timeout: 5}
        """,
    "off-grid-inverter.yaml": """
        lines: [{reads: off-grid, read-limit: 45}]
        listeners: [{tcp: "0.0.0.0:5020"}, {tcp: "0.0.0.0:5021", read-only: true, reads: {allow: ["input:0-89"]}}]
        clients: {writers: [loopback, 192.168.1.10], timeout: 5}
        """,
    "evcc-and-home-assistant.yaml": """
        lines: [{baud: 115200, dongle: {baud: 115200}}]
        listeners: [{tcp: "0.0.0.0:5020", allow: [192.168.1.11]}, {tcp: "0.0.0.0:5021", read-only: true}]
        clients: {timeout: 5, rate: 4}
        """,
    "virtual-serial-ports.yaml": """
        lines: [{baud: 9600}]
        listeners:
          - {pty: /run/growatt-broker/solar-logger, group: dialout, mode: "0660"}
          - {pty: /run/growatt-broker/dashboard, group: dialout, read-only: true}
          - {rtu-tcp: "0.0.0.0:5021", writers: [loopback, 192.168.1.0/24]}
          - {tcp: "127.0.0.1:5020"}
        clients: {timeout: 5}
        """,
    "locked-down-network.yaml": """
        listeners:
          - {tcp: "127.0.0.1:5020"}
          - {tcp: "0.0.0.0:5021", read-only: true, allow: [192.168.1.10, 192.168.1.11]}
          - {tls: "0.0.0.0:802", certificate: /etc/growatt-broker/tls/server.pem, key: /etc/growatt-broker/tls/server.key,
             client-ca: /etc/growatt-broker/tls/ca.pem}
        clients: {allow: [127.0.0.1, 192.168.1.0/24], deny: [192.168.1.1], limit: 32, limit-per-address: 8, rate: 5}
        log: {file: /var/log/growatt-broker/wire.jsonl}
        """,
}


def written(name):
    return yaml.safe_load((ROOT / "examples" / name).read_text())


def client_settings(name, key):
    """Those YAML blocks of a how-to that have this key; they belong to a client."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "docs/how-to" / name).read_text(), re.DOTALL | re.MULTILINE)
    return [yaml.safe_load(block) for block in blocks if re.search(rf"^{key}:", block, re.MULTILINE)]


class AllExamplesTests(ExampleTestCase):
    def test_check_config_takes_every_example(self):
        self.assertGreaterEqual(len(EXAMPLES), 10)
        for example in EXAMPLES:
            with self.subTest(example.name):
                # The files of certificates have to be there, so that they can be checked; and wire.jsonl.
                has_certificates = "certificate:" in example.read_text()
                path = self.bring_home(example.name) if has_certificates else example
                done = subprocess.run(
                    [PROGRAM, "check-config", str(path)], capture_output=True, text=True, env=CLEAN_ENVIRONMENT,
                    timeout=20, cwd=ROOT / "Tests/Packaging/releases/0.1.0/files")
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_how_to_has_an_example_and_quotes_it_as_it_is(self):
        self.assertGreaterEqual(len(HOW_TOS), 6)
        told = set()
        for how_to in HOW_TOS:
            with self.subTest(how_to.name):
                quotes = QUOTE.findall(how_to.read_text())
                self.assertTrue(quotes, "it quotes no example")
                for name, quote in quotes:
                    example = (ROOT / "examples" / name).read_text()
                    self.assertIn(quote, example)
                    self.assertIn(f"# How-to: docs/how-to/{how_to.name}\n", example)
                    told.add(name)
        named = {example.name for example in EXAMPLES if "# How-to: " in example.read_text()}
        self.assertEqual(named, told)

    def test_examples_without_a_how_to_serve_values(self):
        recorded = self.directory / "wire.jsonl"
        recorded.write_text(
            '{"ts": 1736868000.1, "op": "read_input", "unit": 1, "addr": 0, "count": 2, "regs": [1, 401]}\n')
        for example in EXAMPLES:
            text = example.read_text()
            if "# How-to: " in text:
                continue
            with self.subTest(example.name):
                has_line = "endpoint:" in text
                endpoints = [self.directory / "inverter"] if has_line else []
                path = self.bring_home(example.name, endpoints)
                path.write_text(path.read_text().replace("file: wire.jsonl", f"file: {recorded}"))
                broker = Broker("--config", path, environment=CLEAN_ENVIRONMENT)
                try:
                    broker.wait_for_message("listening on")
                    if has_line:
                        broker.wait_for_message(f"{self.directory}/inverter is open")
                    with self.client(broker.port) as client:
                        answers = [client.read_input_registers(0, count=2) for _ in range(5)]
                        self.assertTrue(any(not answer.isError() for answer in answers), answers)
                finally:
                    broker.stop()

    def test_they_say_what_the_how_tos_say_of_them(self):
        self.assertEqual(set(TOLD), {example.name for example in EXAMPLES if "# How-to: " in example.read_text()})
        for name, told in TOLD.items():
            with self.subTest(name):
                self.assertEqual(list(differences(yaml.safe_load(told), written(name), ("told", "written"))), [])

    def test_the_clients_settings_in_a_how_to_are_those_of_its_example(self):
        example = written("dongle-and-home-assistant.yaml")
        (assistant,) = client_settings("dongle-and-home-assistant.md", "modbus")
        self.assertEqual(
            (f"0.0.0.0:{assistant['modbus'][0]['port']}", assistant["modbus"][0]["timeout"]),
            (example["listeners"][0]["tcp"], example["clients"]["timeout"]))
        example = written("evcc-and-home-assistant.yaml")
        (evcc,) = client_settings("evcc-and-home-assistant.md", "meters")
        self.assertEqual(
            {f"0.0.0.0:{meter['port']}" for meter in evcc["meters"]}, {example["listeners"][0]["tcp"]})

    def test_where_the_network_may_write_it_is_said_who(self):
        for example in EXAMPLES:
            configuration = written(example.name)
            clients = configuration.get("clients", {})
            for listener in configuration.get("listeners", []):
                kind, place = next(iter(listener.items()))
                if kind in ("tcp", "rtu-tcp", "udp", "rtu-udp") and not place.startswith("127."):
                    with self.subTest(example.name, listener=place):
                        self.assertTrue(
                            listener.get("read-only") or listener.get("writers") or clients.get("writers")
                            or listener.get("allow"), "whoever reaches it may write")

    def test_two_attempts_fit_into_the_clients_time(self):
        for example in EXAMPLES:
            configuration = written(example.name)
            timeout = configuration.get("clients", {}).get("timeout", 3)
            for line in configuration["lines"]:
                reply_time = line.get("rtimeout", 0.9)
                if isinstance(reply_time, (int, float)):
                    self.assertGreaterEqual(timeout - 0.3, 2 * reply_time + line.get("min-period", 0.5), example.name)
