"""The house is in order: small modules, documented names, imports that do little and point down."""

import ast
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import house_rules as rules
import pytest
from mutants import read_mutants

import ganaug

ROOT = Path(ganaug.__file__).parents[1]
MODULES = sorted((ROOT / "ganaug").rglob("*.py"))
PROGRAMS = sorted((ROOT / "benchmarks").rglob("*.py"))
PUBLIC = frozenset([*ganaug.__all__, "GANReplace"])


@pytest.fixture(scope="module")
def broken():
    """Finder of what breaks a rule in some modules, by path."""
    sources = {path: path.read_text(encoding="utf-8") for path in MODULES + PROGRAMS}
    trees = {path: ast.parse(source) for path, source in sources.items()}

    def find(rule, paths):
        found = {str(path.relative_to(ROOT)): [*rule(sources[path], trees[path])] for path in paths}
        return {path: breaches for path, breaches in found.items() if breaches}

    return find


@pytest.mark.parametrize(
    "rule",
    [
        rules.long_modules,
        rules.long_functions,
        rules.packed_assignments,
        rules.starred_literals,
        rules.fragmentary_docstrings,
    ],
    ids=lambda rule: rule.__name__,
)
def test_modules_are_short_and_plain(rule, broken):
    assert broken(rule, MODULES + PROGRAMS) == {}


def test_only_what_users_call_takes_many_parameters(broken):
    assert broken(partial(rules.many_parameters, public=PUBLIC), MODULES) == {}


def test_only_one_module_counts_frames_of_callers(broken):
    assert list(broken(rules.stack_levels, MODULES + PROGRAMS)) == ["ganaug/caller.py"]


def test_only_one_module_imports_private_names_of_scikit_learn(broken):
    assert list(broken(rules.private_imports, MODULES + PROGRAMS)) == ["ganaug/validation.py"]


def test_folders_of_tests_are_those_of_the_package():
    folders = {path.parent.relative_to(ROOT / "tests") for path in ROOT.glob("tests/**/test_*.py")}
    assert [str(folder) for folder in folders if not (ROOT / "ganaug" / folder).is_dir()] == []


LONG = "\n".join(["x = 1"] * (rules.MAX_CODE_LINES + 1))
LONG_FUNCTION = "def f():\n" + "    x = 1\n" * (rules.MAX_FUNCTION_LINES + 1)
PARAMETERS = ", ".join(f"p{number}" for number in range(rules.MAX_PARAMETERS + 1))


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        (rules.long_modules, LONG, LONG.replace("x = 1", '"""', 2) + "\n" * 300),
        (rules.long_functions, LONG_FUNCTION, LONG_FUNCTION.replace("x = 1", '"""x"""', 1)),
        (rules.packed_assignments, "a, b = 1, 2", "a, b = b, a\nc, d = f()\na = 1, 2"),
        (rules.starred_literals, "x = [*(1, 2)]", "x = [*y, *f(1, 2)]"),
        (
            partial(rules.many_parameters, public=PUBLIC),
            f"def f({PARAMETERS}): pass",
            f"class TableGAN:\n    def __init__(self, {PARAMETERS}): pass",
        ),
        (rules.fragmentary_docstrings, '"""What it is."""', '"""Whatever."""'),
        (rules.stack_levels, "warn(message, stacklevel=2)", "warn(message)"),
        (rules.private_imports, "from sklearn.base import _fit", "from sklearn.base import fit"),
        (rules.private_imports, "import sklearn._loss", "import numpy._core"),
    ],
)
def test_rules_tell_good_from_bad(rule, bad, good):
    assert list(rule(bad, ast.parse(bad)))
    assert list(rule(good, ast.parse(good))) == []


def test_mutants_change_one_place_of_the_package_and_name_tests():
    mutants = read_mutants()
    assert len(mutants) >= 20
    assert [mutant.name for mutant in mutants if not mutant.applies()] == []
    paths = {ROOT / test.partition("::")[0] for mutant in mutants for test in mutant.tests}
    assert all(mutant.tests for mutant in mutants)
    assert [path for path in paths if not path.exists()] == []


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


@pytest.mark.medium
def test_pictures_and_transforms_are_imported_when_they_are_asked_for():
    program = "import ganaug; print(callable(ganaug.report.draw_gan), ganaug.transforms.__name__)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == ["True", "ganaug.transforms"], done.stderr
    with pytest.raises(AttributeError, match="'ganaug' has no attribute 'reprot'"):
        ganaug.reprot  # noqa: B018


def test_readme_is_read_in_ten_minutes():
    text = re.sub(r"```.*?```", "", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.S)
    words = [
        word
        for line in text.splitlines()
        if not line.startswith(("|", "<!--"))
        for word in line.split()
    ]
    assert len(words) <= 1300
