"""Docker Compose: the prototype's settings reach the broker, which serves with them, and needs no privilege for it."""

import json
import pathlib
import shutil
import socket
import tempfile
import unittest

import compose
from pymodbus.client import ModbusTcpClient

from compose import BRIDGE_FILE, BUILD_FILE, FILE, FOLDER, PROTOTYPE_VARIABLES, SOURCES, env
from broker import CLEAN_ENVIRONMENT, Broker, BrokerTestCase
from clients import connected
from configured import free_port
from pty_port import PtyPort


class FileTests(unittest.TestCase):
    def test_every_variable_of_the_prototype_is_handed_to_the_container_as_it_is(self):
        given = {name: f"value-of-{name}" for name in PROTOTYPE_VARIABLES}
        environment = compose.service(env(**given))["environment"]
        self.assertEqual({name: environment[name] for name in PROTOTYPE_VARIABLES}, given)

    def test_no_privilege_is_asked_for(self):
        service = compose.service(env(INV_DEV="/dev/ttyUSB0"))
        self.assertEqual(service["cap_drop"], ["ALL"])
        self.assertEqual(service["security_opt"], ["no-new-privileges:true"])
        self.assertTrue(service["read_only"])
        self.assertFalse({"privileged", "cap_add", "user", "pid", "ipc"} & set(service))

    def test_only_serial_devices_may_be_opened(self):
        rules = compose.service(env(INV_DEV="/dev/ttyUSB0"))["device_cgroup_rules"]
        self.assertEqual(sorted(rules), ["c 166:* rw", "c 188:* rw", "c 204:* rw"])

    def test_without_the_inverters_device_compose_says_what_to_set(self):
        done = compose.run(env(BAUD=9600))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("set INV_DEV", done.stderr)

    def test_writes_are_open_to_this_machine_only_unless_they_are_switched(self):
        for line, expected in (("", "loopback"), ("WRITERS=\n", "loopback"), ("WRITERS=any\n", "any")):
            environment = compose.service(env(INV_DEV="/dev/ttyUSB0") + line)["environment"]
            self.assertEqual(environment["GROWATT_BROKER_WRITERS"], expected, line)

    def test_a_network_of_its_own_publishes_the_address_that_tcp_bind_names(self):
        service = compose.service(env(INV_DEV="/dev/ttyUSB0", TCP_BIND="192.0.2.1:5021"), FILE, BRIDGE_FILE)
        port, = service["ports"]
        if isinstance(port, str):
            self.assertEqual(port.removesuffix("/tcp"), "192.0.2.1:5021:5020")
        else:
            self.assertEqual((port["host_ip"], str(port["published"]), port["target"]), ("192.0.2.1", "5021", 5020))
        self.assertEqual(service["environment"]["TCP_BIND"], "0.0.0.0:5020")
        self.assertEqual(service["network_mode"], "bridge")

    def test_copied_into_a_folder_of_its_own_the_file_takes_a_release_and_builds_nothing(self):
        with tempfile.TemporaryDirectory() as directory:
            copy = pathlib.Path(shutil.copy(FILE, directory))
            for line, image in (("", "ghcr.io/growatt-rtu-broker/growatt-rtu-broker:latest"), ("IMAGE=x:1.2.0\n", "x:1.2.0")):
                service = compose.service(env(INV_DEV="/dev/ttyUSB0") + line, copy)
                self.assertEqual((service["image"], service.get("build")), (image, None))

    def test_from_the_sources_the_image_is_built_of_the_sources(self):
        service = compose.service(env(INV_DEV="/dev/ttyUSB0"), FILE, BUILD_FILE)
        self.assertEqual(service["image"], "growatt-rtu-broker")
        context = pathlib.Path(service["build"]["context"])
        self.assertEqual(context.resolve(), SOURCES)
        self.assertTrue((context / service["build"]["dockerfile"]).is_file())

    def test_the_image_and_the_compose_file_check_health_alike(self):
        image = (FOLDER / "Dockerfile").read_text()
        test = compose.service(env(INV_DEV="/dev/ttyUSB0"))["healthcheck"]["test"]
        self.assertEqual(test[0], "CMD")
        self.assertIn("CMD " + json.dumps(test[1:]), image)

    def test_the_example_mentions_every_variable_that_the_file_knows(self):
        example = (FOLDER / ".env.example").read_text()
        names = {line.lstrip("# ").partition("=")[0] for line in example.splitlines() if "=" in line}
        # What Compose puts in stands behind `${` and ends at the first sign that is none of a name.
        used = {piece.split("}")[0].split(":")[0].split("-")[0].split("?")[0] for piece in FILE.read_text().split("${")[1:]}
        self.assertEqual(used - names, set())

    def test_nothing_but_the_sources_goes_into_the_image(self):
        lines = (SOURCES / ".dockerignore").read_text().splitlines()
        self.assertIn("*", lines)
        self.assertFalse({"!.git", "!.env"} & set(lines))


class ServingTests(BrokerTestCase):
    """The program, started with the environment that Compose computes."""

    def start(self, settings):
        environment = compose.service(settings)["environment"]
        environment = {name: str(value) for name, value in environment.items() if value is not None}
        broker = Broker(environment={
            **CLEAN_ENVIRONMENT, **environment, "GROWATT_BROKER_CONTROL": "none", "GROWATT_BROKER_SILENCE": "0"})
        self.addCleanup(broker.stop)
        broker.wait_for_message("listening on")
        broker.wait_for_message(f"{self.directory}/inverter is open")
        return broker

    def assert_served(self, port):
        with connected(ModbusTcpClient("127.0.0.1", port=port, timeout=5, retries=0)) as client:
            self.assertEqual(client.read_holding_registers(3, count=2).registers, self.unit.holding.block(3, 2))

    def settings(self, **rest):
        return env(INV_DEV=self.directory / "inverter", TCP_BIND="127.0.0.1:0", MIN_PERIOD=0, **rest)

    def test_the_prototypes_settings_are_what_the_broker_serves_with(self):
        dongle = PtyPort(self.directory / "dongle")
        self.addCleanup(dongle.unplug)
        sniff = free_port()
        broker = self.start(self.settings(
            SHINE_DEV=dongle.link, BAUD=9600, BYTES="8E1", INV_BAUD=19200, INV_BYTES="8N1", SHINE_BAUD=57600,
            SHINE_BYTES="8O1", TCP_ALT_BIND="127.0.0.1:0", SNIFF_BIND=f"127.0.0.1:{sniff}", RTIMEOUT=1.5,
            LOG_PATH=self.log_path))
        said = "\n".join(broker.messages)
        for part in ("19200 8N1", "57600 8O1", "rtimeout 1.5", "writers loopback", f"log {self.log_path}", dongle.link):
            self.assertIn(part, said)
        first, alternative, _ = broker.ports
        with socket.create_connection(("127.0.0.1", sniff)) as reader:
            self.assert_served(first)
            self.assertIn('"role"', reader.makefile().readline())
        self.assert_served(alternative)
        self.wait_for_entries(2, role="RSP", outcome="ok")

    def test_the_example_serves(self):
        example = (FOLDER / ".env.example").read_text()
        self.assertIn("INV_DEV=/dev/serial/by-id/", example)
        # Of two lines the last one counts.
        self.assert_served(self.start(example + self.settings()).port)

    def test_a_dongle_that_is_the_inverter_or_nothing_is_no_dongle(self):
        for dongle in ("", self.directory / "inverter"):
            broker = self.start(self.settings(SHINE_DEV=dongle))
            self.assertIn("no dongle", "\n".join(broker.messages))
            self.assert_served(broker.port)
            broker.stop()


if __name__ == "__main__":
    unittest.main()
