"""Calls in a second thread: the same results, where a thread is free and where none is."""

import threading

import pytest
import torch

from ganaug.training.config import TrainingConfig
from ganaug.training.defaults import torch_defaults
from ganaug.training.diffaug import Augmentation
from ganaug.training.input_samplers import GaussianNoise
from ganaug.training.loop import Game
from ganaug.training.networks.image import ImageDiscriminator, ImageGenerator
from ganaug.training.networks.image_stages import stage_sizes
from ganaug.training.overlap import overlapping
from ganaug.training.pool import Pool
from ganaug.training.streams import MemberStreams

N_LATENT = 4


@pytest.fixture
def with_threads():
    """Set the number of torch's threads, and put it back."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def play(generators, normal, **options):
    """Outcome of a game of images, and the threads in which its networks were called."""
    sizes = stage_sizes(1, 8, 8, capacity=1.0)
    streams = generators(1, 2)
    networks = [ImageGenerator(N_LATENT, sizes, streams), ImageDiscriminator(sizes, streams)]
    threads = [set(), set()]
    for network, used in zip(networks, threads, strict=True):
        network.register_forward_pre_hook(
            lambda *_, used=used: used.add((threading.get_ident(), torch.get_num_threads()))
        )
    images = normal(20, 1, 8, 8, seed=0).clamp(-1, 1)
    config = TrainingConfig(
        n_steps=9,
        batch_size=6,
        input_sampler=GaussianNoise(N_LATENT),
        gamma=torch.tensor([0.2, 1.0]),
        learning_rate=torch.tensor([1e-3, 1e-3]),
        discriminator_transform=Augmentation(("affine", "color")),
        penalty_interval=2,
        clip_rms_multiple=2.0,
        **options,
    )
    pool = Pool(images, [torch.arange(8), torch.arange(8, 20)])
    game = Game(*networks, pool, config, MemberStreams([3, 4], torch.device("cpu")))
    with torch_defaults():
        return game.play(), threads


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_a_second_thread_makes_no_difference_to_what_is_learnt(
    generators, normal, with_threads, precision
):
    with_threads(2)
    ours = threading.get_ident()
    outcomes = []
    for overlaps in (False, True):
        outcome, threads = play(generators, normal, overlapping=overlaps, precision=precision)
        outcomes.append(outcome)
        for used in threads:
            assert (ours, 1) in used
            assert len(used) == 1 + overlaps
            assert {n_threads for _, n_threads in used} == {1}
    one, other = outcomes
    assert torch.equal(one.history, other.history)
    for name in ("generator", "discriminator"):
        pairs = zip(getattr(one, name).parameters(), getattr(other, name).parameters(), strict=True)
        assert all(torch.equal(left, right) for left, right in pairs)
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize("n_threads", [1, 2])
def test_calls_run_beside_the_caller_only_where_a_thread_is_free(with_threads, n_threads):
    with_threads(n_threads)
    with torch_defaults(), overlapping() as start:
        thread = start(threading.get_ident)()
    assert (thread == threading.get_ident()) == (n_threads == 1)


def test_threads_that_torch_shares_out_itself_are_not_taken_for_free(with_threads):
    with_threads(2)
    with overlapping() as start:
        assert start(threading.get_ident)() == threading.get_ident()


def test_what_goes_wrong_beside_the_caller_is_raised_where_the_result_is_asked_for(with_threads):
    with_threads(2)
    with torch_defaults(), overlapping() as start:
        result = start(lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            result()
