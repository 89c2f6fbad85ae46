"""mbpoll, as Debian has it, reads and writes through the broker."""

import mbpoll
from broker import BrokerTestCase


class MbpollTests(BrokerTestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker("--rtimeout", "0.2")

    def mbpoll(self, *arguments, unit=1, write=()):
        return mbpoll.over_tcp(self.broker.port, *arguments, unit=unit, write=write)

    def test_reads_input_registers(self):
        status, output = self.mbpoll("-t", "3", "-r", "3000", "-c", "10")
        self.assertEqual((status, mbpoll.values(output)), (0, self.unit.input.block(3000, 10)), output)

    def test_reads_the_most_holding_registers_that_fit(self):
        status, output = self.mbpoll("-t", "4", "-r", "100", "-c", "125")
        self.assertEqual((status, mbpoll.values(output)), (0, self.unit.holding.block(100, 125)), output)

    def test_writes_one_register_and_reads_it_back(self):
        status, output = self.mbpoll("-t", "4", "-r", "45", write=["1234"])
        self.assertEqual(status, 0, output)
        self.assertEqual(len(self.unit.executed_writes), 1)
        _, output = self.mbpoll("-t", "4", "-r", "45")
        self.assertEqual(mbpoll.values(output), [1234], output)

    def test_writes_several_registers_and_reads_them_back(self):
        status, output = self.mbpoll("-t", "4", "-r", "45", write=["25", "9", "21"])
        self.assertEqual(status, 0, output)
        self.assertEqual(len(self.unit.executed_writes), 1)
        _, output = self.mbpoll("-t", "4", "-r", "45", "-c", "3")
        self.assertEqual(mbpoll.values(output), [25, 9, 21], output)

    def test_is_told_that_the_unit_has_no_coils(self):
        _, output = self.mbpoll("-t", "0", "-r", "0")
        self.assertIn("Illegal function", output)

    def test_is_told_that_the_unit_has_no_such_register(self):
        _, output = self.mbpoll("-t", "4", "-r", str(self.unit.ABSENT_REGISTER))
        self.assertIn("Illegal data address", output)

    def test_is_told_that_a_unit_does_not_answer(self):
        _, output = self.mbpoll("-t", "4", "-r", "0", unit=9)
        self.assertIn("Target device failed to respond", output)
