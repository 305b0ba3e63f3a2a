"""Adam for stacked parameters: a learning rate for each member, and gradients that are clipped."""

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

from ganaug.training.batch_parts import Average
from ganaug.training.config import BETA, StepSchedule, TrainingConfig


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
    parameters : list of tensors
    average : callable or None
        Averages gradients in place over the processes that share a batch.
    """

    def __init__(self, module: nn.Module, config: TrainingConfig):
        self.average: Average | None = None
        rates = config.learning_rate
        all_equal = bool((rates == rates[0]).all())
        self.parameters: list[Tensor] = list(module.parameters())
        self._learning_rate = float(rates[0]) if all_equal else 1.0
        self._member_rates = None if all_equal else rates.to(self.parameters[0].device)
        self._moments = [torch.zeros_like(p) for p in self.parameters]
        self._squares = [torch.zeros_like(p) for p in self.parameters]
        self._counts = [torch.zeros((), device=p.device) for p in self.parameters]

    def tensors(self) -> list[Tensor]:
        """All tensors that steps change, beside the parameters."""
        return [*self._moments, *self._squares, *self._counts]

    def __call__(self, gradients: list[Tensor], schedule: StepSchedule) -> None:
        """Take one step down the gradients of the parameters."""
        if self.average is not None:
            self.average(gradients)
        if schedule.clip:
            gradients = self._clip(gradients, schedule.clip_value)
        rates = self._member_rates
        before = None if rates is None else [p.detach().clone() for p in self.parameters]
        with torch.no_grad():
            adam(
                self.parameters,
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
                for parameter, old in zip(self.parameters, before, strict=True):
                    shares = rates.view(-1, *[1] * (old.dim() - 1))
                    parameter.copy_(old + shares * (parameter - old))

    def _clip(self, gradients: list[Tensor], clip_value: float | Tensor) -> list[Tensor]:
        """Clip gradients to a multiple of their own root mean square of the steps before."""
        bounds = torch._foreach_mul(torch._foreach_sqrt(self._squares), clip_value)
        for bound in bounds:
            bound.masked_fill_(bound == 0, torch.inf)  # there was no gradient yet
        clipped = torch._foreach_minimum(gradients, bounds)
        return list(torch._foreach_maximum(clipped, torch._foreach_neg(bounds)))
