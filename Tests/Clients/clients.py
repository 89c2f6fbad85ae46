"""Modbus TCP clients: pymodbus, and bytes on a socket."""

import contextlib
import socket
import struct

from pymodbus.client import ModbusTcpClient


@contextlib.contextmanager
def tcp_client(broker):
    client = ModbusTcpClient("127.0.0.1", port=broker.port, timeout=5, retries=0)
    assert client.connect()
    try:
        yield client
    finally:
        client.close()


@contextlib.contextmanager
def raw_connection(port, receive_buffer=None):
    with socket.socket() as connection:
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(8)
        connection.connect(("127.0.0.1", port))
        yield connection


def tcp_read(transaction, address, count):
    """A read of holding registers of unit 1."""
    return struct.pack(">HHHBBHH", transaction, 0, 6, 1, 3, address, count)


def receive_frames(stream, count):
    """(transaction, PDU) of so many frames; `stream` is the connection as a file."""
    for _ in range(count):
        header = stream.read(7)
        assert len(header) == 7, "the connection was closed"
        transaction, _, length, _ = struct.unpack(">HHHB", header)
        yield transaction, stream.read(length - 1)
