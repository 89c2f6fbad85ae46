"""A running broker is asked and told: by its control socket and by SIGHUP."""

import json
import os
import signal
import socket
import stat
import subprocess

from broker import CLEAN_ENVIRONMENT, ENVIRONMENT, PROGRAM, Broker, BrokerTestCase
from clients import raw_connection, tcp_client, tcp_read
from waiting import eventually


class ControlTestCase(BrokerTestCase):
    """A broker with a configuration of its own, which the test may change."""

    def setUp(self):
        super().setUp()
        self.socket = self.directory / "control"
        self.file = self.directory / "config.yaml"

    def configure(self, listeners=("127.0.0.1:0",), line="", rest=""):
        text = f"lines:\n  - endpoint: {self.directory}/inverter\n    min-period: 0\n    silence: 0\n"
        text += "".join(f"    {entry}\n" for entry in line.splitlines())
        text += "listeners:\n" + "".join(f"  - tcp: {address}\n" for address in listeners)
        text += f"control: {self.socket}\n{rest}\n"
        # As editors do: never half a file.
        new = self.file.with_suffix(".new")
        new.write_text(text)
        new.rename(self.file)

    def start(self):
        broker = Broker("--config", self.file, environment=CLEAN_ENVIRONMENT)
        self.addCleanup(broker.stop)
        broker.wait_for_message("listening on")
        broker.wait_for_message("/inverter is open")
        return broker

    def run_command(self, *arguments, expected=0):
        done = subprocess.run(
            [PROGRAM, *arguments, "--control", str(self.socket)], capture_output=True, text=True, env=ENVIRONMENT,
            timeout=20)
        self.assertEqual(done.returncode, expected, done.stderr)
        return done.stdout if expected == 0 else done.stderr

    def status(self):
        return json.loads(self.run_command("status", "--json"))


class StatusTests(ControlTestCase):
    def test_status_has_the_figures_of_what_was_asked(self):
        self.configure(rest="clients:\n  names: {127.0.0.1: laptop}")
        broker = self.start()
        with tcp_client(broker) as client:
            for address in range(5):
                self.assertFalse(client.read_holding_registers(address).isError())
            self.assertTrue(client.read_holding_registers(self.unit.ABSENT_REGISTER).isError())
            status = self.status()
        line, = status["lines"]
        unit, = line["units"]
        asked, = status["clients"]
        self.assertEqual((line["state"], line["waiting"], line["foreignFrames"]), ("open", 0, 0))
        self.assertEqual((unit["unit"], unit["state"], unit["answered"], unit["exceptions"]), (1, "live", 5, 1))
        self.assertEqual((asked["address"], asked["name"], asked["answered"]), ("127.0.0.1", "laptop", 5))
        self.assertEqual(status["listeners"][0]["connections"], 1)
        for recent in (line["lastMinute"], asked["lastMinute"]):
            self.assertEqual(recent.keys(), {"answered", "exceptions", "failed"})
            # A slow machine may need more than a minute.
            self.assertLessEqual(recent["answered"], 5)
        text = self.run_command("status")
        for word in ("inverter", "laptop", "live", "last 60 s: ", f"127.0.0.1:{broker.port}"):
            self.assertIn(word, text)

    def test_a_line_that_is_gone_and_a_unit_that_is_silent_are_told(self):
        self.configure(line="rtimeout: 50ms\nretries: 0")
        broker = self.start()
        with tcp_client(broker) as client:
            self.assertTrue(client.read_holding_registers(0, device_id=9).isError())
            self.assertEqual(self.status()["lines"][0]["units"][0]["state"], "unknown")
            for address in range(1, 5):
                self.assertTrue(client.read_holding_registers(address, device_id=9).isError())
            self.assertEqual(self.status()["lines"][0]["units"][0]["state"], "silent")
            for _ in range(2):
                self.assertTrue(client.read_holding_registers(5, device_id=9).isError())
            figures = self.status()["clients"][0]
            self.assertEqual((figures["timeouts"], figures["asleep"], figures["notSent"]), (6, 1, 1))
            self.unit.unplug()
            eventually(lambda: self.status()["lines"][0]["state"] == "closed", "a line that is closed")
            self.unit.plug()
            eventually(lambda: self.status()["lines"][0]["state"] == "open", "a line that is open")

    def test_only_the_owner_may_use_the_socket_and_a_stale_one_is_replaced(self):
        self.configure()
        broker = self.start()
        self.assertEqual(stat.S_IMODE(self.socket.stat().st_mode), 0o600)
        broker.kill()
        self.assertTrue(self.socket.exists())
        self.start()
        self.assertEqual(self.status()["lines"][0]["name"], "inverter")

    def test_a_second_broker_at_the_same_socket_is_refused_and_the_first_one_stays(self):
        self.configure()
        first = self.start()
        second = Broker("--inverter", self.directory / "other", "--tcp", "127.0.0.1:0", "--control", self.socket)
        second.exit_status(expected=1)
        self.assertIn(f"another broker is there: pid {first.process.pid} (growatt-broker)", second.messages[-1])
        self.assertEqual(self.status()["lines"][0]["state"], "open")

    def test_with_the_flag_nothing_else_need_be_right(self):
        self.configure()
        self.start()
        broken = self.directory / "broken.yaml"
        broken.write_text("lins: []\n")
        variables = CLEAN_ENVIRONMENT | {"GROWATT_BROKER_CONFIG": str(broken), "GROWATT_BROKER_RETRIES": "99"}
        done = subprocess.run(
            [PROGRAM, "status", "--control", str(self.socket)], capture_output=True, text=True, env=variables, timeout=20)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_without_a_broker_the_error_names_the_socket(self):
        error = self.run_command("status", expected=1)
        self.assertIn(str(self.socket), error)
        self.assertEqual(error.count("\n"), 1)

    def test_wrong_lines_get_an_error_each_and_a_flood_is_cut_off(self):
        self.configure()
        self.start()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.socket))
            connection.settimeout(8)
            connection.sendall(b'no json\n{"protocol":9,"command":"status"}\n{"protocol":1,"command":"dance"}\n')
            stream = connection.makefile("rb")
            errors = [json.loads(stream.readline()) for _ in range(3)]
            self.assertTrue(all(not error["ok"] for error in errors), errors)
            self.assertIn("expected one of status", errors[2]["error"])
            connection.sendall(b"x" * 5000)
            self.assertIn("more than 4096 bytes", stream.readline().decode())
            self.assertEqual(stream.read(), b"")
        self.assertEqual(self.status()["lines"][0]["state"], "open")

    def test_who_asks_and_does_not_read_holds_up_nobody(self):
        self.configure()
        broker = self.start()
        with socket.socket(socket.AF_UNIX) as connection, tcp_client(broker) as client:
            connection.connect(str(self.socket))
            connection.settimeout(8)
            try:
                for _ in range(2000):
                    connection.sendall(b'{"protocol":1,"command":"status"}\n')
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.assertFalse(client.read_holding_registers(0).isError())


class LogLevelTests(ControlTestCase):
    def test_debug_tells_every_exchange_until_it_is_set_back(self):
        self.configure()
        broker = self.start()
        with tcp_client(broker) as client:
            self.assertEqual(self.run_command("log-level"), "info\n")
            self.run_command("log-level", "debug")
            client.read_holding_registers(40, count=3)
            broker.wait_for_message("read holding 40+3")
            self.run_command("log-level", "warning")
            client.read_holding_registers(50, count=3)
            self.run_command("log-level", "info")
        self.assertFalse([m for m in broker.messages if "read holding 50+3" in m])
        self.assertIn("expected error, warning, info or debug", self.run_command("log-level", "loud", expected=2))


class ReloadTests(ControlTestCase):
    def test_a_listener_comes_and_goes_and_the_other_one_keeps_its_connections(self):
        self.configure()
        broker = self.start()
        with tcp_client(broker) as client:
            self.assertFalse(client.read_holding_registers(0).isError())
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            self.configure(("127.0.0.1:0", f"127.0.0.1:{port}"))
            self.assertIn(f"+127.0.0.1:{port}", self.run_command("reload"))
            with raw_connection(port) as other:
                other.sendall(tcp_read(1, 0, 1))
                self.assertEqual(other.recv(100)[:2], b"\0\1")
                self.configure()
                self.run_command("reload")
                self.assertEqual(other.recv(100), b"")
            self.assertTrue(client.connected)
            self.assertFalse(client.read_holding_registers(0).isError())
            self.assertEqual(self.status()["listeners"][0]["connections"], 1)

    def test_an_address_that_is_widened_is_had_although_the_old_one_was_in_the_way(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.configure((f"127.0.0.1:{port}",))
        self.start()
        self.configure((f"0.0.0.0:{port}",))
        self.assertIn("listener", self.run_command("reload"))
        with raw_connection(port) as connection:
            connection.sendall(tcp_read(1, 0, 1))
            self.assertTrue(connection.recv(100))

    def test_an_address_in_use_changes_nothing_and_is_told(self):
        self.configure()
        broker = self.start()
        with socket.create_server(("127.0.0.1", 0)) as taken, tcp_client(broker) as client:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            self.configure(("127.0.0.1:0", address), line="retries: 3")
            self.assertIn(address, self.run_command("reload", expected=1))
            broker.wait_for_message("everything stays as it is")
            self.assertFalse(client.read_holding_registers(0).isError())
        self.assertEqual(len(self.status()["listeners"]), 1)

    def test_a_wrong_file_changes_nothing_and_says_why(self):
        self.configure()
        broker = self.start()
        self.configure(line="min-perod: 1")
        error = self.run_command("reload", expected=1)
        self.assertIn("did you mean min-period?", error)
        broker.process.send_signal(signal.SIGHUP)
        broker.wait_for_message("not reloaded")
        with tcp_client(broker) as client:
            self.assertFalse(client.read_holding_registers(0).isError())

    def test_settings_of_the_line_are_changed_on_the_open_port(self):
        self.configure(line="rtimeout: 5")
        broker = self.start()
        self.configure(line="rtimeout: 50ms\nretries: 0")
        broker.process.send_signal(signal.SIGHUP)
        broker.wait_for_message("reloaded: settings of line inverter")
        with tcp_client(broker) as client:
            self.assertEqual(client.read_holding_registers(0, device_id=9).exception_code, 0x0B)
        self.assertEqual(len([m for m in broker.messages if "is open" in m]), 1)

    def test_another_device_is_opened_instead_of_the_old_one(self):
        self.configure()
        broker = self.start()
        from simulated_unit import SimulatedUnit
        other = SimulatedUnit(self.directory / "other")
        self.addCleanup(other.close)
        other.holding.store(5, [4711])
        self.file.write_text(self.file.read_text().replace("/inverter\n", "/other\n"))
        self.run_command("reload")
        broker.wait_for_message("/other is open")
        with tcp_client(broker) as client:
            self.assertEqual(client.read_holding_registers(5).registers, [4711])

    def test_a_poll_that_is_set_while_the_device_is_missing_runs_when_it_comes(self):
        self.unit.unplug()
        self.configure()
        broker = Broker("--config", self.file, environment=CLEAN_ENVIRONMENT)
        self.addCleanup(broker.stop)
        broker.wait_for_message("listening on")
        self.configure(line="poll: holding:40-41")
        self.assertEqual(self.run_command("reload"), "poll\n")
        self.unit.plug()
        eventually(lambda: [r for r in self.unit.requests if r.pdu[1:3] == bytes([0, 40])], "the poll at the unit")

    def test_the_exchange_of_a_line_that_was_replaced_is_finished_before_the_end(self):
        self.configure(line="rtimeout: 5")
        broker = self.start()
        self.unit.hold_replies()
        with raw_connection(broker.port) as connection:
            connection.sendall(tcp_read(7, 30, 2))
            eventually(lambda: self.unit.requests, "the request at the unit")
            self.configure(line="name: other\nrtimeout: 5")
            self.run_command("reload")
            broker.process.send_signal(signal.SIGTERM)
            eventually(lambda: not self.accepts(broker.port), "a listener that is closed")
            self.unit.release_replies()
            self.assertEqual(connection.recv(100)[:2], b"\0\7")
        broker.exit_status(expected=0)

    def test_two_reloads_within_one_exchange_wait_for_it(self):
        self.configure(line="rtimeout: 5")
        broker = self.start()
        self.unit.hold_replies()
        with raw_connection(broker.port) as connection:
            connection.sendall(tcp_read(7, 30, 2))
            eventually(lambda: self.unit.requests, "the request at the unit")
            for name in ("second", "third"):
                self.configure(line=f"name: {name}\nrtimeout: 5")
                self.run_command("reload")
            self.unit.release_replies()
            self.assertEqual(connection.recv(100)[:2], b"\0\7")
            broker.wait_for_message("third: ")
            eventually(lambda: self.status()["lines"][0]["state"] == "open", "the third line")
        self.assertFalse([m for m in broker.messages if "in use" in m or "second: " in m], broker.messages)

    def test_sniff_and_tcp_swap_their_ports(self):
        with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
            ports = [one.getsockname()[1], two.getsockname()[1]]
        broker = None
        for tcp, sniff in (ports, ports[::-1]):
            self.configure((f"127.0.0.1:{tcp}\n  - sniff: 127.0.0.1:{sniff}",))
            if broker:
                self.run_command("reload")
            broker = broker or self.start()
            kinds = {entry["kind"]: entry["address"] for entry in self.status()["listeners"]}
            self.assertEqual(kinds, {"tcp": f"127.0.0.1:{tcp}", "sniff": f"127.0.0.1:{sniff}"})

    def test_a_reload_that_fails_leaves_pseudo_terminals_their_names(self):
        terminal = self.directory / "terminal"

        def write(*terminals):
            listeners = "".join(f"  - pty: {path}\n" for path in terminals)
            self.file.write_text(
                f"lines:\n  - dataset: {{name: sph-6000}}\nlisteners:\n{listeners}control: {self.socket}\n")

        write(terminal)
        broker = Broker("--config", self.file, environment=CLEAN_ENVIRONMENT)
        self.addCleanup(broker.stop)
        broker.wait_for_message("listening on")
        before = os.readlink(terminal)
        write(terminal, self.directory / "absent/folder")
        self.assertIn("absent/folder", self.run_command("reload", expected=1))
        self.assertEqual(os.readlink(terminal), before)

    def accepts(self, port):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        except OSError:
            return False

    def test_the_log_goes_on_in_another_file(self):
        first, second = self.directory / "a.jsonl", self.directory / "b.jsonl"
        self.configure(rest=f"log: {{file: {first}}}")
        broker = self.start()
        with tcp_client(broker) as client:
            client.read_holding_registers(1)
            self.configure(rest=f"log: {{file: {second}}}\ncapture: {{file: {self.directory}/c.jsonl}}")
            self.run_command("reload")
            client.read_holding_registers(2)
            self.wait_for_entries(1, second, role="RSP", addr=2)
            self.wait_for_entries(1, first, role="RSP", addr=1)
            self.assertFalse([e for e in self.log_entries(first) if e.get("addr") == 2])
            self.wait_for_entries(1, self.directory / "c.jsonl", op="read_holding", addr=2)

    def test_the_control_socket_moves(self):
        self.configure()
        self.start()
        moved = self.directory / "moved"
        self.file.write_text(self.file.read_text().replace(str(self.socket), str(moved)))
        self.run_command("reload")
        eventually(moved.exists, "the new socket")
        self.assertFalse(self.socket.exists())
