"""name-adapters: what it writes for which adapter, with an udevadm that is made up."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from building import PACKAGING

TOOL = PACKAGING / "debian/name-adapters"
# Any character devices will do: what udev knows of them is said by the test.
FIRST, SECOND = "/dev/null", "/dev/zero"
UDEVADM = """\
#!/bin/sh
echo "$*" >>"$STATE/calls"
case "$*" in
    "info --query=property --name="*)
        file=$STATE/${3##*/}.device
        path=$(sed -n s/^ID_PATH=//p "$file")
        # Once the rules are read again the device has the names that they give it.
        names=$(sed -n 's/.*"'"$path"'".*SYMLINK+="\\([a-z-]*\\)".*/\\/dev\\/\\1/p' "$RULES" 2>/dev/null | tr '\\n' ' ')
        sed "s|^DEVLINKS=.*|& $names|" "$file"
        ;;
esac
"""
ID = '#!/bin/sh\necho "$USER_ID"\n'
MARKER = "# Made by growatt-broker's name-adapters; it is written anew each time.\n"


def rule(name, path, port=""):
    port = f'ATTRS{{port_number}}=="{port}", ' if port else ""
    return f'SUBSYSTEM=="tty", ENV{{ID_PATH}}=="{path}", {port}SYMLINK+="growatt-{name}", ENV{{ID_MM_PORT_IGNORE}}="1"\n'


class NameAdaptersTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="adapters-test-")
        self.addCleanup(directory.cleanup)
        self.state = pathlib.Path(directory.name)
        self.rules = self.state / "61-growatt-broker.rules"
        for name, text in (("udevadm", UDEVADM), ("id", ID)):
            (self.state / name).write_text(text)
            (self.state / name).chmod(0o755)

    def plug(self, device, path, port=""):
        link = f"/dev/serial/by-path/{path}{f'-port{port}' if port else ''}"
        text = f"ID_PATH={path}\nDEVLINKS=/dev/serial/by-id/usb-1a86 {link}\n" if path else "ID_BUS=usb\n"
        (self.state / f"{pathlib.Path(device).name}.device").write_text(text)

    def name(self, *arguments, expected=0, user=0):
        (self.state / "calls").write_text("")
        done = subprocess.run(
            [TOOL, *arguments], capture_output=True, text=True,
            env={"PATH": f"{self.state}:{os.environ['PATH']}", "STATE": str(self.state), "RULES": str(self.rules),
                 "USER_ID": str(user)})
        self.assertEqual(done.returncode, expected, done.stderr)
        self.assertEqual(done.stdout if expected else done.stderr, "")
        if expected:
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertTrue(done.stderr.startswith("name-adapters: "), done.stderr)
        return done.stderr if expected else done.stdout

    def refused(self, *arguments, saying, **options):
        """Nothing is written, and udev is left alone."""
        before = self.rules.read_text() if self.rules.exists() else None
        self.assertIn(saying, self.name(*arguments, expected=1, **options))
        self.assertEqual(self.rules.read_text() if self.rules.exists() else None, before)
        self.assertNotIn("trigger", (self.state / "calls").read_text())

    def test_both_are_named_by_their_sockets_and_udev_is_told(self):
        self.plug(FIRST, "platform-xhci-usb-0:1.1:1.0", "0")
        self.plug(SECOND, "platform-xhci-usb-0:1.2:1.0")
        told = self.name(f"inverter={FIRST}", f"shine={SECOND}")
        self.assertEqual(self.rules.read_text(), MARKER + rule("inverter", "platform-xhci-usb-0:1.1:1.0", "0")
                         + rule("shine", "platform-xhci-usb-0:1.2:1.0"))
        self.assertIn(f"/dev/growatt-inverter is {FIRST}, in the socket platform-xhci-usb-0:1.1:1.0.", told)
        self.assertIn(f"/dev/growatt-shine is {SECOND}, in the socket platform-xhci-usb-0:1.2:1.0.", told)
        calls = [line for line in (self.state / "calls").read_text().splitlines() if not line.startswith("info")]
        self.assertEqual(calls, ["control --reload", "trigger --action=change --subsystem-match=tty", "settle --timeout=10"])

    def test_named_again_the_file_is_written_anew(self):
        self.plug(FIRST, "usb-0:1.1:1.0")
        self.plug(SECOND, "usb-0:1.2:1.0")
        self.name(f"inverter={FIRST}", f"shine={SECOND}")
        self.name(f"inverter={SECOND}")
        self.assertEqual(self.rules.read_text(), MARKER + rule("inverter", "usb-0:1.2:1.0"))

    def test_of_an_adapter_with_two_ports_each_can_have_a_name(self):
        for paths, ports in ((("usb-0:1:1.0", "usb-0:1:1.1"), ("", "")), (("usb-0:1:1.0",) * 2, ("0", "1"))):
            with self.subTest(paths=paths):
                self.plug(FIRST, paths[0], ports[0])
                self.plug(SECOND, paths[1], ports[1])
                self.name(f"inverter={FIRST}", f"shine={SECOND}")
                self.assertEqual(self.rules.read_text(), MARKER + rule("inverter", paths[0], ports[0])
                                 + rule("shine", paths[1], ports[1]))

    def test_what_cannot_be_named_is_refused(self):
        self.plug(FIRST, "usb-0:1:1.0")
        self.plug(SECOND, None)
        self.refused("inverter=/dev/ttyUSB99", saying="/dev/ttyUSB99: no such device")
        self.refused("inverter=", saying="no such device")
        self.refused(f"inverter={SECOND}", saying=f"please write {SECOND} itself into config.yaml")
        self.refused(f"inverter={FIRST}", f"shine={FIRST}", saying="this is the adapter that has another name already")
        self.refused(f"inverter={FIRST}", f"inverter={FIRST}", saying="inverter= is there twice")
        self.refused(f"dongle={FIRST}", saying=f"dongle={FIRST}: unknown; expected inverter=DEVICE")
        self.refused(FIRST, saying="unknown")
        self.refused(f"inverter={FIRST}", user=1000, saying="only root")
        self.refused("--remove", user=1000, saying="only root")
        self.refused("--remove", "shine", saying="shine: nothing is expected after --remove")

    def test_rules_that_somebody_wrote_are_not_touched(self):
        self.plug(FIRST, "usb-0:1:1.0")
        self.rules.write_text(rule("inverter", "mine"))
        self.refused(f"inverter={FIRST}", saying="it is not from name-adapters")
        self.refused("--remove", saying="it is not from name-adapters")

    def test_removed_the_names_are_gone(self):
        self.plug(FIRST, "usb-0:1:1.0")
        self.name(f"inverter={FIRST}")
        self.name("--remove")
        self.assertFalse(self.rules.exists())
        self.assertIn("trigger", (self.state / "calls").read_text())
        self.name("--remove")

    def test_a_name_that_udev_did_not_give_is_told(self):
        self.plug(FIRST, "usb-0:1:1.0")
        udevadm = self.state / "udevadm"
        udevadm.write_text(udevadm.read_text().replace("& $names", "&"))
        self.assertIn(f"udev did not give it to {FIRST}", self.name(f"inverter={FIRST}", expected=1))

    def test_purge_knows_the_file_by_its_first_line(self):
        self.assertIn(MARKER.strip(), (PACKAGING / "debian/postrm").read_text())
        self.assertIn(MARKER.strip(), TOOL.read_text())


if __name__ == "__main__":
    unittest.main()
