"""Points between real rows reach all of them, and steps have the covariance of neighbours."""

import pytest
import torch

from ganaug.training.layout import FeatureLayout
from ganaug.training.untrained.smote_points import SmotePoints


def test_points_reach_every_row_and_every_neighbour(normal, neighbours):
    rows = normal(30, 4)
    halves = (torch.arange(30) + 0.5) / 30
    grid = torch.cartesian_prod(halves, (torch.arange(5) + 0.5) / 5, torch.tensor([0.5]))
    made = SmotePoints.from_rows([rows], FeatureLayout(4))(torch.special.ndtri(grid)[None])[
        0
    ].reshape(30, 5, 4)
    middles = (rows[:, None] + rows[neighbours(rows)]) / 2
    assert torch.allclose(made, middles, atol=1e-5)


@pytest.mark.parametrize("n_rows", [1, 3, 20])
def test_steps_have_the_mean_square_of_the_differences_to_neighbours(normal, neighbours, n_rows):
    rows = normal(n_rows, 3)
    points = SmotePoints.from_rows([rows, normal(30, 3, seed=9)], FeatureLayout(3))
    near = neighbours(rows)
    for i in range(n_rows):
        noise = torch.zeros(2, 20_000, 3)
        noise[..., 0] = torch.special.ndtri(torch.tensor((i + 0.5) / n_rows))
        differences = rows[near[i]] - rows[i]
        wanted = differences.T @ differences / max(len(differences), 1)
        steps = points.steps(noise, normal(2, 20_000, 5, seed=i))[0]
        assert torch.allclose(steps.T.cov(), wanted, atol=0.04 * float(wanted.max()) + 1e-9)
        sizes = points.step_sizes(noise)[0]
        assert torch.allclose(sizes, wanted.diagonal().sqrt().expand_as(sizes))


def test_a_quantity_that_a_row_lacks_makes_no_step(normal):
    layout = FeatureLayout(4, blocks=((2, 4),), presence_masks=((0, 2),))
    present = torch.arange(20) % 2
    rows = torch.stack([100.0 * present, normal(20), present.float(), 1.0 - present], dim=1)
    points = SmotePoints.from_rows([rows], layout)
    steps = points.steps(normal(1, 500, 3, seed=1), normal(1, 500, 5, seed=2))[0]
    assert (steps[:, [0, 2, 3]] == 0).all()
    assert (points.step_sizes(normal(1, 9, 3))[..., 2:] == 1).all()
