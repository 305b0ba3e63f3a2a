"""Anchored generators start as SMOTE, stay near it, and blur rows as neighbours differ."""

import pytest
import torch
from torch.nn.functional import one_hot

from ganaug.training.latent import random_projection, uniform_from_normal
from ganaug.training.layout import FeatureLayout
from ganaug.training.networks.anchored import AnchoredGenerator
from ganaug.training.untrained.neighbours import N_NEIGHBOURS
from ganaug.training.untrained.smote_points import N_CHOICES

N_LATENT = 16


def distance_to_segments(points, starts, ends):
    """Distance of each point from the nearest of the segments."""
    way = ends - starts
    share = ((points[:, None] - starts) * way).sum(-1) / way.square().sum(-1)
    nearest = starts + share.clamp(0, 1)[..., None] * way
    return (points[:, None] - nearest).norm(dim=-1).amin(dim=1)


@pytest.fixture
def rows(normal):
    """Rows of three classes; the last has a single row."""
    return [normal(30, 4, seed=1), normal(4, 4, seed=2) + 20, normal(1, 4, seed=3) - 20]


@pytest.fixture
def generator(rows, generators):
    """Untrained generator of the three classes."""
    return AnchoredGenerator.from_rows(
        rows, FeatureLayout(rows[0].shape[1]), N_LATENT, 8, generators(0, 1, 2)
    )


def test_before_training_rows_lie_between_neighbours_as_in_smote(
    generator, rows, normal, neighbours
):
    points = generator(normal(3, 500, N_LATENT))
    for own, made in zip(rows[:2], points[:2], strict=True):
        near = neighbours(own)
        starts, ends = own.repeat_interleave(near.shape[1], dim=0), own[near.flatten()]
        assert distance_to_segments(made, starts, ends).max() < 1e-4


def test_a_class_of_one_row_has_one_anchor(generator, rows, normal):
    made = generator(normal(3, 50, N_LATENT))[2]
    assert torch.allclose(made, rows[2].expand(50, -1))


def test_a_latent_point_always_has_the_same_row(generator, normal):
    noise = normal(3, 6, N_LATENT)
    for made, again, turned in zip(
        [generator(noise), *generator.sample_rows(noise)],
        [generator(noise), *generator.sample_rows(noise)],
        [generator(noise.flip(1)), *generator.sample_rows(noise.flip(1))],
        strict=True,
    ):
        assert torch.equal(made, again)
        assert torch.allclose(made.flip(1), turned, atol=1e-5)


def test_samples_are_blurred_by_the_differences_to_neighbours(generator, normal):
    noise = normal(3, 200, N_LATENT)
    blur = generator.sample_rows(noise)[0] - generator(noise)
    weights = random_projection(noise[..., N_CHOICES + 1 :], N_NEIGHBOURS)
    steps = generator.anchors.steps(noise, weights)
    assert torch.allclose(blur, AnchoredGenerator.BLUR * steps, atol=1e-4)


def test_what_all_rows_have_in_common_is_kept(normal, generators):
    free = normal(40, 2)
    # a constant, a copy, a sum
    rows = torch.cat([free, torch.full((40, 1), 3.0), free[:, :1], free.sum(1, True)], dim=1)
    generator = AnchoredGenerator.from_rows([rows], FeatureLayout(5), N_LATENT, 8, generators(0))
    made = generator.sample_rows(normal(1, 500, N_LATENT, seed=1))[0][0]
    assert (made[:, 2] == 3).all()
    assert torch.allclose(made[:, 3], made[:, 0], atol=1e-5)
    assert torch.allclose(made[:, 4], made[:, 0] + made[:, 1], atol=1e-5)
    assert (made[:, 0].std() / free[:, 0].std()).item() == pytest.approx(1, rel=0.15)


@pytest.fixture
def far(generator, normal):
    """The generator with large random weights, which move its rows as far as they may go."""
    with torch.no_grad():
        for i, parameter in enumerate(generator.residual.parameters()):
            parameter += 10 * normal(*parameter.shape, seed=i)
    return generator


def test_the_learnt_part_is_bounded_by_the_distance_of_neighbours(far, normal):
    noise = normal(3, 100, N_LATENT)
    moved = (far(noise) - far.anchors(noise)).abs()
    bound = AnchoredGenerator.MAX_CORRECTION * far.anchors.step_sizes(noise)
    assert (moved <= bound + 1e-5).all()
    assert ((moved / bound)[:2] > 0.9).any()


def test_samples_go_a_part_of_the_way_that_the_fourth_coordinate_chooses(far, normal):
    noise = normal(3, 100, N_LATENT)
    anchors, share = far.anchors(noise), uniform_from_normal(noise[..., [N_CHOICES]])
    weights = random_projection(noise[..., N_CHOICES + 1 :], N_NEIGHBOURS)
    blur = AnchoredGenerator.BLUR * far.anchors.steps(noise, weights)
    wanted = torch.lerp(anchors, far(noise), share)
    assert torch.allclose(far.sample_rows(noise)[0] - blur, wanted, atol=1e-5)


def test_a_small_share_of_categories_follows_the_whole_class(normal, generators):
    # two clusters, each of one category
    cluster = torch.arange(40) % 2
    rows = torch.cat([normal(40, 1) + 100 * cluster[:, None], one_hot(cluster).float()], dim=1)
    layout = FeatureLayout(3, blocks=((1, 3),))
    generator = AnchoredGenerator.from_rows([rows], layout, N_LATENT, 8, generators(0))
    made = generator(normal(1, 100_000, N_LATENT, seed=1))[0]
    differs = (made[:, 0] > 50) != (made[:, 2] == 1)
    # half of the class is of the other category
    wanted = AnchoredGenerator.MUTATION_RATE / 2
    assert differs.float().mean().item() == pytest.approx(wanted, rel=0.15)
