"""The service under a real systemd: what it serves, how it is restarted, what its restrictions leave it."""

import unittest

from debian_root import eventually
from service_case import CONFIGURATION, MACHINE, NEIGHBOUR, in_each_suite

IN_LAN = ("ip", "netns", "exec", "lan")


class Service:
    def test_it_is_ready_only_when_it_listens(self):
        for _ in range(5):
            self.command("bash", "-c", "systemctl restart growatt-broker && exec 3<>/dev/tcp/127.0.0.1/5020")
        self.assertIn("listening on", self.property("StatusText"))

    def test_mbpoll_reads_what_the_inverter_has(self):
        right = self.values(port=5999)
        self.assertEqual(len(right), 10)
        self.assertNotEqual({value for _, value in right}, {"0"})
        self.assertEqual(self.values(), right)
        self.assertEqual(self.values(*IN_LAN, host=MACHINE), right)

    def test_this_machine_writes_and_a_neighbour_does_not(self):
        self.write(21)
        self.assertEqual(self.holding_45(), 21)
        self.assertIn("Illegal function", self.write(22, *IN_LAN, host=MACHINE, expected=1))
        self.assertEqual(self.holding_45(), 21)
        self.assertIn(NEIGHBOUR, self.journal())

    def test_the_one_switch_opens_writes(self):
        self.replace("  writers: [loopback]", f"  writers: [loopback, {NEIGHBOUR}]")
        self.command("systemctl", "reload", "growatt-broker")
        self.write(23, *IN_LAN, host=MACHINE)
        self.assertEqual(self.holding_45(), 23)

    def test_killed_it_is_started_again(self):
        pid = self.pid()
        self.command("kill", "-KILL", str(pid))
        self.wait_for_another(pid, limit=10)
        self.assertEqual(len(self.values()), 10)

    def test_hung_it_is_started_again_by_the_watchdog(self):
        pid = self.pid()
        self.command("kill", "-STOP", str(pid))
        # 30 s of WatchdogSec, 5 s of TimeoutAbortSec, 2 s of RestartSec.
        self.wait_for_another(pid, limit=50)
        self.assertIn("Watchdog timeout", self.journal())
        self.assertEqual(len(self.values()), 10)

    def test_a_reload_changes_what_differs_and_keeps_the_process(self):
        pid = self.pid()
        self.replace("  # timeout: 5", "  timeout: 4")
        self.command("systemctl", "reload", "growatt-broker")
        self.assertEqual(self.pid(), pid)
        self.assertIn("timeout", self.journal())

    def test_a_reload_of_a_wrong_file_fails_and_everything_stays(self):
        pid = self.pid()
        self.replace("    baud: 9600", "    baud: fast")
        self.command("systemctl", "reload", "growatt-broker", expected=1)
        self.assertIn("baud", self.journal())
        self.assertEqual(self.pid(), pid)
        self.assertEqual(self.property("ActiveState"), "active")
        self.assertEqual(len(self.values()), 10)

    def test_a_wrong_configuration_is_not_tried_again(self):
        self.replace("    baud: 9600", "    baud: fast")
        self.command("systemctl", "restart", "growatt-broker", expected=1)
        self.assertEqual(self.property("ActiveState"), "failed")
        self.assertEqual(self.property("ExecMainStatus"), "2")

    def test_an_address_that_is_not_there_yet_is_waited_for(self):
        self.replace("  - tcp: 0.0.0.0:5020", "  - tcp: 10.42.0.1:5020")
        self.command("systemctl", "restart", "growatt-broker", expected=1)
        eventually(lambda: int(self.property("NRestarts")) >= 2, "it is tried again")
        self.addCleanup(self.command, "ip", "address", "delete", "10.42.0.1/32", "dev", "lo")
        self.command("ip", "address", "add", "10.42.0.1/32", "dev", "lo")
        eventually(lambda: self.property("ActiveState") == "active", "it listens")

    def test_a_virtual_port_belongs_to_the_group_that_is_named(self):
        self.replace("  # - pty: /run/growatt-broker/inverter1\n  #   group: dialout",
                     "  - pty: /run/growatt-broker/inverter1\n    group: dialout")
        self.command("systemctl", "reload", "growatt-broker")
        told = self.command("stat", "--dereference", "--format=%U:%G %a", "/run/growatt-broker/inverter1")
        self.assertEqual(told, "growatt-broker:dialout 660\n")
        asked = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--groups=dialout", "--inh-caps=-all")
        told = self.command(*asked, "mbpoll", "-q", "-m", "rtu", "-b", "9600", "-P", "none", "-o", "3", "-a", "1", "-0",
                        "-r", "3000", "-c", "2", "-t", "3", "-1", "/run/growatt-broker/inverter1")
        self.assertIn("[3000]:", told)

    def test_it_may_listen_at_ports_below_1024(self):
        self.replace("  - tcp: 0.0.0.0:5020", "  - tcp: 0.0.0.0:5020\n  - tcp: 0.0.0.0:502")
        self.command("systemctl", "reload", "growatt-broker")
        self.assertEqual(len(self.values(port=502)), 10)

    def test_logrotate_and_the_broker_agree_about_the_wire_log(self):
        self.replace("  # file: /var/log", "  file: /var/log")
        self.command("systemctl", "reload", "growatt-broker")
        directory = self.machine.path / "var/log/growatt-broker"
        (directory / "capture.jsonl").write_text("{}\n")
        self.values()
        eventually(lambda: (directory / "wire.jsonl").exists() and (directory / "wire.jsonl").stat().st_size, "a log")
        self.command("logrotate", "--force", "/etc/logrotate.d/growatt-broker")
        eventually(lambda: (directory / "wire.jsonl").exists(), "a new log")
        self.values()
        eventually(lambda: "3000" in (directory / "wire.jsonl").read_text(), "it is written")
        older = [path.name for path in directory.iterdir() if path.name.startswith("wire.jsonl-")]
        self.assertEqual(len(older), 1, older)
        self.assertEqual([path.name for path in directory.glob("capture*")], ["capture.jsonl"])
        self.assertEqual(self.command("stat", "--format=%U %a", "/var/log/growatt-broker").strip(), "growatt-broker 750")

    def test_serial_ports_are_allowed_and_other_devices_are_not(self):
        """By a service of the same restrictions; ENXIO and EIO: there is no such port, but it may be asked for."""
        allowed = ("DevicePolicy", "DeviceAllow")
        properties = [line for line in self.command("systemctl", "cat", "growatt-broker").splitlines()
                      if line.startswith(allowed)]
        self.command("mknod", "-m", "666", "/dev/ttyS99", "c", "4", "163")
        self.command("mknod", "-m", "666", "/dev/copied-kmsg", "c", "1", "11")
        self.addCleanup(self.command, "rm", "/dev/ttyS99", "/dev/copied-kmsg")
        for device, expected in (("/dev/ttyS99", False), ("/dev/copied-kmsg", True), ("/dev/ptmx", False)):
            told = self.command("systemd-run", "--quiet", "--pipe", "--wait", *(f"--property={p}" for p in properties),
                            "sh", "-c", f"exec 3<>{device}", expected=None)
            self.assertEqual("not permitted" in told, expected, f"{device}: {told}")

    def test_messages_have_priorities_and_no_second_time(self):
        lines = self.journal().splitlines()
        self.assertTrue(any(line.startswith("configuration " + CONFIGURATION) for line in lines), lines)
        self.assertEqual([line for line in lines if line.startswith("<")], [])


globals().update(in_each_suite(Service))


if __name__ == "__main__":
    unittest.main()
