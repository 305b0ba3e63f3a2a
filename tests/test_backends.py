"""Fits, the gate and ``compare`` give the same on every backend of joblib."""

import warnings
from contextlib import contextmanager, nullcontext
from functools import partial

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.datasets import load_digits, load_wine
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.tree import DecisionTreeClassifier

from ganaug import AugmentedClassifier, ImageGAN, TableGAN, compare
from ganaug.parallel import Result, results_in_order

DIGITS = load_digits(n_class=9)
TREE = DecisionTreeClassifier(max_depth=3, random_state=0)
GAN = TableGAN(n_steps=2, random_state=0)


@contextmanager
def dask_cluster():
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster):
        yield


@contextmanager
def ray_cluster():
    ray = pytest.importorskip("ray")
    from ray.util.joblib import register_ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    register_ray()
    try:
        yield
    finally:
        ray.shutdown()


CLUSTERS = {"dask": dask_cluster, "ray": ray_cluster}


@pytest.fixture(
    scope="module",
    params=[
        "multiprocessing",
        pytest.param("threading", marks=pytest.mark.slow),
        pytest.param("loky", marks=pytest.mark.slow),
        *(pytest.param(name, marks=pytest.mark.slow) for name in CLUSTERS),
    ],
)
def backend(request):
    """A backend of two workers, in whose context joblib runs."""
    name = request.param
    with warnings.catch_warnings():
        if name in CLUSTERS:
            # what clusters warn of, as they start, is not ours
            warnings.simplefilter("ignore")
        with CLUSTERS.get(name, nullcontext)(), parallel_config(name, n_jobs=2):
            yield name


def alone(make):
    """What a function gives without a backend."""
    with parallel_config("sequential"):
        return make()


@pytest.mark.medium
def test_tables_come_out_bit_by_bit_as_of_one_process(backend):
    X = np.random.default_rng(0).standard_normal((17 * 12 + 320, 3))
    y = np.repeat(np.arange(18), [320, *[12] * 17])

    def drawn():
        return clone(GAN).fit(X, y).sample(40)[0]

    assert np.array_equal(drawn(), alone(drawn))


def test_images_come_out_bit_by_bit_as_of_one_process(backend):
    gan = ImageGAN(n_steps=1, capacity=0.2, sharing="none", random_state=0)

    def drawn():
        return clone(gan).fit(DIGITS.images[:120], DIGITS.target[:120]).sample(20)[0]

    assert np.array_equal(drawn(), alone(drawn))


@pytest.mark.slow
def test_the_gate_chooses_by_the_same_scores(backend):
    X, y = load_wine(return_X_y=True)

    def scores():
        return AugmentedClassifier(TREE, gan=clone(GAN), random_state=0).fit(X, y).report_.scores

    assert scores().equals(alone(scores))


@pytest.mark.slow
def test_methods_are_compared_by_the_same_scores(backend):
    def table():
        options = {"gan": clone(GAN), "cv": 2, "gate": None, "random_state": 0}
        return compare(TREE, *load_wine(return_X_y=True), **options).drop(columns="seconds")

    assert table().equals(alone(table))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_warnings_of_other_processes_are_given_in_this_one(n_jobs):
    texts = ["first", "second", "third"]
    calls = [partial(warnings.warn, text, FutureWarning, stacklevel=1) for text in texts]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert list(results_in_order(calls, n_jobs)) == [None] * 3
    told = [str(one.message) for one in caught if one.category is FutureWarning]
    assert told == texts


def test_a_warning_of_several_processes_is_given_once():
    calls = [partial(warnings.warn, text, FutureWarning, stacklevel=1) for text in "aaba"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        list(results_in_order(calls, 2))
    assert [str(one.message) for one in caught if one.category is FutureWarning] == ["a", "b"]


def test_warnings_that_are_not_made_of_a_text_are_given_as_plain_ones():
    result = Result("value", [("another version", InconsistentVersionWarning)])
    with pytest.warns(UserWarning, match="another version"):
        assert result.retell(set()) == "value"
