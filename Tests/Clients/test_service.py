"""The broker as a service: what it tells the service manager, and how it writes its messages."""

import json
import os
import re
import signal
import socket
import subprocess
import time

from broker import ENVIRONMENT, FAST, PROGRAM, Broker, BrokerTestCase
from clients import tcp_client
from configured import ANYWHERE, ConfiguredTestCase
from test_passthrough import PassthroughTestCase
from waiting import eventually


class Manager:
    """A service manager: takes what it is told, in order."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.settimeout(10)
        self.name = "@" + address[1:] if address.startswith("\0") else address

    def environment(self, **variables):
        return {**ENVIRONMENT, "NOTIFY_SOCKET": self.name, **variables}

    def next(self):
        """The assignments of the next message."""
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().split("\n"))

    def wait_for(self, **expected):
        """The first message that has these assignments; those before it are gone."""
        while not expected.items() <= (message := self.next()).items():
            pass
        return message

    def close(self):
        self.socket.close()


class ServiceTestCase(BrokerTestCase):
    def setUp(self):
        super().setUp()
        self.manager = Manager(str(self.directory / "notify"))
        self.addCleanup(self.manager.close)

    def start_service(self, *options, **variables):
        broker = Broker(
            "--inverter", self.directory / "inverter", "--tcp", ANYWHERE, *FAST, *options,
            environment=self.manager.environment(**variables))
        self.addCleanup(broker.stop)
        return broker


class ReadinessTests(ServiceTestCase):
    def test_it_is_ready_when_clients_can_come_in_and_stopping_when_it_stops(self):
        broker = self.start_service()
        ready = self.manager.next()
        self.assertEqual(ready["READY"], "1")
        broker.wait_for_message("inverter is open")
        with tcp_client(broker) as client:
            self.assertFalse(client.read_holding_registers(0).isError())
        self.assertEqual(ready["STATUS"], f"listening on 127.0.0.1:{broker.port}")
        broker.stop(signal.SIGTERM)
        self.assertEqual(self.manager.next(), {"STOPPING": "1"})

    def test_a_stop_asks_for_the_time_that_slow_units_may_take(self):
        broker = self.start_service("--rtimeout", "20")
        self.assertEqual(self.manager.next()["READY"], "1")
        broker.stop(signal.SIGTERM)
        self.manager.wait_for(STOPPING="1")
        self.assertGreater(int(self.manager.next()["EXTEND_TIMEOUT_USEC"]), 40_000_000)

    def test_a_socket_without_a_file_is_told_as_well(self):
        manager = Manager(f"\0growatt-broker-test-{os.getpid()}")
        self.addCleanup(manager.close)
        broker = Broker(
            "--inverter", self.directory / "inverter", "--tcp", ANYWHERE, *FAST, environment=manager.environment())
        self.addCleanup(broker.stop)
        self.assertEqual(manager.next()["READY"], "1")

    def test_an_address_that_is_taken_is_never_ready(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            broker = Broker(
                "--inverter", self.directory / "inverter", "--tcp", f"127.0.0.1:{taken.getsockname()[1]}",
                environment=self.manager.environment())
            broker.exit_status(expected=1)
        self.manager.socket.setblocking(False)
        with self.assertRaises(BlockingIOError):
            self.manager.next()

    def test_a_manager_that_is_gone_or_none_changes_nothing(self):
        self.manager.close()
        for name in (self.manager.name, "no path", "/" + 200 * "x"):
            with self.subTest(name):
                broker = self.start_service(NOTIFY_SOCKET=name, WATCHDOG_USEC="20000")
                with tcp_client(broker) as client:
                    self.assertFalse(client.read_holding_registers(0).isError())
                broker.stop()


class WatchdogTests(ServiceTestCase):
    def test_the_event_loop_tells_that_it_runs_twice_within_the_time(self):
        broker = self.start_service(WATCHDOG_USEC="1000000")
        self.manager.wait_for(READY="1")
        before = time.monotonic()
        for _ in range(5):
            self.assertIn("inverter ", self.manager.wait_for(WATCHDOG="1")["STATUS"])
        # Each half a second, where once a second would take four seconds at least.
        self.assertGreater(time.monotonic() - before, 1.4)
        self.assertLess(time.monotonic() - before, 3.8)
        with tcp_client(broker) as client:
            client.read_holding_registers(0)
            eventually(
                lambda: self.manager.next().get("STATUS") == "inverter open, 1 client", "a status with the client")

    def test_nothing_is_told_for_another_process_or_for_no_time(self):
        others = {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}
        for variables in (others, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "x"}):
            with self.subTest(variables):
                broker = self.start_service(**variables)
                self.assertEqual(self.manager.next().get("READY"), "1")
                broker.stop()
                self.assertEqual(self.manager.next(), {"STOPPING": "1"})
                self.assertEqual(list(self.manager.next()), ["EXTEND_TIMEOUT_USEC"])


class ReloadTests(ConfiguredTestCase):
    def test_a_reload_is_told_and_ends_ready_even_if_it_fails(self):
        manager = Manager(str(self.directory / "notify"))
        self.addCleanup(manager.close)
        self.configure([self.line()], [{"tcp": ANYWHERE}])
        broker = Broker("--config", self.file, environment=manager.environment(GROWATT_BROKER_CONTROL=str(self.socket)))
        self.addCleanup(broker.stop)
        manager.wait_for(READY="1")
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self.run_command("reload")
        reloading = manager.next()
        self.assertEqual(reloading["RELOADING"], "1")
        self.assertLess(before, int(reloading["MONOTONIC_USEC"]))
        self.assertEqual(manager.next(), {"READY": "1"})
        self.file.write_text("nonsense: 1\n")
        self.run_command("reload", expected=1)
        self.assertEqual(manager.next()["RELOADING"], "1")
        self.assertEqual(manager.next(), {"READY": "1"})


class FirmwareUpdateTests(PassthroughTestCase):
    def test_a_firmware_update_asks_for_more_time_to_stop(self):
        manager = Manager(str(self.directory / "notify"))
        self.addCleanup(manager.close)
        broker = Broker(
            "--inverter", self.directory / "inverter", "--tcp", ANYWHERE, *FAST, "--shine", self.directory / "shine",
            "--control", self.socket, environment=manager.environment())
        self.addCleanup(broker.kill)
        broker.wait_for_message("shine is open")
        self.start_passthrough(broker, "--minutes", "1")
        self.unit.update()
        self.dongle.send(b"\xff\x00boot")
        self.dongle.receive_exactly(6)
        broker.process.send_signal(signal.SIGTERM)
        manager.wait_for(STOPPING="1")
        for _ in range(2):
            message = manager.next()
            self.assertEqual(message["EXTEND_TIMEOUT_USEC"], "30000000")
            self.assertIn("firmware update", message["STATUS"])


class MessageTests(BrokerTestCase):
    def messages(self, *options, **variables):
        """What it writes to stderr from start to end, with a variable that is no setting."""
        broker = Broker(
            "--inverter", self.directory / "inverter", "--tcp", ANYWHERE, *options,
            environment={**ENVIRONMENT, "GROWATT_BROKER_NONSENSE": "1", **variables})
        self.addCleanup(broker.stop)
        broker.wait_for_message("inverter is open")
        broker.stop()
        return broker.messages

    def test_as_text_each_is_behind_the_name_of_the_program(self):
        for message in self.messages():
            self.assertRegex(message, "^growatt-broker: [^<{]")

    def test_as_json_each_is_an_object_with_its_time_and_level(self):
        messages = [json.loads(line) for line in self.messages("--log-format", "json")]
        self.assertEqual({tuple(message) for message in messages}, {("ts", "t", "level", "message")})
        self.assertIn("warning", {message["level"] for message in messages})
        self.assertTrue(any(message["message"].startswith("listening on ") for message in messages))
        for message in messages:
            self.assertLess(abs(message["t"] - time.time()), 60)
            self.assertRegex(message["ts"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$")

    def test_a_failure_at_run_time_is_json_as_well(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = taken.getsockname()
            broker = Broker(
                "--inverter", "/dev/null", "--tcp", f"127.0.0.1:{address[1]}", "--log-format", "json")
            broker.exit_status(expected=1)
        last = json.loads(broker.messages[-1])
        self.assertEqual(last["level"], "error")
        self.assertIn(str(address[1]), last["message"])

    def test_for_the_journal_each_has_its_priority_and_nothing_that_the_journal_knows(self):
        messages = self.messages("--log-format", "journal")
        self.assertEqual({message[:3] for message in messages}, {"<6>", "<4>"})
        for message in messages:
            self.assertNotIn("growatt-broker:", message)
            self.assertIsNone(re.search(r"\d\d:\d\d:\d\d", message), message)

    def test_a_name_with_a_line_end_makes_no_second_message_of_any_priority(self):
        manager = Manager(str(self.directory / "notify"))
        self.addCleanup(manager.close)
        broker = Broker(
            "--inverter", "/dev/none\n<0>evil", "--tcp", ANYWHERE, "--pty", self.directory / "port\nMAINPID=1",
            "--log-format", "journal", environment=manager.environment())
        self.addCleanup(broker.stop)
        self.assertEqual(set(manager.wait_for(READY="1")), {"READY", "STATUS"})
        broker.wait_for_message("no such device")
        broker.stop()
        self.assertTrue(all(message.startswith(("<6>", "<4>")) for message in broker.messages), broker.messages)

    def test_where_stderr_is_the_journal_it_is_written_so_and_elsewhere_not(self):
        reading, writing = os.pipe()
        try:
            status = os.fstat(writing)
            for inode, start in ((status.st_ino, "<"), (status.st_ino + 1, "growatt-broker: ")):
                subprocess.run(
                    [PROGRAM, "--inverter", "/dev/null", "--min-period", "soon"], stderr=writing, timeout=20,
                    env={**ENVIRONMENT, "JOURNAL_STREAM": f"{status.st_dev}:{inode}"})
                self.assertTrue(os.read(reading, 4096).decode().startswith(start))
        finally:
            os.close(reading)
            os.close(writing)
