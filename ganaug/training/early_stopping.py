"""Early stopping: averaged generators as they were when rated best, member by member."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ganaug.training.batch_parts import Average
from ganaug.training.sharing import separated

# Maps a generator to a distance of its samples from real ones: low is good.
ValidationMetric = Callable[[nn.Module], Float[Tensor, " members"]]

# Shares of the steps after which generators are rated; before, they are far from their best.
VALIDATION_POINTS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

# Ratings, the last, that tell whether a member was improving still.
N_COMPARED = 3

# A game ends early once no member has improved so many times in a row.
PATIENCE = 3


@dataclass(frozen=True)
class StoppingState:
    """State from which early stopping goes on.

    Attributes
    ----------
    best : list of tensors
        Parameters and buffers of the best generators, then their distances; empty where
        none was rated.
    n_without_gain : int
    ratings : list of (members,) tensors
        Distances of the last ratings.
    """

    best: list[Tensor]
    n_without_gain: int
    ratings: list[Tensor]


class EarlyStopping:
    """Keeps the best generator of every member.

    Parameters
    ----------
    metric : callable or None
        Rates generators; None keeps the last.
    n_steps : int
        Of the game.

    Attributes
    ----------
    average : callable or None
        Averages ratings in place over processes that play one game, so that they decide alike.

    Examples
    --------
    >>> ratings = iter([[2.0, 2.0], [1.0, 3.0]])
    >>> stopping = EarlyStopping(lambda generator: torch.tensor(next(ratings)), n_steps=10)
    >>> generator = nn.ParameterList([torch.zeros(2, 1)])
    >>> for n_done in (4, 5, 6):
    ...     _ = generator[0].data.fill_(n_done)
    ...     stopping.validate(generator, n_done)
    >>> stopping.best_generator(generator)[0].flatten().tolist()
    [6.0, 5.0]
    """

    def __init__(self, metric: ValidationMetric | None, n_steps: int):
        self.average: Average | None = None
        self._metric = metric
        self._due = {round(share * n_steps) for share in VALIDATION_POINTS} if metric else set()
        self._best: nn.Module | None = None
        self._distance: Tensor | None = None
        self._n_without_gain = 0
        self._ratings: list[Tensor] = []

    @property
    def distances(self) -> Tensor | None:
        """The last distances (members,) that the metric gave; None before, and without one."""
        return self._ratings[-1] if self._ratings else None

    def improvement(self, n_members: int) -> Float[Tensor, " members"]:
        """Fall of the distances over the last two ratings, where the last is the lowest.

        0 where it is not; NaN where there were too few ratings to tell, or none.
        """
        if len(self._ratings) < N_COMPARED or self._distance is None:
            return torch.full((n_members,), torch.nan)
        first, *_, last = self._ratings
        return (first - last).where(last <= self._distance, 0).nan_to_num(0).cpu()

    @property
    def should_stop(self) -> bool:
        """True where further training has ceased to pay."""
        return self._n_without_gain >= PATIENCE

    def validate(self, ema_generator: nn.Module, n_steps_done: int) -> None:
        """Rate the averaged generators if it is time to, and keep those that have improved."""
        if self._metric is None or n_steps_done not in self._due:
            return
        candidate = separated(ema_generator)
        distance = self._metric(candidate)
        if self.average is not None:
            self.average([distance])
        distance = distance.nan_to_num(nan=torch.inf)
        self._ratings = [*self._ratings, distance][-N_COMPARED:]
        if self._best is None or self._distance is None:
            self._best = candidate
            self._distance = distance
            return
        improved = distance < self._distance
        self._distance = torch.where(improved, distance, self._distance)
        self._n_without_gain = 0 if bool(improved.any()) else self._n_without_gain + 1
        with torch.no_grad():
            for kept, new in zip(_tensors(self._best), _tensors(candidate), strict=True):
                kept[improved] = new[improved]

    def best_generator(self, ema_generator: nn.Module) -> nn.Module:
        """The best generators seen; those that the game ended with where none was rated."""
        return separated(ema_generator) if self._best is None else self._best

    def state(self) -> StoppingState:
        """State from which a game goes on; copies, on the CPU."""
        kept: list[Tensor] = []
        if self._best is not None and self._distance is not None:
            kept = [*_tensors(self._best), self._distance]
        return StoppingState(
            [tensor.to("cpu", copy=True) for tensor in kept],
            self._n_without_gain,
            [tensor.to("cpu", copy=True) for tensor in self._ratings],
        )

    def resume(self, state: StoppingState, ema_generator: nn.Module) -> None:
        """Go to such a state, of generators that are built as ``ema_generator`` is.

        Raises
        ------
        ValueError
            For a state of other generators.
        """
        self._n_without_gain = state.n_without_gain
        self._ratings = list(state.ratings)
        if state.best:
            *best, distance = state.best
            self._best = separated(ema_generator)
            self._distance = distance
            fill(_tensors(self._best), best)
            if distance.dim() != 1 or len(distance) != len(_tensors(self._best)[0]):
                raise ValueError("there is not one distance for each member")


def fill(tensors: Iterable[Tensor], values: Iterable[Tensor]) -> None:
    """Give tensors, parameters among them, the values of others of their shapes.

    Raises
    ------
    ValueError
        For values of other shapes or dtypes; nothing is changed then.
    """
    tensors = list(tensors)
    values = list(values)
    forms = [[(tensor.shape, tensor.dtype) for tensor in group] for group in (values, tensors)]
    if forms[0] != forms[1]:
        raise ValueError(f"{len(values)} tensors do not have the shapes of {len(tensors)} others")
    for tensor, value in zip(tensors, values, strict=True):
        tensor.data.copy_(value)


def _tensors(module: nn.Module) -> list[Tensor]:
    return [*module.parameters(), *module.buffers()]
