"""Install, upgrade, remove and purge in clean Debian roots in which no systemd runs, as when an image is built."""

import pathlib
import tempfile
import unittest

from building import make_package, with_another_default
from debian_root import SUITES, DebianRoot

MARKER = "# Made by growatt-broker's name-adapters; it is written anew each time."
CONFIGURATION = "etc/growatt-broker/config.yaml"
# What dpkg, man-db and systemd keep for every package, or keep up to date.
OTHERS = ("var/lib/dpkg", "var/log/dpkg.log", "var/cache/man", "var/log/alternatives.log", "var/cache/debconf", "root",
          "etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-", "etc/.pwd.lock", "tmp")


class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="install-test-")
        cls.addClassCleanup(directory.cleanup)
        cls.first = make_package(directory.name)
        cls.second = make_package(directory.name, revision=2)
        cls.third = with_another_default(cls.first, directory.name)

    def root(self, suite):
        root = DebianRoot(suite)
        self.addCleanup(root.remove)
        return root

    def install(self, root, package):
        return root.run("dpkg", "--install", "--force-confdef", "--force-confold", root.put(package))

    def own(self, traces):
        return {t for t in traces if not t.startswith(OTHERS)}

    def test_install_makes_the_user_and_enables_the_service(self):
        for suite in SUITES:
            with self.subTest(suite=suite):
                root = self.root(suite)
                self.install(root, self.first)
                self.assertRegex(root.run("id", "growatt-broker"), r"groups=.*\(growatt-broker\).*\(dialout\)")
                link = root.path / "etc/systemd/system/multi-user.target.wants/growatt-broker.service"
                self.assertTrue(link.is_symlink())
                self.assertIn("endpoint: /dev/growatt-inverter", root.run("growatt-broker", "check-config", f"/{CONFIGURATION}"))
                self.assertIn("growatt-broker", root.run("man", "--path", "growatt-broker.yaml"))
                self.assertEqual(root.run("dpkg", "--verify", "growatt-broker"), "")
                self.assertEqual(root.run("dpkg", "--audit"), "")

    def test_upgrades_and_going_back_keep_a_configuration_that_was_changed(self):
        for suite in SUITES:
            with self.subTest(suite=suite):
                root = self.root(suite)
                self.install(root, self.first)
                file = root.path / CONFIGURATION
                mine = file.read_text().replace("baud: 9600", "baud: 115200")
                file.write_text(mine)
                beside = pathlib.Path(f"{file}.dpkg-dist")
                for package in (self.second, self.third, self.first):
                    self.install(root, package)
                    self.assertEqual(file.read_text(), mine, package.name)
                    # Where the maintainers' own is another than before it is put beside, to compare.
                    if package == self.third:
                        self.assertIn("A new remark", beside.read_text())
                    self.assertEqual(beside.exists(), package != self.second)

    def test_a_service_that_was_disabled_stays_so_over_an_upgrade(self):
        for suite in SUITES:
            with self.subTest(suite=suite):
                root = self.root(suite)
                self.install(root, self.first)
                root.run("systemctl", "disable", "growatt-broker")
                self.install(root, self.second)
                self.assertEqual(root.run("systemctl", "is-enabled", "growatt-broker", expected=1).strip(), "disabled")

    def test_remove_keeps_configuration_and_data_and_purge_nothing(self):
        for suite in SUITES:
            with self.subTest(suite=suite):
                root = self.root(suite)
                before = self.own(root.traces())
                self.install(root, self.first)
                self.install(root, self.second)
                (root.path / "etc/growatt-broker/config.yaml.mine").write_text("mine\n")
                for directory in ("var/lib/growatt-broker", "var/log/growatt-broker", "run/growatt-broker"):
                    (root.path / directory).mkdir()
                    (root.path / directory / "wire.jsonl").write_text("{}\n")
                rules = root.path / "etc/udev/rules.d/61-growatt-broker.rules"
                rules.write_text(f"{MARKER}\n")
                root.run("dpkg", "--remove", "growatt-broker")
                self.assertTrue((root.path / CONFIGURATION).exists())
                self.assertTrue(rules.exists())
                self.assertTrue((root.path / "var/log/growatt-broker/wire.jsonl").exists())
                self.assertFalse((root.path / "usr/bin/growatt-broker").exists())
                root.run("dpkg", "--purge", "growatt-broker")
                self.assertEqual(self.own(root.traces()) ^ before, set())

    def test_purge_keeps_a_user_and_rules_that_were_there_before(self):
        for suite in SUITES:
            with self.subTest(suite=suite):
                root = self.root(suite)
                root.run("useradd", "--system", "--user-group", "--home-dir", "/srv/mine", "--shell", "/bin/sh", "growatt-broker")
                rules = root.path / "etc/udev/rules.d/61-growatt-broker.rules"
                rules.write_text('SUBSYSTEM=="tty", ENV{ID_PATH}=="mine", SYMLINK+="growatt-inverter"\n')
                self.install(root, self.first)
                root.run("dpkg", "--purge", "growatt-broker")
                self.assertIn("/srv/mine:/bin/sh", root.run("getent", "passwd", "growatt-broker"))
                root.run("getent", "group", "growatt-broker")
                self.assertTrue(rules.exists())


if __name__ == "__main__":
    unittest.main()
