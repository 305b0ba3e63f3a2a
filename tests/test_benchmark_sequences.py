"""Benchmarks of sequences: tasks, features and distances are what their books say."""

import doctest
import importlib
from argparse import Namespace

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.common.mini_rocket import (
    Convolution,
    MiniRocket,
    as_channels,
    dilations_of,
    fixed_kernels,
    positive_shares,
)
from benchmarks.common.results import Results, read_records
from benchmarks.common.sequence_classifiers import SmallCNN, warping_distances
from benchmarks.common.sequence_data import (
    SMOKE_SET,
    cylinder_bell_funnel,
    draw_task,
    package_folder,
    read_ts,
)
from benchmarks.common.sequence_methods import simple_methods
from benchmarks.common.sequence_summaries import variant_table
from benchmarks.sequences.classification import collect
from benchmarks.sequences.few_labels import draw, known
from benchmarks.sequences.quality import split


@pytest.fixture(scope="module")
def walks():
    """Random walks (12, 40, 3)."""
    return np.random.default_rng(0).normal(size=(12, 40, 3)).cumsum(axis=1).astype(np.float32)


@pytest.mark.parametrize("dilation", [1, 3])
def test_features_are_shares_of_places_above_a_bias(walks, dilation):
    kernels = fixed_kernels()
    weights = kernels[:, None].repeat(1, 3, 1)
    is_padded = torch.arange(84) % 2 == 0
    biases = torch.tensor([[-1.0, 2.0]]).repeat(84, 1)
    found = positive_shares(as_channels(walks), Convolution(dilation, weights, is_padded, biases))
    margin = 4 * dilation
    padded = np.pad(walks, ((0, 0), (margin, margin), (0, 0)))
    for kernel in (0, 1, 50, 83):
        values = sum(
            kernels[kernel, tap].item() * padded[:, tap * dilation : tap * dilation + 40].sum(-1)
            for tap in range(9)
        )
        inside = values if is_padded[kernel] else values[:, margin:-margin]
        expected = [(inside > bias).mean(axis=1) for bias in (-1.0, 2.0)]
        columns = found[:, 2 * kernel : 2 * kernel + 2].numpy()
        assert np.allclose(columns, np.stack(expected, axis=1), atol=1e-6)
        assert 0 < columns.mean() < 1


@pytest.mark.parametrize("n_steps", [9, 24, 150, 1460])
def test_dilated_kernels_fit_into_a_sequence_and_share_all_biases(n_steps):
    found = dilations_of(n_steps, 119)
    assert sum(found.values()) == 119
    assert 8 * max(found) <= n_steps - 1
    assert min(found.values()) > 0


def test_features_tell_classes_apart_whose_order_in_time_differs(walks):
    X = np.concatenate([walks, walks[:, ::-1]])
    features = MiniRocket().fit(X).transform(X)
    assert features.shape == (24, 9996)
    assert np.abs(features[:12] - features[12:]).mean() > 0.01
    assert np.array_equal(features, MiniRocket().fit(X).transform(X))


def warped_by_the_book(x, y, band):
    """Distance of two sequences, cell by cell."""
    costs = np.full((len(x) + 1, len(y) + 1), np.inf)
    costs[0, 0] = 0
    for i in range(len(x)):
        for j in range(max(0, i - band), min(len(y), i + band + 1)):
            way = min(costs[i, j], costs[i, j + 1], costs[i + 1, j])
            costs[i + 1, j + 1] = way + ((x[i] - y[j]) ** 2).sum()
    return costs[-1, -1]


def test_warping_distances_are_those_of_the_book(walks):
    found = warping_distances(walks[:3], walks[2:6])
    expected = [[warped_by_the_book(x, y, 4) for y in walks[2:6]] for x in walks[:3]]
    assert np.allclose(found, expected, rtol=1e-4)
    assert found[2, 0] == 0


def test_the_cnn_learns_and_weighs_classes(walks):
    X = np.concatenate([walks, walks[:4] + 20])
    y = np.repeat(["low", "high"], [12, 4])
    model = SmallCNN("balanced", n_steps=30).fit(X, y)
    assert (model.predict(X) == y).mean() > 0.9
    state = torch.random.get_rng_state()
    again = SmallCNN("balanced", n_steps=30).fit(X, y).predict_proba(X)
    assert np.array_equal(model.predict_proba(X), again)
    assert torch.equal(state, torch.random.get_rng_state())
    plain = SmallCNN(n_steps=30).fit(X, y).predict_proba(X)
    assert not np.allclose(plain, again)


@pytest.mark.parametrize("kind", ["scarce", "whole"])
def test_tasks_draw_their_rows_by_the_seed_and_test_on_others(kind):
    task = draw_task(SMOKE_SET, kind, 3)
    sizes = {str(label): (task.y == label).sum() for label in np.unique(task.y)}
    goal = 2 * max(sizes.values()) if kind == "whole" else 20
    assert {label: goal - n for label, n in sizes.items() if n < goal} == task.added
    if kind == "scarce":
        assert sorted(sizes.values()) == [4, 20, 20]
    rows = [set(map(bytes, X)) for X in (task.X, task.X_test)]
    assert not rows[0] & rows[1]
    assert len(rows[0] | rows[1]) == 90
    again = draw_task(SMOKE_SET, kind, 3)
    assert np.array_equal(task.X, again.X)
    assert not np.array_equal(task.X, draw_task(SMOKE_SET, kind, 4).X)


def test_quality_is_that_of_sequences_which_were_left_out():
    X, y, held_out, y_held_out = split(SMOKE_SET, 3)
    assert np.unique(y, return_counts=True)[1].tolist() == [20, 20, 20]
    assert np.unique(y_held_out, return_counts=True)[1].tolist() == [10, 10, 10]
    assert not {*map(bytes, X)} & {*map(bytes, held_out)}
    assert np.array_equal(held_out, split(SMOKE_SET, 3)[2])
    assert not np.array_equal(held_out, split(SMOKE_SET, 4)[2])


def test_variants_are_compared_with_the_first_set_by_set():
    names = [(task, method) for task in "abc" for method in ("GAN", "GAN n_steps=5")]
    frame = pd.DataFrame(names, columns=["task", "method"]).assign(seed=0)
    frame["random_kid"] = [1.0, 4.0, 2.0, 5.0, 6.0, 9.0]
    table = variant_table(frame, ["random_kid"])
    assert table.loc["random_kid"].tolist() == ["3", "6 [+3, +3]"]
    one_set = variant_table(frame[frame["task"] == "a"], ["random_kid"])
    assert one_set.loc["random_kid"].tolist() == ["1", "4"]


def test_every_simple_method_fills_up_as_far_as_is_asked_for():
    for kind in ("scarce", "whole"):
        task = draw_task(SMOKE_SET, kind, 0)
        for name, add in simple_methods(kind).items():
            if name not in ("none", "class weights") and not name.startswith("aeon"):
                X, y = add(task)
                added = {label: (y[len(task.y) :] == label).sum() for label in task.added}
                assert added == task.added
                assert np.array_equal(X[: len(task.y)], task.X)


def test_events_stand_where_their_kind_says():
    data = cylinder_bell_funnel(n_each=200)
    slopes = {
        label: np.polyfit(range(32), data.X[data.y == label, :, 0].mean(axis=0), 1)[0]
        for label in ("bell", "cylinder", "funnel")
    }
    assert slopes["bell"] > slopes["cylinder"] > slopes["funnel"]


def test_channels_of_a_ts_file_come_last(tmp_path):
    path = tmp_path / "walks.ts"
    path.write_text("@problemName walks\n@data\n1,2,3:4,5,6:up\n0,0,0:1,1,1:down\n")
    X, y = read_ts(path)
    assert y.tolist() == ["up", "down"]
    assert X[0].tolist() == [[1, 4], [2, 5], [3, 6]]


def test_a_package_that_is_not_there_is_named():
    with pytest.raises(ModuleNotFoundError, match="pip install --no-deps no_such_package"):
        package_folder("no_such_package")


def test_what_is_recorded_is_not_run_again(tmp_path):
    options = Namespace(
        sets=[SMOKE_SET],
        kinds=["scarce"],
        methods=["none", "SMOTE"],
        model="ganaug:TableGAN",
        gan=None,
        without_gan=True,
        gate=False,
        updates=1,
        jobs=1,
        seeds=1,
        first_seed=0,
    )
    path = tmp_path / "results.jsonl"
    first = collect(options, Results(path))
    assert {record["method"] for record in first} == {"none", "SMOTE"}
    assert {record["options"]["classifier"] for record in first} == {
        "MiniROCKET",
        "CNN",
        "1-NN DTW",
    }
    assert collect(options, Results(path)) == first == read_records(path)
    options.methods = ["copies"]
    collect(options, Results(path))
    assert len(read_records(path)) == 9


@pytest.mark.parametrize("name", ["mini_rocket", "sequence_classifiers"])
def test_examples_are_right(name):
    found = doctest.testmod(importlib.import_module(f"benchmarks.common.{name}"))
    assert found.attempted > 0
    assert found.failed == 0


def test_few_of_the_known_sequences_have_labels_and_the_test_has_none_of_them():
    task = draw(SMOKE_SET, 4, seed=1)
    sequences = cylinder_bell_funnel()
    assert len(known(task)) == task.n_known == len(sequences.y) // 2
    assert np.unique(task.y[task.labelled], return_counts=True)[1].tolist() == [4, 4, 4]
    assert task.labelled.max() < task.n_known
    assert len(np.unique(task.X, axis=0)) == len(task.X) == len(sequences.y)
    assert not np.array_equal(task.X, draw(SMOKE_SET, 4, seed=2).X)
