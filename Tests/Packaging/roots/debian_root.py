"""Clean Debian roots, made by mmdebstrap once and unpacked for each test; commands in them, and a systemd that runs."""

import os
import pathlib
import signal
import subprocess
import tempfile
import zlib

from building import ROOT, run
# Of the client tests, found by way of `building`.
import waiting

SUITES = os.environ.get("SUITES", "bookworm trixie").split()
ARCHIVES = pathlib.Path(os.environ.get("ROOTS") or ROOT / ".build-roots")
PACKAGES = "systemd,systemd-sysv,udev,dbus,init,mbpoll,iproute2,procps,logrotate,man-db,umockdev"
LIMIT = 20


def eventually(condition, what, limit=LIMIT):
    """As the client tests wait, but longer: a machine has to start."""
    return waiting.eventually(condition, what, limit)


class DebianRoot:
    """A directory with a fresh Debian; commands run in it by chroot, without systemd."""

    def __init__(self, suite):
        # Another list of packages is another archive.
        archive = ARCHIVES / f"{suite}-{zlib.crc32(PACKAGES.encode()):08x}.tar"
        if not archive.exists():
            ARCHIVES.mkdir(exist_ok=True)
            new = archive.with_suffix(".new.tar")
            run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", suite, new)
            new.rename(archive)
        self._directory = tempfile.TemporaryDirectory(prefix=f"{suite}-", dir="/var/tmp")
        self.path = pathlib.Path(self._directory.name) / "root"
        self.path.mkdir()
        run("tar", "--extract", "--file", archive, "--directory", self.path)

    def remove(self):
        self._directory.cleanup()

    def put(self, file):
        """Copies it to /root, and returns its name there."""
        run("cp", file, self.path / "root")
        return f"/root/{pathlib.Path(file).name}"

    def run(self, *command, expected=0):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        return run(*self.entering(), *command, expected=expected, env=environment)

    def entering(self):
        # With /proc, as whoever builds an image mounts it: Swift reads the arguments of a program there.
        proc = f"--mount-proc={self.path}/proc"
        return ("unshare", "--mount", "--pid", "--fork", "--kill-child", proc, "chroot", self.path)

    def traces(self):
        """All files, links and directories, and who is in passwd and group."""
        found = subprocess.run(
            ["find", "etc", "usr", "var", "run", "home", "root", "opt", "srv", "tmp", "-xdev"], cwd=self.path,
            capture_output=True, text=True, check=True)
        users = [f"{file}: {line.split(':')[0]}" for file in ("passwd", "group", "shadow", "gshadow")
                 for line in (self.path / "etc" / file).read_text().splitlines()]
        return {*found.stdout.splitlines(), *users}


class Machine(DebianRoot):
    """The same with its systemd running, in namespaces of its own."""

    def __init__(self, suite):
        super().__init__(suite)
        self._process = subprocess.Popen(
            [ROOT / "Tests/Packaging/boot-root", self.path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        self._init = eventually(self._find_init, "systemd runs", limit=30)
        eventually(lambda: "running" in self.run("systemctl", "is-system-running", expected=None), "it has started", 60)

    def _find_init(self):
        assert self._process.poll() is None, f"boot-root ended: {self._process.stdout.read().decode()}"
        listed = pathlib.Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        program = pathlib.Path(f"/proc/{listed[0]}/comm").read_text().strip() if listed else ""
        return listed[0] if program == "systemd" else None

    def entering(self):
        return ("nsenter", "--all", "--target", self._init)

    def remove(self):
        # Without its init nothing of it lives.
        os.kill(int(self._init), signal.SIGKILL)
        self._process.wait(30)
        self._process.stdout.close()
        hierarchy = run("findmnt", "--noheadings", "--first-only", "--types", "cgroup2", "--output", "TARGET").strip()
        run("find", f"{hierarchy}/boot-root.{self._process.pid}", "-type", "d", "-delete")
        super().remove()
