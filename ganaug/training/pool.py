"""Real samples of every member, in one tensor."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor


class Pool:
    """Real samples of all members; member k draws from its own rows, with replacement.

    Rows are shared, not copied: members that are seeds, settings or inner splits
    of one class point into the same tensor.

    Parameters
    ----------
    samples : (n, *features)
        Encoded samples of all classes, on the device of training.
    rows : sequence of (n_k,) integer tensors
        Row numbers of member k in ``samples``.
    unpack : callable or None
        Function that gives drawn samples their full form; None where they have it already.

    Examples
    --------
    >>> pool = Pool(torch.arange(6.0).reshape(6, 1), [torch.tensor([0, 1]), torch.tensor([5])])
    >>> pool.draw(torch.tensor([[0.0, 0.4, 0.9], [0.0, 0.4, 0.9]])).squeeze(-1)
    tensor([[0., 0., 1.],
            [5., 5., 5.]])
    """

    def __init__(
        self,
        samples: Float[Tensor, "n *packed"],
        rows: Sequence[Int[Tensor, " _"]],
        unpack: Callable[[Tensor], Tensor] | None = None,
    ):
        self.samples = samples
        self._unpack = unpack
        self._rows = torch.cat(list(rows)).to(samples.device)
        sizes = torch.tensor([len(numbers) for numbers in rows], device=samples.device)
        self._start = (sizes.cumsum(0) - sizes)[:, None]
        self._size = sizes[:, None]

    @property
    def n_members(self) -> int:
        """Number of members."""
        return len(self._size)

    def to(self, device: torch.device) -> "Pool":
        """Move the samples to another device."""
        rows = self._rows.split(self._size[:, 0].tolist())
        return Pool(self.samples.to(device), rows, self._unpack)

    def draw(
        self, uniform: Float[Tensor, "members batch"]
    ) -> Float[Tensor, "members batch *features"]:
        """Pick one real sample for every number in [0, 1)."""
        # rounding in float32 can carry u * size up to size itself
        within = torch.minimum((uniform * self._size).long(), self._size - 1)
        drawn = self.samples[self._rows[self._start + within]]
        return drawn if self._unpack is None else self._unpack(drawn)
