"""Cells of text tables: what they are taken for, and that added rows are spelt like the file."""

import warnings

import numpy as np
import pandas as pd
import pytest

from ganaug.encoding import column_scan
from ganaug.encoding.column_scan import ColumnScan
from ganaug.encoding.csv_format import CsvFormat

NUMBERS = [f"{number / 4:.2f}" for number in range(-20, 20)]


def spelling(*cells, is_label=False, **form):
    """Spelling of some cells, which come in two parts, and the warnings about them."""
    scan = ColumnScan("size", CsvFormat(**form), is_label)
    half = len(cells) // 2
    scan.add(pd.Series(cells[:half], dtype=str))
    scan.add(pd.Series(cells[half:], dtype=str))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = scan.spelling()
    return found, [str(warning.message) for warning in caught]


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (["1", "-2", "", "+3"], "Int64"),
        (["9223372036854775807", "-9223372036854775808", ""], "Int64"),
        (["18446744073709551615", "0", ""], "UInt64"),
        (["1.5", "2", "NA", "1e-3"], "Float64"),
        (["2020-02-29", "1999-12-31", ""], "datetime64"),
        (["31/12/1999", "01/02/2020"], "datetime64"),
        (["31/12/1999", "1/2/2020", "13/1/2020"], "datetime64"),
        (["12-Jan-2020", "01-Feb-1999"], "datetime64"),
        (["2020-02-29 10:11:12.123", "2020-02-28 00:00:00.000"], "datetime64"),
        (["2020-02-29T10:11:12Z", "2020-02-28T00:00:00Z"], "datetime64"),
        # beyond what nanoseconds reach, for which older versions of pandas keep texts
        (["0001-01-01", "9999-12-31"], ("datetime64", "string")),
        (["10:30", "9:05", ""], "object"),
        (["10:30:00.250", "23:59:59.999"], "object"),
        # the day or the month, and more than a day
        (["10:30", "25:00"], "string"),
        (["01/02/2020", "03/04/2020"], "string"),
        (["2020-02-29", "2020-02-30"], "string"),
        (["2020-02-29", "2020-2-28"], "string"),
        (["true", "FALSE", "true", ""], "boolean"),
        (["None", "brick", "NA"], "string"),
        (["007", "8"], "string"),
        (["18446744073709551616", "0"], "string"),
        (["18446744073709551615", "-1"], "string"),
        ([""], "string"),
    ],
)  # fmt: skip
def test_columns_are_what_all_their_cells_are_and_are_written_as_they_were(cells, dtype):
    found, told = spelling(*cells)
    values = found.read(pd.Series(cells, dtype=str))
    assert str(values.dtype).startswith(dtype)
    exact = [cell for cell in cells if cell not in ("+3", "2", "1e-3", "FALSE")]
    assert found.write(found.read(pd.Series(exact, dtype=str))).tolist() == exact
    assert told == []


def test_whole_numbers_beside_gaps_are_exact():
    found, _ = spelling("9007199254740993", "NULL", "1", "NULL", "")
    values = found.read(pd.Series(["9007199254740993", "NULL", ""]))
    assert values.tolist() == [2**53 + 1, pd.NA, pd.NA]
    # as most gaps are
    assert found.write(values).tolist() == ["9007199254740993", "NULL", "NULL"]


@pytest.mark.parametrize("cells", [NUMBERS, pd.date_range("2020", periods=40).astype(str).tolist()])
@pytest.mark.parametrize("stray", ["?", "unknown", "-", "0000-00-00", "99/99/9999 00:00:00Z"])
def test_a_few_words_among_numbers_and_dates_are_gaps_and_counted(cells, stray):
    cells = [stray, *cells, stray]
    found, told = spelling(*cells)
    values = found.read(pd.Series(cells))
    assert values.isna().sum() == 2
    assert found.write(values).tolist() == cells
    assert len(told) == 1
    assert (
        f"column 'size': 2 of 42 cells are no {'number' if '.' in cells[1] else 'date'}" in told[0]
    )
    assert f"--na-values {stray!r}" in told[0]
    # and no word is lost where they are named
    named, told = spelling(*cells, na_values=(stray,))
    assert told == []
    assert named == found.__class__(**(vars(found) | {"gaps": named.gaps}))


@pytest.mark.parametrize("strays", [["<0.5"], ["12 cm", "13 cm"], ["?"] * 9, ["1.2.3"], ["1/2/99"]])
def test_numbers_beside_what_may_mean_something_are_levels_of_which_is_told(strays):
    cells = [*NUMBERS, *strays]
    found, told = spelling(*cells)
    assert found.read(pd.Series(cells)).tolist() == cells
    assert len(told) == 1
    assert f"{len(strays)} of {len(cells)} cells are no numbers, such as {strays[0]!r}" in told[0]


@pytest.mark.parametrize(
    ("cells", "is_decimal"),
    [
        (["12%", "7.5%"], False),
        (["$1,200.50", "\u20ac 7"], False),
        (["1,234", "12,345,678", "99"], False),
        (["1,5", "-2,25"], True),
        (["7,25 \u20ac", "1,5"], True),
        (["12%", "1,250", "7,5%"], True),
    ],
)
def test_numbers_with_signs_are_levels_of_which_is_told(cells, is_decimal):
    found, told = spelling(*cells)
    assert str(found.read(pd.Series(cells)).dtype) == "string"
    assert len(told) == 1
    assert "cells are numbers with signs or separators" in told[0]
    assert ("decimal comma" in told[0]) == is_decimal


@pytest.mark.parametrize("cells", [["1.2.3", "1.10.4"], ["A12", "B7"], ["10 - 20", "5,6,7"]])
def test_codes_are_levels_of_which_nothing_is_told(cells):
    assert spelling(*cells)[1] == []


def test_labels_are_words_whatever_they_mean():
    assert spelling(*"12?", is_label=True)[0].read(pd.Series(["?"])).tolist() == ["?"]
    assert spelling("1", "NA", is_label=True)[0].read(pd.Series(["NA"])).tolist() == ["NA"]
    assert spelling("2020-01-01", "2020-01-02", is_label=True)[0].read(pd.Series(["x"]))[0] == "x"
    assert spelling("3", "5", is_label=True)[0].read(pd.Series(["3"])).tolist() == [3]


def test_decimals_are_as_many_as_all_numbers_have_and_commas_where_they_are_meant():
    found, _ = spelling("1,50", "-2,25", "", decimal=",", sep=";")
    assert found.read(pd.Series(["1,50", ""])).tolist() == [1.5, pd.NA]
    assert found.write(pd.Series([0.5, 3, None])).tolist() == ["0,50", "3,00", ""]
    # a point would divide thousands
    assert spelling("1.500", "2,5", decimal=",", sep=";")[0].__class__.__name__ == "LevelSpelling"
    assert spelling("1.5", "2.25")[0].write(pd.Series([0.5, 3.0])).tolist() == ["0.5", "3.0"]


def test_numbers_of_rows_are_noticed_and_measurements_are_not(monkeypatch):
    rng = np.random.default_rng(0)
    running = np.arange(100, 200)
    for identifiers in (running, rng.permutation(running), running[rng.random(100) < 0.7]):
        _, (told,) = spelling(*map(str, identifiers))
        assert f"in every row, {identifiers.min()} to {identifiers.max()}" in told
        assert "--drop 'size'" in told
    repeated = rng.integers(0, 100, 100)
    for measured in (repeated, 3 * running, running[:29], running / 2, [*running[1:], ""]):
        assert spelling(*map(str, measured))[1] == []
    assert spelling(*map(str, running), is_label=True)[1] == []


def test_columns_of_many_words_are_read_in_little_memory(monkeypatch):
    monkeypatch.setattr(column_scan, "MAX_WORDS", 4)
    cells = [*NUMBERS, *"abcdef"]
    scan = ColumnScan("size", CsvFormat())
    for cell in cells:
        scan.add(pd.Series([cell]))
    assert len(scan._words) == 4
    assert scan._n_cells == 46
