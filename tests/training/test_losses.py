"""The losses against values that can be worked out by hand."""

import math

import pytest
import torch

from ganaug.training.losses import discriminator_loss, generator_loss, gradient_penalty


def test_an_undecided_discriminator_loses_log_2():
    logits = torch.tensor([[-1.0, 0.0, 5.0]])
    assert discriminator_loss(logits, logits).item() == pytest.approx(math.log(2))


def test_a_sure_discriminator_loses_nothing_and_a_sure_but_wrong_one_its_margin():
    high, low = torch.tensor([[50.0]]), torch.tensor([[-50.0]])
    assert discriminator_loss(high, low).item() == pytest.approx(0)
    assert discriminator_loss(low, high).item() == pytest.approx(100)


def test_only_the_difference_of_logits_counts():
    real, fake = torch.tensor([[1.0, -2.0]]), torch.tensor([[0.5, 3.0]])
    assert torch.allclose(discriminator_loss(real, fake), discriminator_loss(real + 7, fake + 7))


def test_what_one_player_gains_the_other_loses():
    worse, better = torch.tensor([[0.5]]), torch.tensor([[2.0]])
    assert generator_loss(worse, better) < generator_loss(better, worse)
    assert generator_loss(worse, better) == discriminator_loss(better, worse)


@pytest.mark.parametrize("loss", [discriminator_loss, generator_loss])
def test_the_loss_of_a_member_does_not_hear_of_its_neighbours(loss, normal):
    real, fake = normal(3, 5, seed=1), normal(3, 5, seed=2)
    other = real.clone()
    other[1] = torch.nan
    before, after = loss(real, fake), loss(other, fake)
    assert torch.equal(before[[0, 2]], after[[0, 2]])
    assert after[1].isnan()


@pytest.mark.parametrize("shape", [(2, 5, 2), (2, 5, 1, 2)])
def test_gradient_penalty_of_a_linear_discriminator_is_its_squared_weight(normal, shape):
    samples = normal(*shape).requires_grad_()
    logits = (samples * torch.tensor([3.0, 4.0])).flatten(2).sum(-1)
    assert torch.allclose(gradient_penalty(logits, samples), torch.full((2, 5), 25.0))


def test_gradient_penalty_can_itself_be_differentiated(normal):
    weight = torch.tensor([1.0, 2.0], requires_grad=True)
    samples = normal(1, 3, 2).requires_grad_()
    gradient_penalty(samples @ weight, samples).mean().backward()
    assert torch.allclose(weight.grad, 2 * weight.detach())


def test_gradient_penalty_of_a_sample_does_not_hear_of_the_others(normal):
    samples = normal(2, 4, 3)
    other = samples.clone()
    other[1, 2] += 5
    penalties = [
        gradient_penalty(rows.pow(3).sum(-1), rows)
        for rows in (samples.requires_grad_(), other.requires_grad_())
    ]
    changed = ~torch.isclose(*penalties)
    assert changed.nonzero().tolist() == [[1, 2]]


def test_places_of_a_sample_count_as_their_mean(normal):
    real, fake = normal(2, 5, 3, seed=1), normal(2, 5, 3, seed=2)
    by_place = torch.stack([discriminator_loss(real[..., i], fake[..., i]) for i in range(3)])
    assert torch.allclose(discriminator_loss(real, fake), by_place.mean(0))
    samples = normal(2, 5, 3).requires_grad_()
    squares = samples.square()
    penalty = gradient_penalty(squares, samples)
    assert torch.allclose(penalty, gradient_penalty(squares.mean(-1), samples))
