"""Virtual serial ports: real programs on several ports of one line, and what one program leaves to the next."""

import concurrent.futures
import contextlib
import os
import pwd
import signal
import stat
import subprocess
import time

import mbpoll
import rtu
from broker import ENVIRONMENT, PROGRAM, Broker, BrokerTestCase
from clients import serial_client, tcp_client
from test_process import Status
from waiting import eventually
from ways import Program, opened, reading, writing

# No reply may come any more: what had to be waited for is over when this begins.
QUIET = 0.15


class VirtualPortTestCase(BrokerTestCase):
    def port(self, number=1):
        return self.directory / f"port{number}"

    def start_broker(self, *options, ports=1, **others):
        flags = [flag for number in range(1, ports + 1) for flag in ("--pty", self.port(number))]
        return super().start_broker(*flags, "--log", self.log_path, *options, **others)


class PlainProgram(Program):
    """Sets nothing, and throws away nothing that it finds."""

    def __init__(self, path):
        self.descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)


class RealProgramTests(VirtualPortTestCase):
    ROUNDS = 12

    def test_two_mbpoll_and_one_pymodbus_on_three_ports_beside_tcp_clients(self):
        broker = self.start_broker(ports=3)

        def poll(number):
            for address in range(number * 1000, number * 1000 + self.ROUNDS):
                status, output = mbpoll.over_serial(self.port(number), "-t", "4", "-r", address, "-c", "20")
                self.assertEqual((status, mbpoll.values(output)), (0, self.unit.holding.block(address, 20)), output)

        def read(client, first):
            for address in range(first, first + 10 * self.ROUNDS):
                self.assertEqual(
                    client.read_holding_registers(address, count=30).registers, self.unit.holding.block(address, 30))
                self.assertEqual(client.read_input_registers(address).registers, [self.unit.input[address]])

        with serial_client(self.port(3)) as serial, tcp_client(broker) as one, tcp_client(broker) as two:
            with concurrent.futures.ThreadPoolExecutor(5) as threads:
                work = [threads.submit(poll, 1), threads.submit(poll, 2)]
                work += [threads.submit(read, *args) for args in ((serial, 3000), (one, 4000), (two, 5000))]
                for done in work:
                    done.result(120)
        names = {entry["from_client"] for entry in self.log_entries() if entry["role"] == "REQ"}
        self.assertLessEqual({f"PTY:{self.port(number)}" for number in (1, 2, 3)}, names)

    def test_every_speed_and_format_is_served(self):
        self.start_broker()
        formats = [(baud, parity, bits) for baud in (1200, 9600, 115200)
                   for parity, bits in (("none", 1), ("none", 2), ("even", 1), ("odd", 1))]
        for address, (baud, parity, bits) in enumerate(formats):
            with self.subTest(baud=baud, parity=parity, bits=bits):
                status, output = mbpoll.over_serial(
                    self.port(), "-t", "4", "-r", address, "-c", "125", baud=baud, parity=parity, stop_bits=bits)
                self.assertEqual((status, mbpoll.values(output)), (0, self.unit.holding.block(address, 125)), output)

    def test_mbpoll_writes_through_a_port(self):
        self.start_broker()
        status, output = mbpoll.over_serial(self.port(), "-t", "4", "-r", "40", write=(4711,))
        self.assertEqual(status, 0, output)
        self.assertEqual(self.unit.holding[40], 4711)
        self.assertEqual(len(self.unit.executed_writes), 1)


class ProgramsInTurnTests(VirtualPortTestCase):
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
                self.assertEqual(second.received().hex(), expected.hex(), round)

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
                    self.assertEqual(second.received().hex(), expected.hex())

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
        self.start_broker()
        for address in range(30):
            with opened("pty", self.port()) as first:
                first.send(rtu.read(address, 1))
                self.wait_for_entries(1, role="RSP", addr=address)
            with opened("pty", self.port()) as second:
                self.assertEqual(second.exchange(reading(500 + address, 2))[2:],
                                 rtu.words(self.unit.holding.block(500 + address, 2)))

    def test_quick_programs_in_turn_each_get_their_own_answer(self):
        self.start_broker()
        for number in range(150):
            with opened("pty", self.port()) as program:
                if number % 3 == 0:
                    program.send(rtu.read(9000 + number, 1))
                    continue
                reply = program.exchange(reading(number, 1))
                self.assertEqual(reply[2:], rtu.words([self.unit.holding[number]]), number)

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


class NodeTests(VirtualPortTestCase):
    """The name and the node behind it."""

    def configured(self, **node):
        return Broker("--config", self.configure(**node))

    def configure(self, **node):
        settings = "".join(f"    {key}: {value!r}\n" for key, value in node.items())
        file = self.directory / "config.yaml"
        file.write_text(f"lines: [{{endpoint: {self.directory}/inverter, silence: 0, min-period: 0}}]\n"
                        f"listeners:\n  - pty: {self.port()}\n{settings}control: none\n")
        return file

    def test_owner_group_and_mode_are_those_of_the_configuration(self):
        owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        broker = self.configured(mode="0604", owner=owner.pw_name, group=owner.pw_gid)
        self.addCleanup(broker.stop)
        broker.wait_for_message("listening on")
        node = self.port().stat()
        self.assertEqual(stat.S_IMODE(node.st_mode), 0o604)
        self.assertEqual((node.st_uid, node.st_gid), (owner.pw_uid, owner.pw_gid))

    def test_the_name_is_removed_at_the_end_and_a_stale_one_is_replaced(self):
        broker = self.start_broker()
        self.assertEqual(stat.S_IMODE(self.port().stat().st_mode), 0o660)
        broker.kill()
        self.assertTrue(os.path.islink(self.port()))
        broker = self.start_broker()
        with opened("pty", self.port()) as program:
            program.exchange(reading(3, 1))
        broker.stop()
        self.assertFalse(os.path.lexists(self.port()))

    def test_an_owner_a_group_and_a_mode_that_a_reload_removes_are_taken_back(self):
        broker = self.configured()
        self.addCleanup(broker.stop)
        broker.wait_for_message("listening on")
        as_made = self.access()
        owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.configure(mode="0604", owner=owner.pw_name, group=owner.pw_gid)
        broker.process.send_signal(signal.SIGHUP)
        eventually(lambda: self.access() == (0o604, owner.pw_uid, owner.pw_gid), "what was set")
        self.configure()
        broker.process.send_signal(signal.SIGHUP)
        eventually(lambda: self.access() == as_made, "what the system makes")

    def access(self):
        node = self.port().stat()
        return stat.S_IMODE(node.st_mode), node.st_uid, node.st_gid

    def assert_refused(self, broker, *words):
        broker.exit_status(expected=1)
        for word in words:
            self.assertIn(word, broker.messages[-1])

    def test_a_name_that_another_broker_has_is_refused_and_stays_its_own(self):
        self.start_broker()
        second = Broker("--inverter", self.directory / "other", "--tcp", "none", "--pty", self.port())
        self.assert_refused(second, str(self.port()), "a running broker has a virtual port of this name")
        with opened("pty", self.port()) as program:
            self.assertEqual(program.exchange(reading(3, 1))[2:], rtu.words([self.unit.holding[3]]))

    def test_a_file_of_that_name_is_left_alone(self):
        self.port().write_text("mine")
        broker = Broker("--inverter", self.directory / "inverter", "--tcp", "none", "--pty", self.port())
        self.assert_refused(broker, str(self.port()), "remove it or choose another name")
        self.assertEqual(self.port().read_text(), "mine")

    def test_a_user_that_there_is_not_is_named(self):
        self.assert_refused(
            self.configured(owner="no-such-user"), str(self.port()), "owner 'no-such-user': there is no such user")
        self.assertFalse(os.path.lexists(self.port()))

    def test_who_may_not_give_it_away_is_told_so(self):
        self.directory.chmod(0o777)
        self.configured(owner="root").kill()
        nobody = {"user": "nobody"} if os.geteuid() == 0 else {}
        done = subprocess.run(
            [PROGRAM, "--config", self.directory / "config.yaml"], capture_output=True, text=True, env=ENVIRONMENT,
            timeout=20, **nobody)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("owner 'root': Operation not permitted; only root may set it", done.stderr)


class IdleTests(VirtualPortTestCase):
    SECONDS = 3

    def test_ports_without_and_with_an_opener_cost_nothing_while_nothing_happens(self):
        broker = self.start_broker(ports=3)
        status = Status(broker.process.pid)
        programs = [Program(self.port(number)) for number in (1, 2)]
        for program in programs:
            program.exchange(reading(1, 1))
        programs.pop().close()
        eventually(status.is_settled, "a process at rest")
        before = status.context_switches()
        time.sleep(self.SECONDS)  # This time is what is measured.
        rate = (status.context_switches() - before) / self.SECONDS
        print(f"\n  idle virtual ports: {rate:.1f} context switches a second")
        programs.pop().close()
        self.assertLess(rate, 5)
