"""Virtual serial ports: real programs on several ports of one line."""

import concurrent.futures
import os
import pwd
import signal
import stat
import subprocess
import time

import mbpoll
import rtu
from broker import ENVIRONMENT, PROGRAM, Broker
from clients import serial_client, tcp_client
from test_process import Status
from virtual_ports import VirtualPortTestCase
from waiting import eventually
from ways import Program, opened, reading


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

    def assert_refused(self, broker, *words, status=1):
        broker.exit_status(expected=status)
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
        self.assert_refused(broker, str(self.port()), "is no link to a pseudo-terminal; choose another name", status=2)
        self.assertEqual(self.port().read_text(), "mine")

    def test_a_user_that_there_is_not_is_named(self):
        self.assert_refused(
            self.configured(owner="no-such-user"), "listeners[0].owner: ", str(self.port()),
            "owner 'no-such-user': there is no such user", status=2)
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
