"""A container of the image, started with what the compose file asks for, in a network namespace of the test's own."""

import os
import shutil
import subprocess
import unittest

import compose

ADDRESS = "192.0.2.1"


def require_tools():
    missing = [tool for tool in ("podman", "runc", "ip", "mbpoll") if not shutil.which(tool)]
    if not os.environ.get("IMAGE"):
        raise unittest.SkipTest("no image is named by IMAGE: `make test-image` builds one and runs this")
    if missing or os.geteuid() != 0:
        raise unittest.SkipTest(f"missing for this test: {', '.join(missing) or 'root'}")


def run(*command, expected=0, **options):
    done = subprocess.run(
        [*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, **options)
    assert expected is None or done.returncode == expected, f"{' '.join(map(str, command))}: {done.returncode}, {done.stdout}"
    return done.stdout


class Network:
    """A namespace with the loopback addresses, and with one more as a host on a network has."""

    def __init__(self, name):
        self.name = name
        run("ip", "netns", "add", name)
        run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "-n", name, "address", "add", f"{ADDRESS}/32", "dev", "lo")

    def mbpoll(self, host, *arguments, write=()):
        """Exit status, and what it printed."""
        done = subprocess.run(
            ["ip", "netns", "exec", self.name, "mbpoll", "-m", "tcp", "-p", "5020", "-a", "1", "-0", "-1", "-o", "3",
             *map(str, arguments), host, *map(str, write)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
        return done.returncode, done.stdout

    def close(self):
        run("ip", "netns", "delete", self.name)


class Container:
    def __init__(self, network, settings, volumes=()):
        self.name = network.name
        service = compose.service(settings)
        options = ["--cap-drop", *service["cap_drop"], "--security-opt", "no-new-privileges"]
        options += ["--read-only", "--read-only-tmpfs=false"] if service["read_only"] else []
        for flag, values in (
                ("--tmpfs", service["tmpfs"]), ("--group-add", service["group_add"]),
                ("--device-cgroup-rule", service["device_cgroup_rules"]), ("--volume", volumes),
                ("--env", [f"{name}={value}" for name, value in service["environment"].items()])):
            options += [part for value in values for part in (flag, value)]
        # Podman asks for more than a machine may have to give.
        limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
        self.health_check = service["healthcheck"]["test"][1:]
        self._options = [f"ns:/run/netns/{network.name}", *limits, *options]

    def start(self):
        # Health is asked for by the test: Podman would want systemd's timers.
        run("podman", "--runtime", "runc", "run", "--detach", "--name", self.name, "--no-healthcheck", "--network",
            *self._options, os.environ["IMAGE"])

    def execute(self, *command, expected=0):
        return run("podman", "--runtime", "runc", "exec", self.name, *command, expected=expected)

    def is_healthy(self):
        done = subprocess.run(
            ["podman", "--runtime", "runc", "exec", self.name, *self.health_check], capture_output=True, timeout=20)
        return done.returncode == 0

    def messages(self):
        return run("podman", "logs", self.name)

    def stop(self):
        """SIGTERM, ten seconds, SIGKILL; what it ended with."""
        run("podman", "--runtime", "runc", "stop", "--time", 10, self.name)
        return int(run("podman", "inspect", "--format", "{{.State.ExitCode}}", self.name))

    def remove(self):
        run("podman", "--runtime", "runc", "rm", "--force", "--volumes", "--ignore", self.name)
