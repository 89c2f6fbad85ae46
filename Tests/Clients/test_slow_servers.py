"""A server whose answers come later than anybody waits for them."""

import rtu
from configured import ANYWHERE, ConfiguredTestCase
from load import Load
from shared_line import SharedLine
from waiting import eventually
from ways import opened, reading, way

NO_REPLY = bytes([0x83, 0x0B])


class SlowServerTests(ConfiguredTestCase):
    def test_a_late_answer_is_given_to_nobody_and_costs_another_line_nothing(self):
        slow = SharedLine(23)
        self.addCleanup(slow.close)
        self.configure(
            [self.line(name="house", units=[1]),
             self.line(slow.url, name="barn", units={11: 1}, rtimeout="0.2", retries=0)], [{"tcp": ANYWHERE}])
        broker = self.start("house: ", "barn: ")
        with Load([way("tcp", broker.port)], self.unit.holding) as load, opened("tcp", broker.port) as client:
            for address in range(0, 600, 100):
                slow.hold_replies()
                self.assertEqual(client.exchange(reading(address, 3), 11), NO_REPLY)
                load.wait_for_answers(5)
                slow.release_replies()
                expected = bytes([rtu.READ_HOLDING, 6]) + rtu.words(slow.holding.block(address + 50, 3))

                def is_answered():
                    reply = client.exchange(reading(address + 50, 3), 11)
                    self.assertIn(reply, (expected, NO_REPLY))
                    return reply == expected

                eventually(is_answered, "the value of another address", 30)
        self.assertEqual(slow.collisions, 0)
