"""Who may come in, who may write, and how much one client may ask."""

import socket
import struct
import time

import rtu
from broker import Broker, BrokerTestCase
from clients import receive_frames, tcp_client, tcp_read
from configured import ANYWHERE, ConfiguredTestCase
from pty_port import PtyPort
from waiting import eventually
from ways import RTU, ModbusTCP, ModbusUDP, Program, connected, opened, reading, writing

REFUSED, BUSY = 0x01, 0x06
# A time that the broker waits may be measured from a little later here.
ROUNDED = 0.05
NETWORK = ("tcp", "rtu-tcp", "udp", "rtu-udp")
WRITES = [
    writing(40, 7), struct.pack(">BHHBH", rtu.WRITE_SEVERAL, 40, 1, 2, 7), struct.pack(">BHHH", rtu.MASK_WRITE, 40, 0, 7),
    struct.pack(">BHHHHBH", rtu.READ_WRITE, 40, 1, 40, 1, 2, 7), struct.pack(">BHH", 0x05, 3, 0xFF00)]


def is_served(port, source="127.0.0.1", kind="tcp"):
    """Whether who comes from this address gets an answer; nothing, or a closed connection, is none."""
    is_datagram = "udp" in kind
    connection = connected(port, socket.SOCK_DGRAM if is_datagram else socket.SOCK_STREAM, source)
    client = {"tcp": ModbusTCP, "udp": ModbusUDP}.get(kind, RTU)(connection)
    if is_datagram:
        connection.settimeout(0.5)
    try:
        return len(client.exchange(reading(1, 1))) == 4
    except (OSError, AssertionError):
        return False
    finally:
        client.close()


class ReadOnlyTests(ConfiguredTestCase):
    def listeners(self, **settings):
        return [{kind: ANYWHERE, **settings} for kind in NETWORK] + [{"pty": str(self.directory / "port"), **settings}]

    def assert_read_only(self, client):
        for pdu in WRITES:
            self.assertEqual(client.exchange(pdu), bytes([pdu[0] | 0x80, REFUSED]))
        self.assertEqual(client.exchange(reading(10, 2))[2:], rtu.words(self.unit.holding.block(10, 2)))

    def places(self, broker):
        return [*zip(NETWORK, broker.ports), ("pty", self.directory / "port")]

    def test_no_client_of_any_listener_writes_but_the_dongle(self):
        dongle = PtyPort(self.directory / "shine")
        self.addCleanup(dongle.unplug)
        line = self.line(dongle={"endpoint": dongle.link})
        self.configure([line], self.listeners(), clients={"read-only": True})
        broker = self.start("inverter is open", "shine is open")
        for kind, place in self.places(broker):
            with self.subTest(kind), opened(kind, place) as client:
                self.assert_read_only(client)
        self.assertFalse(self.unit.executed_writes)
        dongle.send(rtu.write(45, 99))
        self.assertEqual(dongle.receive_exactly(8), rtu.write(45, 99))

    def test_a_listener_that_is_read_only_is_it_alone(self):
        self.configure([self.line()], [{"tcp": ANYWHERE}, *self.listeners(**{"read-only": True})[1:]])
        broker = self.start("is open")
        for kind, place in self.places(broker):
            with self.subTest(kind), opened(kind, place) as client:
                if kind != "tcp":
                    self.assert_read_only(client)
                    continue
                self.assertEqual(client.exchange(WRITES[0]), WRITES[0])
        self.assertEqual(self.unit.executed_writes, [WRITES[0]])

    def test_it_is_logged_at_once_and_then_not_for_each(self):
        self.configure([self.line()], self.listeners(**{"read-only": True}))
        broker = self.start("is open")
        with opened("tcp", broker.port) as client:
            for _ in range(200):
                client.exchange(WRITES[0])
        broker.wait_for_message("refused: ")
        broker.stop()
        refused = [message for message in broker.messages if "refused: " in message]
        self.assertEqual(len(refused), 2, refused)
        self.assertIn("a write, for it is read-only (127.0.0.1)", refused[0])
        self.assertIn("199 more", refused[1])


class AddressTests(BrokerTestCase):
    def start_everywhere(self, *options):
        flags = [flag for kind in NETWORK[1:] for flag in (f"--{kind}", ANYWHERE)]
        broker = self.start_broker(*flags, *options)
        self.places = list(zip(NETWORK, broker.ports))
        return broker

    def assert_served_only(self, served, refused):
        for kind, port in self.places:
            for source in served:
                self.assertTrue(is_served(port, source, kind), (kind, source))
            for source in refused:
                self.assertFalse(is_served(port, source, kind), (kind, source))

    def test_who_is_denied_is_not_served_at_any_listener(self):
        self.start_everywhere("--deny", "127.0.0.2")
        self.assert_served_only(["127.0.0.1", "127.0.0.3"], ["127.0.0.2"])

    def test_only_who_is_allowed_is_served(self):
        self.start_everywhere("--allow", "127.0.1.0/24,127.0.0.1")
        self.assert_served_only(["127.0.0.1", "127.0.1.1", "127.0.1.254"], ["127.0.0.2", "127.0.2.1"])

    def test_deny_beats_allow(self):
        self.start_everywhere("--allow", "127.0.0.0/8", "--deny", "127.0.0.8/29")
        self.assert_served_only(["127.0.0.7", "127.0.0.16"], ["127.0.0.8", "127.0.0.15"])

    def test_who_is_refused_is_told_once_and_counted(self):
        broker = self.start_everywhere("--deny", "127.0.0.2")
        (_, tcp), (_, _), (_, udp), _ = self.places
        for _ in range(50):
            self.assertFalse(is_served(tcp, "127.0.0.2"))
        connection = connected(udp, socket.SOCK_DGRAM, "127.0.0.2")
        self.addCleanup(connection.close)
        for number in range(200):
            connection.send(tcp_read(number, 0, 1))
        self.assertTrue(is_served(tcp))
        broker.wait_for_message("refused: ")
        broker.stop()
        refused = [message for message in broker.messages if "refused: " in message]
        self.assertEqual(len(refused), 2, refused)
        self.assertIn("127.0.0.2", refused[0])
        self.assertRegex(refused[1], r"\d+ more")
        self.assertFalse([r for r in self.unit.requests if r.pdu == reading(0, 1)])

    def test_a_wrong_block_is_refused_at_the_start(self):
        for flag in ("--allow", "--deny"):
            broker = Broker("--inverter", "/dev/null", flag, "192.168.1.0/33")
            broker.exit_status(expected=2)
            self.assertIn("192.168.1.0/33", broker.messages[-1])


class ListenerAddressTests(ConfiguredTestCase):
    def test_each_listener_has_its_own_rules_besides_those_for_all(self):
        listeners = [{"tcp": ANYWHERE, "allow": ["127.0.0.2", "127.0.0.3"]}, {"rtu-tcp": ANYWHERE, "deny": ["127.0.0.2"]}]
        self.configure([self.line()], listeners, clients={"deny": ["127.0.0.3"]})
        tcp, rtu_tcp = self.start("is open").ports
        served = [[is_served(port, f"127.0.0.{n}", kind) for n in (1, 2, 3)]
                  for kind, port in (("tcp", tcp), ("rtu-tcp", rtu_tcp))]
        self.assertEqual(served, [[False, True, False], [True, False, False]])
        self.assertEqual(self.status()["refused"]["address"], 4)


class NumberTests(BrokerTestCase):
    def test_more_clients_of_one_address_are_closed_and_other_addresses_come_in(self):
        broker = self.start_broker("--max-clients-per-address", "2", "--udp", ANYWHERE)
        tcp, udp = broker.ports
        with opened("tcp", tcp) as one:
            one.exchange(reading(0, 1))
            with opened("tcp", tcp) as two:
                two.exchange(reading(0, 1))
                self.assertFalse(is_served(tcp))
                self.assertFalse(is_served(udp, kind="udp"))
                self.assertTrue(is_served(tcp, "127.0.0.2"))
            eventually(lambda: is_served(tcp), "a client in place of the one that has left")
            one.exchange(reading(0, 1))


class RateTests(BrokerTestCase):
    def ask(self, port, count, source="127.0.0.1"):
        """{transaction: PDU} of so many requests at once."""
        with connected(port, source=source) as connection:
            connection.sendall(b"".join(tcp_read(number, 100 + number, 1) for number in range(count)))
            with connection.makefile("rb") as stream:
                return dict(receive_frames(stream, count))

    def assert_right(self, answers):
        for number, pdu in answers.items():
            if not pdu[0] & 0x80:
                self.assertEqual(pdu, b"\3\2" + rtu.words([self.unit.holding[100 + number]]))

    def test_what_is_too_much_waits_its_turn(self):
        broker = self.start_broker("--max-rate", "20")
        # A second's worth at once, and the rest within the time that a client has.
        began = time.monotonic()
        answers = self.ask(broker.port, 50)
        self.assertGreater(time.monotonic() - began, 30 / 20 - ROUNDED)
        self.assertFalse([pdu for pdu in answers.values() if pdu[0] & 0x80], answers)
        self.assert_right(answers)

    def test_whose_turn_would_come_too_late_is_answered_0x06_and_never_asked(self):
        broker = self.start_broker("--max-rate", "2", "--client-timeout", "3")
        answers = self.ask(broker.port, 40)
        busy = [number for number, pdu in answers.items() if pdu == bytes([0x83, BUSY])]
        served = [number for number in answers if number not in busy]
        print(f"\n  at 2 requests a second, of 40 at once {len(served)} were answered, {len(busy)} with 0x06")
        self.assert_right(answers)
        self.assertEqual(served, sorted(served))
        self.assertTrue(3 <= len(served) <= 9, served)
        broker.wait_for_message("refused: a request, for its address asks more often than clients.rate (127.0.0.1)")
        self.assertLessEqual(len([r for r in self.unit.requests if r.pdu[1:3] >= b"\0\x64"]), len(served))

    def test_it_is_counted_by_address_over_all_connections_and_listeners(self):
        broker = self.start_broker("--max-rate", "1", "--rtu-tcp", ANYWHERE, "--udp", ANYWHERE)
        began = time.monotonic()
        # One at once, and one each second, whichever way it comes.
        for turn, (kind, port) in enumerate(zip(("tcp", "rtu-tcp", "udp"), broker.ports)):
            with opened(kind, port) as client:
                self.assertEqual(client.exchange(reading(100 + turn, 1))[2:], rtu.words([self.unit.holding[100 + turn]]))
            self.assertGreater(time.monotonic() - began, turn - ROUNDED, kind)
        asked = [r.pdu for r in self.unit.requests if r.pdu[1:3] >= b"\0\x64"]
        self.assertEqual(asked, [reading(100 + turn, 1) for turn in range(3)])
        answers = self.ask(broker.port, 1, source="127.0.0.2")
        self.assertFalse([pdu for pdu in answers.values() if pdu[0] & 0x80], "another address")

    def test_clients_of_one_address_take_turns(self):
        broker = self.start_broker("--max-rate", "2")
        with connected(broker.port) as greedy, opened("tcp", broker.port) as polite:
            greedy.sendall(b"".join(tcp_read(number, 100 + number, 1) for number in range(16)))
            with greedy.makefile("rb") as stream:
                # It has had its burst: all else that it has asked waits.
                dict(receive_frames(stream, 2))
                self.assertEqual(polite.exchange(reading(300, 1))[2:], rtu.words([self.unit.holding[300]]))

    def test_who_asks_without_end_is_not_refused_as_fast(self):
        broker = self.start_broker("--max-rate", "2", "--client-timeout", "1")
        began = time.monotonic()
        answers = self.ask(broker.port, 16)
        self.assertEqual(answers[15], bytes([0x83, BUSY]))
        # What nobody waits for any more is refused when its time is over: the time-out less 0.3 s.
        self.assertGreater(time.monotonic() - began, 0.7 - ROUNDED)

    def test_the_dongle_is_not_limited_and_a_program_on_a_port_is(self):
        dongle = PtyPort(self.directory / "shine")
        self.addCleanup(dongle.unplug)
        port = self.directory / "port"
        broker = self.start_broker("--max-rate", "1", "--shine", dongle.link, "--pty", port, "--log", self.log_path)
        broker.wait_for_message("shine is open")
        program = Program(port)
        self.addCleanup(program.close)
        program.exchange(reading(500, 1))
        program.send(rtu.read(501, 1))
        self.wait_for_entries(1, role="REQ", addr=501)
        for address in range(20):
            dongle.send(rtu.read(address, 1))
            self.assertEqual(dongle.receive_exactly(7), rtu.read_reply([self.unit.holding[address]]))
        self.assertEqual(program.received(), rtu.read_reply([self.unit.holding[501]]))
        waited, = self.wait_for_entries(1, role="RSP", addr=501)
        self.assertGreater(waited["queue_ms"], 300)

    def test_a_slow_client_notices_nothing(self):
        broker = self.start_broker("--max-rate", "1000")
        with tcp_client(broker) as client:
            for address in range(50):
                self.assertEqual(client.read_holding_registers(address).registers, [self.unit.holding[address]])
