"""Training that goes on after its process was killed."""

import copy
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np

from ganaug.caller import warn_caller
from ganaug.randomness import check_seed
from ganaug.storage.atomic import atomic_write
from ganaug.storage.fields import Interval
from ganaug.storage.regular import file_identity, file_status
from ganaug.storage.sealed import create_file, open_file
from ganaug.storage.tree import from_datasets, to_datasets
from ganaug.training.defaults import n_threads_outside
from ganaug.training.early_stopping import StoppingState
from ganaug.training.loop import Game, GameState
from ganaug.training.streams import BlockState, StreamsState

# From one state of a game in the file to the next.
SECONDS = 30.0

# Of a CPU that classes are divided between, at most.
MAX_THREADS = 256


@dataclass
class Run:
    """Contents of a checkpoint.

    Attributes
    ----------
    n_threads : int
        Of a CPU, that the fit began with, or ``MAX_THREADS``.
    settings : dict of str to str or None
        What its training depends on; None before it begins.
    random_state : RandomState or None
        Where it drew its seeds from; None before it begins.
    games : dict of tuple to GameState
        By what tells them apart.
    """

    n_threads: Annotated[int, Interval(1, MAX_THREADS)]
    settings: dict[str, str] | None = None
    random_state: np.random.RandomState | None = None
    games: dict[tuple[int | float | str, ...], GameState] = field(default_factory=dict)


# Of what a checkpoint holds objects.
RECORDS = (Run, GameState, StreamsState, BlockState, StoppingState)
CLASSES: dict[str, type] = {kind.__name__: kind for kind in RECORDS}


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
        self._run = Run(min(n_threads_outside(), MAX_THREADS))
        # what is there may be a pipe, or be written by another process before this one writes
        self._seen = () if self._path is None else file_identity(file_status(self._path))
        if self._path is not None and self._seen:
            with open_file(self._path, "checkpoint") as file:
                try:
                    run = from_datasets(file, CLASSES)
                    if not isinstance(run, Run):
                        raise ValueError(f"it holds a {type(run).__name__}")
                except ValueError as error:
                    raise ValueError(f"{path} is no checkpoint of ganaug: {error}.") from error
            self._run = run
        self._stream: np.random.RandomState | None = None
        self._kept_at: dict[tuple, float] = {}
        self._lock = threading.Lock()

    @classmethod
    def at(cls, path: "str | Path | Checkpoint | None") -> "Checkpoint":
        """The checkpoint of that path; one that is there already stays as it is."""
        return path if isinstance(path, Checkpoint) else cls(path)

    @property
    def n_threads(self) -> int:
        """Of a CPU, that the fit began with: how classes share games depends on it."""
        return self._run.n_threads

    @property
    def run(self) -> dict[str, str]:
        """What the training that it was begun with depends on."""
        return self._run.settings or {}

    @property
    def progress(self) -> list[tuple[int, bool]]:
        """Of each game in the file: steps done, and whether it is over."""
        return [(state.n_steps_done, state.over) for state in self._run.games.values()]

    def stream(self, random_state: int | np.random.RandomState | None) -> np.random.RandomState:
        """Where the fit draws its seeds: for all its calls one, the same as before the break."""
        if self._stream is None:
            if self._run.random_state is None:
                self._stream = check_seed(random_state)
                self._run.random_state = copy.deepcopy(self._stream)
            else:
                self._stream = copy.deepcopy(self._run.random_state)
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
            If it cannot be written, or another process has written it meanwhile.
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
        self._run.settings = run
        if self._path is not None and not before:
            self._write(self._path)
        elif self._path is not None and file_identity(file_status(self._path)) not in (
            (),
            self._seen,
        ):
            raise FileExistsError(f"{self._path} was written by another process meanwhile.")

    def recall(self, name: tuple, game: Game) -> None:
        """Let a game go on where it was."""
        self._kept_at[name] = time.monotonic()
        if name not in self._run.games:
            return
        try:
            game.resume(self._run.games[name])
        except (LookupError, TypeError, ValueError, RuntimeError) as error:
            raise ValueError(f"{self._path} does not fit this training: {error}.") from error

    def keep(self, name: tuple, game: Game) -> None:
        """Write the state of a game if it is time to, or over; warn where that fails."""
        due = game.over or time.monotonic() - self._kept_at[name] > SECONDS
        if self._path is None or not due:
            return
        state = game.state()
        with self._lock:
            self._run.games[name] = state
            try:
                self._write(self._path)
            except OSError as error:
                warn_caller(f"Training goes on without a new checkpoint: {error}.", RuntimeWarning)
        self._kept_at[name] = time.monotonic()

    def _write(self, path: Path) -> None:
        with atomic_write(path, replaces=self._seen) as unfinished:
            with create_file(unfinished, "checkpoint", to_datasets(self._run), overwrite=True):
                pass
            seen = file_identity(file_status(unfinished))
        self._seen = seen
