"""libmodbus over Modbus TCP, which takes a late answer for the answer to its next request, and finds it wrong."""

import ctypes
import threading
import unittest

from configured import ANYWHERE, ConfiguredTestCase
from waiting import LIMIT

try:
    # With mbpoll.
    LIBRARY = ctypes.CDLL("libmodbus.so.5", use_errno=True)
    LIBRARY.modbus_new_tcp.restype = ctypes.c_void_p
except OSError:
    LIBRARY = None


class Context:
    """A connection of libmodbus to a port of this machine, as unit 1."""

    def __init__(self, port):
        self._context = ctypes.c_void_p(LIBRARY.modbus_new_tcp(b"127.0.0.1", port))
        LIBRARY.modbus_set_slave(self._context, 1)
        assert LIBRARY.modbus_connect(self._context) == 0

    def wait(self, seconds):
        """How long it waits for an answer."""
        LIBRARY.modbus_set_response_timeout(self._context, int(seconds), int(seconds % 1 * 1_000_000))

    def read(self, address):
        """The value of a holding register; None: an error."""
        value = ctypes.c_uint16()
        found = LIBRARY.modbus_read_registers(self._context, address, 1, ctypes.byref(value))
        return value.value if found == 1 else None

    def close(self):
        LIBRARY.modbus_close(self._context)
        LIBRARY.modbus_free(self._context)


@unittest.skipUnless(LIBRARY, "there is no libmodbus")
class LateAnswerTests(ConfiguredTestCase):
    def values_after_a_late_answer(self, **listener):
        """Of registers 200 and 300, read one after the other; the first one while the answer for 100 is still to come."""
        self.configure(
            [self.line(rtimeout=30)], [{"tcp": ANYWHERE, **listener}], log={"file": str(self.log_path)})
        broker = self.start("inverter is open")
        client = Context(broker.port)
        self.addCleanup(client.close)
        self.unit.hold_replies()
        client.wait(0.2)
        self.assertIsNone(client.read(100))
        client.wait(LIMIT)
        values = []
        reader = threading.Thread(target=lambda: values.extend([client.read(200), client.read(300)]))
        reader.start()
        self.wait_for_entries(1, role="REQ", addr=200)
        self.unit.release_replies()
        reader.join()
        return values

    def test_newest_only_spares_it_the_late_answer(self):
        values = self.values_after_a_late_answer(**{"newest-only": True})
        self.assertEqual(values, [self.unit.holding[200], self.unit.holding[300]])

    def test_elsewhere_it_never_recovers(self):
        self.assertEqual(self.values_after_a_late_answer(), [None, None])
