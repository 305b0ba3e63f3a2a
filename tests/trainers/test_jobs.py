"""Groups of classes train as jobs of joblib, with the results of one process."""

import os
import signal
import threading
import time
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from joblib import parallel_config
from sklearn.base import clone
from sklearn.datasets import load_digits

from ganaug import ImageGAN, TableGAN, parallel
from ganaug.models.joint_fitting import fit_tables_together
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.table import TableRecipeBuilder
from ganaug.training.layout import FeatureLayout

CPU = torch.device("cpu")
N_STEPS = 12
SIZES = {"a": 12, "b": 20, "c": 15, "d": 30, "large": 310, "few": 3}


@pytest.fixture
def recipe(normal):
    """Recipe of tables of three columns, two of whose classes share a game."""
    given = Hyperparameters(N_STEPS, 6, 4, 1e-3, gamma=1.0)
    made = TableRecipeBuilder(FeatureLayout(3), normal(6, 3), given, auto=()).build(CPU)
    return replace(made, max_members={"cpu": 2, "cuda": 2})


@pytest.fixture
def trainer(normal, recipe):
    """Maker of a trainer of classes of all tiers."""

    def make(path=None, n_jobs=None, n_threads=1, **parts):
        rows = {label: normal(n, 3, seed=i) for i, (label, n) in enumerate(SIZES.items())}
        seeds = {label: i for i, label in enumerate(SIZES)}
        made = replace(recipe, **parts)
        checkpoint = Checkpoint(path)
        return PerClassTrainer(
            rows, seeds, made, checkpoint=checkpoint, n_threads=n_threads, n_jobs=n_jobs
        )

    return make


def assert_equal(trained, expected):
    """Compare classes bit by bit."""
    assert list(trained) == list(expected)
    for label, one in trained.items():
        other = expected[label]
        assert one.tier == other.tier
        for name, values in one.history.items():
            assert np.array_equal(values, other.history[name])
        tensors = (part.generator.state_dict().values() for part in (one, other))
        assert all(torch.equal(*pair) for pair in zip(*tensors, strict=True))


@pytest.mark.medium
@pytest.mark.parametrize("backend", ["threading", "multiprocessing", "loky"])
def test_classes_come_out_bit_by_bit_as_of_one_process(trainer, backend):
    announced = []
    beside = trainer(n_jobs=2)
    with parallel_config(backend):
        trained = beside.train(announced.append)
    assert_equal(trained, trainer().train())
    assert announced == [N_STEPS] * 3
    assert beside.n_steps == sum(announced)


def noted_threads(recipe):
    """Threads of Python in which games start, and the split that notes them."""
    threads = set()

    def split(samples):
        threads.add(threading.get_ident())
        return recipe.split_validation(samples)

    return threads, split


@pytest.mark.parametrize(("of_context", "n_jobs"), [(2, None), (None, 2)])
def test_jobs_are_as_many_as_the_parameter_or_else_the_context_says(
    trainer, recipe, of_context, n_jobs
):
    threads, split = noted_threads(recipe)
    with parallel_config("threading", n_jobs=of_context):
        trainer(n_jobs=n_jobs, split_validation=split).train()
    assert threading.get_ident() not in threads
    assert threads


def test_without_a_number_of_jobs_there_is_one_process_and_one_thread(trainer, recipe):
    threads, split = noted_threads(recipe)
    trainer(split_validation=split).train()
    assert threads == {threading.get_ident()}


def test_a_job_that_fails_ends_the_training_with_its_own_error(trainer):
    def full(tier, samples, streams):
        raise torch.OutOfMemoryError("none left")

    with (
        parallel_config("threading"),
        pytest.raises(RuntimeError, match="too little memory to train class .*batch_size"),
    ):
        trainer(n_jobs=2, networks=full).train()


def test_an_error_of_who_watches_a_game_ends_those_in_other_threads_too(trainer):
    announced = []

    def fail_once(report):
        if "a" in report.labels:
            raise RuntimeError("pruned")
        return False

    with pytest.raises(RuntimeError, match="pruned"):
        trainer(n_threads=2).train(announced.append, fail_once)
    assert sum(announced) < 2 * N_STEPS


def test_an_interrupted_job_ends_the_training_and_keeps_what_was_done(trainer):
    def split(samples):
        def rate(generator):
            raise KeyboardInterrupt

        return samples, rate if len(samples[0]) == 15 else None

    stopped = trainer(n_jobs=2, split_validation=split)
    with parallel_config("threading"):
        trained = stopped.train()
    assert stopped.interrupted
    n_steps = {label: len(one.history["fool_rate"]) for label, one in trained.items()}
    assert n_steps["a"] == n_steps["b"] == N_STEPS
    assert 0 < n_steps["c"] == n_steps["d"] < N_STEPS
    assert n_steps["large"] == 0


@pytest.mark.medium
@pytest.mark.parametrize(("first", "second"), [(2, None), (None, 2)])
def test_a_checkpoint_goes_on_whatever_the_number_of_jobs(trainer, tmp_path, first, second):
    def interrupt(samples):
        def rate(generator):
            raise KeyboardInterrupt

        return samples, rate if len(samples[0]) == 310 else None

    path = tmp_path / "run.h5"
    announced = []
    with parallel_config("threading"):
        trainer(path, first, split_validation=interrupt).train()
        assert (N_STEPS, True) in Checkpoint(path).progress
        trained = trainer(path, second).train(announced.append)
    assert sum(announced) == 3 * N_STEPS
    assert_equal(trained, trainer().train())


def test_a_worker_of_another_version_is_refused(monkeypatch):
    made = partial(parallel._call, dict, parallel.__version__, os.getpid())
    assert made().value == {}
    monkeypatch.setattr(parallel, "__version__", "0.0.0")
    with pytest.raises(RuntimeError, match=r"has ganaug 0\.0\.0, .* install the same"):
        made()


def test_without_a_file_no_states_are_sent_back(trainer):
    beside = trainer(n_jobs=2)
    with parallel_config("threading"):
        beside.train()
    assert beside._checkpoint.progress == []


@pytest.mark.parametrize(("n_jobs", "n_games"), [(None, 2), (2, 2), (3, 3), (4, 4)])
def test_on_gpus_every_job_has_its_share_of_the_classes(normal, recipe, n_jobs, n_games):
    rows = {label: normal(12, 3) for label in range(4)}
    recipe = replace(recipe, device=torch.device("cuda"))
    groups = PerClassTrainer(rows, dict.fromkeys(rows, 0), recipe, n_jobs=n_jobs).start()
    assert len(groups) == n_games


def test_on_a_cpu_classes_share_games_whatever_the_number_of_jobs(normal, recipe):
    rows = {label: normal(12, 3) for label in range(5)}

    def games(n_jobs):
        groups = PerClassTrainer(rows, dict.fromkeys(rows, 0), recipe, n_jobs=n_jobs).start()
        return [list(group.samples) for group in groups]

    # of two classes at most, and as many as two jobs share evenly
    assert len(games(None)) == 4
    assert games(None) == games(2) == games(7)


@pytest.mark.parametrize(("n_classes", "n_games"), [(16, 1), (17, 2), (32, 2), (33, 2), (65, 4)])
def test_two_jobs_find_an_even_number_of_games_where_half_a_game_is_full(
    normal, recipe, n_classes, n_games
):
    rows = {label: normal(12, 3) for label in range(n_classes)}
    recipe = replace(recipe, max_members={"cpu": 32, "cuda": 32})
    groups = PerClassTrainer(rows, dict.fromkeys(rows, 0), recipe).start()
    sizes = [len(group.samples) for group in groups]
    assert len(sizes) == n_games
    assert max(sizes) - min(sizes) <= 1


DIGITS = load_digits()
MODELS = {
    "tables": TableGAN(n_steps=2, random_state=0),
    "images": ImageGAN(
        n_steps=2, capacity=0.2, sharing="pooled", image_shape=(8, 8), random_state=0
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_models_draw_the_same_samples_whatever_the_number_of_jobs(name):
    # a class of each game of a table, and more classes of images than share one
    y = np.repeat(np.arange(9), [310, *[12] * 8])
    X = np.resize(DIGITS.data, (len(y), 64))
    with parallel_config("threading"):
        drawn = [
            clone(MODELS[name]).set_params(n_jobs=n_jobs).fit(X, y).sample(30)[0]
            for n_jobs in (None, 2)
        ]
    assert np.array_equal(*drawn)


def test_tables_that_train_together_are_the_same_whatever_the_number_of_jobs(blobs):
    X, y = blobs
    large = (np.tile(X, (8, 1)), np.tile(y, 8))
    drawn = []
    for n_jobs in (None, 2):
        models = [TableGAN(n_steps=3, random_state=seed) for seed in (0, 1)]
        with parallel_config("threading"):
            fit_tables_together(models, [blobs, large], [0, 1], n_jobs)
        drawn.append([model.sample(20)[0] for model in models])
    assert np.array_equal(*drawn)


@pytest.mark.parametrize(
    "backend", ["loky", pytest.param("multiprocessing", marks=pytest.mark.slow)]
)
def test_a_process_that_is_killed_ends_the_training_with_what_was_not_trained(
    trainer, recipe, backend
):
    caller = os.getpid()

    def networks(tier, samples, streams):
        if os.getpid() != caller and len(samples[0]) == 310:
            os.kill(os.getpid(), signal.SIGKILL)
        return recipe.networks(tier, samples, streams)

    with (
        parallel_config(backend),
        pytest.raises(RuntimeError, match="n_jobs=2 ended without a word .*'large'.*Lower n_jobs"),
    ):
        trainer(n_jobs=2, networks=networks).train()


@pytest.mark.slow
def test_after_a_process_was_killed_training_goes_on_from_the_whole_file_that_is_there(
    trainer, recipe, tmp_path
):
    path = tmp_path / "run.h5"
    deadly = tmp_path / "deadly"
    caller = os.getpid()

    def networks(tier, samples, streams):
        if os.getpid() != caller and len(samples[0]) == 310 and deadly.exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return recipe.networks(tier, samples, streams)

    deadly.touch()
    with parallel_config("loky"):
        for _ in range(2):
            start = time.monotonic()
            with pytest.raises(RuntimeError, match="ended without a word .*'large'"):
                trainer(path, n_jobs=2, networks=networks).train()
            assert time.monotonic() - start < 60
            assert all(over for _, over in Checkpoint(path).progress)
            assert [file.name for file in tmp_path.iterdir() if file != deadly] == ["run.h5"]
        n_done = len(Checkpoint(path).progress)
        deadly.unlink()
        trained = trainer(path, n_jobs=2, networks=networks).train()
    assert len(Checkpoint(path).progress) == 3 >= n_done
    assert_equal(trained, trainer().train())
