"""Configuration of a training run, and what each of its steps does."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ganaug.training.discriminator_transform import DiscriminatorTransform
from ganaug.training.early_stopping import ValidationMetric
from ganaug.training.input_samplers import InputSampler

# Maps what generators received, and the samples that they made of it, to a value of each member.
AuxiliaryLoss = Callable[[Any, Tensor], Float[Tensor, " members"]]

# Decay of Adam's mean of squared gradients.
BETA = 0.99

# Largest decay of the averaged generator's weights; it is smaller in the first steps.
EMA_DECAY = 0.995


@dataclass(frozen=True)
class StepSchedule:
    """Values that differ from one step to another.

    Attributes
    ----------
    with_penalty : bool
        True where the step takes the gradient penalties.
    clip : bool
        True where gradients are clipped, entry by entry.
    clip_value : float
        Largest entry of a gradient, in roots of Adam's mean of squared gradients.
    lr_scale : float
        Factor of the learning rates.
    ema_weight : float
        Weight of the generator in its running average: 1 - decay.
    """

    with_penalty: bool
    clip: bool
    clip_value: float | Tensor
    lr_scale: float | Tensor
    ema_weight: float | Tensor


@dataclass(frozen=True)
class TrainingConfig:
    """Configuration of a training run; tensors hold one value per member.

    Attributes
    ----------
    n_steps : int
        Updates of each generator and of each discriminator.
    batch_size : int
        Real and generated samples per member and update.
    input_sampler : callable
        Draws what the generators receive.
    gamma : (members,)
        Weight of the two gradient penalties.
    learning_rate : (members,)
        Learning rate of Adam; rises to its value and falls linearly to a tenth over the run.
        On the CPU, whose numbers optimisers are given.
    discriminator_transform : callable
        Turns real and generated samples into what the discriminators see of them.
    penalty_interval : int
        Steps from one update with the gradient penalties to the next (lazy regularisation);
        they weigh as much more in it, and cost as much less in all. Between, the history
        repeats their last values.
    validation_metric : callable or None
        Rates the averaged generators now and then, so that the best ones are kept
        and a run that has ceased to improve them ends; None keeps the last.
    warmup_steps : int
        Steps over which the learning rate rises to its full value.
    auxiliary_loss : callable or None
        Loss of the generators beside that of the game.
    clip_rms_multiple : float
        A gradient's entry counts up to so many times its root mean square. One that
        leaps, where a discriminator turns steep, would else move its weight by the
        length of ten steps.
    max_loss : float
        Nats that the losses of networks in balance stay below; see ``Health``.
    overlapping : bool
        True where a second thread of a CPU is worth its while: discriminators rate real and
        generated samples in two passes, which can be side by side. Results do not depend on
        whether there is one.
    precision : torch.dtype
        Type in which the networks compute; with bfloat16 in mixed precision, as
        ``torch.autocast`` does. Weights, losses and optimisers are float32 in any case.
    """

    n_steps: int
    batch_size: int
    input_sampler: InputSampler
    gamma: Float[Tensor, " members"]
    learning_rate: Float[Tensor, " members"]
    discriminator_transform: DiscriminatorTransform
    penalty_interval: int = 1
    validation_metric: ValidationMetric | None = None
    warmup_steps: int = 1
    auxiliary_loss: AuxiliaryLoss | None = None
    clip_rms_multiple: float = math.inf
    max_loss: float = math.inf
    overlapping: bool = False
    precision: torch.dtype = torch.float32

    def schedule(self, index: int) -> StepSchedule:
        """Schedule of step number ``index``; they count from 0."""
        clip = index > 0 and self.clip_rms_multiple < math.inf
        # the mean of squares starts at zero, and is short of what it will be by this factor
        bias_correction = 1 - BETA**index
        return StepSchedule(
            with_penalty=index % self.penalty_interval == 0,
            clip=clip,
            clip_value=self.clip_rms_multiple / bias_correction**0.5 if clip else math.inf,
            lr_scale=min((1 + index) / self.warmup_steps, 1 - 0.9 * index / self.n_steps),
            ema_weight=1 - min(EMA_DECAY, (1 + index) / (10 + index)),
        )
