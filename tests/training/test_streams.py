"""A member's random numbers are its own, whoever draws beside it."""

import pytest
import torch

from ganaug.training.streams import MAX_BLOCK_LENGTH, MemberStreams

CPU = torch.device("cpu")


@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_a_member_alone_sees_what_it_sees_among_others_after_many_draws(kind, device):
    together = MemberStreams([3, 4, 5], device)
    alone = MemberStreams([4], device)
    for _ in range(2 * MAX_BLOCK_LENGTH + 3):
        assert torch.equal(getattr(together, kind)(2, 3)[1], getattr(alone, kind)(2, 3)[0])


def test_a_member_alone_sees_what_it_sees_among_others_in_shapes_and_kinds_mixed():
    together, alone = MemberStreams([3, 4], CPU), MemberStreams([4], CPU)
    for i in range(3 * MAX_BLOCK_LENGTH):
        for streams in (together, alone):
            streams.normal(3)
        if i % 2:
            assert torch.equal(together.uniform(3)[1], alone.uniform(3)[0])
        if i % 3:
            assert torch.equal(together.normal(5, 2)[1], alone.normal(5, 2)[0])
        if i % 40 == 0:
            assert torch.equal(together.normal(70_000)[1], alone.normal(70_000)[0])


def test_numbers_never_repeat():
    streams = MemberStreams([3, 4], CPU)
    drawn = torch.stack([streams.uniform(2) for _ in range(3 * MAX_BLOCK_LENGTH)])
    assert len(drawn.double().unique()) > 0.99 * drawn.numel()


@pytest.mark.parametrize(
    ("kind", "mean", "variance"), [("normal", 0, 1), ("uniform", 1 / 2, 1 / 12)]
)
def test_numbers_follow_their_distribution(kind, mean, variance):
    drawn = getattr(MemberStreams([0], CPU), kind)(50_000)
    assert drawn.mean().item() == pytest.approx(mean, abs=0.02)
    assert drawn.var().item() == pytest.approx(variance, rel=0.03)


def test_uniform_numbers_lie_in_the_unit_interval():
    drawn = MemberStreams([0], CPU).uniform(50_000)
    assert drawn.min() >= 0
    assert drawn.max() < 1


def test_drawing_leaves_the_global_state_alone():
    before = torch.random.get_rng_state()
    MemberStreams([0], CPU).normal(3)
    assert torch.equal(torch.random.get_rng_state(), before)
