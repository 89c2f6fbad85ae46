"""Where the control socket of a running broker is looked for, and what else may stand there."""

import contextlib
import os
import signal
import socket
import subprocess

from broker import CLEAN_ENVIRONMENT, PROGRAM, Broker, BrokerTestCase
from clients import tcp_client
from test_control import ControlTestCase


class PlaceTests(ControlTestCase):
    """Where the socket is looked for, if nobody says it."""

    def ask(self, expected=0):
        session = {"XDG_RUNTIME_DIR": str(self.directory)}
        done = subprocess.run(
            [PROGRAM, "status"], capture_output=True, text=True, env={**CLEAN_ENVIRONMENT, **session}, timeout=20)
        self.assertEqual(done.returncode, expected, done.stderr)
        return done.stderr

    def test_a_broker_is_asked_while_its_file_is_wrong_or_says_another_place_already(self):
        self.configure()
        self.start()
        for change in ("nonsense: 1\n", "}{", None):
            with self.subTest(change):
                if change:
                    with self.file.open("a") as file:
                        file.write(change)
                else:
                    self.file.unlink()
                done = subprocess.run(
                    [PROGRAM, "status"], capture_output=True, text=True, timeout=20,
                    env={**CLEAN_ENVIRONMENT, "GROWATT_BROKER_CONFIG": str(self.file),
                         "GROWATT_BROKER_CONTROL": str(self.socket)})
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_file_that_says_another_place_already_does_not_hide_the_usual_one(self):
        self.configure()
        runtime = {**CLEAN_ENVIRONMENT, "XDG_RUNTIME_DIR": str(self.directory)}
        broker = Broker("--config", self.file, "--control", "auto", environment=runtime)
        self.addCleanup(broker.stop)
        broker.wait_for_message("listening on")
        done = subprocess.run(
            [PROGRAM, "status"], capture_output=True, text=True, timeout=20,
            env={**runtime, "GROWATT_BROKER_CONFIG": str(self.file)})
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_socket_of_the_session_is_found(self):
        self.configure()
        broker = Broker(
            "--config", self.file, "--control", "auto",
            environment={**CLEAN_ENVIRONMENT, "XDG_RUNTIME_DIR": str(self.directory)})
        self.addCleanup(broker.stop)
        broker.wait_for_message("listening on")
        self.ask()

    def test_then_that_of_the_system_which_is_named_if_none_is_there(self):
        (self.directory / "growatt-broker").mkdir()
        for is_stale in (False, True):
            with self.subTest(is_stale=is_stale):
                if is_stale:
                    with socket.socket(socket.AF_UNIX) as dead:
                        dead.bind(str(self.directory / "growatt-broker" / "control"))
                self.assertIn(" or /run/growatt-broker/control: ", self.ask(expected=1))


class TakenPathTests(BrokerTestCase):
    def refused(self, path, status=2):
        broker = Broker(
            "run", "--mode", "dataset", "--dataset", "sph-6000", "--tcp", "127.0.0.1:0", "--control", path,
            environment=CLEAN_ENVIRONMENT)
        broker.exit_status(expected=status)
        return broker.messages[-1]

    def test_what_is_no_socket_is_told_and_left_alone(self):
        file, folder, link = (self.directory / name for name in ("file", "folder", "link"))
        file.write_text("mine")
        folder.mkdir()
        link.symlink_to(file)
        pipe = self.directory / "pipe"
        os.mkfifo(pipe)
        for path, kind in ((file, "a file"), (folder, "a directory"), (link, "a symbolic link"), (pipe, "a device or a pipe")):
            with self.subTest(kind):
                self.assertIn(
                    f"--control: {path}: {kind} is there, and no socket; choose another path", self.refused(path))
        self.assertEqual(file.read_text(), "mine")
        self.assertTrue(folder.is_dir() and link.is_symlink() and pipe.is_fifo())

    def test_a_path_below_a_file_is_no_place_of_a_broker(self):
        file = self.directory / "file"
        file.write_text("")
        self.assertIn("Not a directory", self.refused(file / "control"))

    def test_who_listens_there_is_named(self):
        path = self.directory / "taken"
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(path))
            other.listen()
            self.assertIn(f"another broker is there: pid {os.getpid()} (", self.refused(path, status=1))
        self.assertTrue(path.is_socket())

    def test_who_asks_there_is_told_what_it_is(self):
        file = self.directory / "file"
        file.write_text("mine")
        for path, kind in ((file, "a file"), (self.directory, "a directory")):
            done = subprocess.run(
                [PROGRAM, "status", "--control", path], capture_output=True, text=True, env=CLEAN_ENVIRONMENT, timeout=20)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr, f"growatt-broker: cannot connect to {path}: {kind} is there, and no socket\n")


class FullBacklogTests(ControlTestCase):
    """At the socket somebody listens who takes no connections, and as many wait as the system keeps."""

    def fill(self):
        path = str(self.directory / "full")
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(path)
        listener.listen(0)
        while True:
            waiting = stack.enter_context(socket.socket(socket.AF_UNIX))
            waiting.setblocking(False)
            try:
                waiting.connect(path)
            except BlockingIOError:
                return path

    def test_a_reload_that_moves_there_is_refused_and_keeps_nobody_waiting(self):
        self.configure()
        broker = self.start()
        (old, self.socket) = (self.socket, self.fill())
        self.configure()
        os.kill(broker.process.pid, signal.SIGHUP)
        self.assertIn("another broker is there", broker.wait_for_message("not reloaded"))
        with tcp_client(broker) as client:
            self.assertFalse(client.read_holding_registers(0).isError())
        self.socket = old
        self.assertEqual(self.status()["lines"][0]["state"], "open")

    def test_a_broker_that_is_to_listen_there_does_not_start(self):
        self.socket = self.fill()
        self.configure()
        broker = Broker("--config", self.file, environment=CLEAN_ENVIRONMENT)
        broker.exit_status(expected=1)
        self.assertIn("another broker is there", broker.messages[-1])

    def test_who_asks_there_is_told_that_it_hangs(self):
        self.socket = self.fill()
        error = self.run_command("status", expected=1)
        self.assertIn(f"the broker at {self.socket} has not answered within 5 s", error)
        self.assertEqual(error.count("\n"), 1)

    def test_the_usual_place_where_a_broker_hangs_is_not_passed_over(self):
        self.fill()
        (self.directory / "growatt-broker").mkdir()
        (self.directory / "full").rename(self.directory / "growatt-broker" / "control")
        done = subprocess.run(
            [PROGRAM, "status"], capture_output=True, text=True, timeout=20,
            env={**CLEAN_ENVIRONMENT, "XDG_RUNTIME_DIR": str(self.directory)})
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.directory}/growatt-broker/control has not answered", done.stderr)
