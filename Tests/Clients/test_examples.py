"""The files that users start from, and the stories of the how-tos that they belong to.

Of each file only what belongs to another machine is replaced: devices, addresses, paths, and the group of a port.
"""

import contextlib
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess

import yaml
from pymodbus import FramerType
from pymodbus.client import ModbusTcpClient, ModbusTlsClient

import rtu
from broker import CLEAN_ENVIRONMENT, PROGRAM, Broker, BrokerTestCase
from clients import connected, serial_client
from pty_port import PtyPort
from simulated_unit import SimulatedUnit
from tools import run_tool, serial_server
from waiting import LIMIT, eventually

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
HOW_TOS = sorted(path for path in (ROOT / "docs/how-to").glob("*.md") if path.name != "README.md")
FIXTURES = ROOT / "Tests/TransportTests/Fixtures"
CERTIFICATES = {"server.pem": "server.pem", "server.key": "server.key", "ca.pem": "client-ca.pem"}
ILLEGAL_FUNCTION, NO_WAY = 0x01, 0x0A
QUOTE = re.compile(r"\[examples/([\w-]+\.yaml)\]\(\.\./\.\./examples/\1\):\n\n```yaml\n(.*?)```", re.DOTALL)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class ExampleTestCase(BrokerTestCase):
    def bring_home(self, name, endpoints=(), dongles=(), addresses=None):
        """Writes the example as it can run here, and returns its path.

        `endpoints` and `dongles` are those of the lines, in their order; `addresses` has those of this machine by those
        of the example.
        """
        configuration = yaml.safe_load((ROOT / "examples" / name).read_text())
        for line, endpoint in zip(configuration["lines"], endpoints):
            line["endpoint"] = str(endpoint)
        for line, endpoint in zip(configuration["lines"], dongles):
            line["dongle"]["endpoint"] = str(endpoint)
        for listener in configuration.setdefault("listeners", [{"tcp": ""}]):
            self.bring_listener_home(listener)
        for part in ("log", "capture"):
            if configuration.get(part, {}).get("file", "none") != "none":
                configuration[part]["file"] = str(self.directory / f"{part}.jsonl")
        configuration["control"] = str(self.directory / "control")
        text = yaml.safe_dump(configuration, sort_keys=False)
        for there, here in (addresses or {}).items():
            self.assertIn(there, text, "it is not in the example")
            text = re.sub(rf"(?<![\d.]){re.escape(there)}(?![\d.])", here, text)
        path = self.directory / name
        path.write_text(text)
        return path

    def bring_listener_home(self, listener):
        kind = next(iter(listener))
        if kind == "pty":
            listener["pty"] = str(self.directory / pathlib.Path(listener["pty"]).name)
        else:
            # Not 0: listeners are told apart by their addresses.
            listener[kind] = f"127.0.0.1:{free_port()}"
        if "group" in listener:
            listener["group"] = os.getgid()
        for key in ("certificate", "key", "client-ca"):
            if key in listener:
                listener[key] = str(FIXTURES / CERTIFICATES[pathlib.Path(listener[key]).name])

    def start_example(self, name, *arguments, **others):
        broker = Broker("--config", self.bring_home(name, *arguments, **others), environment=CLEAN_ENVIRONMENT)
        self.addCleanup(broker.stop)
        broker.wait_for_message("listening on")
        return broker

    def line(self, name, **options):
        """A unit on a line of its own."""
        unit = SimulatedUnit(self.directory / name, **options)
        self.addCleanup(unit.close)
        return unit

    def dongle(self, name="dongle"):
        port = PtyPort(self.directory / name)
        self.addCleanup(port.unplug)
        return port

    def behind_serial_server(self, name):
        server = contextlib.ExitStack()
        self.addCleanup(server.close)
        port = server.enter_context(serial_server(self.directory / name))
        return f"rtuovertcp://127.0.0.1:{port}", server

    def client(self, port, source="127.0.0.1", **options):
        return connected(
            ModbusTcpClient(
                "127.0.0.1", port=port, timeout=5, retries=0, source_address=(source, 0), **options))

    def assert_reads(self, client, unit, address, count=2, device_id=1):
        answer = client.read_holding_registers(address, count=count, device_id=device_id)
        self.assertFalse(answer.isError(), answer)
        self.assertEqual(answer.registers, unit.holding.block(address, count))

    def assert_writes(self, client, unit, address, value, device_id=1):
        answer = client.write_register(address, value, device_id=device_id)
        self.assertFalse(answer.isError(), answer)
        self.assertEqual(unit.holding[address], value)

    def assert_write_is_refused(self, client, unit, address):
        before = len(unit.executed_writes)
        self.assertEqual(client.write_register(address, 1).exception_code, ILLEGAL_FUNCTION)
        self.assertEqual(len(unit.executed_writes), before)

    def assert_dongle_reads(self, dongle, unit, address, count=2):
        # The network in between may still be on its way; the dongle, too, asks again.
        expected = rtu.read_reply(unit.holding.block(address, count))

        def answered():
            dongle.send(rtu.read(address, count))
            return dongle.receive(2)

        received = eventually(answered, "an answer to the dongle")
        if len(received) < len(expected):
            received += dongle.receive_exactly(len(expected) - len(received))
        self.assertEqual(received.hex(), expected.hex())

    def assert_not_let_in(self, port, source):
        with socket.create_connection(("127.0.0.1", port), timeout=LIMIT, source_address=(source, 0)) as stranger:
            try:
                stranger.sendall(bytes.fromhex("000100000006010300000001"))
                self.assertEqual(stranger.recv(100), b"")
            except ConnectionResetError:
                pass

    def status(self):
        return json.loads(run_tool("status", "--json", "--control", self.directory / "control")[0])

    def names_of_clients(self):
        return {client["name"]: client["kind"] for client in self.status()["clients"]}


class AllExamplesTests(ExampleTestCase):
    def test_check_config_takes_every_example(self):
        self.assertGreaterEqual(len(EXAMPLES), 10)
        for example in EXAMPLES:
            with self.subTest(example.name):
                # The files of certificates have to be there, so that they can be checked.
                has_certificates = "certificate:" in example.read_text()
                path = self.bring_home(example.name) if has_certificates else example
                done = subprocess.run(
                    [PROGRAM, "check-config", str(path)], capture_output=True, text=True, env=CLEAN_ENVIRONMENT,
                    timeout=20)
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


class DongleAndHomeAssistantTests(ExampleTestCase):
    def test_the_dongle_and_home_assistant_share_the_line(self):
        dongle = self.dongle()
        broker = self.start_example(
            "dongle-and-home-assistant.yaml", [self.directory / "inverter"], [self.directory / "dongle"],
            addresses={"192.168.1.10": "127.0.0.1"})
        broker.wait_for_message("/inverter is open")
        broker.wait_for_message("/dongle is open")
        with self.client(broker.port) as client:
            self.assert_dongle_reads(dongle, self.unit, 43)
            self.assert_reads(client, self.unit, 3000, count=25)
            self.assert_writes(client, self.unit, 45, 2024)
            self.assert_dongle_reads(dongle, self.unit, 45)
        self.assertEqual(self.names_of_clients(), {"dongle": "dongle", "home-assistant": "tcp"})


class SerialServerTests(ExampleTestCase):
    def test_line_and_dongle_are_dialled(self):
        line, _ = self.behind_serial_server("inverter")
        dongle = self.dongle()
        place, server = self.behind_serial_server("dongle")
        broker = self.start_example("serial-server.yaml", [line], [place])
        broker.wait_for_message(f"inverter: {line} is connected")
        broker.wait_for_message(f"shine: {place} is connected")
        with self.client(broker.port) as client:
            self.assert_dongle_reads(dongle, self.unit, 43)
            self.assert_reads(client, self.unit, 3000)
            self.assert_writes(client, self.unit, 45, 2024)
            server.close()
            broker.wait_for_message(f"shine: {place} is gone")
            self.assert_reads(client, self.unit, 3000)

    def test_the_dongles_serial_server_dials_in(self):
        dongle = self.dongle()
        broker = self.start_example(
            "serial-server-dials-in.yaml", [self.directory / "inverter"], ["listen+rtuovertcp://127.0.0.1:0"],
            addresses={"192.168.1.21": "127.0.0.2"})
        broker.wait_for_message("/inverter is open")
        port = int(broker.wait_for_message("shine: waiting for it at").rpartition(":")[2])
        self.assert_not_let_in(port, "127.0.0.3")
        server = subprocess.Popen(
            ["socat", f"TCP:127.0.0.1:{port},bind=127.0.0.2,nodelay", f"FILE:{self.directory}/dongle,raw,echo=0"])
        self.addCleanup(server.wait, LIMIT)
        self.addCleanup(server.kill)
        broker.wait_for_message("is connected")
        self.assert_dongle_reads(dongle, self.unit, 43)
        self.assert_not_let_in(port, "127.0.0.3")
        self.assert_dongle_reads(dongle, self.unit, 44)
        with self.client(broker.port) as client:
            self.assert_reads(client, self.unit, 3000)


class TwoInvertersTests(ExampleTestCase):
    def test_each_is_reached_by_its_number_and_by_its_listener(self):
        house, garage = self.unit, self.line("garage")
        house.holding.store(3000, [1, 2])
        garage.holding.store(3000, [11, 12])
        dongles = [self.dongle("house-dongle"), self.dongle("garage-dongle")]
        line, server = self.behind_serial_server("garage")
        place, _ = self.behind_serial_server("garage-dongle")
        broker = self.start_example(
            "two-inverters.yaml", [self.directory / "inverter", line], [self.directory / "house-dongle", place])
        broker.wait_for_message("house: ")
        broker.wait_for_message(f"garage: {line} is connected")
        broker.wait_for_message("shine:garage: ")
        both, house_alone, garage_alone = (self.client(port) for port in broker.ports)
        with both as both, house_alone as house_alone, garage_alone as garage_alone:
            self.assert_reads(both, house, 3000, device_id=1)
            self.assert_reads(both, garage, 3000, device_id=11)
            self.assert_reads(house_alone, house, 3000)
            self.assert_reads(garage_alone, garage, 3000)
            self.assert_writes(both, garage, 45, 11, device_id=11)
            for dongle, unit in zip(dongles, (house, garage)):
                self.assert_dongle_reads(dongle, unit, 3000)
            self.assertEqual({request.unit for request in garage.requests}, {1})
            server.close()
            broker.wait_for_message(f"garage: {line} is gone")
            self.assertEqual(both.read_holding_registers(3000, device_id=11).exception_code, NO_WAY)
            self.assert_reads(both, house, 3000, device_id=1)
        self.assertEqual([(line["name"], line["state"]) for line in self.status()["lines"]],
                         [("house", "open"), ("garage", "closed")])
        self.assertLessEqual({"house-dongle", "garage-dongle"}, set(self.names_of_clients()))


class EvccAndHomeAssistantTests(ExampleTestCase):
    HOME_ASSISTANT, EVCC = "127.0.0.1", "127.0.0.2"

    def test_evcc_writes_and_home_assistant_reads(self):
        dongle = self.dongle()
        broker = self.start_example(
            "evcc-and-home-assistant.yaml", [self.directory / "inverter"], [self.directory / "dongle"],
            addresses={"192.168.1.10": self.HOME_ASSISTANT, "192.168.1.11": self.EVCC})
        broker.wait_for_message("/inverter is open")
        broker.wait_for_message("/dongle is open")
        for_evcc, for_everybody = broker.ports
        with self.client(for_evcc, self.EVCC) as evcc, self.client(for_everybody, self.HOME_ASSISTANT) as assistant:
            self.assert_reads(evcc, self.unit, 3000)
            self.assert_reads(assistant, self.unit, 3010)
            self.assert_dongle_reads(dongle, self.unit, 43)
            self.assert_writes(evcc, self.unit, 1044, 1)
            self.assert_write_is_refused(assistant, self.unit, 1044)
            self.assert_not_let_in(for_evcc, self.HOME_ASSISTANT)
        self.assertEqual(
            self.names_of_clients(), {"dongle": "dongle", "evcc": "tcp", "home-assistant": "tcp"})
        self.assertEqual(self.status()["refused"]["address"], 1)


class VirtualSerialPortsTests(ExampleTestCase):
    def test_programs_on_their_ports_share_the_adapter(self):
        broker = self.start_example(
            "virtual-serial-ports.yaml", [self.directory / "inverter"],
            addresses={f"/run/growatt-broker/{name}:": f"{self.directory}/{name}:" for name in ("solar-logger", "dashboard")})
        broker.wait_for_message("/inverter is open")
        logger, dashboard = self.directory / "solar-logger", self.directory / "dashboard"
        self.assertEqual(logger.stat().st_mode & 0o777, 0o660)
        rtu_port, tcp_port = broker.ports
        # As the how-to has it for a program in a container that can only open a device.
        container_port = self.directory / "container"
        socat = subprocess.Popen(
            ["socat", f"PTY,link={container_port},raw,echo=0", f"TCP:127.0.0.1:{rtu_port},nodelay"])
        self.addCleanup(socat.wait, LIMIT)
        self.addCleanup(socat.kill)
        eventually(container_port.exists, "socat's pseudo-terminal")
        with serial_client(container_port, timeout=5) as client:
            self.assert_reads(client, self.unit, 3050)
        container = self.client(rtu_port, framer=FramerType.RTU)
        with serial_client(logger) as first, serial_client(dashboard) as second, container as container:
            self.assert_reads(first, self.unit, 3000)
            self.assert_reads(second, self.unit, 3010)
            self.assert_reads(container, self.unit, 3020)
            self.assert_writes(first, self.unit, 45, 2024)
            self.assert_write_is_refused(second, self.unit, 45)
            with self.client(tcp_port) as client:
                self.assert_reads(client, self.unit, 3030)
        with serial_client(logger) as next_one:
            self.assert_reads(next_one, self.unit, 3040)
        names = self.names_of_clients()
        self.assertEqual((names["solar-logger"], names["dashboard"]), ("pty", "pty"))
        broker.stop()
        self.assertFalse(logger.is_symlink())


class LockedDownNetworkTests(ExampleTestCase):
    READER, STRANGER, ROUTER = "127.0.0.2", "127.0.0.9", "127.0.0.66"

    def tls_client(self, port, certificate):
        context = ssl.create_default_context(cafile=FIXTURES / "server-ca.pem")
        # pymodbus does not tell the name that it connects to.
        context.check_hostname = False
        context.load_cert_chain(FIXTURES / certificate, FIXTURES / "client.key")
        return connected(ModbusTlsClient("127.0.0.1", port=port, sslctx=context, timeout=5, retries=0))

    def test_who_may_do_what(self):
        broker = self.start_example(
            "locked-down-network.yaml", [self.directory / "inverter"],
            addresses={
                "192.168.1.10": self.READER, "192.168.1.11": "127.0.0.3", "192.168.1.1": self.ROUTER,
                "192.168.1.0/24": "127.0.0.0/24"})
        broker.wait_for_message("/inverter is open")
        here, network, secure = broker.ports
        with self.client(here) as client:
            self.assert_writes(client, self.unit, 45, 2024)
        with self.client(network, self.READER) as client:
            self.assert_reads(client, self.unit, 3000)
            self.assert_write_is_refused(client, self.unit, 45)
        with self.tls_client(secure, "writer.pem") as client:
            self.assert_writes(client, self.unit, 45, 2025)
        for certificate in ("reader.pem", "no-role.pem"):
            with self.tls_client(secure, certificate) as client:
                self.assert_reads(client, self.unit, 3000)
                self.assert_write_is_refused(client, self.unit, 45)
        self.assert_not_let_in(network, self.STRANGER)
        for port in broker.ports:
            self.assert_not_let_in(port, self.ROUTER)
        self.assertEqual(self.status()["refused"]["address"], 4)
        path = self.directory / "log.jsonl"
        writes = self.wait_for_entries(4, path, role="REQ", func=6)
        self.assertIn("TLS:evcc", {entry["from_client"] for entry in writes})
