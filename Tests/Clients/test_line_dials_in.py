"""A line whose Modbus TCP server dials in, and others who come to the same address."""

import contextlib
import socket
import threading
import time

from pymodbus.client import ModbusTcpClient

from broker import Broker
from clients import connected as client_connected
from clients import tcp_client
from configured import ANYWHERE, ConfiguredTestCase, free_port
from dialling_server import DiallingServer, unasked_frame
from waiting import LIMIT, eventually
from ways import connected

NO_WAY, NO_REPLY = 0x0A, 0x0B


def value(address):
    return address * 7 % 65536


class DiallingLineTestCase(ConfiguredTestCase):
    RTIMEOUT = 0.5

    def setUp(self):
        super().setUp()
        self.place = free_port()
        self.client_port = free_port()

    def dialling(self, place=None, **settings):
        return self.line(f"listen+tcp://127.0.0.1:{place or self.place}", rtimeout=self.RTIMEOUT, **settings)

    def listeners(self):
        return [{"tcp": f"127.0.0.1:{self.client_port}"}]

    def start_waiting(self, **rest):
        self.configure([self.dialling()], self.listeners(), clients={"timeout": 5}, **rest)
        return self.start("waiting for it at")

    def dial(self, values=value, place=None, **options):
        server = DiallingServer(place or self.place, values, **options)
        self.addCleanup(server.close)
        return server

    def dial_and_open(self, broker, *arguments, **options):
        seen = len(broker.messages)
        server = self.dial(*arguments, **options)
        broker.wait_for_message("is connected", since=seen)
        return server

    def client(self):
        client = ModbusTcpClient("127.0.0.1", port=self.client_port, timeout=8, retries=0)
        return client_connected(client)

    def assert_reads(self, client, address=10, count=3, values=value):
        answer = client.read_holding_registers(address, count=count)
        self.assertFalse(answer.isError(), answer)
        self.assertEqual(answer.registers, [values(address + offset) for offset in range(count)])


class DiallingLineTests(DiallingLineTestCase):
    def test_by_a_flag_and_a_query_waits_for_the_first_to_dial_in(self):
        broker = Broker("--inverter", "listen+tcp://127.0.0.1:0", "--tcp", ANYWHERE, "--min-period", "0")
        self.addCleanup(broker.stop)
        place = broker.wait_for_message("inverter: waiting for it at 127.0.0.1:")
        self.dial(place=int(place.rpartition(":")[2]))
        with tcp_client(broker) as client:
            self.assert_reads(client)
        broker.wait_for_message("inverter: listen+tcp://127.0.0.1:0 is connected")

    def test_while_none_is_connected_the_answer_is_no_way(self):
        broker = self.start_waiting()
        self.dial_and_open(broker).close()
        broker.wait_for_message("is gone (closed by the server); waiting for it")
        with self.client() as client:
            started = time.monotonic()
            self.assertEqual(client.read_holding_registers(1).exception_code, NO_WAY)
            self.assertLess(time.monotonic() - started, self.RTIMEOUT)
            self.dial_and_open(broker)
            self.assert_reads(client)

    def test_the_first_is_the_line_as_long_as_it_answers(self):
        broker = self.start_waiting()
        first = self.dial_and_open(broker)
        others = [self.dial(lambda _: 13) for _ in range(3)]
        with self.client() as client:
            for address in range(50):
                self.assert_reads(client, address)
        self.assertEqual(len(first.requests), 50)
        self.assertEqual([server.requests for server in others], [[], [], []])
        self.assertFalse(any(server.closed.is_set() for server in others))
        self.assertEqual(self.line_status("inverter")["state"], "open")

    def test_behind_a_request_without_an_answer_the_newest_is_asked_and_no_query_fails(self):
        broker = self.start_waiting()
        left = self.dial_and_open(broker)
        older, newest = self.dial(), self.dial()
        with self.client() as client:
            self.assert_reads(client)
            left.mute = True
            self.assert_reads(client, 20)
            self.assertTrue(left.closed.wait(LIMIT))
            self.assert_reads(client, 30)
        self.assertEqual((len(left.requests), len(newest.requests), len(older.requests)), (2, 2, 0))
        self.assertFalse(older.closed.is_set())
        broker.wait_for_message("has taken the place of the older (it left a request unanswered)")
        self.assertFalse([message for message in broker.messages if "is gone" in message])

    def test_those_that_were_left_behind_are_passed_over(self):
        self.configure([self.dialling(retries=4)], self.listeners(), clients={"timeout": 5})
        broker = self.start("waiting for it at")
        servers = [self.dial_and_open(broker)]
        servers += [self.dial() for _ in range(4)]
        for server in (servers[0], *servers[2:]):
            server.mute = True
        with self.client() as client:
            self.assert_reads(client)
        self.assertEqual([len(server.requests) for server in servers], [1] * 5)
        for server in (servers[0], *servers[2:]):
            self.assertTrue(server.closed.wait(LIMIT))

    def test_four_wait_and_of_more_the_one_is_closed_that_has_waited_longest(self):
        broker = self.start_waiting()
        first = self.dial_and_open(broker)
        waiting = [self.dial() for _ in range(6)]
        for server in waiting[:2]:
            self.assertTrue(server.closed.wait(LIMIT))
        with self.client() as client:
            self.assert_reads(client)
            self.assertFalse(any(server.closed.is_set() for server in waiting[2:]))
            first.close()
            broker.wait_for_message("has taken the place of the older (closed by the server)")
            self.assert_reads(client)
        self.assertEqual([len(server.requests) for server in waiting], [0, 0, 0, 0, 0, 1])

    def test_a_scan_or_what_speaks_something_else_does_not_cut_the_line_off(self):
        broker = self.start_waiting()
        self.dial_and_open(broker)
        noise = [b"", b"\r\n", b"GET / HTTP/1.0\r\n\r\n", bytes.fromhex("160301006a0100"), bytes(range(200))]
        with self.client() as client:
            for number, data in enumerate(noise * 2):
                connection = connected(self.place)
                self.addCleanup(connection.close)
                connection.sendall(data)
                self.assert_reads(client, number)
        self.assertFalse([message for message in broker.messages if "is gone" in message or "older" in message])

    def test_frames_that_nothing_asked_for_are_discarded_on_the_line_and_before_it(self):
        broker = self.start_waiting()
        line = self.dial_and_open(broker)
        # A report, one that repeats a number of before, and a request of the server's own.
        line.unasked = unasked_frame(0, [1, 1, 1]) + unasked_frame(60_000, [2, 2, 2])
        line.unasked += bytes.fromhex("ea60000000060103000a0003")
        line.send(line.unasked)
        waiting = self.dial()
        with self.client() as client:
            for number in range(20):
                self.assert_reads(client, number)
                # The beginning of one is left when it becomes the line.
                waiting.send(line.unasked + line.unasked[:5] if number == 19 else line.unasked)
            line.close()
            broker.wait_for_message("has taken the place")
            waiting.send(line.unasked[5:])
            for number in range(20):
                self.assert_reads(client, number)
        self.assertFalse([message for message in broker.messages if "is gone" in message])
        self.assertGreaterEqual(self.line_status("inverter")["foreignFrames"], 63)

    def test_what_is_no_modbus_tcp_closes_the_connection_and_is_told(self):
        broker = self.start_waiting()
        self.dial_and_open(broker).send(b"registration 0123456789")
        broker.wait_for_message("the server says: \"registration 0123456789\"")
        broker.wait_for_message("is gone (what it sends is no Modbus TCP)")

    def test_the_one_whose_address_is_not_allowed_is_closed(self):
        self.configure(
            [self.dialling(allow=["127.0.0.2", "127.0.0.3", "127.0.0.4"], deny="127.0.0.3")], self.listeners(),
            clients={"deny": "127.0.0.4"})
        broker = self.start("waiting for it at")
        for source in ("127.0.0.1", "127.0.0.3", "127.0.0.4"):
            self.assertTrue(self.dial(source=source).closed.wait(LIMIT))
        broker.wait_for_message("refused: a client whose address may not come in (127.0.0.")
        self.dial_and_open(broker, source="127.0.0.2")
        # The rules of the line are not those of its clients.
        with self.client() as client:
            self.assert_reads(client)


class RedialTests(DiallingLineTestCase):
    """Clients that read without a pause, while the server dials in again and again."""

    CLIENTS, ROUNDS, INTERVAL = 4, 8, 0.4

    def setUp(self):
        super().setUp()
        self.answers, self.failures, self.wrong = [0] * self.CLIENTS, [], []

    def read(self, number, stop):
        with self.client() as client:
            while not stop.is_set():
                address = number * 1000 + self.answers[number] % 900
                answer = client.read_holding_registers(address, count=2)
                if answer.isError():
                    self.failures.append(getattr(answer, "exception_code", repr(answer)))
                    continue
                self.answers[number] += 1
                if answer.registers != [value(address), value(address + 1)]:
                    self.wrong.append((address, answer.registers))

    @contextlib.contextmanager
    def load(self):
        stop = threading.Event()
        threads = [threading.Thread(target=self.read, args=(number, stop)) for number in range(self.CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def wait_for_answers(self):
        before = list(self.answers)
        eventually(lambda: all(now > then + 2 for now, then in zip(self.answers, before)), "answers for all", limit=30)

    def redial(self, leave):
        """Dials in again and again; `leave(server)` is what becomes of the older one."""
        broker = self.start_waiting()
        server = self.dial_and_open(broker)
        with self.load():
            for _ in range(self.ROUNDS):
                self.wait_for_answers()
                threading.Event().wait(self.INTERVAL)
                server = leave(server)
            self.wait_for_answers()
        self.assertEqual(self.wrong, [])
        self.assertLessEqual(set(self.failures), {NO_WAY, NO_REPLY})
        return broker

    def test_one_that_hangs_up_and_dials_again(self):
        def leave(server):
            server.close()
            return self.dial()

        broker = self.redial(leave)
        told = [m for m in broker.messages if "is gone" in m or "is connected" in m or "older" in m]
        self.assertLessEqual(len(told), 12, told)

    def test_one_that_dials_again_before_it_hangs_up(self):
        def leave(server):
            next_one = self.dial()
            server.close()
            return next_one

        self.redial(leave)

    def test_one_that_leaves_connections_behind_costs_no_query(self):
        def leave(server):
            # Before the older is mute: a request that it has got already may be repeated once only.
            next_one = self.dial()
            server.mute = True
            self.assertTrue(server.closed.wait(LIMIT))
            return next_one

        broker = self.redial(leave)
        self.assertEqual(self.failures, [])
        self.assertFalse([message for message in broker.messages if "is gone" in message])


class DiallingLineReloadTests(DiallingLineTestCase):
    def test_what_only_changes_other_things_keeps_the_connection(self):
        broker = self.start_waiting()
        server = self.dial_and_open(broker)
        with self.client() as client:
            for settings in ({"retries": 2}, {"min_period": 0.001}, {"allow": "127.0.0.9"}, {"deny": "127.0.0.1"}, {}):
                self.reload([self.dialling(**settings)], self.listeners(), clients={"timeout": 5})
                self.assert_reads(client)
        self.assertFalse(server.closed.is_set())

    def test_other_addresses_are_allowed_from_the_reload_on(self):
        broker = self.start_waiting()
        told = self.reload([self.dialling(deny="127.0.0.1")], self.listeners(), clients={"timeout": 5})
        self.assertIn("addresses of line inverter", told)
        self.assertTrue(self.dial().closed.wait(LIMIT))
        self.reload([self.dialling()], self.listeners(), clients={"timeout": 5})
        self.dial_and_open(broker)

    def test_another_address_and_a_line_of_another_kind(self):
        broker = self.start_waiting()
        server, other = self.dial_and_open(broker), free_port()
        self.reload([self.dialling(other)], self.listeners())
        self.assertTrue(server.closed.wait(LIMIT))
        with self.assertRaises(ConnectionRefusedError):
            connected(self.place)
        broker.wait_for_message(f"waiting for it at 127.0.0.1:{other}")
        server = self.dial_and_open(broker, place=other)
        with self.client() as client:
            self.assert_reads(client)
            self.reload([self.line()], self.listeners())
            self.assertTrue(server.closed.wait(LIMIT))
            self.assert_reads(client, values=lambda address: self.unit.holding[address])

    def test_two_lines_swap_their_addresses(self):
        places = [free_port(), free_port()]

        def lines(one, two):
            return [self.dialling(one, name="one", units=[1]), self.dialling(two, name="two", units={2: 1})]

        self.configure(lines(*places), self.listeners())
        broker = self.start("one: waiting", "two: waiting")
        for order in (places[::-1], places):
            seen = len(broker.messages)
            self.reload(lines(*order), self.listeners())
            for name, place in zip(("one", "two"), order):
                broker.wait_for_message(f"{name}: waiting for it at 127.0.0.1:{place}", since=seen)
            servers = [self.dial(lambda _: 100, place=order[0]), self.dial(lambda _: 200, place=order[1])]
            with self.client() as client:
                for unit in (1, 2):
                    # The connection may still be on its way.
                    eventually(lambda: not client.read_holding_registers(1, device_id=unit).isError(), f"unit {unit}")
                    self.assertEqual(client.read_holding_registers(1, device_id=unit).registers, [unit * 100])
            for server in servers:
                server.close()
        self.assertFalse([message for message in broker.messages if "Address already" in message])

    def test_an_address_goes_from_the_line_to_a_listener_and_back(self):
        broker = self.start_waiting()
        for _ in range(2):
            server = self.dial_and_open(broker)
            at_address = {"tcp": f"127.0.0.1:{self.place}"}
            self.reload([self.line()], [*self.listeners(), at_address])
            self.assertTrue(server.closed.wait(LIMIT))
            client = ModbusTcpClient("127.0.0.1", port=self.place, timeout=8, retries=0)
            with client_connected(client):
                self.assert_reads(client, values=lambda address: self.unit.holding[address])
            seen = len(broker.messages)
            self.reload([self.dialling()], self.listeners())
            broker.wait_for_message(f"waiting for it at 127.0.0.1:{self.place}", since=seen)
        self.assertFalse([message for message in broker.messages if "Address already" in message])

    def test_an_address_goes_from_a_dongle_to_a_line_and_to_a_listener(self):
        endpoint = f"listen+rtuovertcp://127.0.0.1:{self.place}"
        self.configure([self.line(dongle={"endpoint": endpoint})], self.listeners())
        broker = self.start("shine: waiting for it at")
        self.reload([self.line()], [*self.listeners(), {"rtu-tcp": f"127.0.0.1:{self.place}"}])
        connected(self.place).close()
        self.reload([self.line(dongle={"endpoint": endpoint})], self.listeners())
        self.reload([self.dialling()], self.listeners())
        broker.wait_for_message(f"inverter: waiting for it at 127.0.0.1:{self.place}")
        self.dial_and_open(broker)
        with self.client() as client:
            self.assert_reads(client)

    def test_a_reload_that_fails_leaves_the_line_where_it_was(self):
        broker = self.start_waiting()
        server = self.dial_and_open(broker)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            wanted = [*self.listeners(), {"tcp": f"127.0.0.1:{self.place}"}, {"tcp": "127.0.0.1:%d" % taken.getsockname()[1]}]
            seen = len(broker.messages)
            self.assertIn("Address already in use", self.reload([self.line()], wanted, expected=1))
        with self.client() as client:
            self.assert_reads(client)
            self.assertFalse(server.closed.is_set())
            broker.wait_for_message(f"waiting for it at 127.0.0.1:{self.place}", since=seen)
            again = self.dial()
            server.close()
            eventually(lambda: not client.read_holding_registers(1).isError() and again.requests, "the line of before")
            self.assert_reads(client)
