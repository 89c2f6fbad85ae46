#!/usr/bin/env bash
# tshark, Modbus TCP at another port than 502: `-d tcp.port==5020,mbtcp` decodes it, but cannot tell query and reply apart.
#
# Guessed: "decode as" tells the dissector all that it needs.
# Seen with tshark 4.0.17 (Debian 12), a read of input 3000 and its reply at port 5020:
#   no option:                   TCP, no Modbus at all
#   -d tcp.port==5020,mbtcp      Modbus/TCP, twice "Unable to classify as query or response"
#   -o mbtcp.tcp.port:5020       Modbus/TCP, Query, then Response with its registers
# Why: query and response are told apart by the side that has the port of the preference mbtcp.tcp.port.
set -euo pipefail
command -v tshark >/dev/null || { echo "please install tshark" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 - "$folder/modbus.pcap" <<'PYTHON'
import struct
import sys


def packet(source, target, sequence, acknowledged, payload):
    tcp = struct.pack(">HHIIBBHHH", source, target, sequence, acknowledged, 5 << 4, 0x18, 65535, 0, 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
    return ip + tcp


read = bytes.fromhex("00010000000601040bb80001")
reply = bytes.fromhex("000100000005010402002a")
frames = [packet(40000, 5020, 1, 1, read), packet(5020, 40000, 1, 1 + len(read), reply)]
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))  # raw IP
    for at, frame in enumerate(frames):
        file.write(struct.pack("<IIII", at, 0, len(frame), len(frame)) + frame)
PYTHON
tshark --version 2>/dev/null | sed -n 1p
said() { echo "tshark $*"; tshark -r "$folder/modbus.pcap" "$@" 2>/dev/null | sed 's/^/    /' | tee "$folder/said"; }
failed=0
said
grep -q Modbus "$folder/said" && failed=1
said -d tcp.port==5020,mbtcp
[ "$(grep -c "Unable to classify as query or response" "$folder/said")" = 2 ] || failed=1
said -o mbtcp.tcp.port:5020
grep -q Query: "$folder/said" && grep -q Response: "$folder/said" || failed=1
exit $failed
