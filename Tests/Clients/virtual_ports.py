"""A broker with virtual serial ports, and a program on one that leaves everything as it is."""

import os

from broker import BrokerTestCase
from ways import Program


class VirtualPortTestCase(BrokerTestCase):
    def port(self, number=1):
        return self.directory / f"port{number}"

    def start_broker(self, *options, ports=1, **others):
        flags = [flag for number in range(1, ports + 1) for flag in ("--pty", self.port(number))]
        return super().start_broker(*flags, "--log", self.log_path, *options, **others)


class PlainProgram(Program):
    """Sets nothing, and throws away nothing that it finds."""

    def __init__(self, path):
        self.descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
