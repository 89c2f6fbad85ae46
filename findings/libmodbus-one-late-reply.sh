#!/usr/bin/env bash
# libmodbus over TCP: after one reply that came too late, every later request fails, though each is answered at once.
#
# Guessed: the transaction identifier tells a late reply from the awaited one, so only the late request fails.
# Seen with libmodbus 3.1.6 (Debian's libmodbus5 3.1.6-2.1+deb12u1), response timeout 0.5 s (its default), first reply after 0.7 s:
#   without recovery:                1 Connection timed out, then Invalid data for each of the next 5
#   MODBUS_ERROR_RECOVERY_PROTOCOL:  1 Connection timed out, 1 Invalid data, then 4 right values
# Why: the late reply stays in the socket, and each request reads the reply to the one before it.
set -euo pipefail
dpkg-query --show --showformat='${Package} ${Version}\n' libmodbus5
python3 - <<'PYTHON'
import ctypes
import socket
import struct
import sys
import threading
import time

library = ctypes.CDLL("libmodbus.so.5", use_errno=True)
library.modbus_new_tcp.restype = library.modbus_strerror.restype = ctypes.c_void_p
RECOVER_PROTOCOL = 1 << 2


def serve(listener):
    """A Modbus TCP server whose first reply of a connection takes 0.7 s; register N holds N."""
    connection, _ = listener.accept()
    late = True
    while request := connection.recv(260):
        if late:
            time.sleep(0.7)
            late = False
        identifier, _, _, unit, function, address, _ = struct.unpack(">HHHBBHH", request)
        connection.sendall(struct.pack(">HHHBBBH", identifier, 0, 5, unit, function, 2, address))


def outcomes(recovery):
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    context = ctypes.c_void_p(library.modbus_new_tcp(b"127.0.0.1", listener.getsockname()[1]))
    library.modbus_set_slave(context, 1)
    library.modbus_set_error_recovery(context, recovery)
    assert library.modbus_connect(context) == 0
    seen, value = [], ctypes.c_uint16()
    for address in range(100, 106):
        if library.modbus_read_registers(context, address, 1, ctypes.byref(value)) == 1:
            seen.append(value.value)
        else:
            seen.append(ctypes.string_at(library.modbus_strerror(ctypes.get_errno())).decode())
        time.sleep(0.2 if recovery else 0.6)
    library.modbus_close(context)
    library.modbus_free(context)
    return seen


without, recovering = outcomes(0), outcomes(RECOVER_PROTOCOL)
print("without recovery:", without)
print("recovery of the protocol:", recovering)
expected = ["Connection timed out"] + ["Invalid data"] * 5
sys.exit(0 if without == expected and recovering == ["Connection timed out", "Invalid data", 102, 103, 104, 105] else 1)
PYTHON
