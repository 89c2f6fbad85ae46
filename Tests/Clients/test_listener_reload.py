"""Listeners and lines that come, go and change by a reload, while the clients of all others lose no exchange."""

import json
import socket
import threading
import time

import rtu
from certificates import ServerFiles, client_context
from clients import tcp_client
from configured import ConfiguredTestCase, free_port
from load import Load
from simulated_unit import SimulatedUnit
from waiting import eventually
from ways import opened, reading, way, writing

KINDS = ("tcp", "rtu-tcp", "udp", "rtu-udp", "tls", "pty")
REFUSED = 0x01


class ListenerReloadTestCase(ConfiguredTestCase):
    """Four clients, at a listener of their own each, that stays."""

    STAYING = ("tcp", "rtu-tcp", "udp", "pty")
    ROUNDS = 3

    def setUp(self):
        super().setUp()
        self.files = ServerFiles(self.directory)
        self.staying = {kind: self.place(kind, "staying") for kind in self.STAYING}

    def place(self, kind, name):
        if kind == "pty":
            return str(self.directory / name)
        return free_port(socket.SOCK_DGRAM if "udp" in kind else socket.SOCK_STREAM)

    def listener(self, kind, place, **settings):
        tls = self.files.settings if kind == "tls" else {}
        return {kind: place if kind == "pty" else f"127.0.0.1:{place}", **tls, **settings}

    def those_that_stay(self, **settings):
        return [self.listener(kind, place, **settings) for kind, place in self.staying.items()]

    def start_with(self, lines, listeners, **rest):
        self.configure(lines, listeners, **rest)
        return self.start("/inverter is open")

    def load(self, unit=1):
        context = client_context("writer") if "tls" in self.staying else None
        return Load([way(kind, place, context) for kind, place in self.staying.items()], self.unit.holding, unit)

    def open(self, kind, place):
        return opened(kind, place, client_context("writer") if kind == "tls" else None)

    def assert_served(self, kind, place):
        with self.open(kind, place) as client:
            self.assertEqual(client.exchange(reading(700, 2))[2:], rtu.words(self.unit.holding.block(700, 2)))

    def is_gone(self, kind, place):
        try:
            with self.open(kind, place) as client:
                if kind != "pty":
                    client.connection.settimeout(0.5)
                client.exchange(reading(0, 1))
            return False
        except (OSError, AssertionError):
            return True

    def assert_closed(self, kind, client):
        """This client, which was served before; one that nobody answers any more is none."""
        with self.assertRaises(OSError if kind == "pty" else (OSError, AssertionError)) as closed:
            client.exchange(reading(2, 1))
        self.assertNotIsInstance(closed.exception, TimeoutError)

    def assert_comes_and_goes(self, kind):
        place = self.place(kind, "coming")
        lines, staying = [self.line()], self.those_that_stay()
        broker = self.start_with(lines, staying)
        with self.load() as load:
            for _ in range(self.ROUNDS):
                self.assertIn("+", self.reload(lines, [*staying, self.listener(kind, place)]))
                self.assert_served(kind, place)
                load.wait_for_answers()
                with self.open(kind, place) as client:
                    client.exchange(reading(1, 1))
                    self.assertIn("-", self.reload(lines, staying))
                    self.assert_closed(kind, client)
                    self.assertTrue(self.is_gone(kind, place))
                load.wait_for_answers()
        self.assertEqual(len(self.status()["listeners"]), len(staying))
        broker.stop()


class EveryKindTests(ListenerReloadTestCase):
    def test_tcp(self):
        self.assert_comes_and_goes("tcp")

    def test_rtu_over_tcp(self):
        self.assert_comes_and_goes("rtu-tcp")

    def test_datagrams(self):
        self.assert_comes_and_goes("udp")

    def test_datagrams_of_rtu(self):
        self.assert_comes_and_goes("rtu-udp")

    def test_tls(self):
        self.assert_comes_and_goes("tls")

    def test_virtual_port(self):
        self.assert_comes_and_goes("pty")

    def test_sniff_feed(self):
        port = free_port()
        lines, staying = [self.line()], self.those_that_stay()
        self.start_with(lines, staying)
        with self.load() as load:
            for _ in range(self.ROUNDS):
                self.reload(lines, [*staying, {"sniff": f"127.0.0.1:{port}"}])
                with socket.create_connection(("127.0.0.1", port), timeout=8) as feed:
                    with feed.makefile("rb") as stream:
                        self.assertIn(b'"role"', stream.readline())
                        self.reload(lines, staying)
                        for _ in stream:
                            pass  # To the end.
                load.wait_for_answers()

    def test_all_at_once_and_one_that_cannot_be_had_changes_nothing(self):
        places = {kind: self.place(kind, "coming") for kind in KINDS}
        lines, staying = [self.line()], self.those_that_stay()
        every = [*staying, *(self.listener(kind, place) for kind, place in places.items())]
        self.start_with(lines, staying)
        with self.load() as load:
            for _ in range(self.ROUNDS):
                self.reload(lines, every)
                for kind, place in places.items():
                    self.assert_served(kind, place)
                with socket.create_server(("127.0.0.1", 0)) as taken:
                    wrong = {"tcp": f"127.0.0.1:{taken.getsockname()[1]}"}
                    self.assertIn("in use", self.reload(lines, [*staying, wrong], expected=1))
                self.assert_served("pty", places["pty"])
                load.wait_for_answers()
                self.reload(lines, staying)
                for kind, place in places.items():
                    self.assertTrue(self.is_gone(kind, place), kind)
                load.wait_for_answers()
        print(f"\n  {sum(load.answers)} exchanges while six listeners came and went {self.ROUNDS} times")


class OtherKindsStayTests(ListenerReloadTestCase):
    STAYING = ("tls", "rtu-udp")
    ROUNDS = 1

    def test_tls_and_datagrams_of_rtu_lose_nothing_while_each_kind_comes_and_goes(self):
        for kind in KINDS:
            with self.subTest(kind):
                self.assert_comes_and_goes(kind)


class LineReloadTests(ListenerReloadTestCase):
    def test_a_line_comes_and_goes_while_clients_of_another_one_lose_nothing(self):
        garage = SimulatedUnit(self.directory / "garage")
        self.addCleanup(garage.close)
        house = self.line(name="house", units=[1])
        both = [house, self.line(str(self.directory / "garage"), name="garage", units={11: 1})]
        staying = self.those_that_stay()
        broker = self.start_with([house], staying)
        with self.load() as load, tcp_client(broker) as client:
            for _ in range(self.ROUNDS):
                self.assertEqual(client.read_holding_registers(0, device_id=11).exception_code, 0x0A)
                seen = len(broker.messages)
                self.assertIn("+line garage", self.reload(both, staying))
                broker.wait_for_message("/garage is open", since=seen)
                self.assertEqual(
                    client.read_holding_registers(5, device_id=11).registers, garage.holding.block(5, 1))
                load.wait_for_answers()
                self.assertIn("-line garage", self.reload([house], staying))
                load.wait_for_answers()
        self.assertEqual([line["name"] for line in self.status()["lines"]], ["house"])
        self.assertEqual(len([m for m in broker.messages if "/inverter is open" in m]), 1)

    def test_a_line_that_goes_finishes_the_exchange_on_it(self):
        garage = SimulatedUnit(self.directory / "garage")
        self.addCleanup(garage.close)
        house = self.line(name="house", units=[1])
        both = [house, self.line(str(self.directory / "garage"), name="garage", units={11: 1}, rtimeout=5)]
        staying = self.those_that_stay()
        broker = self.start_with(both, staying)
        broker.wait_for_message("/garage is open")
        with self.load() as load, opened("tcp", self.staying["tcp"]) as client:
            client.exchange(reading(0, 1), unit=11)
            garage.hold_replies()
            client.connection.sendall(bytes.fromhex("0063 0000 0006 0b") + writing(40, 7))
            eventually(lambda: garage.executed_writes, "the write in the garage")
            self.reload([house], staying)
            load.wait_for_answers()
            garage.release_replies()
            self.assertEqual(client.connection.recv(100)[7:], writing(40, 7))

    def test_clients_of_another_line_are_answered_while_a_long_recording_is_read(self):
        recording = self.directory / "long.jsonl"
        recording.write_text("".join(
            json.dumps({"ts": 1000 + n, "op": "read_input", "unit": 1, "addr": 0, "count": 1, "regs": [n % 9]}) + "\n"
            for n in range(100_000)))
        house, staying = self.line(name="house", units=[1]), self.those_that_stay()
        self.start_with([house], staying)
        both = [house, {"name": "played", "recording": {"file": str(recording)}, "units": {11: 1}}]
        with opened("tcp", self.staying["tcp"]) as client:
            client.exchange(reading(0, 1))
            reload = threading.Thread(target=self.reload, args=(both, staying))
            longest, began = 0, time.monotonic()
            reload.start()
            while reload.is_alive():
                asked = time.monotonic()
                client.exchange(reading(0, 1))
                longest = max(longest, time.monotonic() - asked)
            took = time.monotonic() - began
        self.assertEqual(len(self.status()["lines"]), 2)
        self.assertLess(longest, took / 4, f"a reload of {took:.3f} s")

    def test_units_move_from_one_line_to_another(self):
        garage = SimulatedUnit(self.directory / "garage", units=(1, 2))
        self.addCleanup(garage.close)
        garage.holding.store(5, [4711])
        staying = self.those_that_stay()

        def lines(house, other):
            return [self.line(name="house", units=house),
                    self.line(str(self.directory / "garage"), name="garage", units=other)]

        broker = self.start_with(lines([1, 2], [3]), staying)
        broker.wait_for_message("/garage is open")
        with self.load() as load, tcp_client(broker) as client:
            self.reload(lines([1], [2, 3]), staying)
            self.assertEqual(client.read_holding_registers(5, device_id=2).registers, [4711])
            load.wait_for_answers()


class InPlaceTests(ListenerReloadTestCase):
    """Settings of a listener that change while its clients stay connected."""

    value = 0

    def assert_may_write(self, clients, expected):
        # With rtu-udp the same write once more would be a reply that has come back.
        self.value += 1
        write = writing(40, self.value)
        for kind, client in clients.items():
            reply = client.exchange(write)
            self.assertEqual(reply == write, expected, kind)
            if not expected:
                self.assertEqual(reply, bytes([0x86, REFUSED]), kind)

    def test_read_only_on_and_off_while_clients_stay(self):
        lines, places = [self.line()], {kind: self.place(kind, "own") for kind in KINDS}

        def listeners(**settings):
            return [*self.those_that_stay(), *(self.listener(k, place, **settings) for k, place in places.items())]

        self.start_with(lines, listeners())
        clients = {}
        for kind, place in places.items():
            clients[kind] = way(kind, place, client_context("writer"))
            self.addCleanup(clients[kind].close)
        with self.load() as load:
            for _ in range(self.ROUNDS):
                self.assert_may_write(clients, True)
                self.assertIn("settings of", self.reload(lines, listeners(**{"read-only": True})))
                self.assert_may_write(clients, False)
                self.reload(lines, listeners())
                load.wait_for_answers()
        self.assertEqual(len(self.unit.executed_writes), self.ROUNDS * len(KINDS))

    def test_who_is_denied_stays_if_it_is_in_and_does_not_come_again(self):
        port = free_port()
        lines, staying = [self.line()], self.those_that_stay()
        self.start_with(lines, [*staying, {"tcp": f"127.0.0.1:{port}"}])
        with self.load() as load, opened("tcp", port) as client:
            client.exchange(reading(1, 1))
            self.reload(lines, [*staying, {"tcp": f"127.0.0.1:{port}", "deny": ["127.0.0.1"]}])
            client.exchange(reading(2, 1))
            self.assertTrue(self.is_gone("tcp", port))
            load.wait_for_answers()
            self.reload(lines, [*staying, {"tcp": f"127.0.0.1:{port}"}])
            self.assert_served("tcp", port)

    def test_a_listener_leads_to_another_line_from_the_next_request_on(self):
        garage = SimulatedUnit(self.directory / "garage")
        self.addCleanup(garage.close)
        garage.holding.store(5, [4711])
        lines = [self.line(name="house"), self.line(str(self.directory / "garage"), name="garage", units={11: 1})]
        port, staying = free_port(), self.those_that_stay()
        broker = self.start_with(lines, [*staying, {"tcp": f"127.0.0.1:{port}"}])
        broker.wait_for_message("/garage is open")
        with self.load() as load, opened("tcp", port) as client:
            for line, value in (("garage", 4711), ("house", self.unit.holding[5])):
                self.reload(lines, [*staying, {"tcp": f"127.0.0.1:{port}", "line": line}])
                self.assertEqual(client.exchange(reading(5, 1))[2:], rtu.words([value]))
                load.wait_for_answers()
