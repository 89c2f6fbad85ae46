"""scripts/swift-test: the unit tests with a time limit, behind which it tells who waits."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import paths

ENDS = "echo '◇ Test \"one\" started.'\necho '✔ Test \"one\" passed after 0.001 seconds.'\n"
HANGS = """echo '◇ Test run started.'
echo '◇ Test "this one hangs" started.'
echo '◇ Test other(_:) started.'
echo '◇ Test case passing 1 argument x → 1 to other(_:) started.'
echo '✔ Test other(_:) with 3 test cases passed after 0.001 seconds.'
sleep 1000 & echo "child $!"
wait
"""


class SwiftTestTests(unittest.TestCase):
    def run_with(self, script, limit):
        with tempfile.TemporaryDirectory() as directory:
            swift = pathlib.Path(directory) / "swift"
            swift.write_text(f"#!/bin/bash\n{script}")
            swift.chmod(0o755)
            return subprocess.run(
                [paths.ROOT / "scripts/swift-test", "--skip-build"], capture_output=True, text=True, timeout=60,
                env={**os.environ, "SWIFT": str(swift), "LIMIT": str(limit)})

    def test_what_has_begun_and_not_ended_is_told_and_all_of_it_ended(self):
        done = self.run_with(HANGS, limit=1)
        self.assertEqual(done.returncode, 124, done.stderr)
        said, _, waits = done.stdout.partition("swift-test: not ended after 1 s. Begun and not ended:\n")
        self.assertEqual(waits.splitlines(), ['  "this one hangs"'])
        child = int(said.split("child ")[1].split()[0])
        # It is gone, or nobody has fetched its end yet.
        state = pathlib.Path(f"/proc/{child}/stat")
        self.assertTrue(not state.exists() or state.read_text().split()[2] == "Z")

    def test_a_swift_that_waits_for_another_one_is_told_as_such(self):
        done = self.run_with("printf 'Another instance of SwiftPM is already running, waiting...'; sleep 1000\n", limit=1)
        self.assertEqual(done.returncode, 124, done.stderr)
        self.assertIn("Another instance of SwiftPM", done.stdout)
        self.assertIn("none; swift test itself waits", done.stdout)

    def test_otherwise_it_is_swift_test(self):
        for status in (0, 1):
            done = self.run_with(f"{ENDS}exit {status}\n", limit=60)
            self.assertEqual((done.returncode, done.stdout.count("one")), (status, 2), done.stderr)
