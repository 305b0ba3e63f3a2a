"""Checkpoints: training goes on after its process was killed."""

import copy
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np

from ganaug.caller import warn_caller
from ganaug.randomness import check_seed
from ganaug.ranks import Ranks
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
class CheckpointContents:
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
RECORDS = (CheckpointContents, GameState, StreamsState, BlockState, StoppingState)
CLASSES: dict[str, type] = {kind.__name__: kind for kind in RECORDS}


class GameStates:
    """States of games that another process goes on with, and hands back at their ends.

    Parameters
    ----------
    path : path or None
        File that they come from; None keeps nothing.
    games : dict of tuple to GameState
        By what tells them apart.

    Attributes
    ----------
    games : dict of tuple to GameState
        Also those of the games that have ended meanwhile.
    """

    def __init__(self, path: Path | None, games: dict[tuple, GameState]):
        self.games = dict(games)
        self._path = path

    def resume(self, name: tuple, game: Game) -> None:
        """Put a game where it was, if there is a state of it."""
        if name in self.games:
            _resume(game, self.games[name], self._path)

    def save(self, name: tuple, game: Game) -> None:
        """Keep the state of a game that is over."""
        if self._path is not None and game.over:
            self.games[name] = game.state()


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
        self._contents = CheckpointContents(min(n_threads_outside(), MAX_THREADS))
        # what is there may be a pipe, or be written by another process before this one writes
        self._seen = () if self._path is None else file_identity(file_status(self._path))
        if self._path is not None and self._seen:
            with open_file(self._path, "checkpoint") as file:
                try:
                    contents = from_datasets(file, CLASSES)
                    if not isinstance(contents, CheckpointContents):
                        raise ValueError(f"it holds a {type(contents).__name__}")
                except ValueError as error:
                    raise ValueError(f"{path} is no checkpoint of ganaug: {error}.") from error
            self._contents = contents
        self._stream: np.random.RandomState | None = None
        self._saved_at: dict[tuple, float] = {}
        self._lock = threading.Lock()
        self._send: Callable[[Mapping[tuple, GameState]], object] | None = None

    @classmethod
    def at(cls, path: "str | Path | Checkpoint | None") -> "Checkpoint":
        """Checkpoint of a path; one that is there already stays as it is."""
        return path if isinstance(path, Checkpoint) else cls(path)

    @property
    def n_threads(self) -> int:
        """Number of CPU threads that the fit began with: how classes share games depends on it."""
        return self._contents.n_threads

    @property
    def fingerprint(self) -> dict[str, str]:
        """Description of all that its training depends on; empty before it starts."""
        return self._contents.settings or {}

    @property
    def progress(self) -> list[tuple[int, bool]]:
        """Steps done of each game in the file, and whether it is over."""
        return [(state.n_steps_done, state.over) for state in self._contents.games.values()]

    def stream(self, random_state: int | np.random.RandomState | None) -> np.random.RandomState:
        """Stream of the fit's seeds: one for all its calls, the same as before the break."""
        if self._stream is None:
            if self._contents.random_state is None:
                self._stream = check_seed(random_state)
                self._contents.random_state = copy.deepcopy(self._stream)
            else:
                self._stream = copy.deepcopy(self._contents.random_state)
        return self._stream

    def join(self, ranks: Ranks) -> None:
        """Know on all ranks what the first one's file holds; that one alone writes it."""
        self._path, self._contents = ranks.first((self._path, self._contents))
        if ranks.rank == 0:
            ranks.on_mail = self.keep
        else:
            self._send = ranks.send

    def start(self, fingerprint: dict[str, str]) -> None:
        """Write the file, or make sure that it is of this fit, which may have more steps now.

        Parameters
        ----------
        fingerprint : dict of str to str
            Description of all that training depends on.

        Raises
        ------
        OSError
            If it cannot be written, or another process has written it meanwhile.
        ValueError
            If it is of another fit; names a difference.
        """
        before = self.fingerprint
        changed = [
            name
            for name in before | fingerprint
            if before.get(name) != fingerprint.get(name)
            and not _is_longer(name, before.get(name, ""), fingerprint.get(name, ""))
        ]
        if before and changed:
            name = changed[0]
            raise ValueError(
                f"{self._path} is the checkpoint of another fit: {name} was {before.get(name)} "
                f"there and is {fingerprint.get(name)} here. Give another path, or remove the file."
            )
        self._contents.settings = fingerprint
        if self._send is not None:
            return
        if self._path is not None and not before:
            self._write(self._path)
        elif self._path is not None and file_identity(file_status(self._path)) not in (
            (),
            self._seen,
        ):
            raise FileExistsError(f"{self._path} was written by another process meanwhile.")

    def resume(self, name: tuple, game: Game) -> None:
        """Put a game where it was, if the file has a state of it."""
        self._saved_at[name] = time.monotonic()
        if name in self._contents.games:
            _resume(game, self._contents.games[name], self._path)

    def part(self, seeds: Collection[int]) -> GameStates:
        """States of the games of some classes, by their seeds, for another process."""
        known = set(seeds)
        games = {
            name: state
            for name, state in self._contents.games.items()
            if known.issuperset(word for word in name[:-1] if isinstance(word, int))
        }
        return GameStates(self._path, games)

    def save(self, name: tuple, game: Game) -> None:
        """Save the state of a game if it is time to, or it has ended; warn where that fails."""
        ended = game.over or game.interrupted or game.stopped
        due = ended or time.monotonic() - self._saved_at[name] > SECONDS
        if self._path is None or not due:
            return
        self.keep({name: game.state()})
        self._saved_at[name] = time.monotonic()

    def keep(self, games: Mapping[tuple, GameState]) -> None:
        """Save states of games; warn where that fails."""
        if self._path is None or not games:
            return
        if self._send is not None:
            self._send(games)
            return
        with self._lock:
            self._contents.games |= games
            try:
                self._write(self._path)
            except OSError as error:
                warn_caller(f"Training goes on without a new checkpoint: {error}.", RuntimeWarning)

    def _write(self, path: Path) -> None:
        with atomic_write(path, replaces=self._seen) as unfinished:
            with create_file(unfinished, "checkpoint", to_datasets(self._contents), overwrite=True):
                pass
            seen = file_identity(file_status(unfinished))
        self._seen = seen


def _is_longer(name: str, before: str, after: str) -> bool:
    """True for numbers of steps of which the second is larger."""
    numbers = name.rpartition("__")[2] == "n_steps" and before.isdigit() and after.isdigit()
    return numbers and int(after) > int(before)


def _resume(game: Game, state: GameState, path: Path | None) -> None:
    """Put a game where a file says that it was."""
    try:
        game.resume(state)
    except (LookupError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{path} does not fit this training: {error}.") from error
