"""Columns of made-up tables whose shape in one class is known, and figures of what is left of it.

A table has a scarce class, whose rows have the shapes, and another one around it. ``rare`` is a
mask of the rows of the scarce class.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.common.markdown import markdown
from benchmarks.common.results import as_table

DAY = np.timedelta64(86_400, "s")
FIRST_DAY = np.datetime64("2020-01-01", "s")
LAST_DAY = np.datetime64("9999-12-31", "s")
N_DAYS = 700

NARROW_STD = 0.05
NOISE = 0.1
COLORS = ["red", "green", "blue"]

Frame = pd.DataFrame
MakeTable = Callable[[np.random.Generator, np.ndarray], Frame]


@dataclass(frozen=True)
class Shape:
    """A shape: a figure of drawn rows, and its value where the rows are right.

    Attributes
    ----------
    name : str
        Its name in tables.
    figure : callable
        Of drawn rows and of the class's real rows: a number.
    ideal : float
        Figure of rows that are right.
    """

    name: str
    figure: Callable[[Frame, Frame], float]
    ideal: float = 0.0


def narrow_columns(rng: np.random.Generator, rare: np.ndarray) -> Frame:
    """Four columns that spread far less in the class than in the others."""
    wide = rng.normal(size=(len(rare), 4))
    values = np.where(rare[:, None], 0.5 + NARROW_STD * wide, wide)
    return Frame(values, columns=[f"narrow_{i}" for i in range(4)])


def level_columns(rng: np.random.Generator, rare: np.ndarray) -> Frame:
    """Numbers that take few values, all or in the class alone, beside a plain one."""
    n = len(rare)
    return Frame(
        {
            "x": rng.normal(size=n),
            "constant": np.where(rare, 7, rng.integers(0, 100, n)),
            "flag": np.where(rare, 1, rng.integers(0, 2, n)),
            "coin": np.where(rare, rng.integers(0, 2, n), rng.random(n)),
            "code": np.where(rare, rng.choice([10, 20, 50], n), rng.integers(0, 100, n)),
            "cents": rng.gamma(2, 20, n).round(2),
            "halves": rng.integers(0, 40, n) / 2,
            "fives": 5 * rng.integers(0, 40, n),
        }
    )


def gapped_columns(rng: np.random.Generator, rare: np.ndarray) -> Frame:
    """Numbers and dates whose distribution has gaps, points of mass or a long tail."""
    n = len(rare)
    modes = rng.choice([0.0, 10.0], n) + NOISE * rng.normal(size=n)
    return Frame(
        {
            "x": rng.normal(size=n),
            "modes": modes,
            "filled_modes": np.where(rare, modes, rng.uniform(-1, 11, n)),
            "sentinel": np.where(rng.random(n) < 0.3, -1, rng.integers(300, 851, n)),
            "until": np.where(
                rng.random(n) < 0.3, LAST_DAY, FIRST_DAY + rng.integers(0, N_DAYS, n) * DAY
            ),
            "zeros": np.where(rng.random(n) < 0.5, 0.0, rng.lognormal(size=n)),
            "tail": np.exp(3 * rng.normal(size=n)),
        }
    )


def related_columns(rng: np.random.Generator, rare: np.ndarray) -> Frame:
    """Columns that follow from others, exactly or nearly."""
    n = len(rare)
    a = rng.normal(size=n)
    b = 0.9 * a + np.sqrt(1 - 0.9**2) * rng.normal(size=n)
    start = rng.integers(0, 1000, n)
    part = rng.gamma(2, 10, n)
    other = rng.gamma(2, 10, n)
    x = rng.uniform(-2, 2, n)
    color = rng.integers(0, len(COLORS), n)
    return Frame(
        {
            "a": a,
            "b": b,
            "copy": a,
            "start": start,
            "end": start + rng.integers(1, 60, n),
            "part": part,
            "other": other,
            "total": part + other,
            "x": x,
            "sine": np.sin(3 * x) + NOISE * rng.normal(size=n),
        }
        | {name: (color == i).astype(float) for i, name in enumerate(COLORS)}
    )


def not_among(name: str, *values: float) -> Callable[[Frame, Frame], float]:
    """A function that gives the share of a column that is none of some values."""
    return lambda drawn, real: float((~drawn[name].isin(values)).mean())


def equal(name: str, value: float) -> Callable[[Frame, Frame], float]:
    """A function that gives the share of a column that equals a value."""
    return lambda drawn, real: float((drawn[name] == value).mean())


def between(name: str, low: float, high: float) -> Callable[[Frame, Frame], float]:
    """A function that gives the share of a column that lies inside an interval."""
    return lambda drawn, real: float(((drawn[name] > low) & (drawn[name] < high)).mean())


def not_multiples(name: str, unit: float) -> Callable[[Frame, Frame], float]:
    """A function that gives the share of a column that is no multiple of a unit."""

    def share(drawn: Frame, real: Frame) -> float:
        multiples = drawn[name] / unit
        return float(((multiples - multiples.round()).abs() > 1e-6).mean())

    return share


def narrow_std(drawn: Frame, real: Frame) -> float:
    """Mean over columns of the standard deviation, as a share of that of the class's rows."""
    return float((drawn.std() / real.std()).mean())


def correlation_distance(drawn: Frame, real: Frame) -> float:
    """Distance of a correlation of .9 from that of the class's rows."""
    return float(abs(drawn["a"].corr(drawn["b"]) - real["a"].corr(real["b"])))


def copy_distance(drawn: Frame, real: Frame) -> float:
    """Distance from 1 of the correlation of a column and its copy."""
    return float(1 - drawn["a"].corr(drawn["copy"]))


def order_violations(drawn: Frame, real: Frame) -> float:
    """Share of rows that end before they start."""
    return float((drawn["end"] < drawn["start"]).mean())


def sum_error(drawn: Frame, real: Frame) -> float:
    """Mean error of a sum, in standard deviations of the sum."""
    error = (drawn["part"] + drawn["other"] - drawn["total"]).abs().mean()
    return float(error / real["total"].std())


def sine_error(drawn: Frame, real: Frame) -> float:
    """Root of the mean square of the distances from a curve."""
    return float(np.sqrt(((drawn["sine"] - np.sin(3 * drawn["x"])) ** 2).mean()))


def not_one_hot(drawn: Frame, real: Frame) -> float:
    """Share of rows that have not a single one among zeros."""
    sums = drawn[COLORS].sum(axis=1)
    are_levels = drawn[COLORS].isin([0, 1]).all(axis=1)
    return float((~are_levels | (sums != 1)).mean())


def mean_ratio(drawn: Frame, real: Frame) -> float:
    """Mean of a column of a long tail, as a share of that of the class's rows."""
    return float(drawn["tail"].mean() / real["tail"].mean())


def dates_between(drawn: Frame, real: Frame) -> float:
    """Share of dates between the last real one and the one that stands for none."""
    last = FIRST_DAY + N_DAYS * DAY
    return float(((drawn["until"] > last) & (drawn["until"] < LAST_DAY)).mean())


# What makes each table, its shapes, and the columns that are levels to whom they are named.
TABLES: dict[str, tuple[MakeTable, tuple[Shape, ...], tuple[str, ...]]] = {
    "narrow": (narrow_columns, (Shape("narrow: std / real", narrow_std, 1.0),), ()),
    "levels": (
        level_columns,
        (
            Shape("constant: changed", not_among("constant", 7)),
            Shape("flag, constant: changed", not_among("flag", 1)),
            Shape("flag, half: neither", not_among("coin", 0, 1)),
            Shape("codes: none of them", not_among("code", 10, 20, 50)),
            Shape("decimals: more than 2", not_multiples("cents", 0.01)),
            Shape("halves: none", not_multiples("halves", 0.5)),
            Shape("fives: none", not_multiples("fives", 5)),
        ),
        ("flag", "coin", "code"),
    ),
    "gaps": (
        gapped_columns,
        (
            Shape("two modes: between", between("modes", 1, 9)),
            Shape("two modes, filled by others: between", between("filled_modes", 1, 9)),
            Shape("sentinel: between", between("sentinel", -1, 300)),
            Shape("sentinel: share (.3)", equal("sentinel", -1), 0.3),
            Shape("date sentinel: between", dates_between),
            Shape("zero-inflated: zeros (.5)", equal("zeros", 0), 0.5),
            Shape("long tail: mean / real", mean_ratio, 1.0),
        ),
        (),
    ),
    "relations": (
        related_columns,
        (
            Shape("correlation: distance", correlation_distance),
            Shape("copy: 1 - correlation", copy_distance),
            Shape("order: violated", order_violations),
            Shape("sum: error / std", sum_error),
            Shape("sine: rmse (.1)", sine_error, NOISE),
            Shape("one-hot: not", not_one_hot),
        ),
        tuple(COLORS),
    ),
}


def shape_table(records: Iterable[dict[str, Any]]) -> str:
    """Markdown of mean figures: shapes by class size, methods beside one another in each cell.

    The first method's figure is bold where it is farther from the ideal than the second's, by more
    than the standard deviation of that over seeds.
    """
    frame = as_table(records)
    methods = list(dict.fromkeys(frame["method"]))
    sizes = sorted(frame["n_rows"].unique())
    shapes = [shape for _, own, _ in TABLES.values() for shape in own if shape.name in frame]
    groups = frame.groupby(["method", "n_rows"])
    cells = {
        str(size): [_cell(groups[shape.name], methods, size, shape.ideal) for shape in shapes]
        for size in sizes
    }
    index = pd.Index([shape.name for shape in shapes], name=" / ".join(methods))
    return markdown(pd.DataFrame(cells, index=index))


def _cell(groups: Any, methods: list[str], size: int, ideal: float) -> str:
    """Mean figures of the methods at one class size."""
    means = groups.mean()
    figures = [means.get((method, size), np.nan) for method in methods]
    shown = ["-" if np.isnan(figure) else _short(figure) for figure in figures]
    if len(figures) > 1:
        deviation = np.nan_to_num(groups.std().get((methods[1], size), 0.0))
        distances = [abs(figure - ideal) for figure in figures]
        if distances[0] > distances[1] + deviation:
            shown[0] = f"**{shown[0]}**"
    return " / ".join(shown)


def _short(figure: float) -> str:
    """Two digits after the point, without a zero before it."""
    text = f"{figure:.2f}" if abs(figure) < 10 else f"{figure:.0f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
