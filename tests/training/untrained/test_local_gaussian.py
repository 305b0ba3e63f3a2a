"""Gaussians around real rows have the covariance that their formula says."""

import pytest
import torch

from ganaug.training.layout import FeatureLayout
from ganaug.training.untrained import local_gaussian
from ganaug.training.untrained.local_gaussian import LocalGaussian
from ganaug.training.untrained.neighbours import N_NEIGHBOURS


@pytest.mark.parametrize("n_rows", [1, 2, 9])
def test_local_gaussians_have_the_covariance_of_their_formula(normal, neighbours, n_rows):
    rows, shared = 3 * normal(n_rows, 3, seed=1), normal(4, 3, seed=2)
    local = LocalGaussian.from_rows(rows, shared, FeatureLayout(3), n_latent=32)
    k = min(N_NEIGHBOURS, n_rows - 1)
    # no feature varies more than it does in the class
    allowed = shared * (rows.std(0) / shared.norm(dim=0)).clamp(max=1) if k else shared
    own_share = k / (k + N_NEIGHBOURS)
    for i, near in enumerate(neighbours(rows)):
        steps = rows[near] - rows[i]
        wanted = own_share * steps.T @ steps / max(1, k) + (1 - own_share) * allowed.T @ allowed
        noise = normal(1, 80_000, 32, seed=3 + i)
        noise[..., 0] = torch.special.ndtri(torch.tensor((i + 0.5) / n_rows))
        made = local.sample_rows(noise)[0][0]
        scale = wanted.diagonal().sqrt()
        assert torch.allclose((made.mean(dim=0) - rows[i]) / scale, torch.zeros(3), atol=0.03)
        ratio = made.T.cov() / torch.outer(scale, scale)
        assert torch.allclose(ratio, wanted / torch.outer(scale, scale), atol=0.05)


def test_the_width_of_the_noise_bounds_the_rank_of_local_gaussians(normal):
    local = LocalGaussian.from_rows(
        normal(1, 5), normal(8, 5, seed=1), FeatureLayout(5), n_latent=3
    )
    made = local.sample_rows(normal(1, 50, 3))[0][0]
    assert torch.linalg.matrix_rank(made - normal(1, 5), tol=1e-4) == 2


def test_what_is_constant_in_a_class_stays_constant(normal):
    rows = torch.cat([normal(4, 1), torch.full((4, 1), 2.0)], dim=1)
    local = LocalGaussian.from_rows(rows, normal(6, 2, seed=1), FeatureLayout(2), n_latent=16)
    made = local.sample_rows(normal(1, 100, 16, seed=2))[0][0]
    assert (made[:, 1] == 2).all()
    assert made[:, 0].std() > 0


def test_wide_rows_are_drawn_in_little_memory(normal, told_within_bounds):
    n_features = 5000
    local = LocalGaussian.from_rows(
        normal(1, n_features), normal(63, n_features, seed=1), FeatureLayout(n_features), 64
    )
    noise = normal(1, 500, 64, seed=2)

    def draw():
        assert local.sample_rows(noise)[0].isfinite().all()

    # factors for each row that is drawn have 600
    assert told_within_bounds(draw, mebibytes=150) == "done"


def test_rows_that_are_drawn_together_are_those_that_are_drawn_one_by_one(normal, monkeypatch):
    local = LocalGaussian.from_rows(normal(4, 3), normal(6, 3, seed=1), FeatureLayout(3), 16)
    noise = normal(1, 7, 16, seed=2)
    together = local.sample_rows(noise)[0]
    monkeypatch.setattr(local_gaussian, "GATHERED_AT_ONCE", 1)
    assert torch.allclose(local.sample_rows(noise)[0], together, atol=1e-6)
