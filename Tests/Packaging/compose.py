"""What Docker Compose makes of the project's files: its own program is asked, which needs no engine."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

SOURCES = pathlib.Path(__file__).resolve().parents[2]
FOLDER = SOURCES / "packaging" / "docker"
FILE = FOLDER / "docker-compose.yml"
BRIDGE_FILE = FOLDER / "docker-compose.bridge.yml"
BUILD_FILE = FOLDER / "docker-compose.build.yml"

sys.path.insert(0, str(SOURCES / "Tests" / "Clients"))

PROTOTYPE_VARIABLES = (
    "INV_DEV", "SHINE_DEV", "BAUD", "BYTES", "INV_BAUD", "INV_BYTES", "SHINE_BAUD", "SHINE_BYTES", "TCP_BIND",
    "TCP_ALT_BIND", "SNIFF_BIND", "MIN_PERIOD", "RTIMEOUT", "LOG_PATH")


def command():
    """Debian's docker-compose, or the plugin of docker; none: the test is skipped."""
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    if shutil.which("docker") and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    raise unittest.SkipTest("no docker-compose: install Debian's package of this name")


def run(settings, *files):
    """`config`, with these lines in .env and nothing else in the environment."""
    program = command()
    with tempfile.TemporaryDirectory() as directory:
        env_file = pathlib.Path(directory) / "settings"
        env_file.write_text(settings)
        arguments = [argument for file in files or (FILE,) for argument in ("--file", str(file))]
        return subprocess.run(
            [*program, "--env-file", str(env_file), *arguments, "config"], cwd=directory, capture_output=True, text=True,
            timeout=30, env={"PATH": os.environ["PATH"], "HOME": directory})


def service(settings, *files):
    """The service as Compose would start it."""
    done = run(settings, *files)
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)["services"]["broker"]


def env(**settings):
    return "".join(f"{name}={value}\n" for name, value in settings.items())
