"""Reloads without a pause, while clients go on."""

import contextlib
import json
import os
import pathlib
import socket
import threading

from clients import raw_connection, tcp_read
from test_control import ControlTestCase
from waiting import eventually


class ReloadUnderLoadTests(ControlTestCase):
    """Reloads while clients read without a pause: no exchange is lost, nothing grows."""

    ROUNDS = 1000
    CLIENTS = 4

    def test_a_thousand_reloads_lose_no_exchange_and_leave_nothing_behind(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        variants = [
            dict(), dict(line="retries: 2"), dict(listeners=("127.0.0.1:0", f"127.0.0.1:{port}")),
            dict(rest=f"log: {{file: {self.directory}/w.jsonl}}"), dict(line="min-perod: 1"),
            dict(rest=f"capture: {{file: {self.directory}/c.jsonl}}"), dict(rest="clients: {limit: 50}"),
            dict(line="poll: holding:0-3"), dict(rest="log: {level: warning}"),
            dict(rest="clients: {names: {127.0.0.1: me}}"), dict(rest="clients: {timeout: 4}"),
            dict(line="faults: delay by 1ms"), dict(listeners=("127.0.0.1:0\n  - sniff: 127.0.0.1:0",)),
        ]
        self.configure()
        broker = self.start()
        stop, answers, errors = threading.Event(), [], []
        clients = [
            threading.Thread(target=self.read, args=(broker.port, number, stop, answers, errors))
            for number in range(self.CLIENTS)
        ]
        for client in clients:
            client.start()
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(self.socket))
                connection.settimeout(8)
                stream = connection.makefile("rb")
                for number in range(self.ROUNDS):
                    self.configure(**variants[number % len(variants)])
                    connection.sendall(b'{"protocol":1,"command":"reload"}\n')
                    reply = json.loads(stream.readline())
                    self.assertEqual(reply["ok"], number % len(variants) != 4, reply)
                    if number == 100:
                        before = self.footprint(broker)
                self.configure()
                connection.sendall(b'{"protocol":1,"command":"reload"}\n')
                stream.readline()
        finally:
            stop.set()
            for client in clients:
                client.join()
        self.assertEqual(errors, [])
        self.assertGreater(len(answers), self.ROUNDS)
        eventually(lambda: self.footprint(broker)[0] <= before[0], f"no more descriptors than {before[0]}")
        self.assertLess(self.footprint(broker)[1], before[1] + 3000)

    def read(self, port, number, stop, answers, errors):
        try:
            with raw_connection(port) as connection:
                stream = connection.makefile("rb")
                transaction = 0
                while not stop.is_set():
                    transaction = (transaction + 1) & 0xFFFF
                    address = number * 1000 + transaction % 100
                    connection.sendall(tcp_read(transaction, address, 2))
                    head = stream.read(8)
                    body = stream.read(int.from_bytes(head[4:6]) - 2)
                    value = (address * 7 + 3) & 0xFFFF
                    if int.from_bytes(head[:2]) != transaction or body[1:3] != value.to_bytes(2):
                        errors.append((head, body))
                    answers.append(transaction)
        except Exception as failure:  # A thread's own assertion would be lost.
            errors.append(failure)

    def footprint(self, broker):
        """Open descriptors, apart from those of files that a variant has, and resident kilobytes."""
        process = pathlib.Path(f"/proc/{broker.process.pid}")
        targets = []
        for entry in (process / "fd").iterdir():
            # The writer of a log may be closing its file.
            with contextlib.suppress(FileNotFoundError):
                targets.append(os.readlink(entry))
        status = (process / "status").read_text()
        resident = int(status.split("VmRSS:")[1].split()[0])
        return len([target for target in targets if ".jsonl" not in target]), resident
