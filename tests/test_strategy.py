"""How many rows each class receives: imbalanced-learn's rules, and ``multiply``."""

import pickle
from collections import Counter
from functools import partial

import numpy as np
import pytest
from imblearn.utils import check_sampling_strategy
from sklearn.base import clone

from ganaug import AugmentedClassifier, GANOverSampler, multiply
from ganaug.strategy import (
    class_counts,
    drop_zeros,
    rows_to_add,
    warn_if_nothing_is_added,
)


@pytest.fixture(params=range(3))
def y(request):
    """Four classes of random sizes, shuffled, as strings."""
    rng = np.random.default_rng(request.param)
    labels = np.repeat(["d", "a", "c", "b"], rng.integers(2, 50, size=4))
    return rng.permutation(labels)


def grow(labels):
    return {label: n_rows + 5 for label, n_rows in Counter(labels.tolist()).items()}


@pytest.mark.parametrize(
    "strategy",
    ["auto", "all", "minority", "not minority", "not majority", grow, multiply(1.7)],
    ids=lambda strategy: getattr(strategy, "__name__", str(strategy)),
)
def test_strategies_mean_what_they_mean_in_imbalanced_learn(strategy, y):
    theirs = check_sampling_strategy(strategy, y, "over-sampling")
    assert rows_to_add(strategy, y) == {label: n for label, n in theirs.items() if n > 0}


@pytest.mark.parametrize("ratio", [0.5, 0.75, 1.0])
def test_a_ratio_is_that_of_minority_to_majority(ratio):
    assert rows_to_add(ratio, [0] * 100 + [1] * 10) == {1: 100 * ratio - 10}


def test_auto_brings_every_class_to_the_size_of_the_largest(y):
    total = Counter(y.tolist())
    total.update(rows_to_add("auto", y))
    assert set(total.values()) == {max(Counter(y.tolist()).values())}


def test_a_dict_names_sizes_wanted(y):
    wanted = grow(y)
    present = wanted.pop("c") - 5
    assert rows_to_add({**wanted, "c": present}, y) == {"a": 5, "b": 5, "d": 5}


@pytest.mark.parametrize("strategy", ["most", {"z": 10}, {"a": 1}, 1.5, lambda y: {"z": 10}])
def test_impossible_strategies_are_refused(strategy, y):
    with pytest.raises(ValueError, match="sampling_strategy|target class|number of samples"):
        rows_to_add(strategy, y)


@pytest.mark.parametrize("factor", [3, 1.5])
def test_a_number_above_one_is_refused_and_what_multiplies_classes_is_named(factor, blobs):
    with pytest.raises(ValueError, match=rf"ganaug\.multiply\({factor}\)"):
        rows_to_add(factor, blobs[1])
    for face in (GANOverSampler(), AugmentedClassifier()):
        with pytest.raises(ValueError, match=r"ganaug\.multiply\("):
            face.set_params(sampling_strategy=factor).fit(*blobs)


def test_sizes_that_are_no_numbers_are_named(y):
    with pytest.raises(ValueError, match="gives the size of 'a' as '200': name a number of rows"):
        rows_to_add({"a": "200"}, y)


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="more than 1 class"):
        rows_to_add("auto", [1, 1, 1])


def test_adding_nothing_warns_and_names_the_remedy():
    with pytest.warns(UserWarning, match=r"adds no rows.*multiply\(2\.0\)"):
        warn_if_nothing_is_added(rows_to_add("auto", [0, 1]))


def test_adding_something_is_silent(recwarn):
    warn_if_nothing_is_added({1: 3})
    assert not recwarn.list


def test_counts_lose_what_receives_nothing_and_become_plain():
    counts = drop_zeros({np.int64(0): np.int64(0), np.int64(1): np.int64(3)})
    assert counts == {1: 3}
    assert {type(value) for pair in counts.items() for value in pair} == {int}


@pytest.mark.parametrize("factor", [1, 1.1, 1.5, 2, 3.7])
@pytest.mark.parametrize("n_rows", [1, 7, 10, 100])
def test_multiply_rounds_up_and_only_where_there_is_a_rest(factor, n_rows):
    (wanted,) = multiply(factor)(["a"] * n_rows).values()
    tenths = round(10 * factor) * n_rows
    assert wanted == -(-tenths // 10)


def test_multiply_keeps_the_proportions_of_classes(y):
    sizes = Counter(y.tolist())
    assert multiply(3)(y) == {label: 3 * n_rows for label, n_rows in sizes.items()}


@pytest.mark.parametrize("factor", [0.99, 0, -2.0, 1e300, float("inf"), float("nan")])
def test_multiply_refuses_to_shrink(factor):
    with pytest.raises(ValueError, match="factor must be 1 to"):
        multiply(factor)


def test_multiply_is_a_value():
    assert multiply(2.0) == multiply(2.0) != multiply(3.0)
    assert pickle.loads(pickle.dumps(multiply(2.5))) == multiply(2.5)
    sampler = GANOverSampler(sampling_strategy=multiply(2.5))
    assert clone(sampler).sampling_strategy == multiply(2.5)
    assert "multiply(factor=2.5)" in repr(sampler)


@pytest.mark.parametrize(
    ("labels", "kind"), [(np.array([3, 1, 3]), int), (np.array(["b", "a", "b"]), str)]
)
def test_classes_are_counted_as_plain_values_in_order(labels, kind):
    counts = class_counts(labels)
    assert list(counts.values()) == [1, 2]
    assert {type(label) for label in counts} == {kind}


@pytest.mark.parametrize(
    "ask",
    [
        partial(rows_to_add, {"churn": 9}),
        GANOverSampler(sampling_strategy={"churn": 9}).fit_resample,
    ],
)
def test_a_strategy_that_names_no_class_is_told_those_that_there_are(ask):
    y = np.array(["stayed"] * 5 + ["churned"] * 3)
    arguments = (y,) if isinstance(ask, partial) else (np.zeros((8, 2)), y)
    with pytest.raises(ValueError, match="names 'churn', no classes of y; y holds 'churned', 's"):
        ask(*arguments)
