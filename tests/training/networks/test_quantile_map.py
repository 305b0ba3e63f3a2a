"""Generated quantities are taken to the quantiles of real ones, member by member."""

import pytest
import torch

from ganaug.training.ensemble import select_members
from ganaug.training.layout import FeatureLayout
from ganaug.training.networks.quantile_map import QuantileMap
from ganaug.training.networks.table import TableGenerator

MIXED = FeatureLayout(5, blocks=((1, 3), (3, 5)), presence_masks=((0, 1),))


def test_the_map_gives_each_quantity_the_real_distribution_and_keeps_its_order(normal):
    drawn = normal(2, 4000, 3)
    real = [normal(900, 3, seed=1).exp(), 4 + 0.1 * normal(70, 3, seed=2)]
    made = QuantileMap.fit(drawn, real, FeatureLayout(3))(drawn)
    shares = torch.linspace(0.02, 0.98, 25)
    for member, own in enumerate(real):
        wanted, found = own.quantile(shares, dim=0), made[member].quantile(shares, dim=0)
        assert torch.allclose(found, wanted, rtol=0.02, atol=0.02)
        assert (made[member] >= own.min(dim=0).values - 1e-6).all()
        assert (made[member] <= own.max(dim=0).values + 1e-6).all()
    order = drawn[0, :, 0].argsort()
    assert (made[0, order, 0].diff() >= 0).all()


@pytest.mark.parametrize("n", [20, 200])
def test_the_outermost_real_row_is_as_frequent_as_others(n, normal):
    real = (3 * normal(n, 1)).exp()
    drawn = normal(1, 50_000, 1, seed=1)
    made = QuantileMap.fit(drawn, [real], FeatureLayout(1))(drawn)
    # else long tails would lose much of their mean
    assert made.mean() == pytest.approx(float(real.mean()), rel=0.02)


def test_rows_that_are_all_alike_become_alike(normal):
    made = QuantileMap.fit(torch.ones(1, 50, 1), [torch.full((9, 1), 3.0)], FeatureLayout(1))(
        normal(1, 20, 1)
    )
    assert torch.equal(made, torch.full((1, 20, 1), 3.0))


def test_choices_stay_and_gaps_do_not_count(normal):
    layout, rows = MIXED, normal(1, 4000, 5)
    drawn = layout.sample_one_hot(rows, normal(1, 4000, 5, seed=1))
    real = drawn[0].clone()
    real[:, 0] = (real[:, 0] * 3 + 1) * real[:, 1]
    made = QuantileMap.fit(drawn, [real], layout)(drawn)
    assert torch.equal(made[..., 1:], drawn[..., 1:])
    present = drawn[0, :, 1] == 1
    assert torch.allclose(made[0, present, 0], real[present, 0], atol=0.05)


def test_a_table_of_choices_alone_has_nothing_to_map(normal):
    layout = FeatureLayout(4, ((0, 2), (2, 4)))
    rows = layout.sample_one_hot(normal(1, 30, 4), normal(1, 30, 4, seed=1))
    assert torch.equal(QuantileMap.fit(rows, [rows[0]], layout)(rows), rows)


@pytest.fixture
def calibrated(normal, generators):
    """Generator of two members that never trained, and the rows that it was calibrated to."""
    odds = torch.tensor([[0.9, 0.1], [0.3, 0.7]])
    real = []
    for member in range(2):
        logits = torch.cat([torch.zeros(2000, 1), odds[member].log().expand(2000, 2)], dim=1)
        levels = torch.cat([logits, odds[1 - member].log().expand(2000, 2)], dim=1)
        rows = MIXED.sample_one_hot(levels[None], normal(1, 2000, 5, seed=member))[0]
        rows[:, 0] = normal(2000, seed=2 + member).exp() * rows[:, 1]
        real.append(rows)
    generator = TableGenerator(8, 16, MIXED, generators(0, 1))
    generator.match_marginals(real, normal(2, 8000, 8, seed=9))
    return generator, real


def test_a_calibrated_generator_samples_the_real_frequencies_and_quantiles(calibrated, normal):
    generator, real = calibrated
    made, _ = generator.sample_rows(normal(2, 8000, 8, seed=10))
    for member, own in enumerate(real):
        assert torch.allclose(made[member].mean(0)[1:], own.mean(0)[1:], atol=0.02)
        medians = [rows[rows[:, 1] == 1, 0].median() for rows in (made[member], own)]
        assert torch.allclose(*medians, rtol=0.1)
        assert (made[member][made[member][:, 1] == 0, 0] == 0).all()


def test_a_member_of_a_calibrated_generator_stands_alone(calibrated, normal):
    generator, _ = calibrated
    noise = normal(2, 50, 8)
    alone, _ = select_members(generator, [1]).sample_rows(noise[[1]])
    assert torch.allclose(alone[0], generator.sample_rows(noise)[0][1], atol=1e-5)


def test_values_beyond_the_generated_ones_become_the_outermost_real_ones(normal):
    drawn, real = normal(1, 500, 2), normal(300, 2, seed=1).exp()
    made = QuantileMap.fit(drawn, [real], FeatureLayout(2))(
        torch.tensor([[[-99.0], [99.0]]]).expand(1, 2, 2)
    )
    assert torch.allclose(made[0], torch.stack([real.amin(dim=0), real.amax(dim=0)]))
