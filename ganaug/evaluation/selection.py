"""The gate: what to do to a training set, chosen on real rows that nothing was trained on."""

import math
import os
import textwrap
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import StratifiedKFold

from ganaug.caller import warn_caller
from ganaug.encoding.rows import take_rows
from ganaug.evaluation.choice import NOT_JUDGED, choose, gain_table
from ganaug.evaluation.folds import N_FOLDS, Fold, count_folds
from ganaug.evaluation.gain_tables import WIDTH
from ganaug.evaluation.held_out import HeldOutModel
from ganaug.evaluation.method import Method
from ganaug.evaluation.methods import NONE, SELF_TRAINED, gate_choices, usual_method
from ganaug.evaluation.provenance import Provenance
from ganaug.evaluation.scores import MEASURES, RANKING
from ganaug.evaluation.statistics import CONFIDENCE
from ganaug.evaluation.trials import Trials
from ganaug.evaluation.work_ahead import ahead_of_gate
from ganaug.models.protocol import Model
from ganaug.progress import say
from ganaug.randomness import SEED_LIMIT
from ganaug.resampling import default_model
from ganaug.storage.atomic import atomic_write
from ganaug.strategy import class_counts

if TYPE_CHECKING:
    from ganaug.report.gains import Gain

# Blocks that left-out rows are scored in, at least, over all folds, if they hold rows of two
# classes each: to see how scores vary.
MIN_BLOCKS = 5

# Blocks of one fold, at most, and rows of every class in a block where there are so many.
MAX_BLOCKS_OF_FOLD = 5
MIN_ROWS_OF_BLOCK = 5


@dataclass(frozen=True, repr=False)
class Selection:
    """The method that was chosen, and why.

    Attributes
    ----------
    method : Method
        What is to be done; that named "none" for nothing.
    chosen : str
        Its name.
    verdict : {"a method helps", "nothing helps", "cannot be told", "not judged"}
        What was found out: "cannot be told" where the best method, or the one that gained
        most on other data, gains by no more than chance would with so few rows, or no score is
        above chance.
    sentence : str
        Why it was chosen.
    table : DataFrame
        A row for each method: ``score`` and ``gain`` over "none", with the interval
        ``low`` to ``high`` that decides, of ``statistics.moderated_intervals``: the gain is
        above ``low`` with a confidence of 85 %, and so below ``high``. ``wins`` and ``losses``
        among the blocks of left-out rows; ``note``, why it was not tried, if so. Empty where
        nothing could be tried.
    scores : DataFrame
        Score of each method (columns) on each block of left-out rows (rows); "chance" is
        the score of "none" on shuffled labels, NaN where all are equal.
    n_fits : int
        Number of times that a classifier was fitted.
    seconds : dict of str to float
        Seconds that "generators" took to train without a part of the rows, and
        "classifiers" to be fitted and scored.
    held_out_model : HeldOutModel or None
        One of these generators, and the rows that it has not seen; not pickled along, as both
        hold data.
    measures : dict of str to DataFrame
        Tables like ``table``, by ranking ("average_precision", of each class against the
        others, averaged) and by decisions ("balanced_accuracy"), whatever the score.
    provenance : Provenance or None
        Data, settings, versions and machine, as texts.
    """

    method: Method
    verdict: str
    sentence: str
    table: pd.DataFrame
    scores: pd.DataFrame
    n_fits: int
    seconds: dict[str, float]
    held_out_model: HeldOutModel | None
    measures: dict[str, pd.DataFrame] = field(default_factory=dict)
    provenance: Provenance | None = None

    @property
    def chosen(self) -> str:
        """Name of the chosen method."""
        return self.method.name

    @classmethod
    def without_trial(cls, sentence: str) -> "Selection":
        """The choice of "none" where nothing could be tried, and why."""
        return cls(NONE, NOT_JUDGED, sentence, pd.DataFrame(), pd.DataFrame(), 0, {}, None)

    def gains(self) -> list["Gain"]:
        """Gains of all that was tried, with their intervals; none where nothing could be."""
        # matplotlib takes a while to load
        from ganaug.evaluation.gain_sections import tried_gains

        return tried_gains(self) if len(self.table) else []

    def __repr__(self) -> str:
        return f"<Selection of {self.chosen!r}. {self.sentence}>"

    def __str__(self) -> str:
        heading = textwrap.wrap(self._heading(), WIDTH)
        rows = [*heading, repr(self.table), ""] if len(self.table) else []
        text = " ".join([self.sentence, *self._other_scores()])
        return "\n".join([*rows, *textwrap.wrap(text, WIDTH)])

    def _heading(self) -> str:
        """Words for what the columns of the table are."""
        score = "score" if self.provenance is None else f"score: {self.provenance.scoring},"
        sure = f"above low, and below high, each with a confidence of {100 * CONFIDENCE:.0f} %"
        return (
            f"{score} on {len(self.scores)} parts of the rows left out; gain over {NONE.name}: "
            f"{sure}"
        )

    def _other_scores(self) -> Iterator[str]:
        """Sentences on the choice by measures that did not decide."""
        for measure, table in self.measures.items():
            names = list(dict.fromkeys([self.chosen, NONE.name]))
            missed = self._missed(table)
            known = table.loc[[*missed, *names], "score"].dropna()
            # this measure may be what decided
            if len(known) and not known.equals(self.table.loc[known.index, "score"]):
                scores = ", ".join(f"{value:.3f} with {label}" for label, value in known.items())
                yield f"{MEASURES[measure].capitalize()} on the rows left out: {scores}."
                if missed:
                    scoring = None if measure == RANKING else measure
                    yield f"scoring={scoring!r} chooses by it."

    def _missed(self, table: pd.DataFrame) -> list[str]:
        """Name of the method that gains most by a measure that did not decide, if nothing did."""
        sure = table["low"] > 0
        return [str(table.loc[sure, "gain"].idxmax())] if self.method == NONE and sure.any() else []

    def _repr_html_(self) -> str:
        # matplotlib takes a while to load
        from ganaug.evaluation.pages import selection_fragment

        return selection_fragment(self)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "held_out_model": None}

    def to_html(self, path: str | os.PathLike, data_name: str | None = None) -> None:
        """Write a page with the gains, samples, their quality, training and cost.

        Parameters
        ----------
        path : path
            File to write; replaced where there is one. It needs nothing beside it. After
            pickling it lacks samples, quality and training.
        data_name : str or None, default=None
            Name of the data, for the page.

        Raises
        ------
        OSError
            If the file cannot be written, before anything is evaluated.
        """
        # matplotlib takes a while to load
        from ganaug.evaluation.pages import write_selection

        with atomic_write(path) as page:
            write_selection(page, self, data_name)


def select(
    trials: Trials,
    folds: Sequence[Fold],
    rng: np.random.RandomState,
    n_jobs: int | None = None,
    verbose: int = 0,
    scoring: Any = None,
) -> Selection:
    """Try each method on the training rows of every fold, and choose by the rows left out.

    No generator, over-sampler or classifier sees the rows that it is judged on.

    Parameters
    ----------
    trials : Trials
        Classifier, rows, and how methods are tried on them.
    folds : sequence of Fold
        Models of parts of the rows, by ``fit_out_of_fold``.
    rng : RandomState
    n_jobs : int or None, default=None
        Fits of a classifier at a time. The choice does not depend on it.
    verbose : int, default=0
        1 shows how far the trials have come.
    scoring : str, callable or None, default=None
        What ``trials.score`` was made of: it tells which method gained most on other data.

    Returns
    -------
    Selection

    Warns
    -----
    FitFailedWarning
        For methods that fail; the others are chosen from.
    """
    if not folds:
        counts = class_counts(trials.y)
        largest = max(counts[label] for label in trials.counts)
        return Selection.without_trial(
            f"Not judged, so nothing was done: classes to be enlarged have {largest} rows at most, "
            f"and {N_FOLDS} are needed to leave some out in turn. gate=None adds rows unjudged."
        )
    start = time.perf_counter()
    X = trials.X
    y = trials.y
    obstacles = _obstacles(_choices(trials, folds[0].model), trials, folds)
    methods = [method for method, obstacle in obstacles.items() if not obstacle]
    min_blocks = math.ceil(MIN_BLOCKS / len(folds))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        blocks = [list(_blocks(fold.test, y, min_blocks, rng)) for fold in folds]
        outcome = trials.run(methods, folds, blocks, rng, n_jobs, verbose)
    for name, error in outcome.failures.items():
        warn_caller(f"the gate could not try {name!r}: {error}", FitFailedWarning)
    reasons = {method.name: obstacle for method, obstacle in obstacles.items() if obstacle}
    table = gain_table(outcome.scores, reasons | outcome.failures)
    sizes = class_counts(y)
    smallest = min(sizes, key=lambda label: sizes[label])
    rows = f"only {sizes[smallest]} rows of {smallest!r}"
    # rows of another weight have not been measured
    usual = usual_method(scoring, folds[0].model) if trials.fit.synthetic_weight == 1 else None
    choice = choose(outcome.scores, table, rows, None if usual is None else usual.name)
    first = folds[0]
    return Selection(
        method=next(method for method in methods if method.name == choice.name),
        verdict=choice.verdict,
        sentence=choice.sentence,
        table=table,
        scores=outcome.scores,
        n_fits=len(folds) * len(methods),
        seconds={
            "generators": sum(fold.seconds for fold in folds),
            "classifiers": time.perf_counter() - start,
        },
        held_out_model=None
        if first.error
        else HeldOutModel.of(first.model, take_rows(X, first.test), y[first.test]),
        measures={name: gain_table(scores) for name, scores in outcome.measures.items()},
    )


def say_work_ahead(trials: Trials, gan: Model | None, effort: str) -> None:
    """Say how much the gate will train and fit, which nobody knows the time of yet."""
    counts = class_counts(trials.y)
    sizes = [counts[label] for label in trials.counts]
    n_folds = count_folds(gan, trials.X, sizes, effort)
    if n_folds:
        choices = _choices(trials, default_model(trials.X) if gan is None else gan)
        n_methods = sum(not one.obstacle(trials.estimator, trials.X, min(sizes)) for one in choices)
        say(ahead_of_gate(n_folds, n_methods, type(trials.estimator).__name__), shown=True)


def _choices(trials: Trials, model: Any) -> list[Method]:
    """Methods for such rows, and a model for them."""
    choices = gate_choices(trials.X, model)
    return choices if trials.self_training is None else [*choices, *SELF_TRAINED]


def _obstacles(
    choices: Sequence[Method], trials: Trials, folds: Sequence[Fold]
) -> dict[Method, str]:
    """Methods for such rows, and why each cannot be tried; empty for those that can."""
    sizes = [class_counts(trials.y[fold.train]) for fold in folds]
    n_smallest = min(of_fold[label] for of_fold in sizes for label in trials.counts)
    return {method: method.obstacle(trials.estimator, trials.X, n_smallest) for method in choices}


def _blocks(
    test: np.ndarray, y: np.ndarray, min_blocks: int, rng: np.random.RandomState
) -> Iterator[np.ndarray]:
    """Left-out rows in blocks with equal shares of the classes: ``min_blocks``, if rows suffice.

    Each has rows of two classes, where there are two: some scores know nothing of one alone, and
    on others every shuffle of the labels is as good as they are.
    """
    sizes = sorted(class_counts(y[test]).values())
    n_blocks = max(min_blocks, min(MAX_BLOCKS_OF_FOLD, sizes[0] // MIN_ROWS_OF_BLOCK))
    n_blocks = min(n_blocks, *sizes[-2:])
    if n_blocks == 1:
        yield test
        return
    folds = StratifiedKFold(n_blocks, shuffle=True, random_state=rng.randint(SEED_LIMIT))
    for _, block in folds.split(np.zeros(len(test)), y[test]):
        yield test[block]
