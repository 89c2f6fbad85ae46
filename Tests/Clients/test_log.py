"""The wire log and the sniff feed: complete, and no burden on the exchanges."""

import collections
import concurrent.futures
import contextlib
import json
import shutil
import signal
import subprocess
import threading

from pymodbus.exceptions import ModbusException

from broker import BrokerTestCase
from clients import raw_connection, tcp_client
from waiting import eventually


class LogTestCase(BrokerTestCase):
    def read_blocks(self, broker, addresses, count=1):
        with tcp_client(broker) as client:
            for address in addresses:
                reply = client.read_holding_registers(address, count=count)
                self.assertEqual(reply.registers, self.unit.holding.block(address, count))

    def wait_for_replies(self, path, count):
        return self.wait_for_entries(count, path, role="RSP")

    @contextlib.contextmanager
    def load(self, broker, clients=4):
        """Clients that read for as long as the block lasts; it gets an event to set before the broker is killed."""
        ended, is_killed = threading.Event(), threading.Event()

        def ask():
            with tcp_client(broker) as client:
                while not ended.is_set():
                    try:
                        client.read_holding_registers(0, count=100)
                    except (ModbusException, OSError):
                        if is_killed.is_set():
                            return
                        raise

        with concurrent.futures.ThreadPoolExecutor(clients) as threads:
            asking = [threads.submit(ask) for _ in range(clients)]
            try:
                yield is_killed
            finally:
                ended.set()
                for client in asking:
                    client.result()


class LogFileTests(LogTestCase):
    units = (1, 2)

    def assert_one_reply_each(self, entries):
        def tally(role, client):
            return collections.Counter((e[client], e["uid"], e["addr"]) for e in entries if e["role"] == role)

        self.assertEqual(tally("REQ", "from_client"), tally("RSP", "to_client"))

    def test_every_request_has_one_reply_whatever_comes_of_it(self):
        self.unit.loses_request = lambda request: request.unit == 2
        broker = self.start_broker("--log", self.log_path, "--rtimeout", "0.1")
        self.read_blocks(broker, range(50))
        with tcp_client(broker) as client:
            client.write_register(45, 7)
            client.read_holding_registers(self.unit.ABSENT_REGISTER)
            for address in range(3):
                client.read_holding_registers(address, device_id=2)
            client.write_register(46, 1, device_id=2)
            client.write_register(47, 1, device_id=0)
        broker.stop()
        entries = self.log_entries()
        self.assert_one_reply_each(entries)
        outcomes = collections.Counter(e["outcome"] for e in entries if e["role"] == "RSP")
        self.assertEqual(outcomes, {"ok": 51, "exception": 1, "timeout": 4, "refused": 1})

    def test_lines_on_stdout_are_whole(self):
        broker = self.start_broker("--log", "-", stdout=subprocess.PIPE)
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(broker.process.stdout))
        reader.start()
        self.read_blocks(broker, range(20))
        broker.process.send_signal(signal.SIGTERM)
        reader.join(8)
        broker.exit_status(expected=0)
        self.assert_one_reply_each([json.loads(line) for line in lines])

    def test_hang_up_signal_opens_a_new_file_after_a_rename(self):
        broker = self.start_broker("--log", self.log_path)
        self.read_blocks(broker, [1])
        self.wait_for_replies(self.log_path, 1)
        renamed = self.directory / "old.log"
        self.log_path.rename(renamed)
        broker.process.send_signal(signal.SIGHUP)
        eventually(self.log_path.exists, "the new file")
        self.read_blocks(broker, [2])
        self.assertEqual(self.wait_for_replies(self.log_path, 1)[0]["addr"], 2)
        self.assertEqual([e["addr"] for e in self.log_entries(renamed) if e["role"] == "RSP"], [1])

    def test_complete_lines_are_readable_after_kill_9_under_load(self):
        broker = self.start_broker("--log", self.log_path)
        with self.load(broker) as is_killed:
            self.wait_for_replies(self.log_path, 200)
            is_killed.set()
            broker.kill()
        self.assertGreaterEqual(len(self.log_entries()), 400)
        # The next run goes on in the same file, behind whatever the kill has left.
        self.unit.unplug()
        self.unit.plug()
        again = self.start_broker("--log", self.log_path)
        self.read_blocks(again, [4321])
        eventually(lambda: '"addr":4321' in self.log_path.read_text(), "lines of the next run")
        again.stop()
        text = self.log_path.read_text()
        self.assertTrue(text.endswith("}\n"), text[-200:])
        damaged = [line for line in text.splitlines() if not is_json(line)]
        self.assertLessEqual(len(damaged), 1, damaged)

    def test_a_removed_log_directory_is_made_again(self):
        path = self.directory / "logs" / "wire.log"
        broker = self.start_broker("--log", path)
        self.read_blocks(broker, range(5))
        self.wait_for_replies(path, 5)
        shutil.rmtree(path.parent)
        self.read_blocks(broker, range(100, 105))
        self.assertIn(104, [e["addr"] for e in self.wait_for_replies(path, 5)])

    def test_a_full_disk_stops_no_exchange(self):
        broker = self.start_broker("--log", "/dev/full")
        self.read_blocks(broker, range(200))
        broker.wait_for_message("/dev/full: ")
        self.read_blocks(broker, range(200))

    def test_a_disk_that_is_full_for_a_while_costs_lines_but_no_exchange(self):
        disk = self.directory / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk], capture_output=True)
        if mounted.returncode:
            self.skipTest("a small file system may not be mounted here")
        self.addCleanup(subprocess.run, ["umount", disk], check=True)
        filler = disk / "filler"
        filler.write_bytes(bytes(56 * 1024))
        broker = self.start_broker("--log", disk / "wire.log")
        self.read_blocks(broker, range(200))
        broker.wait_for_message("No space left on device")
        filler.unlink()

        def is_written_again():
            self.read_blocks(broker, range(3))
            return any("writing again" in message for message in broker.messages)

        eventually(is_written_again, "the log is written again")
        self.wait_for_entries(1, disk / "wire.log", event="log_write_failed")
        broker.stop()

    def test_a_full_file_is_rotated(self):
        limit = 4096
        broker = self.start_broker("--log", self.log_path, "--log-max-size", str(limit))
        rotated = self.directory / "wire.log.1"
        self.read_blocks(broker, range(60))
        eventually(rotated.exists, "the rotated file")
        broker.stop()
        for path in (rotated, self.log_path):
            self.assertLessEqual(path.stat().st_size, limit)
            self.assertTrue(self.log_entries(path))
        addresses = [e["addr"] for p in (rotated, self.log_path) for e in self.log_entries(p) if e["role"] == "RSP"]
        self.assertEqual(addresses, list(range(60))[-len(addresses):])


class SniffTests(LogTestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker("--sniff", "127.0.0.1:0")
        self.sniff_port = self.broker.ports[1]

    def test_a_reader_gets_the_lines(self):
        with raw_connection(self.sniff_port) as reader, reader.makefile("r") as lines:
            # Readers that connect after an exchange do not get it: ask until this one has been let in.
            with self.load(self.broker, clients=1):
                entries = [json.loads(lines.readline()) for _ in range(50)]
        roles = collections.Counter(e["role"] for e in entries)
        self.assertGreater(roles["REQ"], 10)
        self.assertGreater(roles["RSP"], 10)

    def test_a_reader_that_never_reads_delays_nobody(self):
        with raw_connection(self.sniff_port, receive_buffer=4096), raw_connection(self.sniff_port) as other:
            with other.makefile("r") as lines:
                heard = []
                listening = threading.Thread(target=lambda: heard.extend(lines))
                listening.start()
                self.read_blocks(self.broker, range(3000, 3200), count=125)
                eventually(lambda: any('"addr":3199' in line for line in heard), "the last exchange")
                self.broker.stop()
                listening.join(8)
        self.assertTrue(all(json.loads(line) for line in heard))


def is_json(line):
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
