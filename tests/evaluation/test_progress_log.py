"""Splits say how far they are from the processes that they run in."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_wine
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier
from two_gaussians import GaussianModel, Log, MarkingGaussianModel, partly_labelled

from ganaug import DiscriminatorClassifier, ImageGAN, TableGAN, compare
from ganaug.evaluation.comparison import Comparison, score_splits
from ganaug.evaluation.methods import COMPARED, NETWORK, NONE, SELF_TRAINED
from ganaug.evaluation.progress_log import GENERATORS, ProgressLog, SplitLog, kind_of
from ganaug.evaluation.training_watch import NetworkWatch
from ganaug.parallel import results_in_order
from ganaug.progress import Progress
from ganaug.time_left import ALL_LEFT, Workload
from ganaug.unlabeled import split_unlabeled


class Heard(Progress):
    """Display that keeps what it is told."""

    def __init__(self):
        self.texts = []
        self.seconds = []

    def describe(self, text):
        self.texts.append(text)

    def expect(self, seconds, at_least=False):
        self.seconds.append((seconds, at_least))


def work(log):
    """Say something in whatever process this runs."""
    log.describe("SMOTE, \u00e9\nSVC")
    with log.counted("SVC"):
        pass


@pytest.mark.medium
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_news_reach_the_caller_from_every_process(n_jobs):
    heard = Heard()
    with ProgressLog.open(Workload([{"SVC": 1}, {"SVC": 1}])) as log:
        calls = [partial(work, log.of_split(number)) for number in range(2)]
        assert [*results_in_order(calls, n_jobs)] == [None, None]
        log.tell(heard)
        log.tell(heard)
    assert sorted(heard.texts) == ["split 1, SMOTE, \u00e9\nSVC", "split 2, SMOTE, \u00e9\nSVC"]
    assert heard.seconds == [(0.0, False)]


def test_work_that_is_not_done_is_expected_to_take_as_long_as_it_says():
    heard = Heard()
    with ProgressLog.open(Workload([{"GAN": 1}, {"GAN": 2}])) as log:
        log.of_split(0).expect("GAN", seconds_done=2.0, seconds_left=8.0)
        log.tell(heard)
        # what it took in the end counts instead
        with log.of_split(0).counted("GAN"):
            pass
        log.tell(heard)
        # one that is slower than those that are done
        log.of_split(1).expect("GAN", seconds_done=40.0, seconds_left=5.0)
        log.tell(heard)
    (expected, at_least), (left, _), (slow, _) = heard.seconds
    assert (expected, at_least) == (28.0, False)
    assert left < 1
    assert 5 <= slow < 6


@pytest.mark.medium
def test_steps_of_models_are_told_while_a_split_trains(monkeypatch, capsys):
    monkeypatch.setattr("ganaug.progress.BEAT", 0.01)
    monkeypatch.setattr("ganaug.progress.LINE_GAP", 0.0)
    X, y = load_wine(return_X_y=True)
    gan = TableGAN(n_steps=300)
    compare(DecisionTreeClassifier(), X, y, gan=gan, gate=None, cv=2, verbose=1, random_state=0)
    lines = capsys.readouterr().err.splitlines()
    assert any("split 1, GAN, generators, step " in line and "/300" in line for line in lines)


def test_where_the_file_is_not_nothing_is_written(tmp_path):
    work(SplitLog(tmp_path / "progress", 0))
    assert [*tmp_path.iterdir()] == []
    # nor where its folder is gone too
    with ProgressLog.open(Workload([{"SVC": 1}])) as log:
        split = log.of_split(0)
    work(split)
    assert not split.path.parent.exists()


def test_a_folder_that_cannot_be_removed_costs_no_scores():
    scores = []
    with ProgressLog.open(Workload([{"SVC": 1}])) as log:
        folder = log.of_split(0).path.parent
        (folder / "progress").unlink()
        folder.rmdir()
        # a file in its place is no folder that could be removed
        folder.touch()
        scores.append(0.5)
    assert scores == [0.5]
    assert folder.is_file()
    folder.unlink()


def test_news_that_cannot_be_read_cost_no_scores(tmp_path):
    path = tmp_path / "progress"
    path.write_bytes(b'[0, \n[0, "SVC", 1, 2.0]\n')
    heard = Heard()
    log = ProgressLog(path, Workload([{"SVC": 2}, {}]))
    log.tell(heard)
    path.unlink()
    log.finish(0, heard)
    assert heard.seconds == [(2.0, False), (0.0, False)]


def test_nothing_is_written_where_nobody_asks(blobs, monkeypatch):
    monkeypatch.setattr("tempfile.TemporaryDirectory", lambda **options: pytest.fail("a folder"))
    splits = [(np.arange(0, 60, 2), np.arange(1, 60, 2))]
    assert score_splits(comparison(blobs), splits, [0], False, None, 0)[0]


def comparison(blobs, gate=None):
    """Two classifiers on two classes, with a model that is quick."""
    X, y = blobs
    return Comparison(
        estimators={"NB": GaussianNB(), "forest": RandomForestClassifier(5, random_state=0)},
        methods=COMPARED,
        X=X,
        y=y,
        gan=GaussianModel(),
        unlabeled=None,
        sampling_strategy={0: 50, 1: 50},
        gate=gate,
        scoring=None,
    )


def test_the_page_knows_the_steps_of_networks(blobs):
    split = np.arange(30), np.arange(30, 60)
    trained = replace(comparison(blobs), gan=TableGAN(n_steps=7)).provenance(0, [split])
    assert trained.settings["n_steps"] == "7"
    assert comparison(blobs).provenance(0, [split]).settings["n_steps"] == "'auto'"


def test_generators_that_train_side_by_side_are_all_announced_and_count_as_fewer(blobs):
    tables = replace(comparison(blobs, "fast"), gan=TableGAN())
    rows = np.arange(60)
    split = rows[::2], rows[1::2]
    assert tables.units(split)[GENERATORS] < tables.units(split, side_by_side=False)[GENERATORS]
    # one for the method "GAN", and one for each part of the gate
    assert tables.units(split, side_by_side=False)[GENERATORS] == 1 + 5


def test_seconds_of_units_in_units_are_counted_once(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("ganaug.evaluation.progress_log.time.perf_counter", lambda: now[0])
    workload = Workload([{"SVC": 3, "GAN": 3}])
    with ProgressLog.open(workload) as log:
        split = log.of_split(0)
        with split.counted("SVC"):
            now[0] += 1.0
            with split.counted("GAN"):
                now[0] += 10.0
            now[0] += 1.0
        heard = Heard()
        log.tell(heard)
    assert heard.seconds == [(2 * 2.0 + 2 * 10.0, False)]


def test_a_finished_split_leaves_nothing_whatever_was_counted_of_it():
    heard = Heard()
    with ProgressLog.open(Workload([{"SVC": 9}])) as log:
        log.finish(0, heard)
    assert heard.seconds == [(0.0, False)]


def test_all_that_is_left_of_a_kind_is_done_at_once():
    workload = Workload([{"SVC": 12}, {"SVC": 12}])
    workload.count(0, "SVC", 2, seconds=2.0)
    workload.count(0, "SVC", ALL_LEFT, seconds=10.0)
    assert workload.left() == 12.0


def test_parts_side_by_side_take_as_long_as_the_busiest_process():
    workload = Workload([{"SVC": 1}] * 6, n_at_once=2)
    workload.count(0, "SVC", 1, seconds=10.0)
    assert workload.left() == 30.0


@pytest.mark.parametrize("gate", [None, "fast"])
def test_a_comparison_does_the_units_that_it_announces(gate, monkeypatch, blobs):
    """What is counted of a split before it is done is what was expected of it."""
    rows = np.arange(60)
    splits = [(rows[::2], rows[1::2]), (rows[1::2], rows[::2])]
    left = []
    monkeypatch.setattr(
        Workload, "finish", lambda self, part: left.append(dict(self._n_left[part]))
    )
    score_splits(comparison(blobs, gate), splits, [0, 1], False, None, verbose=1)
    assert {*left[0]} >= {GENERATORS, kind_of("NB"), kind_of("forest")}
    assert [*left[0].values(), *left[1].values()] == [0] * 2 * len(left[0])


def unlabelled(gan):
    """A comparison of two classifiers by self-training alone, and its split."""
    X, _, marked = partly_labelled()
    X_known, y_known, unlabeled = split_unlabeled(X, marked, -1)
    found = replace(
        comparison((X_known, y_known)), methods=(NONE, *SELF_TRAINED), gan=gan, unlabeled=unlabeled
    )
    rows = np.arange(len(y_known))
    return found, (rows[::2], rows[1::2])


def test_models_of_self_training_are_units_as_others_are():
    """Each classifier labels rows of its own, and so has a model of its own."""
    tried, split = unlabelled(MarkingGaussianModel(log=Log()))
    units = tried.units(split)
    assert units[GENERATORS] == 2
    workload = Workload([units])
    with ProgressLog.open(workload) as log:
        tried.score_split(split, 0, log.of_split(0))
        log.tell(Heard())
    assert workload.left() == 0


def test_steps_of_the_models_of_self_training_are_told():
    tried, split = unlabelled(TableGAN(n_steps=5))
    heard = Heard()
    with ProgressLog.open(Workload([tried.units(split)])) as log:
        tried.score_split(split, 0, log.of_split(0))
        log.tell(heard)
    step = "split 1, self-training + GAN, generators, step 5/5"
    assert heard.texts.count(step) == 2


def test_steps_of_networks_are_told_and_the_time_that_they_take():
    images = np.random.default_rng(0).random((24, 8, 8))
    y = np.arange(24) % 2
    network = DiscriminatorClassifier(
        ImageGAN(n_steps=2), pretrained=True, sample_share=0, n_steps=4, random_state=0
    )
    method = replace(NETWORK, prepare=lambda estimator: clone(network))
    tried = replace(
        comparison((images, y)), estimators={"dummy": DummyClassifier()}, methods=(method,)
    )
    rows = np.arange(24)
    heard = Heard()
    with ProgressLog.open(Workload([{method.name: 1}] * 2)) as log:
        tried.score_split((rows, rows), 0, log.of_split(0))
        log.tell(heard)
    assert f"split 1, {method.name}, generators, step 2/2" in heard.texts
    assert heard.texts[-1] == f"split 1, {method.name}, step 4/4"


def test_a_network_takes_the_time_before_its_steps_and_as_long_for_each(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("ganaug.evaluation.training_watch.time.monotonic", lambda: now[0])
    heard = Heard()
    with ProgressLog.open(Workload([{"network": 1}] * 2)) as log:
        watch = NetworkWatch(log.of_split(0), "network")
        # a GAN is trained before
        now[0] = 100.0
        for step in range(1, 4):
            watch(step, 11)
            now[0] += 1.0
        log.tell(heard)
    # eight steps of this one, and the whole of another
    assert heard.seconds == [(8.0 + 110.0, False)]
