"""Change one line of the package at a time, and see that a test fails: ``python tests/mutants.py``.

``mutants.jsonl`` holds the changes, a line each: its name, the file, the text that is replaced
and what by, and the tests that should notice. They are made in a copy of the checkout.
``python tests/mutants.py EMA seal`` tries those whose names hold one of the words.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]

# Tests that a change has kept from ending have noticed it.
MAX_SECONDS = 900


@dataclass(frozen=True)
class Mutant:
    """One change of the package.

    Attributes
    ----------
    name : str
        What is wrong with it.
    file : str
        Path of the file that is changed, from the top of the checkout.
    old, new : str
        Text that stands in the file once, and text in its place.
    tests : list of str
        Arguments of pytest.
    """

    name: str
    file: str
    old: str
    new: str
    tests: list[str]

    def applies(self) -> bool:
        """True where the text is there, once."""
        return (ROOT / self.file).read_text(encoding="utf-8").count(self.old) == 1

    def killer(self, checkout: Path) -> str | None:
        """The first test that fails in a copy of the checkout; None where none does."""
        path = checkout / self.file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not slow", *self.tests]
        environment = os.environ | {"PYTHONPATH": str(checkout)}
        try:
            done = subprocess.run(
                command,
                cwd=checkout,
                env=environment,
                capture_output=True,
                text=True,
                timeout=MAX_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return f"no end in {MAX_SECONDS} s"
        finally:
            path.write_text(text, encoding="utf-8")
        if done.returncode == 0:
            return None
        failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return failed[0].split(" - ")[0] if failed else done.stdout[-200:]


def read_mutants() -> list[Mutant]:
    """All mutants of the list."""
    lines = Path(__file__).with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()
    return [Mutant(**json.loads(line)) for line in lines]


def main(words: list[str]) -> int:
    """Try the mutants that the words name, or all; return the number of those that survive."""
    chosen = [
        mutant
        for mutant in read_mutants()
        if not words or any(word in mutant.name for word in words)
    ]
    n_alive = 0
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder) / "checkout"
        shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(".*cache*", ".git"))
        for mutant in chosen:
            killer = mutant.killer(checkout)
            n_alive += killer is None
            print(f"{mutant.name}: {killer or 'SURVIVED'}", flush=True)  # noqa: T201
    print(f"{len(chosen) - n_alive} of {len(chosen)} killed")  # noqa: T201 - what it is for
    return n_alive


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
