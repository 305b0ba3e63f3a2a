"""A table is its columns side by side, dense or sparse, in the dtype that it had."""

import numpy as np
import pytest
import torch
from scipy import sparse

from ganaug.encoding.columns import NumericColumn
from ganaug.encoding.table import TableEncoder


def table(dtype):
    """Small table of whole numbers with many zeros, which every dtype can hold."""
    values = np.random.default_rng(0).poisson(0.5, size=(30, 4))
    return values.astype(dtype)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32, np.float64])
@pytest.mark.parametrize("seed", [None, 0])
def test_a_table_comes_back_exactly_in_its_dtype(dtype, seed):
    X = table(dtype)
    encoder = TableEncoder.fit(X)
    rng = None if seed is None else np.random.default_rng(seed)
    decoded = encoder.decode(encoder.encode(X, rng))
    assert decoded.dtype == X.dtype
    repeated = [np.unique(column, return_counts=True)[1].min() > 1 for column in X.T]
    assert np.array_equal(decoded[:, repeated], X[:, repeated])
    if seed is None:
        assert np.array_equal(decoded, X)


def test_fractions_come_back_up_to_single_precision():
    X = np.random.default_rng(0).normal(size=(100, 3)) * [1, 1e6, 1e-6]
    encoder = TableEncoder.fit(X)
    codes = encoder.encode(X)
    assert codes.dtype == np.float32
    assert codes.shape == (100, encoder.layout.width)
    assert np.abs((encoder.decode(codes) - X) / np.ptp(X, axis=0)).max() < 1e-6


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array])
def test_sparse_tables_are_encoded_as_dense_ones(kind):
    X = table(float)
    dense, thin = TableEncoder.fit(X), TableEncoder.fit(kind(X))
    codes = thin.encode(kind(X))
    assert np.array_equal(codes, dense.encode(X))
    assert np.array_equal(thin.decode(codes), X)


def test_columns_are_encoded_without_regard_to_one_another():
    X = table(float)
    codes = TableEncoder.fit(X).encode(X)
    alone = [NumericColumn.fit(column).encode(column) for column in X.T]
    assert np.array_equal(codes, np.hstack(alone).astype(np.float32))


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64, np.uint64])
def test_the_ends_of_an_integer_type_never_wrap(dtype):
    ends = np.iinfo(dtype)
    X = np.repeat(np.array([[ends.min], [ends.max]], dtype=dtype), 3, axis=0)
    low, high = TableEncoder.fit(X).decode(np.array([[-9.0], [9.0]]))[:, 0].tolist()
    # double precision, in which columns are encoded, misses the ends of 64 bits by a little
    assert 0 <= low - ends.min <= ends.max * 2**-50
    assert 0 <= ends.max - high <= ends.max * 2**-50


def test_no_rows_decode_to_no_rows():
    assert TableEncoder.fit(table(np.uint8)).decode(np.empty((0, 4))).shape == (0, 4)


def test_presence_masks_are_one_exactly_where_a_value_is_there():
    X = np.random.default_rng(0).normal(size=(40, 3))
    X[::3, 1] = np.nan
    X[:, 2] = np.arange(40) % 4
    encoder = TableEncoder.fit(X, is_categorical=[False, False, True])
    codes = torch.from_numpy(encoder.encode(X))
    [(feature, mask)] = encoder.layout.presence_masks
    assert torch.equal(codes[:, mask] == 1, torch.from_numpy(~np.isnan(X[:, 1])))
    assert torch.equal(encoder.layout.mask_absent(codes[None])[0], codes)
    assert (codes[codes[:, mask] == 0, feature] == 0).all()


def test_rows_come_back_from_their_ordinal_form():
    X = np.random.default_rng(0).integers(0, 3, (30, 2)).astype(float)
    encoder = TableEncoder.fit(X, is_categorical=[False, True])
    rows = np.array([4, 29, 0])
    ordinal = encoder.encode_ordinal(X, rows, seed=0)
    codes = encoder.layout.to_one_hot(ordinal).numpy()
    assert np.array_equal(encoder.decode(codes), X[rows])


def test_pairs_of_rows_give_the_covariance_within_classes():
    rng, y = np.random.default_rng(0), np.repeat([0, 1], 500)
    # correlated within classes, which are far apart
    X = rng.normal(size=(1000, 2)) @ [[1.0, 0.8], [0.0, 0.6]] + 20 * y[:, None]
    encoder = TableEncoder.fit(X, y)
    factor = encoder.deviations_within(X, y, 20_000, np.random.RandomState(0))
    codes = encoder.encode(X)
    within = np.mean([np.cov(codes[y == label].T, bias=True) for label in (0, 1)], axis=0)
    assert factor.shape == (factor.shape[0], 2)
    assert factor.T @ factor == pytest.approx(within, rel=0.05)
