"""The hand tools of the program: run to their end, or at a terminal."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import termios

from broker import ENVIRONMENT, PROGRAM
from configured import free_port
from waiting import LIMIT, eventually


def run_tool(*arguments, status=0, limit=60):
    """Standard output and standard error of a tool that ends with this status."""
    done = subprocess.run(
        [PROGRAM, *map(str, arguments)], capture_output=True, text=True, env=ENVIRONMENT, timeout=limit,
        stdin=subprocess.DEVNULL)
    assert done.returncode == status, f"status {done.returncode}, expected {status}: {done.stdout}{done.stderr}"
    return done.stdout, done.stderr


def read_values(endpoint, *words, status=0):
    """{(table, address): value} of all that could be read."""
    output, _ = run_tool("read", endpoint, *words, "--format", "json", status=status)
    return {(value["table"], value["address"]): value["value"] for value in json.loads(output)["values"]}


@contextlib.contextmanager
def serial_server(path):
    """A TCP port that carries the bytes of a line."""
    port = free_port()
    # One connection at a time: two on one line take each other's bytes.
    process = subprocess.Popen(
        ["socat", "-t", "0", "-d", "-d", f"TCP-LISTEN:{port},bind=127.0.0.1,fork,max-children=1,reuseaddr,nodelay",
         f"FILE:{path},raw,echo=0"], stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        while "listening on" not in (line := process.stderr.readline()):
            assert line, "socat has ended"
        yield port
    finally:
        # With whoever serves the last connection, and still has the line.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(LIMIT)
        process.stderr.close()


class Terminal:
    """A tool with a terminal before it; what a person would see is in `screen`."""

    def __init__(self, *arguments, environment=None, columns=80):
        self.master, side = pty.openpty()
        termios.tcsetwinsize(self.master, (24, columns))
        self.screen = ""
        self.process = subprocess.Popen(
            [PROGRAM, *map(str, arguments)], stdin=side, stdout=side, stderr=side, start_new_session=True,
            env={**ENVIRONMENT, "TERM": "xterm", **(environment or {})})
        os.close(side)
        os.set_blocking(self.master, False)

    def wait_for(self, text):
        return eventually(lambda: text in self._look(), f"{text!r} on the screen: {self.screen!r}", limit=30)

    def _look(self):
        # EIO: the program has gone.
        with contextlib.suppress(BlockingIOError, OSError):
            while part := os.read(self.master, 65536):
                self.screen += part.decode()
        return self.screen

    def type(self, text):
        os.write(self.master, text.encode())

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def status(self):
        try:
            return eventually(lambda: self._ended(), "the end of the tool", limit=30)[0]
        finally:
            self.process.kill()
            self.process.wait()
            self._look()
            os.close(self.master)

    def _ended(self):
        self._look()
        code = self.process.poll()
        return None if code is None else (code,)
