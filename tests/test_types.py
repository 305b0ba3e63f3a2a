"""Types that checkers see: what fits, draws and loads, and which arguments are refused."""

import os
from pathlib import Path

import pytest

import ganaug

ROOT = Path(ganaug.__file__).parents[1]

# Large libraries stay closed: of their types nothing is asserted, and they take most of the time.
CONFIGURATION = """
[mypy]
check_untyped_defs = True
ignore_missing_imports = True
warn_unused_ignores = True
[mypy-ganaug.*]
follow_imports = silent
[mypy-h5py.*,jinja2.*,matplotlib.*,narwhals.*,pandas.*,PIL.*,polars.*,torch.*]
follow_imports = skip
"""


@pytest.fixture
def check(tmp_path, monkeypatch):
    """Function that has mypy check a program, and returns what it finds wrong."""
    api = pytest.importorskip("mypy.api", reason="mypy is not installed")
    configuration = tmp_path / "mypy.ini"
    configuration.write_text(CONFIGURATION, encoding="utf-8")
    monkeypatch.chdir(ROOT)

    def run(program):
        options = ["--config-file", str(configuration), "--cache-dir", os.devnull]
        found, trouble, _ = api.run([*options, str(program)])
        assert not trouble
        return [line for line in found.splitlines() if "error:" in line]

    return run


@pytest.mark.medium
def test_models_reveal_their_types_and_take_no_wrong_arguments(check):
    assert check(ROOT / "tests" / "typed_program.py") == []
