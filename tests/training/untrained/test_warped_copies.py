"""Copies of real sequences, changed as their latent points say."""

import pytest
import torch

from ganaug.training.sequence_diffaug import AMPLITUDE, N_WAVES, SHIFT, WARP, resample, scaled
from ganaug.training.untrained.warped_copies import N_CHOICES, WarpedCopies

KINDS = ("shift", "scale", "warp")


def point(coordinate=None):
    """Latent point that chooses the first sequence, and a largest change, if any."""
    noise = torch.zeros(1, 1, N_CHOICES)
    noise[..., 0] = -9.0
    if coordinate is not None:
        noise[..., coordinate] = 9.0
    return noise


def test_copies_without_changes_are_the_sequences_and_equal_noise_gives_equal_copies(normal):
    sequences = normal(3, 2, 1, 12)
    plain = WarpedCopies(sequences, 2, ())(normal(1, 50, N_CHOICES))[0]
    nearest = (plain[:, None] - sequences).flatten(2).abs().amax(dim=2)
    assert (nearest.min(dim=1).values == 0).all()
    assert len(nearest.argmin(dim=1).unique()) == 3
    changing = WarpedCopies(sequences, 2, KINDS)
    noise = normal(1, 5, N_CHOICES)
    assert torch.equal(changing(noise), changing(noise))
    assert torch.allclose(changing(point())[0, 0], sequences[0].clamp(-1, 1), atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_changes_a_copy_in_its_way_alone(kind, normal):
    sequences = normal(2, 2, 1, 16) / 9
    first = sequences[:1][None]
    still = torch.zeros(1, 1), torch.zeros(1, 1, N_WAVES)
    fast = torch.zeros(1, 1, N_WAVES)
    fast[..., 0] = WARP
    wanted = {
        "shift": resample(first, torch.full((1, 1), SHIFT), still[1]),
        "scale": scaled(first, torch.ones(1, 1, 1, 1, 1)),
        "warp": resample(first, still[0], fast),
    }
    copies = WarpedCopies(sequences, 2, (kind,))
    for place, other in enumerate(KINDS):
        made = copies(point(1 + place))
        assert torch.allclose(made, wanted[kind] if other == kind else first, atol=1e-5)


def test_what_says_where_gaps_are_is_not_scaled(normal):
    sequences = normal(2, 3, 1, 16) / 9
    made = WarpedCopies(sequences, 2, ("scale",))(point(2))
    assert torch.equal(made[0, 0, 2], sequences[0, 2])
    deviation = made[0, 0, :2].std(dim=2) / sequences[0, :2].std(dim=2)
    assert torch.allclose(deviation, torch.tensor(1 + AMPLITUDE), atol=1e-4)


def test_copies_of_nothing_are_refused():
    with pytest.raises(ValueError, match="no sequences to copy"):
        WarpedCopies.from_config((0, 1, 1, 8), 1, ()).finish_loading()
