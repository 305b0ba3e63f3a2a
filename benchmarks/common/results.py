"""Results of all programs, in one schema: a JSON line for each measurement.

========  ======================================================================
task      Data set, and what was to be done with it.
method    What was measured on it.
seed      Number of the draw, the split or the round.
options   Dict of name to value: all else that the scores depend on.
scores    Dict of name to number; empty where the method failed.
seconds   Time that the method took; null where nobody took it.
device    Where it ran; null where nobody wrote it down.
versions  Dict of package to version; null likewise.
notes     Dict of name to text, such as an error; absent where there is none.
========  ======================================================================
"""

import json
import platform
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

FOLDER = Path(__file__).parent.parent / "results"
FIELDS = ("task", "method", "seed", "options", "scores", "seconds", "device", "versions")

# What results may depend on, beside the program.
PACKAGES = ("numpy", "scikit-learn", "torch")


def results_path(program: str) -> Path:
    """Path of a program's results, by the path of its source.

    Examples
    --------
    >>> results_path("/somewhere/benchmarks/tables/mixing.py").parts[-3:]
    ('results', 'tables', 'mixing.jsonl')
    """
    source = Path(program)
    return FOLDER / source.parent.name / f"{source.stem}.jsonl"


def read_records(path: Path) -> list[dict[str, Any]]:
    """Read the records of a file; none where there is no such file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def check_record(record: Mapping[str, Any]) -> None:
    """Raise a ValueError for a record that has not the schema."""
    fields = [name for name in record if name != "notes"]
    if fields != list(FIELDS):
        raise ValueError(f"a record has the fields {FIELDS}, this one {fields}.")
    numbers = [*record["scores"].values(), record["seed"]]
    if record["seconds"] is not None:
        numbers.append(record["seconds"])
    wrong = [number for number in numbers if not isinstance(number, (int, float))]
    if wrong:
        raise ValueError(f"seed, seconds and scores are numbers, not {wrong}.")


class Results:
    """Records of earlier runs and of this one.

    Parameters
    ----------
    path : Path or None
        JSON Lines file that is read and appended to; None keeps nothing.

    Attributes
    ----------
    records : list of dict
    """

    def __init__(self, path: Path | None):
        self._path = path
        self.records: list[dict[str, Any]] = []
        self._by_key: dict[tuple, list[dict[str, Any]]] = defaultdict(list)
        for record in [] if path is None else read_records(path):
            self._remember(record)

    def _remember(self, record: dict[str, Any]) -> None:
        check_record(record)
        self.records.append(record)
        self._by_key[record["task"], record["method"], record["seed"]].append(record)

    def find(self, task: str, method: str, seed: int, **options: Any) -> list[dict[str, Any]]:
        """Records of a measurement, of all values of the options that are not given."""
        wanted = json.loads(json.dumps(options))
        return [
            record
            for record in self._by_key[task, method, seed]
            if wanted.items() <= record["options"].items()
        ]

    def add(
        self,
        task: str,
        method: str,
        seed: int,
        *,
        options: Mapping[str, Any],
        scores: Mapping[str, float],
        seconds: float | None = None,
        device: str = "cpu",
        notes: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Append a record, to the file too, and return it."""
        values = (task, method, seed, options, scores, seconds, device, versions())
        record = dict(zip(FIELDS, values, strict=True)) | ({"notes": notes} if notes else {})
        line = json.dumps(record)
        self._remember(json.loads(line))
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        return self.records[-1]


def versions() -> dict[str, str]:
    """Versions of Python and of what results may depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def as_table(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A row for each record, a column for each option, score and note.

    Examples
    --------
    >>> record = {"task": "wine", "method": "none", "seed": 0, "options": {"classifier": "SVC"},
    ...           "scores": {"accuracy": 0.9}, "seconds": None, "device": "cpu", "versions": None}
    >>> as_table([record]).columns.tolist()
    ['task', 'method', 'seed', 'seconds', 'device', 'classifier', 'accuracy']
    """
    plain = ("task", "method", "seed", "seconds", "device")
    return pd.DataFrame(
        {name: record[name] for name in plain}
        | record["options"]
        | record["scores"]
        | record.get("notes", {})
        for record in records
    )
