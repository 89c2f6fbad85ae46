"""Packages of the program under test, made by scripts/make-deb."""

import os
import pathlib
import shutil
import subprocess

from paths import ROOT

PACKAGING = ROOT / "packaging"
# Without the variable: what `make release` made.
PROGRAM = pathlib.Path(os.environ.get("BROKER") or ROOT / "dist/growatt-broker").absolute()


def run(*command, expected=0, **options):
    """What the command printed, both ways; another exit status fails."""
    done = subprocess.run(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        stdin=subprocess.DEVNULL, timeout=120, **options)
    assert expected is None or done.returncode == expected, \
        f"{' '.join(map(str, command))}: exit status {done.returncode}, expected {expected}:\n{done.stdout}"
    return done.stdout


def make_package(directory, revision=1):
    environment = {**os.environ, "OUT": str(directory), "REVISION": str(revision), "DATE": "1790000000",
                   "COMPRESSION": "gzip"}
    run(ROOT / "scripts/make-deb", PROGRAM, env=environment)
    return next(pathlib.Path(directory).glob(f"growatt-broker_*-{revision}_*.deb"))


def with_another_default(package, directory):
    """The same package of revision 3, in which the maintainers changed the configuration."""
    unpacked = pathlib.Path(directory) / "unpacked"
    run("dpkg-deb", "--raw-extract", package, unpacked)
    control = unpacked / "DEBIAN/control"
    control.write_text(control.read_text().replace("-1\n", "-3\n", 1))
    with (unpacked / "etc/growatt-broker/config.yaml").open("a") as file:
        file.write("# A new remark of the maintainers.\n")
    made = pathlib.Path(directory) / package.name.replace("-1_", "-3_")
    run("dpkg-deb", "--root-owner-group", "-Zgzip", "--build", unpacked, made)
    shutil.rmtree(unpacked)
    return made
