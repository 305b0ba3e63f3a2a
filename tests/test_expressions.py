"""Conditions as text are a closed grammar, agree with pandas, and run nothing."""

import random
import re
import tracemalloc
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ganaug.encoding.expressions import MAX_LENGTH, Expression

N_ROWS = 30
COLOURS = ["red", "blue", "dark `blue`", "it's"]


def mixed_frame(n_rows=N_ROWS, seed=0):
    """Columns of every dtype that a table may have, most of them with gaps."""
    rng = np.random.default_rng(seed)
    whole, gaps = rng.integers(-3, 6, n_rows), rng.random(n_rows) < 0.2
    days = pd.Timestamp("2020-01-30") + pd.to_timedelta(whole, unit="D")
    colours = rng.choice(np.array(COLOURS, dtype=object), n_rows)
    return pd.DataFrame(
        {
            "whole": whole,
            "small": rng.integers(-3, 6, n_rows).astype("int8"),
            "count": rng.integers(0, 6, n_rows).astype("uint64"),
            "weight": np.where(gaps, np.nan, rng.normal(size=n_rows)),
            "short": rng.normal(size=n_rows).astype("float32"),
            "rooms": pd.array(np.where(gaps, None, whole), dtype="Int64"),
            "ratio": pd.array(np.where(gaps, None, 0.5 * whole), dtype="Float64"),
            "rare": pd.arrays.SparseArray(rng.integers(0, 2, n_rows)),
            "things": pd.Series(np.where(gaps, None, whole), dtype=object),
            "price": [None if gap else Decimal(int(one)) / 4 for gap, one in zip(gaps, whole)],
            "flag": rng.random(n_rows) < 0.5,
            "maybe": pd.array(np.where(gaps, None, whole > 1), dtype="boolean"),
            "colour": pd.Series(np.where(gaps, None, colours), dtype=object),
            "text": pd.Series(np.where(gaps, None, colours), dtype="string"),
            "kind": pd.Categorical(np.where(gaps, None, colours)),
            "size": pd.Categorical(rng.choice(["S", "L"], n_rows), ["S", "M", "L"], ordered=True),
            "digit": pd.Categorical(whole),
            "born": pd.Series(days).mask(gaps),
            "died": pd.Series(days[::-1]),
            "local": pd.Series(days).dt.tz_localize("Europe/Berlin"),
            "lasted": pd.Series(pd.to_timedelta(whole, unit="h")).mask(gaps),
            "my col `x` (€)": whole / 2,
            "index": whole % 3,
        },
        index=rng.integers(0, 9, n_rows),
    )


FRAME = mixed_frame()


def bools_of(text, frame=FRAME):
    """What a condition says of each row, gaps as False."""
    return Expression(text).evaluate(frame).fillna(False).to_numpy(bool).tolist()


class Expressions:
    """Random conditions of which pandas knows what they mean."""

    def __init__(self, seed):
        self._random = random.Random(seed)

    def bool(self, depth=3):
        pick = self._random.choice
        if depth == 0:
            return pick([self._links, self._levels, self._flag])()
        left, right = self.bool(depth - 1), self.bool(depth - 1)
        return pick(
            [
                f"({left} {pick(['and', 'or', '&', '|'])} {right})",
                f"{self._links()} {pick(['and', '&', 'or', '|'])} {self._links()}",
                f"{pick(['not ', '~'])}({left})",
                f"({left}) {pick(['==', '!='])} ({right})",
                self._links(),
                self._levels(),
            ]
        )

    def _flag(self):
        return self._random.choice(["flag", "maybe", "flag == True", "maybe != False", "flag > 0"])

    def _links(self):
        numbers = [self._number(self._random.randrange(3)) for _ in range(2)]
        column = self._random.choice(["whole", "weight", "rooms", "`my col ``x`` (€)`"])
        symbols = [self._random.choice(["<", "<=", ">", ">=", "==", "!="]) for _ in range(2)]
        chain = f"{numbers[0]} {symbols[0]} {column} {symbols[1]} {numbers[1]}"
        return self._random.choice([chain, f"{column} {symbols[0]} {numbers[0]}", *self._moments()])

    def _moments(self):
        symbol = self._random.choice(["<", "<=", ">", ">="])
        return [
            f"born {symbol} '2020-01-31'",
            f"'2020-02-02 12:00' {symbol} died",
            f"died - born {symbol} '5 hours'",
            f"born + lasted {symbol} died",
            f"born {self._random.choice(['==', '!='])} died",
            f"lasted {symbol} '2 hours'",
        ]

    def _levels(self):
        column = self._random.choice(["colour", "text", "kind"])
        texts = ['"dark `blue`"', "'red'", '"it\'s"', "'none'"]
        digits = self._random.sample(range(-3, 6), 3)
        inside = self._random.choice(["in", "not in"])
        return self._random.choice(
            [
                f"{column} {self._random.choice(['==', '!='])} {self._random.choice(texts)}",
                f"{self._random.choice(texts)} == {column}",
                f"{column} {inside} [{', '.join(self._random.sample(texts, 2))}]",
                f"{self._random.choice(['whole', 'rooms', 'digit', 'things'])} {inside} {digits}",
                f"weight * 0 {inside} ({digits[0]}, 0.0)",
                f"size {self._random.choice(['<', '>=', '=='])} 'M'",
                f"digit {self._random.choice(['==', '!='])} {digits[0]}",
                f"things {self._random.choice(['==', '!=', '<', '>='])} {digits[0]}",
                f"colour {self._random.choice(['==', '!='])} text",
            ]
        )

    def _number(self, depth):
        pick = self._random.choice
        if depth == 0:
            columns = ["whole", "small", "count", "weight", "short", "rooms", "ratio", "rare"]
            constants = ["2", "-1", "0.5", "3", ".25", "1e2", "-2.5e-1"]
            return pick([*columns, "price", "`index`", pick(constants), pick(constants)])
        left, right = self._number(depth - 1), self._number(depth - 1)
        symbol = pick(["+", "-", "*", "/", "//", "%"])
        return pick([f"({left} {symbol} {right})", f"-({left})", f"+{left}", f"({left}) ** 2"])


@pytest.mark.filterwarnings("ignore")
def test_conditions_mean_what_they_mean_to_pandas():
    frame = FRAME.assign(price=FRAME["price"].astype(float))
    expressions, n_compared, n_rejected = Expressions(0), 0, 0
    for _ in range(400):
        text = expressions.bool()
        try:
            expected = frame.eval(text)
        except Exception:
            n_rejected += 1
            continue
        if np.ndim(expected) == 1:
            expected = pd.Series(np.asarray(expected, dtype=object)).fillna(False).astype(bool)
            assert bools_of(text) == expected.tolist(), text
            n_compared += 1
    assert n_compared > 300 > 3 * n_rejected
