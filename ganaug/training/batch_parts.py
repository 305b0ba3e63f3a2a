"""Parts of a batch, of which several processes take one each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from ganaug.training.streams import Streams

# Replaces tensors by their means over all processes.
Average = Callable[[Sequence[Tensor]], None]


@dataclass(frozen=True)
class BatchPart:
    """Part of every batch that a process takes.

    Attributes
    ----------
    start, end : int
        Samples of the batch that it takes: from ``start``, before ``end``.
    batch_size : int
        Samples of the whole batch.
    weight : float
        Weight of what this part gives, by which the mean over all processes is that of the batch.

    Examples
    --------
    >>> [BatchPart.of_process(number, 2, batch_size=5) for number in range(2)]
    [BatchPart(start=0, end=2, batch_size=5, weight=0.8),
     BatchPart(start=2, end=5, batch_size=5, weight=1.2)]
    """

    start: int
    end: int
    batch_size: int
    weight: float

    @classmethod
    def of_process(cls, number: int, n_processes: int, batch_size: int) -> "BatchPart":
        """Part of one of so many processes; where samples are fewer, some take the same."""
        n_parts = min(n_processes, batch_size)
        part = number % n_parts
        start = batch_size * part // n_parts
        end = batch_size * (part + 1) // n_parts
        n_takers = len(range(part, n_processes, n_parts))
        return cls(start, end, batch_size, (end - start) / batch_size * n_processes / n_takers)

    @property
    def size(self) -> int:
        """Samples of the part."""
        return self.end - self.start


class PartStreams:
    """Random numbers of one part of every batch: those that the whole batch would have there.

    Parameters
    ----------
    streams : Streams
        Random numbers of whole batches.
    part : BatchPart

    Examples
    --------
    >>> import torch
    >>> from ganaug.training.streams import MemberStreams
    >>> cpu = torch.device("cpu")
    >>> whole = MemberStreams([7], cpu).normal(5, 2)
    >>> streams = PartStreams(MemberStreams([7], cpu), BatchPart.of_process(1, 2, batch_size=5))
    >>> torch.equal(streams.normal(3, 2), whole[:, 2:])
    True
    """

    def __init__(self, streams: Streams, part: BatchPart):
        self._streams = streams
        self._part = part

    def normal(self, *shape: int) -> Tensor:
        """Draw standard normal numbers, ``shape`` of them for each member."""
        return self._take(self._streams.normal(*self._whole(shape)))

    def uniform(self, *shape: int) -> Tensor:
        """Draw numbers uniform in [0, 1), ``shape`` of them for each member."""
        return self._take(self._streams.uniform(*self._whole(shape)))

    def _whole(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (shape[0] // self._part.size * self._part.batch_size, *shape[1:])

    def _take(self, numbers: Tensor) -> Tensor:
        # real and generated samples come one after the other, a batch of each
        batches = numbers.unflatten(1, (-1, self._part.batch_size))
        return batches[:, :, self._part.start : self._part.end].flatten(1, 2)
