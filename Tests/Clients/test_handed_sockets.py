"""Sockets that a service manager hands over: clients wait in their queue, and a restart refuses nobody."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import unittest

import rtu
from broker import ENVIRONMENT, PROGRAM, Broker
from clients import receive_frames, tcp_read
from dataset import DatasetTestCase
from dialling_server import DiallingServer
from test_dataset import DATASET


class HandedSocketTests(DatasetTestCase):
    def setUp(self):
        super().setUp()
        self.path = self.file("dataset.json", DATASET)
        self.socket = self.listening()

    def listening(self):
        handed = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(handed.close)
        return handed

    @staticmethod
    def place(handed):
        return "%s:%d" % handed.getsockname()

    def serve_at(self, *places, sockets, options=()):
        broker = Broker(
            "run", "--mode", "dataset", "--dataset", self.path, *options,
            *(argument for place in places for argument in ("--tcp", place)), sockets=sockets)
        self.addCleanup(broker.stop)
        return broker

    def asked(self, handed):
        return self.asked_at(handed.getsockname()[1])

    def asked_at(self, port):
        connection = socket.create_connection(("127.0.0.1", port), timeout=8)
        self.addCleanup(connection.close)
        connection.sendall(tcp_read(7, 30, 1))
        return connection

    def assert_answered(self, connection):
        with connection.makefile("rb") as stream:
            (transaction, frame), = receive_frames(stream, 1)
        self.assertEqual((transaction, frame[-2:]), (7, b"\xff\xff"))

    def test_who_came_before_the_program_is_answered(self):
        early = [self.asked(self.socket) for _ in range(3)]
        broker = self.serve_at(self.place(self.socket), sockets=[self.socket])
        self.assertEqual(
            broker.wait_for_message("listening on").split(" on ")[1], self.place(self.socket))
        for connection in early:
            self.assert_answered(connection)
        self.assert_answered(self.asked(self.socket))

    def test_a_restart_refuses_nobody(self):
        """Whoever connects while one process ends and the next begins waits, and none is refused."""
        waiting = []
        for _ in range(3):
            broker = self.serve_at(self.place(self.socket), sockets=[self.socket])
            broker.wait_for_message("listening on")
            for connection in waiting:
                self.assert_answered(connection)
            self.assert_answered(self.asked(self.socket))
            broker.stop(signal.SIGTERM)
            waiting = [self.asked(self.socket) for _ in range(3)]

    def test_each_listener_takes_its_own_and_others_are_bound(self):
        other, free = self.listening(), socket.create_server(("127.0.0.1", 0))
        bound = self.place(free)
        free.close()
        broker = self.serve_at(
            self.place(other), bound, sockets=[self.socket, other], options=["--rtu-tcp", self.place(self.socket)])
        places = broker.wait_for_message("listening on")
        for place in (self.place(other), bound, f"rtu-tcp {self.place(self.socket)}"):
            self.assertIn(place, places)
        self.assert_answered(self.asked(other))

    def test_the_feed_and_a_dongle_that_dials_in_have_theirs(self):
        feed, dongle = self.listening(), self.listening()
        early = socket.create_connection(dongle.getsockname(), timeout=8)
        self.addCleanup(early.close)
        early.sendall(rtu.frame(1, bytes.fromhex("03001e0001")))
        with socket.create_connection(feed.getsockname(), timeout=8) as reader, reader.makefile() as lines:
            broker = self.serve_at(
                self.place(self.socket), sockets=[dongle, self.socket, feed],
                options=["--sniff", self.place(feed), "--shine", f"listen+rtuovertcp://{self.place(dongle)}"])
            broker.wait_for_message("listening on")
            self.assertEqual(early.recv(7), rtu.frame(1, bytes.fromhex("0302ffff")))
            self.assert_answered(self.asked(self.socket))
            self.assertIn("role", json.loads(lines.readline()))
        self.assertFalse([message for message in broker.messages if "handed over" in message])

    def test_a_line_that_dials_in_has_its_own(self):
        line = self.listening()
        # It has dialled in while no process listened.
        server = DiallingServer(line.getsockname()[1], lambda _: 0xFFFF)
        self.addCleanup(server.close)
        broker = Broker(
            "--inverter", f"listen+tcp://{self.place(line)}", "--tcp", self.place(self.socket),
            sockets=[line, self.socket])
        self.addCleanup(broker.stop)
        broker.wait_for_message("is connected")
        self.assert_answered(self.asked(self.socket))
        self.assertFalse([message for message in broker.messages if "handed over" in message])

    @unittest.skipUnless(shutil.which("systemd-socket-activate"), "systemd is not installed")
    def test_systemd_hands_them_over(self):
        place = self.place(self.socket)
        self.socket.close()
        started = subprocess.Popen(
            ["systemd-socket-activate", "-l", place, "-E", "GROWATT_BROKER_CONTROL=none", PROGRAM, "run", "--mode",
             "dataset", "--dataset", self.path, "--tcp", place], stderr=subprocess.PIPE, text=True)
        self.addCleanup(started.stderr.close)
        try:
            self.assertIn(f"Listening on {place}", started.stderr.readline())
            self.assert_answered(self.asked_at(int(place.rpartition(":")[2])))
        finally:
            started.terminate()
        self.assertEqual(started.wait(20), 0)
        told = started.stderr.read()
        self.assertIn(f"listening on {place}", told)
        self.assertNotIn("handed over", told)

    def test_what_fits_no_listener_is_closed_with_a_warning(self):
        other = self.listening()
        broker = self.serve_at(self.place(self.socket), sockets=[self.socket, other])
        broker.wait_for_message("listening on")
        told = [message for message in broker.messages if "handed over" in message]
        self.assertEqual(len(told), 1, told)
        self.assertIn(f"at {self.place(other)} (test.socket) fits no TCP listener and is closed", told[0])
        self.assertIn(f"configured: {self.place(self.socket)}. ", told[0])
        targets = [os.readlink(entry) for entry in pathlib.Path(f"/proc/{broker.process.pid}/fd").iterdir()]
        number = os.fstat(other.fileno()).st_ino
        self.assertNotIn(f"socket:[{number}]", targets)

    def test_what_no_listener_can_take_is_told_with_what_is_expected(self):
        datagrams = socket.socket(type=socket.SOCK_DGRAM)
        self.addCleanup(datagrams.close)
        datagrams.bind(("127.0.0.1", 0))
        broker = self.serve_at(self.place(self.socket), sockets=[self.socket, datagrams])
        broker.wait_for_message("listening on")
        told = [message for message in broker.messages if "handed over" in message]
        self.assertEqual(told, [
            "growatt-broker: the socket that was handed over as descriptor 4 (test.socket) is of UDP and is closed; expected "
            "listening sockets of TCP. Remove ListenDatagram= from the socket unit: a udp listener binds its address itself"])

    def test_an_odd_number_of_sockets_is_told_once_and_what_is_no_socket_is_left_alone(self):
        for number, words in (
                ("abc", "expected how many sockets are handed over, 1 to 1024; no socket is taken"),
                ("-3", "expected how many"), ("99999999999999999999", "expected how many"),
                ("900", "of the descriptors from 3 on only ")):
            with self.subTest(number):
                done = subprocess.run(
                    ["sh", "-c", f'LISTEN_PID=$$ LISTEN_FDS={number} exec "$0" "$@"', PROGRAM, "run", "--mode", "dataset",
                     "--dataset", self.path, "--tcp", "127.0.0.1:0", "--control", "none", "--duration", "200ms"],
                    capture_output=True, text=True, env=ENVIRONMENT, timeout=20)
                self.assertEqual(done.returncode, 0, done.stderr)
                told = [line for line in done.stderr.splitlines() if "LISTEN_FDS" in line]
                self.assertEqual(len(told), 1, done.stderr)
                self.assertIn(f'LISTEN_FDS "{number}": {words}', told[0])

    def test_what_is_for_another_process_is_left_alone(self):
        environment = {**ENVIRONMENT, "LISTEN_PID": "1", "LISTEN_FDS": "1"}
        broker = Broker(
            "run", "--mode", "dataset", "--dataset", self.path, "--tcp", "127.0.0.1:0", environment=environment)
        self.addCleanup(broker.stop)
        broker.wait_for_message("listening on")
        self.assertFalse([message for message in broker.messages if "handed over" in message])

    def test_a_reload_keeps_gives_up_and_takes_a_new_place(self):
        other = self.listening()
        port = other.getsockname()[1]
        configuration = self.directory / "config.yaml"

        def write(*listeners):
            configuration.write_text(json.dumps({
                "lines": [{"name": "inverter", "dataset": {"name": str(self.path)}}], "listeners": listeners}))

        tcp, at_other = {"tcp": self.place(self.socket)}, self.place(other)
        write(tcp, {"tcp": at_other})
        control = self.directory / "control"
        broker = Broker("--config", configuration, "--control", control, sockets=[self.socket, other])
        self.addCleanup(broker.stop)
        broker.wait_for_message("listening on")
        kept = self.asked(other)
        self.assert_answered(kept)
        # Another listener at the same address: the socket goes from one to the other.
        write(tcp, {"rtu-tcp": at_other})
        self.reload(control)
        self.assert_answered(self.asked(self.socket))
        write(tcp)
        self.reload(control)
        broker.wait_for_message(f"at {at_other} (test.socket) fits no TCP listener")
        other.close()
        with self.assertRaises(ConnectionRefusedError):
            self.asked_at(port)
        # Nobody has the address any more: it is bound anew.
        write(tcp, {"tcp": at_other})
        self.reload(control)
        self.assert_answered(self.asked_at(port))

    def reload(self, control):
        done = subprocess.run(
            [PROGRAM, "reload", "--control", control], capture_output=True, text=True, env=ENVIRONMENT, timeout=20)
        self.assertEqual(done.returncode, 0, done.stderr)
