"""What clients get who ask more than a line can do, or wait no longer (R8, R10)."""

import socket
import time

import rtu
from clients import raw_connection, receive_frames, tcp_read
from configured import ANYWHERE, ConfiguredTestCase
from waiting import eventually

BUSY, NO_PATH, NO_ANSWER = 6, 10, 11
# Of times that are told in milliseconds.
ROUNDED = 0.01


def exception(code, function=rtu.READ_HOLDING):
    return bytes([function | 0x80, code])


class OverloadTests(ConfiguredTestCase):
    def serve(self, *listeners, **line):
        self.configure([self.line(**line)], list(listeners))
        return self.start("inverter is open")

    def connected(self):
        listener, = self.status()["listeners"]
        return listener["connections"]

    def ask(self, port, *reads):
        """A connection that has asked these: transaction, address, count."""
        connection = self.enterContext(raw_connection(port))
        connection.sendall(b"".join(tcp_read(*read) for read in reads))
        return connection, self.enterContext(connection.makefile("rb"))

    def test_an_unplugged_line_is_told_ten_times_a_second(self):
        self.configure([self.line(str(self.directory / "nothing"))], [{"tcp": ANYWHERE}])
        broker = self.start()
        connection = self.enterContext(raw_connection(broker.port))
        stream = self.enterContext(connection.makefile("rb"))
        began = time.monotonic()
        for number in range(25):
            connection.sendall(tcp_read(number, 0, 1))
            self.assertEqual(list(receive_frames(stream, 1)), [(number, exception(NO_PATH))])
        self.assertGreater(time.monotonic() - began, 2 - ROUNDED)

    def test_what_is_held_for_a_client_does_not_hide_its_end(self):
        self.configure([self.line(str(self.directory / "nothing"))], [{"tcp": ANYWHERE}])
        broker = self.start()
        with raw_connection(broker.port) as connection, connection.makefile("rb") as stream:
            connection.sendall(b"".join(tcp_read(number, number, 1) for number in range(100)))
            dict(receive_frames(stream, 1))
            self.assertEqual(self.connected(), 1)
        eventually(lambda: self.connected() == 0, "the end of the connection")

    def test_the_same_read_with_another_identifier_is_answered_by_the_same_reply(self):
        broker = self.serve({"tcp": ANYWHERE})
        self.unit.hold_replies()
        _, stream = self.ask(broker.port, (1, 100, 2), (2, 100, 2), (3, 100, 2))
        eventually(lambda: self.unit.requests, "the request")
        self.unit.release_replies()
        answers = dict(receive_frames(stream, 3))
        value = bytes([rtu.READ_HOLDING, 4]) + rtu.words(self.unit.holding.block(100, 2))
        self.assertEqual(answers, {1: value, 2: value, 3: value})
        self.assertEqual(len(self.unit.requests), 1)

    def test_newest_only(self):
        broker = self.serve({"tcp": ANYWHERE, "newest-only": True})
        self.unit.hold_replies()
        connection, stream = self.ask(broker.port, (1, 100, 1))
        eventually(lambda: self.unit.requests, "the first request")
        connection.sendall(tcp_read(2, 200, 1) + tcp_read(3, 300, 1))
        self.unit.release_replies()
        answer, = receive_frames(stream, 1)
        self.assertEqual(answer, (3, bytes([rtu.READ_HOLDING, 2]) + rtu.words([self.unit.holding[300]])))
        connection.shutdown(socket.SHUT_WR)
        self.assertEqual(stream.read(), b"", "nothing else is answered")

    def test_a_listener_has_a_timeout_of_its_own(self):
        broker = self.serve({"tcp": ANYWHERE, "timeout": "500ms"}, {"tcp": ANYWHERE, "timeout": 60}, rtimeout=4)
        self.unit.hold_replies()
        _, hasty = self.ask(broker.ports[0], (1, 100, 1))
        _, patient = self.ask(broker.ports[1], (1, 200, 1))
        answer, = receive_frames(hasty, 1)
        self.assertIn(answer, [(1, exception(BUSY)), (1, exception(NO_ANSWER))])
        self.unit.release_replies()
        answer, = receive_frames(patient, 1)
        self.assertEqual(answer, (1, bytes([rtu.READ_HOLDING, 2]) + rtu.words([self.unit.holding[200]])))

    def test_requests_whose_turn_comes_too_late_are_told_with_their_number(self):
        broker = self.serve({"tcp": ANYWHERE, "timeout": 1}, rtimeout=5)
        self.unit.hold_replies()
        _, stream = self.ask(broker.port, *((number, number * 10, 1) for number in range(5)))
        answers = dict(receive_frames(stream, 5))
        self.assertEqual(answers, {0: exception(NO_ANSWER), **{number: exception(BUSY) for number in range(1, 5)}})
        broker.wait_for_message(
            "refused: a request, for its turn came too late: the line has more to do than it can (127.0.0.1)")
        self.unit.release_replies()

    def test_a_timeout_of_a_listener_changes_with_a_reload(self):
        broker = self.serve({"tcp": ANYWHERE, "timeout": 60}, rtimeout=4)
        self.unit.hold_replies()
        self.reload([self.line(rtimeout=4)], [{"tcp": ANYWHERE, "timeout": "500ms"}])
        _, stream = self.ask(broker.port, (1, 100, 1))
        answer, = receive_frames(stream, 1)
        self.assertEqual(answer, (1, exception(NO_ANSWER)))
        self.unit.release_replies()

    def test_no_answer_is_an_exception_where_it_is_said(self):
        broker = self.serve({"rtu-tcp": ANYWHERE, "no-answer": "exception"}, rtimeout="100ms")
        self.unit.loses_reply = lambda _: True
        with raw_connection(broker.port) as connection:
            connection.sendall(rtu.read(100, 1))
            self.assertEqual(connection.recv(99), rtu.frame(1, exception(NO_ANSWER)))
            self.unit.loses_reply = lambda _: False
            connection.sendall(rtu.read(200, 1))
            self.assertEqual(connection.recv(99), rtu.read_reply([self.unit.holding[200]]))
