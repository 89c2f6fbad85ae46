"""Who may write is said by address; everybody else reads."""

import socket

import rtu
from configured import ANYWHERE, ConfiguredTestCase, free_port
from test_access import NETWORK, REFUSED, WRITES
from ways import RTU, ModbusTCP, ModbusUDP, Program, connected, opened, reading


class WritersTests(ConfiguredTestCase):
    def exchange(self, kind, place, pdu, source="127.0.0.1"):
        if kind == "pty":
            client = Program(place)
        else:
            connection = connected(place, socket.SOCK_DGRAM if "udp" in kind else socket.SOCK_STREAM, source)
            client = {"tcp": ModbusTCP, "udp": ModbusUDP}.get(kind, RTU)(connection)
        try:
            return client.exchange(pdu)
        finally:
            client.close()

    def assert_writes(self, kind, place, source="127.0.0.1"):
        self.assertEqual(self.exchange(kind, place, WRITES[0], source), WRITES[0], (kind, source))

    def assert_reads_only(self, kind, place, source):
        for pdu in WRITES:
            self.assertEqual(
                self.exchange(kind, place, pdu, source), bytes([pdu[0] | 0x80, REFUSED]), (kind, source))
        self.assertEqual(
            self.exchange(kind, place, reading(10, 2), source)[2:], rtu.words(self.unit.holding.block(10, 2)))

    def test_other_addresses_read_and_virtual_ports_are_not_concerned(self):
        pty = str(self.directory / "port")
        self.configure(
            [self.line()], [*({kind: ANYWHERE} for kind in NETWORK), {"pty": pty}],
            clients={"writers": ["127.0.0.2", "127.0.3.0/24"]})
        broker = self.start("is open")
        for kind, place in zip(NETWORK, broker.ports):
            self.assert_reads_only(kind, place, "127.0.0.1")
            self.assert_writes(kind, place, "127.0.0.2")
            self.assert_writes(kind, place, "127.0.3.9")
        self.assert_writes("pty", pty)
        self.assertEqual(self.unit.executed_writes, [WRITES[0]] * 9)
        message = broker.wait_for_message("refused: ")
        self.assertIn("a write, for the address is not among its writers (127.0.0.1)", message)

    def test_an_address_is_the_same_at_a_listener_for_both_families(self):
        for writers, answer in (("127.0.0.0/8", WRITES[0]), ("::1", bytes([WRITES[0][0] | 0x80, REFUSED]))):
            with self.subTest(writers):
                self.configure([self.line()], [{"tcp": "[::]:0", "writers": writers}])
                broker = self.start("is open")
                self.assertEqual(self.exchange("tcp", broker.port, WRITES[0]), answer)
                broker.stop()

    def test_it_is_told_where_everybody_may_write_at_the_start_and_after_a_reload(self):
        address = f"0.0.0.0:{free_port()}"
        lines, warning = [self.line()], f"{address}: everybody who reaches it may write"
        self.configure(lines, [{"tcp": address}, {"tcp": ANYWHERE}])
        broker = self.start(warning)
        self.reload(lines, [{"tcp": address, "writers": "loopback"}, {"tcp": ANYWHERE}])
        since = len(broker.messages)
        self.reload(lines, [{"tcp": address}, {"tcp": ANYWHERE}])
        broker.wait_for_message(warning, since)
        broker.stop()
        self.assertEqual(len([message for message in broker.messages if "everybody who" in message]), 2)

    def test_a_listener_has_its_own_and_a_reload_changes_them_for_who_is_connected(self):
        lines = [self.line()]
        address = f"127.0.0.1:{free_port()}"
        self.configure(lines, [{"tcp": address, "writers": "none"}], clients={"writers": "any"})
        broker = self.start("is open")
        refusal = bytes([WRITES[0][0] | 0x80, REFUSED])
        with opened("tcp", broker.port) as client:
            self.assertEqual(client.exchange(WRITES[0]), refusal)
            changes = self.reload(lines, [{"tcp": address, "writers": "loopback"}], clients={"writers": "none"})
            self.assertIn(f"settings of {address}", changes)
            self.assertEqual(client.exchange(WRITES[0]), WRITES[0])
            changes = self.reload(lines, [{"tcp": address}], clients={"writers": "none"})
            self.assertIn(f"settings of {address}", changes)
            self.assertEqual(client.exchange(WRITES[0]), refusal)
