"""probe, sniff and ports, by the program."""

import concurrent.futures
import itertools
import json
import re
import shutil
import signal
import socket
import subprocess
import threading
import unittest

from broker import ENVIRONMENT, FAST, PROGRAM, Broker, BrokerTestCase
from dataset import DatasetTestCase
from picky_unit import PickyUnit
from tapped_line import TappedLine
from tools import Terminal, run_tool
from waiting import eventually

QUICK = ("--listen", "0.1", "--rtimeout", "0.15", "--min-period", "0")


class ProbeTests(DatasetTestCase):
    def picky_unit(self, name, *arguments, **options):
        unit = PickyUnit(self.directory / name, *arguments, **options)
        self.addCleanup(unit.close)
        return unit

    def probe(self, path, *options, status=0):
        output, _ = run_tool("probe", path, *QUICK, "--json", *options, status=status)
        return json.loads(output)

    def test_finds_every_combination(self):
        combinations = list(itertools.product((9600, 19200, 115200), (1, 2), (1, 3)))
        self.assertEqual(len(combinations), 12)

        def find(combination):
            baud, stop_bits, unit = combination
            name = f"unit-{baud}-{stop_bits}-{unit}"
            self.picky_unit(name, unit, (baud, stop_bits))
            found = self.probe(self.directory / name, "--formats", "8N1,8N2")
            return found["baud"], int(found["format"][2]), found["units"][0]["unit"], found["inverter"]

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for combination, found in zip(combinations, pool.map(find, combinations)):
                baud, stop_bits, unit = combination
                with self.subTest(combination):
                    self.assertEqual(found[:3], (baud, stop_bits, unit))
                    query = f"?baud={baud}" + ("&format=8N2" if stop_bits == 2 else "")
                    self.assertTrue(found[3].endswith(query), found[3])

    def test_what_it_prints_is_what_the_gateway_needs(self):
        self.picky_unit("unit", 1, (57600, 1))
        endpoint = self.probe(self.directory / "unit")["inverter"]
        broker = self.start("--inverter", endpoint, "--tcp", "127.0.0.1:0")
        broker.wait_for_message("is open at 57600 8N1")
        output, _ = run_tool("read", f"tcp://127.0.0.1:{broker.port}", "holding", "0")
        self.assertIn("4711", output)

    def test_the_simulated_units_of_the_program_understand_their_own_speed_only(self):
        path = self.directory / "unit"
        broker = self.serve("min-6000tl-xh", "--pty", path, "--baud", "38400")
        broker.wait_for_message("units answer here")
        self.assertEqual(self.probe(path)["baud"], 38400)
        run_tool("read", path, "holding", "0", "--baud", "38400")
        run_tool("read", path, "holding", "0", "--rtimeout", "0.1", "--retries", "0", status=1)

    def test_never_writes(self):
        unit = self.picky_unit("unit", 9, (2400, 2))
        found = self.probe(self.directory / "unit", "--bauds", "2400,9600", "--rtimeout", "0.02", status=1)
        self.assertEqual(found["verdict"], "garbage")
        self.assertEqual({request[1] for request in unit.requests}, {3, 4})

    def test_tells_what_is_wrong(self):
        self.picky_unit("echo", 9, (9600, 1), echoes=True)
        self.assertEqual(
            self.probe(self.directory / "echo", "--bauds", "9600", "--formats", "8N1", status=1)["verdict"], "echo")
        self.picky_unit("silent", 9, (9600, 1))
        output, errors = run_tool(
            "probe", self.directory / "silent", *QUICK, "--bauds", "9600", "--formats", "8N1", status=1)
        self.assertIn("not a byte came", output)
        self.assertIn("at most", errors)

    def test_a_line_where_somebody_asks_is_left_alone(self):
        path = self.directory / "tap"
        unit = self.picky_unit("tap", 1, (9600, 1))
        feeder = unit._port
        broker_request = bytes.fromhex("010300000001840a")
        process = subprocess.Popen(
            [PROGRAM, "probe", str(path), "--listen", "1", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=ENVIRONMENT, text=True)
        process.stderr.readline()
        for _ in range(3):
            feeder.send(broker_request)
            feeder.send(bytes.fromhex("0103020007f986"))
        output, _ = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 1)
        self.assertEqual(json.loads(output)["verdict"], "other_client")
        self.assertEqual(unit.requests, [])

    def test_through_a_broker_it_asks_the_units(self):
        broker = self.serve({"holding": {"0": 5}, "units": {"2": {"holding": {"0": 6}}}}, "--rtimeout", "0.1")
        found = self.probe(f"tcp://127.0.0.1:{broker.port}")
        self.assertEqual([(u["unit"], u["answer"]) for u in found["units"]], [(1, "holding 0 = 5"), (2, "holding 0 = 6")])

    def test_ctrl_c_leaves_a_clean_line(self):
        self.picky_unit("unit", 9, (9600, 1))
        terminal = Terminal("probe", self.directory / "unit")
        terminal.wait_for("listening at 9600 8N1")
        terminal.interrupt()
        self.assertEqual(terminal.status(), 128 + signal.SIGINT)
        self.assertTrue(terminal.screen.endswith("\r\x1b[K"), terminal.screen)

    def test_a_wrong_command_line_is_one_line(self):
        for words, named in (
                (["--bauds", "9600,x"], "--bauds"), (["--formats", "7N1"], "--formats"), (["--units", "0"], "--units"),
                (["--units", "1-300"], "--units"), (["--listen", "-1"], "--listen")):
            with self.subTest(words):
                _, errors = run_tool("probe", "/dev/none", *words, status=2)
                self.assertEqual(len(errors.splitlines()), 1, errors)
                self.assertIn(named, errors)
        _, errors = run_tool("probe", self.directory / "none", status=1)
        self.assertIn("no such device", errors)


class SniffTests(BrokerTestCase):
    """A gateway asks a unit, and the program listens."""

    def tap(self, **taps):
        line = TappedLine(self.directory / "line", self.directory / "inverter", **taps)
        self.addCleanup(line.close)
        return line

    def gateway(self, *options):
        broker = Broker(
            "--inverter", self.directory / "line", "--tcp", "127.0.0.1:0", *FAST, "--log", self.log_path, *options)
        self.addCleanup(broker.stop)
        broker.wait_for_message("line is open")
        return f"tcp://127.0.0.1:{broker.port}", broker

    def sniff(self, *words, prefix=()):
        """A running sniff that listens already."""
        process = subprocess.Popen(
            [*map(str, prefix), PROGRAM, "sniff", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=ENVIRONMENT, text=True)
        for _ in range(1 if "--feed" in words else sum(str(word).startswith("/") for word in words[:2])):
            line = process.stderr.readline()
            self.assertIn("listening", line)
        return process

    def end(self, process):
        """What it has printed, and its last line for the person."""
        process.send_signal(signal.SIGINT)
        # Not communicate(): it forgets what readline() has read ahead.
        output, errors = process.stdout.read(), process.stderr.read()
        process.stdout.close()
        process.stderr.close()
        self.assertEqual(process.wait(20), 128 + signal.SIGINT, errors)
        return output, errors.splitlines()[-1]

    def talk(self, endpoint):
        for address in range(0, 300, 30):
            run_tool("read", endpoint, "holding", f"{address}x25", "input", f"{address}x12")
        run_tool("write", endpoint, "holding", "7=70", "10=1,2,3", "--yes")
        run_tool("read", endpoint, "holding", "60000", status=1)
        run_tool("read", endpoint, "holding", "0", "--unit", "9", "--rtimeout", "5", status=1)

    def exchanges(self, entries):
        """(what was asked, what was answered), of a wire log, without what the broker answered by itself."""
        asked = [e for e in entries if e["role"] in ("REQ", "SYS") and "hex" in e]
        replies = [e for e in entries if e["role"] == "RSP"]
        return [e["hex"] for e in asked], [(e["hex"], e["outcome"]) for e in replies]

    def assert_saw_everything(self, sniffed):
        broker = [e for e in self.log_entries() if "hex" in e]
        requests, replies = self.exchanges(broker)
        seen_requests, seen_replies = self.exchanges(sniffed)
        self.assertGreater(len(requests), 24)
        self.assertEqual(seen_requests, requests)
        answered = [reply for reply, outcome in replies if outcome in ("ok", "exception") and reply]
        self.assertEqual([reply for reply, outcome in seen_replies if outcome != "timeout"], answered)

    def wait_until_seen(self, path):
        # It is asked twice.
        eventually(
            lambda: sum(e["role"] == "REQ" and e.get("uid") == 9 for e in self.log_entries(path)) == 2,
            "the last request in the tap's log")

    def test_one_tap_sees_every_exchange_and_sends_nothing(self):
        line = self.tap(taps=[self.directory / "tap"])
        log = self.directory / "tap.jsonl"
        process = self.sniff(self.directory / "tap", "--log", log)
        endpoint, _ = self.gateway("--rtimeout", "0.2")
        self.talk(endpoint)
        self.wait_until_seen(log)
        output, counts = self.end(process)
        self.assertEqual(line.transmitted(), b"")
        self.assert_saw_everything(self.log_entries(log))
        self.assertRegex(output, r"unit 1 +write 7 = 70 +\d+ ms +ok")
        self.assertIn("read holding 270+25", output)
        self.assertIn("exception: illegal data address", output)
        self.assertRegex(counts, r": \d+ exchanges, of these 1 exception; 2 unanswered, 0 stray frames, 0 bytes")
        report, _ = run_tool("analyze", log)
        self.assertIn("TAP:", report)

    def test_two_taps_and_json(self):
        line = self.tap(requests=[self.directory / "a"], replies=[self.directory / "b"])
        process = self.sniff(self.directory / "a", self.directory / "b", "--json")
        endpoint, _ = self.gateway("--rtimeout", "0.2")
        self.talk(endpoint)
        output = ""
        while output.count('"uid":9') < 2:
            output += process.stdout.readline()
        rest, _ = self.end(process)
        self.assertEqual(line.transmitted(), b"")
        self.assert_saw_everything([json.loads(entry) for entry in (output + rest).splitlines()])

    def test_two_taps_of_a_program_that_gets_no_processor_lose_nothing(self):
        self.tap(requests=[self.directory / "a"], replies=[self.directory / "b"])
        process = self.sniff(self.directory / "a", self.directory / "b", "--json")
        endpoint, _ = self.gateway("--rtimeout", "0.2")
        process.send_signal(signal.SIGSTOP)
        try:
            self.talk(endpoint)
        finally:
            process.send_signal(signal.SIGCONT)
        output = ""
        while output.count('"uid":9') < 2:
            output += process.stdout.readline()
        rest, _ = self.end(process)
        self.assert_saw_everything([json.loads(entry) for entry in (output + rest).splitlines()])

    def test_the_feed_of_a_broker(self):
        self.tap()
        endpoint, broker = self.gateway("--sniff", "127.0.0.1:0", "--rtimeout", "0.2")
        log = self.directory / "feed.jsonl"
        process = self.sniff("--feed", f"127.0.0.1:{broker.ports[1]}", "--log", log)
        lines = []
        while not lines:
            run_tool("read", endpoint, "holding", "1x3")
            if any(entry["role"] == "RSP" for entry in self.log_entries(log)):
                lines.append(process.stdout.readline())
        self.assertRegex(lines[0], r"^\d\d:\d\d:\d\d\.\d{3} TCP:.* read holding 1\+3 +ok, 8 bytes")
        _, counts = self.end(process)
        self.assertIn(", of these 0 exceptions;", counts)
        fed = [e for e in self.log_entries(log) if e["role"] == "RSP"]
        # The feed is told before the file, and ended while reads may still have been under way.
        eventually(lambda: fed[-1] in self.log_entries(), "the last line of the feed in the broker's own log")
        ours = [e for e in self.log_entries() if e["role"] == "RSP"]
        first = ours.index(fed[0])
        self.assertEqual(fed, ours[first:first + len(fed)])

    def test_the_feed_and_the_modbus_port_are_told_apart(self):
        self.tap()
        _, broker = self.gateway("--sniff", "127.0.0.1:0")
        modbus, feed = broker.ports
        doubt = "and a sniff feed begins with one: is that its Modbus port?"
        _, errors = run_tool("sniff", "--feed", f"127.0.0.1:{modbus}", "--duration", "3.5", status=1)
        self.assertIn(f"127.0.0.1:{modbus}: no line yet, {doubt}", errors)
        self.assertEqual((errors.count(doubt), errors.count("listening to")), (1, 0), errors)
        _, errors = run_tool("sniff", "--feed", f"127.0.0.1:{modbus}", "--duration", "0.2", status=1)
        self.assertIn(f"127.0.0.1:{modbus}: nothing was heard; no line came, {doubt}", errors)
        self.assertNotIn("listening to", errors)
        _, errors = run_tool("sniff", "--feed", f"127.0.0.1:{feed}", "--duration", "0.2", status=1)
        self.assertIn("listening to the broker's sniff feed", errors)
        self.assertNotIn(doubt, errors)
        _, errors = run_tool("read", f"rtuovertcp://127.0.0.1:{modbus}", "holding", "0", status=1)
        self.assertIn(f"the server may speak Modbus TCP, not RTU: try tcp://127.0.0.1:{modbus}", errors)
        _, errors = run_tool("read", f"tcp://127.0.0.1:{feed}", "holding", "0", status=1)
        self.assertIn("that is the sniff feed of a broker: ask its Modbus port", errors)

    def test_a_feed_that_is_none_is_quoted(self):
        for words, told in ((b"Port already in use\r\n", 'the server says: "Port already in use"'), (b"\xff\xfb\x03\xff", "Telnet")):
            with socket.create_server(("127.0.0.1", 0)) as server:
                threading.Thread(target=lambda: server.accept()[0].sendall(words), daemon=True).start()
                _, errors = run_tool("sniff", "--feed", f"127.0.0.1:{server.getsockname()[1]}", status=1)
            self.assertIn(f"that is no sniff feed; {told}" if told.startswith("the") else told, errors)

    def test_every_failure_to_connect_has_the_same_words(self):
        for place, words in (("127.0.0.1:1", "Connection refused"), ("no-such-host.invalid:502", "there is no host of that name")):
            told = [run_tool("sniff", "--feed", place, status=1)[1],
                    run_tool("read", f"tcp://{place}", "holding", "0", status=1)[1],
                    run_tool("read", f"rtuovertcp://{place}", "holding", "0", status=1)[1]]
            for line, scheme in zip(told, ("", "tcp://", "rtuovertcp://")):
                self.assertIn(f"cannot connect to {scheme}{place}: {words}", line)
        _, line = run_tool("status", "--control", self.directory / "nothing", status=1)
        self.assertIn(f"cannot connect to {self.directory}/nothing: No such file or directory", line)

    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    def test_the_system_sees_no_write_to_the_port(self):
        line = self.tap(taps=[self.directory / "tap"])
        trace = self.directory / "trace"
        process = self.sniff(
            self.directory / "tap", "--duration", "1",
            prefix=("strace", "-f", "-o", trace, "-e", "trace=openat,open,write,writev,pwrite64,sendto,sendmsg,ioctl"))
        line.taps[0].send(bytes.fromhex("010300000001840a"))
        process.communicate(timeout=30)
        text = trace.read_text()
        opened = re.findall(r'open(?:at)?\([^"]*"[^"]*/tap", ([A-Z_|]+)[^)]*\) = (\d+)', text)
        self.assertEqual(len(opened), 1, opened)
        self.assertIn("O_RDONLY", opened[0][0])
        self.assertEqual(re.findall(rf"(?:write|writev|pwrite64|sendto|sendmsg)\({opened[0][1]},", text), [])
        # Modem lines are left alone.
        self.assertNotRegex(text, "TIOCM(SET|BIS|BIC)")

    def test_a_wrong_command_line_is_one_line(self):
        for words, named in (
                ([], "--feed"), (["/dev/a", "/dev/a"], "different"), (["/dev/a", "--feed", "a:1"], "--feed"),
                (["tcp://a"], "serial device"), (["--feed", "x"], "--feed"), (["/dev/a", "--baud", "1"], "--baud")):
            with self.subTest(words):
                _, errors = run_tool("sniff", *words, status=2)
                self.assertEqual(len(errors.splitlines()), 1, errors)
                self.assertIn(named, errors)
        _, errors = run_tool("sniff", "--feed", "127.0.0.1:1", status=1)
        self.assertIn("refused", errors)


class PortsTests(DatasetTestCase):
    def test_lists_what_is_there_as_json(self):
        unit = PickyUnit(self.directory / "unit", 1, (9600, 1))
        self.addCleanup(unit.close)
        device = str((self.directory / "unit").resolve())
        broker = self.start_in_front(self.directory / "unit")
        output, _ = run_tool("ports", "--all", "--json")
        port = next(port for port in json.loads(output) if port["device"] == device)
        self.assertIn(broker.process.pid, [holder["pid"] for holder in port["open_in"]])
        self.assertIs(port["may_open"], True)
        self.assertEqual(port["inverter"], device)
        text, _ = run_tool("ports", "--all")
        self.assertIn(f"{device}\n  open in  pid", text)

    def test_without_ports_it_says_so(self):
        done = subprocess.run([PROGRAM, "ports", "--json"], capture_output=True, text=True, env=ENVIRONMENT, timeout=20)
        self.assertEqual(done.returncode, 0 if json.loads(done.stdout) else 1)


class HelpTests(unittest.TestCase):
    @staticmethod
    def help(*words, columns):
        environment = {**ENVIRONMENT, "COLUMNS": str(columns)}
        done = subprocess.run([PROGRAM, *words, "--help"], capture_output=True, text=True, env=environment, timeout=20)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def test_at_80_columns_every_line_fits_and_every_word_is_whole(self):
        overview = self.help(columns=400)
        subcommands = re.findall(r"^  ([a-z-]+)(?: \(default\))? {2,}", overview.split("SUBCOMMANDS:")[1], re.MULTILINE)
        self.assertGreater(len(subcommands), 15, overview)
        for words in ((), *((name,) for name in subcommands)):
            with self.subTest(words):
                text = self.help(*words, columns=80)
                self.assertEqual([line for line in text.splitlines() if len(line) > 80], [])
                self.assertEqual(text.split(), self.help(*words, columns=400).split())

    def test_what_a_tool_tells_is_broken_between_words_on_a_terminal(self):
        terminal = Terminal("read", "/dev/no-such-device-of-a-long-name", "holding", "0", columns=60)
        self.assertEqual(terminal.status(), 1)
        lines = terminal.screen.split("\r\n")
        self.assertEqual([line for line in lines if len(line) > 60], [])
        self.assertEqual(lines[0], "growatt-broker: /dev/no-such-device-of-a-long-name: no such")

    def test_two_examples_each(self):
        for tool in ("probe", "sniff", "ports", "read", "write", "scan"):
            output, _ = run_tool(tool, "--help")
            self.assertGreaterEqual(output.count(f"  growatt-broker {tool}"), 2, output)
