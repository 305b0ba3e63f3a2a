"""Adam for stacked parameters against that of torch."""

import pytest
import torch
from torch import nn

from ganaug.training.adam import MemberAdam
from ganaug.training.config import TrainingConfig
from ganaug.training.discriminator_transform import InstanceNoise
from ganaug.training.input_samplers import GaussianNoise


def config_of(learning_rate, **options):
    """Configuration of three members."""
    return TrainingConfig(
        batch_size=4,
        input_sampler=GaussianNoise(1),
        gamma=torch.zeros(3),
        learning_rate=learning_rate,
        discriminator_transform=InstanceNoise(0.0),
        **options,
    )


def reference_moves(gradients, learning_rates):
    """What torch's class of the same name makes of gradients, at the rate of each step."""
    parameter = nn.Parameter(torch.zeros_like(gradients[0]))
    optimizer = torch.optim.Adam([parameter], betas=(0.0, 0.99))
    for gradient, rate in zip(gradients, learning_rates, strict=True):
        optimizer.param_groups[0]["lr"] = rate
        parameter.grad = gradient
        optimizer.step()
    return parameter.detach()


@pytest.mark.parametrize("rates", [[1e-2, 1e-2, 1e-2], [1e-2, 1e-3, 0.0]])
def test_every_member_moves_as_by_adam_at_its_learning_rate(rates, normal):
    gradients = list(normal(12, 3, 4, 5))
    module = nn.ParameterList([torch.zeros(3, 4, 5)])
    config = config_of(torch.tensor(rates), n_steps=12, warmup_steps=4)
    optimizer = MemberAdam(module, config)
    schedules = [config.schedule(index) for index in range(12)]
    for gradient, schedule in zip(gradients, schedules, strict=True):
        optimizer([gradient], schedule)
    for member, rate in enumerate(rates):
        of_member = [gradient[member] for gradient in gradients]
        wanted = reference_moves(of_member, [rate * schedule.lr_scale for schedule in schedules])
        assert torch.allclose(module[0][member], wanted, rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("n_before", [1, 3, 100])
def test_gradients_are_clipped_to_a_multiple_of_their_root_mean_square(sign, n_before):
    config = config_of(torch.full((3,), 1e-3), clip_rms_multiple=2.0, n_steps=10**6)
    module = nn.ParameterList([torch.zeros(3, 1)])
    optimizer = MemberAdam(module, config)
    # of size 1 so far, so their root mean square is 1
    sizes = [*[(-1.0) ** index for index in range(n_before)], sign * 50.0]
    for index, size in enumerate(sizes):
        before = module[0].detach().clone()
        optimizer([torch.full((3, 1), size)], config.schedule(index))
    clipped = [torch.full((3, 1), size) for size in [*sizes[:-1], sign * 2.0]]
    rates = [1e-3] * len(sizes)
    wanted = reference_moves(clipped, rates) - reference_moves(clipped[:-1], rates[:-1])
    assert torch.allclose(module[0] - before, wanted, rtol=1e-3)
