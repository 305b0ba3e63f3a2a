"""A table is its columns side by side, dense or sparse, in the dtype that it had."""

import numpy as np
import pytest
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
