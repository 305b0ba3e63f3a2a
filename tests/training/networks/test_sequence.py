"""Networks of sequences: of every length, and the fine noise that drawn ones lack."""

import math

import pytest
import torch
from torch import Generator

from ganaug.training.networks.image import ImageDiscriminator
from ganaug.training.networks.image_stages import sequence_stage_sizes
from ganaug.training.networks.sequence import SequenceGenerator, power, roughness

STREAM = Generator().manual_seed(0)


def waves(n, n_steps=100):
    """Clean sines of any phase, which do not end where they began."""
    phase = 2 * math.pi * torch.rand(n, 1, 1, 1, generator=STREAM)
    return torch.sin(torch.linspace(0, 11, n_steps) + phase)


def test_clean_waves_have_no_power_at_high_frequencies_that_noise_has_to_add():
    spectrum = power(waves(200))[0]
    assert spectrum[15:].max() < 1e-4 * spectrum.max()


def test_white_noise_has_its_variance_at_all_high_frequencies():
    spectrum = power(0.1 * torch.randn(500, 1, 1, 100, generator=STREAM))[0]
    torch.testing.assert_close(spectrum[15:].mean(), torch.tensor(1.0), atol=0.05, rtol=0)


def test_a_generator_gets_the_noise_that_its_sequences_lack():
    sizes = sequence_stage_sizes(1, 100, capacity=0.25)
    generator = SequenceGenerator(8, sizes, [Generator().manual_seed(0)])
    noise = torch.randn(500, 8, generator=STREAM)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter *= 0.1
        before = power(generator(noise[None])[0])
        real = waves(500) * 0.5 + 0.05 * torch.randn(500, 1, 1, 100, generator=STREAM)
        generator.add_noise(real, noise, 1)
        after = power(generator(noise[None])[0])
    wanted = power(real)[0, 15:]
    assert before[0, 15:].mean() < 0.5 * wanted.mean()
    torch.testing.assert_close(after[0, 15:].mean(), wanted.mean(), rtol=0.2, atol=0)


def test_noise_is_where_real_sequences_are_rough():
    steps = torch.linspace(-1, 1, 100)
    real = 0.2 * torch.randn(300, 1, 1, 100, generator=STREAM) * (steps > 0)
    strength = roughness(real)[0]
    assert strength[:40].max() < 0.1 < 1 < strength[60:].min()
    torch.testing.assert_close(strength.square().mean(), torch.tensor(1.0))


def test_a_few_sequences_that_jump_tell_nothing_of_the_others():
    real = 0.1 * torch.randn(100, 1, 1, 100, generator=STREAM)
    jumping = torch.cat([real, 5 * torch.randn(10, 1, 1, 100, generator=STREAM).sign()])
    torch.testing.assert_close(power(jumping).mean(), power(real).mean(), rtol=0.2, atol=0)


@pytest.mark.parametrize("n_steps", [8, 9, 13, 31, 32, 100, 149, 200])
@pytest.mark.parametrize("n_channels", [1, 5])
def test_sequences_of_every_length_are_made_and_seen(n_steps, n_channels, normal, generators):
    sizes = sequence_stage_sizes(n_channels, n_steps, 0.25)
    sequences = SequenceGenerator(6, sizes, generators(0, 1))(normal(2, 3, 6))
    assert sequences.shape == (2, 3, n_channels, 1, n_steps)
    assert sequences.abs().max() <= 1
    logits = ImageDiscriminator(sizes, generators(2, 3))(sequences)
    assert logits.shape[:2] == (2, 3)
    (gradient,) = torch.autograd.grad(logits.sum(), sequences)
    # the discriminator looks at every step
    assert (gradient != 0).any(dim=(0, 1, 2, 3)).all()


def test_buffers_of_a_damaged_file_are_refused(generators):
    generator = SequenceGenerator(8, sequence_stage_sizes(3, 32, 0.25), generators(0))
    generator.envelope = torch.full_like(generator.envelope, -1.0)
    with pytest.raises(ValueError, match="envelope"):
        generator.finish_loading()
