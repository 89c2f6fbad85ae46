"""The program with simulated units of a dataset, and the base of the tests that run it."""

import json
import pathlib
import tempfile
import unittest

from broker import FAST, Broker
from clients import read_meter

TABLES = ("holding", "input", "meter")


def read(client, table, address, count, unit=1):
    if table == "meter":
        return read_meter(client, address, count, unit)
    function = {"holding": client.read_holding_registers, "input": client.read_input_registers}[table]
    return function(address, count=count, device_id=unit)


def units(dataset):
    """(unit, its part of the dataset) of each unit."""
    return [(1, dataset), *((int(unit), part) for unit, part in dataset.get("units", {}).items())]


def blocks(dataset):
    """(unit, table, first address, values) of all registers that stand together, 125 at most."""
    for unit, part in units(dataset):
        for table in TABLES:
            registers = {int(address): value % 0x10000 for address, value in part.get(table, {}).items()}
            run = []
            for address in sorted(registers):
                run.append(registers[address])
                if address + 1 not in registers or len(run) == 125:
                    yield unit, table, address + 1 - len(run), run
                    run = []


class DatasetTestCase(unittest.TestCase):
    """Each test has a directory of its own."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="broker-test-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def file(self, name, content):
        path = self.directory / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def start(self, *arguments):
        """Starts the program and waits until it listens."""
        broker = Broker(*arguments)
        self.addCleanup(broker.stop)
        broker.wait_for_message("listening on")
        return broker

    def serve(self, dataset, *options):
        """Serves a dataset, given as such or by name, on TCP."""
        name = dataset if isinstance(dataset, str) else self.file("dataset.json", dataset)
        return self.start("run", "--mode", "dataset", "--dataset", name, "--tcp", "127.0.0.1:0", *options)

    def start_in_front(self, path, *options):
        """A gateway on the line of this name."""
        broker = self.start("--inverter", path, "--tcp", "127.0.0.1:0", *FAST, *options)
        broker.wait_for_message(f"{path} is open")
        return broker

    def assert_holds(self, client, dataset):
        """Every value that the client reads is the dataset's."""
        for unit, table, address, values in blocks(dataset):
            with self.subTest(unit=unit, table=table, address=address):
                reply = read(client, table, address, len(values), unit)
                self.assertFalse(reply.isError(), reply)
                self.assertEqual(reply.registers, values)
