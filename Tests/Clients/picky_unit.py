"""A unit on a pseudo-terminal that understands one speed and number of stop bits only."""

import fcntl
import struct
import threading

import rtu
from pty_port import PtyPort

TCGETS2 = 0x802C542A
CSTOPB = 0o100


def line_setting(descriptor):
    """(bits per second, stop bits) of the other side; tcgetattr(3) does not tell all speeds."""
    mode = struct.unpack("4I20s2I", fcntl.ioctl(descriptor, TCGETS2, bytes(44)))
    return mode[6], 2 if mode[2] & CSTOPB else 1


class PickyUnit:
    """Garbles what passes at any other setting, both ways."""

    def __init__(self, link, unit, setting, echoes=False):
        self.unit, self.setting, self.echoes = unit, setting, echoes
        self.requests = []
        self._port = PtyPort(link)
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        self._stopping = True
        self._thread.join()
        self._port.unplug()

    def _serve(self):
        while not self._stopping:
            data = self._port.receive(0.05)
            if data and self.echoes:
                self._port.send(data)
            fits = line_setting(self._port.descriptor) == self.setting
            request = data if fits else self._garbled(data)
            if len(request) == 8 and rtu.crc(request[:-2]) == request[-2:]:
                self.requests.append(request)
                if request[0] == self.unit:
                    self._port.send(rtu.read_reply([4711], self.unit, request[1]))
            elif data and not fits:
                # A unit that hears garbage may send some.
                self._port.send(self._garbled(data)[:3])

    @staticmethod
    def _garbled(data):
        return bytes(byte * 7 + 29 & 0xFF for byte in data if byte % 3)
