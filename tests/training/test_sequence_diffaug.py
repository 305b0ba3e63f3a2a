"""Changes of sequences before the discriminators: what each does, where the answer is known."""

import pytest
import torch

from ganaug.training import sequence_diffaug
from ganaug.training.sequence_diffaug import KINDS, SequenceAugmentation, resample, scaled
from ganaug.training.streams import MemberStreams

N_STEPS = 64


@pytest.fixture
def streams(device):
    """Streams of two members."""
    return MemberStreams([1, 2], device)


def wave(n_cycles, start=0.0):
    """A wave (1, 1, 1, 1, steps) that begins at a share of the length."""
    place = (torch.arange(N_STEPS) + 0.5) / N_STEPS
    return torch.sin(2 * torch.pi * n_cycles * (place + start))[None, None, None, None]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_values", [1, 3])
def test_every_kind_keeps_the_shape_and_hands_gradients_back(kind, n_values, normal, streams):
    sequences = normal(2, 20, 3, 1, 12).to(streams.uniform(1).device).requires_grad_()
    changed = SequenceAugmentation((kind,), n_values, probability=1.0)(sequences, streams)
    assert changed.shape == sequences.shape
    assert not torch.equal(changed, sequences)
    (gradient,) = torch.autograd.grad(changed.sum(), sequences)
    assert torch.isfinite(gradient).all()
    assert gradient.any()


@pytest.mark.parametrize("kind", KINDS)
def test_members_are_changed_by_their_own_numbers(kind, normal, device):
    sequences = normal(1, 6, 2, 1, 16).expand(2, -1, -1, -1, -1).contiguous().to(device)
    augmentation = SequenceAugmentation((kind,), 2, probability=1.0)
    together = augmentation(sequences, MemberStreams([1, 2], device))
    alone = augmentation(sequences[1:], MemberStreams([2], device))
    assert torch.allclose(together[1], alone[0], atol=1e-6)
    assert not torch.equal(together[0], together[1])


@pytest.mark.parametrize("kinds", [(), tuple(KINDS)])
def test_a_probability_of_zero_changes_nothing(kinds, normal, streams, device):
    sequences = normal(2, 5, 3, 1, 16).to(device)
    augmentation = SequenceAugmentation(kinds, 2, probability=0.0)
    assert torch.equal(augmentation(sequences, streams), sequences)


def test_the_probability_is_the_share_of_sequences_that_a_kind_changes(normal, streams, device):
    sequences = normal(2, 600, 1, 1, 8).to(device)
    changed = SequenceAugmentation(("noise",), 1, probability=0.25)(sequences, streams)
    share = (changed != sequences).any(dim=4).float().mean()
    # four standard deviations of 1,200 draws
    assert abs(share.item() - 0.25) < 0.05


@pytest.mark.parametrize("n_steps", [2, 0.5, -3])
def test_a_shifted_wave_is_the_wave_that_begins_later(n_steps):
    share = n_steps / N_STEPS
    moved = resample(wave(2), torch.full((1, 1), share), torch.zeros(1, 1, 3))
    inside = slice(4, N_STEPS - 4)
    assert torch.allclose(moved[..., inside], wave(2, share)[..., inside], atol=0.01)


def test_no_move_is_the_identity_and_ends_are_repeated(normal):
    sequences = normal(2, 3, 2, 1, 17)
    still = resample(sequences, torch.zeros(2, 3), torch.zeros(2, 3, 3))
    assert torch.allclose(still, sequences, atol=1e-5)
    out = resample(sequences, torch.full((2, 3), 2.0), torch.zeros(2, 3, 3))
    assert torch.allclose(out, sequences[..., -1:].expand_as(out), atol=1e-5)


def test_warping_keeps_the_order_of_time(normal):
    rising = torch.arange(100.0).expand(2, 300, 1, 1, 100)
    largest = sequence_diffaug.WARP * normal(2, 300, 3).sign()
    warped = resample(rising, torch.zeros(2, 300), largest)
    pace = warped.diff(dim=4)
    assert (pace >= 0).all()
    # of the largest changes, none are small
    assert (pace.amax(dim=4) > 1.2).all()
    both = (warped[..., 0], warped[..., -1])
    assert torch.allclose(both[0], torch.zeros(()), atol=1.5)
    assert torch.allclose(both[1], torch.tensor(99.0), atol=1.5)


def test_scaling_keeps_the_mean_of_a_channel_and_changes_its_deviation(normal):
    values = normal(1, 3, 2, 1, 50)
    amounts = torch.tensor([-1.0, 0.0, 1.0])[None, :, None, None, None].expand(-1, -1, 2, -1, -1)
    changed = scaled(values, amounts)
    assert torch.allclose(changed.mean(dim=4), values.mean(dim=4), atol=1e-6)
    ratio = (changed.std(dim=4) / values.std(dim=4))[0, :, 0, 0]
    low, high = 1 - sequence_diffaug.AMPLITUDE, 1 + sequence_diffaug.AMPLITUDE
    assert torch.allclose(ratio, torch.tensor([low, 1.0, high]), atol=1e-5)


@pytest.mark.parametrize("kind", ["scale", "noise", "channel_drop"])
def test_what_says_where_gaps_are_keeps_its_values(kind, normal, streams, device):
    sequences = normal(2, 9, 4, 1, 8).to(device)
    changed = SequenceAugmentation((kind,), 3, probability=1.0)(sequences, streams)
    assert torch.equal(changed[:, :, 3:], sequences[:, :, 3:])


def test_one_channel_is_dropped(normal, streams, device):
    sequences = normal(2, 50, 3, 1, 8).to(device)
    changed = SequenceAugmentation(("channel_drop",), 3, probability=1.0)(sequences, streams)
    dropped = (changed == 0).all(dim=(3, 4))
    assert (dropped.sum(dim=2) == 1).all()
    assert dropped.any(dim=1).all()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((("turn",), 1), "turn"),
        (((), 0), "changes are some of"),
        (((), 1, 1.5), "probability=1.5"),
    ],
)
def test_unknown_changes_are_refused(arguments, reason):
    with pytest.raises(ValueError, match=reason):
        SequenceAugmentation(*arguments)
