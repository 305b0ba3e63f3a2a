"""How a game is played."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor

from ganaug.training.early_stopping import Judge
from ganaug.training.inputs import Inputs
from ganaug.training.views import View

FurtherLoss = Callable[[Any, Tensor], Float[Tensor, " members"]]

# Of Adam's mean of squared gradients.
BETA = 0.99


@dataclass(frozen=True)
class Pace:
    """What differs from one step to another.

    Attributes
    ----------
    penalised : bool
        True where the step takes the gradient penalties.
    clipped : bool
        True where gradients' entries are held to ``bound``.
    rate : float
        Of the learning rates, what this step uses.
    bound : float
        Largest entry of a gradient, in roots of Adam's mean of squared gradients.
    renewal : float
        How far the averaged weights move to those of the step.
    """

    penalised: bool
    clipped: bool
    rate: float | Tensor
    bound: float | Tensor
    renewal: float | Tensor


@dataclass(frozen=True)
class Rules:
    """How the game is played; tensors hold one value per member.

    Attributes
    ----------
    n_steps : int
        Updates of each generator and of each discriminator.
    batch_size : int
        Real and generated samples per member and update.
    inputs : callable
        Draws what the generators receive.
    gamma : (members,)
        Weight of the two gradient penalties.
    learning_rate : (members,)
        Of Adam; rises to its value and falls linearly to a tenth over the run.
    view : callable
        Turns real and generated samples into what the discriminators see of them.
    penalty_every : int
        Steps from one update with the gradient penalties to the next; they weigh as
        much more in it, and cost as much less in all. Between, the history repeats
        their last figures.
    judge : callable or None
        Rates the averaged generators now and then, so that the best ones are kept
        and a game that has ceased to improve them ends; None keeps the last.
    n_warm_up : int
        Steps over which the learning rate rises to its full value.
    further_loss : callable or None
        Of the generators, beside that of the game: maps inputs and the samples made of
        them to a value for each member.
    most_deviations : float
        A gradient's entry counts up to so many times its root mean square. One that
        leaps, where a discriminator turns steep, would else move its weight by the
        length of ten steps.
    max_loss : float
        Nats that the losses of networks in balance stay below; see ``Health``.
    """

    n_steps: int
    batch_size: int
    inputs: Inputs
    gamma: Float[Tensor, " members"]
    learning_rate: Float[Tensor, " members"]
    view: View
    penalty_every: int = 1
    judge: Judge | None = None
    n_warm_up: int = 1
    further_loss: FurtherLoss | None = None
    most_deviations: float = math.inf
    max_loss: float = math.inf

    def pace(self, index: int) -> Pace:
        """What step number ``index`` does; they count from 0."""
        clipped = index > 0 and self.most_deviations < math.inf
        # the mean of squares starts at zero, and is short of what it will be by this factor
        settled = 1 - BETA**index
        return Pace(
            penalised=index % self.penalty_every == 0,
            clipped=clipped,
            rate=min((1 + index) / self.n_warm_up, 1 - 0.9 * index / self.n_steps),
            bound=self.most_deviations / settled**0.5 if clipped else math.inf,
            renewal=1 - min(0.995, (1 + index) / (10 + index)),
        )
