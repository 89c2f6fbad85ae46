"""The tools on files: what they print, and how they end."""

import gzip
import json
import pathlib
import socket
import subprocess
import tempfile
import threading
import unittest

from broker import ENVIRONMENT, PROGRAM

LOG = (
    '{"role": "REQ", "from_client": "SHINE", "crc_ok": true, "hex": "0003002b0001f5d3", "ts": "2025-09-21T19:58:43.667"}\n'
    '{"role": "RSP", "to_client": "SHINE", "crc_ok": true, "hex": "01030213ecb4f9", "ts": "2025-09-21T19:58:43.704"}\n')


def run(*arguments, stdin=None):
    return subprocess.run(
        [PROGRAM, *map(str, arguments)], input=stdin, capture_output=True, env=ENVIRONMENT, timeout=60)


class FileTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.log = self.folder / "wire.jsonl"
        self.log.write_text(LOG)

    def test_analyze_counts_a_log_and_its_gzip_on_stdin_alike(self):
        for arguments, stdin in (([self.log], None), (["-"], gzip.compress(LOG.encode()))):
            result = run("analyze", *arguments, "--json", stdin=stdin)
            self.assertEqual((result.returncode, result.stderr), (0, b""))
            figures = json.loads(result.stdout)
            self.assertEqual((figures["requests"], figures["replies"], figures["timeouts"]), (1, 1, 0))

    def test_analyze_writes_a_page_beside_the_text(self):
        page = self.folder / "report.html"
        result = run("analyze", self.log, "--html", page)
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"Requests", result.stdout)
        self.assertTrue(page.read_text().startswith("<!DOCTYPE html>"))

    def test_compact_and_diff_agree(self):
        dataset = self.folder / "out.dataset.json"
        self.assertEqual(run("compact", self.log, "--out", dataset).returncode, 0)
        self.assertEqual(json.loads(dataset.read_text())["holding"], {"43": 5100})
        difference = json.loads(run("diff", self.log, dataset, "--json").stdout)
        self.assertEqual((difference["unchanged"], difference["changed"]), (1, []))

    def test_what_is_read_is_never_overwritten(self):
        link = self.folder / "link"
        link.symlink_to(self.log)
        hard = self.folder / "hard"
        hard.hardlink_to(self.log)
        for out in (self.log, link, hard):
            for arguments in (["compact", self.log, "--out", out], ["analyze", self.log, "--html", out]):
                with self.subTest(arguments):
                    result = run(*arguments, "--force")
                    self.assertEqual(result.returncode, 1, result.stderr)
                    self.assertIn(b"is what is read", result.stderr)
                    self.assertEqual(self.log.read_text(), LOG)

    def test_a_file_that_exists_is_replaced_by_force_only(self):
        out = self.folder / "out"
        for arguments in (["compact", self.log, "--out", out], ["analyze", self.log, "--html", out]):
            with self.subTest(arguments):
                out.write_text("mine")
                result = run(*arguments)
                self.assertEqual((result.returncode, out.read_text()), (1, "mine"))
                self.assertIn(b"--force", result.stderr)
                self.assertEqual(run(*arguments, "--force").returncode, 0)
                self.assertNotEqual(out.read_text(), "mine")

    def test_a_capture_is_not_added_to_another_file(self):
        other = self.folder / "config.yaml"
        other.write_text("mode: dataset\n")
        result = run("capture", "--mode", "dataset", "--dataset", "sph-6000", "--out", other)
        self.assertEqual((result.returncode, other.read_text()), (1, "mode: dataset\n"))
        self.assertIn(b"neither a wire log nor a capture", result.stderr)

    def test_a_log_of_sniff_is_not_added_to_another_file(self):
        other = self.folder / "config.yaml"
        other.write_text("mode: dataset\n")
        result = run("sniff", "--feed", "127.0.0.1:1", "--log", other)
        self.assertEqual((result.returncode, other.read_text()), (1, "mode: dataset\n"))
        self.assertIn(b"neither a wire log nor a capture", result.stderr)

    def test_wire_logs_and_captures_are_told_apart(self):
        capture = self.folder / "capture.jsonl"
        content = '{"ts":1795383713.140862,"op":"read_input","unit":1,"addr":3000,"count":1,"regs":[1]}\n'
        capture.write_text(content)
        for arguments, path, status, what in (
            (["capture", "--mode", "dataset", "--dataset", "sph-6000", "--out"], self.log, 1, b"is a wire log, and no capture"),
            (["sniff", "--feed", "127.0.0.1:1", "--log"], capture, 1, b"is a capture, and no wire log"),
            (["--inverter", self.folder / "none", "--log"], capture, 2, b"is a capture, and no wire log"),
            (["--inverter", self.folder / "none", "--capture"], self.log, 2, b"is a wire log, and no capture"),
            (["demo", "--log"], capture, 2, b"is a capture, and no wire log"),
        ):
            with self.subTest(arguments):
                before = path.read_text()
                result = run(*arguments, path)
                self.assertEqual((result.returncode, path.read_text()), (status, before), result.stderr)
                self.assertIn(what, result.stderr)
                self.assertEqual(result.stderr.count(b"\n"), 1, result.stderr)

    def test_a_line_of_json_that_is_no_record_is_not_added_to(self):
        other = self.folder / "x1.json"
        simulated = ["--mode", "dataset", "--dataset", "min-6000tl-xh", "--tcp", "127.0.0.1:0", "--control", "none", "--duration", "100ms"]
        for text in ('{"holding":{"30":1},"input":{"3000":5}}\n', '{"a":1}'):
            for status, arguments in (
                (2, ["run", *simulated, "--capture"]), (2, ["run", *simulated, "--log"]),
                (1, ["capture", *simulated, "--out"]), (1, ["sniff", "--feed", "127.0.0.1:1", "--log"]),
            ):
                with self.subTest(arguments):
                    other.write_text(text)
                    result = run(*arguments, other)
                    self.assertEqual((result.returncode, other.read_text()), (status, text), result.stderr)
                    self.assertIn(b"exists and is neither a wire log nor a capture", result.stderr)

    def test_the_gateway_does_not_start_with_a_log_onto_something_else(self):
        other = self.folder / "config.yaml"
        text = f"lines: [{{endpoint: {self.folder}/none}}]\nlog: {{file: {other}}}\n"
        other.write_text(text)
        for arguments in (["--config", other], ["check-config", other]):
            with self.subTest(arguments):
                result = run(*arguments)
                self.assertEqual((result.returncode, other.read_text()), (2, text), result.stderr)
                self.assertIn(b"exists and is neither a wire log nor a capture", result.stderr)
                self.assertEqual(result.stderr.count(b"\n"), 1, result.stderr)

    def test_a_capture_of_nothing_is_a_failure(self):
        out = self.folder / "session.jsonl"
        result = run(
            "capture", "--inverter", self.folder / "none", "--poll", "input:0-9", "--out", out, "--duration", "300ms")
        self.assertEqual((result.returncode, out.read_bytes()), (1, b""), result.stderr)
        self.assertIn(f"{out}: nothing was captured".encode(), result.stderr)

    def test_a_sniff_that_hears_nothing_is_a_failure(self):
        log = self.folder / "feed.jsonl"
        with socket.create_server(("127.0.0.1", 0)) as silent:
            place = f"127.0.0.1:{silent.getsockname()[1]}"
            result = run("sniff", "--feed", place, "--log", log, "--duration", "300ms")
        self.assertEqual((result.returncode, log.read_bytes()), (1, b""), result.stderr)
        self.assertIn(f"{place}: nothing was heard".encode(), result.stderr)

    def test_a_log_of_the_feed_is_added_to_by_whole_lines(self):
        log = self.folder / "feed.jsonl"
        log.write_text(LOG + LOG[:40])
        fed = LOG.encode()

        def feed(server):
            with server.accept()[0] as connection:
                connection.sendall(fed[:50])
                connection.sendall(fed[50:])

        with socket.create_server(("127.0.0.1", 0)) as server:
            feeding = threading.Thread(target=feed, args=[server])
            feeding.start()
            result = run("sniff", "--feed", f"127.0.0.1:{server.getsockname()[1]}", "--log", log)
            feeding.join()
        # Whoever feeds has gone, which ends it.
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual(log.read_text(), LOG + LOG[:40] + "\n" + LOG)

    def test_names_from_outside_do_not_reach_the_terminal_as_they_are(self):
        self.log.write_text(LOG.replace("SHINE", "\\u001b[31m\\u202eX" + "y" * 500))
        result = run("analyze", self.log)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn(b"\x1b", result.stdout)
        self.assertNotIn("\u202e".encode(), result.stdout)
        self.assertNotIn(b"y" * 201, result.stdout)

    def test_wrong_use_is_status_2_and_a_failure_1_each_one_line(self):
        empty = self.folder / "empty.jsonl"
        empty.write_text("hello\n")
        cases = [
            (2, ["analyze"]), (2, ["compact", self.log]), (2, ["diff", self.log]),
            (2, ["compact", self.log, "--out", "x", "--stat", "mean"]), (1, ["analyze", self.folder / "missing"]),
            (1, ["compact", empty, "--out", self.folder / "x"]), (1, ["diff", self.log, empty]),
            (1, ["analyze", self.log, "--html", self.folder / "no" / "x"]), (1, ["analyze", empty]),
            (1, ["analyze", self.log, "--html", self.folder]),
        ]
        for status, arguments in cases:
            with self.subTest(arguments):
                result = run(*arguments)
                self.assertEqual(result.returncode, status, result.stderr)
                self.assertEqual(result.stderr.count(b"\n"), 1, result.stderr)
                self.assertTrue(result.stderr.startswith(b"growatt-broker: "))
