"""What a release is made of: its text, its version, its list of parts, and the workflow that makes it."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

SOURCES = pathlib.Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((SOURCES / ".github" / "workflows").glob("*.yml"))
PINS = {
    "version": 3, "pins": [
        {"identity": "swift-nio", "location": "https://github.com/apple/swift-nio.git",
         "state": {"revision": "3398e4a", "version": "2.101.2"}}]}
CHANGES = """# Changes

## Unreleased

- Not yet.

## 1.2.0 (2026-01-31)

- The text of 1.2.0.

### Fixed

- A thing.

## 1.2

- Another one.

## 1.1.0
"""


def script(name, *arguments, expected=0, **variables):
    done = subprocess.run(
        [SOURCES / "scripts" / name, *arguments], capture_output=True, text=True, timeout=30,
        env={"PATH": os.environ["PATH"], **{key: str(value) for key, value in variables.items()}})
    assert done.returncode == expected, f"{name}: {done.returncode}, {done.stdout}{done.stderr}"
    return done.stdout if expected == 0 else done.stderr


class ReleaseTestCase(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)


class ChangelogTests(ReleaseTestCase):
    def section(self, version, expected=0):
        file = self.directory / "CHANGELOG.md"
        file.write_text(CHANGES)
        return script("changelog-section", version, expected=expected, CHANGELOG=file)

    def test_a_versions_section_is_printed_without_its_heading(self):
        self.assertEqual(self.section("1.2.0"), "- The text of 1.2.0.\n\n### Fixed\n\n- A thing.\n")
        self.assertEqual(self.section("1.2"), "- Another one.\n")

    def test_a_version_without_a_section_or_without_text_is_refused(self):
        for version in ("1.3.0", "1.1.0", "1x2"):
            self.assertIn(f"no text for '{version}'", self.section(version, expected=1))


class VersionTests(unittest.TestCase):
    def test_the_version_of_the_sources_is_the_programs(self):
        program = os.environ.get("BROKER", "growatt-broker")
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[0]
        self.assertEqual(script("version").strip(), told)

    def test_a_tag_has_to_be_the_version(self):
        version = script("version").strip()
        script("check-tag", f"v{version}")
        for tag in (version, f"v{version}1", "v"):
            self.assertIn(f"expected v{version}", script("check-tag", tag, expected=1))


class PartsTests(ReleaseTestCase):
    def make(self, expected=0):
        archives = self.directory / "archives"
        archives.mkdir(exist_ok=True)
        return script(
            "sbom", expected=expected, RESOLVED=self.directory / "resolved", ARCHIVES=archives,
            OUTPUT=self.directory / "sbom.json", SWIFT=self.directory / "swift", SOURCE_DATE_EPOCH=1769817600)

    def test_every_package_that_is_linked_is_a_component(self):
        (self.directory / "resolved").write_text(json.dumps(PINS))
        (self.directory / "swift").write_text("#!/bin/sh\necho Swift version 6.2.3\n")
        (self.directory / "swift").chmod(0o755)
        (self.directory / "archives").mkdir()
        # A file that is a package's on every Debian; a release has libyaml.a and others.
        (self.directory / "archives" / "lib.a").symlink_to("/usr/bin/dpkg")
        self.make()
        document = json.loads((self.directory / "sbom.json").read_text())
        self.assertEqual((document["bomFormat"], document["specVersion"]), ("CycloneDX", "1.5"))
        self.assertRegex(document["serialNumber"], r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        self.assertEqual(document["metadata"]["timestamp"], "2026-01-31T00:00:00Z")
        self.assertEqual(document["metadata"]["component"]["version"], script("version").strip())
        components = {component["name"]: component for component in document["components"]}
        self.assertEqual(set(components), {"swift", "swift-nio", "dpkg"})
        self.assertEqual(components["swift-nio"]["purl"], "pkg:swift/github.com/apple/swift-nio@2.101.2")
        self.assertTrue(components["dpkg"]["purl"].startswith("pkg:deb/debian/dpkg@"))
        references = {component["bom-ref"] for component in document["components"]}
        self.assertEqual(set(document["dependencies"][0]["dependsOn"]), references)
        for component in document["components"]:
            self.assertTrue(component["type"] and component["version"], component)

    def test_without_a_release_it_says_what_to_do(self):
        self.assertIn("make release", self.make(expected=1))


class WorkflowTests(unittest.TestCase):
    def steps(self):
        for file in WORKFLOWS:
            for name, job in yaml.safe_load(file.read_text())["jobs"].items():
                for step in job["steps"]:
                    yield f"{file.name}, {name}", step

    def test_actions_are_pinned_to_a_commit(self):
        used = [(where, step["uses"]) for where, step in self.steps() if "uses" in step]
        self.assertTrue(used)
        for where, action in used:
            self.assertRegex(action, r"^[\w.-]+/[\w.-]+@[0-9a-f]{40}$", where)

    def test_nothing_may_be_written_but_by_the_jobs_that_publish(self):
        for file in WORKFLOWS:
            workflow = yaml.safe_load(file.read_text())
            self.assertIn(workflow["permissions"], ({}, {"contents": "read"}), file.name)
            for name, job in workflow["jobs"].items():
                writes = {key for key, value in job.get("permissions", {}).items() if value == "write"}
                allowed = {"image": {"packages"}, "publish": {"packages", "contents"}, "addon": {"contents"}}.get(name, set())
                self.assertLessEqual(writes, allowed, f"{file.name}, {name}")

    def test_commands_are_the_projects_own(self):
        makefile = (SOURCES / "Makefile").read_text()
        targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
        text = "\n".join(step["run"] for _, step in self.steps() if "run" in step)
        self.assertLessEqual(set(re.findall(r"^make ([a-z-]+)$", text, re.MULTILINE)), targets)
        for command in set(re.findall(r"(?:scripts|\.ci)/[a-z-]+", text)):
            self.assertTrue(os.access(SOURCES / command, os.X_OK), command)

    def test_latest_is_the_release_and_the_add_on_is_offered_last(self):
        jobs = yaml.safe_load((SOURCES / ".github/workflows/release.yml").read_text())["jobs"]
        publish, addon = ([step.get("run", "") for step in jobs[name]["steps"]] for name in ("publish", "addon"))

        def only(steps, command):
            place, = [place for place, text in enumerate(steps) if command in text]
            return place
        self.assertLess(only(publish, "gh release create"), only(publish, ":latest"))
        self.assertLess(only(addon, "docker manifest inspect"), only(addon, "push --force"))
        self.assertEqual(jobs["addon"]["needs"], "publish")
        self.assertNotIn("packages", jobs["addon"]["permissions"])
        self.assertNotIn("docker login", "".join(addon))

    def test_an_add_on_whose_images_are_private_is_not_offered(self):
        steps = yaml.safe_load((SOURCES / ".github/workflows/release.yml").read_text())["jobs"]["addon"]["steps"]
        text, = [step["run"] for step in steps if "docker manifest inspect" in step.get("run", "")]
        with tempfile.TemporaryDirectory() as directory:
            docker = pathlib.Path(directory) / "docker"
            asked = pathlib.Path(directory) / "asked"
            for private in ("none", "amd64-", "aarch64-"):
                asked.unlink(missing_ok=True)
                docker.write_text(f"#!/bin/sh\necho \"$@\" >>{asked}\ncase $* in manifest*{private}*) exit 1 ;; esac\n")
                docker.chmod(0o755)
                done = subprocess.run(
                    ["bash", "-eo", "pipefail", "-c", text], capture_output=True, text=True, timeout=30,
                    env={"PATH": f"{directory}:{os.environ['PATH']}", "GITHUB_REPOSITORY_OWNER": "Some-One", "GITHUB_REF_NAME": "v1.2.0"})
                self.assertEqual(done.returncode, 0 if private == "none" else 1, done.stderr)
                self.assertEqual("make the package public" in done.stdout, private != "none", done.stdout)
                self.assertEqual(asked.read_text().splitlines()[:2], [
                    "logout ghcr.io", "manifest inspect ghcr.io/some-one/amd64-addon-growatt-broker:1.2.0"])

    def test_no_value_of_github_is_put_into_a_command(self):
        for where, step in self.steps():
            self.assertNotIn("${{", step.get("run", ""), where)


if __name__ == "__main__":
    unittest.main()
