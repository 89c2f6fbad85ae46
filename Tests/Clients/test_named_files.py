"""Files that a configuration names, and that are of no use: status 2, and the flag or the place in the file is named."""

import array
import fcntl
import os
import pathlib
import signal
import subprocess
import tempfile
import termios
import unittest

from broker import CLEAN_ENVIRONMENT, PROGRAM
from configured import ConfiguredTestCase
from waiting import eventually

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
                ([*dataset, "--pty", self.broken], f"--pty: {self.broken}: exists and is no link to a pseudo-terminal"),
                ([*dataset, "--pty", self.broken / "port"], f"--pty: {self.broken}/port: no link can be made in the folder "
                    f"{self.broken} (Not a directory)"),
                ([*dataset, "--control", self.folder], f"--control: {self.folder}: a directory is there, and no socket"),
                ([*dataset, "--control", self.broken], f"--control: {self.broken}: a file is there, and no socket"),
                ([*dataset, "--control", self.broken / "x"], f"--control: {self.broken}/x: cannot be made: Not a directory"),
                ([*dataset, "--control", ""], '--control "": is empty; expected a path of at most 107 bytes, auto or none'),
                ([*dataset, "--control", "/tmp/x/"], '--control "/tmp/x/": ends in /, as only a folder does; expected a path'),
                ([*dataset, "--control", "/" + "x" * 119], f'--control "/{"x" * 119}": has 120 bytes; expected a path of at'),
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
        self.assert_wrong(run("demo", *end, "--control", self.folder), f"--control: {self.folder}: a directory is there")

    def test_a_folder_that_is_missing_is_named(self):
        port = self.folder / "x" / "y" / "port"
        for mode in (["--inverter", "/dev/ttyNONE"], ["--mode", "dataset", "--dataset", "sph-6000"]):
            with self.subTest(mode):
                done = run("run", *mode, "--tcp", "127.0.0.1:0", "--control", "none", "--duration", "100ms", "--pty", port)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn(
                    f"{port}: there is no folder {port.parent}; make it first, or choose another name", done.stderr)

    def test_a_file_in_place_of_the_device_is_named_by_its_flag(self):
        self.assert_wrong(
            run("--inverter", self.broken, "--control", "none"), f"--inverter: {self.broken}: not a serial port")

    def test_faults_of_flags_come_before_those_of_the_file_and_conflicts_with_both(self):
        file = self.folder / "config.yaml"
        file.write_text(f"""\
log: {{file: {self.folder}}}
lines:
- {{dataset: {{name: sph-6000, profiles: {self.folder}}}, units: [1]}}
- {{endpoint: {self.broken}, units: [1]}}
listeners: [{{pty: {self.folder}/port, line: inverter, owner: root}}]
control: none
""")
        self.assert_wrong(
            run("--config", file, "--faults", "loss 500%"),
            "--faults:1:6: [0].probability: expected",
            f"{file}:1:13: log.file: {self.folder}: is a directory",
            f"{file}:3:40: lines[0].dataset.profiles: {self.folder}: cannot be read",
            f"{file}:4:3: lines[1]: name is missing",
            f"{file}:4:14: lines[1].endpoint: {self.broken}: not a serial port",
            f"{file}:4:{4 + len(str(self.broken)) + 20}: lines[1].units[0]: unit 1 is on lines[0] already",
            f"{file}:5:{13 + len(str(self.folder)) + 36}: listeners[0].owner: has no meaning with simulated units")

    def test_what_is_missing_is_told_once(self):
        file = self.folder / "config.yaml"
        file.write_text(f"lines: [{{endpoint: 'tcp://h:502', name: a, units: 1}}, {{name: b, units: 2}}]\n"
                        f"log: {{file: {self.folder}}}\n")
        for arguments in (["--config", file], ["check-config", file]):
            with self.subTest(arguments):
                self.assert_wrong(
                    run(*arguments), f"{file}:1:55: lines[1]: one of endpoint, dataset and recording is missing",
                    f"{file}:2:13: log.file: {self.folder}: is a directory")

    def test_the_start_and_the_check_name_each_place_in_the_configuration(self):
        file = self.folder / "config.yaml"
        taken = self.folder / "taken"
        taken.write_text("")
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
- {{tls: '127.0.0.1:0', certificate: {self.broken}, key: {self.missing}, client-ca: {self.folder}}}
- {{pty: {self.folder}/pty, line: c, owner: no-such-user, group: no-such-group}}
- {{pty: {taken}, line: c}}
log: {{file: {self.folder}}}
control: {self.folder}
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
            f"{place('certificate: ')}: listeners[0].certificate: TLS certificate {self.broken}: has no certificate",
            f"{place(', key: ')}: listeners[0].key: TLS key {self.missing}: cannot be opened",
            f"{place('client-ca: ')}: listeners[0].client-ca: TLS client CA {self.folder}: cannot be read",
            f"{place('owner: ')}: listeners[1].owner: {self.folder}/pty: owner 'no-such-user'",
            f"{place('group: ')}: listeners[1].group: {self.folder}/pty: group 'no-such-group'",
            f"{place(f'pty, line: c, owner: no-such-user, group: no-such-group}}{chr(10)}- {{pty: ')}: listeners[2].pty: "
            f"{taken}: exists and is no link",
            f"{place('log: {file: ')}: log.file: {self.folder}: is a directory",
            f"{place('control: ')}: control: {self.folder}: a directory is there")
        file.write_text(text)
        for arguments in (["check-config", file], ["--config", file]):
            with self.subTest(arguments):
                self.assert_wrong(run(*arguments), *units, *others)

    def test_a_profile_that_moves_no_such_unit_is_told_with_its_dataset(self):
        dataset = self.folder / "unknown.json"
        dataset.write_text('{"holding": {"5000": 1}}')
        file = self.folder / "config.yaml"
        file.write_text(f"lines: [{{dataset: {{name: {dataset}, profiles: [sunny-day]}}}}]\ncontrol: none\n")
        for arguments in (["--config", file], ["check-config", file]):
            with self.subTest(arguments):
                done = run(*arguments)
                self.assert_wrong(done, f"{file}:1:26: lines[0].dataset.name: {dataset}: _family: unit 1: the profile")

    def test_no_file_has_two_uses_whatever_it_is_called(self):
        file = self.folder / "file"
        link = self.folder / "link"
        link.symlink_to("file")
        (self.folder / "again").symlink_to(".")
        start = [*SIMULATED, "--dataset", "sph-6000", "--log", file, "--capture"]
        for exists in (False, True):
            if exists:
                file.touch()
            for name in (link, f"{self.folder}/./file", f"{self.folder}/again/file"):
                with self.subTest(name, exists=exists):
                    self.assert_wrong(
                        run(*start, name), f"--capture: {name}: is the wire log ({file}); name another file")
                    self.assertEqual(file.exists(), exists)
        # The older file of a log is no other file's place either.
        self.assert_wrong(run(*start, f"{file}.1"), f"--capture: {file}.1: is the older file of the wire log ({file}.1)")
        text = f"lines: [{{dataset: {{name: sph-6000}}}}]\nlog: {{file: {file}}}\ncapture: {{file: {link}}}\ncontrol: none\n"
        config = self.folder / "config.yaml"
        config.write_text(text)
        self.assert_wrong(run("check-config", config), f"{config}:3:17: capture.file: {link}: is the wire log")

    def test_what_is_read_is_not_written_to_by_another_name(self):
        recording = self.folder / "recording"
        recording.write_text('{"ts":"2026-01-01T00:00:00.000","role":"SYS","event":"started"}\n')
        hard = self.folder / "hard"
        hard.hardlink_to(recording)
        older = self.folder / "log.1"
        older.symlink_to("recording")
        start = ["run", "--mode", "replay", "--recording", recording, "--control", "none", "--log"]
        empty = f"--recording: {recording}: no request with a reply in it"
        self.assert_wrong(run(*start, hard), f"--log: {hard}: is the recording ({recording}); name another file", empty)
        self.assert_wrong(
            run(*start, self.folder / "log"),
            f"--log: {self.folder}/log: {older}, to which it is renamed when it is full, is the recording ({recording})", empty)

    def test_a_file_without_an_end_is_refused_at_once(self):
        pipe = self.folder / "pipe.yaml"
        os.mkfifo(pipe)
        replay = ["run", "--mode", "replay", "--control", "none", "--recording"]
        for arguments, start in (
                ([*replay, pipe], f"--recording: {pipe}: is a pipe or a socket; expected a regular file"),
                ([*replay, "/dev/zero"], "--recording: /dev/zero: is a device; expected a regular file"),
                ([*SIMULATED, "--dataset", pipe], f"--dataset: {pipe}: is a pipe"),
                ([*SIMULATED, "--dataset", "sph-6000", "--profile", pipe], f"--profile: {pipe}: is a pipe"),
                ([*SIMULATED, "--dataset", "sph-6000", "--faults", pipe], f"--faults: {pipe}: is a pipe"),
                (["--config", pipe], f"{pipe}: is a pipe"), (["check-config", pipe], f"{pipe}: is a pipe"),
                (["--config", "/dev/zero"], "/dev/zero: is a device")):
            with self.subTest(arguments):
                self.assert_wrong(run(*arguments), start)

    def test_a_signal_ends_the_wait_for_a_configuration(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            reader, writer = os.pipe()
            process = subprocess.Popen(
                [PROGRAM, "--config", f"/dev/fd/{reader}"], pass_fds=[reader], env=CLEAN_ENVIRONMENT)
            os.close(reader)
            self.addCleanup(process.kill)
            # It reads once the pipe is empty.
            os.write(writer, b"control: none\n")
            eventually(lambda: not waiting_bytes(writer), "the configuration is being read")
            process.send_signal(number)
            self.assertEqual(process.wait(10), 0)
            os.close(writer)

    def test_a_configuration_may_come_by_a_pipe(self):
        text = "lines: [{dataset: {name: sph-6000}}]\nlisteners: [{tcp: '127.0.0.1:0'}]\ncontrol: none\nduration: 0.1\n"
        done = subprocess.run(
            [PROGRAM, "--config", "/dev/stdin"], input=text, capture_output=True, text=True, env=CLEAN_ENVIRONMENT, timeout=20)
        self.assertEqual(done.returncode, 0, done.stderr)


def waiting_bytes(pipe):
    """How many bytes nobody has read."""
    size = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, size)
    return size[0]


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
        port = {"pty": str(self.directory), "line": "b", "owner": "root"}
        refusal = self.reload([line, other], [{"tcp": "127.0.0.1:0"}, port], expected=1)
        self.assertNotIn("lines[0]", refusal)
        self.assertIn("listeners[1].owner: has no meaning with simulated units", refusal)
        self.assertIn(f"listeners[1].pty: {self.directory}: exists and is no link", refusal)
        self.assertIn(f"lines[1].dataset.name: {dataset}: cannot be opened", refusal)
        self.assertIn("lines[1].dataset.profiles[0]: nope: cannot be opened", refusal)

    def test_a_reload_refuses_a_file_of_another_kind_or_use(self):
        other = self.directory / "x1.json"
        other.write_text('{"a":1}\n')
        log = self.directory / "log"
        link = self.directory / "link"
        link.symlink_to("log")
        line = {"name": "a", "dataset": {"name": "sph-6000"}, "units": {1: 1}}
        listeners = [{"tcp": "127.0.0.1:0"}]
        self.configure([line], listeners, log={"file": str(log)})
        self.start()
        refusal = self.reload([line], listeners, expected=1, log={"file": str(log)}, capture={"file": str(other)})
        self.assertIn("neither a wire log nor a capture", refusal)
        refusal = self.reload([line], listeners, expected=1, log={"file": str(log)}, capture={"file": str(link)})
        self.assertIn(f"{link}: is the wire log ({log})", refusal)
        self.assertEqual(other.read_text(), '{"a":1}\n')
