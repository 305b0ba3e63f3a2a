"""Instance noise: of the stated size, each member's from its own stream."""

import pytest
import torch

from ganaug.training.discriminator_transform import InstanceNoise
from ganaug.training.streams import MemberStreams

CPU = torch.device("cpu")


@pytest.mark.parametrize("scale", [0.1, 0.5])
def test_noise_has_the_stated_deviation_around_the_samples(scale, normal):
    samples = normal(2, 3000, 3)
    added = InstanceNoise(scale)(samples, MemberStreams([0, 1], CPU)) - samples
    assert torch.allclose(added.std(dim=1), torch.full((2, 3), scale), rtol=0.05)
    assert added.mean(dim=1).abs().max() < 0.1 * scale
    assert torch.corrcoef(added.flatten(1)).triu(1).abs().max() < 0.05


def test_noise_is_fresh_and_none_where_the_scale_is_zero(normal):
    samples, streams = normal(1, 5, 2), MemberStreams([0], CPU)
    noise = InstanceNoise(0.5)
    assert not torch.equal(noise(samples, streams), noise(samples, streams))
    assert torch.equal(InstanceNoise(0.0)(samples, streams), samples)
