"""Upgrade, remove and purge while the service runs under a real systemd."""

import unittest

from service_case import CONFIGURATION, in_each_suite


class Life:
    def test_an_upgrade_leaves_the_old_one_running_while_the_configuration_is_wrong(self):
        pid = self.pid()
        self.replace("    baud: 9600", "    baud: fast")
        told = self.command("dpkg", "--install", self.machine.put(self.packages[1]))
        self.assertIn("baud", told)
        self.assertIn("not restarted: the old one keeps running", told)
        self.assertEqual(self.pid(), pid)
        self.assertEqual(len(self.values()), 10)
        self.assertEqual(self.command("dpkg", "--audit"), "")

    def test_from_upgrade_to_purge(self):
        """One after another, as a user does."""
        mine = (self.machine.path / CONFIGURATION[1:]).read_text().replace("  # timeout: 5", "  timeout: 4")
        (self.machine.path / CONFIGURATION[1:]).write_text(mine)
        pid = self.pid()

        self.command("dpkg", "--install", self.machine.put(self.packages[1]))
        self.assertEqual((self.machine.path / CONFIGURATION[1:]).read_text(), mine)
        self.wait_for_another(pid, limit=5)
        self.assertEqual(self.values(), self.values(port=5999))

        pid = self.pid()
        self.command("dpkg", "--install", self.machine.put(self.packages[0]))
        self.wait_for_another(pid, limit=5)

        # Removed and installed again it runs again, with the same configuration.
        self.command("dpkg", "--remove", "growatt-broker")
        self.assertEqual(self.property("MainPID"), "0")
        self.command("dpkg", "--install", self.machine.put(self.packages[1]))
        self.wait_for_another(0, limit=5)
        self.assertEqual((self.machine.path / CONFIGURATION[1:]).read_text(), mine)

        self.command("dpkg", "--remove", "growatt-broker")
        self.assertEqual(self.property("MainPID"), "0")
        self.command("systemctl", "stop", "inverter")
        self.command("dpkg", "--purge", "growatt-broker")
        for place in ("/etc/growatt-broker", "/var/lib/growatt-broker", "/var/log/growatt-broker", "/run/growatt-broker",
                      "/etc/logrotate.d/growatt-broker", "/usr/bin/growatt-broker"):
            self.command("test", "!", "-e", place)
        self.command("getent", "passwd", "growatt-broker", expected=2)
        self.command("getent", "group", "growatt-broker", expected=2)
        self.assertNotIn("growatt", self.command("systemctl", "list-unit-files", "--no-pager"))
        self.assertNotIn("growatt", self.command("systemctl", "list-units", "--all", "--no-pager", "growatt-broker*"))


globals().update(in_each_suite(Life))


if __name__ == "__main__":
    unittest.main()
