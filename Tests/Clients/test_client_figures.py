"""What `status` tells of clients whose addresses are more than it tells apart."""

import socket

from configured import ANYWHERE, ConfiguredTestCase

PLACES = 256


class ManyAddressesTests(ConfiguredTestCase):
    def setUp(self):
        super().setUp()
        self.configure(
            [{"dataset": {"name": "min-6000tl-xh"}}], [{"tcp": ANYWHERE}], clients={"names": {"127.0.9.9": "home"}})
        self.port = self.start().port

    def ask(self, *hosts):
        for host in hosts:
            with socket.create_connection(("127.0.0.1", self.port), 8, source_address=(host, 0)) as connection:
                connection.sendall(bytes.fromhex("000100000006010300000001"))
                self.assertEqual(len(connection.recv(64)), 11)

    def clients(self):
        return {client["address"]: client for client in self.status()["clients"]}

    def test_a_new_one_takes_the_place_of_the_one_that_has_been_quiet_for_longest(self):
        first = [f"127.0.{1 + number // 200}.{1 + number % 200}" for number in range(PLACES - 1)]
        self.ask("127.0.9.9", *first)
        self.assertEqual(self.clients().keys(), {"127.0.9.9", *first})

        new = ["127.0.7.1", "127.0.7.2"]
        self.ask(first[0], *new, *new)
        clients = self.clients()
        self.assertEqual(clients.keys(), {"127.0.9.9", first[0], *first[3:], *new, "others"})
        self.assertEqual([clients[host]["answered"] for host in ("127.0.9.9", first[0], *new)], [1, 2, 2, 2])
        self.assertEqual((clients["others"]["kind"], clients["others"]["answered"]), (None, 2))
        self.assertEqual(sum(client["answered"] for client in clients.values()), PLACES + 5)
        self.assertEqual(list(clients)[-1], "others")

        self.ask(first[1])
        clients = self.clients()
        self.assertEqual((clients[first[1]]["answered"], clients["others"]["answered"]), (1, 3))
        self.assertIn("others", self.run_command("status"))
