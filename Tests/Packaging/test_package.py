"""What is in the Debian package, without installing it."""

import gzip
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from building import PACKAGING, PROGRAM, make_package, run


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="package-test-")
        cls.addClassCleanup(directory.cleanup)
        cls.package = make_package(directory.name)
        cls.root = pathlib.Path(directory.name) / "root"
        run("dpkg-deb", "--raw-extract", cls.package, cls.root)

    def page(self, name):
        return gzip.decompress((self.root / "usr/share/man" / name).read_bytes()).decode()

    def test_everything_belongs_to_root_and_nobody_else_may_write(self):
        for line in run("dpkg-deb", "--contents", self.package).splitlines():
            mode, owner = line.split()[:2]
            self.assertEqual(owner, "root/root", line)
            self.assertNotIn("w", mode[4:], line)

    def test_version_and_architecture_are_the_programs(self):
        version = run(PROGRAM, "--version").split()[0]
        self.assertEqual(run("dpkg-deb", "--field", self.package, "Version").strip(), f"{version}-1")
        self.assertEqual(
            run("dpkg-deb", "--field", self.package, "Architecture"), run("dpkg", "--print-architecture"))

    def test_the_same_program_makes_the_same_package(self):
        with tempfile.TemporaryDirectory() as other:
            self.assertEqual(make_package(other).read_bytes(), self.package.read_bytes())

    def test_configuration_is_a_conffile_that_only_this_machine_may_write_through(self):
        self.assertIn("/etc/growatt-broker/config.yaml\n", (self.root / "DEBIAN/conffiles").read_text())
        effective = run(PROGRAM, "check-config", self.root / "etc/growatt-broker/config.yaml")
        settings = re.sub(r" +#.*", "", effective)
        for expected in ("endpoint: /dev/growatt-inverter\n", "baud: 9600\n", "tcp: 0.0.0.0:5020\n",
                         "  writers: loopback\n", "file: none\n"):
            self.assertIn(expected, settings)
        self.assertNotIn("dongle", settings)
        self.assertNotIn("pty", settings)

    def test_the_commented_settings_are_right_too(self):
        """Whoever takes the # away must not get an error, neither for one nor for all."""
        lines = (self.root / "etc/growatt-broker/config.yaml").read_text().splitlines()
        setting = re.compile(r"( *)# ((?:- )?[a-z0-9.-]+:.*|  (?:endpoint|baud|group): .*)$")
        opened = [setting.sub(r"\1\2", line) for line in lines]
        self.assertGreater(sum(a != b for a, b in zip(lines, opened)), 8)
        self.checked("\n".join(opened) + "\n")

    def test_who_may_write_is_one_line_and_its_remark_has_what_to_write(self):
        text = (self.root / "etc/growatt-broker/config.yaml").read_text()
        self.assertEqual(text.count("writers:"), 1)
        line = re.search(r"^  writers: \[loopback\] # THE SWITCH: .*$", text, re.MULTILINE).group()
        for words, effective in re.findall(r"(\[(.+?)\])", line)[1:]:
            settings = self.checked(text.replace(line, f"  writers: {words}"))
            writers = re.search(r"^  writers:((?: \S+)?(?:\n    - \S+)*)$", settings, re.MULTILINE).group(1)
            self.assertEqual([word for word in writers.split() if word != "-"], effective.split(", "))

    def checked(self, text):
        """What is in effect with such a configuration."""
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            return re.sub(r" +#.*", "", run(PROGRAM, "check-config", file.name))

    def test_no_rule_of_the_package_names_an_adapter(self):
        """Which one is the inverter's is said by the user, with the tool that is there."""
        self.assertFalse((self.root / "usr/lib/udev").exists())
        self.assertFalse((self.root / "etc/udev").exists())
        tool = self.root / "usr/lib/growatt-broker/name-adapters"
        self.assertIn("inverter=/dev/ttyUSB0", run(tool, "--help"))

    def test_documents_and_examples_are_where_their_links_look(self):
        documents = self.root / "usr/share/doc/growatt-broker"
        for source in ("README.md", "docs", "examples"):
            for path in [PACKAGING.parent / source, *(PACKAGING.parent / source).rglob("*")]:
                if path.suffix in (".md", ".yaml"):
                    there = documents / path.relative_to(PACKAGING.parent)
                    self.assertEqual(there.read_text(), path.read_text(), there)

    def test_only_the_wire_log_is_rotated(self):
        text = (self.root / "etc/logrotate.d/growatt-broker").read_text()
        self.assertEqual(re.findall(r"^(\S.*) \{$", text, re.MULTILINE), ["/var/log/growatt-broker/wire.jsonl"])

    def test_manual_has_every_subcommand_and_every_flag(self):
        page = self.page("man1/growatt-broker.1.gz").replace("\\-", "-")
        command = json.loads(run(PROGRAM, "--experimental-dump-help"))["command"]
        for sub in command["subcommands"]:
            if sub["commandName"] != "help":
                self.assertIn(f".SS growatt-broker {sub['commandName']}\n", page)
            for argument in (command["arguments"] + sub["arguments"]) if sub["commandName"] != "help" else []:
                for name in argument.get("names", []) if argument["shouldDisplay"] else []:
                    if name["kind"] == "long":
                        self.assertIn(f"\\fB--{name['name']}\\fR", page)

    def test_manual_of_the_configuration_has_every_key_of_the_schema(self):
        page = self.page("man5/growatt-broker.yaml.5.gz").replace("\\-", "-")
        schema = json.loads(gzip.decompress(
            (self.root / "usr/share/doc/growatt-broker/growatt-broker.schema.json.gz").read_bytes()))
        for section, content in schema["properties"].items():
            self.assertIn(section, page)
            inner = content.get("items", content)
            for key in inner.get("properties", {}):
                self.assertIn(key, page, section)

    @unittest.skipUnless(shutil.which("man"), "man is not installed")
    def test_manuals_are_set_without_a_warning(self):
        for name in ("man1/growatt-broker.1.gz", "man5/growatt-broker.yaml.5.gz"):
            done = subprocess.run(
                ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", self.root / "usr/share/man" / name],
                capture_output=True, text=True, env={"MANWIDTH": "80", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
            self.assertEqual(done.stderr, "", name)

    def test_bash_completes_what_the_package_brings(self):
        script = self.root / "usr/share/bash-completion/completions/growatt-broker"
        asked = ('source "$0"; COMP_WORDS=(growatt-broker pa); COMP_CWORD=1; COMP_LINE="growatt-broker pa"; '
                 "COMP_POINT=17; _growatt-broker growatt-broker pa growatt-broker; echo \"${COMPREPLY[@]}\"")
        self.assertEqual(run("bash", "-c", asked, script).split(), ["passthrough"])

    def test_shells_have_their_completions(self):
        for name in ("zsh/vendor-completions/_growatt-broker", "fish/vendor_completions.d/growatt-broker.fish"):
            self.assertIn("passthrough", (self.root / "usr/share" / name).read_text())

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_unit_is_right_and_exposed_by_less_than_2_5(self):
        unit = self.root / "usr/lib/systemd/system/growatt-broker.service"
        told = run("systemd-analyze", "security", "--offline=true", "--threshold=24", "--no-pager", unit)
        self.assertRegex(told, r"Overall exposure level for growatt-broker.service: (1\.\d|2\.[0-4]) ")
        # It looks for the program and the manuals where they will be.
        copy = unit.with_name("copy.service")
        self.addCleanup(copy.unlink)
        documentation = re.compile("^Documentation=.*\n", re.MULTILINE)
        copy.write_text(documentation.sub("", unit.read_text()).replace("/usr/bin/growatt-broker", str(PROGRAM)))
        self.assertEqual(run("systemd-analyze", "verify", "--recursive-errors=no", copy), "")

    def test_socket_has_the_address_of_the_configuration_and_nobody_enables_it(self):
        unit = (self.root / "usr/lib/systemd/system/growatt-broker.socket").read_text()
        listening = re.findall(r"^ListenStream=(.*)$", unit, re.MULTILINE)
        configuration = (self.root / "etc/growatt-broker/config.yaml").read_text()
        self.assertEqual(re.findall(r"^  - tcp: (\S+)", configuration, re.MULTILINE), listening)
        for script in ("postinst", "prerm", "postrm"):
            text = (self.root / "DEBIAN" / script).read_text()
            self.assertIn("growatt-broker.socket", text)
            self.assertNotRegex(text, r"(enable|start) (\S+ )?growatt-broker\.socket")
        self.assertFalse((self.root / "etc/systemd").exists())

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_socket_is_right(self):
        service = self.root / "usr/lib/systemd/system/growatt-broker.service"
        documentation = re.compile("^Documentation=.*\n", re.MULTILINE)
        for suffix in (".service", ".socket"):
            text = service.with_suffix(suffix).read_text().replace("/usr/bin/growatt-broker", str(PROGRAM))
            copy = service.with_name(f"copy-of-broker{suffix}")
            self.addCleanup(copy.unlink)
            copy.write_text(documentation.sub("", text))
        self.assertEqual(
            run("systemd-analyze", "verify", "--recursive-errors=no", service.with_name("copy-of-broker.socket")), "")

    @unittest.skipUnless(shutil.which("lintian"), "lintian is not installed")
    @unittest.skipIf(b"libswiftCore.so" in PROGRAM.read_bytes(), "the program is none of `make release`")
    def test_lintian_has_nothing_to_say(self):
        # Not --display-info: Debian 12's has one remark, about other init systems, that Debian 13's does not know.
        self.assertEqual(
            run("lintian", "--allow-root", "--pedantic", "--fail-on=error,warning,pedantic", self.package), "")

    def test_a_program_that_is_not_there_is_told(self):
        told = run(PACKAGING.parent / "scripts/make-deb", "/nonexistent/growatt-broker", expected=1)
        self.assertEqual(told, "make-deb: /nonexistent/growatt-broker: not there; `make release` builds it\n")


if __name__ == "__main__":
    unittest.main()
