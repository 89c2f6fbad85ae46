"""What earlier releases, and the prototype, left behind is taken: configurations mean the same, files can be read.

`freeze-release` keeps what a release has and writes, in releases/VERSION.
"""

import json
import re
import shutil
import subprocess
import unittest

import paths
import yaml

from broker import CLEAN_ENVIRONMENT, PROGRAM
from certificates import FIXTURES
from clients import tcp_client
from dataset import DatasetTestCase, blocks, read
from settings_differences import differences
from tools import run_tool

RELEASES = sorted(path for path in (paths.ROOT / "Tests/Packaging/releases").iterdir() if path.is_dir())
CONFIGURATION = "/etc/growatt-broker/config.yaml"
TLS = "/etc/growatt-broker/tls"
# Defaults that were changed on purpose, each with its line in CHANGELOG.md.
CHANGED_DEFAULTS = {"clients.timeout: 3 then, 5 now"}


class UpgradeTestCase(DatasetTestCase):
    def checked(self, text, environment=None):
        """What `check-config` says is in effect; certificates and wire.jsonl are there."""
        tls = self.directory / "tls"
        if not tls.exists():
            tls.mkdir()
            for name, fixture in (("server.pem",) * 2, ("server.key",) * 2, ("ca.pem", "client-ca.pem")):
                shutil.copy(FIXTURES / fixture, tls / name)
        done = subprocess.run(
            [PROGRAM, "check-config", self.file("config.yaml", text.replace(TLS, str(tls)))], capture_output=True, text=True,
            env={**CLEAN_ENVIRONMENT, **(environment or {})}, timeout=20, cwd=RELEASES[0] / "files")
        self.assertEqual(done.returncode, 0, done.stderr)
        return yaml.safe_load(done.stdout.replace(str(tls), TLS)), done.stderr

    def assert_means_the_same(self, effective, now):
        then = yaml.safe_load(effective.read_text())
        found = [each for each in differences(then, now, ("then", "now")) if each not in CHANGED_DEFAULTS]
        self.assertEqual(found, [])


class ConfigurationTests(UpgradeTestCase):
    def test_every_example_of_every_release_means_the_same(self):
        self.assertTrue(RELEASES)
        for release in RELEASES:
            examples = sorted((release / "examples").glob("*.yaml"))
            self.assertGreaterEqual(len(examples), 11)
            for example in examples:
                with self.subTest(release.name, example=example.name):
                    now, _ = self.checked(example.read_text())
                    self.assert_means_the_same(release / "effective" / example.name, now)

    def test_what_was_said_is_no_default(self):
        now, _ = self.checked("lines: [{endpoint: /dev/ttyUSB0}]\nclients: {timeout: 3}\n")
        self.assertEqual(now["clients"]["timeout"], 3)

    def test_the_prototypes_variables_mean_the_same(self):
        for release in RELEASES:
            lines = (release / "prototype.env").read_text().splitlines()
            now, _ = self.checked("", dict(line.split("=", 1) for line in lines))
            self.assert_means_the_same(release / "effective/prototype.env.yaml", now)

    def test_the_prototypes_page_lists_the_variables_that_work(self):
        page = (paths.ROOT / "docs/upgrade-from-prototype.md").read_text()
        table = page.split("## Variables")[1].split("| all others")[0]
        frozen = (RELEASES[0] / "prototype.env").read_text()
        self.assertEqual(
            set(re.findall(r"`([A-Z_]+)`", table)), {line.split("=")[0] for line in frozen.splitlines()})

    def test_the_page_about_upgrades_quotes_what_the_program_says(self):
        page = (paths.ROOT / "docs/upgrading.md").read_text()
        said = []
        for text, status in (
                ("version: 2\nlines: [{endpoint: /dev/ttyUSB0}]\n", 2), ("inverter: /dev/ttyUSB0\nmin-period: 1\n", 0)):
            path = self.file("config.yaml", text)
            said += run_tool("check-config", path, status=status)[1].replace(str(path), CONFIGURATION).splitlines()
        quotes = [line for line in page.splitlines() if line.startswith("growatt-broker: ")]
        self.assertEqual(len(quotes), 2)
        for quote in quotes:
            self.assertIn(quote, said)

    def test_a_dongle_at_the_inverters_own_device_is_none_as_the_prototype_had_it(self):
        now, _ = self.checked("", {"INV_DEV": "/dev/ttyUSB0", "SHINE_DEV": "/dev/ttyUSB0"})
        self.assertNotIn("dongle", now["lines"][0])

    def test_old_keys_are_taken_with_a_warning_that_says_where_they_belong(self):
        now, said = self.checked("inverter: /dev/ttyUSB0\nmin-period: 1\ntcp: 0.0.0.0:5020\n")
        self.assertEqual((now["lines"][0]["min-period"], now["listeners"][0]["tcp"]), (1, "0.0.0.0:5020"))
        self.assertIn("min-period is the name of a flag, and still taken; in a file it is lines[0].min-period", said)

    def test_a_file_of_a_newer_version_is_refused(self):
        _, said = run_tool(
            "check-config", self.file("config.yaml", "version: 2\nlines: [{endpoint: /dev/ttyUSB0}]\n"), status=2)
        self.assertIn("a file of a newer version needs a newer growatt-broker", said)


class FileTests(UpgradeTestCase):
    def test_a_wire_log_says_what_it_said(self):
        for release in RELEASES:
            then = json.loads((release / "effective/analyze.json").read_text())
            now = json.loads(run_tool("analyze", release / "files/wire.jsonl", "--json")[0])
            self.assertGreaterEqual(then["requests"], 5)
            for key in ("files", "lines", "line", "events", "clients"):
                then.pop(key), now.pop(key)
            self.assertEqual(list(differences(then, now, ("then", "now"))), [])

    def test_registers_of_a_wire_log_and_of_a_capture_are_those_of_then(self):
        for release in RELEASES:
            then = json.loads((release / "files/compacted.dataset.json").read_text())
            for name in ("wire.jsonl", "capture.jsonl"):
                with self.subTest(release.name, file=name):
                    out = self.directory / f"{release.name}-{name}.dataset.json"
                    run_tool("compact", release / "files" / name, "--out", out)
                    now = json.loads(out.read_text())
                    for table in ("holding", "input", "meter"):
                        self.assertEqual(now[table], then[table])

    def test_a_wire_log_is_played_and_a_dataset_is_served(self):
        for release in RELEASES:
            registers = json.loads((release / "files/compacted.dataset.json").read_text())
            played = self.start(
                "run", "--mode", "replay", "--recording", release / "files/wire.jsonl", "--speed", "max",
                "--tcp", "127.0.0.1:0")
            for broker in (played, self.serve(str(release / "files/compacted.dataset.json"))):
                with tcp_client(broker) as client:
                    for unit, table, address, values in blocks(registers):
                        self.assertEqual(read(client, table, address, len(values), unit).registers, values)

    def test_an_interrupted_scan_goes_on(self):
        for release in RELEASES:
            partial = self.directory / "scan.dataset.json.partial"
            shutil.copy(release / "files" / partial.name, partial)
            before = json.loads(partial.read_text())["holding"]
            broker = self.serve("min-6000tl-xh")
            _, said = run_tool(
                "scan", f"tcp://127.0.0.1:{broker.port}", "--holding", "0-124", "--block", "5", "--out",
                self.directory / "scan.dataset.json")
            self.assertIn(f"going on with {partial}: {len(before)} registers", said)
            after = json.loads((self.directory / "scan.dataset.json").read_text())["holding"]
            self.assertEqual(len(after), 125)
            self.assertLess(len(before), 125)


if __name__ == "__main__":
    unittest.main()
