"""The Home Assistant add-on: what its script makes of the options, and what clients get from it."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import yaml
from pymodbus.client import ModbusTcpClient

PROJECT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "Tests/Clients"), str(PROJECT / "Tests/Packaging")]

import addon_rules as rules  # noqa: E402
import broker  # noqa: E402
from broker import ENVIRONMENT, PROGRAM, Broker  # noqa: E402

ADDON = PROJECT / "packaging/home-assistant/growatt-broker"
MANIFEST = yaml.safe_load((ADDON / "config.yaml").read_text())
# In place of the broker: tells what would be in effect, and ends.
ONLY_CHECK = """#!/bin/sh
[ "$1" = check-config ] || set -- check-config "$2"
exec '{program}' "$@"
"""
DEVICE = "/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0"
HOSTILE = ["no", "null", "~", "1e3", "[x]", "{a: b}", "&a *b", "x: y # z", "'", '"', "\\", "%TAG", "@x", "`id`", "$(id)", "ü☀😀", " x ", "- x"]


def knows_writers():
    return '"writers"' in subprocess.run([PROGRAM, "check-config", "--schema"], capture_output=True, text=True).stdout


class AddonTestCase(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="addon-test-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.folder = self.directory / "config"
        self.folder.mkdir()
        self.generated = self.directory / "generated.yaml"
        self.only_check = self.directory / "only-check"
        self.only_check.write_text(ONLY_CHECK.format(program=PROGRAM))
        self.only_check.chmod(0o755)

    def environment(self, program):
        return {**ENVIRONMENT, "DATA": str(self.directory), "CONFIG": str(self.folder), "GENERATED": str(self.generated),
                "BROKER": str(program), "HOSTNAME": "a0b1c2d3-growatt-broker"}

    def write_options(self, options, fit=True):
        """All options at their defaults but these; as the Supervisor, it lets nothing through that does not fit the schema."""
        options = {**MANIFEST["options"], **options}
        if fit:
            self.assertEqual(rules.options_errors(MANIFEST["schema"], options), [])
        (self.directory / "options.json").write_text(json.dumps(options, ensure_ascii=False))

    def run_script(self, expected):
        done = subprocess.run(
            [ADDON / "run"], capture_output=True, text=True, timeout=30, env=self.environment(self.only_check))
        self.assertEqual(done.returncode, expected, done.stderr)
        return done

    def effective(self, **options):
        """What would be in effect with these options, and what the log says first."""
        self.write_options(options)
        done = self.run_script(0)
        return yaml.safe_load(done.stdout), done.stderr

    def refusal(self, fit=False, **options):
        """The one line that the log has about these options."""
        self.write_options(options, fit)
        lines = self.run_script(2).stderr.strip("\n").split("\n")
        self.assertEqual(len(lines), 1, lines)
        return lines[0]


class OptionsTests(AddonTestCase):
    def test_an_adapter_alone_is_enough_and_nobody_may_write(self):
        effective, log = self.effective(inverter_device=DEVICE)
        line = effective["lines"][0]
        self.assertEqual(
            {key: line[key] for key in ("endpoint", "baud", "format", "min-period", "rtimeout")},
            {"endpoint": DEVICE, "baud": 9600, "format": "8N1", "min-period": 0.5, "rtimeout": 0.9})
        self.assertNotIn("dongle", line)
        self.assertEqual([(each["tcp"], each["read-only"]) for each in effective["listeners"]], [("0.0.0.0:5020", True)])
        self.assertEqual(effective["clients"]["timeout"], 5)
        self.assertEqual((effective["log"]["file"], effective["log"]["level"]), ("none", "info"))
        self.assertIn("nobody may write", log)
        self.assertIn("host a0b1c2d3-growatt-broker, port 5020", log)

    def test_every_option_comes_through(self):
        effective, log = self.effective(
            inverter_device=DEVICE, inverter_connection="uart", inverter_speed=19200, inverter_format="8E1",
            dongle_device="/dev/ttyUSB7", dongle_speed=57600, dongle_format="7O2", min_period=1, response_timeout=1.5,
            client_timeout=8, allow_writes=True, log_level="debug", wire_log=True, wire_log_size=3, sniff=True)
        line = effective["lines"][0]
        self.assertEqual((line["baud"], line["format"], line["min-period"], line["rtimeout"]), (19200, "8E1", 1, 1.5))
        self.assertEqual(line["dongle"]["endpoint"], "/dev/ttyUSB7")
        self.assertEqual((line["dongle"]["baud"], line["dongle"]["format"]), (57600, "7O2"))
        self.assertFalse(effective["listeners"][0]["read-only"])
        self.assertEqual(effective["listeners"][1], {"sniff": "0.0.0.0:5021"})
        self.assertEqual(effective["clients"]["timeout"], 8)
        self.assertEqual(
            effective["log"], {"file": f"{self.folder}/wire.jsonl", "max-size": 3000000, "level": "debug"} | (
                {"format": effective["log"]["format"]} if "format" in effective["log"] else {}))
        self.assertIn("everybody who reaches the port may write", log)

    def test_the_port_at_the_inverter_chooses_the_speed(self):
        self.assertEqual(self.effective(inverter_device=DEVICE, inverter_connection="uart")[0]["lines"][0]["baud"], 115200)

    def test_a_serial_server_beats_the_adapter_and_has_no_speed(self):
        effective, log = self.effective(
            inverter_device=DEVICE, inverter_url="rtuovertcp://ew11:8899", inverter_speed=9600,
            dongle_device="/dev/ttyUSB7", dongle_url="listen+rtuovertcp://0.0.0.0:5022")
        line = effective["lines"][0]
        self.assertEqual((line["endpoint"], line["dongle"]["endpoint"]),
                         ("rtuovertcp://ew11:8899", "listen+rtuovertcp://0.0.0.0:5022"))
        self.assertNotIn("baud", line)
        self.assertIn("inverter_device is not used", log)
        self.assertIn("dongle_device is not used", log)

    def test_what_a_serial_url_says_beats_speed_and_format(self):
        line = self.effective(inverter_url="serial:///dev/ttyS1?baud=19200&rs485=high", inverter_speed=300)[0]["lines"][0]
        self.assertEqual((line["baud"], line["rs485"], line["format"]), (19200, "high", "8N1"))

    def test_what_users_type_stays_what_it_is(self):
        for typed in HOSTILE:
            line = self.effective(inverter_url=f"/dev/{typed}x")[0]["lines"][0]
            self.assertEqual(line["endpoint"], f"/dev/{typed}x")

    def test_blanks_around_what_was_pasted_do_not_count(self):
        effective, log = self.effective(
            inverter_url="rtuovertcp://192.168.1.20:8899 ", inverter_device=" ", dongle_url="\u00a0/dev/ttyUSB7\t", allow_writes=True,
            writers=["192.168.1.10 ", " ", " 10.0.0.0/8"])
        line = effective["lines"][0]
        self.assertEqual((line["endpoint"], line["dongle"]["endpoint"]), ("rtuovertcp://192.168.1.20:8899", "/dev/ttyUSB7"))
        self.assertEqual(effective["listeners"][0]["writers"], ["192.168.1.10", "10.0.0.0/8"])
        self.assertIn('dongle_url is "/dev/ttyUSB7", which is not there', log)
        self.assertNotIn("not used", log)

    @unittest.skipUnless(knows_writers(), "the program has no writers yet")
    def test_writers_are_the_only_ones_who_may_write(self):
        effective, log = self.effective(inverter_device=DEVICE, allow_writes=True, writers=["172.30.32.1", "192.168.1.0/24"])
        self.assertEqual(effective["listeners"][0]["writers"], ["172.30.32.1", "192.168.1.0/24"])
        self.assertIn("only writers may write to the inverter: 172.30.32.1, 192.168.1.0/24", log)

    def test_writers_without_allow_writes_may_not_write(self):
        effective, log = self.effective(inverter_device=DEVICE, writers=["172.30.32.1"])
        self.assertTrue(effective["listeners"][0]["read-only"])
        self.assertIn("nobody may write", log)


class RefusedOptionsTests(AddonTestCase):
    def test_without_an_inverter_it_says_where_to_choose_one(self):
        line = self.refusal(fit=True)
        self.assertIn("inverter_device", line)
        self.assertIn("Show unused optional configuration options", line)

    def test_nonsense_is_told_on_one_line_with_option_value_and_what_is_allowed(self):
        for option, value, allowed in (
                ("inverter_connection", "no", "rs485, uart"), ("min_period", "x", "0 to 3600"), ("min_period", -1, "0 to 3600"),
                ("client_timeout", 0, "1 to 3600"), ("inverter_speed", 9600.5, "a whole number"),
                ("dongle_speed", True, "50 to 4000000"), ("inverter_format", "8N3", "such as 8N1"),
                ("dongle_format", "8N1\n", "such as 8N1"), ("allow_writes", "no", "true, false"), ("log_level", "loud", "error, warning"),
                ("wire_log_size", 0, "1 to 1000"), ("writers", "192.168.1.1", "a list"), ("writers", [1], "a list"),
                ("inverter_device", "ttyUSB0", "/dev/ttyUSB0"), ("dongle_device", ["/dev/x"], "/dev/ttyUSB0"),
                ("inverter_url", "tcp://a\nb", "rtuovertcp://"), ("dongle_url", "\u0085", "rtuovertcp://")):
            line = self.refusal(**{"inverter_device": DEVICE, option: value})
            self.assertIn(f"option {option} is {json.dumps(value, ensure_ascii=False)}; allowed: ", line)
            self.assertIn(allowed, line.split("allowed: ")[1])

    def test_what_only_the_broker_finds_names_the_option_too(self):
        for option, value in (("inverter_url", "foo://x"), ("inverter_url", "rtuovertcp://ew11"), ("dongle_url", "tcp://h:502")):
            line = self.refusal(fit=True, **{"inverter_device": DEVICE, option: value})
            self.assertIn(f"option {option}: expected ", line)
            self.assertTrue(line.endswith(f'not "{value}"'), line)

    @unittest.skipUnless(knows_writers(), "the program has no writers yet")
    def test_a_writer_that_is_no_address_is_told(self):
        line = self.refusal(inverter_device=DEVICE, allow_writes=True, writers=["10.0.0.1", "homeassistant"])
        self.assertIn("option writers: expected ", line)
        self.assertIn('"homeassistant"', line)

    def test_the_dongle_cannot_be_at_the_inverters_adapter(self):
        self.assertIn("dongle_device", self.refusal(fit=True, inverter_device=DEVICE, dongle_device=DEVICE))

    def test_nor_by_another_name_of_it(self):
        link = self.directory / "by-id"
        link.symlink_to("/dev/ttyUSB7")
        for inverter, dongle in (
                ({"inverter_device": "/dev/ttyUSB7"}, {"dongle_url": "serial:///dev/ttyUSB7?baud=9600"}),
                ({"inverter_url": "Serial:///dev/../dev/ttyUSB7"}, {"dongle_device": "/dev/ttyUSB7"}),
                ({"inverter_device": str(link)}, {"dongle_device": "/dev/ttyUSB7"})):
            line = self.refusal(fit=True, **inverter, **dongle)
            # By the program where it is the same to the letter, else by the add-on, which follows links.
            self.assertRegex(
                line, f'option {next(iter(dongle))}: "/dev/ttyUSB7" is taken already|'
                f'option {next(iter(dongle))} is ".*{next(iter(inverter))} is ".*both are /dev/ttyUSB7')
        self.effective(inverter_device=str(link), dongle_device="/dev/ttyUSB8")

    def test_a_file_is_no_serial_device(self):
        self.assertIn("not a serial port", self.refusal(fit=True, inverter_device=str(ADDON / "run")))

    def test_an_adapter_that_is_not_there_is_told_and_waited_for(self):
        self.assertIn(f'option inverter_device is "{DEVICE}", which is not there; waiting', self.effective(inverter_device=DEVICE)[1])

    def test_options_that_are_no_json_are_told(self):
        for text in ("", "[]", "{"):
            (self.directory / "options.json").write_text(text)
            self.assertIn("options.json is no JSON object", self.run_script(2).stderr)
        (self.directory / "options.json").unlink()
        self.assertIn("options.json cannot be read", self.run_script(2).stderr)


class RunningTests(AddonTestCase):
    """The script with the real program, at a simulated inverter."""

    def start(self, **options):
        self.inverter = self.directory / "inverter"
        unit = Broker("run", "--mode", "dataset", "--dataset", "min-6000tl-xh", "--pty", self.inverter, "--tcp", "none")
        self.addCleanup(unit.stop)
        unit.wait_for_message("listening on")
        self.write_options({"inverter_device": str(self.inverter), "min_period": 0, **options})
        environment = {**self.environment(PROGRAM), "LISTEN_TCP": "127.0.0.1:0"}
        program, broker.PROGRAM = broker.PROGRAM, str(ADDON / "run")
        try:
            addon = Broker(environment=environment)
        finally:
            broker.PROGRAM = program
        self.addCleanup(addon.stop)
        addon.wait_for_message(f"{self.inverter} is open at 9600 8N1")
        client = ModbusTcpClient("127.0.0.1", port=addon.port, timeout=5)
        self.addCleanup(client.close)
        self.assertTrue(client.connect())
        return client

    def test_a_client_reads_what_the_inverter_has_and_cannot_write(self):
        client = self.start()
        self.assertEqual(client.read_holding_registers(30, count=1, device_id=1).registers, [1])
        self.assertEqual(client.write_register(30, 1, device_id=1).exception_code, 1)

    def test_a_client_writes_once_writes_are_allowed(self):
        client = self.start(allow_writes=True)
        before = client.read_holding_registers(3, count=1, device_id=1).registers[0]
        self.assertFalse(client.write_register(3, before ^ 1, device_id=1).isError())
        self.assertEqual(client.read_holding_registers(3, count=1, device_id=1).registers, [before ^ 1])

    @unittest.skipUnless(knows_writers(), "the program has no writers yet")
    def test_a_client_that_is_no_writer_cannot_write(self):
        client = self.start(allow_writes=True, writers=["192.0.2.1"])
        self.assertEqual(client.write_register(3, 50, device_id=1).exception_code, 1)

    def test_the_wire_log_is_in_the_configuration_folder(self):
        client = self.start(wire_log=True)
        client.read_holding_registers(30, count=1, device_id=1)
        broker.eventually((self.folder / "wire.jsonl").is_file, "a wire log")


if __name__ == "__main__":
    unittest.main()
