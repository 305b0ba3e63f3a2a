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
    """State of a game of images at its end, and the threads in which its networks were called."""
    sizes = stage_sizes(1, 8, 8, capacity=1.0)
    streams = generators(1, 2)
    networks = [ImageGenerator(N_LATENT, sizes, streams), ImageDiscriminator(sizes, streams)]
    threads = [set(), set()]
    for network, used in zip(networks, threads, strict=True):
        network.register_forward_pre_hook(
            lambda *_, used=used: used.add((threading.get_ident(), torch.get_num_threads()))
        )
    images = normal(20, 1, 8, 8, seed=0).clamp(-1, 1)
    defaults = {
        "n_steps": 9,
        "batch_size": 6,
        "input_sampler": GaussianNoise(N_LATENT),
        "gamma": torch.tensor([0.2, 1.0]),
        "learning_rate": torch.full((2,), 1e-3),
        "discriminator_transform": Augmentation(("affine", "color")),
        "penalty_interval": 2,
        "clip_rms_multiple": 2.0,
    }
    config = TrainingConfig(**(defaults | options))
    pool = Pool(images, [torch.arange(8), torch.arange(8, 20)])
    game = Game(*networks, pool, config, MemberStreams([3, 4], torch.device("cpu")))
    with torch_defaults():
        game.play()
        return game.state(), threads


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_a_second_thread_makes_no_difference_to_what_is_learnt(
    generators, normal, with_threads, precision
):
    ours = threading.get_ident()
    states = []
    for n_threads in (1, 2):
        with_threads(n_threads)
        state, threads = play(generators, normal, overlapping=True, precision=precision)
        states.append(state)
        for used in threads:
            assert (ours, 1) in used
            assert len(used) == n_threads
            assert {n_threads for _, n_threads in used} == {1}
    assert torch.get_num_threads() == 2
    one, two = states
    assert torch.equal(one.history, two.history)
    assert all(map(torch.equal, one.networks, two.networks))


def test_two_passes_of_a_discriminator_teach_what_one_does(generators, normal, with_threads):
    # weights that hardly move, so that rounding errors do not add up
    rates = torch.full((2,), 1e-9)
    with_threads(2)
    one, two = (
        play(generators, normal, overlapping=overlaps, learning_rate=rates)[0]
        for overlaps in (False, True)
    )
    assert torch.allclose(one.history, two.history, rtol=1e-3)
    # mean squares of gradients among them
    for left, right in zip(one.networks, two.networks, strict=True):
        largest = float(left.detach().abs().max())
        assert torch.allclose(left, right, rtol=1e-3, atol=1e-3 * largest + 1e-7)


def test_networks_that_do_not_overlap_stay_in_the_thread_of_the_caller(
    generators, normal, with_threads
):
    with_threads(2)
    assert play(generators, normal)[1] == [{(threading.get_ident(), 1)}] * 2


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
