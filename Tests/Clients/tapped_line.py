"""A line between a client and a unit, with taps that hear what passes."""

import os
import select
import threading
import tty

from pty_port import PtyPort


class TappedLine:
    """A client opens `link`; `taps` hear both directions, or the `requests` and the `replies` alone."""

    def __init__(self, link, unit_link, taps=(), requests=(), replies=()):
        self._client = PtyPort(link)
        self._unit = os.open(unit_link, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._unit)
        self.taps = [PtyPort(tap) for tap in (*taps, *requests, *replies)]
        both, rest = self.taps[:len(taps)], self.taps[len(taps):]
        self._after = {
            self._client.descriptor: (self._unit, [*both, *rest[:len(requests)]]),
            self._unit: (self._client.descriptor, [*both, *rest[len(requests):]])}
        self._stopping = False
        self._thread = threading.Thread(target=self._pump, daemon=True)
        self._thread.start()

    def close(self):
        self._stopping = True
        self._thread.join()
        os.close(self._unit)
        for port in (self._client, *self.taps):
            port.unplug()

    def transmitted(self):
        """What has come out of the taps: there should be nothing."""
        return b"".join(tap.receive(0) for tap in self.taps)

    def _pump(self):
        while not self._stopping:
            for source in select.select(list(self._after), [], [], 0.05)[0]:
                data = os.read(source, 4096)
                target, taps = self._after[source]
                for tap in taps:
                    tap.send(data)
                os.write(target, data)
