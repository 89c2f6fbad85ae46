"""A system clock that jumps, as that of a Raspberry Pi does when it hears of the time."""

import datetime
import pathlib
import struct
import subprocess
import time

from broker import ENVIRONMENT, FAST, Broker, BrokerTestCase
from clients import tcp_client

SOURCE = pathlib.Path(__file__).with_name("jumping_clock.c")
NO_ANSWER = 0x0B


class ClockTests(BrokerTestCase):
    def setUp(self):
        super().setUp()
        self.library = self.directory / "clock.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.library, SOURCE], check=True)
        self.offset = (self.directory / "offset").open("w+b")
        self.addCleanup(self.offset.close)
        self.set_clock(1970)

    def set_clock(self, year):
        """The clock of the broker: it runs on from a day in that year."""
        wanted = datetime.datetime(year, 1, 2, tzinfo=datetime.timezone.utc).timestamp()
        self.offset.seek(0)
        self.offset.write(struct.pack("=q", round(wanted - time.time())))
        self.offset.flush()

    def start_with_clock(self, *options):
        broker = Broker(
            "--inverter", self.directory / "inverter", "--tcp", "127.0.0.1:0", *FAST, *options,
            environment={
                **ENVIRONMENT, "TZ": "UTC", "LD_PRELOAD": str(self.library), "CLOCK_OFFSET": self.offset.name})
        self.addCleanup(broker.stop)
        broker.wait_for_message("inverter is open")
        return broker

    def test_neither_clients_nor_waiting_times_nor_the_log_mind_it(self):
        broker = self.start_with_clock("--log", self.log_path, "--rtimeout", "0.3", "--retries", "0")
        years = [1970, 2026, 2001, 2037, 2300, 1902]
        with tcp_client(broker) as client:
            for number, year in enumerate(years):
                self.set_clock(year)
                for address in range(number * 10, number * 10 + 10):
                    reply = client.read_holding_registers(address, count=2)
                    self.assertEqual(reply.registers, self.unit.holding.block(address, 2))
                # A unit that is silent is waited for as long as ever.
                self.assertEqual(client.read_holding_registers(0, device_id=10 + number).exception_code, NO_ANSWER)
        replies = self.wait_for_entries(66, role="RSP")
        self.assertEqual(len(replies), 66)
        told = [datetime.datetime.fromisoformat(entry["ts"]).year for entry in replies]
        self.assertEqual(told, [year for year in years for _ in range(11)])
        for entry in replies:
            stamp = datetime.datetime.fromisoformat(entry["ts"] + "+00:00").timestamp()
            self.assertLess(abs(stamp - entry["t"]), 0.002)
            self.assertLess(entry["queue_ms"], 1000)
            if entry["outcome"] == "ok":
                self.assertLess(entry["rtt_ms"], 300)
