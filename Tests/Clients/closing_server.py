"""A server that closes each connection behind its reply, as some gateways do."""

import contextlib
import socket
import struct
import threading

import rtu
from simulated_unit import Registers


class ClosingServer:
    """Unit 1 behind it answers reads, by Modbus TCP (`tcp`) or in RTU frames (`rtuovertcp`)."""

    def __init__(self, scheme):
        self.scheme = scheme
        self.holding = Registers(19)
        self.answered = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, contextlib.suppress(OSError):
                    self._answer(connection)

    def _answer(self, connection):
        length = 12 if self.scheme == "tcp" else 8
        request = connection.makefile("rb").read(length)
        if len(request) < length:
            return
        address, count = struct.unpack(">HH", request[-4:] if self.scheme == "tcp" else request[2:6])
        reply = rtu.read_reply(self.holding.block(address, count))
        if self.scheme == "tcp":
            reply = request[:4] + struct.pack(">H", len(reply) - 2) + reply[:-2]
        connection.sendall(reply)
        self.answered += 1
