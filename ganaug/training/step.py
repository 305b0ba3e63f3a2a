"""One training step of every member: both networks, their optimisers, the averaged generator."""

import copy
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ganaug.training.adam import MemberAdam
from ganaug.training.batch_parts import Average
from ganaug.training.config import StepSchedule, TrainingConfig
from ganaug.training.losses import discriminator_loss, generator_loss, gradient_penalty
from ganaug.training.overlap import Start, call_each, start_when_asked
from ganaug.training.pool import Pool
from ganaug.training.streams import Streams

LOSSES = ("generator_loss", "discriminator_loss")

# Values of every step: losses in nats, squared norms of the discriminators' gradients at real (r1)
# and generated samples (r2), and the share of generated samples that the discriminator rates above
# the real ones that they are paired with, a half at the game's equilibrium.
HISTORY_KEYS = (*LOSSES, "r1", "r2", "fool_rate")


class _Update(NamedTuple):
    """Loss of a discriminator, and the gradients of its update.

    Attributes
    ----------
    loss : (members,)
    penalties : (2, members)
        At real and at generated samples; (0, members) in a step without them.
    gradients : sequence of tensors
    """

    loss: Tensor
    penalties: Tensor
    gradients: Sequence[Tensor]


class TrainingStep:
    """The networks of every member, and what one step does to them.

    Parameters
    ----------
    generator, discriminator : Module
        Trained in place.
    config : TrainingConfig

    Attributes
    ----------
    ema_generator : Module
        Running average of the generator's weights.
    overlaps : bool
        True where calls that wait for nothing may be started beside others, on a CPU.
    start : callable
        Starts them.
    """

    def __init__(self, generator: nn.Module, discriminator: nn.Module, config: TrainingConfig):
        self.discriminator = discriminator
        self.start: Start = start_when_asked
        self.ema_generator = copy.deepcopy(generator).requires_grad_(False)
        self._generator = generator
        self._config = config
        self._generator_optimizer = MemberAdam(generator, config)
        self._discriminator_optimizer = MemberAdam(discriminator, config)
        self._penalties = torch.zeros(2, len(config.gamma), device=config.gamma.device)
        self.overlaps = config.overlapping and config.gamma.device.type == "cpu"

    def __call__(
        self, pool: Pool, streams: Streams, schedule: StepSchedule
    ) -> Float[Tensor, "values members"]:
        """Update both networks once; return the values of ``HISTORY_KEYS``."""
        config = self._config
        real = pool.draw(streams.uniform(config.batch_size))
        rated, learnt_from = (config.input_sampler(streams, config.batch_size) for _ in range(2))
        # the discriminator's update changes nothing of what makes them
        start_fake = self.start(self._generate, learnt_from)
        with torch.no_grad():
            samples = torch.cat([real, self._generate(rated)], dim=1)
            samples = config.discriminator_transform(samples, streams)
        discriminator_value = self._update_discriminator(samples, schedule)
        generator_value, fool_rate = self._update_generator(
            real, learnt_from, start_fake, streams, schedule
        )
        with torch.no_grad():
            averages: list[Tensor] = list(self.ema_generator.parameters())
            moves = list(torch._foreach_sub(list(self._generator.parameters()), averages))
            torch._foreach_mul_(moves, schedule.ema_weight)
            torch._foreach_add_(averages, moves)
        return torch.stack([generator_value, discriminator_value, *self._penalties, fool_rate])

    def tensors(self) -> list[Tensor]:
        """All tensors that steps change."""
        networks = (self._generator, self.discriminator, self.ema_generator)
        return [
            *(parameter for network in networks for parameter in network.parameters()),
            *self._generator_optimizer.tensors(),
            *self._discriminator_optimizer.tensors(),
            self._penalties,
        ]

    def divide(self, part_size: int, average: Average) -> None:
        """Take so many samples of every batch, and average gradients over all its parts."""
        self._config = replace(self._config, batch_size=part_size)
        self._generator_optimizer.average = average
        self._discriminator_optimizer.average = average

    def _update_discriminator(
        self, samples: Tensor, schedule: StepSchedule
    ) -> Float[Tensor, " members"]:
        """Learn from real samples and as many generated ones after them."""
        rate = self._in_two_passes if self.overlaps else self._in_one_pass
        loss, penalties, gradients = rate(samples, schedule.with_penalty)
        if schedule.with_penalty:
            self._penalties.copy_(penalties.detach())
        self._discriminator_optimizer(list(gradients), schedule)
        return loss.detach()

    def _in_one_pass(self, samples: Tensor, with_penalty: bool) -> _Update:
        """Rate real and generated samples together."""
        logits, penalties = self._rate_with_penalties(samples, with_penalty)
        loss = discriminator_loss(*logits.chunk(2, dim=1))
        return _Update(loss, penalties, self._gradients(loss.sum(), penalties))

    def _in_two_passes(self, samples: Tensor, with_penalty: bool) -> _Update:
        """Rate real and generated samples by themselves, side by side where a thread is idle."""
        parts = [(part, with_penalty) for part in samples.chunk(2, dim=1)]
        logits, penalties = zip(
            *call_each(self.start, self._rate_with_penalties, parts), strict=True
        )
        # they meet in the loss alone
        ends = [each.detach().requires_grad_() for each in logits]
        loss = discriminator_loss(*ends)
        slopes = torch.autograd.grad(loss.sum(), ends)
        totals = [(slope * each).sum() for slope, each in zip(slopes, logits, strict=True)]
        of_passes = list(zip(totals, penalties, strict=True))
        gradients = torch._foreach_add(*call_each(self.start, self._gradients, of_passes))
        return _Update(loss, torch.cat(penalties), gradients)

    def _rate_with_penalties(self, samples: Tensor, with_penalty: bool) -> tuple[Tensor, Tensor]:
        """Logits of batches, and penalties (batches, members) of each, if there are to be any."""
        samples.requires_grad_(with_penalty)
        logits = self._rate(samples)
        if not with_penalty:
            return logits, logits.new_zeros(0, len(logits))
        penalty = gradient_penalty(logits, samples)
        return logits, penalty.unflatten(1, (-1, self._config.batch_size)).mean(dim=2).T

    def _gradients(self, total: Tensor, penalties: Tensor) -> Sequence[Tensor]:
        """Gradients of the discriminator's loss: of a number, and of penalties beside it."""
        weight = self._config.penalty_interval * self._config.gamma / 2
        total = total + (weight * penalties).sum()
        return torch.autograd.grad(total, self._discriminator_optimizer.parameters)

    def _update_generator(
        self,
        real: Tensor,
        inputs: Any,
        start_fake: Callable[[], Tensor],
        streams: Streams,
        schedule: StepSchedule,
    ) -> tuple[Float[Tensor, " members"], Float[Tensor, " members"]]:
        config = self._config
        with torch.no_grad():
            seen = config.discriminator_transform(real, streams)
        rate_real = self.start(torch.no_grad()(self._rate), seen)
        fake = start_fake()
        fake_logits = self._rate(config.discriminator_transform(fake, streams))
        real_logits = rate_real()
        total = loss = generator_loss(real_logits, fake_logits)
        if config.auxiliary_loss is not None:
            total = loss + config.auxiliary_loss(inputs, fake)
        parameters = self._generator_optimizer.parameters
        self._generator_optimizer(list(torch.autograd.grad(total.sum(), parameters)), schedule)
        fool_rate = (fake_logits.detach() > real_logits).float().flatten(1).mean(dim=1)
        return loss.detach(), fool_rate

    def _generate(self, inputs: Any) -> Tensor:
        with self._mixed_precision():
            return self._generator(inputs).float()

    def _rate(self, samples: Tensor) -> Float[Tensor, "members batch *places"]:
        with self._mixed_precision():
            return self.discriminator(samples).float()

    def _mixed_precision(self) -> AbstractContextManager:
        """Context in which networks compute in the configuration's precision."""
        dtype = self._config.precision
        if dtype == torch.float32:
            return nullcontext()
        # each forward pass has its own graph, and casts each weight once
        return torch.autocast(self._penalties.device.type, dtype, cache_enabled=False)
