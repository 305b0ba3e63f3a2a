"""The house is in order: small modules, documented names, imports that do little and point down."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import ganaug

ROOT = Path(ganaug.__file__).parents[1]
MODULES = sorted((ROOT / "ganaug").rglob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_over_400_lines(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("name", ganaug.__all__)
def test_every_public_name_is_documented(name):
    assert (getattr(ganaug, name).__doc__ or "").strip()


def test_importing_the_package_is_quick_to_load_and_touches_no_random_state():
    program = """
import pickle, sys
import numpy as np, torch
before = pickle.dumps(np.random.get_state()), torch.random.get_rng_state()
import ganaug
after = pickle.dumps(np.random.get_state()), torch.random.get_rng_state()
assert before[0] == after[0] and torch.equal(before[1], after[1])
print([name for name in ("albumentations", "matplotlib") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning:ganaug", "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_imports_point_down():
    pytest.importorskip("importlinter", reason="import-linter is not installed")
    command = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
