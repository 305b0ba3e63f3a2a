"""Networks of sequences: of every length, and the fine noise that they add."""

import pytest
import torch

from ganaug.training.networks.image import ImageDiscriminator
from ganaug.training.networks.image_stages import sequence_stage_sizes
from ganaug.training.networks.sequence import SequenceGenerator, power


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


def test_drawn_sequences_get_the_power_that_they_lack(generator, normal):
    real = (0.2 * normal(400, 3, 1, 32)).clamp(-1, 1)
    points = normal(400, 64, seed=1)
    before = generator(points[None])[0]
    generator.match_spectrum(real, points, n_values=2)
    after = generator(points[None])[0]
    fine = slice(4, None)
    lacking = (power(real) - power(before))[:2, fine].clamp_min(0).mean()
    left = (power(real) - power(after))[:2, fine].abs().mean()
    assert left < 0.4 * lacking
    assert torch.equal(after[:, 2], before[:, 2])
    assert torch.equal(generator(points[None])[0], after)


def test_where_no_power_is_missing_nothing_is_added(generator, normal):
    points = normal(200, 64)
    before = generator(points[None])[0].detach()
    generator.match_spectrum(before, points, n_values=3)
    assert torch.allclose(generator(points[None])[0], before, atol=1e-3)


def test_amplitudes_of_a_damaged_file_are_refused(generator):
    generator.amplitudes = torch.full_like(generator.amplitudes, -1.0)
    with pytest.raises(ValueError, match="amplitudes"):
        generator.finish_loading()
