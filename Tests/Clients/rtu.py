"""Modbus RTU frames as bytes."""

import struct

READ_HOLDING, READ_INPUT, READ_METER = 0x03, 0x04, 0x20
WRITE_ONE, WRITE_SEVERAL, MASK_WRITE, READ_WRITE = 0x06, 0x10, 0x16, 0x17
READS = (READ_HOLDING, READ_INPUT, READ_METER)


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return struct.pack("<H", value)


def frame(unit, pdu):
    body = bytes([unit]) + pdu
    return body + crc(body)


def read(address, count, unit=1, function=READ_HOLDING):
    return frame(unit, struct.pack(">BHH", function, address, count))


def write(address, value, unit=1):
    return frame(unit, struct.pack(">BHH", WRITE_ONE, address, value))


def words(values):
    return struct.pack(f">{len(values)}H", *values)


def read_reply(values, unit=1, function=READ_HOLDING):
    return frame(unit, bytes([function, 2 * len(values)]) + words(values))


def request_length(data):
    """The length of the request that begins here, or None while it cannot be told."""
    if len(data) < 2:
        return None
    count_at = {WRITE_SEVERAL: 6, READ_WRITE: 10}.get(data[1])
    if count_at is None:
        return 10 if data[1] == MASK_WRITE else 8
    return count_at + 1 + data[count_at] + 2 if len(data) > count_at else None


def reply_length(data):
    """The length of the reply to a read or to a single write that begins here, or None while it cannot be told."""
    if len(data) < 3:
        return None
    if data[1] & 0x80:
        return 5
    return 5 + data[2] if data[1] in READS else 8
