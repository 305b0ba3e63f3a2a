"""Sections of pages with the gains of methods: by the score, by ranking and by decisions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ganaug.evaluation.methods import CHANCE, NONE
from ganaug.evaluation.scores import MEASURES
from ganaug.evaluation.statistics import CONFIDENCE
from ganaug.evaluation.summary import MEAN
from ganaug.report.gains import WORDS, Gain, Gains, Scale
from ganaug.report.page import Cell, Section, Table, number

if TYPE_CHECKING:
    from ganaug.evaluation.selection import Selection

NOT_POSSIBLE = "not used by all classifiers"

DECIDES = (
    f"the gain lies above its lower end with a confidence of {100 * CONFIDENCE:.0f} %: what "
    "gained most in the benchmarks of this package is kept unless all of it is below 0, all else "
    "is done only where all of it is above"
)

ABOUT_MEASURES = {
    "average_precision": "ranking: whether the rows of a class are rated above all others, "
    "whatever the threshold; of each class against the others, averaged",
    "balanced_accuracy": "decisions: the share of each class that is named rightly, averaged, so "
    "that small classes count as much as large ones",
}


def selection_gains(selection: "Selection") -> Section:
    """Gains of all that the gate tried."""
    scores = selection.scores
    score = "score" if selection.provenance is None else selection.provenance.score
    note = (
        f"{score[0].upper()}{score[1:]}, mean over {len(scores)} parts of the real rows, "
        f"which nothing was trained on, and gain over “{NONE.name}”."
    )
    if scores[CHANCE].notna().any():
        note += f" On shuffled labels “{NONE.name}” scores {scores[CHANCE].mean():.3f}."
    rows = tried_gains(selection)
    return Gains("What was tried", note, rows, words={**WORDS, "interval": DECIDES})


def tried_gains(selection: "Selection") -> list[Gain]:
    """Gains of all that the gate tried."""
    table = selection.table.rename(columns={"score": "mean"}).rename_axis("method").reset_index()
    return rows_of(table, selection.chosen)


def comparison_gains(
    table: pd.DataFrame, score: str, n_splits: int, advised: str | None
) -> list[Section]:
    """Gains over "none", of the mean over classifiers first, where there are several."""
    estimators = table["estimator"].unique().tolist()
    main = MEAN if MEAN in estimators else estimators[0]
    note = (
        f"{score[0].upper()}{score[1:]} on held-out real rows, mean over {n_splits} "
        f"split{'s' * (n_splits > 1)}; gains over “{NONE.name}”, paired by split."
    )
    gains = []
    for name in [main, *(other for other in estimators if other != main)]:
        is_mean = name == MEAN and len(estimators) > 1
        title = f"Gains, mean over {len(estimators) - 1} classifiers" if is_mean else name
        rows = rows_of(table[table["estimator"] == name], advised if name == main else None)
        part = Gains(title, note if name == main else "", rows)
        gains.append(part if name == main else replace(part, words={}))
    return on_one_scale(gains)


def on_one_scale(gains: Sequence[Gains]) -> list[Section]:
    """The same with one axis for all."""
    scale = Scale.of(row for part in gains for row in part.rows)
    return [replace(part, scale=scale) for part in gains]


def rows_of(table: pd.DataFrame, advised: str | None = None) -> list[Gain]:
    """Rows of a forest plot, what is advised marked; "none" gains nothing over itself to draw."""
    return [
        Gain(
            str(row.method),
            row.mean,
            np.nan if row.method == NONE.name else row.gain,
            row.low,
            row.high,
            row.method == advised,
            row.wins,
            row.losses,
            _note(row),
        )
        for row in table.itertuples()
    ]


def _note(row: Any) -> str:
    """Note in place of a gain."""
    if row.method == NONE.name:
        return "others are compared with it"
    if getattr(row, "note", ""):
        return str(row.note)
    return "" if np.isfinite(row.mean) else NOT_POSSIBLE


def measures_side_by_side(
    measured: Mapping[str, pd.DataFrame], order: pd.Series
) -> Iterator[Section]:
    """Ranking and decisions of the methods side by side, best score first."""
    if not measured:
        return
    ranked = order.dropna().sort_values(ascending=False, kind="stable").index
    rows: list[list[str | Cell]] = [
        [str(method), *(_measure_cell(table.loc[method], method) for table in measured.values())]
        for method in ranked
    ]
    note = (
        f"Means, and gains over “{NONE.name}” with their intervals, best score above first. "
        "Added rows of scarce classes move decisions more than ranking: where only decisions gain, "
        "class weights or another threshold may do as well."
    )
    words = {MEASURES[name]: ABOUT_MEASURES[name] for name in measured}
    yield Table("Ranking and decisions", note, ["", *words], rows, words=words)


def _measure_cell(row: pd.Series, method: str) -> Cell:
    if method == NONE.name or not np.isfinite(row["gain"]):
        return Cell(number(row["mean"]))
    gain = number(row["gain"], "+")
    if not np.isfinite([row["low"], row["high"]]).all():
        return Cell(number(row["mean"]), small=gain)
    verdict = "better" if row["low"] > 0 else "worse" if row["high"] < 0 else ""
    interval = f"{number(row['low'], '+')} to {number(row['high'], '+')}"
    return Cell(number(row["mean"]), verdict, f"{gain}\n{interval}")
