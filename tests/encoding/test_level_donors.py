"""Levels of linked columns, and rare ones, are those of real rows of the class."""

import numpy as np
import pytest
from scipy import sparse
from scipy.special import ndtri

from ganaug.encoding.categories import MAX_LEVELS
from ganaug.encoding.level_donors import MAX_DONORS, LevelDonors
from ganaug.encoding.table import TableEncoder

RNG = np.random.default_rng(0)
N = 600


def drawn(X, is_categorical, label=0, y=None, n=2000, kind=np.asarray):
    """Rows decoded from random features, each column drawn from those of a class by itself."""
    y = np.zeros(len(X), dtype=int) if y is None else y
    encoder = TableEncoder.fit(kind(X), y, is_categorical)
    codes = encoder.encode(X[y == label])
    parts = np.split(codes, encoder._ends[:-1], axis=1)
    codes = np.hstack([part[RNG.integers(0, len(part), n)] for part in parts])
    noise = ndtri(RNG.uniform(size=codes.shape))
    return encoder.decode(codes, noise, label)


def pairs(X, *columns):
    return set(map(tuple, X[:, columns].tolist()))


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, sparse.csc_matrix])
@pytest.mark.parametrize("n_cities", [8, 40, 200])
def test_linked_columns_show_pairs_of_the_class_alone(n_cities, kind):
    city = RNG.integers(0, n_cities, N)
    X = np.column_stack([city, RNG.normal(size=N), city // 4, (city * 7) % n_cities])
    y = (RNG.random(N) < 0.3).astype(int)
    rows = drawn(X, [True, False, True, True], 1, y, kind=kind)
    own = X[y == 1]
    assert pairs(rows, 0, 2, 3) <= pairs(own, 0, 2, 3)
    assert len(pairs(rows, 0)) > 0.9 * len(pairs(own, 0))


def test_columns_that_know_nothing_of_one_another_are_drawn_apart():
    X = RNG.integers(0, 20, (N, 2)).astype(float)
    assert not len(TableEncoder.fit(X, is_categorical=[True, True]).donors.columns)
    X = RNG.integers(0, 200, (N, 2)).astype(float)
    assert len(pairs(drawn(X, [True, True]), 0, 1) - pairs(X, 0, 1)) > 1000


def test_rare_levels_are_as_frequent_as_in_the_class():
    sizes = np.arange(2 * MAX_LEVELS, 0, -1)
    codes = np.repeat(np.arange(2.0 * MAX_LEVELS), sizes)
    y = (codes % 2).astype(int)
    for label in (0, 1):
        rows = drawn(codes[:, None], [True], label, y, n=100_000)[:, 0].astype(int)
        expected = np.bincount(codes[y == label].astype(int), minlength=2 * MAX_LEVELS)
        found = np.bincount(rows, minlength=2 * MAX_LEVELS)
        assert np.abs(found / found.sum() - expected / expected.sum()).max() < 0.005
        assert not found[expected == 0].any()


def test_rare_levels_stand_beside_the_quantities_that_they_stand_beside_in_real_rows():
    level = RNG.integers(0, 200, N)
    X = np.column_stack([level, level + RNG.normal(size=N), RNG.normal(size=N)])
    encoder = TableEncoder.fit(X, is_categorical=[True, False, False])
    codes = encoder.encode(X)
    # a feature of the rare ones, for all rows
    codes[:, :MAX_LEVELS] = np.eye(MAX_LEVELS)[-1]
    rows = encoder.decode(codes, ndtri(RNG.uniform(size=codes.shape)))
    assert np.corrcoef(rows[:, 0], X[:, 1])[0, 1] > 0.9
    assert len(np.unique(rows[:, 0])) > 100


def test_an_own_level_is_kept_where_a_donor_has_it():
    city = RNG.integers(0, 40, N)
    X = np.column_stack([city, city // 5]).astype(float)
    encoder = TableEncoder.fit(X, is_categorical=[True, True])
    assert np.array_equal(encoder.decode(encoder.encode(X)), X)


def test_a_class_without_a_donor_of_a_level_gives_levels_of_its_own():
    level = RNG.permutation(np.arange(200.0))
    y = (level < 100).astype(int)
    encoder = TableEncoder.fit(level[:, None], y, [True])
    codes = encoder.encode(level[y == 0][:, None])
    rows = encoder.decode(codes, ndtri(RNG.uniform(size=codes.shape)), label=1)
    assert (rows < 100).all()


def test_gaps_are_a_level_like_others():
    city = RNG.integers(0, 30, N).astype(float)
    country = np.where(city < 10, np.nan, city // 3)
    rows = drawn(np.column_stack([city, country]), [True, True])
    assert np.array_equal(np.isnan(rows[:, 1]), rows[:, 0] < 10)


def test_donors_are_bounded():
    level = np.arange(2.0 * MAX_DONORS)
    donors = TableEncoder.fit(level[:, None], is_categorical=[True]).donors
    assert len(donors.levels) == MAX_DONORS


def test_rows_that_nobody_has_are_far_from_all_and_draw_whole_donors():
    X = np.column_stack([RNG.integers(0, 99, N), RNG.normal(size=(N, 2))])
    encoder = TableEncoder.fit(X, is_categorical=[True, False, False])
    codes = np.zeros((9, encoder.layout.width))
    codes[:, -2:] = 1e6
    assert np.isin(encoder.decode(codes)[:, 0], X[:, 0]).all()


def test_records_that_contradict_themselves_are_refused():
    columns, levels, offsets = np.array([0]), np.zeros((3, 1)), np.array([0, 3])
    scores = np.zeros((3, 0), dtype=np.float32)
    good = LevelDonors(columns, columns, levels, scores, offsets)
    assert len(good.levels) == 3
    for wrong in ([0, 2], [1, 3], [0, 0, 3], [3]):
        with pytest.raises(ValueError, match="one class after the other"):
            LevelDonors(columns, columns, levels, scores, np.array(wrong))
    with pytest.raises(ValueError, match="must rise"):
        LevelDonors(np.array([1, 0]), np.zeros(2, int), np.zeros((3, 2)), scores, offsets)
    encoder = TableEncoder.fit(np.arange(99.0)[:, None], is_categorical=[False])
    with pytest.raises(ValueError, match="other columns or classes"):
        TableEncoder(**{**vars_of(encoder), "donors": good})


def vars_of(encoder):
    """Fields of an encoder by name."""
    return {name: getattr(encoder, name) for name in encoder.__dataclass_fields__}
