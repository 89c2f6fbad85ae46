"""Clients that come and go, in the messages of the broker."""

import re

from broker import BrokerTestCase
from configured import ANYWHERE
from ways import opened, reading


class ClientVisitTests(BrokerTestCase):
    def test_each_kind_is_told_when_it_comes_and_when_it_goes(self):
        port = self.directory / "inverter1"
        broker = self.start_broker("--rtu-tcp", ANYWHERE, "--udp", ANYWHERE, "--pty", port)
        kinds = (("tcp", broker.ports[0], "TCP"), ("rtu-tcp", broker.ports[1], "RTU"), ("pty", port, "PTY"))
        for kind, place, name in kinds:
            with self.subTest(kind), opened(kind, place) as client:
                for address in range(3):
                    client.exchange(reading(address, 1))
                came = broker.wait_for_message(f"growatt-broker: {name}:")
                kind_word = "" if kind == "tcp" else f"{kind} "
                where = place if kind == "pty" else ANYWHERE
                self.assertRegex(came, rf" {name}:\S+ has come in at {kind_word}{where}$")
            gone = broker.wait_for_message(f"{came.split()[1]} has left ")
            self.assertRegex(gone, r" after [0-9.]+ s, with 3 requests: (closed by the client|it has closed the port)$")
        with opened("udp", broker.ports[2]) as client:
            client.exchange(reading(0, 1))
            broker.wait_for_message("growatt-broker: UDP:")
        broker.stop()
        gone = [m for m in broker.messages if re.search(r"UDP:\S+ has left udp \S+ after .*, with 1 request: ", m)]
        self.assertEqual(len(gone), 1, broker.messages)

    def test_who_dials_anew_for_each_request_does_not_fill_the_log(self):
        broker = self.start_broker()
        for address in range(200):
            with opened("tcp", broker.port) as client:
                client.exchange(reading(address, 1))
        broker.stop()
        told = [m for m in broker.messages if "has come in" in m or " has left " in m]
        # A minute may end meanwhile.
        self.assertLessEqual(len(told), 12, told)
        rest = [m for m in broker.messages if "clients of 127.0.0.1 came or left" in m]
        self.assertIn(len(rest), (1, 2), broker.messages)
