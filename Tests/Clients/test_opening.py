"""A port that is opened for the first time, or in the place of another: queries wait for it, and go nowhere else."""

import os
import socket
import tty
import unittest

import rtu
from configured import ANYWHERE, ConfiguredTestCase
from shared_line import SharedLine
from ways import opened, reading

NO_PATH = bytes([0x83, 0x0A])
LISTENERS = [{"tcp": ANYWHERE}]
PATIENT = {"timeout": 30}


class SilentHost:
    """A TCP port whose queue is full: the system drops every further attempt to connect to it."""

    def __init__(self):
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(0)
        self.port = self._listener.getsockname()[1]
        self._waiting = []
        for _ in range(2):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", self.port))
            self._waiting.append(client)

    @property
    def url(self):
        return f"rtuovertcp://127.0.0.1:{self.port}"

    def close(self):
        for end in [self._listener, *self._waiting]:
            end.close()


class FirstOpeningTests(ConfiguredTestCase):
    def setUp(self):
        super().setUp()
        self.silent, self.server = SilentHost(), SharedLine(17)
        for end in (self.silent, self.server):
            self.addCleanup(end.close)
        self.answer = bytes([rtu.READ_HOLDING, 4]) + rtu.words(self.server.holding.block(3, 2))

    def test_a_query_waits_for_the_first_attempt_and_hears_that_there_is_no_line(self):
        self.configure([self.line(self.silent.url)], LISTENERS, clients=PATIENT)
        broker = self.start()
        with opened("tcp", broker.port) as client:
            self.assertEqual(client.exchange(reading(3, 2)), NO_PATH)

    def test_a_reload_gives_up_the_attempt_at_a_host_that_says_nothing(self):
        self.configure([self.line(self.silent.url)], LISTENERS, clients=PATIENT)
        broker = self.start()
        with opened("tcp", broker.port) as client:
            for line, answer in ((self.server.url, self.answer), (self.silent.url, NO_PATH), (self.server.url, self.answer)):
                self.reload([self.line(line)], LISTENERS, clients=PATIENT)
                self.assertEqual(client.exchange(reading(3, 2)), answer)


class EndedTerminalTests(ConfiguredTestCase):
    """A program that is killed leaves its link behind, and Linux gives the number to the next one."""

    def terminal(self, name=None):
        """Both ends of a new pseudo-terminal, with this name if one is given."""
        others = []
        try:
            for _ in range(50):
                ends = os.openpty()
                if name in (None, os.ttyname(ends[1])):
                    tty.setraw(ends[1])
                    return ends
                others += ends
        finally:
            for end in others:
                os.close(end)
        raise unittest.SkipTest(f"another program has {name} by now")

    def test_a_link_that_is_left_behind_is_not_followed_not_even_after_a_reload(self):
        link = self.directory / "unit"
        ends = self.terminal()
        name = os.ttyname(ends[1])
        os.symlink(name, link)
        self.configure([self.line(str(link))], LISTENERS)
        broker = self.start("/unit is open")
        for end in ends:
            os.close(end)
        broker.wait_for_message("has ended")
        here, there = self.terminal(name)
        self.addCleanup(os.close, here)
        self.addCleanup(os.close, there)
        os.set_blocking(here, False)
        with opened("tcp", broker.port) as client:
            self.assertEqual(client.exchange(reading(3, 2)), NO_PATH)
            self.reload([self.line(str(link), baud=19200)], LISTENERS)
            self.assertEqual(client.exchange(reading(3, 2)), NO_PATH)
        with self.assertRaises(BlockingIOError):
            os.read(here, 100)
        os.unlink(link)
        os.symlink(name, link)
        broker.wait_for_message("/unit is open at 19200")


if __name__ == "__main__":
    unittest.main()
