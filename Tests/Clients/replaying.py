"""The program with a recording in place of the inverter, and the base of the tests that run it."""

import json

import recording
from clients import raw_connection, receive_frames
from dataset import DatasetTestCase


def prototype_log(*steps):
    """Lines of a prototype's log; a step is (milliseconds, request, reply or None), the reply `took` later."""
    text = ""
    for at, took, request, reply in steps:
        for role, client, moment, frame in (
                ("REQ", "from_client", at, request), ("RSP", "to_client", at + took, reply)):
            stamp = f"2025-09-21T19:{moment // 60000:02}:{moment // 1000 % 60:02}.{moment % 1000:03}"
            text += json.dumps(
                {"role": role, client: "SHINE", "crc_ok": True, "hex": frame.hex() if frame else "", "ts": stamp}) + "\n"
    return text


class ReplayTestCase(DatasetTestCase):
    def play(self, path, *options):
        return self.start("run", "--mode", "replay", "--recording", path, "--tcp", "127.0.0.1:0", *options)

    def real_recording(self):
        return recording.real_recording(self)

    def ask(self, broker, unit, request):
        """The PDU of the answer to a PDU."""
        with raw_connection(broker.port) as connection, connection.makefile("rb") as stream:
            connection.sendall(bytes([0, 7, 0, 0, 0, len(request) + 1, unit]) + request)
            (_, pdu), = receive_frames(stream, 1)
        return pdu
