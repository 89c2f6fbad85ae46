"""The dongle on its own serial line: pymodbus through socat, and bytes on a pseudo-terminal."""

import subprocess

import rtu
from broker import BrokerTestCase
from clients import serial_client, tcp_client
from pty_port import PtyPort
from waiting import eventually

# No reply may come any more: what had to be waited for is over when this begins.
QUIET = 0.15
BOOT_TEXT = b"\r\n ets Jan  8 2013,rst cause:1, boot mode:(3,6)\r\n\r\nload 0x4010f000, len 3460, room 16 \r\ntail 4\r\n"


class DongleTestCase(BrokerTestCase):
    def start_broker(self, *options, **others):
        shine = self.directory / "shine"
        broker = super().start_broker("--shine", shine, "--log", self.log_path, *options, **others)
        broker.wait_for_message(f"{shine} is open")
        return broker


class PymodbusDongleTests(DongleTestCase):
    def setUp(self):
        super().setUp()
        ends = [self.directory / "shine", self.directory / "dongle"]
        socat = subprocess.Popen(["socat", *(f"pty,raw,echo=0,link={end}" for end in ends)])
        self.addCleanup(socat.wait)
        self.addCleanup(socat.terminate)
        eventually(lambda: all(end.exists() for end in ends), "socat's pseudo-terminals")

    def dongle(self):
        return serial_client(self.directory / "dongle")

    def test_reads_and_writes(self):
        self.start_broker()
        with self.dongle() as dongle:
            self.assertEqual(dongle.read_holding_registers(43, count=2).registers, self.unit.holding.block(43, 2))
            self.assertEqual(dongle.read_input_registers(0, count=125).registers, self.unit.input.block(0, 125))
            self.assertFalse(dongle.write_register(45, 1234).isError())
            self.assertFalse(dongle.write_registers(46, [5, 6]).isError())
            self.assertEqual(dongle.read_holding_registers(45, count=3).registers, [1234, 5, 6])
        self.assertEqual(len(self.unit.executed_writes), 2)

    def test_works_at_the_default_pace_beside_a_tcp_client(self):
        broker = self.start_broker(pace=("--min-period", "0.05"))
        with self.dongle() as dongle, tcp_client(broker) as client:
            for address in range(10):
                values = self.unit.holding.block(address, 3)
                self.assertEqual(dongle.read_holding_registers(address, count=3).registers, values)
                self.assertEqual(client.read_input_registers(address).registers, [self.unit.input[address]])


class DongleBytesTests(DongleTestCase):
    def setUp(self):
        super().setUp()
        self.dongle = PtyPort(self.directory / "shine")
        self.addCleanup(self.dongle.unplug)

    def start_warm_broker(self, *options):
        """A broker that has read once, so that it knows that the line has no echo."""
        broker = self.start_broker(*options)
        self.ask(rtu.read(0, 1), self.reply_of_read(0, 1))
        return broker

    def reply_of_read(self, address, count):
        return rtu.read_reply(self.unit.holding.block(address, count))

    def ask(self, sent, expected):
        self.dongle.send(sent)
        self.assertEqual(self.dongle.receive_exactly(len(expected)).hex(), expected.hex())

    def send_while_another_is_on_the_line(self, first, second):
        """Both are with the broker, and the unit has received the first one, when this returns."""
        earlier = len(self.wait_for_entries(1, role="REQ"))
        self.unit.hold_replies()
        self.dongle.send(first)
        eventually(lambda: self.unit.received(first), "the first request at the unit")
        self.dongle.send(second)
        self.wait_for_entries(earlier + 2, role="REQ", from_client="SHINE")

    def assert_quiet(self):
        self.assertEqual(self.dongle.receive(QUIET), b"")

    def test_glued_requests_are_told_apart(self):
        self.start_warm_broker()
        # Two in one go: the older is a read, so that only the newest need be answered.
        self.dongle.send(rtu.read(10, 2) + rtu.read(20, 3))
        received = self.dongle.receive_exactly(len(self.reply_of_read(20, 3)))
        self.assertEqual(received, self.reply_of_read(20, 3))
        entries = self.wait_for_entries(3, role="REQ", from_client="SHINE")
        self.assertEqual([e["addr"] for e in entries], [0, 10, 20])
        self.assert_quiet()

    def test_a_write_glued_before_a_read_is_executed_once(self):
        self.start_warm_broker()
        self.dongle.send(rtu.write(50, 4711) + rtu.read(50, 1))
        expected = rtu.read_reply([4711])
        self.assertEqual(self.dongle.receive_exactly(len(expected)), expected)
        self.assertEqual(self.unit.received(rtu.write(50, 4711)), 1)
        self.assert_quiet()

    def test_a_request_behind_boot_text_is_answered(self):
        self.start_warm_broker()
        self.ask(BOOT_TEXT * 4 + rtu.read(30, 4), self.reply_of_read(30, 4))
        dropped = b"".join(bytes.fromhex(e["hex"]) for e in self.wait_for_entries(1, role="DROP"))
        self.assertEqual(dropped, BOOT_TEXT * 4)

    def test_a_request_in_pieces_is_answered(self):
        self.start_warm_broker()
        request = rtu.read(30, 4)
        self.dongle.send(request[:3])
        self.ask(request[3:], self.reply_of_read(30, 4))

    def test_a_repeated_read_is_executed_and_answered_once(self):
        self.start_warm_broker("--rtimeout", "5")
        request = rtu.read(11, 2)
        self.send_while_another_is_on_the_line(request, request)
        self.unit.release_replies()
        expected = self.reply_of_read(11, 2)
        self.assertEqual(self.dongle.receive_exactly(len(expected)), expected)
        self.assert_quiet()
        self.assertEqual(self.unit.received(request), 1)

    def test_a_repeated_write_is_executed_and_answered_once(self):
        self.start_warm_broker("--rtimeout", "5")
        request = rtu.write(45, 99)
        self.send_while_another_is_on_the_line(request, request)
        self.unit.release_replies()
        self.assertEqual(self.dongle.receive_exactly(len(request)), request)
        self.assert_quiet()
        self.assertEqual(self.unit.received(request), 1)

    def test_a_newer_read_supersedes_the_one_on_the_line(self):
        self.start_warm_broker("--rtimeout", "5")
        self.send_while_another_is_on_the_line(rtu.read(11, 2), rtu.read(12, 2))
        self.unit.release_replies()
        expected = self.reply_of_read(12, 2)
        self.assertEqual(self.dongle.receive_exactly(len(expected)), expected)
        self.assert_quiet()
        self.assertEqual(self.wait_for_entries(1, role="RSP", outcome="superseded")[0]["addr"], 11)

    def test_a_dead_unit_is_silence(self):
        self.unit.loses_request = lambda _: True
        self.start_broker("--rtimeout", "0.2")
        for address in range(2):
            self.dongle.send(rtu.read(address, 1))
            self.wait_for_entries(1, role="RSP", outcome="timeout", addr=address)
        self.assert_quiet()

    def test_an_exception_of_the_unit_is_passed_on(self):
        self.start_warm_broker()
        self.ask(rtu.read(self.unit.ABSENT_REGISTER, 1), rtu.frame(1, bytes([0x83, 2])))

    def test_an_unplugged_dongle_is_served_when_it_is_back(self):
        broker = self.start_warm_broker()
        seen = len(broker.messages)
        self.dongle.unplug()
        broker.wait_for_message("shine: ", since=seen)
        self.dongle.plug()
        broker.wait_for_message("shine is open", since=seen)
        self.ask(rtu.read(3, 1), self.reply_of_read(3, 1))
