"""RTU over TCP, and datagrams of both framings: pymodbus, and bytes as nobody should send them."""

import asyncio
import contextlib
import random
import socket
import struct

from pymodbus import FramerType
from pymodbus.client import AsyncModbusTcpClient, AsyncModbusUdpClient, ModbusUdpClient

import rtu
from broker import BrokerTestCase
from clients import tcp_client
from configured import ANYWHERE, ConfiguredTestCase
from waiting import LIMIT, eventually
from ways import RTU, ModbusUDP, connected, opened, reading, writing

# No reply may come any more: what had to be waited for is over when this begins.
QUIET = 0.15


class NetworkTestCase(BrokerTestCase):
    def setUp(self):
        super().setUp()
        flags = [flag for kind in ("rtu-tcp", "udp", "rtu-udp") for flag in (f"--{kind}", "127.0.0.1:0")]
        self.broker = self.start_broker(*flags, "--log", self.log_path)
        self.tcp, self.rtu_tcp, self.udp, self.rtu_udp = self.broker.ports

    def values(self, address, count):
        return rtu.words(self.unit.holding.block(address, count))

    def assert_read(self, client, address, count=3):
        reply = client.exchange(reading(address, count))
        self.assertEqual(reply, bytes([3, 2 * count]) + self.values(address, count))

    def assert_served(self):
        with tcp_client(self.broker) as client:
            self.assertEqual(client.read_holding_registers(7).registers, [self.unit.holding[7]])


class PymodbusTests(NetworkTestCase):
    async def use(self, client, first):
        self.assertTrue(await client.connect())
        for address in range(first, first + 30):
            count = 1 + address * 11 % 125
            reply = await client.read_holding_registers(address, count=count)
            self.assertEqual(reply.registers, self.unit.holding.block(address, count), reply)
            reply = await client.read_input_registers(address, count=2)
            self.assertEqual(reply.registers, self.unit.input.block(address, 2), reply)
        self.assertFalse((await client.write_registers(first + 500, [1, 2, 3])).isError())
        self.assertEqual((await client.read_holding_registers(first + 500, count=3)).registers, [1, 2, 3])
        self.assertEqual((await client.read_holding_registers(self.unit.ABSENT_REGISTER)).exception_code, 2)
        client.close()

    def run_clients(self, *makers):
        async def all_of_them():
            clients = [make() for make in makers]
            await asyncio.gather(*(self.use(client, 1000 * number) for number, client in enumerate(clients)))

        asyncio.run(all_of_them())
        self.assertEqual(len(self.unit.executed_writes), len(makers))

    def options(self, port, framer=FramerType.SOCKET):
        return {"host": "127.0.0.1", "port": port, "framer": framer, "timeout": 5, "retries": 0}

    def test_rtu_over_tcp(self):
        self.run_clients(lambda: AsyncModbusTcpClient(**self.options(self.rtu_tcp, FramerType.RTU)))

    def test_datagrams_of_modbus_tcp(self):
        self.run_clients(lambda: AsyncModbusUdpClient(**self.options(self.udp)))

    def test_datagrams_of_rtu(self):
        self.run_clients(lambda: AsyncModbusUdpClient(**self.options(self.rtu_udp, FramerType.RTU)))

    def test_the_client_that_blocks(self):
        client = ModbusUdpClient(**self.options(self.udp))
        self.addCleanup(client.close)
        self.assertTrue(client.connect())
        self.assertEqual(client.read_holding_registers(5, count=9).registers, self.unit.holding.block(5, 9))

    def test_all_at_once(self):
        self.run_clients(
            lambda: AsyncModbusTcpClient(**self.options(self.tcp)),
            lambda: AsyncModbusTcpClient(**self.options(self.rtu_tcp, FramerType.RTU)),
            lambda: AsyncModbusUdpClient(**self.options(self.udp)),
            lambda: AsyncModbusUdpClient(**self.options(self.rtu_udp, FramerType.RTU)))


class RTUOverTCPBytesTests(NetworkTestCase):
    def setUp(self):
        super().setUp()
        self.connection = connected(self.rtu_tcp)
        self.addCleanup(self.connection.close)
        self.client = RTU(self.connection)
        self.assert_read(self.client, 0)

    def receive(self, length):
        data = b""
        while len(data) < length and (part := self.connection.recv(length - len(data))):
            data += part
        return data

    def assert_quiet(self):
        self.connection.settimeout(QUIET)
        with self.assertRaises(TimeoutError):
            self.connection.recv(100)
        self.connection.settimeout(8)

    def test_a_frame_byte_by_byte(self):
        for byte in rtu.read(20, 4):
            self.connection.sendall(bytes([byte]))
        self.assertEqual(self.receive(13), rtu.read_reply(self.unit.holding.block(20, 4)))

    def test_of_glued_reads_the_newest_is_answered_and_of_glued_writes_each_is_executed(self):
        self.connection.sendall(rtu.read(10, 2) + rtu.write(40, 5) + rtu.write(41, 6) + rtu.read(40, 2))
        self.assertEqual(self.receive(9), rtu.read_reply([5, 6]))
        self.assertEqual(self.unit.executed_writes, [writing(40, 5), writing(41, 6)])
        self.assert_quiet()

    def test_the_refusal_of_a_write_is_not_taken_for_the_answer_to_the_write_behind_it(self):
        # Register 31 begins a firmware update: it is refused at once, while the other one is executed.
        self.connection.sendall(rtu.write(31, 1) + rtu.write(40, 5))
        self.assertEqual(self.receive(8).hex(), rtu.write(40, 5).hex())
        self.assertEqual(self.unit.executed_writes, [writing(40, 5)])

    def test_noise_before_a_frame_is_dropped_and_the_frame_answered(self):
        self.connection.sendall(b"\xff\x00noise" * 20 + rtu.read(40, 3))
        self.assertEqual(self.receive(11), rtu.read_reply(self.unit.holding.block(40, 3)))

    def test_a_damaged_frame_is_silence_and_the_next_one_answered(self):
        damaged = bytearray(rtu.read(50, 2))
        damaged[4] ^= 1
        self.connection.sendall(damaged)
        self.wait_for_entries(1, role="DROP")
        self.assert_quiet()
        self.assert_read(self.client, 60)

    def test_endless_noise_ends_the_connection_and_harms_nobody(self):
        noise = random.Random(5).randbytes(65536)
        with self.assertRaises((ConnectionError, AssertionError)):
            for _ in range(200):
                self.connection.sendall(noise)
                self.assertFalse(self.unit.executed_writes)
            self.assertTrue(self.connection.recv(1), "closed")
        self.assert_served()


class DatagramTests(NetworkTestCase):
    def open(self, port):
        connection = connected(port, socket.SOCK_DGRAM)
        self.addCleanup(connection.close)
        return connection

    def malformed(self):
        good = struct.pack(">HHHB", 9, 0, 6, 1) + reading(5, 1)
        yield from (b"", good[:1], good[:7], good[:-1], good + b"\0", good[:2] + b"\0\7" + good[4:])
        yield good + good
        yield good[:4] + b"\xff\xff" + good[6:]
        yield bytes(1400)
        chance = random.Random(7)
        for length in range(0, 600, 7):
            yield chance.randbytes(length)

    def test_malformed_datagrams_are_dropped_and_the_sender_is_served_afterwards(self):
        for port, kind in ((self.udp, ModbusUDP), (self.rtu_udp, RTU)):
            with self.subTest(kind.__name__):
                connection = self.open(port)
                for datagram in self.malformed():
                    connection.send(datagram)
                    self.drain(connection)
                client = kind(connection)
                client.transaction = 5000
                self.assert_read(client, 70)
        self.assertFalse(self.unit.executed_writes)
        self.assert_served()

    @staticmethod
    def drain(connection):
        connection.setblocking(False)
        try:
            while connection.recv(2000):
                pass
        except BlockingIOError:
            pass
        connection.settimeout(8)

    def test_a_frame_in_two_datagrams_is_no_modbus_tcp(self):
        connection = self.open(self.udp)
        frame = struct.pack(">HHHB", 9, 0, 6, 1) + reading(5, 1)
        connection.send(frame[:8])
        connection.send(frame[8:])
        connection.settimeout(QUIET)
        with self.assertRaises(TimeoutError):
            connection.recv(100)
        self.assertFalse(self.unit.received(rtu.read(5, 1)))

    def test_each_sender_gets_its_own_answers(self):
        with opened("udp", self.udp) as one, opened("udp", self.udp) as two:
            with opened("rtu-udp", self.rtu_udp) as three, opened("rtu-udp", self.rtu_udp) as four:
                for address in range(40):
                    for number, client in enumerate((one, two, three, four)):
                        self.assert_read(client, 1000 * number + address)

    def test_several_requests_of_one_sender_are_each_answered(self):
        connection = self.open(self.udp)
        # As many as may wait.
        for transaction in range(16):
            connection.send(struct.pack(">HHHB", transaction, 0, 6, 1) + reading(transaction, 1))
        answers = {}
        for _ in range(16):
            datagram = connection.recv(2000)
            answers[struct.unpack_from(">H", datagram)[0]] = datagram[9:]
        self.assertEqual(answers, {number: self.values(number, 1) for number in range(16)})

    def test_a_repeated_datagram_is_executed_and_answered_once(self):
        connection = self.open(self.udp)
        self.unit.hold_replies()
        frame = struct.pack(">HHHB", 3, 0, 6, 1) + writing(30, 99)
        for _ in range(3):
            connection.send(frame)
        self.wait_for_entries(3, role="REQ", addr=30)
        eventually(lambda: self.unit.requests, "a request at the unit")
        self.unit.release_replies()
        self.assertEqual(connection.recv(100), frame)
        connection.settimeout(QUIET)
        with self.assertRaises(TimeoutError):
            connection.recv(100)
        self.assertEqual(self.unit.executed_writes, [writing(30, 99)])


class ReflectionTests(ConfiguredTestCase):
    """Whoever forges a sender can let replies go to somebody who sends them back, such as another broker."""

    def assert_done_once(self, kind, request):
        self.configure([self.line()], [{kind: ANYWHERE}])
        broker = self.start("is open")
        self.unit.executed_writes.clear()
        with contextlib.closing(connected(broker.port, socket.SOCK_DGRAM)) as reflector:
            reflector.send(request)
            reply = reflector.recv(2000)
            for _ in range(3):
                reflector.send(reply)
            eventually(lambda: self.status()["refused"]["reflected"] == 3, "all that came back, dropped")
            self.assertEqual(self.status()["listeners"][0]["dropped"], 3)
            self.assertEqual(self.unit.executed_writes, [writing(45, 7)])
            reflector.setblocking(False)
            self.assertRaises(BlockingIOError, reflector.recv, 2000)
            # What is not the same is a request.
            reflector.settimeout(LIMIT)
            ModbusUDP(reflector).exchange(writing(45, 8)) if kind == "udp" else RTU(reflector).exchange(writing(45, 8))
        broker.wait_for_message("refused: a datagram, for it is what was sent there, come back (127.0.0.1)")
        broker.stop()

    def test_a_reply_that_comes_back_is_no_request(self):
        write = writing(45, 7)
        self.assert_done_once("udp", struct.pack(">HHHB", 9, 0, len(write) + 1, 1) + write)
        self.assert_done_once("rtu-udp", rtu.frame(1, write))
