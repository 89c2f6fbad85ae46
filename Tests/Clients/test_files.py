"""The tools on files: what they print, and how they end."""

import gzip
import json
import pathlib
import subprocess
import tempfile
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
