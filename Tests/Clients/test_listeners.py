"""What a listener is for its clients, and only for those."""

import socket

from broker import Broker, BrokerTestCase
from clients import connected, raw_connection
from pymodbus.client import ModbusTcpClient


class ListenerTests(BrokerTestCase):
    def start(self, listeners, clients="{}"):
        configuration = self.directory / "config.yaml"
        configuration.write_text(
            f"lines: [{{endpoint: {self.directory}/inverter, min-period: 0}}]\n"
            f"listeners:\n{listeners}\nclients: {clients}\ncontrol: {self.directory}/control\n")
        broker = Broker("--config", configuration)
        self.addCleanup(broker.stop)
        broker.wait_for_message(f"{self.directory}/inverter is open")
        return broker

    def test_two_listeners_at_ports_that_the_system_chooses_are_two(self):
        broker = self.start("  - tcp: 127.0.0.1:0\n    read-only: true\n  - tcp: 127.0.0.1:0")
        self.assertEqual(len(set(broker.ports)), 2)
        for port, is_refused in zip(broker.ports, (True, False)):
            with connected(ModbusTcpClient("127.0.0.1", port=port, timeout=5, retries=0)) as client:
                self.assertEqual(client.write_register(5, 7).isError(), is_refused, port)

    def test_readers_of_the_feed_have_to_pass_the_rules(self):
        for clients, rules in (("{deny: [127.0.0.1]}", ""), ("{}", "\n    allow: [10.0.0.0/8]")):
            broker = self.start(f"  - tcp: 127.0.0.1:0\n  - sniff: 127.0.0.1:0{rules}", clients)
            with raw_connection(broker.ports[1]) as reader:
                try:
                    self.assertEqual(reader.recv(100), b"", "it was let in")
                except ConnectionResetError:
                    pass
            broker.wait_for_message("refused: a client whose address may not come in (127.0.0.1)")
            broker.stop()

    def test_readers_that_may_come_in_hear_what_is_asked(self):
        broker = self.start("  - tcp: 127.0.0.1:0\n  - sniff: 127.0.0.1:0\n    allow: [127.0.0.0/8]")
        with raw_connection(broker.ports[1]) as reader:
            self.assertIn(b'"event":"sniff_feed"', reader.recv(1000))
            with connected(ModbusTcpClient("127.0.0.1", port=broker.ports[0], timeout=5, retries=0)) as client:
                # Whether it is let in is known a moment after it is connected.
                reader.settimeout(0.5)
                for _ in range(20):
                    client.read_holding_registers(3)
                    try:
                        self.assertIn(b'"role":"REQ"', reader.recv(1000))
                        return
                    except socket.timeout:
                        continue
        self.fail("nothing was heard")
