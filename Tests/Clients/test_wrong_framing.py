"""What is not Modbus, or not in the framing that is awaited, is told once, with what to do about it."""

import socket

import rtu
from broker import Broker, BrokerTestCase
from clients import tcp_client
from serial_servers import Ser2net, SerialServer
from ways import ModbusTCP, RTU, connected, reading


class StrictSer2net(SerialServer):
    """Refuses a second client, as it does unless told otherwise; `accepter` says what it speaks."""

    accepter = "tcp"

    def command(self):
        text = (f"connection: &line\n  accepter: {self.accepter},127.0.0.1,{self.port}\n"
                f"  connector: serialdev,{self.path},9600n81,local\n")
        return ["ser2net", "-n", "-u", "-Y", text]


class TelnetSer2net(StrictSer2net):
    accepter = "telnet,tcp"


class ServerWordsTests(BrokerTestCase):
    """A server at `rtuovertcp://` or `tcp://` that speaks something else."""

    def serve(self, server):
        self.addCleanup(server.kill)
        return server.start()

    def start_at(self, endpoint):
        broker = Broker("--inverter", endpoint, "--tcp", "127.0.0.1:0", "--min-period", "0", "--rtimeout", "0.3")
        self.addCleanup(broker.stop)
        return broker

    def assert_told_once(self, broker, text):
        broker.wait_for_message(text)
        self.assertEqual(len([message for message in broker.messages if text in message]), 1, broker.messages)

    def test_a_port_that_somebody_else_has(self):
        server = self.serve(StrictSer2net(self.directory / "inverter"))
        with connected(server.port):
            broker = self.start_at(f"rtuovertcp://127.0.0.1:{server.port}")
            broker.wait_for_message("is gone")
            broker.wait_for_message("is gone", since=len(broker.messages))
            self.assert_told_once(
                broker, f"inverter: rtuovertcp://127.0.0.1:{server.port}: the server says: \"Port already in use\"")

    def test_a_device_that_the_server_lacks(self):
        server = self.serve(StrictSer2net(self.directory / "missing"))
        broker = self.start_at(f"rtuovertcp://127.0.0.1:{server.port}")
        self.assert_told_once(broker, "the server says: \"Device open failure: ")

    def test_telnet(self):
        server = self.serve(TelnetSer2net(self.directory / "inverter"))
        broker = self.start_at(f"rtuovertcp://127.0.0.1:{server.port}")
        self.assert_told_once(broker, "the server speaks Telnet (FF FB …): set its port to raw TCP")

    def test_telnet_at_the_dongle(self):
        server = self.serve(TelnetSer2net(self.directory / "shine"))
        broker = self.start_broker("--shine", f"rtuovertcp://127.0.0.1:{server.port}")
        self.assert_told_once(
            broker, f"shine: rtuovertcp://127.0.0.1:{server.port}: the server speaks Telnet (FF FB …)")

    def test_raw_tcp_is_told_nothing(self):
        server = self.serve(Ser2net(self.directory / "inverter"))
        broker = self.start_at(f"rtuovertcp://127.0.0.1:{server.port}")
        broker.wait_for_message("is connected")
        with tcp_client(broker) as client:
            self.assertFalse(client.read_holding_registers(0).isError())
        broker.stop()
        self.assertFalse([message for message in broker.messages if "the server" in message], broker.messages)

    def test_a_box_in_modbus_mode(self):
        box = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(box.close)
        broker = self.start_at(f"rtuovertcp://127.0.0.1:{box.getsockname()[1]}")
        connection, _ = box.accept()
        self.addCleanup(connection.close)
        reply = rtu.read_reply([17])[:-2]
        connection.sendall(bytes([0, 1, 0, 0, 0, len(reply)]) + reply)
        self.assert_told_once(broker, "the server sends Modbus TCP, not RTU: use tcp:// in place of rtuovertcp://")

    def test_rtu_behind_tcp(self):
        box = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(box.close)
        broker = self.start_at(f"tcp://127.0.0.1:{box.getsockname()[1]}")
        connection, _ = box.accept()
        self.addCleanup(connection.close)
        connection.sendall(rtu.read_reply([17]))
        self.assert_told_once(broker, "the server sends RTU frames, not Modbus TCP: use rtuovertcp:// in place of tcp://")


class ListenerFramingTests(BrokerTestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker("--rtu-tcp", "127.0.0.1:0", "--udp", "127.0.0.1:0", "--rtu-udp", "127.0.0.1:0")
        self.tcp, self.rtu_tcp, self.udp, self.rtu_udp = self.broker.ports

    def assert_told_once(self, text):
        self.broker.wait_for_message(text)
        told = [message for message in self.broker.messages if text in message]
        self.assertEqual(len(told), 1, self.broker.messages)

    def send(self, port, way, times=3, kind=socket.SOCK_STREAM):
        for _ in range(times):
            connection = connected(port, kind)
            self.addCleanup(connection.close)
            way(connection)

    def test_rtu_at_modbus_tcp(self):
        # From register 0 it looks like the header of a long frame, and from another one like nothing.
        for address, count in ((0, 125), (7, 2)):
            self.send(self.tcp, lambda connection: connection.sendall(rtu.read(address, count)))
        self.assert_told_once("127.0.0.1 sends RTU frames, and this listener takes Modbus TCP")
        self.assert_served()

    def test_rtu_whose_crc_looks_like_a_function_is_asked_of_nobody(self):
        # Unit 0xC4, function 0x0B, to who takes the count for the length of the frame.
        request = rtu.read(0, 2)
        for port, kind in ((self.tcp, socket.SOCK_STREAM), (self.udp, socket.SOCK_DGRAM)):
            with connected(port, kind) as connection:
                connection.sendall(request)
                if kind == socket.SOCK_STREAM:
                    self.assertEqual(connection.recv(99), b"", "it is closed")
        self.broker.wait_for_message("udp 127.0.0.1:0: 127.0.0.1 sends RTU frames")
        self.assert_served()
        self.assertEqual({request.unit for request in self.unit.requests}, {1})

    def test_modbus_tcp_at_rtu(self):
        self.send(self.rtu_tcp, self.send_frame)
        self.assert_told_once(
            "rtu-tcp 127.0.0.1:0: 127.0.0.1 sends Modbus TCP, and this listener takes RTU frames: set the client to RTU "
            "frames, or give it a listener for Modbus TCP (--tcp HOST:PORT)")
        self.assert_served()

    def test_datagrams(self):
        self.send(self.udp, lambda connection: connection.send(rtu.read(7, 2)), kind=socket.SOCK_DGRAM)
        self.assert_told_once("udp 127.0.0.1:0: 127.0.0.1 sends RTU frames")
        self.send(self.rtu_udp, self.send_frame, kind=socket.SOCK_DGRAM)
        self.assert_told_once("rtu-udp 127.0.0.1:0: 127.0.0.1 sends Modbus TCP")
        self.assert_served()

    @staticmethod
    def send_frame(connection):
        connection.sendall(bytes([0, 1, 0, 0, 0, 6, 1]) + reading(3000, 2))

    def assert_served(self):
        """Who speaks rightly is served, and not told of framing."""
        told = len(self.broker.messages)
        for client, port in ((ModbusTCP, self.tcp), (RTU, self.rtu_tcp)):
            connection = connected(port)
            with connection:
                expected = bytes([3, 2]) + rtu.words(self.unit.holding.block(7, 1))
                self.assertEqual(client(connection).exchange(reading(7, 1)), expected)
        self.assertEqual([message for message in self.broker.messages[told:] if " sends " in message], [])
