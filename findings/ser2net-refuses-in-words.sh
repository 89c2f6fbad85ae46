#!/usr/bin/env bash
# ser2net, raw TCP: who cannot have the port is let in, is sent an English sentence as if it came from the line, and then closed.
#
# Guessed: a raw port carries the bytes of the line and nothing else; a second connection is refused or closed without a word.
# Seen with ser2net 4.3.11 (Debian's 4.3.11-1), `accepter: tcp,…`, `max-connections: 1`:
#   while somebody else has the port:   connected, b"Port already in use\r\n", closed
#   where the device is missing:        connected, b"Device open failure: Value or file not found\r\n", closed
# Why it matters: a Modbus RTU client over TCP gets 21 or 46 bytes of a unit 0x50 or 0x44 with function 0x6F or 0x65, and reports noise
# or a wrong CRC, so people look for a fault of the wiring.
set -euo pipefail
dpkg-query --show --showformat='${Package} ${Version}\n' ser2net
work=$(mktemp -d)
trap 'kill "$server" "$line" 2>/dev/null; rm -rf "$work"' EXIT
read -r first second < <(python3 -c '
import socket
free = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(one.getsockname()[1] for one in free))')
socat "PTY,link=$work/line,raw,echo=0" PIPE &
line=$!
while [ ! -e "$work/line" ]; do sleep 0.1; done
cat > "$work/ser2net.yaml" <<YAML
connection: &line
  accepter: tcp,127.0.0.1,$first
  connector: serialdev,$work/line,9600n81,local
  options: {max-connections: 1}
connection: &missing
  accepter: tcp,127.0.0.1,$second
  connector: serialdev,$work/missing,9600n81,local
YAML
ser2net -n -c "$work/ser2net.yaml" -P "$work/pid" &
server=$!
python3 - "$first" "$second" <<'PYTHON'
import socket
import sys
import time


def connected(port):
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", int(port)), timeout=5)
        except ConnectionRefusedError:
            time.sleep(0.1)
    sys.exit("ser2net does not listen")


def all_of(connection):
    return b"".join(iter(lambda: connection.recv(100), b""))


with connected(sys.argv[1]) as owner:
    # It has the port when its byte has come back from the line.
    owner.sendall(b"x")
    assert owner.recv(1) == b"x"
    taken = all_of(connected(sys.argv[1]))
missing = all_of(connected(sys.argv[2]))
print("the port is taken:", taken)
print("the device is missing:", missing)
expected = (b"Port already in use\r\n", b"Device open failure: Value or file not found\r\n")
sys.exit(0 if (taken, missing) == expected else 1)
PYTHON
