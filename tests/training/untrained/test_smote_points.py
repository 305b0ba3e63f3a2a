"""Points between real rows reach all of them."""

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
