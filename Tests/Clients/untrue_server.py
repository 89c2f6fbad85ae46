"""Modbus TCP servers that answer late, twice, out of turn, with other transaction identifiers, or with none."""

import contextlib
import socket
import struct
import threading

WRONG = 0xDEAD


def value(address):
    return (address * 7 + 3) & 0xFFFF


class UntrueServer:
    """Only the answers that carry the identifier of the newest request have its value; every tenth never comes."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.lies = 0
        self.asked = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(8)

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                self._answer(connection.makefile("rb"), connection)

    def _answer(self, stream, connection):
        late = b""
        while len(header := stream.read(12)) == 12:
            transaction, _, _, unit, function, address, count = struct.unpack(">HHHBBHH", header)
            self.asked += 1
            right = self._frame(transaction, unit, function, [value(address + n) for n in range(count)])
            if self.asked % 10 == 0:
                # It comes when the next request is there, in place of that one's answer.
                late = self._frame(transaction, unit, function, [WRONG] * count)
                continue
            lies = [late] if late else []
            late = b""
            if self.asked % 3 == 0:
                lies.append(self._frame(transaction - 1 & 0xFFFF, unit, function, [WRONG] * count))
            if self.asked % 4 == 0:
                lies.append(self._frame(transaction + 1000 & 0xFFFF, unit, function, [WRONG] * count))
            if self.asked % 7 == 0:
                lies.append(self._frame(transaction, unit + 1, function, [WRONG] * count))
            self.lies += len(lies)
            # Behind the right one, too: the same answer once more.
            connection.sendall(b"".join(lies) + right + (right if self.asked % 5 == 0 else b""))

    @staticmethod
    def _frame(transaction, unit, function, values):
        data = bytes([unit, function, 2 * len(values)]) + struct.pack(f">{len(values)}H", *values)
        return struct.pack(">HHH", transaction, 0, len(data)) + data


class NumberlessServer(UntrueServer):
    """Answers with the transaction identifier 0, whatever it was asked with; every tenth answer is `late` seconds late."""

    def __init__(self, late):
        self.late = late
        super().__init__()

    def _answer(self, stream, connection):
        while len(header := stream.read(12)) == 12:
            _, _, _, unit, function, address, count = struct.unpack(">HHHBBHH", header)
            self.asked += 1
            frame = self._frame(0, unit, function, [value(address + n) for n in range(count)])
            if self.asked % 10 == 0:
                self.lies += 1
                timer = threading.Timer(self.late, self._send_late, (connection, frame))
                timer.daemon = True
                timer.start()
            else:
                connection.sendall(frame)

    @staticmethod
    def _send_late(connection, frame):
        with contextlib.suppress(OSError):
            connection.sendall(frame)
