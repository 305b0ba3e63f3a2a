"""The verdict of a comparison: what to do, and what speaks for it."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ganaug.evaluation.methods import (
    CHOSEN_BY_GATE,
    COMPARED,
    GAN,
    NONE,
    REPLACEMENTS,
    SELF_TRAINED,
    SHUFFLED_COLUMNS,
)
from ganaug.evaluation.statistics import standard_error
from ganaug.evaluation.summary import MEAN, summary
from ganaug.hints import three_decimals
from ganaug.trainers.tiers import format_labels

# Methods that need no GAN, and do something, the simplest first. Rows of shuffled columns are no
# such advice: they are what a GAN has to beat.
ADVISABLE = [
    method for method in (*COMPARED, *SELF_TRAINED) if method not in (NONE, SHUFFLED_COLUMNS)
]
SIMPLE = [method.name for method in ADVISABLE if not method.needs_gan]


# Splits at least of which advice is given: of two, the differences may be alike by chance.
MIN_SPLITS = 3


@dataclass(frozen=True)
class Verdict:
    """Advice on what to do, and the figures behind it.

    Attributes
    ----------
    method : str or None
        Name of the method to use, "none" for the rows as they are; None where nothing can be
        said.
    sentences : tuple of str
        The advice, then the figures that it rests on.
    replacement : str or None, default=None
        Name of what gains clearly more in the place of the classifier.
    """

    method: str | None
    sentences: tuple[str, ...]
    replacement: str | None = None

    def __str__(self) -> str:
        return " ".join(self.sentences)


def verdict(
    scores: pd.DataFrame,
    methods: Sequence[str],
    test_ratio: float,
    score: str,
    n_splits: int | None = None,
    rare: Sequence[Hashable] = (),
) -> Verdict:
    """Judge by the mean over classifiers, where there are several.

    Parameters
    ----------
    scores : DataFrame
        A row for each split, classifier and method.
    methods : sequence of str
        Their names, in order.
    test_ratio : float
        Test rows per training row, as in ``paired_interval``.
    score : str
        Name of the score, in words.
    n_splits : int or None, default=None
        Splits that were to be done; None takes those that were.
    rare : sequence of labels, default=()
        Classes without a test row in some splits.
    """
    main = main_estimator(scores)
    of_main = scores[scores["estimator"] == main]
    overall = summary(of_main, methods, [NONE.name], test_ratio).set_index("method")
    best = _best_simple(of_main, overall, test_ratio)
    over_best = None
    if best is not None:
        over_best = summary(of_main, methods, [best], test_ratio).set_index("method")
    n_done = scores["split"].nunique()
    versus = None if over_best is None else over_best.loc[GAN.name]
    method, advice = _advice(overall, best, versus, n_done)
    who = "the classifiers score on average" if main == MEAN else "the classifier scores"
    sentences = [advice, *_grounds(overall, best, over_best, f"In {score}, {who}")]
    better = None
    rivals = replacements(overall)
    if len(rivals):
        over = [
            summary(of_main, methods, [name], test_ratio).set_index("method")
            for name in dict.fromkeys([NONE.name, best, method])
            if name is not None
        ]
        sure = rivals[:0] if method is None else _better_rivals(rivals, overall, over)
        shown = sure if len(sure) else rivals
        rival = shown.loc[shown["mean"].idxmax()]
        better = str(rival.name) if len(sure) else None
        # what is clearly better comes before the figures of the advice
        sentences.insert(1 if better else len(sentences), _replaced(rival, better is not None))
    if method not in (None, NONE.name):
        sentences += _why_not_the_best(overall, best)
    if main == MEAN and n_done >= MIN_SPLITS:
        sentences += _gains_alone(scores, methods, test_ratio, method)
    if n_splits is not None and n_done < n_splits:
        sentences.append(f"The comparison was interrupted after {n_done} of {n_splits} splits.")
    if rare:
        sentences.append(
            f"Intervals say too little of {format_labels(list(rare))}: in some splits no row of "
            f"{'it' if len(rare) == 1 else 'these'} was left to judge by."
        )
    return Verdict(method, tuple(sentences), better)


def main_estimator(scores: pd.DataFrame) -> str:
    """Name of the mean over classifiers, or of the only one."""
    estimators = scores["estimator"].unique().tolist()
    return MEAN if MEAN in estimators else estimators[0]


def describe_gain(gain: float, low: float, high: float) -> str:
    """A gain and, where there is one, its interval.

    Examples
    --------
    >>> describe_gain(-0.006, -0.012, 0.001)
    '-0.006 [-0.012, +0.001]'
    >>> describe_gain(0.02, float("nan"), float("nan"))
    '+0.020'
    """
    known = [gain, low, high] if np.isfinite([low, high]).all() else [gain]
    first, *ends = (three_decimals(value, "+") for value in known)
    return f"{first} [{', '.join(ends)}]" if ends else first


def replacements(overall: pd.DataFrame) -> pd.DataFrame:
    """Rows of the methods that put another classifier in the place of the user's."""
    names = [method.name for method in REPLACEMENTS if method.name in overall.index]
    return overall.loc[names].dropna(subset="mean")


def _best_simple(scores: pd.DataFrame, overall: pd.DataFrame, test_ratio: float) -> str | None:
    """Name of the simplest method without a GAN that is as good as the best of them.

    As good within one standard error, as for the gate; only methods whose gain is beyond chance
    count, where there are some. None where none was scored.
    """
    known = overall.loc[[name for name in SIMPLE if name in overall.index]].dropna(subset="mean")
    helpful = known[known["low"] > 0]
    pool = helpful if len(helpful) else known
    if not len(pool):
        return None
    best = pool["mean"].idxmax()
    by_split = scores.pivot(index="split", columns="method", values="score")
    for name in pool.index:
        behind = (by_split[best] - by_split[name]).dropna().to_numpy()
        if len(behind) > 1 and behind.mean() <= standard_error(behind, test_ratio):
            return str(name)
    return str(best)


def _advice(
    overall: pd.DataFrame, best: str | None, over_best: pd.Series | None, n_splits: int
) -> tuple[str | None, str]:
    """Name of the method to use, and the sentence that says so."""
    if n_splits < MIN_SPLITS:
        what = "One split says nothing" if n_splits == 1 else "Two splits say too little"
        return None, f"{what} of chance: compare on five or more."
    gan = overall.loc[GAN.name]
    if best is None or over_best is None or not np.isfinite([gan["low"], over_best["low"]]).all():
        return None, "There are splits without a score, so nothing can be said of the whole."
    helpful = overall.index[(overall["low"] > 0) & (overall.index != SHUFFLED_COLUMNS.name)]
    gan_helps = GAN.name in helpful
    best_helps = best in helpful
    if not len(helpful):
        return NONE.name, "Leave the data as they are: no method has a gain that is beyond chance."
    if gan_helps and over_best["low"] > 0:
        return GAN.name, f"Use the GAN: it gains more than {best}."
    if best_helps and (over_best["high"] < 0 or not gan_helps):
        gain = "gains less" if over_best["high"] < 0 else "has no gain that is beyond chance"
        return best, f"Use {best}, which needs no GAN; the GAN {gain}."
    if best_helps:
        return best, (
            f"Use {best}, which needs no GAN. The GAN helps too; there is no clear difference "
            "between them."
        )
    first = str(overall.loc[helpful, "mean"].idxmax())
    return first, f"Use {first}: its gain is beyond chance."


def _gains_alone(
    scores: pd.DataFrame, methods: Sequence[str], test_ratio: float, advised: str | None
) -> Iterator[str]:
    """Sentence on classifiers that gain alone from other methods than those advised for all."""
    parts = []
    for name, own in scores[scores["estimator"] != MEAN].groupby("estimator", sort=False):
        gains = summary(own, methods, [NONE.name], test_ratio).set_index("method")
        sure = gains[gains["low"] > 0]
        helpful = sure[sure.index.isin([method.name for method in ADVISABLE])]
        if len(helpful) and advised not in sure.index:
            best = helpful.loc[helpful["mean"].idxmax()]
            parts.append(f"{name} with {best.name}, {_gain(best)}")
    if parts:
        yield (
            f"Of single classifiers, the largest gains beyond chance are: {'; '.join(parts)}. Of "
            "40 such intervals, one lies above zero by chance."
        )


def _grounds(
    overall: pd.DataFrame, best: str | None, over_best: pd.DataFrame | None, start: str
) -> Iterator[str]:
    """Sentences with the figures that the advice rests on; ``start`` begins the first."""
    gan = overall.loc[GAN.name]
    none = overall.loc[NONE.name]
    if np.isfinite(gan["gain"]):
        yield (
            f"{start} {gan['mean']:.3f} with the GAN and "
            f"{none['mean']:.3f} without augmentation: {_gain(gan)}."
        )
    if over_best is not None and np.isfinite(over_best.loc[GAN.name, "gain"]):
        yield (
            f"Compared with {best}, the GAN changes the score by {_gain(over_best.loc[GAN.name])}."
        )
    scored = overall["mean"].dropna()
    if len(scored) and scored.idxmax() == SHUFFLED_COLUMNS.name:
        yield (
            f"It scores most, {scored.max():.3f}, with shuffled columns: relations between columns "
            "count little here."
        )
    if CHOSEN_BY_GATE in overall.index and np.isfinite(overall.loc[CHOSEN_BY_GATE, "gain"]):
        gate = overall.loc[CHOSEN_BY_GATE]
        over = ""
        if over_best is not None and np.isfinite(over_best.loc[CHOSEN_BY_GATE, "gain"]):
            over = f", and by {_gain(over_best.loc[CHOSEN_BY_GATE])} compared with {best}"
        yield (
            "What the gate of AugmentedClassifier chose changes the score by "
            f"{_gain(gate)} compared with no augmentation{over}."
        )


def _better_rivals(
    rivals: pd.DataFrame, overall: pd.DataFrame, over: Sequence[pd.DataFrame]
) -> pd.DataFrame:
    """Rows of rivals that score as much as all that adds rows, and surely more than references.

    ``over`` has the gains over each of these.
    """
    highest = overall["mean"].drop(rivals.index).max()
    is_sure = pd.Series(
        [all(gains.loc[name, "low"] > 0 for gains in over) for name in rivals.index], rivals.index
    )
    return rivals[is_sure & (rivals["mean"] >= highest)]


def _replaced(rival: pd.Series, is_better: bool) -> str:
    """Sentence on what takes the place of the classifier."""
    start = "In place of the classifier,"
    if is_better:
        start = "Better still, where another classifier may take the place of yours,"
    return (
        f'{start} the "{rival.name}" scores {rival["mean"]:.3f}: {_gain(rival)} compared with the '
        "classifier without augmentation."
    )


def _why_not_the_best(overall: pd.DataFrame, best: str | None) -> Iterator[str]:
    """Sentence on the simple method that scores most, where another one is as good."""
    simple = overall.loc[[name for name in SIMPLE if name in overall.index], "mean"].dropna()
    if best is None or simple.idxmax() == best:
        return
    top = str(simple.idxmax())
    reason = "a gain that is not beyond chance"
    if overall.loc[top, "low"] > 0 or not (overall.loc[simple.index, "low"] > 0).any():
        reason = f"not clearly more than with {best}, which is simpler"
    yield f"With {top} the score is {simple.max():.3f}, {reason}."


def _gain(row: pd.Series) -> str:
    return describe_gain(row["gain"], row["low"], row["high"])
