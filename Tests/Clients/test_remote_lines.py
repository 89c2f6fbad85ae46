"""Lines and dongles that are not at a serial port of this computer: serial servers, gateways, datagrams."""

import re
import socket

import rtu
from broker import Broker, BrokerTestCase
from clients import tcp_client
from closing_server import ClosingServer
from configured import ANYWHERE, ConfiguredTestCase, free_port
from foreign_server import foreign_server
from pty_port import PtyPort
from serial_servers import DatagramSocat, DiallingSer2net, DiallingSocat, Ser2net, Socat
from untrue_server import NumberlessServer, UntrueServer, value
from waiting import eventually

NO_PATH, NO_REPLY = 0x0A, 0x0B
# Until it is tried again, and more than that.
RETRIED = 30


def right_answers(case, broker, reads):
    """How many of so many reads of an untrue server are answered, each rightly; of the others the client is told so."""
    answered = 0
    with tcp_client(broker) as client:
        for address in range(reads):
            reply = client.read_holding_registers(address, count=3)
            if reply.isError():
                case.assertEqual(reply.exception_code, NO_REPLY)
                continue
            answered += 1
            case.assertEqual(reply.registers, [value(address + n) for n in range(3)], address)
    return answered


class RemoteTestCase(BrokerTestCase):
    def serve(self, server):
        self.addCleanup(server.kill)
        return server.start()

    def start_at(self, endpoint, *options):
        """A broker with this as its line, which is connected."""
        broker = Broker("--inverter", endpoint, "--tcp", "127.0.0.1:0", "--min-period", "0", *options)
        self.addCleanup(broker.stop)
        broker.wait_for_message("is connected")
        return broker

    def assert_served(self, client, first=0):
        for address in range(first, first + 40):
            count = 1 + address * 7 % 125
            reply = client.read_holding_registers(address, count=count)
            self.assertEqual(reply.registers, self.unit.holding.block(address, count), reply)
        self.assertFalse(client.write_register(40, first).isError())
        self.assertEqual(client.read_holding_registers(40).registers, [first])
        self.assertEqual(client.read_holding_registers(self.unit.ABSENT_REGISTER).exception_code, 2)

    def assert_no_path(self, client):
        eventually(
            lambda: client.read_holding_registers(0).exception_code == NO_PATH, "0x0A without the line", RETRIED)

    def assert_back(self, client):
        eventually(lambda: not client.read_holding_registers(0).isError(), "a value with the line", RETRIED)


class SerialServerLineTests(RemoteTestCase):
    """rtuovertcp:// in place of an adapter."""

    def assert_works_and_comes_back(self, server):
        self.serve(server)
        broker = self.start_at(f"rtuovertcp://127.0.0.1:{server.port}")
        with tcp_client(broker) as client:
            self.assert_served(client)
            server.kill()
            self.assert_no_path(client)
            server.start()
            self.assert_back(client)
            self.assert_served(client, first=100)
        self.assertEqual(len(self.unit.executed_writes), 2)

    def test_socat(self):
        self.assert_works_and_comes_back(Socat(self.directory / "inverter"))

    def test_ser2net(self):
        self.assert_works_and_comes_back(Ser2net(self.directory / "inverter"))

    def test_a_write_whose_server_dies_is_executed_once_and_its_outcome_unknown(self):
        server = self.serve(Socat(self.directory / "inverter"))
        broker = self.start_at(f"rtuovertcp://127.0.0.1:{server.port}", "--rtimeout", "2")
        with tcp_client(broker) as client:
            self.assert_served(client)
            writes = len(self.unit.executed_writes)
            self.unit.loses_reply = lambda request: request.function == rtu.WRITE_ONE and server.kill() is None
            self.assertEqual(client.write_register(41, 7).exception_code, NO_REPLY)
            self.unit.loses_reply = lambda _: False
            server.start()
            self.assert_back(client)
            self.assertEqual(client.read_holding_registers(41).registers, [7])
        self.assertEqual(len(self.unit.executed_writes), writes + 1)

    def test_socat_in_datagrams(self):
        server = self.serve(DatagramSocat(self.directory / "inverter"))
        broker = self.start_at(f"rtuoverudp://127.0.0.1:{server.port}", "--rtimeout", "0.5")
        with tcp_client(broker) as client:
            self.assert_served(client)
            server.kill()
            eventually(
                lambda: client.read_holding_registers(0).exception_code in (NO_PATH, NO_REPLY), "an error", RETRIED)
            server.start()
            self.assert_back(client)
            self.assert_served(client, first=100)


class GatewayLineTests(RemoteTestCase):
    """Another Modbus TCP gateway in place of the line."""

    def first_broker(self, *options):
        return self.start_broker("--rtimeout", "0.3", *options)

    def test_another_broker(self):
        port = free_port()
        first = self.first_broker("--tcp", f"127.0.0.1:{port}")
        broker = self.start_at(f"tcp://127.0.0.1:{port}")
        with tcp_client(broker) as client:
            self.assert_served(client)
            self.assertEqual(client.read_holding_registers(0, device_id=9).exception_code, NO_REPLY)
            self.unit.unplug()
            eventually(lambda: client.read_holding_registers(0).exception_code == NO_PATH, "its own 0x0A", RETRIED)
            self.unit.plug()
            self.assert_back(client)
            first.stop()
            self.assert_no_path(client)
            self.first_broker("--tcp", f"127.0.0.1:{port}")
            self.assert_back(client)
            self.assert_served(client, first=100)
        self.assertEqual(len(self.unit.executed_writes), 2)

    def test_another_broker_in_datagrams(self):
        for flag, scheme in (("--udp", "udp"), ("--rtu-udp", "rtuoverudp")):
            with self.subTest(scheme):
                place = f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
                first = self.first_broker(flag, place)
                broker = self.start_at(f"{scheme}://{place}")
                with tcp_client(broker) as client:
                    self.assert_served(client)
                    for first_address in (100, 200):
                        first.stop()
                        self.assertIn(client.read_holding_registers(0).exception_code, (NO_PATH, NO_REPLY))
                        first = self.first_broker(flag, place)
                        self.assert_back(client)
                        self.assert_served(client, first_address)
                broker.stop()
                first.stop()

    def test_a_server_that_is_not_ours(self):
        holding = [address * 3 % 65536 for address in range(500)]
        with foreign_server(holding, [False] * 100) as port:
            broker = self.start_at(f"tcp://127.0.0.1:{port}")
            with tcp_client(broker) as client:
                for address in range(0, 300, 20):
                    reply = client.read_holding_registers(address, count=100)
                    self.assertEqual(reply.registers, holding[address:address + 100])
                self.assertFalse(client.write_registers(10, [7, 8]).isError())
                self.assertEqual(client.read_holding_registers(9, count=4).registers, [27, 7, 8, 36])
                self.assertEqual(client.read_holding_registers(9999).exception_code, 2)

    def test_a_server_that_mixes_up_its_answers_makes_no_wrong_value(self):
        server = UntrueServer()
        self.addCleanup(server.close)
        broker = self.start_at(
            f"tcp://127.0.0.1:{server.port}", "--rtimeout", "0.1", "--retries", "0", "--log", self.log_path)
        answered = right_answers(self, broker, 300)
        print(f"\n  {answered} of 300 answered, each rightly, between {server.lies} untrue answers")
        self.assertGreater(answered, 240)
        discarded = [e for e in self.log_entries() if e["role"] == "DROP" or e.get("event") == "foreign_frame"]
        self.assertGreaterEqual(len(discarded), server.lies)


class NumberlessServerTests(ConfiguredTestCase):
    """A server that does not copy transaction identifiers."""

    def start_at(self, server, **settings):
        self.addCleanup(server.close)
        line = self.line(f"tcp://127.0.0.1:{server.port}", retries=0, **settings)
        self.configure([line], [{"tcp": ANYWHERE}], log={"file": str(self.log_path)})
        return self.start("is connected")

    def figures(self):
        return self.status()["lines"][0]

    def test_with_the_switch_it_is_served_one_at_a_time_and_what_is_late_is_given_to_nobody(self):
        # Late by the time limit, and within the window in which the late reply is awaited.
        broker = self.start_at(NumberlessServer(late=1.3), rtimeout=1, ignore_transaction_ids=True)
        answered = right_answers(self, broker, 35)
        self.assertGreaterEqual(answered, 25)
        self.assertEqual(self.figures()["lateReplies"], 3)

    def test_without_it_its_answers_are_counted_as_what_they_are(self):
        broker = self.start_at(NumberlessServer(late=0.1), rtimeout=0.2)
        with tcp_client(broker) as client:
            for address in range(3):
                self.assertEqual(client.read_holding_registers(address).exception_code, NO_REPLY)
        self.assertEqual(self.figures()["foreignFrames"], 3)
        self.assertEqual(self.figures()["lateReplies"], 0)


class ClosingServerTests(RemoteTestCase):
    """A server that closes behind each reply is dialled again at once, and that is not told for ever."""

    ROUNDS = 40

    def assert_served_again_and_again(self, scheme):
        server = ClosingServer(scheme)
        self.addCleanup(server.close)
        broker = self.start_at(server.url)
        with tcp_client(broker) as client:
            for address in range(self.ROUNDS):
                def is_answered():
                    reply = client.read_holding_registers(address, count=2)
                    if not reply.isError():
                        self.assertEqual(reply.registers, server.holding.block(address, 2))
                        return True
                    self.assertIn(reply.exception_code, (NO_PATH, NO_REPLY))

                eventually(is_answered, f"answer {address}")
        broker.stop()
        told = [m for m in broker.messages if "is gone" in m or "is connected" in m]
        self.assertTrue(1 < len(told) <= 12, told)
        self.assertIn("more times within a minute (last: closed by the server)", broker.messages[-1])

    def test_a_modbus_tcp_gateway(self):
        self.assert_served_again_and_again("tcp")

    def test_a_serial_server(self):
        self.assert_served_again_and_again("rtuovertcp")


class RemoteDongleTests(RemoteTestCase):
    def setUp(self):
        super().setUp()
        self.dongle = PtyPort(self.directory / "shine")
        self.addCleanup(self.dongle.unplug)

    def start_with_dongle(self, endpoint):
        return self.start_broker("--shine", endpoint, "--log", self.log_path)

    def assert_served_dongle(self, first):
        for address in range(first, first + 20):
            self.dongle.send(rtu.read(address, 5))
            expected = rtu.read_reply(self.unit.holding.block(address, 5))
            self.assertEqual(self.dongle.receive_exactly(len(expected)).hex(), expected.hex())

    def wait_until_served(self):
        """A request that is sent while there is no connection is lost, as on a cable: it is asked again."""
        def is_answered():
            self.dongle.send(rtu.read(0, 1))
            return self.dongle.receive(1)

        eventually(is_answered, "an answer for the dongle", RETRIED)
        while self.dongle.receive(0.3):
            pass

    def assert_dialled(self, server):
        self.serve(server)
        broker = self.start_with_dongle(f"rtuovertcp://127.0.0.1:{server.port}")
        broker.wait_for_message(f"{server.port} is connected")
        self.wait_until_served()
        self.assert_served_dongle(10)
        seen = len(broker.messages)
        server.kill()
        broker.wait_for_message(f"{server.port} is gone", since=seen)
        server.start()
        broker.wait_for_message(f"{server.port} is connected", since=seen)
        self.wait_until_served()
        self.assert_served_dongle(100)
        names = {entry["from_client"] for entry in self.log_entries() if entry["role"] == "REQ"}
        self.assertEqual(names, {"SHINE"})

    def test_behind_socat_which_is_dialled(self):
        self.assert_dialled(Socat(self.directory / "shine"))

    def test_behind_ser2net_which_is_dialled(self):
        self.assert_dialled(Ser2net(self.directory / "shine"))

    def assert_dials_in(self, server):
        broker = self.start_with_dongle(f"listen+rtuovertcp://127.0.0.1:{server.port}")
        self.serve(server)
        self.wait_until_served()
        self.assert_served_dongle(10)
        for first in (100, 150):
            seen = len(broker.messages)
            server.kill()
            broker.wait_for_message("is gone", since=seen)
            server.start()
            self.wait_until_served()
            self.assert_served_dongle(first)
        with tcp_client(broker) as client:
            self.assert_served(client, first=200)

    def test_behind_socat_which_dials_in(self):
        self.assert_dials_in(DiallingSocat(self.directory / "shine"))

    def test_behind_ser2net_which_dials_in(self):
        self.assert_dials_in(DiallingSer2net(self.directory / "shine"))

    def test_a_line_and_a_dongle_both_behind_ser2net(self):
        line, dongle = self.serve(Ser2net(self.directory / "inverter")), self.serve(Ser2net(self.directory / "shine"))
        broker = self.start_at(
            f"rtuovertcp://127.0.0.1:{line.port}", "--shine", f"rtuovertcp://127.0.0.1:{dongle.port}")
        broker.wait_for_message(f"{dongle.port} is connected")
        self.wait_until_served()
        with tcp_client(broker) as client:
            self.assert_served(client)
            self.assert_served_dongle(300)
        self.assertFalse([m for m in broker.messages if re.search("is gone|trying again", m)], broker.messages)
