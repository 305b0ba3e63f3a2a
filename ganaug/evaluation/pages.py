"""HTML pages of comparisons and judgements."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ganaug.evaluation.sources import GAN, GATED, NONE, OF_GAN, SIMPLE
from ganaug.evaluation.summary import MEAN, summary
from ganaug.models.held_out import HeldOutModel
from ganaug.report.page import Gain, Gains, Section, Table, number, write_page
from ganaug.report.sections import sections_of


def write_comparison(
    path: str | os.PathLike,
    scores: pd.DataFrame,
    methods: Sequence[str],
    test_ratio: float,
    scoring: Any,
    examined: HeldOutModel,
    image_shape: tuple[int, int] | None = None,
) -> None:
    """Write what ``compare`` found.

    Parameters
    ----------
    path : path
    scores : DataFrame
        A row for each split, classifier and method.
    methods : sequence of str
    test_ratio : float
        As in ``paired_interval``.
    scoring : str, callable or None
        As in ``compare``.
    examined : HeldOutModel
        The model of one split.
    image_shape : (height, width) or None, default=None
        Of rows that are images.
    """
    table = summary(scores, methods, [NONE], test_ratio)
    estimators = table["estimator"].unique()
    whole = MEAN if MEAN in estimators else estimators[0]
    overall = table[table["estimator"] == whole].set_index("method")
    beside = _best(overall)
    n_splits = scores["split"].nunique()
    what = scoring_name(scoring)
    sections: list[Section] = []
    for name in [whole, *(one for one in estimators if one != whole)]:
        own = table[table["estimator"] == name]
        rows = [
            Gain(
                row.method,
                row.mean,
                np.nan if row.method == NONE else row.gain,
                row.low,
                row.high,
                row.method in (GAN, GATED),
            )
            for row in own.itertuples()
        ]
        several = name == MEAN and len(estimators) > 1
        title = f"Gains, mean over {len(estimators) - 1} classifiers" if several else name
        note = (
            f"{what[0].upper()}{what[1:]} on held-out real rows, mean over "
            f"{n_splits} split{'s' * (n_splits > 1)}; gains over {NONE}, paired by split."
        )
        sections.append(Gains(title, note if name == whole else "", rows))
    sections += [*_choices(scores), *sections_of(examined, image_shape), _cost(overall)]
    rival = None
    if beside is not None:
        rival = summary(scores[scores["estimator"] == whole], methods, [beside], test_ratio)
        rival = rival.set_index("method").loc[GAN]
    lead = " ".join(_verdict(overall, beside, rival, what, n_splits))
    write_page(path, "Does augmentation help here?", lead, sections)


def write_judgement(path: str | os.PathLike, judgement: Any) -> None:
    """Write what the gate found: a ``Judgement``."""
    sections: list[Section] = []
    if len(judgement.table):
        rows = [
            Gain(
                str(name),
                row["score"],
                np.nan if name == NONE else row["gain"],
                row["low"],
                row["high"],
                name == judgement.chosen,
            )
            for name, row in judgement.table.iterrows()
        ]
        note = (
            f"Mean score over {len(judgement.scores)} blocks of real rows that nothing had seen, "
            f"and gain over {NONE}; on shuffled labels, {NONE} scores "
            f"{judgement.scores['chance'].mean():.3f}."
        )
        sections.append(Gains("What was tried", note, rows))
        if judgement.examined is not None:
            sections += sections_of(judgement.examined)
        cost = [[name, f"{seconds:.1f}"] for name, seconds in judgement.seconds.items()]
        note = f"Of the judgement alone, which fitted the classifier {judgement.n_fits} times."
        sections.append(Table("Cost", note, ["", "seconds"], cost))
    write_page(path, f"What the gate chose: {judgement.chosen}", judgement.sentence, sections)


def scoring_name(scoring: Any) -> str:
    """What a score is called.

    Examples
    --------
    >>> scoring_name(None), scoring_name("balanced_accuracy")
    ('average precision', 'balanced accuracy')
    """
    name = "average_precision" if scoring is None else scoring
    return (name if isinstance(name, str) else getattr(name, "__name__", "score")).replace("_", " ")


def _best(overall: pd.DataFrame) -> str | None:
    """The best method that trains no model, nothing apart; None where none was scored."""
    simple = overall.loc[[name for name in overall.index if name in SIMPLE[1:]], "mean"].dropna()
    return str(simple.idxmax()) if len(simple) else None


def _verdict(
    overall: pd.DataFrame, best: str | None, direct: pd.Series | None, what: str, n_splits: int
) -> Iterator[str]:
    """What to do, and what speaks for it."""
    gan, none = overall.loc[GAN], overall.loc[NONE]
    if n_splits < 2:
        yield "One split says nothing of chance: compare on several."
    elif best is None or direct is None or not np.isfinite([gan["low"], direct["low"]]).all():
        yield "There are splits without a score, so nothing can be said of the whole."
    else:
        yield _advice(overall, best, direct)
    yield (
        f"In {what}, the GAN scores {number(gan['mean'])} against {number(none['mean'])} without "
        f"augmentation, {_gain(gan)}."
    )
    if direct is not None:
        yield f"Over {best}, the best simple method, it gains {_gain(direct)}."
    if GATED in overall.index and np.isfinite(overall.loc[GATED, "mean"]):
        yield f"What the gate of AugmentedClassifier chose gains {_gain(overall.loc[GATED])}."


def _advice(overall: pd.DataFrame, best: str, direct: pd.Series) -> str:
    """In a sentence."""
    gan_helps, best_helps = overall.loc[GAN, "low"] > 0, overall.loc[best, "low"] > 0
    if not (overall["low"] > 0).any():
        return "Leave the data as they are: no method gains what can be told from noise."
    if gan_helps and direct["low"] > 0:
        return "Use the GAN: it gains more than any simple method."
    if best_helps and (direct["high"] < 0 or not gan_helps):
        return f"Use {best}, which needs no training: the GAN does not do better."
    if best_helps:
        return (
            f"The GAN helps, and so does {best}, which needs no training; there is no clear "
            "difference between them."
        )
    return f"What helps: {', '.join(map(str, overall.index[overall['low'] > 0]))}."


def _gain(row: pd.Series) -> str:
    ends = f"[{number(row['low'], '+')}, {number(row['high'], '+')}]"
    return f"{number(row['gain'], '+')} {ends}"


def _choices(scores: pd.DataFrame) -> Iterator[Section]:
    """What the gate chose, where there was one."""
    if "chosen" not in scores or scores["chosen"].isna().all():
        return
    chosen = scores.dropna(subset="chosen")
    counts = pd.crosstab(chosen["estimator"], chosen["chosen"])
    order = [one for one in (*SIMPLE, *OF_GAN) if one in counts]
    counts = counts.reindex(index=chosen["estimator"].unique(), columns=order)
    rows = [[str(name), *map(str, own)] for name, own in counts.T.items()]
    note = (
        "Splits in which the gate chose it, by training rows alone. It does nothing where no gain "
        "is beyond chance."
    )
    yield Table("What the gate chose", note, ["", *map(str, counts.columns)], rows)


def _cost(overall: pd.DataFrame) -> Section:
    """Seconds of each method."""
    rows = [[str(name), f"{row['seconds']:.2f}"] for name, row in overall.iterrows()]
    rows = [row for row in rows if row[1] != "nan"]
    note = "Seconds of augmentation in each split; of the gate, with all that it tried."
    return Table("Cost", note, ["", "seconds"], rows)
