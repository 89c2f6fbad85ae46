"""pymodbus reads and writes through Modbus TCP."""

import concurrent.futures
import struct

from pymodbus.constants import ExcCodes

import rtu
from broker import BrokerTestCase
from clients import read_meter, tcp_client
from waiting import eventually

NO_PATH, NO_REPLY = ExcCodes.GATEWAY_PATH_UNAVIABLE, ExcCodes.GATEWAY_NO_RESPONSE


class PymodbusTCPTests(BrokerTestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()

    def test_reads_holding_and_input_registers(self):
        with tcp_client(self.broker) as client:
            holding = client.read_holding_registers(100, count=125)
            inputs = client.read_input_registers(3000, count=7)
        self.assertEqual(holding.registers, self.unit.holding.block(100, 125))
        self.assertEqual(inputs.registers, self.unit.input.block(3000, 7))

    def test_reads_the_smart_meter_block(self):
        with tcp_client(self.broker) as client:
            reply = read_meter(client, 10, 20)
        self.assertEqual(reply.registers, self.unit.meter.block(10, 20))

    def test_writes_with_every_function_once(self):
        with tcp_client(self.broker) as client:
            self.assertFalse(client.write_register(30, 100).isError())
            self.assertFalse(client.write_registers(31, [1, 2, 3]).isError())
            self.assertFalse(client.mask_write_register(address=31, and_mask=0xFF00, or_mask=0x0042).isError())
            both = client.readwrite_registers(read_address=30, read_count=4, write_address=33, values=[9])
            self.assertEqual(both.registers, [100, 0x0042, 2, 9])
            self.assertEqual(client.read_holding_registers(30, count=4).registers, [100, 0x0042, 2, 9])
        functions = [pdu[0] for pdu in self.unit.executed_writes]
        self.assertEqual(functions, [rtu.WRITE_ONE, rtu.WRITE_SEVERAL, rtu.MASK_WRITE, rtu.READ_WRITE])

    def test_gets_the_exceptions_of_the_unit(self):
        with tcp_client(self.broker) as client:
            reply = client.read_holding_registers(self.unit.ABSENT_REGISTER, count=1)
        self.assertEqual(reply.exception_code, ExcCodes.ILLEGAL_ADDRESS)

    def test_clients_at_once_each_get_their_own_values(self):
        def ask(start):
            with tcp_client(self.broker) as client:
                for address in range(start, start + 40):
                    reply = client.read_holding_registers(address, count=1 + address % 50)
                    self.assertEqual(reply.registers, self.unit.holding.block(address, 1 + address % 50))
                    written = client.write_register(20000 + start, address)
                    self.assertFalse(written.isError())
                    self.assertEqual(client.read_holding_registers(20000 + start).registers, [address])
            return True

        with concurrent.futures.ThreadPoolExecutor(8) as threads:
            self.assertTrue(all(threads.map(ask, range(0, 8000, 1000))))
        self.assertEqual(len(self.unit.executed_writes), 8 * 40)

    def test_a_write_without_reply_is_executed_once_and_answered_0x0b(self):
        self.unit.loses_reply = lambda request: request.function == rtu.WRITE_ONE
        with tcp_client(self.broker) as client:
            client.read_holding_registers(0)
            self.assertEqual(client.write_register(30, 77).exception_code, NO_REPLY)
            self.assertEqual(client.read_holding_registers(30).registers, [77])
        self.assertEqual(self.unit.executed_writes, [struct.pack(">BHH", rtu.WRITE_ONE, 30, 77)])

    def test_a_read_without_reply_is_repeated(self):
        with tcp_client(self.broker) as client:
            client.read_holding_registers(0)
            self.unit.loses_request = lambda _: self.unit.received(rtu.read(5, 2)) == 1
            reply = client.read_holding_registers(5, count=2)
            self.assertEqual(reply.registers, self.unit.holding.block(5, 2), reply)
        self.assertEqual(self.unit.received(rtu.read(5, 2)), 2)

    def test_an_unplugged_line_is_answered_0x0a_and_served_when_it_is_back(self):
        with tcp_client(self.broker) as client:
            self.assertFalse(client.read_holding_registers(0).isError())
            self.unit.unplug()
            eventually(
                lambda: client.read_holding_registers(0).exception_code == NO_PATH, "0x0A without the line")
            self.unit.plug()
            eventually(
                lambda: client.read_holding_registers(8).registers == [self.unit.holding[8]], "a value with the line")


class SilentUnitTests(BrokerTestCase):
    units = (1, 2)

    def test_a_silent_unit_is_answered_0x0b_and_the_other_one_is_served(self):
        self.unit.loses_request = lambda request: request.unit == 2
        broker = self.start_broker("--rtimeout", "0.2")
        with tcp_client(broker) as asks_silent, tcp_client(broker) as asks_live:
            with concurrent.futures.ThreadPoolExecutor(1) as thread:
                silent = [thread.submit(asks_silent.read_holding_registers, 0, device_id=2) for _ in range(5)]
                while not all(reply.done() for reply in silent):
                    self.assertEqual(asks_live.read_holding_registers(7).registers, [self.unit.holding[7]])
            self.assertEqual({reply.result().exception_code for reply in silent}, {NO_REPLY})
            self.unit.loses_request = lambda _: False
            eventually(
                lambda: asks_silent.read_holding_registers(7, device_id=2).registers == [self.unit.holding[7]],
                "the unit that answers again")
