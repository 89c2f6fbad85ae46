"""The Home Assistant add-on with a configuration file of the user's own."""

import pathlib
import sys
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "Tests/Clients"), str(PROJECT / "Tests/Packaging")]

from broker import PROGRAM  # noqa: E402
from test_addon import ADDON, DEVICE, AddonTestCase  # noqa: E402

# In place of the broker, with the file as second argument either way: one whose check-config tells who may write also where nobody said it.
WITH_A_LINE_OF_DEFAULTS = """#!/bin/sh
'{program}' check-config "$2" >'{output}' || exit
if grep -q '^  writers:' '{output}'
then cat '{output}'
else sed 's/^clients:$/&\\n  writers: any              # default/' '{output}'
fi
"""


class ConfigurationFileTests(AddonTestCase):
    FILE = "lines: [{endpoint: /dev/ttyUSB3}]\nlisteners: [{tcp: '0.0.0.0:5020'}]\n"

    def test_it_beats_all_other_options(self):
        (self.folder / "my own.yaml").write_text(self.FILE)
        effective, log = self.effective(configuration_file="my own.yaml", inverter_device=DEVICE)
        self.assertEqual(effective["lines"][0]["endpoint"], "/dev/ttyUSB3")
        self.assertIn("all other options but allow_writes are ignored", log)
        self.assertNotIn("watchdog", log)

    def test_the_one_in_the_documentation_is_accepted(self):
        text = (ADDON / "DOCS.md").read_text()
        example = next(block for block in text.split("```yaml\n")[1:] if block.startswith("lines:")).split("```")[0]
        (self.folder / "broker.yaml").write_text(example)
        effective, log = self.effective(configuration_file="broker.yaml")
        self.assertEqual([line["name"] for line in effective["lines"]], ["house", "garage"])
        self.assertNotIn("watchdog", log)

    def test_one_without_the_port_that_the_watchdog_asks_is_told(self):
        warning = "leave the add-on's watchdog off"
        for address, wanted in (("0.0.0.0:5022", True), ("127.0.0.1:5020", True), ("[::]:5020", False), ("*:5020", False)):
            (self.folder / "broker.yaml").write_text(self.FILE.replace("0.0.0.0:5020", address))
            self.assertEqual(warning in self.effective(configuration_file="broker.yaml")[1], wanted, address)

    def test_one_that_is_not_there_is_told_with_those_that_are(self):
        (self.folder / "broker.yaml").write_text(self.FILE)
        line = self.refusal(fit=True, configuration_file="borker.yaml")
        self.assertIn('configuration_file is "borker.yaml"', line)
        self.assertIn("now: broker.yaml", line)

    def test_a_mistake_in_it_is_told_with_its_row(self):
        (self.folder / "broker.yaml").write_text(self.FILE.replace("endpoint", "endpiont"))
        self.assertIn("broker.yaml:1:", self.refusal(fit=True, configuration_file="broker.yaml"))


class WritersOfAFileTests(AddonTestCase):
    """Who may write at listeners of the file that do not say it themselves."""

    def writers(self, clients="", **options):
        (self.folder / "broker.yaml").write_text(ConfigurationFileTests.FILE + clients)
        effective, log = self.effective(configuration_file="broker.yaml", **options)
        told = "nobody may write at listeners that have no writers of their own, because allow_writes is off" in log
        writers = effective["clients"].get("writers", "any")
        said = options.get("allow_writes") or "writers" in clients or "read-only" in clients
        self.assertEqual(told, not said, log)
        return [writers] if isinstance(writers, str) else writers

    def assert_the_file_decides_or_nobody_writes(self):
        self.assertEqual(self.writers(), ["none"])
        self.assertEqual(self.writers(allow_writes=True), ["any"])
        self.assertEqual(self.writers("clients: {timeout: 4}\n"), ["none"])
        for clients, expected in (
                ("writers: [any]", ["any"]), ("writers: [10.0.0.1, 10.0.0.2]", ["10.0.0.1", "10.0.0.2"]), ("writers: [none]", ["none"]),
                ("read-only: false", ["any"])):
            self.assertEqual(self.writers(f"clients: {{{clients}}}\n"), expected, clients)

    def test_nobody_writes_unless_the_file_or_allow_writes_says_it(self):
        self.assert_the_file_decides_or_nobody_writes()

    def test_the_same_holds_where_check_config_tells_what_nobody_said(self):
        self.only_check.write_text(WITH_A_LINE_OF_DEFAULTS.format(program=PROGRAM, output=self.directory / "checked"))
        self.assert_the_file_decides_or_nobody_writes()

    def test_a_listener_with_writers_of_its_own_keeps_them(self):
        (self.folder / "broker.yaml").write_text(ConfigurationFileTests.FILE.replace("5020'}", "5020', writers: [10.0.0.1]}"))
        effective, _ = self.effective(configuration_file="broker.yaml")
        self.assertIn(effective["listeners"][0]["writers"], ("10.0.0.1", ["10.0.0.1"]))


if __name__ == "__main__":
    unittest.main()
