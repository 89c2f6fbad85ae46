"""One end of a serial line: a pseudo-terminal whose other end has a name."""

import os
import select
import tty


class PtyPort:
    """Bytes in and out here; a program opens `link` like a serial port. It can be unplugged and plugged in again."""

    def __init__(self, link):
        self.link = str(link)
        self._ends = ()
        self.plug()

    def plug(self):
        here, there = os.openpty()
        tty.setraw(there)
        os.set_blocking(here, False)
        os.symlink(os.ttyname(there), self.link)
        # `there` stays open: without it reading here would fail until the program opens its end.
        self._ends = (here, there)

    def unplug(self):
        """The program sees a hang-up, and the name is gone."""
        if self._ends:
            os.unlink(self.link)
            ends, self._ends = self._ends, ()
            for end in ends:
                os.close(end)

    @property
    def descriptor(self):
        return self._ends[0]

    def send(self, data):
        os.write(self.descriptor, data)

    def receive(self, limit):
        """What has come, as soon as something has; nothing if the time is over."""
        ready, _, _ = select.select([self.descriptor], [], [], limit)
        return os.read(self.descriptor, 4096) if ready else b""

    def receive_exactly(self, length, limit=5):
        received = b""
        while len(received) < length:
            part = self.receive(limit)
            if not part:
                raise AssertionError(f"{len(received)} of {length} bytes: {received.hex()}")
            received += part
        return received
