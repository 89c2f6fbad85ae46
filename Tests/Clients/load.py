"""Clients that read without a pause, each in a thread, and check every value."""

import threading

import rtu
from waiting import eventually
from ways import reading


class Load:
    """While it is entered its clients read; at the end no exchange may have been lost, and no value wrong.

    `clients`: what `way` returns; `values`: the registers that they read, of the unit of this number.
    """

    def __init__(self, clients, values, unit=1):
        self.clients, self.values, self.unit = clients, values, unit
        self.answers = [0] * len(clients)
        self.errors = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(n,)) for n in range(len(clients))]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        self.wait_for_answers()
        return self

    def __exit__(self, failure, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for client in self.clients:
            client.close()
        if failure is None:
            assert not self.errors, self.errors

    def wait_for_answers(self, more=3):
        """Until each client has got so many more."""
        before = list(self.answers)
        eventually(
            lambda: self.errors or all(now >= then + more for now, then in zip(self.answers, before)),
            f"{more} answers more for each client: {before}, {self.answers}", limit=30)
        assert not self.errors, self.errors

    def _read(self, number):
        client = self.clients[number]
        try:
            while not self._stop.is_set():
                address = number * 1000 + self.answers[number] % 900
                reply = client.exchange(reading(address, 2), self.unit)
                values = rtu.words(self.values.block(address, 2))
                assert reply == bytes([rtu.READ_HOLDING, 4]) + values, f"{address}: {reply.hex()}"
                self.answers[number] += 1
        except Exception as failure:  # A thread's own would be lost.
            self.errors.append(f"client {number} ({type(client).__name__}): {failure!r}")
