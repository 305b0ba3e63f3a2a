"""The two networks of every member, and one step of their game."""

import copy

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.optim.adam import adam

from ganaug.training.losses import discriminator_loss, generator_loss, gradient_penalty
from ganaug.training.pool import Pool
from ganaug.training.rules import BETA, Pace, Rules
from ganaug.training.streams import Streams

LOSSES = ("generator_loss", "discriminator_loss")
FIGURES = (*LOSSES, "real_penalty", "fake_penalty", "fooled")


class Players:
    """The two networks of every member, their optimisers, and the averaged generator."""

    def __init__(self, generator: nn.Module, discriminator: nn.Module, rules: Rules):
        self._generator, self.discriminator, self._rules = generator, discriminator, rules
        self.average = copy.deepcopy(generator).requires_grad_(False)
        self._move_generator = _MemberAdam(generator, rules)
        self._move_discriminator = _MemberAdam(discriminator, rules)
        self._penalties = torch.zeros(2, len(rules.gamma), device=rules.gamma.device)

    def step(self, pool: Pool, streams: Streams, pace: Pace) -> Float[Tensor, "figures members"]:
        """Update both networks once; return ``FIGURES`` of this step."""
        real = pool.draw(streams.uniform(self._rules.batch_size))
        discriminator_figure = self._update_discriminator(real, streams, pace)
        generator_figure, fooled = self._update_generator(real, streams, pace)
        with torch.no_grad():
            kept: list[Tensor] = list(self.average.parameters())
            moves = list(torch._foreach_sub(list(self._generator.parameters()), kept))
            torch._foreach_mul_(moves, pace.renewal)
            torch._foreach_add_(kept, moves)
        return torch.stack([generator_figure, discriminator_figure, *self._penalties, fooled])

    def tensors(self) -> list[Tensor]:
        """All that steps change."""
        networks = (self._generator, self.discriminator, self.average)
        return [
            *(parameter for network in networks for parameter in network.parameters()),
            *self._move_generator.tensors(),
            *self._move_discriminator.tensors(),
            self._penalties,
        ]

    def _update_discriminator(
        self, real: Tensor, streams: Streams, pace: Pace
    ) -> Float[Tensor, " members"]:
        rules, n_real = self._rules, real.shape[1]
        with torch.no_grad():
            fake = self._generator(rules.inputs(streams, n_real))
            samples = rules.view(torch.cat([real, fake], dim=1), streams)
        samples.requires_grad_(pace.penalised)
        logits = self.discriminator(samples)
        total = loss = discriminator_loss(logits[:, :n_real], logits[:, n_real:])
        if pace.penalised:
            penalty = gradient_penalty(logits, samples)
            penalties = torch.stack([penalty[:, :n_real].mean(1), penalty[:, n_real:].mean(1)])
            total = loss + rules.penalty_every * rules.gamma / 2 * penalties.sum(0)
            self._penalties.copy_(penalties.detach())
        self._move_discriminator(total, pace)
        return loss.detach()

    def _update_generator(
        self, real: Tensor, streams: Streams, pace: Pace
    ) -> tuple[Float[Tensor, " members"], Float[Tensor, " members"]]:
        view, inputs = self._rules.view, self._rules.inputs(streams, real.shape[1])
        with torch.no_grad():
            real_logits = self.discriminator(view(real, streams))
        fake = self._generator(inputs)
        fake_logits = self.discriminator(view(fake, streams))
        total = loss = generator_loss(real_logits, fake_logits)
        if self._rules.further_loss is not None:
            total = loss + self._rules.further_loss(inputs, fake)
        self._move_generator(total, pace)
        fooled = (fake_logits.detach() > real_logits).float().flatten(1).mean(dim=1)
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
        self._moments = [torch.zeros_like(p) for p in self._parameters]
        self._squares = [torch.zeros_like(p) for p in self._parameters]
        self._counts = [torch.zeros((), device=p.device) for p in self._parameters]

    def tensors(self) -> list[Tensor]:
        """All that steps change, beside the parameters."""
        return [*self._moments, *self._squares, *self._counts]

    def __call__(self, losses: Float[Tensor, " members"], pace: Pace) -> None:
        """Take one step down the gradient of the members' losses."""
        gradients = list(torch.autograd.grad(losses.sum(), self._parameters))
        if pace.clipped:
            gradients = self._clipped(gradients, pace.bound)
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
                lr=self._rate * pace.rate,
                weight_decay=0.0,
                eps=1e-8,
                maximize=False,
            )
            if before is not None and self._own_rates is not None:
                # all have moved at a rate of 1; each takes its own share of the move
                for parameter, old in zip(self._parameters, before, strict=True):
                    rates = self._own_rates.view(-1, *[1] * (old.dim() - 1))
                    parameter.copy_(old + rates * (parameter - old))

    def _clipped(self, gradients: list[Tensor], bound: float | Tensor) -> list[Tensor]:
        """Gradients within a multiple of their own root mean square of the steps before."""
        bounds = torch._foreach_mul(torch._foreach_sqrt(self._squares), bound)
        for own in bounds:
            own.masked_fill_(own == 0, torch.inf)  # it had no gradient yet
        clipped = torch._foreach_minimum(gradients, bounds)
        return list(torch._foreach_maximum(clipped, torch._foreach_neg(bounds)))
