"""A listener whose host is a name that takes long to be looked up."""

import concurrent.futures
import pathlib
import subprocess

from broker import CLEAN_ENVIRONMENT, Broker
from configured import free_port
from test_listener_reload import ListenerReloadTestCase


class SlowNameTests(ListenerReloadTestCase):
    KINDS = ("tcp", "rtu-tcp", "udp", "rtu-udp", "tls", "sniff")

    def test_a_name_server_that_is_slow_holds_nobody_up(self):
        library, gate = self.directory / "names.so", self.directory / "answered"
        source = pathlib.Path(__file__).with_name("slow_names.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        lines, staying = [self.line()], self.those_that_stay()
        self.configure(lines, staying)
        broker = Broker(
            "--config", self.file,
            environment={**CLEAN_ENVIRONMENT, "LD_PRELOAD": str(library), "NAMES_WAIT_FOR": str(gate)})
        self.addCleanup(broker.stop)
        broker.wait_for_message("/inverter is open")
        with self.load() as load, concurrent.futures.ThreadPoolExecutor() as threads:
            for kind in self.KINDS:
                with self.subTest(kind):
                    new = self.listener(kind, free_port())
                    new[kind] = new[kind].replace("127.0.0.1", "localhost")
                    reload = threads.submit(self.reload, lines, [*staying, new])
                    load.wait_for_answers(more=20)
                    self.assertFalse(reload.done())
                    gate.touch()
                    self.assertIn(f"+{kind if kind != 'tcp' else 'localhost'}", reload.result())
                    gate.unlink()
