"""Rows come back in the type in which the table came."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from ganaug.encoding.container import Container, check_numeric

ROWS = np.array([[0.0, 1.0], [2.0, 0.0]])


def test_an_array_stays_an_array():
    assert Container(ROWS[:1]).wrap(ROWS) is ROWS


@pytest.mark.parametrize(
    "kind", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array, sparse.csc_array]
)
def test_a_sparse_table_keeps_its_format(kind):
    wrapped = Container(kind(ROWS[:1])).wrap(ROWS)
    assert type(wrapped) is kind
    assert np.array_equal(wrapped.toarray(), ROWS)


@pytest.mark.parametrize(
    "dtype", ["float64", "float32", "int64", "int8", "uint8", "bool", "Int64", "Float32", "boolean"]
)
def test_a_frame_keeps_dtypes_and_the_order_of_columns(dtype):
    X = pd.DataFrame({"b": [1.5], "a": pd.array([1], dtype=dtype)})
    wrapped = Container(X).wrap(ROWS)
    assert wrapped.dtypes.to_dict() == X.dtypes.to_dict()
    assert wrapped.columns.tolist() == ["b", "a"]
    assert wrapped["b"].tolist() == [0, 2]
    assert wrapped["a"].tolist() == [1, 0]


def test_the_index_of_a_frame_is_not_remembered():
    X = pd.DataFrame({"a": [1], "b": [2]}, index=["old"])
    assert Container(X).wrap(ROWS).index.tolist() == [0, 1]


@pytest.mark.parametrize(
    "values", [["red"], [None], pd.to_datetime(["2020-01-01"]), pd.Categorical(["red"])]
)
def test_columns_that_are_not_numbers_are_named(values):
    X = pd.DataFrame({"size": [1.0], "colour": pd.Series(values)})
    with pytest.raises(ValueError, match=r"Taker takes columns of numbers.*'colour'.*OneHot") as e:
        check_numeric(X, "Taker")
    assert "'size'" not in str(e.value)


def test_of_many_bad_columns_five_are_named():
    X = pd.DataFrame({f"c{i}": ["red"] for i in range(8)})
    with pytest.raises(ValueError, match="'c4'.* and 3 more"):
        check_numeric(X, "Taker")


@pytest.mark.parametrize("dtype", ["float32", "Int64", "bool", "uint8", "boolean"])
def test_frames_of_numbers_pass(dtype):
    check_numeric(pd.DataFrame({"a": pd.array([1, 0], dtype=dtype)}), "Taker")
