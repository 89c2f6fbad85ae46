"""A serial server that lets several in: what they ask meets on one line, and every reply goes to all of them."""

import contextlib
import socket
import threading

import rtu
from simulated_unit import Registers


class SharedLine:
    """Unit 1 behind it answers reads; a request that comes while another one is on the line is a collision."""

    def __init__(self, factor):
        self.holding = Registers(factor)
        self.asked = self.collisions = 0
        self.connections = []
        self._on_line = 0
        self._lock = threading.Lock()
        self._may_answer = threading.Event()
        self._may_answer.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"rtuovertcp://127.0.0.1:{self.port}"

    def hold_replies(self):
        self._may_answer.clear()

    def release_replies(self):
        self._may_answer.set()

    def close(self):
        self._may_answer.set()
        for open_socket in (self._listener, *self.connections):
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
            open_socket.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._lock:
                    self.connections.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        data = b""
        with contextlib.suppress(OSError):
            while part := connection.recv(2000):
                data += part
                while len(data) >= 8:
                    request, data = data[:8], data[8:]
                    self._ask(request)
        with self._lock:
            self.connections.remove(connection)
        connection.close()

    def _ask(self, request):
        with self._lock:
            self.asked += 1
            self.collisions += self._on_line > 0
            self._on_line += 1
        self._may_answer.wait()
        address, count = int.from_bytes(request[2:4]), int.from_bytes(request[4:6])
        with self._lock:
            self._on_line -= 1
            for connection in self.connections:
                with contextlib.suppress(OSError):
                    connection.sendall(rtu.read_reply(self.holding.block(address, count)))
