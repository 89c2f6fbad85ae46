"""The files that users start from, as they can run here.

Of each file only what belongs to another machine is replaced: devices, ports, paths, the group of a port, and the
network 192.168.1.0/24, which is 127.1.1.0/24 here. Hosts stay: what listens at 0.0.0.0 is reached from that network,
what listens at 127.0.0.1 is not.
"""

import contextlib
import json
import os
import pathlib
import re
import socket

import yaml
from pymodbus.client import ModbusTcpClient

import rtu
from broker import CLEAN_ENVIRONMENT, Broker, BrokerTestCase
from clients import connected
from configured import free_port
from pty_port import PtyPort
from simulated_unit import SimulatedUnit
from tools import run_tool, serial_server
from waiting import LIMIT, eventually

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
HOW_TOS = sorted(path for path in (ROOT / "docs/how-to").glob("*.md") if path.name != "README.md")
FIXTURES = ROOT / "Tests/TransportTLSTests/Fixtures"
CERTIFICATES = {"server.pem": "server.pem", "server.key": "server.key", "ca.pem": "client-ca.pem"}
ILLEGAL_FUNCTION = 0x01
# Every address of the network is one of 127.0.0.0/8 here, so that `loopback` would be all of them.
PLACES = {r"\b192\.168\.1\.": "127.1.1.", r"\bloopback\b": "127.0.0.1"}
THIS_MACHINE, BROKER, HOME_ASSISTANT, NEIGHBOUR = "127.0.0.1", "127.1.1.5", "127.1.1.10", "127.1.1.77"


def at_other_port(place, port):
    return f"{place.rpartition(':')[0]}:{port}"


def reached_at(source):
    """The broker's address for a client with this one."""
    return THIS_MACHINE if source == THIS_MACHINE else BROKER


class ExampleTestCase(BrokerTestCase):
    def bring_home(self, name, endpoints=(), dongles=()):
        """Writes the example as it can run here, and returns its path.

        `endpoints` and `dongles` are those of the lines, in their order; what dials in does so at any port.
        """
        configuration = yaml.safe_load((ROOT / "examples" / name).read_text())
        for line, endpoint in zip(configuration["lines"], endpoints):
            line["endpoint"] = str(endpoint)
        for line, endpoint in zip(configuration["lines"], dongles):
            line["dongle"]["endpoint"] = str(endpoint)
        for port in [port for line in configuration["lines"] for port in (line, line.get("dongle", {}))]:
            if port.get("endpoint", "").startswith("listen+"):
                port["endpoint"] = at_other_port(port["endpoint"], 0)
        for listener in configuration.setdefault("listeners", [{"tcp": "127.0.0.1:5020"}]):
            self.bring_listener_home(listener)
        for part in ("log", "capture"):
            if configuration.get(part, {}).get("file", "none") != "none":
                configuration[part]["file"] = str(self.directory / f"{part}.jsonl")
        configuration["control"] = str(self.directory / "control")
        text = yaml.safe_dump(configuration, sort_keys=False).replace("/run/growatt-broker/", f"{self.directory}/")
        for there, here in PLACES.items():
            text = re.sub(there, here, text)
        path = self.directory / name
        path.write_text(text)
        return path

    def bring_listener_home(self, listener):
        kind = next(iter(listener))
        if kind != "pty":
            # Not 0: listeners are told apart by their addresses.
            listener[kind] = at_other_port(listener[kind], free_port())
        if "group" in listener:
            listener["group"] = os.getgid()
        for key in ("certificate", "key", "client-ca"):
            if key in listener:
                listener[key] = str(FIXTURES / CERTIFICATES[pathlib.Path(listener[key]).name])

    def start_example(self, name, *arguments):
        broker = Broker("--config", self.bring_home(name, *arguments), environment=CLEAN_ENVIRONMENT)
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

    def client(self, port, source=THIS_MACHINE, **options):
        return connected(
            ModbusTcpClient(
                reached_at(source), port=port, timeout=5, retries=0, source_address=(source, 0), **options))

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

    def assert_only_reads(self, port, source, unit, **options):
        with self.client(port, source, **options) as client:
            self.assert_reads(client, unit, 3000)
            self.assert_write_is_refused(client, unit, 45)

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

    def assert_not_let_in(self, port, source, place=BROKER):
        with socket.create_connection((place, port), timeout=LIMIT, source_address=(source, 0)) as stranger:
            try:
                stranger.sendall(bytes.fromhex("000100000006010300000001"))
                self.assertEqual(stranger.recv(100), b"")
            except ConnectionResetError:
                pass

    def assert_only_on_this_machine(self, port):
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection((BROKER, port), timeout=LIMIT)

    def status(self):
        return json.loads(run_tool("status", "--json", "--control", self.directory / "control")[0])

    def names_of_clients(self):
        """{name: kind} of those that have one."""
        return {client["name"]: client["kind"] for client in self.status()["clients"] if client.get("name")}
