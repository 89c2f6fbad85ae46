"""README and docs: every link leads somewhere, and every command line of the program has flags that it knows."""

import json
import re
import shlex
import subprocess
import unittest

import paths

from broker import PROGRAM

PAGES = [paths.ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")] + sorted(
    path for folder in ("docs", "packaging") for path in (paths.ROOT / folder).rglob("*.md"))
FENCE = re.compile(r"^(?: |\d\.)*```.*?^ *```", re.DOTALL | re.MULTILINE)


def anchors(page):
    """Those that GitHub gives to headings."""
    names = []
    for heading in re.findall(r"^#+ +(.*?) *$", FENCE.sub("", page.read_text()), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        names.append(f"{name}-{names.count(name)}" if name in names else name)
    return names


def links(page):
    text = re.sub(r"`[^`\n]*`", "", FENCE.sub("", page.read_text()))
    return [link for link in re.findall(r"\]\(\s*([^)\s]+)\s*\)", text) if not re.match(r"[a-z]+:", link)]


def command_lines(page):
    """(subcommand or "", flags) of what a page shows in code blocks and in code."""
    text = page.read_text()
    shown = [line for block in FENCE.findall(text) for line in re.sub(r"\\\n *", "", block).splitlines()]
    shown += re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    for line in shown:
        match = re.search(r"(?:^|[ (/])(?<!adduser )growatt-broker ([^|;)<>`]*)", re.sub(r"\s#.*", "", line))
        if not match or re.match(r"\s*growatt-broker(: |\s+add-on)", line):
            continue
        try:
            words = shlex.split(match.group(1))
        except ValueError:
            continue
        flags = [word.split("=")[0] for word in words if re.match(r"--[a-z]", word)]
        yield line, words[0] if words and re.fullmatch(r"[a-z-]+", words[0]) and not words[0].startswith("-") else "", flags


class LinkTests(unittest.TestCase):
    def test_every_link_leads_to_a_file_and_to_a_heading(self):
        checked = 0
        for page in PAGES:
            for link in links(page):
                path, _, anchor = link.partition("#")
                target = (page.parent / path).resolve() if path else page
                with self.subTest(page=str(page.relative_to(paths.ROOT)), link=link):
                    self.assertTrue(target.exists(), "no such file")
                    if anchor and target.suffix == ".md":
                        self.assertIn(anchor, anchors(target))
                checked += 1
        self.assertGreater(checked, 200)

    def test_the_index_has_every_page(self):
        index = {(paths.ROOT / "docs" / link.partition("#")[0]).resolve() for link in links(paths.ROOT / "docs/README.md")}
        for page in (paths.ROOT / "docs").glob("*.md"):
            if page.name != "README.md":
                self.assertIn(page, index)


class CommandTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        dump = subprocess.run([PROGRAM, "--experimental-dump-help"], capture_output=True, text=True, check=True, timeout=20)
        command = json.loads(dump.stdout)["command"]
        cls.flags = {"": cls.names(command)} | {sub["commandName"]: cls.names(sub) for sub in command["subcommands"]}

    @staticmethod
    def names(command):
        return {f"--{name['name']}" for argument in command.get("arguments", []) for name in argument.get("names", [])
                if name["kind"] == "long"} | {"--help", "--version", "--generate-completion-script"}

    def test_every_command_line_has_a_subcommand_and_flags_that_exist(self):
        checked = 0
        for page in PAGES:
            for line, subcommand, flags in command_lines(page):
                with self.subTest(page=str(page.relative_to(paths.ROOT)), line=line.strip()):
                    self.assertIn(subcommand, self.flags)
                    self.assertLessEqual(set(flags), self.flags[subcommand])
                checked += 1
        self.assertGreater(checked, 120)


if __name__ == "__main__":
    unittest.main()
