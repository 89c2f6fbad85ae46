"""mbpoll, as Debian has it, reads and writes through the broker."""

import re
import subprocess

from broker import BrokerTestCase


class MbpollTests(BrokerTestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker("--rtimeout", "0.2")

    def mbpoll(self, *arguments, unit=1):
        """Exit status, and all that it printed."""
        command = ["mbpoll", "-m", "tcp", "-p", self.broker.port, "-a", unit, "-0", "-1", "-o", "3"]
        done = subprocess.run(
            [*map(str, command), *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=15)
        return done.returncode, done.stdout

    def values(self, output):
        return [int(value) for value in re.findall(r"^\[\d+\]:\s+(\d+)", output, re.MULTILINE)]

    def test_reads_input_registers(self):
        status, output = self.mbpoll("-t", "3", "-r", "3000", "-c", "10", "127.0.0.1")
        self.assertEqual((status, self.values(output)), (0, self.unit.input.block(3000, 10)), output)

    def test_reads_the_most_holding_registers_that_fit(self):
        status, output = self.mbpoll("-t", "4", "-r", "100", "-c", "125", "127.0.0.1")
        self.assertEqual((status, self.values(output)), (0, self.unit.holding.block(100, 125)), output)

    def test_writes_one_register_and_reads_it_back(self):
        status, output = self.mbpoll("-t", "4", "-r", "45", "127.0.0.1", "1234")
        self.assertEqual(status, 0, output)
        self.assertEqual(len(self.unit.executed_writes), 1)
        _, output = self.mbpoll("-t", "4", "-r", "45", "127.0.0.1")
        self.assertEqual(self.values(output), [1234], output)

    def test_writes_several_registers_and_reads_them_back(self):
        status, output = self.mbpoll("-t", "4", "-r", "45", "127.0.0.1", "25", "9", "21")
        self.assertEqual(status, 0, output)
        self.assertEqual(len(self.unit.executed_writes), 1)
        _, output = self.mbpoll("-t", "4", "-r", "45", "-c", "3", "127.0.0.1")
        self.assertEqual(self.values(output), [25, 9, 21], output)

    def test_is_told_that_the_unit_has_no_coils(self):
        _, output = self.mbpoll("-t", "0", "-r", "0", "127.0.0.1")
        self.assertIn("Illegal function", output)

    def test_is_told_that_the_unit_has_no_such_register(self):
        _, output = self.mbpoll("-t", "4", "-r", str(self.unit.ABSENT_REGISTER), "127.0.0.1")
        self.assertIn("Illegal data address", output)

    def test_is_told_that_a_unit_does_not_answer(self):
        _, output = self.mbpoll("-t", "4", "-r", "0", "127.0.0.1", unit=9)
        self.assertIn("Target device failed to respond", output)
