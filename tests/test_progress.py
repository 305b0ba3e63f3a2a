"""Progress: a bar on terminals, lines elsewhere, and never silence."""

import io
import os
import re
import sys
import time

import numpy as np
import pytest
from two_gaussians import GaussianModel

from ganaug import DiscriminatorFeatures, GANMixer, GANOverSampler, TableGAN
from ganaug import progress as module
from ganaug.progress import clock, progress, say
from ganaug.time_left import TimeLeft
from ganaug.trainers.tiers import SmallClassWarning


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def shown(monkeypatch):
    """Maker of what is shown on a stream of some work."""

    def show(stream, work, total=4):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress(total, "compare", "split", 1) as on_splits:
            work(on_splits)
        return stream.getvalue()

    monkeypatch.setattr(module, "BEAT", 0.01)
    return show


def shows(stream, text, start=0):
    """True once a text is shown after a place; False where it is not within a minute."""
    end = time.monotonic() + 60
    while text not in stream.getvalue()[start:]:
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_work_that_says_nothing_is_shown_meanwhile(shown, stream):
    stream = stream()
    seen = []

    def work(on_splits):
        on_splits(1)
        on_splits.describe("split 2, GAN")
        # nothing is reported from here on
        seen.append(shows(stream, "split 2, GAN"))

    text = shown(stream, work)
    assert seen == [True]
    assert "1/4" in text[: text.index("split 2, GAN")]


@pytest.fixture
def now(monkeypatch):
    """A clock that the test sets, in the place of every look at the real one."""
    monkeypatch.setattr(module, "BEAT", 1000)
    seconds = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: seconds[0])
    return seconds


def test_lines_say_how_much_is_done_and_left(shown, now):
    def work(on_splits):
        on_splits.refresh()
        on_splits.describe("split 2, GAN")
        now[0] = 20.0
        on_splits(1)
        on_splits.refresh()
        on_splits(3)

    assert shown(io.StringIO(), work).splitlines() == [
        "compare: 0/4 splits, 0 s",
        "compare: 1/4 splits, 20 s, about 60 s left: split 2, GAN",
        "compare: 4/4 splits, 20 s",
    ]


def test_lines_come_as_often_however_long_it_takes(shown, now):
    def work(on_splits):
        for second in range(1000):
            now[0] = float(second)
            on_splits.refresh()

    lines = shown(io.StringIO(), work).splitlines()
    seconds = [int(line.split()[3]) for line in lines]
    gaps = [after - before for before, after in zip(seconds, seconds[1:-1], strict=False)]
    assert set(gaps) == {4}


def seconds_left(text):
    """Seconds that lines say are left, one after another."""
    return [float(n) for n in re.findall(r"about (\d+) s left", text)]


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_time_left_runs_down_while_nothing_is_done(stream, shown, now):
    def work(on_splits):
        now[0] = 30.0
        on_splits(1)
        for second in range(30, 100, 5):
            now[0] = float(second)
            on_splits.refresh()
        now[0] = 100.0
        on_splits(1)
        on_splits.refresh()

    text = shown(stream(), work, total=3)
    # then 50 seconds for each of two splits are news
    assert sorted({*seconds_left(text)}) == [1, *range(5, 61, 5)]
    growths = np.flatnonzero(np.diff(seconds_left(text)) > 0)
    assert [seconds_left(text)[place + 1] for place in growths] == [50]
    assert "longer than expected" in text


def test_units_side_by_side_are_counted_in_rounds(shown, now, monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress(5, "compare", "split", 1, n_at_once=2) as on_splits:
        now[0] = 40.0
        on_splits(1)
        on_splits.refresh()
        now[0] = 44.0
        on_splits(1)
        on_splits.refresh()
    # two rounds of two are left, the second of which is not full
    assert seconds_left(stream.getvalue())[:2] == [80, 88]


def test_what_is_told_of_the_rest_replaces_the_mean_of_units(shown, now):
    def work(on_splits):
        now[0] = 10.0
        on_splits.expect(70.0, at_least=True)
        on_splits.refresh()
        now[0] = 14.0
        on_splits.expect(90.0)
        on_splits(1)
        on_splits.refresh()

    lines = shown(io.StringIO(), work).splitlines()
    assert lines[0] == "compare: 0/4 splits, 10 s, more than 70 s left"
    assert lines[1] == "compare: 1/4 splits, 14 s, about 90 s left"


@pytest.mark.parametrize(("elapsed", "left"), [(10.0, 59.0), (300.0, 299.0)])
def test_little_that_is_known_of_the_rest_is_not_told(elapsed, left):
    time_left = TimeLeft()
    time_left.renew(left, elapsed, at_least=True)
    assert time_left.text(elapsed) == ""
    time_left.renew(left + 1, elapsed, at_least=True)
    assert time_left.text(elapsed).startswith("more than")


def test_news_of_work_elsewhere_is_asked_for_at_every_look_at_the_clock(monkeypatch):
    monkeypatch.setattr(module, "BEAT", 0.01)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress(4, "compare", "split", 1, watch=lambda display: display.describe("SMOTE")):
        assert shows(sys.stderr, "compare: 0/4 splits, 0 s: SMOTE")


def test_short_work_is_one_line(shown):
    assert shown(io.StringIO(), lambda on_splits: on_splits(4)).count("\n") <= 2


def test_bars_are_redrawn_in_one_line(shown):
    text = shown(Terminal(), lambda on_splits: on_splits(4))
    assert "compare: 100%" in text
    assert "4/4" in text
    assert text.count("\n") == 1


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_clock_shows_what_is_silent_for_long_and_nothing_of_short_work(monkeypatch, stream):
    monkeypatch.setattr(module, "BEAT", 0.01)
    monkeypatch.setattr(sys, "stderr", stream())
    with clock("explore"):
        time.sleep(0.05)
    assert sys.stderr.getvalue() == ""
    monkeypatch.setattr(module, "PATIENCE", 0.02)
    with clock("explore"):
        assert shows(sys.stderr, "explore: 0 s")
    # a terminal is left as it was
    text = sys.stderr.getvalue()
    assert text.endswith("\r" if stream is Terminal else "\n")


def test_a_clock_is_silent_while_parts_are_shown(monkeypatch):
    monkeypatch.setattr(module, "BEAT", 0.01)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    monkeypatch.setattr(module, "LINE_GAP", 0.0)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with clock("report"):
        assert shows(sys.stderr, "report: 0 s")
        with progress(2, "compare", "split", 1):
            inside = len(sys.stderr.getvalue())
            assert shows(sys.stderr, "compare: 0/2 splits, 0 s\n")
            shown = sys.stderr.getvalue()[inside:]
        after = len(sys.stderr.getvalue())
        assert "report" not in shown
        # it goes on behind them
        assert shows(sys.stderr, "report: ", after)


def test_a_terminal_without_a_width_shows_a_bar(monkeypatch):
    near, far = os.openpty()
    with open(far, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        assert os.get_terminal_size(far).columns == 0
        with progress(4, "compare", "split", 1) as on_splits:
            on_splits(4)
        assert b"compare:   0%" in os.read(near, 10_000)
    os.close(near)


def test_a_sentence_is_said_where_it_is_wanted(capsys):
    say("not this", 0)
    say("this", 1)
    assert capsys.readouterr() == ("", "this\n")


@pytest.mark.parametrize("face", [GANOverSampler, GANMixer, DiscriminatorFeatures])
@pytest.mark.parametrize("verbose", [0, 1])
def test_faces_show_how_their_models_train(face, verbose, blobs, capsys):
    estimator = face(gan=TableGAN(n_steps=3), random_state=0, verbose=verbose).fit(*blobs)
    assert ("TableGAN: 3/3 steps" in capsys.readouterr().err) == bool(verbose)
    assert estimator.gan_.verbose == 0


def test_progress_counts_the_games_that_its_steps_are_of(blobs, capsys):
    X, y = blobs
    large = np.repeat(X[y == 0], 10, axis=0)
    rows = np.concatenate([large, X[y == 1]])
    classes = np.repeat([0, 1], [len(large), (y == 1).sum()])
    TableGAN(n_steps=3, verbose=1).fit(rows, classes)
    assert "TableGAN, 2 games: 6/6 steps" in capsys.readouterr().err


def test_a_fit_that_trains_nothing_shows_no_steps(capsys):
    with pytest.warns(SmallClassWarning):
        TableGAN(verbose=1).fit([[0.1], [0.2], [0.3]] * 2, [0, 1] * 3)
    assert capsys.readouterr().err == ""


def test_models_that_show_nothing_are_named_with_their_time(capsys):
    X = np.random.default_rng(0).normal(size=(40, 10))
    y = np.repeat([0, 1], [30, 10])
    GANOverSampler(GaussianModel(), random_state=0, verbose=1).fit_resample(X, y)
    assert capsys.readouterr().err.splitlines()[-1].startswith("GaussianModel: 1/1 fits, ")


@pytest.mark.parametrize("verbose", [0, 1])
def test_evaluations_show_their_time(verbose, blobs, monkeypatch):
    gan = TableGAN(n_steps=3, random_state=0).fit(*blobs).set_params(verbose=verbose)
    monkeypatch.setattr(module, "BEAT", 0.01)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    gan.evaluate(*blobs)
    assert ("TableGAN, evaluate: 0 s" in sys.stderr.getvalue()) == bool(verbose)
