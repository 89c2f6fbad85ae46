"""probe, sniff and ports, by the program."""

import concurrent.futures
import itertools
import json
import signal
import subprocess

from broker import ENVIRONMENT, PROGRAM
from dataset import DatasetTestCase
from picky_unit import PickyUnit
from tools import Terminal, run_tool

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
