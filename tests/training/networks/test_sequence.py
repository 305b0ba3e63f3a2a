"""Networks of sequences: of every length, and the fine noise that drawn ones lack."""

import math
from functools import partial

import pytest
import torch
from torch import Generator

from ganaug.training.networks.image import ImageDiscriminator
from ganaug.training.networks.image_stages import sequence_stage_sizes
from ganaug.training.networks.sequence import (
    SequenceGenerator,
    of_most,
    powers,
    roughness,
    straight_lines,
)

STREAM = Generator().manual_seed(0)


def waves(n, n_steps=100):
    """Clean sines of any phase, which do not end where they began."""
    phase = 2 * math.pi * torch.rand(n, 1, 1, 1, generator=STREAM)
    return torch.sin(torch.linspace(0, 11, n_steps) + phase)


def test_clean_waves_have_no_power_at_high_frequencies_that_noise_has_to_add():
    spectrum = of_most(powers(waves(200)))[0]
    assert spectrum[15:].max() < 1e-4 * spectrum.max()


def test_white_noise_has_its_variance_at_all_high_frequencies():
    spectrum = of_most(powers(0.1 * torch.randn(500, 1, 1, 100, generator=STREAM)))[0]
    torch.testing.assert_close(spectrum[15:].mean(), torch.tensor(1.0), atol=0.05, rtol=0)


def test_a_generator_gets_the_noise_that_its_sequences_lack():
    sizes = sequence_stage_sizes(1, 100, capacity=0.25)
    generator = SequenceGenerator(8, sizes, [Generator().manual_seed(0)])
    noise = torch.randn(500, 8, generator=STREAM)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter *= 0.1
        before = of_most(powers(generator(noise[None])[0]))
        real = waves(500) * 0.5 + 0.05 * torch.randn(500, 1, 1, 100, generator=STREAM)
        generator.match_power(real, noise, 1)
        after = of_most(powers(generator(noise[None])[0]))
    wanted = of_most(powers(real))[0, 15:]
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
    found, wanted = (of_most(powers(some)).mean() for some in (jumping, real))
    torch.testing.assert_close(found, wanted, rtol=0.2, atol=0)


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


@pytest.fixture
def generator(generators):
    """Generator of sequences of two channels of values and one that says where gaps are."""
    return SequenceGenerator(64, sequence_stage_sizes(3, 32, 0.25), generators(0))


def test_where_no_power_is_missing_nothing_is_added(generator, normal):
    points = normal(200, 64)
    before = generator(points[None])[0].detach()
    generator.match_power(before, points, n_values=3)
    assert torch.allclose(generator(points[None])[0], before, atol=1e-3)


@pytest.mark.parametrize("n_jumping", [0, 3])
def test_power_that_no_real_sequence_has_is_filtered_out(generator, normal, n_jumping):
    points = normal(200, 64)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter *= 0.5
    before = generator(points[None])[0].detach()
    spectrum = powers(before)
    # real ones lack the upper half of the frequencies, but for a few that jump
    lines = straight_lines(before)
    smooth = lines + torch.fft.irfft(torch.fft.rfft(before - lines) * (torch.arange(17) < 8), n=32)
    smooth[:n_jumping] += 50 * normal(n_jumping, 3, 1, 32)
    generator.match_power(smooth, points, n_values=2)
    after = powers(generator(points[None])[0].detach())
    for of in (of_most, partial(torch.mean, dim=0)):
        share = of(after)[:2, 9:].sum() / of(spectrum)[:2, 9:].sum()
        assert (share < 0.3) if n_jumping == 0 else (share > 0.9)
    # what says where gaps are stays
    assert torch.allclose(after[:, 2], spectrum[:, 2], rtol=1e-3)


def test_what_is_saved_filters_as_it_did_and_older_files_filter_nothing(generator, normal):
    points = normal(50, 64)
    before = generator(points[None])[0].detach()
    generator.match_power(0.1 * before, points, n_values=3)
    again = SequenceGenerator.from_config(**generator.config)
    again.load_state_dict(generator.state_dict(), assign=True)
    again.finish_loading()
    drawn = generator(points[None])[0].detach()
    assert torch.equal(again(points[None])[0], drawn)
    assert not torch.allclose(drawn, before, atol=1e-3)
    assert "gains" in SequenceGenerator.ADDED_LATER


@pytest.mark.parametrize("n_steps", [8, 9, 13, 31])
def test_the_mean_and_the_first_wave_of_short_sequences_stay(n_steps, normal, generators):
    generator = SequenceGenerator(6, sequence_stage_sizes(1, n_steps, 0.25), generators(0))
    points = normal(300, 6)
    before = generator(points[None])[0].detach()
    lines = straight_lines(before)
    generator.match_power(lines + 0.1 * (before - lines), points, n_values=1)
    after = generator(points[None])[0].detach()
    spectra = [torch.fft.rfft(some - lines)[..., :2] for some in (before, after)]
    assert torch.allclose(*spectra, atol=1e-4)
    assert not torch.allclose(before, after, atol=1e-3)


@pytest.mark.parametrize("name", ["amplitudes", "gains"])
def test_a_spectrum_of_a_damaged_file_is_refused(generator, name):
    setattr(generator, name, torch.full_like(generator.amplitudes, -1.0))
    with pytest.raises(ValueError, match=name):
        generator.finish_loading()
