"""Archives: the source's holds all that README's commands need, the wheel the package alone."""

import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import ganaug

pytest.importorskip("setuptools.build_meta", reason="setuptools is not installed")

ROOT = Path(ganaug.__file__).parents[1]
FOLDERS = ("ganaug", "tests", "benchmarks", ".ci", ".docs")
FILES = ("setup.py", "pyproject.toml", "README.md", "LICENSE")
BUILD = "import sys; from setuptools import build_meta; build_meta.build_{}(sys.argv[1])"


def build(kind, source, target):
    """Build an archive of a kind from a source tree, and return its path."""
    command = [sys.executable, "-c", BUILD.format(kind), str(target)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    [archive] = target.iterdir()
    return archive


def files_in(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Copy of the source tree, as building writes beside it."""
    copy = tmp_path_factory.mktemp("source")
    for name in FOLDERS:
        copytree(ROOT / name, copy / name, ignore=ignore_patterns("__pycache__"))
    for name in FILES:
        (copy / name).write_bytes((ROOT / name).read_bytes())
    return copy


@pytest.fixture(scope="module")
def unpacked(source, tmp_path_factory):
    """Folder of what the source archive holds."""
    there = files_in(source)
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(build("sdist", source, tmp_path_factory.mktemp("sdist"))) as archive:
        archive.extractall(folder, filter="data")
    [inner] = folder.iterdir()
    return there, inner


@pytest.fixture(scope="module")
def wheel(unpacked, tmp_path_factory):
    """Wheel that is built from what the source archive holds."""
    with zipfile.ZipFile(build("wheel", unpacked[1], tmp_path_factory.mktemp("wheel"))) as archive:
        yield archive


def read_metadata(wheel):
    [path] = [name for name in wheel.namelist() if name.endswith("METADATA")]
    return message_from_bytes(wheel.read(path))


def test_source_archive_holds_every_file_of_the_tree(unpacked):
    there, inner = unpacked
    assert there - files_in(inner) == set()


def test_wheel_holds_the_files_of_the_package_and_no_others(wheel, source):
    package = {f"ganaug/{name}" for name in files_in(source / "ganaug")}
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == package


def test_wheel_says_who_made_it_and_what_it_runs_on(wheel):
    metadata = read_metadata(wheel)
    assert metadata["Author"] == "ganaug developers"
    assert metadata["Version"] == ganaug.__version__
    assert metadata.get_payload().startswith("# ganaug")
    classifiers = metadata.get_all("Classifier")
    minor = int(metadata["Requires-Python"].removeprefix(">=3."))
    assert f"Programming Language :: Python :: 3.{minor}" in classifiers
    assert f"Programming Language :: Python :: 3.{minor - 1}" not in classifiers
    assert {"Operating System :: POSIX :: Linux", "Typing :: Typed"} <= set(classifiers)


def test_oldest_versions_are_the_minima_of_the_package(wheel):
    lines = (ROOT / "tests" / "constraints-oldest.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines)
    required = map(Requirement, read_metadata(wheel).get_all("Requires-Dist"))
    benchmarks = {"extra": "benchmark"}
    for requirement in required:
        if requirement.marker is None or not requirement.marker.evaluate(benchmarks):
            [minimum] = [part.version for part in requirement.specifier if part.operator == ">="]
            assert Version(pins[requirement.name]) == Version(minimum), requirement.name
