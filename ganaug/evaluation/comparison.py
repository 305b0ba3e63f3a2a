"""Comparison of methods: what is compared on which data, and its scores on all splits."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator

from ganaug.caller import warn_caller
from ganaug.encoding.rows import take_rows
from ganaug.evaluation.dry_run import check_model
from ganaug.evaluation.failures import check_scored
from ganaug.evaluation.fine_tuned import network_steps
from ganaug.evaluation.first_fit import check_fit
from ganaug.evaluation.fitting import Fit
from ganaug.evaluation.folds import N_REPEATS, count_folds
from ganaug.evaluation.held_out import HeldOutModel
from ganaug.evaluation.method import Method
from ganaug.evaluation.methods import CHOSEN_BY_GATE
from ganaug.evaluation.progress_log import ProgressLog, SplitLog, units_of_split
from ganaug.evaluation.provenance import Provenance
from ganaug.evaluation.scores import score_of
from ganaug.evaluation.split_trial import Record, SplitTrial
from ganaug.evaluation.splits import Split
from ganaug.evaluation.summary import MEAN
from ganaug.evaluation.weights import weight_name
from ganaug.evaluation.work_ahead import ahead_of_comparison
from ganaug.models.joint_fitting import are_tables
from ganaug.models.protocol import Model
from ganaug.parallel import results_in_order
from ganaug.progress import progress, say
from ganaug.resampling import default_model
from ganaug.strategy import class_counts, rows_to_add
from ganaug.time_left import Workload
from ganaug.unlabeled import UnlabeledRows
from ganaug.validation import is_fitted


@dataclass(frozen=True)
class Comparison:
    """Methods and classifiers to compare, and the data to compare them on.

    Attributes
    ----------
    estimators : dict of str to classifier
    methods : sequence of Method
    X, y : rows and their classes
    gan : model or None
    unlabeled : UnlabeledRows or None
        Rows without a class, which train in every split.
    sampling_strategy : float, str, dict or callable
    gate : str or None
        Effort of the gate; None compares without it.
    scoring : str, callable or None
    told : set of str
        Warnings of models that were told in earlier splits.
    """

    estimators: Mapping[str, BaseEstimator]
    methods: Sequence[Method]
    X: Any
    y: np.ndarray
    gan: Model | None
    unlabeled: UnlabeledRows | None
    sampling_strategy: Any
    gate: str | None
    scoring: Any
    told: set[str] = field(default_factory=set)

    @property
    def method_names(self) -> list[str]:
        """Names of all that is compared, in the order of the tables."""
        names = [method.name for method in self.methods]
        return names if self.gate is None else [*names, CHOSEN_BY_GATE]

    def provenance(self, random_state: Any, splits: Sequence[Split]) -> Provenance:
        """Data and settings, and the splits that are to be done, for a page."""
        return Provenance.of(
            self.X,
            self.y,
            self.estimators,
            scoring=self.scoring,
            splits=splits,
            gan=self.gan,
            sampling_strategy=self.sampling_strategy,
            n_steps=network_steps(self.gan),
            random_state=random_state,
        )

    def obstacles(self, splits: Sequence[Split]) -> dict[tuple[str, str], str]:
        """Reasons why methods are not used on every split, by classifier and method."""
        n_smallest = []
        for train, _ in splits:
            y = self.y[train]
            sizes = class_counts(y)
            n_smallest += [sizes[label] for label in rows_to_add(self.sampling_strategy, y)]
        reasons = {
            (name, method.name): method.obstacle(estimator, self.X, min(n_smallest))
            for method in self.methods
            for name, estimator in self.estimators.items()
            if not method.replaces_classifier
        }
        return {key: f"not used: {reason}" for key, reason in reasons.items() if reason}

    def units(self, split: Split, side_by_side: bool = True) -> dict[str, int]:
        """Units of each kind of which a split's work consists, about.

        Models that train side by side take as long as fewer; ``side_by_side=False`` counts all.
        """
        y = self.y[split[0]]
        sizes = class_counts(y)
        enlarged = [sizes[label] for label in rows_to_add(self.sampling_strategy, y)]
        model = default_model(self.X) if self.gan is None else self.gan
        together = side_by_side and are_tables([model])
        n_folds = 0 if self.gate is None else count_folds(self.gan, self.X, enlarged, self.gate)
        obstacles = self.obstacles([split])
        return units_of_split(self.methods, [*self.estimators], obstacles, n_folds, together)

    def score_split(
        self,
        split: Split,
        seed: int,
        log: SplitLog,
        keep_model: bool = False,
    ) -> tuple[list[Record], HeldOutModel | None]:
        """Scores of all methods and classifiers on one split, and its model where it is kept.

        A method that fails has an "error" in the place of a score, and the others their scores.

        Parameters
        ----------
        split : (train, test)
            Row numbers.
        seed : int
            Seed of everything random.
        log : SplitLog
            Log of what it does, and how long that took.
        keep_model : bool, default=False
            True returns the fitted model, beside the test rows.
        """
        trial = SplitTrial(self, split, seed, log)
        order = self.method_names.index
        records = sorted(trial.score_methods(), key=lambda record: order(record["method"]))
        if self.gate is not None:
            records += trial.gate_records(self.gate)
        if not keep_model:
            return records, None
        # of a model that failed there is nothing to show
        model = trial.model if is_fitted(trial.model) else None
        return records, HeldOutModel.of(model, *trial.test)


def score_splits(
    comparison: Comparison,
    splits: Sequence[Split],
    seeds: Sequence[int],
    keep_model: bool,
    n_jobs: int | None,
    verbose: int,
) -> tuple[list[Record], HeldOutModel | None]:
    """Records of all splits, and the model of the first where it is kept."""
    records: list[Record] = []
    first = None
    n_done = 0
    n_at_once = min(len(splits), effective_n_jobs(n_jobs))
    units = [comparison.units(split) if verbose else {} for split in splits]
    workload = Workload(units, n_at_once)
    if verbose:
        ahead = comparison.units(splits[0], side_by_side=False)
        say(ahead_of_comparison(len(splits), ahead), verbose)
    unread = nullcontext(ProgressLog(None, workload))
    with (
        ProgressLog.open(workload) if verbose else unread as log,
        progress(len(splits), "comparison", "split", verbose, watch=log.tell) as on_splits,
    ):
        calls = [
            partial(
                comparison.score_split,
                split,
                seed,
                log.of_split(number),
                keep_model and number == 0,
            )
            for number, (split, seed) in enumerate(zip(splits, seeds, strict=True))
        ]
        try:
            for scores, model in results_in_order(calls, n_jobs):
                records += [{"split": n_done, **score} for score in scores]
                check_scored(records)
                first = first or model
                log.finish(n_done, on_splits)
                n_done += 1
                on_splits(1)
        except KeyboardInterrupt:
            if not records:
                raise
            warn_caller(
                f"the comparison was interrupted: {n_done} of {len(splits)} splits are done, and "
                "the table is of these."
            )
    return records, first


def check_comparison(
    comparison: Comparison, splits: Sequence[Split], references: Sequence[str]
) -> None:
    """Refuse, before any training, what would fail or say nothing after it."""
    _check_estimators(comparison.estimators, comparison.scoring)
    if comparison.gate not in (None, *N_REPEATS):
        raise ValueError(f"gate must be one of {[*N_REPEATS, None]}, got {comparison.gate!r}.")
    known = comparison.method_names
    unknown = sorted(set(references) - set(known))
    if unknown:
        raise ValueError(f"reference names unknown methods {unknown}; known: {known}.")
    for train, _ in splits:
        trained = np.unique(comparison.y[train]).tolist()
        if len(trained) < 2:
            raise ValueError(
                f"the training part of a split holds the class {trained[0]!r} alone: the other "
                "has too few rows for such splits. It needs 2 at least."
            )
        if not rows_to_add(comparison.sampling_strategy, comparison.y[train]):
            raise ValueError(
                "sampling_strategy adds no rows to the training part of a split, so there is "
                "nothing to compare. To enlarge balanced data, use for instance "
                "sampling_strategy=multiply(2.0), --multiply 2 of a command."
            )
    train, _ = splits[0]
    X = take_rows(comparison.X, train)
    y = comparison.y[train]
    labels = [*rows_to_add(comparison.sampling_strategy, y)]
    check_model(comparison.gan, X, y, labels, comparison.unlabeled)
    for name, estimator in comparison.estimators.items():
        check_fit(Fit(weight_name(estimator)), name, estimator, X, y)


def _check_estimators(estimators: Mapping[str, Any], scoring: Any) -> None:
    if not estimators:
        raise ValueError("estimator is an empty dict: name at least one classifier.")
    if MEAN in estimators and len(estimators) > 1:
        raise ValueError('"mean" names the average over classifiers; call this one otherwise.')
    for name, classifier in estimators.items():
        if not hasattr(classifier, "predict"):
            raise ValueError(f"{name!r} is no classifier: {classifier!r}.")
    if not (scoring is None or isinstance(scoring, str) or callable(scoring)):
        raise ValueError(f"scoring must be a name, a callable or None, got {scoring!r}.")
    for estimator in estimators.values():
        score_of(scoring, estimator)
