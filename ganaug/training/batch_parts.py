"""Parts of a batch, of which several processes take one each."""

from collections.abc import Callable, Sequence

from torch import Tensor

from ganaug.training.streams import Streams

# Replaces tensors by their means over all processes.
Average = Callable[[Sequence[Tensor]], None]


class PartStreams:
    """Random numbers of one part of every batch: those that the whole batch would have there.

    Parameters
    ----------
    streams : Streams
        Random numbers of whole batches.
    part, n_parts : int
        Number of the part, and how many there are.
    part_size : int
        Samples of a part.

    Examples
    --------
    >>> import torch
    >>> from ganaug.training.streams import MemberStreams
    >>> cpu = torch.device("cpu")
    >>> whole = MemberStreams([7], cpu).normal(6, 2)
    >>> part = PartStreams(MemberStreams([7], cpu), part=1, n_parts=3, part_size=2).normal(2, 2)
    >>> torch.equal(part, whole[:, 2:4])
    True
    """

    def __init__(self, streams: Streams, part: int, n_parts: int, part_size: int):
        self._streams = streams
        self._part = part
        self._n_parts = n_parts
        self._part_size = part_size

    def normal(self, *shape: int) -> Tensor:
        """Draw standard normal numbers, ``shape`` of them for each member."""
        return self._take(self._streams.normal(*self._whole(shape)))

    def uniform(self, *shape: int) -> Tensor:
        """Draw numbers uniform in [0, 1), ``shape`` of them for each member."""
        return self._take(self._streams.uniform(*self._whole(shape)))

    def _whole(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (shape[0] * self._n_parts, *shape[1:])

    def _take(self, numbers: Tensor) -> Tensor:
        # real and generated samples come one after the other, a batch of each
        batches = numbers.unflatten(1, (-1, self._n_parts, self._part_size))
        return batches[:, :, self._part].flatten(1, 2)
