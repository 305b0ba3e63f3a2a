"""HTML pages of what ``compare`` found, and of what the gate chose."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ganaug.evaluation.held_out import HeldOutModel
from ganaug.evaluation.methods import (
    CHANCE,
    CHOSEN_BY_GATE,
    COMPARED,
    GAN,
    GATE_CHOICES,
    NONE,
    REPLACEMENTS,
    SELF_TRAINED,
)
from ganaug.evaluation.summary import MEAN, summary
from ganaug.report.page import Definitions, Gain, Gains, Section, Table, number, write_page
from ganaug.report.sections import sections_of

ALL = (*COMPARED, *GATE_CHOICES, *SELF_TRAINED, *REPLACEMENTS)

# Methods that need no GAN, and do something.
SIMPLE = [
    method.name
    for method in (*COMPARED, *SELF_TRAINED)
    if not method.needs_gan and method is not NONE
]

DESCRIPTIONS = {method.name: method.description for method in ALL} | {
    CHOSEN_BY_GATE: "the method that AugmentedClassifier chose on the training rows alone"
}


def write_comparison(
    path: str | os.PathLike,
    scores: pd.DataFrame,
    methods: Sequence[str],
    test_ratio: float,
    scoring: Any,
    held_out_model: HeldOutModel,
    image_shape: tuple[int, int] | None = None,
) -> None:
    """Write what ``compare`` found.

    Parameters
    ----------
    path : path
        File to write; replaced where there is one.
    scores : DataFrame
        A row for each split, classifier and method.
    methods : sequence of str
        Their names, in order.
    test_ratio : float
        Test rows per training row, as in ``paired_interval``.
    scoring : str, callable or None
        The score, as in ``compare``.
    held_out_model : HeldOutModel
        The model of one split.
    image_shape : (height, width) or None, default=None
        Shape of the images that rows are, if they are.
    """
    table = summary(scores, methods, [NONE.name], test_ratio)
    estimators = table["estimator"].unique().tolist()
    main = MEAN if MEAN in estimators else estimators[0]
    overall = table[table["estimator"] == main].set_index("method")
    best = _best(overall)
    over_best = None
    if best is not None:
        of_main = scores[scores["estimator"] == main]
        over_best = summary(of_main, methods, [best], test_ratio).set_index("method").loc[GAN.name]
    score = scoring_name(scoring)
    n_splits = scores["split"].nunique()
    lead = " ".join(_verdict(overall, best, over_best, score, n_splits))
    sections = [
        *_gains(table, main, score, n_splits),
        _descriptions(methods),
        *_choices(scores),
        *_model_sections(held_out_model, image_shape),
        _cost(overall),
    ]
    write_page(path, "Does augmentation help here?", lead, sections)


def write_selection(
    path: str | os.PathLike,
    chosen: str,
    sentence: str,
    table: pd.DataFrame,
    scores: pd.DataFrame,
    n_fits: int,
    seconds: Mapping[str, float],
    held_out_model: HeldOutModel | None,
) -> None:
    """Write what the gate tried and chose.

    Parameters
    ----------
    path : path
    chosen, sentence, table, scores, n_fits, seconds, held_out_model
        As in ``Selection``.
    """
    sections: list[Section] = []
    if len(table):
        note = (
            f"Mean score over {len(scores)} blocks of real rows that nothing was trained "
            f"on, and gain over “{NONE.name}”. On shuffled labels “{NONE.name}” scores "
            f"{scores[CHANCE].mean():.3f}."
        )
        rows = [
            Gain(
                str(name),
                row["score"],
                np.nan if name == NONE.name else row["gain"],
                row["low"],
                row["high"],
                name == chosen,
            )
            for name, row in table.iterrows()
        ]
        sections.append(Gains("What was tried", note, rows))
        sections.append(_descriptions(table.index))
        if held_out_model is not None:
            sections += _model_sections(held_out_model)
        cost = [[name, f"{value:.1f}"] for name, value in seconds.items()]
        note = f"Seconds of the choice alone, which fitted the classifier {n_fits} times."
        sections.append(Table("Cost", note, ["", "seconds"], cost))
    write_page(path, f"What the gate chose: {chosen}", sentence, sections)


def scoring_name(scoring: Any) -> str:
    """Name of a score, in words.

    Examples
    --------
    >>> scoring_name(None), scoring_name("balanced_accuracy")
    ('average precision', 'balanced accuracy')
    """
    name = "average_precision" if scoring is None else scoring
    return (name if isinstance(name, str) else getattr(name, "__name__", "score")).replace("_", " ")


def _gains(table: pd.DataFrame, main: str, score: str, n_splits: int) -> Iterator[Section]:
    """Gains over "none", of the mean over classifiers first, where there are several."""
    estimators = table["estimator"].unique().tolist()
    note = (
        f"{score[0].upper()}{score[1:]} on held-out real rows, mean over {n_splits} "
        f"split{'s' * (n_splits > 1)}; gains over “{NONE.name}”, paired by split."
    )
    for name in [main, *(other for other in estimators if other != main)]:
        rows = [
            Gain(
                row.method,
                row.mean,
                np.nan if row.method == NONE.name else row.gain,
                row.low,
                row.high,
                row.method in (GAN.name, CHOSEN_BY_GATE),
            )
            for row in table[table["estimator"] == name].itertuples()
        ]
        is_mean = name == MEAN and len(estimators) > 1
        title = f"Gains, mean over {len(estimators) - 1} classifiers" if is_mean else name
        yield Gains(title, note if name == main else "", rows)


def _descriptions(methods: Sequence[str]) -> Section:
    """Meanings of the names of methods."""
    note = "What each does to the training rows; all that add rows add them to the same classes."
    known = {name: DESCRIPTIONS[name] for name in methods if name in DESCRIPTIONS}
    return Definitions("Methods", note, known)


def _model_sections(
    held_out: HeldOutModel, image_shape: tuple[int, int] | None = None
) -> Iterator[Section]:
    """Samples of a model, their quality, and how it trained."""
    return sections_of(held_out.model, held_out.X, held_out.y, image_shape)


def _best(overall: pd.DataFrame) -> str | None:
    """Name of the best method without a GAN; None where none was scored."""
    means = overall.loc[[name for name in overall.index if name in SIMPLE], "mean"].dropna()
    return str(means.idxmax()) if len(means) else None


def _verdict(
    overall: pd.DataFrame, best: str | None, over_best: pd.Series | None, score: str, n_splits: int
) -> Iterator[str]:
    """Sentences that say what to do, and what speaks for it."""
    gan = overall.loc[GAN.name]
    none = overall.loc[NONE.name]
    if n_splits < 2:
        yield "One split says nothing of chance: compare on several."
    elif best is None or over_best is None or not np.isfinite([gan["low"], over_best["low"]]).all():
        yield "There are splits without a score, so nothing can be said of the whole."
    else:
        yield _advice(overall, best, over_best)
    yield (
        f"In {score}, the GAN scores {number(gan['mean'])} against {number(none['mean'])} without "
        f"augmentation, {_gain(gan)}."
    )
    if over_best is not None:
        yield f"Over {best}, the best simple method, it gains {_gain(over_best)}."
    replacements = _replacements(overall)
    if len(replacements):
        row = replacements.loc[replacements["mean"].idxmax()]
        mean = number(row["mean"])
        yield f"In place of the classifier, the {row.name} scores {mean}, {_gain(row)}."
    if CHOSEN_BY_GATE in overall.index and np.isfinite(overall.loc[CHOSEN_BY_GATE, "mean"]):
        gate = overall.loc[CHOSEN_BY_GATE]
        yield f"What the gate of AugmentedClassifier chose gains {_gain(gate)}."


def _replacements(overall: pd.DataFrame) -> pd.DataFrame:
    """Rows of the methods that put another classifier in the place of the user's."""
    names = [method.name for method in REPLACEMENTS if method.name in overall.index]
    return overall.loc[names].dropna(subset="mean")


def _advice(overall: pd.DataFrame, best: str, over_best: pd.Series) -> str:
    """Sentence that says what to do."""
    gan_helps = overall.loc[GAN.name, "low"] > 0
    best_helps = overall.loc[best, "low"] > 0
    if not (overall["low"] > 0).any():
        return "Leave the data as they are: no method gains what can be told from noise."
    if gan_helps and over_best["low"] > 0:
        return "Use the GAN: it gains more than any simple method."
    if best_helps and (over_best["high"] < 0 or not gan_helps):
        return f"Use {best}, which needs no GAN: that does not do better."
    if best_helps:
        return (
            f"The GAN helps, and so does {best}, which needs none; there is no clear "
            "difference between them."
        )
    return f"What helps: {', '.join(map(str, overall.index[overall['low'] > 0]))}."


def _gain(row: pd.Series) -> str:
    interval = f"[{number(row['low'], '+')}, {number(row['high'], '+')}]"
    return f"{number(row['gain'], '+')} {interval}"


def _choices(scores: pd.DataFrame) -> Iterator[Section]:
    """Numbers of splits in which the gate chose each method, where there was one."""
    if "chosen" not in scores or scores["chosen"].isna().all():
        return
    chosen = scores.dropna(subset="chosen")
    counts = pd.crosstab(chosen["estimator"], chosen["chosen"])
    order = [method.name for method in GATE_CHOICES if method.name in counts]
    counts = counts.reindex(index=chosen["estimator"].unique(), columns=order)
    rows = [[str(name), *map(str, of_method)] for name, of_method in counts.T.items()]
    note = (
        "Number of splits in which the gate chose a method, by training rows alone. It does "
        "nothing where no gain is significant."
    )
    yield Table("What the gate chose", note, ["", *map(str, counts.columns)], rows)


def _cost(overall: pd.DataFrame) -> Section:
    """Seconds of each method."""
    known = overall["seconds"].dropna()
    rows = [[str(name), f"{seconds:.2f}"] for name, seconds in known.items()]
    note = "Seconds of augmentation in each split; of the gate, with all that it tried"
    if len(_replacements(overall)):
        note += "; of what replaces the classifier, with its training"
    return Table("Cost", f"{note}.", ["", "seconds"], rows)
