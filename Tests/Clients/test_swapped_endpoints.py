"""Endpoints that change hands in one reload: nobody speaks at a place that its earlier user has not left."""

import rtu
from clients import tcp_client
from configured import ANYWHERE, ConfiguredTestCase
from load import Load
from pty_port import PtyPort
from shared_line import SharedLine
from simulated_unit import Registers, SimulatedUnit
from waiting import eventually
from ways import connected, opened, reading, way

NO_PATH = bytes([0x83, 0x0A])
LISTENERS = [{"tcp": ANYWHERE}]
PATIENT = {"rtimeout": 20, "retries": 0}


def answer(registers, address, count=2):
    return bytes([rtu.READ_HOLDING, 2 * count]) + rtu.words(registers.block(address, count))


class SwappedLineTests(ConfiguredTestCase):
    """The house's unit 1 stays where it is; unit 11 of the barn and unit 12 of the garage change places."""

    def setUp(self):
        super().setUp()
        self.quick, self.slow = SharedLine(17), SharedLine(23)
        for server in (self.quick, self.slow):
            self.addCleanup(server.close)

    def lines(self, barn, garage):
        return [
            self.line(name="house", units=[1]),
            self.line(barn.url, name="barn", units={11: 1}, **PATIENT),
            self.line(garage.url, name="garage", units={12: 1}, **PATIENT)]

    def start_lines(self):
        self.configure(self.lines(self.quick, self.slow), LISTENERS, clients={"timeout": 60})
        return self.start("house: ", "barn: ", "garage: ")

    def swap(self, barn, garage):
        self.reload(self.lines(barn, garage), LISTENERS, clients={"timeout": 60})

    def wait_for_value(self, client, unit, registers):
        eventually(
            lambda: client.exchange(reading(5, 2), unit) == answer(registers, 5), f"unit {unit} at its new place", 30)

    def assert_no_collision(self):
        self.assertEqual([self.quick.collisions, self.slow.collisions], [0, 0])

    def test_a_line_waits_for_the_request_that_another_one_still_has_at_its_new_place(self):
        broker = self.start_lines()
        load = Load([way("tcp", broker.port)], self.unit.holding)
        with load, connected(broker.port) as waiting, opened("tcp", broker.port) as client:
            self.slow.hold_replies()
            waiting.sendall(bytes.fromhex("0063 0000 0006 0c") + reading(7, 2))
            eventually(lambda: self.slow.asked, "the request of the garage's unit")
            self.swap(barn=self.slow, garage=self.quick)
            for _ in range(20):
                self.assertEqual(client.exchange(reading(3, 2), unit=11), NO_PATH)
            load.wait_for_answers(50)
            self.assertEqual(len(self.slow.connections), 1)
            self.slow.release_replies()
            self.assertEqual(waiting.recv(100)[7:], answer(self.slow.holding, 7))
            self.wait_for_value(client, 11, self.slow.holding)
            self.wait_for_value(client, 12, self.quick.holding)
        self.assert_no_collision()

    def test_lines_that_swap_again_and_again_make_no_wrong_value_and_no_collision(self):
        broker = self.start_lines()
        places = [self.quick, self.slow]
        with Load([way("tcp", broker.port)], self.unit.holding), opened("tcp", broker.port) as client:
            for round in range(6):
                asking = [connected(broker.port) for _ in range(2)]
                for unit, connection in zip((11, 12), asking):
                    connection.sendall(bytes.fromhex("0063 0000 0006") + bytes([unit]) + reading(round, 2))
                places.reverse()
                self.swap(*places)
                self.wait_for_value(client, 11, places[0].holding)
                self.wait_for_value(client, 12, places[1].holding)
                for connection in asking:
                    # Asked before or after the swap, of a line that is there, or is not yet.
                    right = [answer(server.holding, round) for server in places] + [NO_PATH, bytes([0x83, 0x06])]
                    self.assertIn(connection.recv(100)[7:], right)
                    connection.close()
        self.assert_no_collision()

    def test_a_new_line_waits_for_one_that_leaves_its_place_for_another(self):
        broker = self.start_lines()
        with connected(broker.port) as waiting, opened("tcp", broker.port) as client:
            self.slow.hold_replies()
            waiting.sendall(bytes.fromhex("0063 0000 0006 0c") + reading(7, 2))
            eventually(lambda: self.slow.asked, "the request of the garage's unit")
            house, _, garage = self.lines(barn=self.slow, garage=self.quick)
            attic = self.line(self.slow.url, name="attic", units={13: 1}, **PATIENT)
            self.reload([house, garage, attic], LISTENERS, clients={"timeout": 60})
            self.assertEqual(client.exchange(reading(3, 2), unit=13), NO_PATH)
            self.assertEqual(len(self.slow.connections), 1)
            self.slow.release_replies()
            self.assertEqual(waiting.recv(100)[7:], answer(self.slow.holding, 7))
            self.wait_for_value(client, 13, self.slow.holding)
            self.wait_for_value(client, 12, self.quick.holding)
        self.assert_no_collision()


class SwappedDongleTests(ConfiguredTestCase):
    def setUp(self):
        super().setUp()
        self.garage = SimulatedUnit(self.directory / "garage", (1,))
        self.garage.holding = Registers(17)
        self.addCleanup(self.garage.close)
        self.dongles = [PtyPort(self.directory / f"shine-{number}") for number in (1, 2)]
        for dongle in self.dongles:
            self.addCleanup(dongle.unplug)

    def lines(self, house, garage):
        return [
            self.line(name="house", units=[1], dongle={"endpoint": house.link}),
            self.line(
                str(self.directory / "garage"), name="garage", units={11: 1}, dongle={"endpoint": garage.link})]

    def assert_polled(self, dongle, unit, address):
        dongle.send(rtu.read(address, 3))
        expected = rtu.read_reply(unit.holding.block(address, 3))
        self.assertEqual(dongle.receive_exactly(len(expected)).hex(), expected.hex())

    def test_two_dongles_at_each_others_devices_speak_with_the_other_line_at_once(self):
        self.configure(self.lines(*self.dongles), LISTENERS)
        broker = self.start("shine: ", "shine:garage: ")
        places = list(self.dongles)
        with tcp_client(broker) as client:
            for round in range(4):
                self.assert_polled(places[0], self.unit, 10 * round)
                self.assert_polled(places[1], self.garage, 10 * round)
                places.reverse()
                seen = len(broker.messages)
                self.reload(self.lines(*places), LISTENERS)
                for name, dongle in zip(("shine", "shine:garage"), places):
                    broker.wait_for_message(f"{name}: {dongle.link} is open", since=seen)
                self.assertFalse(client.read_holding_registers(round).isError())
        complaints = [m for m in broker.messages if "trying again" in m or "busy" in m]
        self.assertEqual(complaints, [])
