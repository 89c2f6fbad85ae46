"""The stories of the how-tos, with the examples that they belong to."""

import contextlib
import ssl
import subprocess

from pymodbus import FramerType
from pymodbus.client import ModbusTlsClient

from clients import connected, serial_client
from dialling_server import DiallingServer
from examples import BROKER, FIXTURES, HOME_ASSISTANT, NEIGHBOUR, ROOT, THIS_MACHINE, ExampleTestCase
from tools import run_tool
from waiting import LIMIT, eventually

ILLEGAL_ADDRESS, NO_WAY, NO_REPLY = 0x02, 0x0A, 0x0B


class DongleAndHomeAssistantTests(ExampleTestCase):
    def test_the_dongle_and_home_assistant_share_the_line(self):
        dongle = self.dongle()
        broker = self.start_example(
            "dongle-and-home-assistant.yaml", [self.directory / "inverter"], [self.directory / "dongle"])
        broker.wait_for_message("/inverter is open at 115200 8N1")
        broker.wait_for_message("/dongle is open at 115200 8N1")
        with self.client(broker.port, HOME_ASSISTANT) as client:
            self.assert_dongle_reads(dongle, self.unit, 43)
            self.assert_reads(client, self.unit, 3000, count=25)
            self.assert_writes(client, self.unit, 45, 2024)
            self.assert_dongle_reads(dongle, self.unit, 45)
        with self.client(broker.port, THIS_MACHINE) as client:
            self.assert_writes(client, self.unit, 45, 2025)
        self.assert_only_reads(broker.port, NEIGHBOUR, self.unit)
        self.assertEqual(self.names_of_clients(), {"dongle": "dongle", "home-assistant": "tcp"})


class SerialServerTests(ExampleTestCase):
    SERIAL_SERVER = "127.1.1.21"

    def test_line_and_dongle_are_dialled(self):
        line, _ = self.behind_serial_server("inverter")
        dongle = self.dongle()
        place, server = self.behind_serial_server("dongle")
        broker = self.start_example("serial-server.yaml", [line], [place])
        broker.wait_for_message(f"inverter: {line} is connected")
        broker.wait_for_message(f"shine: {place} is connected")
        with self.client(broker.port, HOME_ASSISTANT) as client:
            self.assert_dongle_reads(dongle, self.unit, 43)
            self.assert_reads(client, self.unit, 3000)
            self.assert_writes(client, self.unit, 45, 2024)
            server.close()
            broker.wait_for_message(f"shine: {place} is gone")
            self.assert_reads(client, self.unit, 3000)
        with self.client(broker.port, THIS_MACHINE) as client:
            self.assert_writes(client, self.unit, 45, 2025)
        self.assert_only_reads(broker.port, NEIGHBOUR, self.unit)

    def test_the_dongles_serial_server_dials_in(self):
        dongle = self.dongle()
        broker = self.start_example("serial-server-dials-in.yaml", [self.directory / "inverter"])
        broker.wait_for_message("/inverter is open at 115200 8N1")
        port = int(broker.wait_for_message("shine: waiting for it at 0.0.0.0:").rpartition(":")[2])
        self.assert_not_let_in(port, NEIGHBOUR)
        server = subprocess.Popen(
            ["socat", f"TCP:{BROKER}:{port},bind={self.SERIAL_SERVER},nodelay", f"FILE:{self.directory}/dongle,raw,echo=0"])
        self.addCleanup(server.wait, LIMIT)
        self.addCleanup(server.kill)
        broker.wait_for_message("is connected")
        self.assert_dongle_reads(dongle, self.unit, 43)
        self.assert_not_let_in(port, NEIGHBOUR)
        self.assert_dongle_reads(dongle, self.unit, 44)
        for value, source in enumerate((THIS_MACHINE, HOME_ASSISTANT), start=2024):
            with self.client(broker.port, source) as client:
                self.assert_reads(client, self.unit, 3000)
                self.assert_writes(client, self.unit, 45, value)
        self.assert_only_reads(broker.port, self.SERIAL_SERVER, self.unit)
        self.assert_not_let_in(broker.port, NEIGHBOUR)


class GatewayDialsInTests(ExampleTestCase):
    GATEWAY = "127.1.1.20"

    def test_the_gateway_that_is_allowed_dials_in_and_answers(self):
        broker = self.start_example("gateway-dials-in.yaml")
        port = int(broker.wait_for_message("inverter: waiting for it at 0.0.0.0:").rpartition(":")[2])
        self.assert_not_let_in(port, NEIGHBOUR)
        server = DiallingServer(port, lambda address: self.unit.holding[address], source=self.GATEWAY, host=BROKER)
        self.addCleanup(server.close)
        broker.wait_for_message("is connected")
        for source in (THIS_MACHINE, HOME_ASSISTANT):
            with self.client(broker.port, source) as client:
                self.assert_reads(client, self.unit, 3000)
        with self.client(broker.port, NEIGHBOUR) as client:
            self.assert_reads(client, self.unit, 3000)
            self.assert_write_is_refused(client, self.unit, 45)


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
        both, house_alone, garage_alone = (self.client(port, HOME_ASSISTANT) for port in broker.ports)
        with both as both, house_alone as house_alone, garage_alone as garage_alone:
            self.assert_reads(both, house, 3000, device_id=1)
            self.assert_reads(both, garage, 3000, device_id=11)
            self.assert_reads(house_alone, house, 3000)
            self.assert_reads(garage_alone, garage, 3000)
            self.assert_writes(both, garage, 45, 11, device_id=11)
            for client, unit in ((both, 12), (garage_alone, 11)):
                self.assertEqual(client.read_holding_registers(3000, device_id=unit).exception_code, NO_REPLY)
            for dongle, unit in zip(dongles, (house, garage)):
                self.assert_dongle_reads(dongle, unit, 3000)
            self.assertEqual({request.unit for request in garage.requests}, {1, 11})
            for port, unit in zip(broker.ports, (house, house, garage)):
                self.assert_only_reads(port, NEIGHBOUR, unit)
            server.close()
            broker.wait_for_message(f"garage: {line} is gone")
            self.assertEqual(both.read_holding_registers(3000, device_id=11).exception_code, NO_WAY)
            self.assert_reads(both, house, 3000, device_id=1)
        self.assertEqual([(line["name"], line["state"]) for line in self.status()["lines"]],
                         [("house", "open"), ("garage", "closed")])
        self.assertLessEqual({"house-dongle", "garage-dongle"}, set(self.names_of_clients()))

    def test_what_is_said_of_wrong_units_is_what_the_how_to_quotes(self):
        page = (ROOT / "docs/how-to/two-inverters.md").read_text()
        house, garage = "{name: house, endpoint: /dev/ttyUSB0", "{name: garage, endpoint: /dev/ttyUSB1"
        for lines, quote in (
                (f"[{house}}}, {garage}}}]", "units is missing, as it is in lines[0], and listeners[0] (tcp) reaches both"),
                (f"[{house}, units: {{11: 1}}}}, {garage}, units: {{11: 1}}}}]", "unit 11 is on lines[0] already")):
            self.assertIn(f"`{quote}`", page)
            path = self.directory / "wrong.yaml"
            path.write_text(f"lines: {lines}\n")
            self.assertIn(quote, run_tool("check-config", path, status=2)[1])


class EvccAndHomeAssistantTests(ExampleTestCase):
    EVCC = "127.1.1.11"

    def test_evcc_writes_and_home_assistant_reads(self):
        dongle = self.dongle()
        broker = self.start_example(
            "evcc-and-home-assistant.yaml", [self.directory / "inverter"], [self.directory / "dongle"])
        broker.wait_for_message("/inverter is open at 115200 8N1")
        broker.wait_for_message("/dongle is open at 115200 8N1")
        for_evcc, for_everybody = broker.ports
        with self.client(for_evcc, self.EVCC) as evcc, self.client(for_everybody, HOME_ASSISTANT) as assistant:
            self.assert_reads(evcc, self.unit, 3000)
            self.assert_reads(assistant, self.unit, 3010)
            self.assert_dongle_reads(dongle, self.unit, 43)
            self.assert_writes(evcc, self.unit, 1044, 1)
            self.assert_write_is_refused(assistant, self.unit, 1044)
            self.assert_not_let_in(for_evcc, HOME_ASSISTANT)
            # As the how-to says: evcc on this machine is refused, too.
            self.assert_not_let_in(for_evcc, THIS_MACHINE)
        self.assert_only_reads(for_everybody, NEIGHBOUR, self.unit)
        self.assertEqual(
            self.names_of_clients(), {"dongle": "dongle", "evcc": "tcp", "home-assistant": "tcp"})
        self.assertEqual(self.status()["refused"]["address"], 2)


class VirtualSerialPortsTests(ExampleTestCase):
    OTHER_NETWORK = "127.17.0.2"

    def test_programs_on_their_ports_share_the_adapter(self):
        broker = self.start_example("virtual-serial-ports.yaml", [self.directory / "inverter"])
        broker.wait_for_message("/inverter is open at 9600 8N1")
        logger, dashboard = self.directory / "solar-logger", self.directory / "dashboard"
        self.assertEqual(logger.stat().st_mode & 0o777, 0o660)
        rtu_port, tcp_port = broker.ports
        self.assert_only_on_this_machine(tcp_port)
        # As the how-to has it for a program in a container that can only open a device.
        container_port = self.directory / "container"
        socat = subprocess.Popen(
            ["socat", f"PTY,link={container_port},raw,echo=0", f"TCP:{BROKER}:{rtu_port},bind={NEIGHBOUR},nodelay"])
        self.addCleanup(socat.wait, LIMIT)
        self.addCleanup(socat.kill)
        eventually(container_port.exists, "socat's pseudo-terminal")
        with serial_client(container_port, timeout=5) as client:
            self.assert_reads(client, self.unit, 3050)
            self.assert_writes(client, self.unit, 45, 2023)
        container = self.client(rtu_port, NEIGHBOUR, framer=FramerType.RTU)
        with serial_client(logger) as first, serial_client(dashboard) as second, container as container:
            self.assert_reads(first, self.unit, 3000)
            self.assert_reads(second, self.unit, 3010)
            self.assert_reads(container, self.unit, 3020)
            self.assert_writes(first, self.unit, 45, 2024)
            self.assert_write_is_refused(second, self.unit, 45)
            with self.client(tcp_port) as client:
                self.assert_reads(client, self.unit, 3030)
        self.assert_only_reads(rtu_port, self.OTHER_NETWORK, self.unit, framer=FramerType.RTU)
        with serial_client(logger) as next_one:
            self.assert_reads(next_one, self.unit, 3040)
        names = self.names_of_clients()
        self.assertEqual((names["solar-logger"], names["dashboard"]), ("pty", "pty"))
        broker.stop()
        self.assertFalse(logger.is_symlink())


class LockedDownNetworkTests(ExampleTestCase):
    READERS, ROUTER, OTHER_NETWORK = (HOME_ASSISTANT, "127.1.1.11"), "127.1.1.1", "127.1.2.9"

    def tls_client(self, port, certificate):
        context = ssl.create_default_context(cafile=FIXTURES / "server-ca.pem")
        # pymodbus does not tell the name that it connects to.
        context.check_hostname = False
        context.load_cert_chain(FIXTURES / certificate, FIXTURES / "client.key")
        return connected(
            ModbusTlsClient(
                BROKER, port=port, sslctx=context, timeout=5, retries=0, source_address=(NEIGHBOUR, 0)))

    def test_who_may_do_what(self):
        broker = self.start_example("locked-down-network.yaml", [self.directory / "inverter"])
        broker.wait_for_message("/inverter is open")
        here, network, secure = broker.ports
        with self.client(here) as client:
            self.assert_writes(client, self.unit, 45, 2024)
        self.assert_only_on_this_machine(here)
        for reader in self.READERS:
            self.assert_only_reads(network, reader, self.unit)
        with self.tls_client(secure, "writer.pem") as client:
            self.assert_writes(client, self.unit, 45, 2025)
        for certificate in ("reader.pem", "no-role.pem"):
            with self.tls_client(secure, certificate) as client:
                self.assert_reads(client, self.unit, 3000)
                self.assert_write_is_refused(client, self.unit, 45)
        self.assert_not_let_in(network, NEIGHBOUR)
        self.assert_not_let_in(here, self.ROUTER, place=THIS_MACHINE)
        for port in (network, secure):
            self.assert_not_let_in(port, self.ROUTER)
            self.assert_not_let_in(port, self.OTHER_NETWORK)
        self.assertEqual(self.status()["refused"]["address"], 6)
        path = self.directory / "log.jsonl"
        writes = self.wait_for_entries(5, path, role="REQ", func=6)
        self.assertIn("TLS:evcc", {entry["from_client"] for entry in writes})

    def test_one_address_has_eight_clients_and_no_ninth(self):
        broker = self.start_example("locked-down-network.yaml", [self.directory / "inverter"])
        broker.wait_for_message("/inverter is open")
        network = broker.ports[1]
        with contextlib.ExitStack() as clients:
            for _ in range(8):
                clients.enter_context(self.client(network, HOME_ASSISTANT))
            eventually(lambda: self.status()["listeners"][1]["connections"] == 8, "eight clients")
            self.assert_not_let_in(network, HOME_ASSISTANT)
            self.assert_only_reads(network, self.READERS[1], self.unit)


class OffGridInverterTests(ExampleTestCase):
    def test_nobody_reads_what_cuts_the_power(self):
        broker = self.start_example("off-grid-inverter.yaml", [self.directory / "inverter"])
        broker.wait_for_message(", reads all but off-grid, ")
        broker.wait_for_message("/inverter is open")
        for port, source in zip(broker.ports, (HOME_ASSISTANT, NEIGHBOUR)):
            with self.client(port, source) as client:
                for read in (client.read_holding_registers, client.read_input_registers):
                    self.assertEqual(read(30000).exception_code, ILLEGAL_ADDRESS)
                    self.assertEqual(read(65535).exception_code, ILLEGAL_ADDRESS)
                self.assertEqual(len(client.read_input_registers(0, count=89).registers), 89)
        with self.client(broker.ports[0], HOME_ASSISTANT) as client:
            self.assert_reads(client, self.unit, 0, count=45)
            self.assert_writes(client, self.unit, 45, 2024)
        with self.client(broker.ports[1], NEIGHBOUR) as client:
            self.assertEqual(client.read_input_registers(80, count=20).exception_code, ILLEGAL_ADDRESS)
            self.assertEqual(client.read_holding_registers(0).exception_code, ILLEGAL_ADDRESS)
            self.assert_write_is_refused(client, self.unit, 45)
        told, _ = run_tool("read", f"tcp://127.0.0.1:{broker.ports[0]}", "input", "30000", status=1)
        self.assertIn("illegal data address (2)", told)
        broker.wait_for_message("refused: line inverter: a read of input:30000-65535, which reads refuses (")
        asked = [request.pdu for request in self.unit.requests]
        self.assertFalse([pdu.hex() for pdu in asked if pdu[0] in (3, 4) and pdu[1] * 256 + pdu[2] >= 30000])
        self.assertLessEqual(max(pdu[4] for pdu in asked if pdu[0] in (3, 4)), 45)
