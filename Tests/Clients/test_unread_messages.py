"""Messages and the demo's lines that nobody reads: no client waits for their reader, and the end does not either."""

import contextlib
import fcntl
import os
import re
import signal
import socket
import subprocess
import threading
import unittest

from broker import ENVIRONMENT, PROGRAM, STOP_LIMIT
from clients import raw_connection, receive_frames, tcp_read
from waiting import eventually

DATASET = ("run", "--mode", "dataset", "--dataset", "min-6000tl-xh", "--tcp", "127.0.0.1:0")
LEAST_PIPE = 4096
EXCHANGE = re.compile(r"growatt-broker: TCP:127\.0\.0\.1:\d+ +unit 1 .* waited \S+ ms")
LOSS = re.compile(r"growatt-broker: (\d+) messages lost")


class Pipe:
    """A pipe with as little room as there can be."""

    def __init__(self):
        self.reader, self.writer = os.pipe()
        fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, LEAST_PIPE)

    def fill(self):
        os.set_blocking(self.writer, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(self.writer, b"\n")
        # The program gets the same open file.
        os.set_blocking(self.writer, True)

    def close(self):
        for end in (self.reader, self.writer):
            with contextlib.suppress(OSError):
                os.close(end)


class UnreadTestCase(unittest.TestCase):
    def setUp(self):
        self.pipe = Pipe()
        self.addCleanup(self.pipe.close)

    def start(self, *arguments, **streams):
        process = subprocess.Popen([PROGRAM, *arguments], env=ENVIRONMENT, **streams)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def assert_ends(self, process, status=0, limit=STOP_LIMIT):
        self.assertEqual(process.wait(limit), status)


class MessageTests(UnreadTestCase):
    def start_gateway(self, *options):
        """A gateway whose messages are read until it listens, and no further; its port is `self.port`."""
        process = self.start(*DATASET, *options, stderr=self.pipe.writer)
        os.close(self.pipe.writer)
        self.messages = b""
        while not (listening := re.search(rb"listening on 127\.0\.0\.1:(\d+)\n", self.messages)):
            self.messages += os.read(self.pipe.reader, 1)
        self.port = int(listening[1])
        return process

    def read(self, count):
        with raw_connection(self.port) as connection, connection.makefile("rb") as stream:
            for number in range(count):
                connection.sendall(tcp_read(number, number % 100, 1))
                (transaction, pdu), = receive_frames(stream, 1)
                self.assertEqual((transaction, pdu[:2]), (number, bytes([3, 2])))

    def read_messages(self):
        """All that come until the program ends."""
        while part := os.read(self.pipe.reader, 65536):
            self.messages += part

    def test_every_read_is_answered_and_who_reads_later_gets_whole_lines_and_how_many_are_missing(self):
        reads = 3000
        process = self.start_gateway("--log-level", "debug")
        self.read(reads)
        reader = threading.Thread(target=self.read_messages)
        reader.start()
        eventually(lambda: sum(self.kept_and_lost()) >= reads, "the last exchange")
        process.send_signal(signal.SIGTERM)
        self.assert_ends(process)
        reader.join()
        *lines, rest = self.messages.decode().split("\n")
        self.assertEqual(rest, "")
        self.assertEqual([line for line in lines if not line.startswith("growatt-broker: ")], [])
        kept, lost = self.kept_and_lost()
        self.assertEqual(kept + lost, reads)
        self.assertGreater(lost, 0)

    def kept_and_lost(self):
        lines = self.messages.decode().split("\n")
        losses = [int(loss[1]) for loss in map(LOSS.fullmatch, lines) if loss]
        return sum(bool(EXCHANGE.fullmatch(line)) for line in lines), sum(losses)

    def test_a_signal_ends_it_while_nobody_reads(self):
        process = self.start_gateway("--log-level", "debug")
        self.read(200)
        process.send_signal(signal.SIGTERM)
        self.assert_ends(process)

    def test_a_failure_ends_it_while_nobody_reads(self):
        self.pipe.fill()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            # The start is in this time too.
            self.assert_ends(self.start(*DATASET[:-1], address, stderr=self.pipe.writer), status=1, limit=30)


class DemoTests(UnreadTestCase):
    def test_it_answers_and_ends_while_nobody_reads_its_lines(self):
        process = self.start("demo", "--tcp", "127.0.0.1:0", stdout=self.pipe.writer, stderr=subprocess.DEVNULL)
        invitation = b""
        while not invitation.endswith(b"Ctrl-C ends it.\n"):
            invitation += os.read(self.pipe.reader, 1)
        self.pipe.fill()
        port = int(re.search(rb"Modbus TCP is on 127\.0\.0\.1:(\d+)", invitation)[1])
        with raw_connection(port) as connection, connection.makefile("rb") as stream:
            for number in range(5):
                connection.sendall(tcp_read(number, number, 1))
                # A value or, as the demo loses a few, an exception.
                (transaction, _), = receive_frames(stream, 1)
                self.assertEqual(transaction, number)
        process.send_signal(signal.SIGTERM)
        self.assert_ends(process)
