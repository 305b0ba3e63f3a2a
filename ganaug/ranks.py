"""Processes of a ``torch.distributed`` group that train one model together."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, distributed

Value = TypeVar("Value")

# Seconds in which all ranks have to come to a training: some read their data for longer.
SECONDS_TO_JOIN = 300.0

# A rank of which nothing is heard for so many seconds, while others train or wait, is lost.
SECONDS_OF_SILENCE = 60.0

# From one word of a rank to the next.
BEAT = 1.0

# Longest digest or parameter that an error shows.
MAX_SHOWN = 60

_alone: ContextVar[bool] = ContextVar("alone", default=False)


def n_ranks() -> int:
    """Number of processes that train together; 1 outside of a group."""
    if _alone.get() or not (distributed.is_available() and distributed.is_initialized()):
        return 1
    return distributed.get_world_size()


def process_rank() -> int:
    """Rank of this process in a distributed run of torch; 0 outside of one."""
    is_distributed = distributed.is_available() and distributed.is_initialized()
    return distributed.get_rank() if is_distributed else 0


def is_first_rank() -> bool:
    """True for the process that writes files; also outside of a group."""
    return n_ranks() == 1 or distributed.get_rank() == 0


@contextmanager
def without_ranks() -> Iterator[None]:
    """Context in which a process of a group trains by itself, as in jobs."""
    token = _alone.set(True)
    try:
        yield
    finally:
        _alone.reset(token)


class Ranks:
    """A process among those that train one model.

    All ranks tell one another every second that they are alive, in a thread, until all have come
    to ``wait``. What ends one with an error, ends all.

    Parameters
    ----------
    rank, size : int
        Number of the process, and how many there are.
    work, pulse : process groups
        For what ranks compute together, and for the thread.

    Attributes
    ----------
    on_mail : callable or None
        Takes what other ranks ``send``, in the thread; what it raises ends all ranks.
    """

    def __init__(self, rank: int, size: int, work: Any, pulse: Any):
        self.rank = rank
        self.size = size
        self.on_mail: Callable[[Any], object] | None = None
        self._work = work
        self._pulse = pulse
        self._word: dict[str, Any] = {"ready": False, "error": None}
        self._mail: SimpleQueue[Any] = SimpleQueue()
        self._failure = ""
        self._mail_error: Exception | None = None
        self._changed = threading.Event()
        self._thread = threading.Thread(target=self._tell_and_hear, daemon=True)

    def check(self) -> None:
        """Raise a RuntimeError where another rank has failed or is lost."""
        if self._failure:
            raise RuntimeError(self._failure) from self._mail_error

    def send(self, mail: Any) -> None:
        """Send something to the ranks that want to know it."""
        self._mail.put(mail)

    def first(self, value: Value) -> Value:
        """Value of the first rank."""
        values = [value]
        with self._explained():
            distributed.broadcast_object_list(values, src=0, group=self._work)
        return values[0]

    def all_values(self, value: Value) -> list[Value]:
        """Values of all ranks, in their order."""
        values: list[Any] = [None] * self.size
        with self._explained():
            distributed.all_gather_object(values, value, group=self._work)
        return values

    def wait(self) -> None:
        """Wait until all ranks have got here, however long that takes."""
        if self._thread.is_alive():
            self._say(ready=True)
            self._thread.join()
        self.check()

    def gather(self, value: Value) -> list[Value]:
        """Values of all ranks, once each has got here."""
        self.wait()
        return self.all_values(value)

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace tensors by their means over all ranks, which are the same bits on each."""
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        # the user's own group knows how GPUs speak to one another
        group = None if flat.is_cuda else self._work
        with self._explained():
            distributed.all_reduce(flat, group=group)
        means = (flat / self.size).split([tensor.numel() for tensor in tensors])
        for tensor, mean in zip(tensors, means, strict=True):
            tensor.copy_(mean.view_as(tensor))

    def start(self) -> None:
        """Begin to tell the others that this rank is alive."""
        self._thread.start()

    def end(self, error: BaseException | None) -> None:
        """Tell the others of an error, if there is one; then all are alone again."""
        if self._thread.is_alive():
            self._say(error=_in_words(error))
            self._thread.join()
        for group in (self._pulse, self._work):
            with suppress(RuntimeError):
                distributed.destroy_process_group(group)

    def _say(self, **words: Any) -> None:
        self._word = self._word | words
        self._changed.set()

    def _tell_and_hear(self) -> None:
        while True:
            words: list[Any] = [None] * self.size
            try:
                distributed.all_gather_object(words, self._next_word(), group=self._pulse)
            except RuntimeError as error:
                self._failure = f"a rank was lost: its process has ended, or says nothing ({error})"
                return
            for number, word in enumerate(words):
                if word["error"]:
                    self._failure = f"rank {number} has failed: {word['error']}"
                if number != self.rank:
                    self._take(word["mail"])
            all_ready = all(word["ready"] for word in words)
            # of what mail has caused, all hear in the next round
            if self._failure or (all_ready and not any(word["mail"] for word in words)):
                return
            if not all_ready:
                self._changed.wait(BEAT)
                self._changed.clear()

    def _next_word(self) -> dict[str, Any]:
        word = {**self._word, "mail": self._written_mail()}
        if self._mail_error is not None:
            word["error"] = _in_words(self._mail_error)
        return word

    def _take(self, letters: Sequence[Any]) -> None:
        """Take what another rank has sent, and note what that raises."""
        if self.on_mail is None:
            return
        try:
            for letter in letters:
                self.on_mail(letter)
        except Exception as error:
            self._mail_error = error

    def _written_mail(self) -> list[Any]:
        letters: list[Any] = []
        with suppress(Empty):
            while True:
                letters.append(self._mail.get_nowait())
        return letters

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say which rank has failed where something in common fails."""
        try:
            yield
        except RuntimeError as error:
            if self._thread.is_alive():
                # the reason is on its way
                self._thread.join(2 * BEAT)
            self.check()
            raise RuntimeError(f"a rank was lost: {error}") from error


@contextmanager
def join_ranks(facts: Mapping[str, str]) -> Iterator[Ranks | None]:
    """Context of a training by all ranks; yields None where there is one process.

    Parameters
    ----------
    facts : dict of str to str
        What has to be equal on all ranks, by its name.

    Raises
    ------
    ValueError
        Where they were given different data or parameters; on every rank.
    RuntimeError
        Where one does not come, fails, or is lost.
    """
    if n_ranks() == 1:
        yield None
        return
    ranks = _meet()
    error: BaseException | None = None
    try:
        _compare(ranks.all_values(dict(facts)))
        ranks.start()
        yield ranks
        ranks.wait()
    except BaseException as raised:
        error = raised
        raise
    finally:
        ranks.end(error)


def read_in_shares(
    mask: np.ndarray, read: Callable[[np.ndarray], list[Value]], facts: Mapping[str, str]
) -> list[Value]:
    """Parts of what is read of rows, in their order: each rank reads its share, and tells others.

    Parameters
    ----------
    mask : (n,) array of bool
        True for the rows that are wanted.
    read : callable
        Maps such a mask to a list of parts.
    facts
        As in ``join_ranks``.

    Raises
    ------
    ValueError, RuntimeError
        As ``join_ranks`` does.
    """
    with join_ranks(facts) as ranks:
        if ranks is None:
            return read(mask)
        rows = np.flatnonzero(mask)
        start, end = (len(rows) * number // ranks.size for number in (ranks.rank, ranks.rank + 1))
        share = np.zeros_like(mask)
        share[rows[start:end]] = True
        told = ranks.gather(read(share))
    return [part for parts in told for part in parts]


def local_device(device: torch.device) -> torch.device:
    """Device of a rank: of the GPUs of a machine its own, unless the user has chosen one."""
    chosen = device.type != "cuda" or device.index is not None or n_ranks() == 1
    if chosen or torch.cuda.current_device() != 0:
        return device
    number = int(os.environ.get("LOCAL_RANK", distributed.get_rank()))
    return torch.device("cuda", number % torch.cuda.device_count())


def _meet() -> Ranks:
    """Groups of their own for a training, so that the user's is left alone."""
    try:
        work = distributed.new_group(backend="gloo", timeout=timedelta(seconds=SECONDS_TO_JOIN))
        pulse = distributed.new_group(backend="gloo", timeout=timedelta(seconds=SECONDS_OF_SILENCE))
    except RuntimeError as error:
        raise RuntimeError(
            f"in a torch.distributed group of {n_ranks()} ranks all have to call fit, and not all "
            f"did within {SECONDS_TO_JOIN:.0f} s. To fit on one alone, do so before "
            f"init_process_group, or load the saved model on the others. ({error})"
        ) from error
    return Ranks(distributed.get_rank(), n_ranks(), work, pulse)


def _in_words(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _compare(facts: Sequence[Mapping[str, str]]) -> None:
    """Raise a ValueError that says what differs between ranks."""
    for name in facts[0]:
        values = [given.get(name, "nothing") for given in facts]
        if len(set(values)) > 1:
            other = next(number for number, value in enumerate(values) if value != values[0])
            shown = [
                value if len(value) < MAX_SHOWN else f"{value[:MAX_SHOWN]}..." for value in values
            ]
            raise ValueError(
                f"ranks have to be given the same data and parameters, and {name} differs: "
                f"{shown[0]} on rank 0, {shown[other]} on rank {other}."
            )
