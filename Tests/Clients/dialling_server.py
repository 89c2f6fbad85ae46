"""A Modbus TCP server that dials in and answers on the connection that it has opened; its frames are those of pymodbus."""

import contextlib
import socket
import threading

from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.register_message import ReadHoldingRegistersResponse


class DiallingServer:
    """One connection; `values(address)` is a holding register. While it is `mute` it answers nothing."""

    def __init__(self, port, values, source="127.0.0.1", host="127.0.0.1"):
        self.values, self.mute = values, False
        self.requests = []
        self.unasked = b""
        self.closed = threading.Event()
        self._connection = socket.create_connection((host, port), source_address=(source, 0))
        self._framer = FramerSocket(DecodePDU(True))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def send(self, data):
        self._connection.sendall(data)

    def close(self):
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._connection.close()

    def reply(self, request):
        registers = [self.values(request.address + offset) for offset in range(request.count)]
        return self._framer.buildFrame(ReadHoldingRegistersResponse(
            dev_id=request.dev_id, transaction_id=request.transaction_id, registers=registers))

    def _serve(self):
        data = b""
        # The broker may close it, also with bytes that were not fetched.
        with contextlib.suppress(OSError):
            while part := self._connection.recv(2000):
                data += part
                while (used := self._take(data)):
                    data = data[used:]
        self.closed.set()

    def _take(self, data):
        used, request = self._framer.handleFrame(data, 0, 0)
        if request:
            self.requests.append(request)
            if not self.mute:
                self._connection.sendall(self.unasked + self.reply(request))
        return used


def unasked_frame(transaction, registers, device_id=1):
    return FramerSocket(DecodePDU(True)).buildFrame(ReadHoldingRegistersResponse(
        dev_id=device_id, transaction_id=transaction, registers=registers))
