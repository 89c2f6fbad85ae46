"""Serial servers as one can buy or install them, between a serial port and the network: socat and ser2net."""

import contextlib
import os
import signal
import subprocess
import threading

from configured import free_port
from waiting import LIMIT, eventually


class SerialServer:
    """Carries the bytes of the serial port `path` at a TCP port of 127.0.0.1, which stays the same."""

    def __init__(self, path):
        self.path, self.port = path, free_port()
        self._process = None
        # Who kills it, in the midst of an exchange, may be another thread than who starts it again.
        self._changing = threading.Lock()

    def start(self):
        with self._changing:
            # In a group of its own: whoever serves the last connection must go with it.
            self._process = subprocess.Popen(
                [*map(str, self.command())], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                start_new_session=True)
            eventually(self._is_there, f"{self.command()[0]} at port {self.port}")
        return self

    def kill(self):
        with self._changing:
            if not self._process:
                return
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(LIMIT)
            self._process = None

    def _is_there(self):
        assert self._process.poll() is None, f"it ended: {self.command()}"
        # To connect would take the serial port.
        with open("/proc/net/tcp") as table:
            listening = [line.split()[1] for line in table if " 0A " in line]
        return any(address.endswith(f":{self.port:04X}") for address in listening)


class Socat(SerialServer):
    def command(self):
        return ["socat", "-t", "0",
                f"TCP-LISTEN:{self.port},bind=127.0.0.1,fork,max-children=1,reuseaddr,nodelay",
                f"FILE:{self.path},raw,echo=0"]


class Ser2net(SerialServer):
    def command(self):
        text = (f"connection: &line\n  accepter: tcp(nodelay),127.0.0.1,{self.port}\n  enable: on\n"
                f"  options:\n    kickolduser: true\n  connector: serialdev,{self.path},9600n81,local\n")
        return ["ser2net", "-n", "-u", "-Y", text]


class DiallingSer2net(SerialServer):
    """Dials the port instead of listening there, again and again."""

    def command(self):
        text = (f"connection: &line\n  accepter: conacc(retry-time=100),tcp(nodelay),127.0.0.1,{self.port}\n"
                f"  enable: on\n  connector: serialdev,{self.path},9600n81,local\n")
        return ["ser2net", "-n", "-u", "-Y", text]

    def _is_there(self):
        return self._process.poll() is None


class DatagramSocat(SerialServer):
    """The same in datagrams."""

    def command(self):
        return ["socat", "-t", "0", f"UDP-LISTEN:{self.port},bind=127.0.0.1,fork,reuseaddr",
                f"FILE:{self.path},raw,echo=0"]

    def _is_there(self):
        with open("/proc/net/udp") as table:
            return any(f":{self.port:04X} " in line for line in table)


class DiallingSocat(SerialServer):
    """Dials the port instead of listening there, again and again."""

    def command(self):
        return ["socat", "-t", "0", f"FILE:{self.path},raw,echo=0",
                f"TCP:127.0.0.1:{self.port},forever,interval=0.1,nodelay"]

    def _is_there(self):
        return self._process.poll() is None
