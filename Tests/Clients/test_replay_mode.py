"""A recording answers in place of the inverter: `run --mode replay`."""

import gzip
import json

from pymodbus.constants import ExcCodes
from pymodbus.exceptions import ModbusException

import mbpoll
import recording
import rtu
from clients import raw_connection, receive_frames, serial_client, tcp_client
from replaying import ReplayTestCase, prototype_log
from waiting import eventually


class LatestTests(ReplayTestCase):
    def assert_holds_registers(self, client, registers):
        self.assert_holds(client, recording.dataset(registers))

    def test_the_last_value_of_every_register_is_read_when_it_is_over(self):
        path = self.real_recording()
        registers = recording.final_registers(path)
        port = self.directory / "unit"
        broker = self.play(path, "--speed", "max", "--pty", port)
        broker.wait_for_message("units answer here")
        with tcp_client(broker) as client:
            self.assert_holds_registers(client, registers)
        with serial_client(port) as client:
            self.assert_holds_registers(client, registers)
        with tcp_client(self.start_in_front(port)) as client:
            self.assert_holds_registers(client, registers)

    def test_mbpoll_reads_the_last_values(self):
        path = self.real_recording()
        registers = recording.final_registers(path)
        port = self.directory / "unit"
        broker = self.play(path, "--speed", "max", "--pty", port)
        broker.wait_for_message("units answer here")
        expected = [registers[1, "input", address] for address in range(3000, 3125)]
        for mbpoll_at, place in ((mbpoll.over_tcp, broker.port), (mbpoll.over_serial, port)):
            status, output = mbpoll_at(place, "-t", "3", "-r", "3000", "-c", "125")
            self.assertEqual((status, mbpoll.values(output)), (0, expected), output)

    def test_values_come_in_the_order_of_the_recording_and_end_with_the_last(self):
        path = self.real_recording()
        history = recording.history(path, [(1, "input", address) for address in range(3000, 3125)])
        broker = self.play(path, "--speed", "400")
        seen = []
        with tcp_client(broker) as client:
            def is_over():
                values = client.read_input_registers(3000, count=125).registers
                if not seen or values != seen[-1]:
                    seen.append(values)
                return values == history[-1]

            eventually(is_over, "the last values", limit=20)
        self.assertGreater(len(seen), 3)
        rest = iter(history)
        self.assertTrue(all(values in rest for values in seen), "values out of order, or never recorded")

    def test_what_was_never_seen_is_exception_2_or_silence(self):
        path = self.file("log", prototype_log((0, 9, rtu.read(0, 2), rtu.read_reply([11, 12]))))
        for options, code in (
                ((), ExcCodes.ILLEGAL_ADDRESS), (("--order", "strict"), ExcCodes.ILLEGAL_ADDRESS),
                (("--unseen", "silence"), ExcCodes.GATEWAY_NO_RESPONSE),
                (("--unseen", "silence", "--order", "strict"), ExcCodes.GATEWAY_NO_RESPONSE)):
            with self.subTest(options), tcp_client(self.play(path, "--rtimeout", "0.05", *options)) as client:
                self.assertEqual(client.read_holding_registers(0, count=2).registers, [11, 12])
                for reply in (
                        client.read_holding_registers(1, count=2), client.read_input_registers(0),
                        client.write_register(0, 1)):
                    self.assertEqual(reply.exception_code, code)
                self.assertEqual(
                    client.read_holding_registers(0, device_id=9).exception_code, ExcCodes.GATEWAY_NO_RESPONSE)

    def test_what_was_never_seen_is_silence_on_a_line(self):
        path = self.file("log", prototype_log((0, 9, rtu.read(0, 2), rtu.read_reply([11, 12]))))
        port = self.directory / "unit"
        self.play(path, "--pty", port, "--unseen", "silence").wait_for_message("units answer here")
        with serial_client(port, timeout=0.3) as client:
            with self.assertRaises(ModbusException):
                client.read_holding_registers(1, count=2)
            self.assertEqual(client.read_holding_registers(0, count=2).registers, [11, 12])

    def test_a_gzip_file_is_played_as_it_is(self):
        path = self.real_recording()
        packed = self.directory / "capture.jsonl.gz"
        packed.write_bytes(gzip.compress(path.read_bytes()))
        with tcp_client(self.play(packed, "--speed", "max")) as client:
            self.assert_holds_registers(client, recording.final_registers(path))


class StrictTests(ReplayTestCase):
    def test_each_request_of_the_recording_gets_its_own_reply_again(self):
        path = self.real_recording()
        # A unit 0 is asked, and unit 1 answers.
        broker = self.play(path, "--order", "strict", "--speed", "max", "--rtimeout", "0.005")
        answered = 0
        with raw_connection(broker.port) as connection, connection.makefile("rb") as stream:
            for number, exchange in enumerate(recording.exchanges(path)):
                if exchange.request[0] not in recording.TABLES:
                    continue
                connection.sendall(
                    bytes([number >> 8, number & 0xFF, 0, 0, 0, len(exchange.request) + 1, exchange.unit])
                    + exchange.request)
                (transaction, reply), = receive_frames(stream, 1)
                self.assertEqual(transaction, number)
                silence = bytes([exchange.request[0] | 0x80, ExcCodes.GATEWAY_NO_RESPONSE])
                self.assertEqual(reply, exchange.reply or silence, f"exchange {number}")
                answered += exchange.reply is not None
        print(f"\n  {answered} replies of the recording given again, in its order")
        self.assertGreater(answered, 900)

    def test_a_long_recording_is_given_in_its_order_to_a_client_that_asks_in_it(self):
        count = 30_000
        path = self.file("long.jsonl", "".join(
            json.dumps({"ts": 1000 + n, "op": "read_input", "unit": 1, "addr": 0, "count": 1, "regs": [n]}) + "\n"
            for n in range(count)))
        broker = self.play(path, "--order", "strict", "--speed", "max")
        with raw_connection(broker.port) as connection, connection.makefile("rb") as stream:
            received = []
            for start in range(0, count, 10):
                for number in range(start, start + 10):
                    connection.sendall(bytes([number >> 8, number & 0xFF, 0, 0, 0, 6, 1, 4, 0, 0, 0, 1]))
                received += [pdu for _, pdu in receive_frames(stream, 10)]
        self.assertEqual(received, [bytes([4, 2, n >> 8, n & 0xFF]) for n in range(count)])

    def test_requests_that_are_not_in_the_recording_cost_it_nothing(self):
        count = 20_000
        path = self.file("long.jsonl", "".join(
            json.dumps({"ts": 1000 + n, "op": "read_input", "unit": 1, "addr": 0, "count": 1, "regs": [n]}) + "\n"
            for n in range(count)))
        broker = self.play(path, "--order", "strict", "--speed", "max")
        with tcp_client(broker) as client:
            for number in range(20):
                self.assertEqual(client.read_holding_registers(5).exception_code, ExcCodes.ILLEGAL_ADDRESS)
                self.assertEqual(client.read_input_registers(0).registers, [number])

    def test_each_request_is_answered_once_and_then_never_again(self):
        path = self.file("log", prototype_log(
            (0, 9, rtu.read(0, 1), rtu.read_reply([1])), (50, 9, rtu.read(0, 1), None),
            (99, 9, rtu.read(0, 1), rtu.frame(1, bytes([0x83, 4])))))
        broker = self.play(path, "--order", "strict", "--rtimeout", "0.05")
        request = bytes([3, 0, 0, 0, 1])
        answers = [self.ask(broker, 1, request) for _ in range(4)]
        self.assertEqual([a.hex() for a in answers], ["03020001", "830b", "8304", "8302"])
