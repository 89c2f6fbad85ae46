#!/usr/bin/env bash
# A pseudo-terminal with parity: pyserial opens it once and never again; pymodbus never opens it.
#
# Guessed: parity means nothing on a pseudo-terminal, so E and O do no harm.
# Seen with pyserial 3.5, pymodbus 3.16.1, Debian 12 (glibc 2.36-9+deb12u14), Linux 6.18:
#   N: ok, ok, ok
#   E: ok, (22, 'Invalid argument'), (22, 'Invalid argument')
#   O: ok, (22, 'Invalid argument'), (22, 'Invalid argument')
#   pymodbus with E: connect() is False, for it sets the port up a second time after opening it
# Why: the kernel clears PARENB of a pseudo-terminal without a word. glibc's tcsetattr compares what it set with what the kernel took,
# and answers EINVAL; Debian's lets it pass if anything else changed, which it does at the first opening only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pyserial==3.5 pymodbus==3.16.1
ldd --version | sed -n 1p
"$folder/venv/bin/python" - 2>/dev/null <<'PYTHON'
import os
import pty
import sys

import serial
from pymodbus.client import ModbusSerialClient


def opened(name, parity):
    try:
        serial.Serial(name, 9600, parity=parity).close()
        return "ok"
    except Exception as error:
        return str(error)


EINVAL = "(22, 'Invalid argument')"
seen, terminals = {}, []
for parity in "NEO":
    terminals.append(pty.openpty())
    seen[parity] = [opened(os.ttyname(terminals[-1][1]), parity) for _ in range(3)]
    print(f"{parity}:", ", ".join(seen[parity]))
connected = {}
for parity in "NE":
    terminals.append(pty.openpty())
    client = ModbusSerialClient(os.ttyname(terminals[-1][1]), baudrate=9600, parity=parity, timeout=0.2)
    connected[parity] = client.connect()
    client.close()
print("pymodbus connects:", connected)
expected = {"N": ["ok"] * 3, "E": ["ok", EINVAL, EINVAL], "O": ["ok", EINVAL, EINVAL]}
sys.exit(0 if seen == expected and connected == {"N": True, "E": False} else 1)
PYTHON
