"""What a recording holds, found out without the program: requests with their replies, and the values of registers."""

import collections
import gzip
import json
import os
import pathlib
import struct

import rtu

Exchange = collections.namedtuple("Exchange", "client unit request reply answering")
REAL = "shine-and-home-assistant-115200.jsonl"
TABLES = {rtu.READ_HOLDING: "holding", rtu.READ_INPUT: "input", rtu.READ_METER: "meter"}


def real_recording(test):
    """The real capture, which is no part of the project."""
    folder = os.environ.get("GROWATT_BROKER_DATA") or pathlib.Path(__file__).parents[3] / "shared/data"
    path = pathlib.Path(folder) / REAL
    if not path.exists():
        test.skipTest(f"{path} is not there")
    return path


def lines(path):
    """The objects of a file, plain or gzip; what is none is left out."""
    path = pathlib.Path(path)
    text = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            pass


def exchanges(path):
    """Of a prototype's log, where a client has one request at a time: its newest, if the reply fits it."""
    waiting = collections.defaultdict(list)
    for entry in lines(path):
        if entry.get("role") == "REQ":
            waiting[entry["from_client"]].append(_frame(entry["hex"]))
        elif entry.get("role") == "RSP" and waiting[entry["to_client"]]:
            client = entry["to_client"]
            unit, request = waiting[client][-1]
            frame = _frame(entry["hex"]) if entry["hex"] else None
            if frame and not fits(request, unit, *frame):
                continue
            *given_up, _ = waiting.pop(client)
            yield Exchange(client, unit, request, frame and frame[1], frame and frame[0])
            for lost in given_up:
                yield Exchange(client, *lost, None, None)
    for client, rest in waiting.items():
        for lost in rest:
            yield Exchange(client, *lost, None, None)


def fits(request, unit, answering, reply):
    """Whether a reply can be that of the request."""
    if unit not in (0, answering) or reply[0] & 0x7F != request[0]:
        return False
    if reply[0] & 0x80:
        return len(reply) == 2
    if request[0] in TABLES:
        return reply[1] == 2 * count(request) == len(reply) - 2
    return reply[:3] == request[:3]


def address(request):
    return struct.unpack_from(">H", request, 1)[0]


def count(request):
    return struct.unpack_from(">H", request, 3)[0]


def values(reply):
    return list(struct.unpack(f">{reply[1] // 2}H", reply[2:]))


def final_registers(path):
    """The last value of each (unit, table, address)."""
    registers = {}
    for exchange in exchanges(path):
        registers.update(registers_of(exchange))
    return registers


def registers_of(exchange):
    """What one reply has of them."""
    if not exchange.reply or exchange.reply[0] not in TABLES:
        return {}
    first = address(exchange.request)
    return {
        (exchange.answering, TABLES[exchange.reply[0]], first + offset): value
        for offset, value in enumerate(values(exchange.reply))}


def history(path, block):
    """The values of a block of registers, one (unit, table, address) after the other, after each exchange."""
    registers, states = {}, []
    for exchange in exchanges(path):
        for place, value in registers_of(exchange).items():
            registers.setdefault(place, value)
    for exchange in exchanges(path):
        registers.update(registers_of(exchange))
        states.append([registers[place] for place in block])
    return states


def dataset(registers):
    """The same as a dataset of one unit."""
    tables = {table: {} for table in TABLES.values()}
    for (_, table, number), value in registers.items():
        tables[table][str(number)] = value
    return tables


def _frame(text):
    data = bytes.fromhex(text)
    assert rtu.crc(data[:-2]) == data[-2:], text
    return data[0], data[1:-2]
