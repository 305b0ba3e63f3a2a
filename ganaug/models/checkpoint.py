"""Training that goes on after its process was killed."""

import threading
import time
import warnings
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.models.seeds import own_random_state
from ganaug.storage.sealed import new_file, open_file
from ganaug.storage.tree import from_datasets, to_datasets
from ganaug.training.defaults import n_threads_outside
from ganaug.training.loop import Game

# From one state of a game in the file to the next.
SECONDS = 30.0


class Checkpoint:
    """States of the games of one fit, in a file.

    Parameters
    ----------
    path : path or None
        Read where there is such a file; None keeps nothing.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If it is no checkpoint, damaged, or written by a newer version.
    """

    def __init__(self, path: str | Path | None):
        self._path = None if path is None else Path(path)
        self._kept: dict[str, Any] = {
            "run": None,
            "random state": None,
            "threads": n_threads_outside(),
            "games": {},
        }
        if self._path is not None and self._path.exists():
            with open_file(self._path, "checkpoint") as file:
                kept = from_datasets(file, {})
            if not isinstance(kept, dict) or set(kept) != set(self._kept):
                raise ValueError(f"{path} is no checkpoint of ganaug.")
            self._kept = kept
        self._stream: np.random.RandomState | None = None
        self._kept_at: dict[Hashable, float] = {}
        self._lock = threading.Lock()

    @classmethod
    def at(cls, path: "str | Path | Checkpoint | None") -> "Checkpoint":
        """The checkpoint of that path; one that is there already stays as it is."""
        return path if isinstance(path, Checkpoint) else cls(path)

    @property
    def n_threads(self) -> int:
        """Of a CPU, that the fit began with: how classes share games depends on it."""
        return self._kept["threads"]

    @property
    def run(self) -> dict[str, str]:
        """What the training that it was begun with depends on."""
        return self._kept["run"] or {}

    @property
    def progress(self) -> list[tuple[int, bool]]:
        """Of each game in the file: steps done, and whether it is over."""
        return [(state["steps"], state["over"]) for state in self._kept["games"].values()]

    def stream(self, random_state: int | np.random.RandomState | None) -> np.random.RandomState:
        """Where the fit draws its seeds: for all its calls one, the same as before the break."""
        if self._stream is None:
            self._stream = own_random_state(random_state)
            if self._kept["random state"] is None:
                self._kept["random state"] = self._stream.get_state()
            else:
                self._stream = np.random.RandomState()
                self._stream.set_state(self._kept["random state"])
        return self._stream

    def begin(self, run: dict[str, str]) -> None:
        """Write the file, or make sure that it is of this fit.

        Parameters
        ----------
        run : dict of str to str
            What training depends on.

        Raises
        ------
        OSError
            If it cannot be written.
        ValueError
            If it is of another fit; names a difference.
        """
        before = self.run
        if before and before != run:
            name = next(name for name in before | run if before.get(name) != run.get(name))
            raise ValueError(
                f"{self._path} is the checkpoint of another fit: {name} was {before.get(name)} "
                f"there and is {run.get(name)} here. Give another path, or remove the file."
            )
        self._kept["run"] = run
        if self._path is not None and not before:
            self._write(self._path)

    def recall(self, name: Hashable, game: Game) -> None:
        """Let a game go on where it was."""
        self._kept_at[name] = time.monotonic()
        if name not in self._kept["games"]:
            return
        try:
            game.resume(self._kept["games"][name])
        except (LookupError, TypeError, ValueError, RuntimeError) as error:
            raise ValueError(f"{self._path} does not fit this training: {error}.") from error

    def keep(self, name: Hashable, game: Game) -> None:
        """Write the state of a game if it is time to, or over; warn where that fails."""
        due = game.over or time.monotonic() - self._kept_at[name] > SECONDS
        if self._path is None or not due:
            return
        state = game.state()
        with self._lock:
            self._kept["games"][name] = state
            try:
                self._write(self._path)
            except OSError as error:
                warnings.warn(
                    f"Training goes on without a new checkpoint: {error}.",
                    RuntimeWarning,
                    stacklevel=2,
                )
        self._kept_at[name] = time.monotonic()

    def _write(self, path: Path) -> None:
        with new_file(path, "checkpoint", to_datasets(self._kept), overwrite=True):
            pass
