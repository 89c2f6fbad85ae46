"""Several lines in one process: who reaches which unit, and that one line's trouble is none of the others'."""

import rtu
from clients import tcp_client
from configured import ANYWHERE, ConfiguredTestCase, free_port
from foreign_server import foreign_server
from load import Load
from pty_port import PtyPort
from simulated_unit import Registers, SimulatedUnit
from waiting import eventually
from ways import connected, opened, reading, way, writing

NO_PATH, NO_REPLY = 0x0A, 0x0B
BARN = [address * 5 for address in range(2000)]


class LinesTestCase(ConfiguredTestCase):
    """The house's units 1 and 2, and the garage's unit 1, which is 11 to those who reach both."""

    units = (1, 2)

    def setUp(self):
        super().setUp()
        self.house = self.unit
        self.garage = SimulatedUnit(self.directory / "garage", (1,))
        self.garage.holding = Registers(17)
        self.addCleanup(self.garage.close)
        self.garage_port = free_port()

    def lines(self, house=None, garage=None, more=()):
        return [
            self.line(name="house", units=[1, 2], **(house or {})),
            self.line(str(self.directory / "garage"), name="garage", units={11: 1}, **(garage or {})), *more]

    def start_both(self, house=None, garage=None, more=(), messages=("house: ", "garage: "), **rest):
        listeners = [{"tcp": ANYWHERE}, {"tcp": f"127.0.0.1:{self.garage_port}", "line": "garage"}]
        self.configure(self.lines(house, garage, more), listeners, **rest)
        broker = self.start("/inverter is open", "/garage is open", *messages)
        return broker

    def assert_values(self, client, registers, unit, first=0):
        for address in range(first, first + 30):
            reply = client.read_holding_registers(address, count=5, device_id=unit)
            self.assertEqual(reply.registers, registers.block(address, 5), reply)


class RoutingTests(LinesTestCase):
    def test_units_are_reached_by_the_numbers_that_clients_know(self):
        broker = self.start_both()
        with tcp_client(broker) as client:
            self.assert_values(client, self.house.holding, 1)
            self.assert_values(client, self.house.holding, 2)
            self.assert_values(client, self.garage.holding, 11)
        self.assertEqual({request.unit for request in self.garage.requests}, {1})
        self.assertEqual({request.unit for request in self.house.requests}, {1, 2})

    def test_a_write_is_executed_on_its_line_only(self):
        broker = self.start_both()
        with tcp_client(broker) as client:
            self.assertFalse(client.write_register(40, 4711, device_id=11).isError())
            self.assertFalse(client.write_register(41, 4712, device_id=1).isError())
        self.assertEqual(self.garage.executed_writes, [writing(40, 4711)])
        self.assertEqual(self.house.executed_writes, [writing(41, 4712)])

    def test_a_unit_with_a_read_limit_of_its_own_is_asked_in_parts(self):
        broker = self.start_both(house={"read_limits": {2: 25}})
        with tcp_client(broker) as client:
            for unit in (1, 2):
                reply = client.read_holding_registers(0, count=60, device_id=unit)
                self.assertEqual(reply.registers, self.house.holding.block(0, 60), reply)
        asked = [(request.unit, request.pdu[-1]) for request in self.house.requests]
        self.assertEqual(asked, [(1, 60), (2, 25), (2, 25), (2, 10)])

    def test_a_listener_of_one_line_has_that_line_alone_by_its_own_numbers(self):
        broker = self.start_both()
        with opened("tcp", self.garage_port) as client:
            self.assertEqual(client.exchange(reading(5, 1))[2:], rtu.words([self.garage.holding[5]]))
            self.assertEqual(client.exchange(reading(5, 1), unit=2), bytes([0x83, NO_REPLY]))
        self.assertFalse(self.house.requests)
        with tcp_client(broker) as client:
            self.assert_values(client, self.house.holding, 1)

    def test_a_unit_that_is_on_no_line_is_answered_0x0a_without_any_line(self):
        broker = self.start_both()
        with tcp_client(broker) as client:
            for unit in (3, 10, 12, 247):
                self.assertEqual(client.read_holding_registers(0, device_id=unit).exception_code, NO_PATH)
                self.assertEqual(client.write_register(40, 1, device_id=unit).exception_code, NO_PATH)
        self.assertFalse(self.house.requests + self.garage.requests)

    def test_a_device_a_dataset_and_a_gateway_at_once(self):
        with foreign_server(BARN, [False] * 10) as port:
            more = [
                {"name": "barn", "endpoint": f"tcp://127.0.0.1:{port}", "min-period": 0, "units": {21: 1}},
                {"name": "demo", "dataset": {"name": "sph-6000", "reply-time": "0"}, "units": {31: 1}}]
            broker = self.start_both(more=more, messages=("barn: ",))
            with tcp_client(broker) as client:
                demo = client.read_holding_registers(0, count=50, device_id=31).registers
                self.assertEqual(len(demo), 50)
                for address in range(50):
                    reply = client.read_holding_registers(address, count=5, device_id=21)
                    self.assertEqual(reply.registers, BARN[address:address + 5])
                    reply = client.read_holding_registers(address, device_id=31)
                    self.assertEqual(reply.registers, demo[address:address + 1])
                    self.assertEqual(
                        client.read_holding_registers(address, device_id=11).registers, [self.garage.holding[address]])
            states = {line["name"]: line["state"] for line in self.status()["lines"]}
        self.assertEqual(states, {"house": "open", "garage": "open", "barn": "open", "demo": "simulated"})

    def test_two_lines_of_one_device_or_with_one_name_are_refused(self):
        self.start_both()
        twice = [self.line(name="house", units=[1]), self.line(name="garage", units=[2])]
        self.assertIn("lines[0]", self.reload(twice, [{"tcp": ANYWHERE}], expected=1))
        same = self.lines()
        same[1]["name"] = "house"
        self.assertIn("a different name for each line", self.reload(same, [{"tcp": ANYWHERE}], expected=1))


class TroubleTests(LinesTestCase):
    """What happens on the garage's line, while the house's clients go on."""

    def house_load(self, broker):
        return Load([way("tcp", broker.port) for _ in range(2)], self.house.holding)

    def test_an_unplugged_line_costs_the_other_one_no_exchange(self):
        broker = self.start_both()
        with tcp_client(broker) as client, self.house_load(broker) as load:
            for _ in range(3):
                seen = len(broker.messages)
                self.garage.unplug()
                eventually(
                    lambda: client.read_holding_registers(0, device_id=11).exception_code == NO_PATH, "0x0A", 30)
                load.wait_for_answers(20)
                self.garage.plug()
                broker.wait_for_message("/garage is open", since=seen)
                self.assert_values(client, self.garage.holding, 11)
        self.assertFalse([m for m in broker.messages if "house: " in m and "gone" in m], broker.messages)

    def test_a_line_that_waits_for_a_reply_does_not_make_the_other_one_wait(self):
        # The unit of the house is a program, too, which waits for its turn on a busy machine.
        broker = self.start_both(
            house={"rtimeout": 10}, garage={"rtimeout": 50, "retries": 0}, clients={"timeout": 60})
        self.garage.hold_replies()
        with connected(broker.port) as waiting, self.house_load(broker) as load:
            waiting.sendall(bytes.fromhex("0063 0000 0006 0b") + reading(7, 1))
            eventually(lambda: self.garage.requests, "the request in the garage")
            load.wait_for_answers(100)
            waiting.setblocking(False)
            with self.assertRaises(BlockingIOError):
                waiting.recv(100)
            waiting.settimeout(8)
            self.garage.release_replies()
            self.assertEqual(waiting.recv(100)[9:], rtu.words([self.garage.holding[7]]))

    def test_a_silent_line_is_silent_alone(self):
        broker = self.start_both(garage={"rtimeout": "50ms", "retries": 0})
        self.garage.loses_request = lambda _: True
        with tcp_client(broker) as client, self.house_load(broker) as load:
            for address in range(5):
                self.assertEqual(client.read_holding_registers(address, device_id=11).exception_code, NO_REPLY)
            load.wait_for_answers(20)
        states = {line["name"]: [unit["state"] for unit in line["units"]] for line in self.status()["lines"]}
        self.assertEqual(states, {"house": ["live"], "garage": ["silent"]})


class ObservationTests(LinesTestCase):
    def test_status_tells_each_line(self):
        broker = self.start_both()
        with tcp_client(broker) as client:
            for unit, count in ((1, 3), (2, 2), (11, 4)):
                for address in range(count):
                    client.read_holding_registers(address, device_id=unit)
        house, garage = self.line_status("house"), self.line_status("garage")
        self.assertEqual([(u["unit"], u["answered"]) for u in house["units"]], [(1, 3), (2, 2)])
        self.assertEqual([(u["unit"], u["answered"]) for u in garage["units"]], [(1, 4)])
        text = self.run_command("status")
        for word in ("line house: ", "line garage: ", str(self.directory / "garage")):
            self.assertIn(word, text)

    def test_the_wire_log_names_the_line_and_the_units_own_number(self):
        broker = self.start_both(log={"file": str(self.log_path)})
        with tcp_client(broker) as client:
            client.read_holding_registers(5, device_id=11)
            client.read_holding_registers(6, device_id=2)
        far, = self.wait_for_entries(1, role="RSP", addr=5)
        near, = self.wait_for_entries(1, role="RSP", addr=6)
        self.assertEqual((far["uid"], far["line"], far["line_uid"]), (11, "garage", 1))
        self.assertEqual((near["uid"], near["line"], near.get("line_uid")), (2, "house", None))


class DongleTests(LinesTestCase):
    def setUp(self):
        super().setUp()
        self.dongles = {}
        for name in ("house", "garage"):
            self.dongles[name] = PtyPort(self.directory / f"shine-{name}")
            self.addCleanup(self.dongles[name].unplug)

    def start_with_dongles(self):
        places = {name: {"dongle": {"endpoint": port.link}} for name, port in self.dongles.items()}
        broker = self.start_both(
            **places, log={"file": str(self.log_path)}, messages=("shine-house is open", "shine-garage is open"))
        for name in self.dongles:
            self.assert_polled(name, 0)
        return broker

    def assert_polled(self, name, address):
        """Both ask for unit 1: of their own line."""
        unit = self.house if name == "house" else self.garage
        self.dongles[name].send(rtu.read(address, 3))
        expected = rtu.read_reply(unit.holding.block(address, 3))
        self.assertEqual(self.dongles[name].receive_exactly(len(expected)).hex(), expected.hex(), name)

    def test_each_dongle_speaks_with_its_own_line(self):
        broker = self.start_with_dongles()
        with Load([way("tcp", broker.port)], self.house.holding, unit=2):
            for address in range(1, 30):
                self.assert_polled("house", address)
                self.assert_polled("garage", address)
        clients = {entry["from_client"] for entry in self.log_entries() if entry["role"] == "REQ"}
        self.assertLessEqual({"SHINE", "SHINE:garage"}, clients)

    def test_a_passthrough_of_one_line_leaves_the_other_one_alone(self):
        broker = self.start_with_dongles()
        self.assertIn("--line", self.run_command("passthrough", "--minutes", "1", expected=1))
        self.assertIn("there is none", self.run_command("passthrough", "--line", "barn", expected=1))
        self.run_command("passthrough", "--minutes", "1", "--line", "garage")
        broker.wait_for_message("joined")
        with tcp_client(broker) as client:
            self.assert_values(client, self.house.holding, 1)
            self.assertEqual(client.read_holding_registers(0, device_id=11).exception_code, 0x0A)
            self.assert_polled("house", 50)
            self.assertEqual(self.line_status("garage")["state"], "passthrough")
            self.assertEqual(self.line_status("house")["state"], "open")
            self.run_command("passthrough", "--end", "--line", "garage")
            eventually(lambda: not client.read_holding_registers(0, device_id=11).isError(), "the garage", 30)
