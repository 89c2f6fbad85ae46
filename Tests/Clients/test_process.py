"""The process: how it ends, whom it admits, and what it needs when nothing happens."""

import os
import pathlib
import re
import signal
import socket
import time

from broker import FAST, Broker, BrokerTestCase
from clients import raw_connection, receive_frames, tcp_client, tcp_read
from waiting import eventually


class ExitTests(BrokerTestCase):
    def assert_refused_as_usage(self, *arguments):
        broker = Broker(*arguments)
        broker.exit_status(expected=2)
        self.assertEqual(len(broker.messages), 1, broker.messages)
        self.assertTrue(broker.messages[0].startswith("growatt-broker: "), broker.messages)

    def test_wrong_use_is_one_line_and_status_2(self):
        for arguments in (["--bogus"], [], ["--inverter", "/dev/null", "--min-period", "soon"], ["frobnicate"]):
            with self.subTest(arguments):
                self.assert_refused_as_usage(*arguments)

    def test_an_address_in_use_is_status_1_and_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            broker = Broker("--inverter", self.directory / "inverter", "--tcp", address)
            broker.exit_status(expected=1)
        self.assertIn(f"{address}: Address already in use by pid {os.getpid()} (", broker.messages[-1])

    def test_an_address_that_the_machine_lacks_is_told_with_those_that_it_has(self):
        broker = Broker("--inverter", self.directory / "inverter", "--tcp", "192.0.2.99:5020")
        broker.exit_status(expected=1)
        self.assertRegex(broker.messages[-1], r"192\.0\.2\.99:5020: .*; this machine has .*127\.0\.0\.1")

    def test_a_file_or_a_directory_is_no_device(self):
        file = self.directory / "file"
        file.write_text("mine")
        for path in (self.directory, file):
            with self.subTest(path):
                self.assert_refused_as_usage("--inverter", path, "--tcp", "127.0.0.1:0")
        self.assertEqual(file.read_text(), "mine")

    def test_a_misspelt_subcommand_is_told_the_right_one(self):
        broker = Broker("sttaus")
        broker.exit_status(expected=2)
        self.assertIn('"sttaus" is no subcommand; did you mean status? expected run, ', broker.messages[0])

    def test_both_signals_end_it_with_status_0(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                broker = self.start_broker()
                with tcp_client(broker) as client:
                    self.assertFalse(client.read_holding_registers(0).isError())
                    broker.stop(number)

    def test_the_exchange_on_the_line_is_finished_before_the_end(self):
        broker = self.start_broker("--rtimeout", "5")
        self.unit.hold_replies()
        with raw_connection(broker.port) as connection:
            connection.sendall(tcp_read(7, 30, 2))
            eventually(lambda: self.unit.requests, "the request at the unit")
            broker.process.send_signal(signal.SIGTERM)
            eventually(lambda: not accepts(broker.port), "a listener that is closed")
            self.unit.release_replies()
            with connection.makefile("rb") as stream:
                (transaction, pdu), = receive_frames(stream, 1)
        self.assertEqual((transaction, pdu[:2]), (7, bytes([3, 4])))
        broker.exit_status(expected=0)

    def test_starts_without_the_device_and_serves_it_when_it_comes(self):
        self.unit.unplug()
        broker = Broker("--inverter", self.directory / "inverter", "--tcp", "127.0.0.1:0", *FAST)
        self.addCleanup(broker.stop)
        with tcp_client(broker) as client:
            self.assertEqual(client.read_holding_registers(0).exception_code, 0x0A)
            self.unit.plug()
            eventually(lambda: not client.read_holding_registers(0).isError(), "a value")


class AdmissionTests(BrokerTestCase):
    def test_one_client_too_many_is_closed_and_admitted_after_another_has_left(self):
        broker = self.start_broker("--max-clients", "2")
        with tcp_client(broker) as stays:
            with tcp_client(broker) as leaves:
                for client in (stays, leaves):
                    self.assertFalse(client.read_holding_registers(0).isError())
                self.assertFalse(is_served(broker.port))
            eventually(lambda: is_served(broker.port), "a client in place of the one that has left")
            self.assertFalse(stays.read_holding_registers(0).isError())

    def test_a_client_that_asks_and_never_reads_stops_nobody(self):
        broker = self.start_broker()
        with raw_connection(broker.port, receive_buffer=4096) as greedy, tcp_client(broker) as other:
            greedy.sendall(b"".join(tcp_read(number, number, 125) for number in range(1000)))
            for address in range(50):
                self.assertEqual(
                    other.read_holding_registers(address, count=2).registers, self.unit.holding.block(address, 2))
            # When it reads at last, each of its requests has its answer.
            with greedy.makefile("rb") as stream:
                answers = list(receive_frames(stream, 1000))
        self.assertEqual(sorted(transaction for transaction, _ in answers), list(range(1000)))


class IdleTests(BrokerTestCase):
    SECONDS = 3

    def test_does_nearly_nothing_while_nothing_happens(self):
        broker = self.start_broker(pace=())
        status = Status(broker.process.pid)
        with tcp_client(broker) as client:
            self.assertFalse(client.read_holding_registers(0).isError())
            eventually(status.is_settled, "a process at rest")
            before = status.context_switches()
            time.sleep(self.SECONDS)  # This time is what is measured.
            rate = (status.context_switches() - before) / self.SECONDS
        print(f"\n  idle: {rate:.1f} context switches a second, {status.resident_kilobytes()} kB resident")
        self.assertLess(rate, 5)
        self.assertLess(status.resident_kilobytes(), 30_000)


class Status:
    """What /proc tells of a process."""

    def __init__(self, pid):
        self.directory = pathlib.Path(f"/proc/{pid}")

    def context_switches(self):
        texts = [task.read_text() for task in self.directory.glob("task/*/status")]
        return sum(int(n) for text in texts for n in re.findall(r"ctxt_switches:\s+(\d+)", text))

    def is_settled(self):
        before = self.context_switches()
        time.sleep(0.2)
        return self.context_switches() == before

    def resident_kilobytes(self):
        return int(re.search(r"VmRSS:\s+(\d+)", (self.directory / "status").read_text())[1])


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionError:  # Refused, or reset in the backlog of a listener that closes.
        return False
    return True


def is_served(port):
    """Whether a new client gets an answer."""
    try:
        with raw_connection(port) as connection:
            connection.sendall(tcp_read(1, 0, 1))
            return bool(connection.recv(100))
    except ConnectionError:
        return False
