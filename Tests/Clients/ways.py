"""One client of a listener, of whatever kind: requests and replies as bytes."""

import contextlib
import os
import select
import socket
import struct
import termios
import tty

import rtu

LIMIT = 8


def reading(address, count, function=rtu.READ_HOLDING):
    return struct.pack(">BHH", function, address, count)


def writing(address, value):
    return struct.pack(">BHH", rtu.WRITE_ONE, address, value)


class ModbusTCP:
    """On a connection, secured or not."""

    def __init__(self, connection):
        self.connection = connection
        self.transaction = 0

    def exchange(self, pdu, unit=1):
        """The PDU of the reply, which must be one to this request."""
        self.transaction = self.transaction + 1 & 0xFFFF
        self.connection.sendall(self._frame(pdu, unit))
        header = self._receive(7)
        return self._checked(header, self._receive(struct.unpack_from(">H", header, 4)[0] - 1), unit)

    def close(self):
        self.connection.close()

    def _frame(self, pdu, unit):
        return struct.pack(">HHHB", self.transaction, 0, len(pdu) + 1, unit) + pdu

    def _checked(self, header, pdu, unit):
        transaction, protocol, _, answered = struct.unpack(">HHHB", header)
        assert (transaction, protocol, answered) == (self.transaction, 0, unit), header.hex()
        return pdu

    def _receive(self, length):
        data = b""
        while len(data) < length:
            part = self.connection.recv(length - len(data))
            assert part, "the connection was closed"
            data += part
        return data


class ModbusUDP(ModbusTCP):
    def exchange(self, pdu, unit=1):
        self.transaction = self.transaction + 1 & 0xFFFF
        self.connection.send(self._frame(pdu, unit))
        datagram = self.connection.recv(2000)
        return self._checked(datagram[:7], datagram[7:], unit)


class RTU:
    """On a connection."""

    def __init__(self, connection):
        self.connection = connection

    def exchange(self, pdu, unit=1):
        self._send(rtu.frame(unit, pdu))
        reply = b""
        while (length := rtu.reply_length(reply)) is None or len(reply) < length:
            part = self._receive()
            assert part, f"nothing more after {reply.hex()}"
            reply += part
        assert rtu.frame(unit, reply[1:-2]) == reply, reply.hex()
        return reply[1:-2]

    def close(self):
        self.connection.close()

    def _send(self, data):
        self.connection.sendall(data)

    def _receive(self):
        return self.connection.recv(2000)


class Program(RTU):
    """Opens a serial port by its name."""

    def __init__(self, path):
        self.descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        # Most programs set it so. Python's default throws away what is there to be read: answers to someone before.
        tty.setraw(self.descriptor, termios.TCSANOW)

    def close(self):
        os.close(self.descriptor)

    def received(self, limit=LIMIT):
        return self._receive(limit)

    def send(self, data):
        self._send(data)

    def _send(self, data):
        assert os.write(self.descriptor, data) == len(data)

    def _receive(self, limit=LIMIT):
        return os.read(self.descriptor, 2000) if select.select([self.descriptor], [], [], limit)[0] else b""


def connected(port, kind=socket.SOCK_STREAM, source="127.0.0.1"):
    connection = socket.socket(type=kind)
    try:
        connection.settimeout(LIMIT)
        connection.bind((source, 0))
        connection.connect(("127.0.0.1", port))
    except OSError:
        connection.close()
        raise
    return connection


def way(kind, place, tls=None):
    """A client of a listener of this kind, at its port or path; `tls` is the context of a secured one."""
    if kind == "pty":
        return Program(place)
    connection = connected(place, socket.SOCK_DGRAM if "udp" in kind else socket.SOCK_STREAM)
    if kind == "tls":
        connection = tls.wrap_socket(connection, server_hostname="127.0.0.1")
    return {"udp": ModbusUDP, "rtu-udp": RTU, "rtu-tcp": RTU}.get(kind, ModbusTCP)(connection)


@contextlib.contextmanager
def opened(kind, place, tls=None):
    client = way(kind, place, tls)
    try:
        yield client
    finally:
        client.close()
