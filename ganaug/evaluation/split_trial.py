"""One split of a comparison: all methods and classifiers, and what the gate chooses."""

import math
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import FitFailedWarning

from ganaug.encoding.rows import take_rows
from ganaug.evaluation.added_rows import Rows
from ganaug.evaluation.failures import error_text
from ganaug.evaluation.fitting import Fit, threads_for
from ganaug.evaluation.folds import Fold, fit_out_of_fold
from ganaug.evaluation.method import Method
from ganaug.evaluation.methods import CHOSEN_BY_GATE, GAN
from ganaug.evaluation.progress_log import GENERATORS, SplitLog, kind_of
from ganaug.evaluation.scores import MEASURES, ranking_and_decisions, score_of
from ganaug.evaluation.selection import select
from ganaug.evaluation.self_training import SelfTraining
from ganaug.evaluation.splits import Split
from ganaug.evaluation.training_watch import watched, watched_network
from ganaug.evaluation.trials import Trials
from ganaug.evaluation.weights import weight_name
from ganaug.models.torch_modules import NoDiscriminatorWarning
from ganaug.resampling import clone_seeded, fit_classes, with_unlabeled_rows
from ganaug.strategy import class_counts, rows_to_add
from ganaug.time_left import ALL_LEFT

if TYPE_CHECKING:
    from ganaug.evaluation.comparison import Comparison

Record = dict[str, Any]


@dataclass(frozen=True)
class _TimedRows:
    """Training rows as a method leaves them, and the seconds that it took."""

    rows: Rows
    seconds: float


@contextmanager
def _telling_once(told: set[str]) -> Iterator[None]:
    """Context of which warnings are told at the end, but those that were told before."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for one in caught:
        if str(one.message) not in told:
            told.add(str(one.message))
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


class SplitTrial:
    """A split, and what was made of its training rows so far."""

    def __init__(
        self,
        comparison: "Comparison",
        split: Split,
        seed: int,
        log: SplitLog,
    ):
        self._comparison = comparison
        self._log = log
        self._seed = seed
        self._X, self._y = self._take(split[0])
        self.test = self._take(split[1])
        self._counts = rows_to_add(comparison.sampling_strategy, self._y)
        # of a method that failed, the error, for all classifiers
        self._augmented: dict[tuple, _TimedRows | Exception] = {}
        unlabeled = comparison.unlabeled
        self._self_training = None if unlabeled is None else SelfTraining(unlabeled, comparison.gan)
        # not fitted before a method needs it
        self.model = clone_seeded(comparison.gan, self._X, self._rng())

    def score_methods(self) -> Iterator[Record]:
        """Scores of all methods, by the classifiers that can use them.

        Those that train a network come first: only then can the time that is left be told.
        """
        for method in sorted(self._comparison.methods, key=_is_quick):
            if method.replaces_classifier:
                yield from self._score_replacement(method)
                continue
            for name, estimator in self._comparison.estimators.items():
                if not method.obstacle(estimator, self._X, self._n_smallest):
                    with self._log.counted(kind_of(name)):
                        record = self._score_method(method, name, estimator)
                    yield record

    def _score_method(self, method: Method, name: str, estimator: BaseEstimator) -> Record:
        """Score of a method with one classifier, or its error."""
        try:
            trains = method.needs_gan and self._key(method, name) not in self._augmented
            self._log.describe(f"{method.name}, {GENERATORS if trains else name}")
            augmented = self._augment(method, name)
            self._log.describe(f"{method.name}, {name}")
            scores = self._score(estimator, method, augmented.rows)
        except Exception as error:
            return _failure(name, method.name, error)
        return _record(name, method.name, scores, augmented.seconds)

    def _score_replacement(self, method: Method) -> Iterator[Record]:
        """Scores of a method that puts one classifier in the place of all, or its error."""
        self._log.describe(method.name)
        start = time.perf_counter()
        estimators = self._comparison.estimators
        try:
            with self._log.counted(method.name):
                classifier = self._fit_replacement(method)
                scores = self._scores_of(classifier)
        except Exception as error:
            yield from (_failure(name, method.name, error) for name in estimators)
            return
        seconds = time.perf_counter() - start
        yield from (_record(name, method.name, scores, seconds) for name in estimators)

    def _fit_replacement(self, method: Method) -> Any:
        """Fitted classifier in the place of all."""
        classifier: Any = method.prepare(next(iter(self._comparison.estimators.values())))
        X, y = with_unlabeled_rows(classifier, self._X, self._y, self._comparison.unlabeled)
        with warnings.catch_warnings(), watched_network(classifier, self._log, method.name):
            # a start from random weights is another method's
            warnings.simplefilter("error", NoDiscriminatorWarning)
            return classifier.fit(X, y)

    def gate_records(self, effort: str) -> Iterator[Record]:
        """Scores of what the gate chooses for each classifier, or their errors."""
        self._log.describe(f"{CHOSEN_BY_GATE}, {GENERATORS}")
        estimators = self._comparison.estimators
        rng = self._rng()
        gan = self._comparison.gan
        unlabeled = self._comparison.unlabeled
        labels = list(self._counts)
        try:
            with self._log.counted(GENERATORS, ALL_LEFT):
                folds = fit_out_of_fold(gan, self._X, self._y, labels, rng, effort, unlabeled)
        except Exception as error:
            yield from (_failure(name, CHOSEN_BY_GATE, error) for name in estimators)
            return
        for name, estimator in estimators.items():
            self._log.describe(f"{CHOSEN_BY_GATE}, {name}")
            try:
                with self._log.counted(kind_of(name), ALL_LEFT):
                    record = self._score_choice(name, estimator, folds, rng)
                yield record
            except Exception as error:
                yield _failure(name, CHOSEN_BY_GATE, error)

    def _score_choice(
        self, name: str, estimator: BaseEstimator, folds: Sequence[Fold], rng: np.random.RandomState
    ) -> Record:
        """Score of what the gate chooses for one classifier."""
        scorer = score_of(self._comparison.scoring, estimator)
        with warnings.catch_warnings():
            # methods that fail have rows of their own
            warnings.simplefilter("ignore", FitFailedWarning)
            fit = Fit(weight_name(estimator))
            rows = (self._X, self._y)
            trials = Trials(estimator, *rows, self._counts, fit, scorer, self._self_training)
            selection = select(trials, folds, rng, scoring=self._comparison.scoring)
        method = selection.method
        seconds = sum(selection.seconds.values())
        if method.self_training:
            seconds += self._augment(method, name).seconds
        elif method.needs_gan:
            seconds += self._augment(GAN, name).seconds
        known = self._augmented.get(self._key(method, name))
        if isinstance(known, _TimedRows):
            rows = known.rows
        else:
            rows = method.augment(self._X, self._y, self._counts, self.model, rng)
        scores = self._score(estimator, method, rows)
        return {**_record(name, CHOSEN_BY_GATE, scores, seconds), "chosen": method.name}

    @cached_property
    def _n_smallest(self) -> int:
        """Rows of the smallest class to be enlarged."""
        sizes = class_counts(self._y)
        return min(sizes[label] for label in self._counts)

    def _key(self, method: Method, name: str) -> tuple:
        """Key of the rows that a method leaves; of a classifier's own, where that labels some."""
        return (*method.rows_key, name if method.self_training else None)

    def _augment(self, method: Method, name: str) -> _TimedRows:
        """Training rows as a method leaves them; those that differ by weights are made once."""
        key = self._key(method, name)
        if key not in self._augmented:
            start = time.perf_counter()
            try:
                rows = self._make_rows(method, self._comparison.estimators[name])
                self._augmented[key] = _TimedRows(rows, time.perf_counter() - start)
            except Exception as error:
                self._augmented[key] = error
        known = self._augmented[key]
        if isinstance(known, Exception):
            raise known
        return known

    def _make_rows(self, method: Method, estimator: BaseEstimator) -> Rows:
        rng = self._rng()
        if method.self_training and self._self_training is not None:
            training = replace(self._self_training, watch=partial(self._training, method))
            return training.augment(method, estimator, self._X, self._y, self._counts, rng)
        if method.needs_gan:
            self.model = clone_seeded(self._comparison.gan, self._X, rng)
            data = (self._X, self._y, list(self._counts), self._comparison.unlabeled)
            with self._training(method, self.model):
                fit_classes(self.model, *data)
        return method.augment(self._X, self._y, self._counts, self.model, rng)

    @contextmanager
    def _training(self, method: Method, model: Any) -> Iterator[None]:
        """Context in which a model is trained for a method, as one unit."""
        with (
            self._log.counted(GENERATORS),
            watched(model, self._log, method.name),
            _telling_once(self._comparison.told),
        ):
            yield

    def _score(self, estimator: BaseEstimator, method: Method, rows: Rows) -> dict[str, float]:
        """Scores on the test rows of a classifier that was fitted to the rows of a method."""
        fit = Fit(weight_name(estimator))
        return self._scores_of(fit(method, estimator, *rows, np.arange(len(self._y))))

    def _scores_of(self, classifier: Any) -> dict[str, float]:
        """Score on the test rows, and beside it how well it ranks and decides."""
        with threads_for(classifier, len(self.test[1])), warnings.catch_warnings():
            # a small part of the rows may lack a class that is predicted, or all but one
            warnings.filterwarnings("ignore", "y_pred contains classes not in y_true")
            warnings.filterwarnings("ignore", "A single label was found")
            score = score_of(self._comparison.scoring, classifier)(classifier, *self.test)
            return {"score": score, **ranking_and_decisions(classifier, *self.test)}

    def _take(self, rows: np.ndarray) -> Rows:
        """Rows of the comparison, and their classes."""
        return take_rows(self._comparison.X, rows), self._comparison.y[rows]

    def _rng(self) -> np.random.RandomState:
        """The same random numbers for every method."""
        return np.random.RandomState(self._seed)


def _is_quick(method: Method) -> bool:
    """True for methods that train no network."""
    return not (method.needs_gan or method.replaces_classifier)


def _record(
    estimator: str,
    method: str,
    scores: Mapping[str, float],
    seconds: float,
    error: str | None = None,
) -> Record:
    return {"estimator": estimator, "method": method, **scores, "seconds": seconds, "error": error}


def _failure(estimator: str, method: str, error: Exception) -> Record:
    """Record of a method that failed."""
    scores = dict.fromkeys(("score", *MEASURES), math.nan)
    return _record(estimator, method, scores, math.nan, error_text(error))
