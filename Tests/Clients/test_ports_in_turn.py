"""What one program on a virtual serial port leaves to the next."""

import contextlib
import json
import subprocess

import mbpoll
import rtu
from clients import tcp_client
from tools import run_tool
from virtual_ports import PlainProgram, VirtualPortTestCase
from waiting import eventually
from ways import opened, reading, writing

# No reply may come any more: what had to be waited for is over when this begins.
QUIET = 0.15


class ProgramsInTurnTests(VirtualPortTestCase):
    def repeated(self, program, request):
        """The answer to it. It is sent again while nothing is heard: where programs write in the same moment as others close,
        a request may be dropped, but never answered wrong."""
        for _ in range(5):
            program.send(request)
            if reply := program.received(2):
                return reply
        self.fail(f"no answer to {request.hex()}")

    def test_the_reply_of_a_program_that_has_closed_reaches_nobody(self):
        self.start_broker("--rtimeout", "5")
        for round in range(20):
            asked = len(self.unit.requests)
            self.unit.hold_replies()
            with opened("pty", self.port()) as first:
                first.send(rtu.read(10, 2 + round % 3))
                eventually(lambda: len(self.unit.requests) > asked, "the request at the unit")
            with opened("pty", self.port()) as second:
                second.send(rtu.read(20, 2 + round % 3))
                self.unit.release_replies()
                expected = rtu.read_reply(self.unit.holding.block(20, 2 + round % 3))
                reply = second.received(2) or self.repeated(second, rtu.read(20, 2 + round % 3))
                self.assertEqual(reply.hex(), expected.hex(), round)

    def test_what_was_answered_while_nobody_had_it_open_is_not_there_for_the_next(self):
        self.start_broker("--rtimeout", "5")
        self.unit.hold_replies()
        with opened("pty", self.port()) as first:
            first.send(rtu.read(10, 2))
            eventually(lambda: self.unit.requests, "the request at the unit")
        self.unit.release_replies()
        self.wait_for_entries(1, role="RSP", addr=10)
        with opened("pty", self.port()) as second:
            self.assertEqual(second.received(QUIET), b"")
            self.assertEqual(second.exchange(reading(30, 1))[2:], rtu.words([self.unit.holding[30]]))

    def test_what_a_program_wrote_just_before_it_closed_is_answered_to_nobody(self):
        self.start_broker("--rtimeout", "5")
        for address in range(20):
            with self.subTest(address=address):
                asked = len(self.unit.requests)
                self.unit.hold_replies()
                first = PlainProgram(self.port())
                first.send(rtu.read(address, 2))
                first.close()
                with contextlib.closing(PlainProgram(self.port())) as second:
                    eventually(lambda: len(self.unit.requests) > asked, "the request at the unit")
                    self.unit.release_replies()
                    self.wait_for_entries(1, role="RSP", addr=address)
                    self.assertEqual(second.received(QUIET), b"")
                    self.assertEqual(second.exchange(reading(500 + address, 2))[2:],
                                     rtu.words(self.unit.holding.block(500 + address, 2)))

    def test_of_programs_that_write_right_behind_one_another_each_gets_its_own_answer(self):
        self.start_broker("--rtimeout", "5")
        for address in range(50):
            with self.subTest(address=address):
                # The first one leaves no answer unread.
                self.unit.hold_replies()
                first = PlainProgram(self.port())
                first.send(rtu.read(address, 2))
                first.close()
                with contextlib.closing(PlainProgram(self.port())) as second:
                    second.send(rtu.read(500 + address, 2))
                    self.unit.release_replies()
                    expected = rtu.read_reply(self.unit.holding.block(500 + address, 2))
                    reply = second.received(2) or self.repeated(second, rtu.read(500 + address, 2))
                    self.assertEqual(reply.hex(), expected.hex())

    def test_mbpoll_right_behind_a_request_of_the_shell_shows_its_own_values(self):
        self.start_broker("--rtimeout", "5")
        for address in range(10):
            with self.subTest(address=address):
                self.unit.hold_replies()
                request = "".join(f"\\{byte:03o}" for byte in rtu.read(address, 2))
                poll = f"exec mbpoll -m rtu -P none -a 1 -0 -1 -o 5 -t 4 -r {700 + address} -c 2 {self.port()}"
                both = subprocess.Popen(["sh", "-c", f"printf '{request}' > {self.port()}; {poll}"],
                                        stdout=subprocess.PIPE, text=True)
                self.wait_for_entries(1, role="REQ", addr=700 + address)
                self.unit.release_replies()
                output, _ = both.communicate(timeout=20)
                self.assertEqual((both.returncode, mbpoll.values(output)),
                                 (0, self.unit.holding.block(700 + address, 2)), output)

    def test_unread_answers_are_not_there_for_the_next(self):
        control = self.directory / "control"
        self.start_broker("--control", control)

        def is_closed():
            status = json.loads(run_tool("status", "--json", "--control", control)[0])
            return [port["connections"] for port in status["listeners"] if port["kind"] == "pty"] == [0]

        for address in range(10):
            with opened("pty", self.port()) as first:
                first.send(rtu.read(address, 2))
                self.wait_for_entries(1, role="RSP", addr=address)
            # Until then the system keeps what lies unread.
            eventually(is_closed, "the broker to notice the close")
            with opened("pty", self.port()) as second:
                self.assertEqual(second.exchange(reading(500 + address, 2))[2:],
                                 rtu.words(self.unit.holding.block(500 + address, 2)))

    def test_quick_programs_in_turn_each_get_their_own_answer(self):
        self.start_broker()
        for number in range(150):
            with opened("pty", self.port()) as program:
                if number % 3 == 0:
                    # Its answer must not lie there before it closes: the next one would be quick enough to read it.
                    self.unit.hold_replies()
                    program.send(rtu.read(9000 + number, 1))
                    continue
                self.unit.release_replies()
                reply = self.repeated(program, rtu.read(number, 1))
                self.assertEqual(reply.hex(), rtu.read_reply([self.unit.holding[number]]).hex(), number)

    def test_writes_of_programs_that_close_at_once_are_executed_once_each(self):
        self.start_broker()
        # As many at a time as may wait.
        for burst in range(0, 48, 16):
            for number in range(burst, burst + 16):
                with opened("pty", self.port()) as program:
                    program.send(rtu.write(100, number))
            eventually(lambda: len(self.unit.executed_writes) >= burst + 16, "all writes")
        with opened("pty", self.port()) as program:
            program.exchange(reading(100, 1))
        self.assertCountEqual(self.unit.executed_writes, [writing(100, number) for number in range(48)])

    def test_writes_of_programs_in_turn_are_executed_in_their_order(self):
        self.start_broker()
        for number in range(40):
            with opened("pty", self.port()) as program:
                program.send(rtu.write(100, number))
            eventually(lambda: len(self.unit.executed_writes) > number, f"write {number}")
        self.assertEqual(self.unit.executed_writes, [writing(100, number) for number in range(40)])

    def test_a_program_that_never_reads_holds_up_nobody(self):
        broker = self.start_broker(ports=2)
        with opened("pty", self.port(1)) as greedy, tcp_client(broker) as client:
            for address in range(100):
                greedy.send(rtu.read(address, 125))
                self.wait_for_entries(1, role="RSP", addr=address)
            self.assertEqual(client.read_holding_registers(7).registers, [self.unit.holding[7]])
            with opened("pty", self.port(2)) as other:
                self.assertEqual(other.exchange(reading(8, 1))[2:], rtu.words([self.unit.holding[8]]))

    def test_an_unplugged_line_is_silence_and_served_when_it_is_back(self):
        broker = self.start_broker()
        with opened("pty", self.port()) as program:
            program.exchange(reading(1, 1))
            self.unit.unplug()
            broker.wait_for_message("is gone")
            program.send(rtu.read(2, 1))
            self.wait_for_entries(1, role="RSP", addr=2)
            self.assertEqual(program.received(QUIET), b"")
            seen = len(broker.messages)
            self.unit.plug()
            broker.wait_for_message("is open", since=seen)
            self.assertEqual(program.exchange(reading(3, 1))[2:], rtu.words([self.unit.holding[3]]))
