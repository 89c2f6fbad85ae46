"""The Home Assistant add-on: what the Supervisor reads of it."""

import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

import yaml

PROJECT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "Tests/Clients"), str(PROJECT / "Tests/Packaging")]

import addon_rules as rules  # noqa: E402
from broker import PROGRAM  # noqa: E402

REPOSITORY = PROJECT / "packaging/home-assistant"
ADDON = REPOSITORY / "growatt-broker"


def read(path):
    return yaml.safe_load(path.read_text())


def png_size(path):
    header = path.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n", path
    return struct.unpack(">II", header[16:24])


class ManifestTests(unittest.TestCase):
    def setUp(self):
        self.manifest = read(ADDON / "config.yaml")

    def test_repository_and_manifest_are_what_the_supervisor_accepts(self):
        self.assertEqual(rules.repository_errors(read(REPOSITORY / "repository.yaml")), [])
        self.assertEqual(rules.manifest_errors(self.manifest), [])

    def test_the_rules_find_what_the_supervisor_would_not_accept(self):
        for key, value in {
                "slug": "growatt broker", "arch": ["armv7"], "startup": "service", "watchdog": "tcp://host:5020",
                "ports": {"5020/sctp": 1}, "image": "growatt", "schema": {"a": "number"}, "map": ["addon_config:rw"],
                "advanced": True, "timeout": 5, "uart": "yes"}.items():
            self.assertEqual(len(rules.manifest_errors({**self.manifest, key: value})), 1, key)
        self.assertEqual(rules.manifest_errors({**self.manifest, "nmae": "x"}), ["nmae is no key, or a deprecated one"])
        del self.manifest["slug"]
        self.assertEqual(rules.manifest_errors(self.manifest), ["slug is missing"])

    def test_it_asks_for_no_more_than_serial_devices(self):
        for key in ("host_network", "full_access", "docker_api", "hassio_api", "homeassistant_api", "host_dbus", "usb", "privileged",
                    "services", "discovery", "auth_api"):
            self.assertFalse(self.manifest.get(key), key)
        self.assertEqual(self.manifest.get("hassio_role"), "default")
        self.assertTrue(self.manifest["uart"] and self.manifest["udev"] and self.manifest["apparmor"])

    def test_only_modbus_tcp_is_open_to_the_network_and_the_watchdog_looks_there(self):
        ports = self.manifest["ports"]
        self.assertEqual({port for port, host in ports.items() if host}, {"5020/tcp"})
        self.assertEqual(set(self.manifest["ports_description"]), set(ports))
        self.assertEqual(self.manifest["watchdog"], "tcp://[HOST]:[PORT:5020]")

    def test_nothing_promises_a_dashboard_that_is_not_there(self):
        self.assertFalse(self.manifest.get("ingress") or self.manifest.get("webui"))

    def test_its_version_is_the_programs(self):
        version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout.split()[0]
        self.assertEqual(self.manifest["version"], version)

    def test_options_have_defaults_that_the_schema_accepts_unless_they_are_optional(self):
        schema, options = self.manifest["schema"], self.manifest["options"]
        self.assertEqual(rules.options_errors(schema, options), [])
        self.assertEqual([name for name in options if rules.is_optional(schema[name])], [], "a default makes it mandatory")

    def test_writes_feed_and_wire_log_are_off_by_default(self):
        self.assertEqual([self.manifest["options"][name] for name in ("allow_writes", "wire_log", "sniff")], [False] * 3)

    def test_every_option_and_port_is_translated_in_every_language(self):
        translations = {path.stem: read(path) for path in (ADDON / "translations").iterdir()}
        self.assertLessEqual({"en", "de", "nl"}, set(translations))
        for language, translation in translations.items():
            self.assertEqual(rules.translation_errors(translation, self.manifest), [], language)

    def test_every_option_is_explained(self):
        documents = (ADDON / "DOCS.md").read_text()
        self.assertEqual([name for name in self.manifest["schema"] if f"`{name}`" not in documents], [])

    def test_the_changelog_begins_with_this_version(self):
        headings = [line for line in (ADDON / "CHANGELOG.md").read_text().splitlines() if line.startswith("## ")]
        self.assertEqual(headings[0], f"## {self.manifest['version']}")


class FolderTests(unittest.TestCase):
    def test_icon_and_logo_have_the_sizes_that_are_asked_for(self):
        self.assertEqual(png_size(ADDON / "icon.png"), (128, 128))
        self.assertEqual(png_size(ADDON / "logo.png"), (250, 100))

    def test_the_supervisor_finds_one_add_on_and_no_deprecated_build_file(self):
        self.assertEqual(list(REPOSITORY.glob("**/config.*")), [ADDON / "config.yaml"])
        self.assertEqual(list(ADDON.glob("build.*")), [])

    def test_the_apparmor_profile_is_one_and_named_as_the_add_on(self):
        lines = (ADDON / "apparmor.txt").read_text().splitlines()
        profiles = [line.split()[1] for line in lines if line.startswith("profile ")]
        self.assertEqual(profiles, [read(ADDON / "config.yaml")["slug"]])

    @unittest.skipUnless(shutil.which("apparmor_parser"), "apparmor_parser is not installed (Debian: apparmor)")
    def test_the_apparmor_profile_is_well_formed(self):
        done = subprocess.run(
            ["apparmor_parser", "-Q", "-K", ADDON / "apparmor.txt"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_the_scripts_please_shellcheck(self):
        done = subprocess.run(
            ["shellcheck", ADDON / "run", REPOSITORY / "assemble", REPOSITORY / "artwork/render"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_image_has_what_the_dockerfile_copies(self):
        copied = [line for line in (ADDON / "Dockerfile").read_text().splitlines() if line.startswith("COPY ")]
        names = [word for line in copied for word in line.split()[2:-1] if not word.startswith("bin/")]
        self.assertEqual(sorted(names), ["options.jq", "run"])
        self.assertTrue(all((ADDON / name).is_file() for name in names))


class AssembleTests(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="addon-test-")
        self.addCleanup(directory.cleanup)
        self.folder = pathlib.Path(directory.name) / "made"

    def assemble(self, *arguments, expected=0):
        done = subprocess.run([REPOSITORY / "assemble", *arguments], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, expected, done.stderr)
        return done.stderr

    def test_the_repository_has_its_root_its_version_and_its_owner_and_nothing_else(self):
        self.assemble("repository", self.folder, "2.3.4", "someone/fork")
        self.assertEqual({path.name for path in self.folder.iterdir()}, {"repository.yaml", "README.md", "growatt-broker"})
        manifest = read(self.folder / "growatt-broker/config.yaml")
        self.assertEqual(rules.manifest_errors(manifest), [])
        self.assertEqual(manifest["version"], "2.3.4")
        self.assertEqual(manifest["image"], "ghcr.io/someone/{arch}-addon-growatt-broker")
        self.assertEqual(manifest["url"], "https://github.com/someone/fork")
        self.assertEqual(read(self.folder / "repository.yaml")["url"], manifest["url"])
        self.assertNotIn("growatt-rtu-broker", (self.folder / "README.md").read_text())

    def test_a_local_add_on_is_built_on_the_machine_with_the_program_beside_it(self):
        self.assemble("local", self.folder, "aarch64", PROGRAM)
        manifest = read(self.folder / "config.yaml")
        self.assertEqual(rules.manifest_errors(manifest), [])
        self.assertNotIn("image", manifest)
        self.assertTrue((self.folder / "bin/aarch64/growatt-broker").stat().st_mode & 0o111)

    def test_what_is_wrong_is_told_with_what_is_allowed(self):
        self.assertIn("allowed: amd64, aarch64", self.assemble("image", self.folder, "armv7", PROGRAM, expected=2))
        self.assertIn("expected one such as 1.2.3", self.assemble("repository", self.folder, "latest", expected=2))
        self.folder.mkdir()
        self.assertIn("exists", self.assemble("repository", self.folder, "1.2.3", expected=2))


if __name__ == "__main__":
    unittest.main()
