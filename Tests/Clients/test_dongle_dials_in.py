"""A dongle whose serial server dials in, and others who come to the same address."""

import rtu
from broker import BrokerTestCase
from clients import tcp_client
from configured import free_port
from ways import RTU, connected, reading


class DiallingDongleTests(BrokerTestCase):
    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.broker = self.start_broker("--shine", f"listen+rtuovertcp://127.0.0.1:{self.port}")
        self.broker.wait_for_message("waiting for it at")

    def dial_in(self):
        connection = connected(self.port)
        self.addCleanup(connection.close)
        return RTU(connection)

    def assert_served(self, dongle, address):
        reply = dongle.exchange(reading(address, 5))
        self.assertEqual(reply[2:], rtu.words(self.unit.holding.block(address, 5)))

    def test_who_speaks_no_modbus_does_not_cut_the_dongle_off(self):
        dongle = self.dial_in()
        self.assert_served(dongle, 0)
        noise = [b"", b"\r\n", b"GET / HTTP/1.0\r\n\r\n", bytes.fromhex("160301006a0100"), rtu.read(0, 1)[:-1]]
        for number, data in enumerate(noise * 2):
            self.dial_in().connection.sendall(data)
            self.assert_served(dongle, number)
        gone = [m for m in self.broker.messages if "is gone" in m]
        self.assertEqual(gone, [])

    def test_a_server_that_has_dialled_in_again_is_the_dongle_with_its_first_request(self):
        lost = self.dial_in()
        self.assert_served(lost, 0)
        for _ in range(8):
            self.dial_in()
        again = self.dial_in()
        self.assert_served(again, 100)
        self.assertEqual(lost.connection.recv(100), b"")

    def test_who_hangs_up_is_a_client(self):
        self.assert_served(dongle := self.dial_in(), 0)
        dongle.close()
        self.broker.wait_for_message("is gone (closed by the client); waiting for it")

    def test_two_that_fight_for_the_place_are_not_told_for_ever(self):
        for number in range(50):
            self.assert_served(self.dial_in(), number)
        with tcp_client(self.broker) as client:
            self.assertFalse(client.read_holding_registers(0).isError())
        self.broker.stop()
        told = [m for m in self.broker.messages if "is gone" in m or "is connected" in m]
        self.assertLessEqual(len(told), 12, told)
        self.assertTrue(any("a newer connection" in m for m in told), told)
