"""mbpoll, as Debian has it."""

import re
import subprocess


def over_tcp(port, *arguments, unit=1, write=()):
    return _mbpoll(["-m", "tcp", "-p", port, "-o", "3"], unit, arguments, "127.0.0.1", write)


def over_serial(path, *arguments, unit=1, write=(), baud=9600, parity="none", stop_bits=1):
    mode = ["-m", "rtu", "-b", baud, "-P", parity, "-s", stop_bits, "-o", "3"]
    return _mbpoll(mode, unit, arguments, path, write)


def values(output):
    return [int(value) for value in re.findall(r"^\[\d+\]:\s+(\d+)", output, re.MULTILINE)]


def _mbpoll(connection, unit, arguments, place, write):
    """Exit status, and all that it printed."""
    command = ["mbpoll", *connection, "-a", unit, "-0", "-1", *arguments, place, *write]
    done = subprocess.run(
        [*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=15)
    return done.returncode, done.stdout
