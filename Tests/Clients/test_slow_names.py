"""Hosts that are names which take long to be looked up: of listeners, of lines and of dongles."""

import concurrent.futures
import pathlib
import subprocess

import rtu
from broker import CLEAN_ENVIRONMENT, Broker
from clients import tcp_client
from configured import ANYWHERE, free_port
from pty_port import PtyPort
from test_lines import NO_PATH, LinesTestCase
from test_listener_reload import ListenerReloadTestCase
from tools import serial_server
from waiting import eventually


class SlowNames:
    """For a test with a configuration: `gate` is the file without which no name is found."""

    def start_with_slow_names(self, *messages):
        library, self.gate = self.directory / "names.so", self.directory / "answered"
        source = pathlib.Path(__file__).with_name("slow_names.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        broker = Broker(
            "--config", self.file,
            environment={**CLEAN_ENVIRONMENT, "LD_PRELOAD": str(library), "NAMES_WAIT_FOR": str(self.gate)})
        self.addCleanup(broker.stop)
        # Who looks a name up while it is stopped would wait for ever.
        self.addCleanup(self.gate.touch)
        for message in messages:
            broker.wait_for_message(message)
        return broker


class SlowListenerNameTests(SlowNames, ListenerReloadTestCase):
    KINDS = ("tcp", "rtu-tcp", "udp", "rtu-udp", "tls", "sniff")

    def test_a_name_server_that_is_slow_holds_nobody_up(self):
        lines, staying = [self.line()], self.those_that_stay()
        self.configure(lines, staying)
        self.start_with_slow_names("/inverter is open")
        with self.load() as load, concurrent.futures.ThreadPoolExecutor() as threads:
            for kind in self.KINDS:
                with self.subTest(kind):
                    new = self.listener(kind, free_port())
                    new[kind] = new[kind].replace("127.0.0.1", "localhost")
                    reload = threads.submit(self.reload, lines, [*staying, new])
                    load.wait_for_answers(more=20)
                    self.assertFalse(reload.done())
                    self.gate.touch()
                    self.assertIn(f"+{kind if kind != 'tcp' else 'localhost'}", reload.result())
                    self.gate.unlink()


class SlowLineNameTests(SlowNames, LinesTestCase):
    def start_lines(self, garage):
        house = self.line(name="house", units=[1, 2])
        self.configure([house, garage], [{"tcp": ANYWHERE}])
        return self.start_with_slow_names("listening on", "/inverter is open")

    def assert_house_is_served(self, client):
        for first in (0, 100, 200):
            self.assert_values(client, self.house.holding, 1, first)

    def test_a_line_whose_name_is_slow_holds_no_other_line_up_and_comes_when_it_is_found(self):
        with serial_server(self.directory / "garage") as port:
            garage = self.line(f"rtuovertcp://localhost:{port}", name="garage", units={11: 1})
            broker = self.start_lines(garage)
            with tcp_client(broker) as client:
                self.assert_house_is_served(client)
                self.assertEqual(client.read_holding_registers(0, device_id=11).exception_code, NO_PATH)
                self.gate.touch()
                broker.wait_for_message("is connected")
                self.assert_values(client, self.garage.holding, 11)

    def test_nor_does_one_in_datagrams(self):
        broker = self.start_lines(self.line(f"udp://localhost:{free_port()}", name="garage", units={11: 1}))
        with tcp_client(broker) as client:
            self.assert_house_is_served(client)
            self.assertEqual(client.read_holding_registers(0, device_id=11).exception_code, NO_PATH)

    def test_nor_does_a_dongle_which_is_served_when_its_name_is_found(self):
        dongle = PtyPort(self.directory / "shine")
        self.addCleanup(dongle.unplug)
        with serial_server(dongle.link) as port:
            garage = self.line(
                str(self.directory / "garage"), name="garage", units={11: 1},
                dongle={"endpoint": f"rtuovertcp://localhost:{port}"})
            broker = self.start_lines(garage)
            broker.wait_for_message("/garage is open")
            with tcp_client(broker) as client:
                self.assert_house_is_served(client)
                self.assert_values(client, self.garage.holding, 11)
            self.gate.touch()
            broker.wait_for_message(f"localhost:{port} is connected")

            def answered():
                dongle.send(rtu.read(5, 1))
                return dongle.receive(2)

            received = eventually(answered, "an answer to the dongle")
            received += dongle.receive_exactly(7 - len(received)) if len(received) < 7 else b""
            self.assertEqual(received, rtu.read_reply([self.garage.holding[5]]))
