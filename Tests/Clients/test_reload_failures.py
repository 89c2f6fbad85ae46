"""Reloads that come to nothing leave nothing different, and an end that no client can put off."""

import contextlib
import os
import socket
import stat

import rtu
from clients import raw_connection, tcp_client, tcp_read
from configured import ConfiguredTestCase, free_port
from simulated_unit import SimulatedUnit
from waiting import eventually
from ways import opened, reading


class ReloadFailureTests(ConfiguredTestCase):
    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.pty = str(self.directory / "port")
        self.here = [{"tcp": f"127.0.0.1:{self.port}"}, {"pty": self.pty}]

    def begin(self):
        self.configure([self.line()], self.here)
        return self.start("inverter is open")

    def assert_read(self, program):
        self.assertEqual(program.exchange(reading(5, 1))[2:], rtu.words([self.unit.holding[5]]))

    def test_another_mode_is_taken_while_a_program_has_the_port_open(self):
        self.begin()
        with opened("pty", self.pty) as program:
            node = os.path.realpath(self.pty)
            self.assertIn("settings of pty", self.reload([self.line()], [self.here[0], {"pty": self.pty, "mode": "0600"}]))
            self.assert_read(program)
            self.assertEqual(os.path.realpath(self.pty), node)
            eventually(lambda: stat.S_IMODE(os.stat(node).st_mode) == 0o600, "the new mode")

    def test_a_group_that_is_none_leaves_the_port_as_it_is(self):
        self.begin()
        with opened("pty", self.pty) as program:
            node = os.path.realpath(self.pty)
            refusal = self.reload(
                [self.line()], [self.here[0], {"pty": self.pty, "group": "no-such-group"}], expected=1)
            self.assertIn("no-such-group", refusal)
            self.assert_read(program)
            self.assertEqual(os.path.realpath(self.pty), node)

    def test_a_name_that_simulated_units_were_to_have_is_given_back(self):
        self.begin()
        simulated = {"name": "simulated", "dataset": {"name": "min-6000tl-xh"}, "units": {9: 1}}
        broken = {"name": "broken", "dataset": {"name": str(self.directory / "none.json")}, "units": {8: 1}}
        refusal = self.reload(
            [self.line(name="inverter"), simulated, broken],
            [self.here[0], {"pty": self.pty, "line": "simulated"}], expected=1)
        self.assertIn("none.json", refusal)
        with opened("pty", self.pty) as program:
            self.assert_read(program)

    def test_who_came_in_at_a_listener_that_came_to_nothing_is_let_go(self):
        broker = self.begin()
        taken = free_port()
        with socket.socket() as other:
            other.bind(("127.0.0.1", taken))
            other.listen()
            new = free_port()
            for _ in range(5):
                self.reload(
                    [self.line()], [*self.here, {"tcp": f"127.0.0.1:{new}"}, {"tcp": f"127.0.0.1:{taken}"}], expected=1)
                with self.assertRaises(OSError):
                    with raw_connection(new):
                        pass
        with tcp_client(broker) as client:
            self.assertEqual(client.read_holding_registers(5).registers, [self.unit.holding[5]])

    def test_a_line_that_is_renamed_goes_on_at_once(self):
        broker = self.begin()
        self.reload([self.line(name="other")], self.here)
        eventually(lambda: self.line_status("other")["state"] == "open", "the line by its new name")
        with tcp_client(broker) as client:
            self.assertEqual(client.read_holding_registers(5).registers, [self.unit.holding[5]])

    def test_a_new_line_does_not_wait_for_one_that_has_nothing_of_it(self):
        other = SimulatedUnit(self.directory / "other")
        self.addCleanup(other.close)
        with unanswering_port() as port:
            gone = self.line(f"rtuovertcp://127.0.0.1:{port}", name="gone", units={2: 1})
            self.configure([self.line(name="inverter"), gone], self.here)
            self.start("inverter: ")
            new = self.line(str(self.directory / "other"), name="new", units={3: 1})
            self.reload([self.line(name="inverter"), new], self.here)
            # While the old one is still being dialled.
            self.assertTrue(eventually(lambda: self.line_status("new")["state"] == "open", "the new line"))

    def test_dongles_are_named_by_the_place_of_their_line(self):
        dongle = SimulatedUnit(self.directory / "dongle")
        self.addCleanup(dongle.close)
        other = SimulatedUnit(self.directory / "other")
        self.addCleanup(other.close)
        with_dongle = self.line(name="a", dongle={"endpoint": str(self.directory / "dongle")})
        self.configure([with_dongle], self.here)
        broker = self.start("shine: ")
        self.reload([self.line(str(self.directory / "other"), name="b", units={3: 1}), with_dongle], self.here)
        broker.wait_for_message("shine:a: ")


class EndTests(ConfiguredTestCase):
    def test_a_client_that_does_not_read_does_not_put_off_the_end(self):
        self.configure([self.line(retries=0)], [{"tcp": "127.0.0.1:0"}])
        broker = self.start("inverter is open")
        with raw_connection(broker.port, receive_buffer=2048) as greedy:
            greedy.setblocking(False)
            sent, before = 0, -1
            request = tcp_read(1, 0, 125) * 100

            def is_full():
                nonlocal sent, before
                before = sent
                with contextlib.suppress(BlockingIOError):
                    while True:
                        sent += greedy.send(request)
                return sent == before

            eventually(is_full, "a connection that takes no more")
            broker.stop()


@contextlib.contextmanager
def unanswering_port():
    """A port that answers nobody who dials it: as many wait as may."""
    with socket.socket() as server, contextlib.ExitStack() as waiting:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.connect(server.getsockname())
        yield server.getsockname()[1]
