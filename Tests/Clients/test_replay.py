"""A recording's requests are asked again of Modbus TCP servers: `replay --as-client`."""

import asyncio
import contextlib
import gzip
import json
import logging
import signal
import socket
import subprocess
import threading
import time

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

import recording
import rtu
from broker import ENVIRONMENT, PROGRAM
from replaying import ReplayTestCase, prototype_log


def replay(*arguments, timeout=60):
    return subprocess.run(
        [PROGRAM, "replay", *map(str, arguments)], capture_output=True, text=True, env=ENVIRONMENT, timeout=timeout)


@contextlib.contextmanager
def pymodbus_server(registers):
    """pymodbus' own server, with one unit 1 of these registers of both tables."""
    started, state = threading.Event(), {}

    def block(table):
        return [SimData(0, values=[registers.get((1, table, address), 0) for address in range(4000)],
                        datatype=DataType.REGISTERS)]

    async def serve():
        bits = [SimData(0, values=[0], datatype=DataType.BITS)]
        device = SimDevice(1, simdata=(bits, bits, block("holding"), block("input")))
        state["server"] = server = ModbusTcpServer(device, address=("127.0.0.1", 0))
        state["loop"] = asyncio.get_running_loop()
        await server.listen()
        started.set()
        with contextlib.suppress(asyncio.CancelledError):
            await server.serving

    # It logs at length what it does not know: function 0x20, unit 0.
    logging.disable(logging.CRITICAL)
    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(8)
    try:
        yield state["server"].transport.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(state["server"].shutdown(), state["loop"]).result(8)
        thread.join(8)
        logging.disable(logging.NOTSET)


class ServerTests(ReplayTestCase):
    def json_of(self, path, port, *options, status=0):
        done = replay("--as-client", path, "--tcp", f"127.0.0.1:{port}", "--speed", "max", "--json", *options)
        self.assertEqual(done.returncode, status, done.stderr)
        return json.loads(done.stdout)

    def reads(self, path):
        return [e for e in recording.exchanges(path) if e.request[0] in recording.TABLES]

    def test_a_server_that_replays_the_same_file_strictly_gives_equal_answers(self):
        path = self.real_recording()
        reads = self.reads(path)
        broker = self.play(path, "--order", "strict", "--speed", "max", "--rtimeout", "0.005")
        figures = self.json_of(path, broker.port)
        self.assertEqual((figures["asked"], figures["equal"]), (len(reads), len(reads)))
        self.assertEqual(figures["omitted"], sum(1 for _ in recording.exchanges(path)) - len(reads))
        self.assertEqual([figures[key] for key in ("different", "only_then", "only_now")], [0, 0, 0])
        self.assertGreater(figures["median_ms_then"], 20)
        self.assertLess(figures["median_ms_now"], figures["median_ms_then"])

    def test_writes_are_sent_only_where_that_is_asked_for(self):
        path = self.real_recording()
        everything = list(recording.exchanges(path))
        broker = self.play(path, "--order", "strict", "--speed", "max", "--rtimeout", "0.005")
        figures = self.json_of(path, broker.port, "--writes")
        self.assertEqual((figures["asked"], figures["omitted"]), (len(everything), 0))
        self.assertEqual(figures["equal"], len(everything))

    def test_one_register_that_differs_is_named(self):
        first, second = rtu.read_reply([11, 12, 13]), rtu.read_reply([7], function=rtu.READ_INPUT)
        path = self.file("log", prototype_log(
            (0, 9, rtu.read(40, 3), first), (99, 9, rtu.read(5, 1, function=rtu.READ_INPUT), second)))
        broker = self.serve({"holding": {"40": 11, "41": 99, "42": 13}, "input": {"5": 7}})
        server = f"127.0.0.1:{broker.port}"
        figures = self.json_of(path, broker.port)
        self.assertEqual([figures[key] for key in ("asked", "equal", "different")], [2, 1, 1])
        self.assertEqual(
            figures["differences"], [{"unit": 1, "function": 3, "address": 40, "text": "41: 12 → 99"}])
        text = replay("--as-client", path, "--tcp", server, "--speed", "max")
        # A difference is a result, and no failure.
        self.assertEqual(text.returncode, 0, text.stderr)
        self.assertIn("41: 12 → 99", text.stdout)

    def test_gzip_and_standard_input_are_read(self):
        log = prototype_log((0, 9, rtu.read(0, 1), rtu.read_reply([1])))
        broker = self.serve({"holding": {"0": 1}})
        done = subprocess.run(
            [PROGRAM, "replay", "--as-client", "-", "--tcp", f"127.0.0.1:{broker.port}", "--json"],
            input=gzip.compress(log.encode()), capture_output=True, env=ENVIRONMENT, timeout=10)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["equal"], 1)

    def test_pymodbus_server_is_asked_as_any_other(self):
        # To the meter's function it answers with function 0x80, which fits no request and is nobody's answer.
        known = [entry for entry in recording.lines(self.real_recording()) if entry.get("func") != rtu.READ_METER]
        path = self.file("known", "".join(f"{json.dumps(entry)}\n" for entry in known))
        registers = recording.final_registers(path)
        with pymodbus_server(registers) as port:
            figures = self.json_of(path, port)
        expected = {"equal": 0, "different": 0, "only_then": 0, "only_now": 0}
        for exchange in self.reads(path):
            expected[self.outcome(exchange, registers)] += 1
        self.assertEqual({key: figures[key] for key in expected}, expected)

    @staticmethod
    def outcome(exchange, registers):
        """What a server gives that has the last registers of unit 1, and an exception for unit 0."""
        if exchange.unit != 1:
            return "different" if exchange.reply else "only_now"
        if not exchange.reply:
            return "only_now"
        table, first = recording.TABLES[exchange.request[0]], recording.address(exchange.request)
        now = [registers.get((1, table, first + n), 0) for n in range(recording.count(exchange.request))]
        return "equal" if now == recording.values(exchange.reply) else "different"


class TroubleTests(ReplayTestCase):
    def setUp(self):
        super().setUp()
        self.log = self.file("log", prototype_log(
            (0, 9, rtu.read(0, 1), rtu.read_reply([1])), (30_000, 9, rtu.read(0, 1), rtu.read_reply([1]))))

    def failure(self, *arguments):
        done = replay(*arguments)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.returncode, done.stderr

    def test_a_server_that_is_not_there_is_status_1_and_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        for server, words in ((f"127.0.0.1:{port}", "Connection refused"), ("no-such-host.invalid:502", "there is no host of that name")):
            with self.subTest(server):
                status, line = self.failure("--as-client", self.log, "--tcp", server)
                self.assertEqual(status, 1, line)
                self.assertIn(f"cannot connect to tcp://{server}: {words}", line)

    def test_a_server_with_two_addresses_is_found_at_the_second(self):
        # Many systems resolve localhost to ::1 first, where many servers do not listen.
        addresses = {entry[4][0] for entry in socket.getaddrinfo("localhost", 0, type=socket.SOCK_STREAM)}
        if addresses != {"127.0.0.1", "::1"}:
            self.skipTest(f"localhost is only {addresses}")
        dataset = self.file("d.json", {"holding": {"0": 1}})
        for host in ("127.0.0.1", "[::1]"):
            broker = self.start("run", "--mode", "dataset", "--dataset", dataset, "--tcp", f"{host}:0")
            done = replay("--as-client", self.log, "--tcp", f"localhost:{broker.port}", "--speed", "max", "--json")
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_server_that_goes_away_is_told_with_what_was_compared(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            def answer_once():
                connection, _ = server.accept()
                with connection:
                    request = connection.recv(12)
                    connection.sendall(request[:5] + bytes([5, 1, 3, 2, 0, 1]))
                    connection.recv(12)

            thread = threading.Thread(target=answer_once)
            thread.start()
            done = replay(
                "--as-client", self.log, "--tcp", f"127.0.0.1:{server.getsockname()[1]}", "--speed", "max", "--json")
            thread.join(8)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("the connection was lost: closed by the server", done.stderr)
        self.assertEqual(json.loads(done.stdout)["equal"], 1)

    def test_a_server_that_closes_at_once_is_told_as_such(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            def close():
                connection, _ = server.accept()
                connection.recv(12)
                connection.close()

            thread = threading.Thread(target=close)
            thread.start()
            done = replay("--as-client", self.log, "--tcp", f"127.0.0.1:{server.getsockname()[1]}", "--json")
            thread.join(8)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("the connection was lost: closed by the server", done.stderr)

    def test_a_server_that_never_answers_counts_as_no_answer(self):
        log = self.file("short", prototype_log((0, 9, rtu.read(0, 1), rtu.read_reply([1]))))
        with socket.create_server(("127.0.0.1", 0)) as server:
            done = replay("--as-client", log, "--tcp", f"127.0.0.1:{server.getsockname()[1]}", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        figures = json.loads(done.stdout)
        self.assertEqual([figures[key] for key in ("asked", "only_then", "equal")], [1, 1, 0])
        self.assertIsNone(figures["median_ms_now"])

    def test_both_signals_end_it_with_what_was_compared(self):
        broker = self.serve({"holding": {"0": 1}})
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                running = subprocess.Popen(
                    [PROGRAM, "replay", "--as-client", self.log, "--tcp", f"127.0.0.1:{broker.port}", "--json"],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
                running.stderr.readline()  # It tells that it has begun.
                began = time.monotonic()
                running.send_signal(number)
                output, errors = running.communicate(timeout=10)
                self.assertEqual(running.returncode, 0, errors)
                # The second request would have come after 30 s.
                self.assertLess(time.monotonic() - began, 20)
                self.assertLessEqual(json.loads(output)["asked"], 1)

    def test_wrong_use_is_status_2_and_a_file_that_is_not_there_1(self):
        broker = self.serve({"holding": {"0": 1}})
        server = f"127.0.0.1:{broker.port}"
        foreign = self.file("foreign", "hello\n")
        missing = self.directory / "missing"
        for status, arguments, word in (
                (2, ["--tcp", server], "--as-client"), (2, ["--as-client", self.log], "--tcp"),
                (2, ["--as-client", self.log, "--tcp", "here"], '--tcp "here": expected'),
                (2, ["--as-client", self.log, "--tcp", server, "--speed", "fast"], '--speed "fast": expected max'),
                (2, ["--as-client", "", "--tcp", server], "--as-client"),
                (1, ["--as-client", missing, "--tcp", server], str(missing)),
                (1, ["--as-client", foreign, "--tcp", server], str(foreign))):
            with self.subTest(arguments):
                done = replay(*arguments)
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertIn(word, done.stderr.splitlines()[-1])
