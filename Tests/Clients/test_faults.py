"""What clients get of simulated units whose replies are disturbed."""

import subprocess
import time

from pymodbus.constants import ExcCodes
from pymodbus.exceptions import ModbusException

from broker import ENVIRONMENT, PROGRAM
from clients import serial_client, tcp_client
from dataset import DatasetTestCase
from waiting import eventually

# Each register holds a value of its own.
DATASET = {
    "holding": {str(address): (address * 7 + 3) % 0x10000 for address in range(400)},
    "units": {"2": {"holding": {"0": 22}}},
}


def value(address):
    return DATASET["holding"][str(address)]


class TCPTests(DatasetTestCase):
    def test_an_exception_reaches_the_client_with_its_code(self):
        broker = self.serve(DATASET, "--faults", "exception 100% code 6")
        with tcp_client(broker) as client:
            for reply in (client.read_holding_registers(0), client.write_register(0, 1)):
                self.assertEqual(reply.exception_code, ExcCodes.DEVICE_BUSY)

    def test_what_strikes_one_unit_leaves_the_other_alone(self):
        broker = self.serve(DATASET, "--faults", "loss 100% unit 2", "--rtimeout", "0.05")
        with tcp_client(broker) as client:
            for address in range(20):
                self.assertEqual(client.read_holding_registers(address).registers, [value(address)])
            lost = client.read_holding_registers(0, device_id=2)
            self.assertEqual(lost.exception_code, ExcCodes.GATEWAY_NO_RESPONSE)

    def test_what_strikes_a_function_and_a_register_leaves_others_alone(self):
        broker = self.serve(DATASET, "--faults", "exception code 4 function 6 registers 30-40")
        with tcp_client(broker) as client:
            self.assertFalse(client.read_holding_registers(30, count=11).isError())
            self.assertFalse(client.write_register(29, 1).isError())
            self.assertEqual(client.write_register(30, 1).exception_code, ExcCodes.DEVICE_FAILURE)
            self.assertEqual(client.read_holding_registers(30).registers, [value(30)])

    def test_what_is_unplugged_at_first_comes_back(self):
        broker = self.serve(DATASET, "--faults", "unplugged for 500ms until 400ms")
        with tcp_client(broker) as client:
            eventually(lambda: client.read_holding_registers(5).registers == [value(5)], "the value")


class LineTests(DatasetTestCase):
    def serve_on_line(self, faults, *options):
        path = self.directory / "unit"
        unit = self.start(
            "run", "--mode", "dataset", "--dataset", self.file("dataset.json", DATASET), "--pty", path, "--faults",
            faults, *options)
        unit.wait_for_message("units answer here")
        return unit, path

    def test_a_gateway_in_front_never_gives_a_wrong_value(self):
        faults = self.file("faults.yaml", """\
seed: 7
faults:
  - {fault: loss, probability: 5%}
  - {fault: late, probability: 5%, by: 1ms-60ms}
  - {fault: crc, probability: 2%}
  - {fault: duplicate, probability: 2%}
  - {fault: noise-before, probability: 2%}
  - {fault: noise-after, probability: 2%}
  - {fault: truncated, probability: 2%}
  - {fault: split, probability: 2%, by: 1ms-20ms}
  - {fault: wrong-unit, probability: 2%}
  - {fault: wrong-function, probability: 2%}
  - {fault: wrong-count, probability: 2%}
""")
        _, path = self.serve_on_line(faults, "--rtimeout", "0.04")
        broker = self.start_in_front(path, "--rtimeout", "0.04", "--retries", "2")
        answered = 0
        with tcp_client(broker) as client:
            eventually(lambda: not client.read_holding_registers(0).isError(), "a unit that answers")
            for address in range(300):
                count = 1 + address % 4
                reply = client.read_holding_registers(address, count=count)
                if reply.isError():
                    self.assertEqual(reply.exception_code, ExcCodes.GATEWAY_NO_RESPONSE)
                else:
                    self.assertEqual(reply.registers, [value(a) for a in range(address, address + count)])
                    answered += 1
        print(f"\n  {answered} of 300 reads answered, all with the right values")
        self.assertGreater(answered, 200)

    def test_an_unplugged_adapter_comes_back_under_its_name(self):
        unit, path = self.serve_on_line("unplugged for 700ms function 6")
        broker = self.start_in_front(path)
        with tcp_client(broker) as client:
            self.assertEqual(client.read_holding_registers(5).registers, [value(5)])
            seen = len(unit.messages)
            self.assertTrue(client.write_register(5, 1).isError())
            unit.wait_for_message("unplugged by a fault", since=seen)
            self.assertEqual(client.read_holding_registers(5).exception_code, ExcCodes.GATEWAY_PATH_UNAVIABLE)
            eventually(lambda: client.read_holding_registers(6).registers == [value(6)], "a value with the line")

    def test_a_sleeping_unit_hears_nothing_and_awakes(self):
        _, path = self.serve_on_line("asleep for 1s function 6")
        with serial_client(path, timeout=0.2) as client:
            self.assertEqual(client.read_holding_registers(5).registers, [value(5)])
            fell_asleep = time.monotonic()
            with self.assertRaises(ModbusException):
                client.write_register(5, 1)

            def awake():
                try:
                    return client.read_holding_registers(5).registers
                except ModbusException:
                    return None

            self.assertEqual(eventually(awake, "a reply"), [value(5)])
            self.assertGreaterEqual(time.monotonic() - fell_asleep, 1)


class WrongRuleTests(DatasetTestCase):
    def test_is_one_line_with_its_place_and_status_2(self):
        dataset = self.file("dataset.json", DATASET)
        for rules, words in (
            ("losss 5%", "--faults:1:1: [0].fault: unknown fault losss; did you mean loss?"),
            ("loss 5%; delay", "--faults:1:10: [1].fault: delay needs the key by"),
            ("loss 105%", "--faults:1:6: [0].probability: expected a probability"),
        ):
            with self.subTest(rules):
                done = subprocess.run(
                    [PROGRAM, "run", "--mode", "dataset", "--dataset", dataset, "--faults", rules],
                    capture_output=True, text=True, env=ENVIRONMENT, timeout=10)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                self.assertIn(words, done.stderr)

    def test_a_file_is_named_with_its_line(self):
        faults = self.file("faults.yaml", "faults:\n  - {fault: loss}\n  - {fault: exception, code: 0}\n")
        done = subprocess.run(
            [PROGRAM, "run", "--mode", "dataset", "--dataset", "sph-6000", "--faults", faults], capture_output=True,
            text=True, env=ENVIRONMENT, timeout=10)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)
        self.assertIn(f"--faults: {faults}:3:", done.stderr)
