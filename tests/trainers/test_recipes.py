"""Recipes: what games of tables and of images are played with."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from ganaug.encoding.image import ImageEncoder
from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.image import GAN, balanced_pool, image_recipe, share, with_validation
from ganaug.trainers.real_transform import RealTransform
from ganaug.trainers.table import TableRecipeBuilder
from ganaug.trainers.table_tiers import FROM_NOISE
from ganaug.training.diffaug import Augmentation
from ganaug.training.layout import FeatureLayout
from ganaug.training.networks.image_stages import stage_sizes

CPU = torch.device("cpu")
GIVEN = Hyperparameters(n_steps=4, n_latent=6, batch_size=4, learning_rate=1e-3, gamma=1.0)


@pytest.fixture
def images():
    """Recipe of small grey images."""
    return image_recipe(GIVEN, stage_sizes(1, 8, 8, 0.2), Augmentation(()), CPU)


class Constant(nn.Module):
    """Generator of images that are nearly of one grey."""

    def __init__(self, grey):
        super().__init__()
        self.grey = nn.Parameter(torch.tensor(grey))

    def forward(self, noise):
        """Images (members, n, 1, 8, 8)."""
        return self.grey + 0.01 * noise[..., :1, None, None].expand(*noise.shape[:2], 1, 8, 8)


def test_images_that_rate_generators_are_not_trained_on(images, normal):
    white = torch.zeros(250, dtype=torch.bool)
    white[torch.linspace(0, 249, 50).round().long()] = True
    real = torch.where(white[:, None, None, None], 0.8, -0.8) + 0.01 * normal(250, 1, 8, 8)
    (used,), validation = with_validation(images, None).split_validation([real])
    assert used.max() < 0
    assert len(used) == 200
    assert validation(Constant(0.8)) < validation(Constant(-0.8))


def test_a_pooled_start_learns_from_the_images_of_all_classes(images, normal):
    seen = []

    def configure(tier, values, generator, pool):
        seen.append(len(pool.samples))
        return images.configure(tier, values, generator, pool)

    classes = {"a": normal(12, 1, 8, 8), "b": normal(3, 1, 8, 8)}
    pooled = share(images, "pooled", classes, {"a": 1, "b": 2}, None)
    (start,) = pooled.pretraining
    recipe = replace(pooled, configure=configure)
    start.run(recipe, lambda name, game, on_steps: game.play(on_steps), lambda n_steps: None, None)
    assert seen == [15]


def test_samples_without_a_class_take_nothing_from_the_batches_of_classes(images, normal):
    classes = {label: normal(12, 1, 8, 8) for label in range(4)}
    seeds = dict.fromkeys([*classes, -1], 0)
    alone = share(images, "conditional", classes, seeds, None)
    others = classes | {-1: normal(40, 1, 8, 8)}
    beside = share(images, "conditional", others, seeds, None, unlabeled_label=-1)
    as_class = share(images, "conditional", others, seeds, None)
    sizes = [recipe.hyperparameters(GAN).batch_size for recipe in (alone, beside, as_class)]
    assert sizes[0] == sizes[1] != sizes[2]


@pytest.mark.parametrize("n_unlabeled", [2, 200])
def test_a_pooled_start_sees_as_many_samples_without_a_class_as_of_all_classes(n_unlabeled):
    samples = [torch.full((n, 1), value) for n, value in ((7, 0.0), (3, 1.0), (n_unlabeled, 2.0))]
    pool = balanced_pool(samples, n_classes=2)
    places = torch.arange(4000) / 4000
    counts = pool.draw(places[None]).flatten().long().bincount()
    assert torch.allclose(counts / 4000, torch.tensor([0.25, 0.25, 0.5]), atol=0.02)
    # every sample is drawn
    numbered = balanced_pool(
        [torch.arange(7.0)[:, None], 7 + torch.arange(n_unlabeled)[:, None]], 1
    )
    assert len(numbered.draw(places[None]).unique()) == 7 + n_unlabeled


def test_a_try_of_a_transform_does_not_change_what_it_does_later():
    class Fading:
        """Darkens an image by more each time."""

        n_calls = 0

        def __call__(self, image):
            self.n_calls += 1
            return image // self.n_calls

    X = np.random.default_rng(0).integers(0, 255, (3, 8, 8)).astype(np.uint8)
    encoder = ImageEncoder.fit(X)
    codes = torch.from_numpy(encoder.encode(X))
    tried = RealTransform(Fading(), encoder)
    tried.check(codes)
    assert torch.equal(tried.enlarge(codes), RealTransform(Fading(), encoder).enlarge(codes))


def test_large_classes_of_a_table_share_layers(normal):
    recipe = TableRecipeBuilder(FeatureLayout(3), normal(6, 3), GIVEN, auto=()).build(CPU)
    rows = [normal(310, 3, seed=seed) for seed in (0, 1)]
    streams = [torch.Generator().manual_seed(seed) for seed in (0, 1)]
    alone = recipe.networks(FROM_NOISE, rows[:1], streams[:1])
    both = recipe.networks(FROM_NOISE, rows, streams)
    for one, two in zip(alone, both, strict=True):
        n_of_one, n_of_two = (
            sum(weights.numel() for weights in network.parameters()) for network in (one, two)
        )
        assert n_of_two < 1.5 * n_of_one


def test_what_is_left_to_a_table_follows_from_the_tier(normal):
    recipe = TableRecipeBuilder(FeatureLayout(3), normal(6, 3), GIVEN, auto=("n_steps",)).build(CPU)
    values = recipe.hyperparameters(FROM_NOISE)
    assert values.n_steps == FROM_NOISE.n_steps
    assert values.batch_size == GIVEN.batch_size
