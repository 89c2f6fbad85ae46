"""Boxes that answer to unit 0 only, and clients that ask nothing else."""

import rtu
from configured import ANYWHERE, ConfiguredTestCase
from foreign_server import foreign_server
from waiting import eventually
from ways import opened, reading, writing

REFUSED, NO_PATH = 0x01, 0x0A


class BoxOfUnitZeroTests(ConfiguredTestCase):
    units = (0,)

    def start_at(self, units, **clients):
        self.pty = str(self.directory / "port")
        self.configure(
            [self.line(units=units)], [{"tcp": ANYWHERE}, {"rtu-tcp": ANYWHERE}, {"pty": self.pty}], clients=clients)
        return self.start("is open")

    def ways(self, broker):
        return [("tcp", broker.ports[0]), ("rtu-tcp", broker.ports[1]), ("pty", self.pty)]

    def test_it_is_read_as_unit_1_and_a_write_is_one_to_all(self):
        broker = self.start_at({1: 0})
        for kind, place in self.ways(broker):
            with self.subTest(kind), opened(kind, place) as client:
                # The reply must have the number that was asked for.
                self.assertEqual(client.exchange(reading(10, 2))[2:], rtu.words(self.unit.holding.block(10, 2)))
                self.assertEqual(client.exchange(writing(40, 7)), bytes([0x86, REFUSED]))
        self.assertEqual({request.unit for request in self.unit.requests}, {0})
        self.assertFalse(self.unit.executed_writes)
        broker.wait_for_message("refused: a write to unit 1, which is unit 0 on its line, so all units (127.0.0.1)")
        with opened("tcp", broker.port) as client:
            self.assertEqual(client.exchange(reading(10, 2), unit=0), bytes([0x83, NO_PATH]))

    def test_with_a_permission_a_write_is_sent_to_all(self):
        broker = self.start_at({1: 0}, **{"allow-broadcast": True})
        with opened("tcp", broker.port) as client:
            self.assertEqual(client.exchange(writing(40, 7)), writing(40, 7))
        eventually(lambda: self.unit.executed_writes, "the write")
        self.assertEqual([(request.unit, request.pdu) for request in self.unit.requests], [(0, writing(40, 7))])

    def test_a_reload_takes_the_permission_away(self):
        broker = self.start_at({1: 0}, **{"allow-broadcast": True})
        self.reload([self.line(units={1: 0})], [{"tcp": ANYWHERE}, {"rtu-tcp": ANYWHERE}, {"pty": self.pty}])
        with opened("tcp", broker.port) as client:
            self.assertEqual(client.exchange(writing(40, 7)), bytes([0x86, REFUSED]))
        self.assertFalse(self.unit.executed_writes)


class ClientOfUnitZeroTests(ConfiguredTestCase):
    def test_its_reads_go_to_a_unit_and_its_writes_to_none(self):
        for allows, answer in ((False, bytes([0x86, REFUSED])), (True, bytes([0x86, NO_PATH]))):
            self.configure(
                [self.line(units={0: 1})], [{"tcp": ANYWHERE}, {"rtu-tcp": ANYWHERE}],
                clients={"allow-broadcast": allows})
            broker = self.start("is open")
            with opened("tcp", broker.port) as client:
                self.assertEqual(client.exchange(reading(10, 2), unit=0)[2:], rtu.words(self.unit.holding.block(10, 2)))
                self.assertEqual(client.exchange(writing(40, 7), unit=0), answer)
            with opened("rtu-tcp", broker.ports[1]) as client:
                # A frame of unit 0.
                self.assertEqual(client.exchange(reading(11, 2), unit=0)[2:], rtu.words(self.unit.holding.block(11, 2)))
            broker.stop()
        self.assertEqual({request.unit for request in self.unit.requests}, {1})
        self.assertFalse(self.unit.executed_writes)

    def test_a_gateway_that_is_unit_0_itself_answers_a_write(self):
        with foreign_server(list(range(100)), [True] * 8) as port:
            self.configure(
                [self.line(f"tcp://127.0.0.1:{port}", units={1: 0})], [{"tcp": ANYWHERE}],
                clients={"allow-broadcast": True})
            broker = self.start("is connected")
            with opened("tcp", broker.port) as client:
                self.assertEqual(client.exchange(writing(40, 7)), writing(40, 7))
                self.assertEqual(client.exchange(reading(39, 2))[2:], rtu.words([39, 7]))
