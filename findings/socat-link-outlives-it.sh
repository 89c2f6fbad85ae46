#!/usr/bin/env bash
# socat PTY,link=…: the link outlives a killed socat, and then leads to the terminal of whatever program makes the next one.
#
# Guessed: when the other side of a virtual serial port is gone, opening its name again fails until somebody makes it anew.
# Seen with socat 1.7.4.4 (Debian 12) and pyserial 3.5: after SIGTERM the link is gone; after SIGKILL it stays. Linux gives the number of the
# ended pseudo-terminal to the next one, so that serial.Serial(link) opens it without an error, and the request of a Modbus client that
# connects again by name is typed into another program's terminal.
# Why it matters: test benches, evcc and Home Assistant at virtual ports are started again by name; in a shell a request is keystrokes.
set -euo pipefail
dpkg-query --show --showformat='${Package} ${Version}\n' socat
work=$(mktemp -d)
line=
trap '[ -z "$line" ] || kill -9 "$line" 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyserial==3.5

begin() {
    socat "PTY,link=$work/port,raw,echo=0" PIPE &
    line=$!
    while [ ! -e "$work/port" ]; do sleep 0.1; done
}

begin
kill -TERM "$line"
wait "$line" || true
[ -L "$work/port" ] && terminated=there || terminated=gone
echo "after SIGTERM the link is $terminated"
begin
kill -KILL "$line"
wait "$line" 2>/dev/null || true
[ -L "$work/port" ] && killed=there || killed=gone
echo "after SIGKILL the link is $killed, to $(readlink "$work/port")"
"$work/venv/bin/python" - "$work/port" "$terminated" "$killed" <<'PYTHON'
import os
import sys
import tty

import serial

link, terminated, killed = sys.argv[1:]
# The terminal of another program; others in between may take a number, too.
for _ in range(50):
    here, there = os.openpty()
    if os.ttyname(there) == os.readlink(link):
        break
else:
    sys.exit("the number was not given again")
tty.setraw(there)
with serial.Serial(link, 9600, timeout=1) as port:
    port.write(bytes.fromhex("010300000001840a"))
    port.flush()
got = os.read(here, 100)
print("the other program's terminal got", got.hex())
sys.exit(0 if (terminated, killed, got.hex()) == ("gone", "there", "010300000001840a") else 1)
PYTHON
