"""Selection among generated rows: what is accepted has the density of real rows."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ganaug.models import row_selection
from ganaug.models.row_selection import RowSelector, log_scale, n_stages

N = 1000


def gaussian(rng, mean, n, correlation=0.0):
    """Rows of two correlated columns."""
    a, b = rng.normal(size=(2, n))
    return np.column_stack([a, correlation * a + np.sqrt(1 - correlation**2) * b]) + mean


def fit(real, draw, **options):
    """A selector of rows of two quantities."""
    return RowSelector.fit(real, draw, [False, False], np.random.RandomState(0), **options)


def select(selector, rows, label, seed=0):
    """Rows that are handed out."""
    return rows[selector.accepted(rows, label, np.random.default_rng(seed).random(len(rows)))]


@pytest.mark.parametrize("share", [0.01, 0.3, 1.0])
def test_scaled_ratios_accept_the_share_that_was_asked_for(share):
    ratios = np.random.default_rng(0).normal(size=500) * 3
    accepted = np.exp(np.minimum(0, ratios + log_scale(ratios, share)))
    assert accepted.mean() == pytest.approx(share, rel=1e-6)


@pytest.fixture(scope="module")
def correlated():
    """A selector of rows that correlate, among such as do not."""
    rng = np.random.default_rng(0)
    real = {"a": gaussian(rng, 0.5, N, correlation=0.8)}
    stages = []
    selector = fit(real, lambda label, n: gaussian(rng, 0.0, n), on_stage=stages.append)
    assert stages == [1] * n_stages(1)
    return selector


def test_selected_rows_correlate_and_lie_as_real_ones_do(correlated):
    drawn = gaussian(np.random.default_rng(1), 0.0, 40 * N)
    selected = select(correlated, drawn, "a")
    assert len(drawn) / 32 < len(selected) < len(drawn) / 8
    assert np.corrcoef(selected.T)[0, 1] == pytest.approx(0.8, abs=0.1)
    np.testing.assert_allclose(selected.mean(axis=0), 0.5, atol=0.2)


def test_rows_of_other_classes_are_not_known(correlated):
    assert correlated.knows("a")
    assert not correlated.knows("b")


def test_fits_are_repeated_by_their_seeds():
    def drawing():
        rng = np.random.default_rng(1)
        return fit(
            {0: gaussian(rng, 0.0, 300), 1: gaussian(rng, 1.0, 300)},
            lambda label, n: gaussian(rng, float(label), n),
        )

    rows = gaussian(np.random.default_rng(2), 0.0, 2000)
    first = drawing()
    np.testing.assert_array_equal(select(first, rows, 1), select(drawing(), rows, 1))
    assert len(select(first, rows, 1)) != len(select(first, rows, 0))


def test_classes_differ_among_selected_rows_as_among_real_ones():
    rng = np.random.default_rng(0)
    means = {0: 0.0, 1: 1.0}
    real = {label: gaussian(rng, mean, N) for label, mean in means.items()}

    def draw(label, n):
        # three in ten are of the other class
        mean = np.where(rng.random(n) < 0.3, 1 - means[label], means[label])
        return gaussian(rng, mean[:, None], n)

    selector = fit(real, draw)
    y = np.repeat([0, 1], N)

    def slope(rows):
        return LogisticRegression().fit(rows, y).coef_.mean()

    selected = [select(selector, draw(label, 40 * N), label)[:N] for label in means]
    drawn = [draw(label, N) for label in means]
    wanted = slope(np.concatenate(list(real.values())))
    assert abs(slope(np.concatenate(selected)) - wanted) < 0.25 * wanted
    assert slope(np.concatenate(drawn)) < 0.6 * wanted


def test_many_classes_are_not_told_apart(monkeypatch):
    monkeypatch.setattr(row_selection, "MAX_CLASSES", 1)
    rng = np.random.default_rng(0)
    real = {label: gaussian(rng, 0.0, 100) for label in "ab"}
    assert n_stages(2) == n_stages(1)
    selector = fit(real, lambda label, n: gaussian(rng, 0.0, n))
    assert selector.real_classes is None
    assert len(select(selector, real["a"], "a")) < 100


def test_candidates_are_as_many_times_the_real_rows():
    rng = np.random.default_rng(0)
    asked = {}

    def draw(label, n):
        asked[label] = n
        return gaussian(rng, 0.0, n)

    fit({"a": gaussian(rng, 0.0, 80), "b": gaussian(rng, 0.0, 40)}, draw)
    n = row_selection.N_CANDIDATES
    assert asked == {"a": 80 * n, "b": 40 * n}


def test_candidates_of_all_classes_are_held_in_bounded_memory():
    for n_classes in (1, 2, 30):
        for n_columns in (1, 50, 5000):
            n_rows = row_selection.max_rows(n_classes, n_columns)
            n_held = n_classes * n_rows * n_columns * row_selection.N_CANDIDATES
            assert n_held <= row_selection.MAX_VALUES
            assert n_classes * n_rows <= row_selection.MAX_ROWS


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": np.array(["a", "b", "c"]), "log_scales": np.zeros(3)}, "tell its classes"),
        ({"real_classes": None}, "go together"),
        ({"generated_classes": []}, "go together"),
    ],
)
def test_classifiers_that_do_not_go_together_are_refused(change, message):
    rng = np.random.default_rng(0)
    real = {label: gaussian(rng, 0.0, 100) for label in "ab"}
    fields = vars(fit(real, lambda label, n: gaussian(rng, 0.0, n)))
    with pytest.raises(ValueError, match=message):
        RowSelector(**(fields | change))


def test_a_selector_of_other_classes_or_columns_is_refused(correlated):
    correlated.check(np.array(["a", "b"]), 2)
    with pytest.raises(ValueError, match="classes"):
        correlated.check(np.array(["b"]), 2)
    with pytest.raises(ValueError, match="3 columns"):
        correlated.check(np.array(["a"]), 3)
