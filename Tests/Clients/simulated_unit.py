"""A Modbus unit on a pseudo-terminal, which remembers what it was asked."""

import collections
import struct
import threading
import time

import rtu
from pty_port import PtyPort

Request = collections.namedtuple("Request", "time unit function pdu")


class Registers(dict):
    """Every address holds a value of its own until another one is written."""

    def __init__(self, factor):
        self.factor = factor

    def __missing__(self, address):
        return (address * self.factor + 3) & 0xFFFF

    def block(self, address, count):
        return [self[a] for a in range(address, address + count)]

    def store(self, address, values):
        self.update(enumerate(values, address))


class ModbusException(Exception):
    """The number of a Modbus exception."""


def never(_request):
    return False


class SimulatedUnit:
    """Answers from a thread of its own; `loses_request` and `loses_reply` choose what goes wrong."""

    ABSENT_REGISTER = 60000

    def __init__(self, link, units=(1,)):
        self.units = units
        self.holding, self.input, self.meter = Registers(7), Registers(11), Registers(13)
        self.requests = []
        self.executed_writes = []
        self.damaged = []
        self.loses_request = self.loses_reply = never
        self._may_answer = threading.Event()
        self._may_answer.set()
        self._port = PtyPort(link)
        self._start()

    def hold_replies(self):
        self._may_answer.clear()

    def release_replies(self):
        self._may_answer.set()

    def unplug(self):
        self._stopping = True
        self._may_answer.set()
        self._thread.join()
        self._port.unplug()

    def close(self):
        self.unplug()
        assert not self.damaged, f"damaged requests: {self.damaged}"

    def plug(self):
        self._port.plug()
        self._start()

    def received(self, request):
        """How often this request, a whole frame, was received."""
        return sum(rtu.frame(r.unit, r.pdu) == request for r in self.requests)

    def _start(self):
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        data = b""
        while not self._stopping:
            data += self._port.receive(0.05)
            while (length := rtu.request_length(data)) and len(data) >= length:
                request, data = data[:length], data[length:]
                if rtu.crc(request[:-2]) != request[-2:]:
                    self.damaged.append(request)
                    continue
                self._handle(Request(time.monotonic(), request[0], request[1], request[1:-2]))

    def _handle(self, request):
        self.requests.append(request)
        if request.unit not in self.units or self.loses_request(request):
            return
        try:
            reply = bytes([request.function]) + self._execute(request)
        except ModbusException as exception:
            reply = bytes([request.function | 0x80, exception.args[0]])
        self._may_answer.wait()
        if not self._stopping and not self.loses_reply(request):
            self._port.send(rtu.frame(request.unit, reply))

    def _execute(self, request):
        data = request.pdu[1:]
        address, second = struct.unpack_from(">HH", data)
        if address == self.ABSENT_REGISTER:
            raise ModbusException(2)
        if request.function in rtu.READS:
            table = {rtu.READ_HOLDING: self.holding, rtu.READ_INPUT: self.input, rtu.READ_METER: self.meter}
            return self._values(table[request.function], address, second)
        if request.function == rtu.WRITE_ONE:
            self.holding[address] = second
        elif request.function == rtu.WRITE_SEVERAL:
            self.holding.store(address, struct.unpack(f">{second}H", data[5:]))
        elif request.function == rtu.MASK_WRITE:
            (or_mask,) = struct.unpack_from(">H", data, 4)
            self.holding[address] = self.holding[address] & second | or_mask & ~second & 0xFFFF
        elif request.function == rtu.READ_WRITE:
            written, count = struct.unpack_from(">HH", data, 4)
            self.holding.store(written, struct.unpack(f">{count}H", data[9:]))
        else:
            raise ModbusException(1)
        self.executed_writes.append(request.pdu)
        if request.function == rtu.READ_WRITE:
            return self._values(self.holding, address, second)
        return data[:6] if request.function == rtu.MASK_WRITE else data[:4]

    @staticmethod
    def _values(registers, address, count):
        return bytes([2 * count]) + rtu.words(registers.block(address, count))
