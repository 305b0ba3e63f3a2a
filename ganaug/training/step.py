"""One training step of every member: both networks, their optimisers, the averaged generator."""

import copy
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.optim.adam import adam

from ganaug.training.batch_parts import Average
from ganaug.training.config import BETA, StepSchedule, TrainingConfig
from ganaug.training.losses import discriminator_loss, generator_loss, gradient_penalty
from ganaug.training.overlap import Start, start_when_asked
from ganaug.training.pool import Pool
from ganaug.training.streams import Streams

LOSSES = ("generator_loss", "discriminator_loss")

# Values of every step: losses in nats, squared norms of the discriminators' gradients at real (r1)
# and generated samples (r2), and the share of generated samples that the discriminator rates above
# the real ones that they are paired with, a half at the game's equilibrium.
HISTORY_KEYS = (*LOSSES, "r1", "r2", "fool_rate")


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
    start : callable
        Starts calls that wait for nothing.
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

    def __call__(
        self, pool: Pool, streams: Streams, schedule: StepSchedule
    ) -> Float[Tensor, "values members"]:
        """Update both networks once; return the values of ``HISTORY_KEYS``."""
        real = pool.draw(streams.uniform(self._config.batch_size))
        samples = self._samples_to_rate(real, streams)
        inputs = self._config.input_sampler(streams, real.shape[1])
        # the discriminator's update changes nothing of what makes them
        fake = self.start(self._generate, inputs)
        discriminator_value = self._update_discriminator(samples, schedule)
        generator_value, fool_rate = self._update_generator(real, inputs, fake, streams, schedule)
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

    @torch.no_grad()
    def _samples_to_rate(self, real: Tensor, streams: Streams) -> Tensor:
        """Generate as many samples, and give them after the real ones, as they are rated."""
        fake = self._generate(self._config.input_sampler(streams, real.shape[1]))
        return self._config.discriminator_transform(torch.cat([real, fake], dim=1), streams)

    def _update_discriminator(
        self, samples: Tensor, schedule: StepSchedule
    ) -> Float[Tensor, " members"]:
        config = self._config
        n_real = samples.shape[1] // 2
        samples.requires_grad_(schedule.with_penalty)
        logits = self._rate(samples)
        total = loss = discriminator_loss(logits[:, :n_real], logits[:, n_real:])
        if schedule.with_penalty:
            penalty = gradient_penalty(logits, samples)
            penalties = torch.stack([penalty[:, :n_real].mean(1), penalty[:, n_real:].mean(1)])
            total = loss + config.penalty_interval * config.gamma / 2 * penalties.sum(0)
            self._penalties.copy_(penalties.detach())
        self._discriminator_optimizer(total, schedule)
        return loss.detach()

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
        self._generator_optimizer(total, schedule)
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


class MemberAdam:
    """Adam without momentum on stacked parameters, with a learning rate for each member.

    The functional form: the class of the same name imports the compiler, which
    takes longer than a small table's training.

    Parameters
    ----------
    module : Module
        Its parameters are updated in place.
    config : TrainingConfig

    Attributes
    ----------
    average : callable or None
        Averages gradients in place over the processes that share a batch.
    """

    def __init__(self, module: nn.Module, config: TrainingConfig):
        self.average: Average | None = None
        rates = config.learning_rate
        all_equal = bool((rates == rates[0]).all())
        self._parameters: list[Tensor] = list(module.parameters())
        self._learning_rate = float(rates[0]) if all_equal else 1.0
        self._member_rates = None if all_equal else rates.to(self._parameters[0].device)
        self._moments = [torch.zeros_like(p) for p in self._parameters]
        self._squares = [torch.zeros_like(p) for p in self._parameters]
        self._counts = [torch.zeros((), device=p.device) for p in self._parameters]

    def tensors(self) -> list[Tensor]:
        """All tensors that steps change, beside the parameters."""
        return [*self._moments, *self._squares, *self._counts]

    def __call__(self, losses: Float[Tensor, " members"], schedule: StepSchedule) -> None:
        """Take one step down the gradient of the members' losses."""
        gradients = list(torch.autograd.grad(losses.sum(), self._parameters))
        if self.average is not None:
            self.average(gradients)
        if schedule.clip:
            gradients = self._clip(gradients, schedule.clip_value)
        rates = self._member_rates
        before = None if rates is None else [p.detach().clone() for p in self._parameters]
        with torch.no_grad():
            adam(
                self._parameters,
                # the fused kernel reads memory in the parameter's order, whatever the strides say
                [gradient.contiguous() for gradient in gradients],
                self._moments,
                self._squares,
                max_exp_avg_sqs=[],
                state_steps=self._counts,
                fused=True,
                amsgrad=False,
                beta1=0.0,
                beta2=BETA,
                lr=self._learning_rate * schedule.lr_scale,
                weight_decay=0.0,
                eps=1e-8,
                maximize=False,
            )
            if before is not None and rates is not None:
                # all have moved at a rate of 1; each takes its own share of the move
                for parameter, old in zip(self._parameters, before, strict=True):
                    shares = rates.view(-1, *[1] * (old.dim() - 1))
                    parameter.copy_(old + shares * (parameter - old))

    def _clip(self, gradients: list[Tensor], clip_value: float | Tensor) -> list[Tensor]:
        """Clip gradients to a multiple of their own root mean square of the steps before."""
        bounds = torch._foreach_mul(torch._foreach_sqrt(self._squares), clip_value)
        for bound in bounds:
            bound.masked_fill_(bound == 0, torch.inf)  # there was no gradient yet
        clipped = torch._foreach_minimum(gradients, bounds)
        return list(torch._foreach_maximum(clipped, torch._foreach_neg(bounds)))
