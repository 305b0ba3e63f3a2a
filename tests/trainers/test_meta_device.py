"""Steps of every kind of game on torch's meta device, where tensors have a place and no values.

What is made in another place, or waits for a value, fails there on every machine, as it would
where a GPU captures a step.
"""

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from ganaug.trainers.class_translation import class_translation_recipe
from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.image import image_recipe, share_all
from ganaug.trainers.paired_translation import PairSizes, paired_translation_recipe
from ganaug.trainers.super_resolution import super_resolution_recipe
from ganaug.trainers.table import ANCHORED, FROM_NOISE, TableRecipeBuilder
from ganaug.training.config import TrainingConfig
from ganaug.training.cuda_graph import CudaGraphStep
from ganaug.training.diffaug import KINDS, Augmentation
from ganaug.training.health import moment_error, relative_spread
from ganaug.training.layout import FeatureLayout
from ganaug.training.networks.backbone import ImageBackbone
from ganaug.training.networks.image_stages import stage_sizes
from ganaug.training.networks.upscaler import downscale
from ganaug.training.pool import Pool
from ganaug.training.sharing import separated
from ganaug.training.step import HISTORY_KEYS, TrainingStep
from ganaug.training.untrained.moved_copies import N_CHOICES

META = torch.device("meta")
CPU_ONES = torch.ones(())
GIVEN = Hyperparameters(9, N_CHOICES + 4, 6, 1e-3, gamma=1.0)
GREY = stage_sizes(1, 8, 8, 0.5)
COLOUR = stage_sizes(3, 20, 18, 0.5)
AUGMENTATION = Augmentation(tuple(KINDS))

# A quantity that may be missing, and two one-hot blocks of different lengths.
LAYOUT = FeatureLayout(7, blocks=((2, 4), (4, 7)), presence_masks=((1, 2),))


# Functions that hand numbers of the host to a device.
FROM_HOST = (torch.tensor, torch.as_tensor, torch.asarray, torch.from_numpy)

# Functions that take indices; lists of them are sent to the device.
INDEXING = (Tensor.__getitem__, Tensor.__setitem__)


class OnMetaAlone(TorchFunctionMode):
    """Has every call fail that reads, makes or sends numbers of the host."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        assert function not in FROM_HOST, f"{function.__name__} sends numbers of the host"
        if function in INDEXING:
            indices = args[1] if isinstance(args[1], tuple) else (args[1],)
            assert not any(isinstance(index, list) for index in indices), "a list is sent"
        # changes its arguments in place, and has no kernel there
        result = None if function is torch._fused_adam_ else function(*args, **kwargs)
        for leaf in tree_leaves((args, kwargs, result)):
            if isinstance(leaf, Tensor):
                assert leaf.device == META, f"{function.__name__} has a tensor on {leaf.device}"
        return result


class MetaStreams:
    """Random numbers without values, which have no generators."""

    def __init__(self, n_members):
        self._n_members = n_members

    def normal(self, *shape):
        return torch.randn(self._n_members, *shape, device=META)

    def uniform(self, *shape):
        return torch.rand(self._n_members, *shape, device=META)


def table_recipe(normal):
    factor = normal(4, LAYOUT.width)
    return TableRecipeBuilder(LAYOUT, factor, GIVEN, auto=()).build(META)


def rows(normal):
    """Ordinal rows: two quantities, then the numbers of two categories."""
    return torch.cat([normal(12, 2), normal(12, 2).sign().clamp_min(0)], dim=1)


def images(sizes):
    return image_recipe(GIVEN, sizes, AUGMENTATION, META)


def pictures(normal, n_channels, height, width):
    return normal(12, n_channels, height, width).clamp(-1, 1)


def super_resolution(normal):
    small = downscale(pictures(normal, 3, 20, 18), scale=2)
    return super_resolution_recipe(images(COLOUR), COLOUR, AUGMENTATION, small, 2, fidelity=1.0)


def translation(normal):
    return class_translation_recipe(images(COLOUR), COLOUR, AUGMENTATION, 1.0, n_classes=3)


def pairs(n_classes):
    sizes = PairSizes(
        stage_sizes(1, 20, 18, 0.5), stage_sizes(2, 20, 18, 0.5), stage_sizes(3, 20, 18, 0.5)
    )
    augmentation = Augmentation(tuple(KINDS), n_guides=1)
    recipe = image_recipe(GIVEN, sizes.pairs, augmentation, META)
    return paired_translation_recipe(recipe, sizes, augmentation, 1.0, None, n_classes)


# Recipe, tier, number of classes, and what a class's samples are.
GAMES = {
    "table, anchored": (table_recipe, ANCHORED, 3, rows),
    "table, from noise": (table_recipe, FROM_NOISE, 1, rows),
    "table, from noise and shared": (table_recipe, FROM_NOISE, 3, rows),
    "images": (lambda normal: images(COLOUR), None, 3, (3, 20, 18)),
    "images, grey": (lambda normal: images(GREY), None, 3, (1, 8, 8)),
    "images, shared": (lambda normal: share_all(images(COLOUR), 3), None, 3, (3, 20, 18)),
    "class translation": (translation, None, 3, (3, 20, 18)),
    "paired translation": (lambda normal: pairs(1), None, 1, (3, 20, 18)),
    "paired translation, shared": (lambda normal: pairs(3), None, 3, (3, 20, 18)),
    "super-resolution": (super_resolution, None, 1, (3, 20, 18)),
}


class Game:
    """A step of a kind of game, as a trainer makes it, with its networks on the meta device."""

    def __init__(self, kind, normal, generators, n_rates=1):
        make, tier, self.n_members, samples = GAMES[kind]
        recipe = make(normal)
        tier = tier or recipe.tiers[0]
        data = samples(normal) if callable(samples) else pictures(normal, *samples)
        parts = torch.arange(len(data)).tensor_split(self.n_members)
        networks = recipe.networks(
            tier, [data[part] for part in parts], generators(*range(self.n_members))
        )
        self.generator, self.discriminator = (network.to(META) for network in networks)
        self.pool = Pool(data, parts, recipe.unpack).to(META)
        hyperparameters = recipe.hyperparameters(tier)
        config = recipe.configure(tier, hyperparameters, self.generator, self.pool)
        rates = config.learning_rate * (1 + torch.arange(self.n_members) % n_rates)
        self.config: TrainingConfig = replace(config, learning_rate=rates)
        self.streams = MetaStreams(self.n_members)
        self.training_step = TrainingStep(self.generator, self.discriminator, self.config)

    def step(self, streams, schedule):
        return self.training_step(self.pool, streams, schedule)


def capture(function, device):
    """Stands for a captured graph, and checks what it would hold."""

    def replay():
        with OnMetaAlone():
            return function()

    return replay


@pytest.fixture(params=GAMES)
def game(request, normal, generators):
    return Game(request.param, normal, generators)


def assert_on_meta(values, *shape):
    assert values.device == META
    assert tuple(values.shape) == shape


def play_twice(game):
    """Values of two steps that do all that a step may do, the second as a graph takes it."""
    schedule = replace(game.config.schedule(1), with_penalty=True, clip=True, clip_value=2.0)
    step = CudaGraphStep(game.step, game.streams, META, capture)
    return [step(schedule) for _ in range(2)]


def test_a_step_of_every_game_stays_on_its_device_and_takes_nothing_from_its_host(game):
    for values in play_twice(game):
        assert_on_meta(values, len(HISTORY_KEYS), game.n_members)


def test_members_of_different_learning_rates_stay_on_their_device(normal, generators):
    game = Game("table, anchored", normal, generators, n_rates=2)
    for values in play_twice(game):
        assert_on_meta(values, len(HISTORY_KEYS), game.n_members)


def test_networks_are_judged_and_parted_on_their_device(game):
    generator = separated(game.generator)
    discriminator = separated(game.discriminator)
    with torch.no_grad(), OnMetaAlone():
        fake = generator(game.config.input_sampler(game.streams, 8))
        real = game.pool.draw(game.streams.uniform(8))
        assert_on_meta(discriminator(real), *game.discriminator(real).shape)
        for figures in (relative_spread(fake, real), moment_error(fake, real)):
            assert_on_meta(figures, game.n_members)


@pytest.mark.parametrize("kind", [name for name in GAMES if "shared" not in name])
def test_features_of_discriminators_stay_on_their_device(kind, normal, generators):
    game = Game(kind, normal, generators)
    n_features = len(game.discriminator.feature_names)
    real = game.pool.draw(game.streams.uniform(8))
    with torch.no_grad(), OnMetaAlone():
        features = game.discriminator.features(real)
    assert_on_meta(features, game.n_members, 8, n_features)


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (lambda here: here + torch.ones(2), "has a tensor on cpu"),
        (lambda here: here.new_zeros(2, device="cpu"), "has a tensor on cpu"),
        (lambda here: here + torch.tensor([1.0, 2.0], device=META), "sends numbers of the host"),
        (lambda here: here[[1, 0]], "a list is sent"),
        (lambda here: torch.where(here > 0, CPU_ONES, here), "has a tensor on cpu"),
    ],
)
def test_what_a_step_may_not_do_is_noticed(operation, reason):
    with OnMetaAlone(), pytest.raises(AssertionError, match=reason):
        operation(torch.zeros(2, device=META))
