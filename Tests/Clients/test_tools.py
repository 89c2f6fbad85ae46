"""read, write and scan, at every kind of endpoint."""

import json
import signal
import subprocess

from broker import ENVIRONMENT, PROGRAM
from dataset import TABLES, DatasetTestCase, blocks
from foreign_server import foreign_server
from tools import Terminal, read_values, run_tool, serial_server
from waiting import eventually

DATASET = {
    "_source": "a test",
    "holding": {str(a): (a * 7 + 3) % 0x10000 for a in [*range(0, 130), *range(140, 200), 203, 205, 65535]},
    "input": {str(a): (a * 11 + 5) % 0x10000 for a in [*range(0, 45), *range(3000, 3124)]},
    "meter": {str(a): a * 13 for a in range(2, 67)},
}
RANGES = ("--holding", "0-249,65500-65535", "--input", "0-124,3000-3124", "--meter", "0-124")


def registers(dataset):
    """{table: {address: value}} of unit 1."""
    return {table: {int(a): v for a, v in dataset.get(table, {}).items()} for table in TABLES}


class ToolTestCase(DatasetTestCase):
    def setUp(self):
        super().setUp()
        self.out = self.directory / "scan.json"

    def serve_strictly(self, *options):
        self.path = self.directory / "unit"
        broker = self.serve(DATASET, "--strict", "--pty", self.path, *options)
        broker.wait_for_message("units answer here")
        return f"tcp://127.0.0.1:{broker.port}"

    def assert_scanned(self):
        self.assertEqual(registers(json.loads(self.out.read_text())), registers(DATASET))


class EndpointTests(ToolTestCase):
    def endpoints(self):
        yield self.serve_strictly()
        yield self.path
        with serial_server(self.path) as port:
            yield f"rtuovertcp://127.0.0.1:{port}"
        gateway = self.start_in_front(self.path)
        yield f"tcp://127.0.0.1:{gateway.port}"

    def test_reads_writes_and_scans_at_every_kind(self):
        pace = ("--min-period", "0")
        for number, endpoint in enumerate(self.endpoints()):
            with self.subTest(endpoint):
                words = [
                    word for _, table, first, values in blocks(DATASET)
                    for word in (table, f"{first}-{first + len(values) - 1}")]
                expected = {(t, a): v for t, part in registers(DATASET).items() for a, v in part.items()}
                self.assertEqual(read_values(endpoint, *words, *pace), expected)
                value = 1000 + number
                output, _ = run_tool("write", endpoint, "holding", f"203={value}", "140:u32=65538", "--yes", *pace)
                self.assertEqual(output.count("written"), 2, output)
                self.assertEqual(
                    read_values(endpoint, "holding", "203", "140x2", *pace),
                    {("holding", 203): value, ("holding", 140): 1, ("holding", 141): 2})
                run_tool("write", endpoint, "holding", "203=1424", "140=983,990", "--yes", *pace)
                run_tool("scan", endpoint, *RANGES, "--out", self.out, "--force", *pace)
                self.assert_scanned()

    def test_another_program_s_server(self):
        holding = [(a * 3 + 1) % 0x10000 for a in range(300)]
        with foreign_server(holding, [a % 3 == 0 for a in range(40)]) as port:
            endpoint = f"tcp://127.0.0.1:{port}"
            found = read_values(endpoint, "holding", "0-299", "coil", "0-39")
            self.assertEqual([found["holding", a] for a in range(300)], holding)
            self.assertEqual([found["coil", a] for a in range(40)], [int(a % 3 == 0) for a in range(40)])
            run_tool("write", endpoint, "holding", "7=70", "8=80,90", "coil", "1=on", "4=1,1,0", "--yes")
            found = read_values(endpoint, "holding", "7-9", "coil", "1", "4-6")
            self.assertEqual(list(found.values()), [70, 80, 90, 1, 1, 1, 0])
            run_tool("scan", endpoint, "--holding", "0-399", "--out", self.out)
            scanned = registers(json.loads(self.out.read_text()))["holding"]
            self.assertEqual(scanned, {**dict(enumerate(holding)), 7: 70, 8: 80, 9: 90})

    def test_an_endpoint_that_is_not_there_is_one_line(self):
        for endpoint, named in (("tcp://127.0.0.1:1", "refused"), (self.directory / "none", "no such device")):
            for tool in (["read", endpoint, "holding", "1"], ["scan", endpoint]):
                _, errors = run_tool(*tool, status=1)
                self.assertEqual(len(errors.splitlines()), 1, errors)
                self.assertIn(named, errors)


class FaultTests(ToolTestCase):
    FAULTS = ("--faults", "loss 5%; late 5%", "--rtimeout", "0.05")

    def test_no_value_is_ever_wrong_and_a_scan_is_complete(self):
        endpoint = self.serve_strictly(*self.FAULTS)
        for place in (endpoint, self.path):
            with self.subTest(place):
                run_tool(
                    "scan", place, "--holding", "0-124,190-249", "--out", self.out, "--min-period", "0", "--rtimeout", "0.1",
                    "--restart", "--force")
                expected = {a: v for a, v in registers(DATASET)["holding"].items() if a < 125 or 190 <= a < 250}
                self.assertEqual(registers(json.loads(self.out.read_text()))["holding"], expected)

    def test_rounds_that_fail_are_told_and_the_next_one_tried(self):
        endpoint = self.serve_strictly("--faults", "loss 50%", "--rtimeout", "0.02")
        done = subprocess.run(
            [PROGRAM, "read", endpoint, "holding", "0-9", "--every", "0.02", "--count", "40", "--retries", "0",
             "--format", "json"], capture_output=True, text=True, env=ENVIRONMENT, timeout=60)
        rounds = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(rounds), 40)
        expected = [DATASET["holding"][str(a)] for a in range(10)]
        for each in rounds:
            self.assertIn([v["value"] for v in each["values"]], ([], expected))
        failed = [each for each in rounds if each["errors"]]
        self.assertEqual(done.returncode, 1 if failed else 0)
        self.assertTrue(0 < len(failed) < 40, len(failed))


class ReadTests(ToolTestCase):
    def test_a_register_that_is_missing_spoils_no_other(self):
        endpoint = self.serve_strictly()
        output, _ = run_tool("read", endpoint, "holding", "129", "130-133", "203", "--format", "csv", status=1)
        lines = [line.split(",", 1)[1] for line in output.splitlines()]
        self.assertEqual(lines, [
            "unit,table,address,type,value,error", "1,holding,129,u16,906,",
            "1,holding,130-133,,,illegal data address (2)", "1,holding,203,u16,1424,"])

    def test_plain_columns_in_a_pipe(self):
        output, _ = run_tool("read", self.serve_strictly(), "holding", "0x0:u32", "input", "0:s16")
        self.assertEqual(
            [line.split() for line in output.splitlines()],
            [["TABLE", "ADDRESS", "TYPE", "VALUE", "HEX"], ["holding", "0", "u32", "196618", "0x0003000A"],
             ["input", "0", "s16", "5", "0x0005"]])

    def test_colours_only_on_a_terminal_and_not_if_they_are_not_wanted(self):
        endpoint = self.serve_strictly()
        for environment, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
            terminal = Terminal("read", endpoint, "holding", "0", environment=environment)
            self.assertEqual(terminal.status(), 0, terminal.screen)
            self.assertEqual("\x1b[" in terminal.screen, coloured, terminal.screen)

    def test_the_end_by_a_signal(self):
        terminal = Terminal("read", self.serve_strictly(), "holding", "0", "--every", "0.05")
        terminal.wait_for("holding")
        terminal.interrupt()
        self.assertEqual(terminal.status(), 128 + signal.SIGINT, terminal.screen)

    def test_a_reader_that_goes_away_ends_it(self):
        with subprocess.Popen(
                [PROGRAM, "read", self.serve_strictly(), "holding", "0", "--every", "0.02"], stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, env=ENVIRONMENT) as process:
            process.stdout.readline()
            process.stdout.close()
            self.assertNotEqual(process.wait(10), 0)
            self.assertEqual(process.stderr.read(), b"")


class WriteTests(ToolTestCase):
    def test_asks_first_and_writes_nothing_without_a_yes(self):
        endpoint = self.serve_strictly()
        _, errors = run_tool("write", endpoint, "holding", "1=9", status=2)
        self.assertIn("--yes", errors)
        for answer, status, value in (("n", 1, 10), ("", 1, 10), ("y", 0, 9)):
            terminal = Terminal("write", endpoint, "holding", "1=9")
            terminal.wait_for("Write? [y/N]")
            terminal.type(answer + "\n")
            self.assertEqual(terminal.status(), status, terminal.screen)
            self.assertEqual(read_values(endpoint, "holding", "1"), {("holding", 1): value})

    def test_ctrl_c_at_the_question_writes_nothing(self):
        endpoint = self.serve_strictly()
        terminal = Terminal("write", endpoint, "holding", "1=9")
        terminal.wait_for("Write? [y/N]")
        terminal.interrupt()
        self.assertEqual(terminal.status(), 128 + signal.SIGINT)
        self.assertEqual(read_values(endpoint, "holding", "1"), {("holding", 1): 10})

    def test_a_write_without_answer_is_sent_once_and_what_is_read_back_decides(self):
        log = self.directory / "wire.log"
        endpoint = self.serve_strictly("--faults", "loss function 6", "--rtimeout", "0.05", "--log", log)
        output, _ = run_tool("write", endpoint, "holding", "1=9", "--yes")
        self.assertIn("outcome unknown (gateway target device failed to respond (11)), but the unit holds", output)
        requests = [json.loads(line) for line in log.read_text().splitlines()]
        self.assertEqual(sum(e["role"] == "REQ" and e["func"] == 6 for e in requests), 1)

    def test_a_write_that_was_lost_is_not_taken_for_done(self):
        endpoint = self.serve_strictly("--faults", "exception code 11 function 6")
        output, _ = run_tool("write", endpoint, "holding", "1=9", "--yes", status=1)
        self.assertIn("and the unit does not hold the value", output)

    def test_what_is_refused_is_told_with_the_reason(self):
        output, _ = run_tool("write", self.serve_strictly(), "holding", "201=9", "--yes", status=1)
        self.assertIn("refused: illegal data address (2)", output)

    def test_all_units_only_if_that_is_said_twice(self):
        endpoint = self.serve_strictly()
        run_tool("write", endpoint, "holding", "1=9", "--unit", "0", status=2)
        output, _ = run_tool("write", self.path, "holding", "1=9", "--unit", "0", "--yes")
        self.assertIn("sent to all units", output)
        eventually(lambda: read_values(endpoint, "holding", "1") == {("holding", 1): 9}, "the value")


class ScanTests(ToolTestCase):
    def test_goes_on_where_it_was_interrupted(self):
        endpoint = self.serve_strictly("--reply-time", "0.02")
        partial = self.directory / "scan.json.partial"
        terminal = Terminal("scan", endpoint, *RANGES, "--out", self.out)
        eventually(partial.exists, "the partial file", limit=30)
        terminal.interrupt()
        self.assertEqual(terminal.status(), 128 + signal.SIGINT, terminal.screen)
        self.assertIn("the same command goes on", terminal.screen)
        self.assertIn(" left", terminal.screen)
        self.assertFalse(self.out.exists())
        _, errors = run_tool("scan", endpoint, *RANGES, "--out", self.out)
        self.assertIn("going on with", errors)
        self.assertFalse(partial.exists())
        self.assert_scanned()

    def test_keeps_where_it_is_from(self):
        endpoint = self.serve_strictly()
        run_tool("scan", endpoint, *RANGES, "--out", self.out)
        scan = json.loads(self.out.read_text())
        self.assertIn(endpoint, scan["_source"])
        self.assertEqual(scan["_scanned"], "holding 0-249,65500-65535; input 0-124,3000-3124; meter 0-124")
        self.assertEqual(scan["_missing"]["holding"], "130-139,200-202,204,206-249,65500-65534")
        self.assertEqual(scan["_counts"]["registers"], sum(len(DATASET[t]) for t in TABLES))

    def test_a_silent_unit_ends_it(self):
        endpoint = self.serve_strictly("--rtimeout", "0.05")
        # An earlier one has found nothing either.
        partial = self.directory / "scan.json.partial"
        partial.write_text('{"units": {"9": {}}}')
        _, errors = run_tool("scan", endpoint, "--unit", "9", "--out", self.out, status=1)
        self.assertFalse(partial.exists())
        self.assertIn("unit 9", errors)
        self.assertIn("does not answer", errors)
        self.assertFalse(self.out.exists())

    def test_a_wrong_command_line_is_one_line(self):
        for words, named in (
                (["scan", "tcp://a", "--input", "5-3"], "--input"), (["scan", "tcp://a", "--block", "126"], "--block"),
                (["scan", "tcp://a", "--unit", "0"], "--unit"), (["read", "pty:///x", "holding", "1"], "endpoint"),
                (["read", "tcp://a", "holding", "1", "--count", "3"], "--every"),
                (["read", "tcp://a", "holding", "1x0"], "1x0"), (["write", "tcp://a", "input", "1=1"], "input"),
                (["read", "tcp://a", "holding", "1", "--unit", "256"], "--unit")):
            with self.subTest(words):
                _, errors = run_tool(*words, status=2)
                self.assertEqual(len(errors.splitlines()), 1, errors)
                self.assertIn(named, errors)
