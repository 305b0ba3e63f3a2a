"""The game: a discriminator and a generator of every member, trained in turns."""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.optim.adam import adam

from ganaug.training.checkpoints import Checkpoints, Judge
from ganaug.training.losses import discriminator_loss, generator_loss, gradient_penalty
from ganaug.training.pool import Pool
from ganaug.training.sharing import separated
from ganaug.training.streams import MemberStreams
from ganaug.training.views import View

FIGURES = ("generator_loss", "discriminator_loss", "real_penalty", "fake_penalty", "fooled")

# Steps between two looks at the history: the only times the host waits for the device. A CPU has
# nothing to wait for, and steps on images are long there.
STEPS_PER_LOOK = {"cpu": 5, "cuda": 50}

# Of Adam's mean of squared gradients.
BETA = 0.99

# A generator whose samples spread less than this share of the real ones has collapsed.
LEAST_SPREAD = 0.1


@dataclass(frozen=True)
class Rules:
    """How the game is played; tensors hold one value per member.

    Attributes
    ----------
    n_steps : int
        Updates of each generator and of each discriminator.
    batch_size : int
        Real and generated samples per member and update.
    n_latent : int
        Width of the Gaussian noise that the generators receive.
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
    most_deviations : float
        A gradient's entry counts up to so many times its root mean square. One that
        leaps, where a discriminator turns steep, would else move its weight by the
        length of ten steps.
    """

    n_steps: int
    batch_size: int
    n_latent: int
    gamma: Float[Tensor, " members"]
    learning_rate: Float[Tensor, " members"]
    view: View
    penalty_every: int = 1
    judge: Judge | None = None
    n_warm_up: int = 1
    most_deviations: float = math.inf


@dataclass(frozen=True)
class Outcome:
    """What a game leaves behind.

    Attributes
    ----------
    generator : Module
        Running average of the generators' weights; of each member when it was judged
        best.
    discriminator : Module
        As the last step left it.
    history : (steps, figures, members)
        ``FIGURES`` at each step, on the CPU; shorter than asked for where
        training was interrupted or has ceased to pay.
    healthy : (members,)
        False where a figure is not finite or the generator has collapsed.
    interrupted : bool
        True where ``KeyboardInterrupt`` ended the game early.
    """

    generator: nn.Module
    discriminator: nn.Module
    history: Float[Tensor, "steps figures members"]
    healthy: Bool[Tensor, " members"]
    interrupted: bool


def train(
    generator: nn.Module,
    discriminator: nn.Module,
    pool: Pool,
    rules: Rules,
    streams: MemberStreams,
    on_steps: Callable[[int], object] = lambda n_steps: None,
) -> Outcome:
    """Play the game of all members at once.

    Parameters
    ----------
    generator : Module
        Maps noise (members, batch, n_latent) to samples (members, batch,
        *features). Trained in place.
    discriminator : Module
        Maps samples to logits (members, batch). Trained in place.
    pool : Pool
        Real samples.
    rules : Rules
        Settings, tensors on the device of training.
    streams : MemberStreams
        All randomness.
    on_steps : callable, optional
        Called with the number of steps done since it was last called.

    Returns
    -------
    Outcome
    """
    players = _Players(generator, discriminator, rules)
    checkpoints = Checkpoints(rules.judge, rules.n_steps)
    looks: list[Tensor] = []
    unseen: list[Tensor] = []
    interrupted = False
    steps_per_look = STEPS_PER_LOOK["cpu" if pool.samples.device.type == "cpu" else "cuda"]
    try:
        for index in range(rules.n_steps):
            unseen.append(players.step(pool, streams, index))
            if len(unseen) == steps_per_look or index == rules.n_steps - 1:
                looks.append(torch.stack(unseen).cpu())
                unseen = []
                on_steps(len(looks[-1]))
                if not looks[-1].isfinite().all(dim=(0, 1)).any():
                    break
            checkpoints.look(players.average, index + 1)
            if checkpoints.settled:
                break
    except KeyboardInterrupt:
        interrupted = True
    nothing = torch.zeros(0, len(FIGURES), pool.n_members)
    history = torch.cat([nothing, *looks, *(step[None].cpu() for step in unseen)])
    healthy = history.isfinite().all(dim=(0, 1))
    best = checkpoints.best(players.average)
    healthy &= (spread(best, pool, rules, streams) > LEAST_SPREAD).cpu()
    return Outcome(best, separated(discriminator), history, healthy, interrupted)


def spread(
    generator: nn.Module, pool: Pool, rules: Rules, streams: MemberStreams
) -> Float[Tensor, " members"]:
    """Standard deviation of generated samples relative to real ones, over all features.

    Near 0 for a collapsed generator; infinite where the real samples are all alike.
    """
    with torch.no_grad():
        fake = generator(streams.normal(256, rules.n_latent))
        real = pool.draw(streams.uniform(256))
        fake_variance = fake.flatten(2).var(dim=1).sum(dim=1)
        real_variance = real.flatten(2).var(dim=1).sum(dim=1)
        alike = real_variance < 1e-12
        ratio = (fake_variance / real_variance.masked_fill(alike, 1)).sqrt()
        return ratio.masked_fill(alike, torch.inf)


class _Players:
    """The two networks of every member, their optimisers, and the averaged generator."""

    def __init__(self, generator: nn.Module, discriminator: nn.Module, rules: Rules):
        self._generator, self._discriminator, self._rules = generator, discriminator, rules
        self.average = copy.deepcopy(generator).requires_grad_(False)
        self._move_generator = _MemberAdam(generator, rules)
        self._move_discriminator = _MemberAdam(discriminator, rules)

    def step(
        self, pool: Pool, streams: MemberStreams, index: int
    ) -> Float[Tensor, "figures members"]:
        """Update both networks once; return ``FIGURES`` of this step."""
        real = pool.draw(streams.uniform(self._rules.batch_size))
        real_figures = self._update_discriminator(real, streams, index)
        figures = self._update_generator(real, streams, index)
        decay = min(0.995, (1 + index) / (10 + index))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.average.parameters()), list(self._generator.parameters()), 1 - decay
            )
        return torch.stack([figures[0], *real_figures, figures[1]])

    def _update_discriminator(
        self, real: Tensor, streams: MemberStreams, index: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        rules, n_real = self._rules, real.shape[1]
        with torch.no_grad():
            fake = self._generator(streams.normal(n_real, rules.n_latent))
            samples = rules.view(torch.cat([real, fake], dim=1), streams)
        penalised = index % rules.penalty_every == 0
        samples.requires_grad_(penalised)
        logits = self._discriminator(samples)
        total = loss = discriminator_loss(logits[:, :n_real], logits[:, n_real:])
        if penalised:
            penalty = gradient_penalty(logits, samples)
            penalties = penalty[:, :n_real].mean(1), penalty[:, n_real:].mean(1)
            total = loss + rules.penalty_every * rules.gamma / 2 * (penalties[0] + penalties[1])
            self._penalties = penalties[0].detach(), penalties[1].detach()
        self._move_discriminator(total, index)
        return loss.detach(), *self._penalties

    def _update_generator(
        self, real: Tensor, streams: MemberStreams, index: int
    ) -> tuple[Tensor, Tensor]:
        view, noise = self._rules.view, streams.normal(real.shape[1], self._rules.n_latent)
        with torch.no_grad():
            real_logits = self._discriminator(view(real, streams))
        fake_logits = self._discriminator(view(self._generator(noise), streams))
        loss = generator_loss(real_logits, fake_logits)
        self._move_generator(loss, index)
        fooled = (fake_logits.detach() > real_logits).float().mean(dim=1)
        return loss.detach(), fooled


class _MemberAdam:
    """Adam without momentum on stacked parameters, with a learning rate for each member.

    The functional form: the class of the same name imports the compiler, which
    takes longer than a small table's training.
    """

    def __init__(self, module: nn.Module, rules: Rules):
        self._parameters: list[Tensor] = list(module.parameters())
        same = bool((rules.learning_rate == rules.learning_rate[0]).all())
        self._rate = float(rules.learning_rate[0]) if same else 1.0
        self._own_rates = None if same else rules.learning_rate
        self._n_steps, self._n_warm_up = rules.n_steps, rules.n_warm_up
        self._most_deviations = rules.most_deviations
        self._moments = [torch.zeros_like(p) for p in self._parameters]
        self._squares = [torch.zeros_like(p) for p in self._parameters]
        self._counts = [torch.zeros((), device=p.device) for p in self._parameters]

    def __call__(self, losses: Float[Tensor, " members"], index: int) -> None:
        """Take step number ``index`` down the gradient of the members' losses."""
        gradients = list(torch.autograd.grad(losses.sum(), self._parameters))
        if index > 0 and self._most_deviations < math.inf:
            gradients = self._clipped(gradients, index)
        before = None if self._own_rates is None else [p.detach().clone() for p in self._parameters]
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
                lr=self._rate * self._schedule(index),
                weight_decay=0.0,
                eps=1e-8,
                maximize=False,
            )
            if before is not None and self._own_rates is not None:
                # all have moved at a rate of 1; each takes its own share of the move
                for parameter, old in zip(self._parameters, before, strict=True):
                    rates = self._own_rates.view(-1, *[1] * (old.dim() - 1))
                    parameter.copy_(old + rates * (parameter - old))

    def _schedule(self, index: int) -> float:
        return min((1 + index) / self._n_warm_up, 1 - 0.9 * index / self._n_steps)

    def _clipped(self, gradients: list[Tensor], index: int) -> list[Tensor]:
        """Gradients within a multiple of their own root mean square of the steps before."""
        scale = self._most_deviations / (1 - BETA**index) ** 0.5
        bounds = torch._foreach_mul(torch._foreach_sqrt(self._squares), scale)
        for bound in bounds:
            bound.masked_fill_(bound == 0, torch.inf)  # it had no gradient yet
        clipped = torch._foreach_minimum(gradients, bounds)
        return list(torch._foreach_maximum(clipped, torch._foreach_neg(bounds)))
