"""Clients: pymodbus on TCP and on a serial port, and bytes on a socket."""

import contextlib
import socket
import struct

from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadHoldingRegistersResponse

import rtu


class ReadMeterRequest(ReadHoldingRegistersRequest):
    function_code = rtu.READ_METER


class ReadMeterResponse(ReadHoldingRegistersResponse):
    function_code = rtu.READ_METER


def read_meter(client, address, count, device_id=1):
    client.register(ReadMeterResponse)
    return client.execute(False, ReadMeterRequest(dev_id=device_id, address=address, count=count))


def tcp_client(broker):
    return connected(ModbusTcpClient("127.0.0.1", port=broker.port, timeout=5, retries=0))


def serial_client(path, timeout=3):
    return connected(ModbusSerialClient(str(path), baudrate=9600, timeout=timeout, retries=0))


@contextlib.contextmanager
def connected(client):
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
