"""Which registers clients may read; what they may not is answered 0x02 without the line."""

import struct

import rtu
from configured import ANYWHERE, ConfiguredTestCase
from pty_port import PtyPort
from test_access import NETWORK
from ways import opened, reading, writing

ADDRESS, INPUT, COILS, METER = 0x02, 0x04, 0x01, 0x20
OFF_GRID = [reading(30000, 1), reading(29990, 11, INPUT), reading(65535, 1), reading(30000, 1, METER)]


def refused(pdu):
    return bytes([pdu[0] | 0x80, ADDRESS])


class ReadsTests(ConfiguredTestCase):
    def assert_refused(self, client, *pdus):
        seen = len(self.unit.requests)
        for pdu in pdus:
            self.assertEqual(client.exchange(pdu), refused(pdu))
        self.assertEqual(len(self.unit.requests), seen, "it was on the line")

    def assert_read(self, client, address=10):
        self.assertEqual(client.exchange(reading(address, 2))[2:], rtu.words(self.unit.holding.block(address, 2)))

    def test_those_of_a_line_hold_at_every_listener_and_not_for_the_dongle(self):
        dongle = PtyPort(self.directory / "shine")
        self.addCleanup(dongle.unplug)
        pty = str(self.directory / "port")
        self.configure(
            [self.line(reads="off-grid", dongle={"endpoint": dongle.link})],
            [*({kind: ANYWHERE} for kind in NETWORK), {"pty": pty}, {"tcp": ANYWHERE, "line": "inverter"}])
        broker = self.start("inverter is open", "shine is open")
        for kind, place in [*zip((*NETWORK, "tcp"), broker.ports), ("pty", pty)]:
            with self.subTest(kind), opened(kind, place) as client:
                self.assert_refused(client, *OFF_GRID)
                self.assert_read(client)
        write = struct.pack(">BHHHHBH", rtu.READ_WRITE, 30000, 1, 40, 1, 2, 7)
        with opened("tcp", broker.port) as client:
            self.assert_refused(client, write)
            self.assertEqual(client.exchange(writing(40, 7)), writing(40, 7))
        dongle.send(rtu.frame(1, reading(30000, 1)))
        reply = dongle.receive_exactly(7)
        self.assertEqual(reply, rtu.frame(1, bytes([3, 2]) + rtu.words(self.unit.holding.block(30000, 1))))

    def test_it_is_told_like_a_refused_write(self):
        self.configure([self.line(reads={"refuse": ["input:5-9"]})], [{"tcp": ANYWHERE, "reads": {"allow": ["input:0-99"]}}])
        broker = self.start("is open")
        with opened("tcp", broker.port) as client:
            self.assert_refused(client, *[reading(5, 1, INPUT)] * 20, reading(100, 1, INPUT), reading(0, 1), reading(0, 1, COILS))
        broker.wait_for_message(
            "refused: line inverter: a read of input:5-9, which reads refuses (127.0.0.1, unit 1, read input 5+1)")
        broker.wait_for_message(
            "refused: 127.0.0.1:0: a read of what reads does not allow (127.0.0.1, unit 1, read input 100+1)")
        (client,) = self.status()["clients"]
        self.assertEqual((client["refused"], client["answered"]), (23, 0))
        broker.stop()
        told = [message for message in broker.messages if "refused: line inverter" in message]
        self.assertEqual(len(told), 2, told)
        self.assertIn("19 more within a minute", told[1])

    def test_the_dongle_has_its_own_and_a_reload_changes_them_for_the_next_read(self):
        dongle = PtyPort(self.directory / "shine")
        self.addCleanup(dongle.unplug)
        lines = [self.line(dongle={"endpoint": dongle.link, "reads": "off-grid"})]
        self.configure(lines, [{"tcp": ANYWHERE}])
        broker = self.start("inverter is open", "shine is open")
        request = rtu.frame(1, reading(30000, 1))
        dongle.send(request)
        self.assertEqual(dongle.receive_exactly(5), rtu.frame(1, refused(reading(30000, 1))))
        broker.wait_for_message("refused: shine: a read of holding:30000-65535, which reads refuses (SHINE, unit 1")
        with opened("tcp", broker.port) as client:
            self.assert_read(client, 30000)
            self.assertIn(
                "reads of line inverter",
                self.reload([self.line(reads="off-grid", dongle={"endpoint": dongle.link})], [{"tcp": ANYWHERE}]))
            self.assert_refused(client, reading(30000, 1))
            dongle.send(request)
            self.assertEqual(len(dongle.receive_exactly(7)), 7)
            self.assertIn("settings of", self.reload(
                [self.line(dongle={"endpoint": dongle.link})], [{"tcp": ANYWHERE, "reads": {"refuse": "1/holding:10"}}]))
            self.assert_refused(client, reading(10, 2))
            self.assert_read(client, 30000)
