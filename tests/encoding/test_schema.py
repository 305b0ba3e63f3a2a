"""Rows come back in the type in which the table came."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from ganaug.encoding.schema import TableSchema

ROWS = np.array([[0.0, 1.0], [2.0, 0.0]])


def test_an_array_stays_an_array():
    assert TableSchema.fit(ROWS[:1]).wrap(ROWS) is ROWS


@pytest.mark.parametrize(
    "kind", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array, sparse.csc_array]
)
def test_a_sparse_table_keeps_its_format(kind):
    wrapped = TableSchema.fit(kind(ROWS[:1])).wrap(ROWS)
    assert type(wrapped) is kind
    assert np.array_equal(wrapped.toarray(), ROWS)


@pytest.mark.parametrize(
    "dtype", ["float64", "float32", "int64", "int8", "uint8", "bool", "Int64", "Float32", "boolean"]
)
def test_a_frame_keeps_dtypes_and_the_order_of_columns(dtype):
    X = pd.DataFrame({"b": [1.5], "a": pd.array([1], dtype=dtype)})
    wrapped = TableSchema.fit(X).wrap(ROWS)
    assert wrapped.dtypes.to_dict() == X.dtypes.to_dict()
    assert wrapped.columns.tolist() == ["b", "a"]
    assert wrapped["b"].tolist() == [0, 2]
    assert wrapped["a"].tolist() == [1, 0]


def test_the_index_of_a_frame_is_not_remembered():
    X = pd.DataFrame({"a": [1], "b": [2]}, index=["old"])
    assert TableSchema.fit(X).wrap(ROWS).index.tolist() == [0, 1]


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_arrays_of_large_integers_come_back_exactly(dtype):
    X = np.array([[2**62 + 1, 3], [2**62 + 6, -0]], dtype=dtype)
    schema = TableSchema.fit(X)
    again = schema.wrap(schema.read(X))
    assert again.dtype == dtype
    assert np.array_equal(again, X)


def test_sparse_matrices_of_large_integers_are_refused():
    with pytest.raises(ValueError, match="up to 2\\*\\*53: pass a dense X"):
        TableSchema.fit(sparse.csr_array(np.array([[2**62 + 1]])))
