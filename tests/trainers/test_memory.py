"""Memory: steps on torch's meta device, which holds nothing, take no more than was planned."""

import weakref
from dataclasses import replace
from itertools import repeat

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from ganaug.trainers.class_translation import TRANSLATOR, class_translation_recipe
from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.image import GAN, image_recipe, share_all
from ganaug.trainers.memory import free_bytes, warn_of_memory
from ganaug.trainers.paired_translation import PAIRED, PairSizes, paired_translation_recipe
from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.super_resolution import RESOLVER, super_resolution_recipe
from ganaug.training.diffaug import KINDS, Augmentation
from ganaug.training.health import moment_error, relative_spread
from ganaug.training.loop import Game
from ganaug.training.networks.image_stages import stage_sizes
from ganaug.training.networks.upscaler import downscale
from ganaug.training.pool import Pool
from ganaug.training.step import TrainingStep
from ganaug.training.streams import MemberStreams

META = torch.device("meta")
CPU = torch.device("cpu")
GIVEN = Hyperparameters(9, 64, 16, 1e-3, gamma=1.0)
N_CLASSES = 3


class PeakBytes(TorchDispatchMode):
    """Counts the bytes of all tensors that are there at a time."""

    def __init__(self):
        super().__init__()
        self.peak = 0
        self._now = 0
        self._seen = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor):
                self._add(leaf.untyped_storage())
        self.peak = max(self.peak, self._now)
        return result

    def _add(self, storage):
        name = storage._cdata
        if name not in self._seen:
            self._seen.add(name)
            self._now += storage.nbytes()
            weakref.finalize(storage, self._remove, name, storage.nbytes())

    def _remove(self, name, n_bytes):
        self._seen.discard(name)
        self._now -= n_bytes


class MetaStreams(MemberStreams):
    """Random numbers without values, which have no generators."""

    def __init__(self, n_members):
        self._n_members = n_members

    def normal(self, *shape):
        return torch.zeros(self._n_members, *shape, device=META)

    uniform = normal


def images(side, n_channels=3):
    sizes = stage_sizes(n_channels, side, side, capacity=1.0)
    return image_recipe(GIVEN, sizes, Augmentation(tuple(KINDS)), META)


def grey(side):
    return images(side, n_channels=1)


def shared(side):
    return share_all(images(side), N_CLASSES)


def translation(side):
    sizes = stage_sizes(3, side, side, capacity=1.0)
    return class_translation_recipe(images(side), sizes, Augmentation(("affine",)), 1.0, N_CLASSES)


def pairs(side, n_classes=1):
    sizes = PairSizes(*(stage_sizes(n, side, side, capacity=1.0) for n in (1, 3, 4)))
    augmentation = Augmentation(tuple(KINDS), n_guides=1)
    recipe = image_recipe(GIVEN, sizes.pairs, augmentation, META)
    return paired_translation_recipe(recipe, sizes, augmentation, 1.0, None, n_classes)


def shared_pairs(side):
    return pairs(side, N_CLASSES)


def super_resolution(side):
    sizes = stage_sizes(3, side, side, capacity=1.0)
    small = downscale(torch.zeros(5, 3, side, side), 2).to(META)
    augmentation = Augmentation(("affine",))
    return super_resolution_recipe(images(side), sizes, augmentation, small, 2, 1.0)


# Makers of recipes, tier, channels, and number of classes.
GAMES = {
    "images": (images, GAN, 3, 1),
    "grey images": (grey, GAN, 1, N_CLASSES),
    "images, shared": (shared, GAN, 3, N_CLASSES),
    "class translation": (translation, TRANSLATOR, 3, N_CLASSES),
    "paired translation": (pairs, PAIRED, 4, 1),
    "paired translation, shared": (shared_pairs, PAIRED, 4, N_CLASSES),
    "super-resolution": (super_resolution, RESOLVER, 3, 1),
}


def parts_of(kind, side, generators):
    """Networks, pool and configuration of a game, and the bytes that were planned for it."""
    make, tier, n_channels, n_members = GAMES[kind]
    recipe = make(side)
    samples = [torch.zeros(5, n_channels, side, side) for _ in range(n_members)]
    networks = recipe.networks(tier, samples, generators(*range(n_members)))
    generator, discriminator = (network.to(META) for network in networks)
    pool = Pool(torch.cat(samples), torch.arange(5 * n_members).split(5), recipe.unpack).to(META)
    config = recipe.configure(tier, recipe.hyperparameters(tier), generator, pool)
    return generator, discriminator, pool, config, n_members * recipe.bytes_per_member


@pytest.mark.medium
@pytest.mark.parametrize(
    ("kind", "side"),
    [("images", 28), ("images", 512), ("super-resolution", 28), *zip(GAMES, repeat(256))],
)
def test_no_step_takes_more_memory_than_was_planned(kind, side, generators):
    generator, discriminator, pool, config, planned = parts_of(kind, side, generators)
    step = TrainingStep(generator, discriminator, config)
    peaks = []
    for with_penalty in (True, False):
        schedule = replace(config.schedule(0), with_penalty=with_penalty)
        with PeakBytes() as memory:
            step(pool, MetaStreams(pool.n_members), schedule)
        peaks.append(memory.peak)
    assert 0.4 * planned < max(peaks) <= planned


@pytest.mark.medium
@pytest.mark.parametrize("side", [28, 512])
def test_what_a_game_is_judged_by_takes_no_more_memory_than_its_steps(side, generators):
    generator, discriminator, pool, config, planned = parts_of("images, shared", side, generators)
    game = Game(generator, discriminator, pool, config, MetaStreams(pool.n_members))
    with PeakBytes() as memory, torch.no_grad():
        fake, real = game._examined(generator)
        relative_spread(fake, real)
        moment_error(fake, real)
    assert memory.peak < max(planned, 2**28)


def test_a_plan_that_is_larger_than_the_memory_is_said_before_training(recwarn):
    def trainer(batch_size):
        sizes = stage_sizes(3, 256, 256, capacity=1.0)
        given = replace(GIVEN, batch_size=batch_size)
        recipe = image_recipe(given, sizes, Augmentation(("affine",)), CPU)
        samples = {label: torch.zeros(12, 3, 256, 256) for label in "ab"}
        return PerClassTrainer(samples, dict.fromkeys("ab", 0), recipe)

    if free_bytes(CPU) is None:
        pytest.skip("this system does not tell how much memory is free")
    trainer(1).start()
    assert not recwarn.list
    with pytest.warns(UserWarning, match="GiB are free on cpu. Lower batch_size"):
        trainer(10**9).start()


def test_free_memory_is_less_than_the_machine_has():
    free = free_bytes(CPU)
    if free is None:
        pytest.skip("this system does not tell how much memory is free")
    warn_of_memory(free // 2, CPU)
    with pytest.warns(UserWarning, match="training takes about"):
        warn_of_memory(2**60, CPU)
