"""One rule by which the gate chooses, from scores on rows that were left out."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ganaug.evaluation.gain_tables import GainTable
from ganaug.evaluation.methods import CHANCE, NONE
from ganaug.evaluation.statistics import SURE, moderated_intervals

# Standard errors of a difference that is taken for none.
TIE = 1.0

# Blocks of more than one class that are too few to tell a score from that on shuffled labels, where
# each holds a single row of the rare class: one shuffle in some is as good as the labels.
MIN_BLOCKS_FOR_CHANCE = 3

# What is said of the usual method.
ELSEWHERE = "gained most in the benchmarks of this package"

# What a choice says of all methods.
HELPS = "a method helps"
NOTHING_HELPS = "nothing helps"
CANNOT_BE_TOLD = "cannot be told"
NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Choice:
    """Name of the chosen method, what that says of all, and why, in a sentence."""

    name: str
    verdict: str
    sentence: str


def gain_table(scores: pd.DataFrame, obstacles: Mapping[str, str] | None = None) -> GainTable:
    """Gains of all methods over "none", with their intervals: a row a method.

    Parameters
    ----------
    scores : DataFrame
        Scores on blocks, as in ``Selection``, with or without those of chance.
    obstacles : dict of str to str, optional
        Methods that were not tried, and why.
    """
    gains = scores.drop(columns=CHANCE, errors="ignore").sub(scores[NONE.name], axis=0)
    intervals = moderated_intervals(gains.drop(columns=NONE.name))
    table = intervals.drop(columns="error").reindex(gains.columns, fill_value=0.0)
    table.insert(0, "score", scores.mean())
    table["wins"] = (gains > 0).sum()
    table["losses"] = (gains < 0).sum()
    table["note"] = ""
    left_out = pd.Series(obstacles or {}, dtype=object).to_frame("note")
    return GainTable(pd.concat([table, left_out.assign(wins=0, losses=0)]))


def choose(
    scores: pd.DataFrame, table: pd.DataFrame, rows: str, usual: str | None = None
) -> Choice:
    """Choose the method that is known to gain elsewhere, unless these rows speak against it.

    It is kept unless its interval lies below 0, or another is better with a confidence of 99 %:
    few rows tell too little for more. Where there is no such method, or it was not kept, the
    simplest is chosen whose gain is surely there and as good as the largest. A gain is surely
    there where its interval lies above 0. It is as good as the largest of these within one
    standard error of their difference: other seeds would choose between such methods otherwise.

    Nothing is chosen unless the mean score of all methods is surely above that on shuffled
    labels, on blocks of two classes or more: where labels are noise, few choices are then anything
    but "none".

    Parameters
    ----------
    scores, table : DataFrames
        Scores on blocks and gains, as in ``Selection``; columns in order, the simplest first.
    rows : str
        Rows that there are too few of to tell, in words.
    usual : str or None, default=None
        Name of the method that gained most on other data.

    References
    ----------
    Breiman et al., "Classification and regression trees", 1984: the rule of one standard error.
    """
    others = scores.drop(columns=[CHANCE, NONE.name])
    # of all methods together, as one of many is above chance by chance more often than each
    overall = (scores.drop(columns=CHANCE).mean(axis=1) - scores[CHANCE]).dropna()
    if len(overall) < MIN_BLOCKS_FOR_CHANCE:
        return Choice(
            NONE.name,
            CANNOT_BE_TOLD,
            f"Nothing was done: whether this classifier scores above chance cannot be told with "
            f"{rows}.",
        )
    if not moderated_intervals(overall.to_frame(), SURE)["low"].iloc[0] > 0:
        return Choice(
            NONE.name,
            CANNOT_BE_TOLD,
            "Nothing was done: this classifier does not surely score above chance.",
        )
    gains = table.loc[others.columns]
    if usual is not None and usual in others and gains.loc[usual, "high"] >= 0:
        return _choose_beside(usual, others, table, rows)
    best = str(gains["gain"].idxmax())
    helpful = gains.index[gains["low"] > 0]
    if not len(helpful):
        if gains["gain"].max() <= 0:
            return Choice(
                NONE.name,
                NOTHING_HELPS,
                "Nothing was done: on real rows that were left out no method scores more than "
                f"{table.loc[NONE.name, 'score']:.3f}, the score without augmentation.",
            )
        return Choice(
            NONE.name,
            CANNOT_BE_TOLD,
            f"Nothing was done: whether anything helps cannot be told with {rows}. The best "
            f"was {_gain(best, table)}.",
        )
    best = str(gains.loc[helpful, "gain"].idxmax())
    behind = moderated_intervals(others[helpful].rsub(others[best], axis=0))
    chosen = str(behind.index[behind["gain"] <= TIE * behind["error"]][0])
    sentence = f"Chosen was {_gain(chosen, table)}."
    if chosen != best:
        sentence += (
            f" It is simpler than {_gain(best, table)}, and as good within one standard error."
        )
    return Choice(chosen, HELPS, sentence)


def _choose_beside(usual: str, others: pd.DataFrame, table: pd.DataFrame, rows: str) -> Choice:
    """Choose the usual method, unless another is surely better, whose gain is surely there."""
    ahead = moderated_intervals(others.sub(others[usual], axis=0).drop(columns=usual), SURE)
    better = ahead[(ahead["low"] > 0) & (table.loc[ahead.index, "low"] > 0)]
    if len(better):
        best = str(better["gain"].idxmax())
        return Choice(
            best,
            HELPS,
            f"Chosen was {_gain(best, table)}. It is surely better than {_gain(usual, table)}, "
            f"which {ELSEWHERE}.",
        )
    if table.loc[usual, "low"] > 0:
        most = str(table.loc[others.columns, "gain"].idxmax())
        sentence = f"Chosen was {_gain(usual, table)}. It also {ELSEWHERE}."
        if most != usual:
            sentence = (
                f"Chosen was {_gain(usual, table)}. It {ELSEWHERE}. Here {most} scores more, but "
                f"these are too few rows to be sure: {_interval(ahead.loc[most])}, each end with a "
                f"confidence of {100 * SURE:.0f} %."
            )
        return Choice(usual, HELPS, sentence)
    return Choice(
        usual,
        CANNOT_BE_TOLD,
        f"Chosen was what {ELSEWHERE}: whether it does here cannot be told with {rows}. "
        f"{_gain(usual, table)}.",
    )


def _gain(name: str, table: pd.DataFrame) -> str:
    """Name, score and gain of a method, in words."""
    row = table.loc[name]
    return (
        f"{name}: {row['score']:.3f} against {table.loc[NONE.name, 'score']:.3f} on real rows that "
        f"were left out, {_interval(row)}"
    )


def _interval(row: pd.Series) -> str:
    """Gain with the ends of its interval."""
    return f"{row['gain']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"
