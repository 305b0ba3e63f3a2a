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

from ganaug.trainers.class_translation import TRANSLATOR, class_translation_recipe
from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.image import GAN, image_recipe, share_all
from ganaug.trainers.paired_translation import PAIRED, PairSizes, paired_translation_recipe
from ganaug.trainers.sequence import sequence_recipe
from ganaug.trainers.super_resolution import RESOLVER, super_resolution_recipe
from ganaug.trainers.table import TableRecipeBuilder
from ganaug.trainers.table_tiers import ANCHORED, FROM_NOISE
from ganaug.training.cuda_graph import CudaGraphStep, capture_cuda_graph
from ganaug.training.diffaug import KINDS, Augmentation
from ganaug.training.health import moment_error, relative_spread
from ganaug.training.layout import FeatureLayout
from ganaug.training.networks.image_stages import sequence_stage_sizes, stage_sizes
from ganaug.training.networks.upscaler import downscale
from ganaug.training.pool import Pool
from ganaug.training.sequence_diffaug import KINDS as SEQUENCE_KINDS
from ganaug.training.sequence_diffaug import SequenceAugmentation
from ganaug.training.sharing import separated
from ganaug.training.step import HISTORY_KEYS, TrainingStep
from ganaug.training.streams import MemberStreams
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
                assert leaf.dtype != torch.float64, "Apple's GPUs have no numbers of 64 bits"
        return result


class MetaStreams:
    """Random numbers without values, which have no generators."""

    def __init__(self, n_members):
        self._n_members = n_members

    def normal(self, *shape):
        return torch.randn(self._n_members, *shape, device=META)

    def uniform(self, *shape):
        return torch.rand(self._n_members, *shape, device=META)


def table_recipe(normal, device):
    factor = normal(4, LAYOUT.width)
    return TableRecipeBuilder(LAYOUT, factor, GIVEN, auto=()).build(device)


def rows(normal):
    """Ordinal rows: two quantities, then the numbers of two categories."""
    return torch.cat([normal(12, 2), normal(12, 2).sign().clamp_min(0)], dim=1)


def pictures(normal, n_channels=3, height=20, width=18):
    return normal(12, n_channels, height, width).clamp(-1, 1)


def small_pictures(normal):
    return pictures(normal, 1, 8, 8)


def images(normal, device):
    return image_recipe(GIVEN, COLOUR, AUGMENTATION, device)


def small_images(normal, device):
    return image_recipe(GIVEN, GREY, AUGMENTATION, device)


def shared_images(normal, device):
    return share_all(images(normal, device), n_classes=3)


def short_sequences(normal):
    return pictures(normal, 3, 1, 20)


def sequences(normal, device):
    augmentation = SequenceAugmentation(tuple(SEQUENCE_KINDS), n_values=2)
    return sequence_recipe(GIVEN, sequence_stage_sizes(3, 20, 0.5), augmentation, device)


def shared_sequences(normal, device):
    return share_all(sequences(normal, device), n_classes=3)


def translation(normal, device):
    recipe = images(normal, device)
    return class_translation_recipe(recipe, COLOUR, AUGMENTATION, 1.0, n_classes=3)


def pairs(normal, device, n_classes=1):
    sizes = PairSizes(*(stage_sizes(n_channels, 20, 18, 0.5) for n_channels in (1, 2, 3)))
    augmentation = Augmentation(tuple(KINDS), n_guides=1)
    recipe = image_recipe(GIVEN, sizes.pairs, augmentation, device)
    return paired_translation_recipe(recipe, sizes, augmentation, 1.0, None, n_classes)


def shared_pairs(normal, device):
    return pairs(normal, device, n_classes=3)


def super_resolution(normal, device):
    small = downscale(pictures(normal), scale=2)
    recipe = images(normal, device)
    return super_resolution_recipe(recipe, COLOUR, AUGMENTATION, small, 2, fidelity=1.0)


# Makers of the recipe and of the samples, number of classes, and tier where there are several.
GAMES = {
    "table, anchored": (table_recipe, rows, 3, ANCHORED),
    "table, from noise": (table_recipe, rows, 1, FROM_NOISE),
    "table, from noise and shared": (table_recipe, rows, 3, FROM_NOISE),
    "images": (images, pictures, 3, GAN),
    "images, small and grey": (small_images, small_pictures, 3, GAN),
    "images, shared": (shared_images, pictures, 3, GAN),
    "sequences": (sequences, short_sequences, 3, GAN),
    "sequences, shared": (shared_sequences, short_sequences, 3, GAN),
    "class translation": (translation, pictures, 3, TRANSLATOR),
    "paired translation": (pairs, pictures, 1, PAIRED),
    "paired translation, shared": (shared_pairs, pictures, 3, PAIRED),
    "super-resolution": (super_resolution, pictures, 1, RESOLVER),
}


class Game:
    """A step of a kind of game, with its networks on a device, as a trainer makes it."""

    def __init__(self, kind, normal, generators, device=META, n_rates=1):
        make_recipe, make_samples, self.n_members, tier = GAMES[kind]
        recipe = make_recipe(normal, device)
        data = make_samples(normal)
        parts = torch.arange(len(data)).tensor_split(self.n_members)
        streams = generators(*range(self.n_members))
        networks = recipe.networks(tier, [data[part] for part in parts], streams)
        self.generator, self.discriminator = (network.to(device) for network in networks)
        self.pool = Pool(data, parts, recipe.unpack).to(device)
        hyperparameters = recipe.hyperparameters(tier)
        config = recipe.configure(tier, hyperparameters, self.generator, self.pool)
        rates = config.learning_rate * (1 + torch.arange(self.n_members) % n_rates)
        self.config = replace(config, learning_rate=rates)
        self.training_step = TrainingStep(self.generator, self.discriminator, self.config)

    def step(self, streams, schedule):
        return self.training_step(self.pool, streams, schedule)

    def play(self, n_steps, streams, device, capture=None):
        """Values of steps that do all that a step may do, replayed by what captures them."""
        step = CudaGraphStep(self.step, streams, device, capture) if capture else None
        schedule = replace(self.config.schedule(1), with_penalty=True, clip=True, clip_value=2.0)
        return torch.stack(
            [step(schedule) if step else self.step(streams, schedule) for _ in range(n_steps)]
        )


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


def test_a_step_of_every_game_stays_on_its_device_and_takes_nothing_from_its_host(game):
    values = game.play(2, MetaStreams(game.n_members), META, capture)
    assert_on_meta(values, 2, len(HISTORY_KEYS), game.n_members)


def test_members_of_different_learning_rates_stay_on_their_device(normal, generators):
    game = Game("table, anchored", normal, generators, n_rates=2)
    values = game.play(2, MetaStreams(game.n_members), META, capture)
    assert_on_meta(values, 2, len(HISTORY_KEYS), game.n_members)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
@pytest.mark.parametrize("kind", GAMES)
def test_captured_steps_of_every_game_are_its_steps_on_cuda(kind, normal, generators):
    cuda = torch.device("cuda")

    def figures(capture):
        game = Game(kind, normal, generators, cuda)
        streams = MemberStreams(list(range(game.n_members)), cuda)
        return game.play(5, streams, cuda, capture)

    captured = figures(capture_cuda_graph)
    # convolutions round as the algorithm does that a library has chosen
    assert torch.allclose(captured, figures(None), rtol=0.05, atol=0.01)
    assert len(captured[:, 0].unique(dim=0)) == 5


def test_networks_are_judged_and_parted_on_their_device(game):
    generator = separated(game.generator)
    discriminator = separated(game.discriminator)
    streams = MetaStreams(game.n_members)
    # what is made once, of numbers of the host, a game has made before
    generator(game.config.input_sampler(streams, 8))
    game.pool.draw(streams.uniform(8))
    with torch.no_grad(), OnMetaAlone():
        fake = generator(game.config.input_sampler(streams, 8))
        real = game.pool.draw(streams.uniform(8))
        assert_on_meta(discriminator(real), *game.discriminator(real).shape)
        for figures in (relative_spread(fake, real), moment_error(fake, real)):
            assert_on_meta(figures, game.n_members)


@pytest.mark.parametrize("kind", [name for name in GAMES if "shared" not in name])
def test_features_of_discriminators_stay_on_their_device(kind, normal, generators):
    game = Game(kind, normal, generators)
    n_features = len(game.discriminator.feature_names)
    real = game.pool.draw(MetaStreams(game.n_members).uniform(8))
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
