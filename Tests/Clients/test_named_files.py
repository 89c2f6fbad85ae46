"""Files that a configuration names, and that are of no use: status 2, and the flag or the place in the file is named."""

import pathlib
import subprocess
import tempfile
import unittest

from broker import CLEAN_ENVIRONMENT, PROGRAM
from certificates import FIXTURES
from configured import ConfiguredTestCase

SIMULATED = ["run", "--mode", "dataset", "--tcp", "127.0.0.1:0", "--control", "none", "--duration", "100ms"]


def run(*arguments, **variables):
    return subprocess.run(
        [PROGRAM, *map(str, arguments)], capture_output=True, text=True, env=CLEAN_ENVIRONMENT | variables, timeout=20)


class NamedFileTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.missing = self.folder / "missing.yaml"
        self.broken = self.folder / "broken.yaml"
        self.broken.write_text("plant: [\n")

    def assert_wrong(self, done, *starts):
        self.assertEqual(done.returncode, 2, done.stderr)
        summary = (", no dongle", "client-timeout", "growatt-broker: configuration ")
        lines = [line for line in done.stderr.splitlines() if not any(words in line for words in summary)]
        self.assertEqual(len(lines), len(starts), done.stderr)
        for line, start in zip(lines, starts):
            self.assertIn(f"growatt-broker: {start}", line)

    def test_a_flag_is_named_with_its_file(self):
        dataset = ["--dataset", "sph-6000"]
        for options, start in (
                (["--dataset", self.missing], f"--dataset: {self.missing}: cannot be opened: No such file"),
                (["--dataset", self.broken], f"--dataset: {self.broken}: line 1, column 1: "),
                (["--dataset", self.folder], f"--dataset: {self.folder}: cannot be read: Is a directory"),
                ([*dataset, "--profile", self.missing], f"--profile: {self.missing}: cannot be opened"),
                ([*dataset, "--profile", self.broken], f"--profile: {self.broken}:2:1: no YAML"),
                ([*dataset, "--faults", self.missing], f"--faults: {self.missing}: cannot be opened"),
                ([*dataset, "--faults", self.broken], f"--faults: {self.broken}:2:1: no YAML"),
                ([*dataset, "--faults", "loss 500%"], "--faults:1:6: [0].probability: expected a probability"),
                ([*dataset, "--log", self.folder], f"--log: {self.folder}: is a directory; expected the path of a file"),
                ([*dataset, "--log", self.broken / "log"], f"--log: {self.broken}/log: cannot be opened: Not a directory"),
                ([*dataset, "--capture", self.folder], f"--capture: {self.folder}: is a directory"),
        ):
            with self.subTest(options):
                self.assert_wrong(run(*SIMULATED, *options), start)

    def test_so_is_a_variable(self):
        self.assert_wrong(
            run(*SIMULATED, GROWATT_BROKER_DATASET=str(self.missing)), f"GROWATT_BROKER_DATASET: {self.missing}: cannot")
        self.assert_wrong(
            run(*SIMULATED, "--dataset", "sph-6000", GROWATT_BROKER_FAULTS="loss 500%"),
            "GROWATT_BROKER_FAULTS:1:6: [0].probability: expected")

    def test_the_demo_names_its_flags_too(self):
        end = ["--tcp", "127.0.0.1:0", "--control", "none", "--duration", "100ms"]
        self.assert_wrong(run("demo", "--profile", "nope", *end), "--profile: nope: cannot be opened: No such file")
        self.assert_wrong(run("demo", "--log", self.folder, *end), f"--log: {self.folder}: is a directory")

    def test_a_file_in_place_of_the_device_is_named_by_its_flag(self):
        self.assert_wrong(
            run("--inverter", self.broken, "--control", "none"), f"--inverter: {self.broken}: not a serial port")

    def test_the_gateway_and_the_check_name_each_place_in_the_configuration(self):
        file = self.folder / "config.yaml"
        certificate = FIXTURES / "server.pem"
        lines = f"""\
lines:
- name: a
  dataset: {{name: sph-6000, profiles: [sunny-day, {self.missing}]}}
  units: {{1: 1}}
- name: b
  recording: {{file: {self.missing}}}
  units: {{2: 1}}
"""
        listeners = f"""\
- name: c
  endpoint: {self.broken}
  faults: loss 500%
  units: {{3: 1}}
listeners:
- {{tls: '127.0.0.1:0', certificate: {certificate}, key: {self.missing}, client-ca: {certificate}}}
- {{pty: {self.folder}/pty, line: c, owner: no-such-user}}
log: {{file: {self.folder}}}
control: none
"""
        text = lines + listeners

        def place(key):
            """Of the value behind it."""
            before = text[:text.index(key) + len(key)]
            return f"{file}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"

        units = (
            f"{place('[sunny-day, ')}: lines[0].dataset.profiles[1]: {self.missing}: cannot be opened",
            f"{place('recording: {file: ')}: lines[1].recording.file: {self.missing}: cannot open")
        others = (
            f"{place('endpoint: ')}: lines[2].endpoint: {self.broken}: not a serial port",
            f"{place('faults: ')}: lines[2].faults: rules:1:6: [0].probability: expected",
            f"{place(', key: ')}: listeners[0].key: TLS key {self.missing}: cannot be opened",
            f"{place('owner: ')}: listeners[1].owner: {self.folder}/pty: owner 'no-such-user'",
            f"{place('log: {file: ')}: log.file: {self.folder}: is a directory")
        file.write_text(text)
        self.assert_wrong(run("check-config", file), *units, *others)
        # What takes long to read comes behind the rest.
        self.assert_wrong(run("--config", file), *others)

    def test_a_profile_that_moves_no_such_unit_is_told_with_its_dataset(self):
        dataset = self.folder / "unknown.json"
        dataset.write_text('{"holding": {"5000": 1}}')
        file = self.folder / "config.yaml"
        file.write_text(f"lines: [{{dataset: {{name: {dataset}, profiles: [sunny-day]}}}}]\ncontrol: none\n")
        for arguments in (["--config", file], ["check-config", file]):
            with self.subTest(arguments):
                done = run(*arguments)
                self.assert_wrong(done, f"{file}:1:26: lines[0].dataset.name: {dataset}: _family: unit 1: the profile")


class ReloadTests(ConfiguredTestCase):
    def test_a_reload_names_the_place_and_leaves_what_runs_alone(self):
        dataset = self.directory / "mine.json"
        dataset.write_text('{"holding": {"1": 5}}')
        line = {"name": "a", "dataset": {"name": str(dataset)}, "units": {1: 1}}
        self.configure([line], [{"tcp": "127.0.0.1:0"}])
        self.start()
        # What runs has it already.
        dataset.unlink()
        self.reload([line], [{"tcp": "127.0.0.1:0"}])
        other = {"name": "b", "dataset": {"name": str(dataset), "profiles": ["nope"]}, "units": {2: 1}}
        refusal = self.reload([line, other], [{"tcp": "127.0.0.1:0"}], expected=1)
        self.assertIn(f"lines[1].dataset.name: {dataset}: cannot be opened", refusal)
        self.assertIn("lines[1].dataset.profiles[0]: nope: cannot be opened", refusal)
