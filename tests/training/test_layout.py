"""Choices in blocks of features: as probable as their odds, and passing gradients."""

import pytest
import torch

from ganaug.training.layout import FeatureLayout

MIXED = FeatureLayout(7, blocks=((1, 3), (4, 7)), presence_masks=((0, 1), (3, 4)))


def test_without_blocks_rows_stay_as_they_are(normal):
    rows = normal(2, 5, 3)
    assert FeatureLayout(3).sample_one_hot(rows, normal(2, 5, 3, seed=1)) is rows


def test_a_block_is_one_hot_and_other_features_stay(normal):
    layout = FeatureLayout(7, MIXED.blocks)
    rows = normal(2, 500, 7)
    made = layout.sample_one_hot(rows, normal(2, 500, 7, seed=1))
    assert torch.equal(made[..., [0, 3]], rows[..., [0, 3]])
    for start, end in layout.blocks:
        block = made[..., start:end]
        assert torch.equal(block.sort(-1).values[..., -1], torch.ones(2, 500))
        assert torch.equal(block.sum(-1), torch.ones(2, 500))


def test_choices_are_as_frequent_as_their_odds(normal):
    odds = torch.tensor([0.1, 0.6, 0.3])
    layout = FeatureLayout(3, ((0, 3),))
    made = layout.sample_one_hot(odds.log().expand(1, 50_000, 3), normal(1, 50_000, 3))
    assert torch.allclose(made.mean(dim=1)[0], odds, atol=0.01)


@pytest.mark.parametrize("noise", [-40.0, 40.0])
def test_the_farthest_noise_chooses_what_is_possible(noise):
    rows = torch.tensor([[[-torch.inf, 0.0, -torch.inf, 0.0, -torch.inf, 0.0, 0.0]]])
    made = FeatureLayout(7, ((0, 3), (3, 5))).sample_one_hot(rows, torch.full_like(rows, noise))
    assert made[0, 0].tolist() == [0, 1, 0, 1, 0, 0, 0]


def test_quantities_are_zero_exactly_where_they_are_absent(normal):
    made = MIXED.sample_one_hot(normal(1, 200, 7) + 5, normal(1, 200, 7, seed=1))
    for feature, mask in MIXED.presence_masks:
        assert torch.equal(made[..., feature] == 0, made[..., mask].round() == 0)
    assert 0 < (made[..., 0] == 0).sum() < 200


def test_what_was_mixed_with_a_gap_is_the_value_that_there_is():
    present, missing = torch.tensor([2.5, 1.0, 0.0]), torch.tensor([0.0, 0.0, 1.0])
    layout = FeatureLayout(3, ((1, 3),), ((0, 1),))
    mixed = torch.stack([torch.lerp(present, missing, share) for share in (0.0, 0.7, 1.0)])
    whole = layout.divide_by_presence(mixed[None])[0]
    assert torch.allclose(whole[:, 0], torch.tensor([2.5, 2.5, 0.0]))
    assert torch.equal(whole[:, 1:], mixed[:, 1:])


def test_gradients_are_those_of_the_odds(normal):
    rows = normal(1, 4, 3).requires_grad_()
    wanted = normal(1, 4, 3, seed=1)
    layout = FeatureLayout(3, ((0, 3),))
    (straight,) = torch.autograd.grad(
        (layout.sample_one_hot(rows, normal(1, 4, 3, seed=2)) * wanted).sum(), rows
    )
    (of_odds,) = torch.autograd.grad((rows.softmax(-1) * wanted).sum(), rows)
    assert torch.allclose(straight, of_odds, atol=1e-6)


def test_members_do_not_touch_one_another(normal):
    rows, noise = normal(3, 20, 7), normal(3, 20, 7, seed=1)
    together = MIXED.sample_one_hot(rows, noise)
    assert torch.equal(together[[1]], MIXED.sample_one_hot(rows[[1]], noise[[1]]))


def test_ordinal_rows_become_the_one_hot_rows_that_they_were(normal):
    rows = MIXED.sample_one_hot(normal(2, 50, 7), normal(2, 50, 7, seed=1))
    ordinal = MIXED.to_ordinal(rows.flatten(0, 1))
    assert ordinal.shape == (100, 4)
    assert torch.equal(MIXED.to_one_hot(ordinal.unflatten(0, (2, 50))), rows)


def test_a_block_without_a_choice_stays_without(normal):
    rows = torch.zeros(3, 7)
    assert torch.equal(MIXED.to_one_hot(MIXED.to_ordinal(rows)), rows)


def test_rows_of_quantities_are_ordinal_already(normal):
    rows = normal(5, 3)
    assert torch.equal(FeatureLayout(3).to_ordinal(rows), rows)
    assert FeatureLayout(3).to_one_hot(rows) is rows
