"""Does augmentation help this classifier on these data, and more than simple methods do."""

import os
import time
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import RepeatedStratifiedKFold, check_cv

from ganaug.encoding.rows import take_rows
from ganaug.evaluation.fitting import Fit, weight_name
from ganaug.evaluation.gate import N_REPEATS, judge, left_out, unfitted
from ganaug.evaluation.scores import score_of
from ganaug.evaluation.sources import (
    GAN,
    GATED,
    LIGHT,
    MARGINALS,
    MOVED,
    NONE,
    OF_GAN,
    SIMPLE,
    augmented,
    mixed,
    sources_for,
    weight_of,
)
from ganaug.evaluation.statistics import left_out_per_training_row
from ganaug.evaluation.summary import MEAN, summary, with_means
from ganaug.models.held_out import HeldOutModel
from ganaug.progress import progress
from ganaug.randomness import SEED_LIMIT, check_seed
from ganaug.resampling import array_checks, input_tags, prepared
from ganaug.sampler import GANOverSampler
from ganaug.storage.atomic import atomic_write
from ganaug.strategy import class_counts, rows_to_add
from ganaug.validation import check_samples_and_labels

Split = tuple[np.ndarray, np.ndarray]
Counts = dict[Hashable, int]
Data = tuple[Any, np.ndarray]


def compare(
    estimator: BaseEstimator | Mapping[str, BaseEstimator],
    X: Any,
    y: Any,
    *,
    gan: Any = None,
    methods: Mapping[str, Any] | None = None,
    sampling_strategy: Any = "auto",
    gate: str | None = "fast",
    cv: Any = None,
    scoring: Any = "balanced_accuracy",
    reference: str | Sequence[str] = NONE,
    random_state: int | np.random.RandomState | None = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    return_scores: bool = False,
    report: str | os.PathLike | None = None,
):
    """Compare a GAN's augmentation with simple methods, on held-out real rows.

    Every method sees the same training rows, adds the same number of synthetic
    rows to the same classes, and is judged on the same real test rows:

    ================  ==========================================================
    none              the training rows as they are
    class weights     no added rows, ``class_weight="balanced"``
    copies            random rows, repeated
    copies + noise    the same, blurred (a smoothed bootstrap)
    SMOTE             points between neighbouring rows
    SMOTE + noise     the same, blurred
    marginals         each column from another row of the class; of tables
    moved copies      images shifted, turned and scaled, as ``gan`` may; of images
    GAN               ``GANOverSampler(gan)``
    GAN, light        the same rows, each of a quarter of a real one's weight
    gated             ``AugmentedClassifier(estimator, gan=gan)``: what its gate
                      chooses for the training rows by the same ``scoring``
    ================  ==========================================================

    SMOTE and the blurred methods work on standardised columns. Nothing is
    resampled before a split, so no test row influences training; unless ``gan`` is
    frozen and was fitted on it.

    Parameters
    ----------
    estimator : classifier, or dict of name to classifier
        Anything with ``fit`` and ``predict`` that scikit-learn can clone: a network
        of torch in skorch's ``NeuralNetClassifier``, for instance. With several, each
        split is augmented once for all of them, and rows named "mean" average over
        them.
    X : (n, ...) array, CSR or CSC matrix, or DataFrame
        Rows or images that classifiers and ``gan`` take. With gaps or other columns
        than numbers the methods that blur and mix cannot be used.
    y : (n,) array
        At least two classes.
    gan : model, default=None
        As in ``GANOverSampler``.
    methods : dict of name to sampler or model, default=None
        Further methods: whatever has ``fit_resample`` and a parameter
        ``sampling_strategy``, or ``fit(X, y)`` and ``sample({label: n})``.
    sampling_strategy : float, str, dict or callable, default="auto"
        As in ``GANOverSampler``, applied to each training part.
    gate : {"fast", "thorough"} or None, default="fast"
        Effort of "gated", as in ``AugmentedClassifier``; it multiplies the time of
        training. None leaves that method out, as does a frozen ``gan``.
    cv : int, splitter or iterable of (train, test), default=None
        None takes five folds, repeated twice.
    scoring : str, callable or None, default="balanced_accuracy"
        A scorer as in scikit-learn, higher is better; None is the average precision of
        each class against the others, averaged.
    reference : str or list of str, default="none"
        Methods that the others are paired with.
    random_state : int, RandomState instance or None, default=None
        Seeds splits and methods.
    n_jobs : int or None, default=None
        Splits at a time, by joblib.
    verbose : int, default=0
        1 shows a progress bar over the splits.
    return_scores : bool, default=False
        Return the scores of every split too.
    report : path or None, default=None
        HTML page to write, with the gains, what the gate chose, samples beside the
        real rows that they resemble most, their quality, and what it all cost.

    Returns
    -------
    DataFrame
        One row per classifier, method and reference: ``mean`` and ``sd`` of the
        score over splits; ``gain`` over the reference with its 95 % interval
        ``low`` to ``high``, paired by split (widened for cross-validation folds,
        whose training sets overlap); ``wins`` and ``losses`` among the splits;
        ``seconds`` of augmentation per split. NaN where a method cannot be used:
        no ``class_weight``, no weights of rows, a class too small for SMOTE, or columns
        that it does not take.
    DataFrame
        Only with ``return_scores=True``: one row per split, classifier and method;
        ``chosen`` names what the gate chose.

    Raises
    ------
    ValueError
        For bad rows, strategies, methods or references, before any training.
    OSError
        If the report cannot be written, before any training.

    References
    ----------
    Nadeau and Bengio, "Inference for the generalization error", Machine Learning
    2003.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from ganaug import TableGAN, compare
    >>> X, y = load_wine(return_X_y=True)
    >>> table = compare(DecisionTreeClassifier(random_state=0), X, y, cv=3,
    ...                 gan=TableGAN(n_steps=20), random_state=0)
    >>> table[["method", "mean", "gain"]].shape
    (10, 3)
    """
    samplers = {GAN: GANOverSampler(gan), **_samplers(methods or {})}
    X, y = check_samples_and_labels(GANOverSampler(gan), X, y, **array_checks(input_tags(gan)))
    several = isinstance(estimator, Mapping)
    task = _Task(
        estimators=estimator if several else {type(estimator).__name__: estimator},
        X=X,
        y=y,
        samplers=samplers,
        sampling_strategy=sampling_strategy,
        gate=None if isinstance(gan, FrozenEstimator) else gate,
        scoring=scoring,
    )
    references = [reference] if isinstance(reference, str) else list(reference)
    rng = check_seed(random_state)
    splits = _splits(cv, X, y, rng)
    _check(task, splits, references)
    seeds = rng.randint(SEED_LIMIT, size=len(splits)).tolist()
    with nullcontext() if report is None else atomic_write(report) as page:
        records, examined = _run(task, splits, seeds, page is not None, n_jobs, verbose)
        scores = with_means(pd.DataFrame(records))
        test_ratio = left_out_per_training_row(splits, len(y))
        if page is not None and examined is not None:
            # matplotlib takes a while to load
            from ganaug.evaluation.pages import write_comparison

            write_comparison(page, scores, task.methods, test_ratio, scoring, examined)
    table = summary(scores, task.methods, references, test_ratio)
    return (table, scores) if return_scores else table


@dataclass(frozen=True)
class _Task:
    estimators: Mapping[str, BaseEstimator]
    X: Any
    y: np.ndarray
    samplers: Mapping[str, Any]
    sampling_strategy: Any
    gate: str | None
    scoring: Any

    @property
    def gan(self) -> Any:
        return self.samplers[GAN].gan

    @property
    def methods(self) -> list[str]:
        """All that are compared, in the order of the tables."""
        special = mixed(self.X, _model(self.gan, self.X, 0))
        simple = [one for one in SIMPLE if one not in (MARGINALS, MOVED) or one in special]
        others = [name for name in self.samplers if name != GAN]
        return [*simple, GAN, LIGHT, *others, *([] if self.gate is None else [GATED])]


@dataclass(frozen=True)
class _Rows:
    """Training rows as a method leaves them, and the seconds that it took."""

    data: Data
    seconds: float


def _model(gan: Any, X: Any, seed: int) -> Any:
    """An unfitted model for such rows."""
    return prepared(gan, X, np.random.RandomState(seed))


def _samplers(methods: Mapping[str, Any]) -> dict[str, Any]:
    """Samplers of the caller's methods, models wrapped into one."""
    taken = sorted({*SIMPLE, *OF_GAN, GATED} & set(methods))
    if taken:
        raise ValueError(f"methods uses names that are taken: {taken}.")
    return {
        name: method if hasattr(method, "fit_resample") else GANOverSampler(method)
        for name, method in methods.items()
    }


def _splits(cv: Any, X: Any, y: np.ndarray, rng: np.random.RandomState) -> list[Split]:
    if cv is None:
        cv = RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=rng.randint(SEED_LIMIT))
    splits = check_cv(cv, y, classifier=True).split(X, y)
    # masks are as good as numbers
    return [tuple(np.arange(len(y))[part] for part in split) for split in splits]


def _check(task: _Task, splits: list[Split], references: list[str]) -> None:
    """Refuse, before any training, what would fail or say nothing after it."""
    _check_estimators(task.estimators, task.scoring)
    _check_samplers(task.samplers)
    if task.gate not in (None, *N_REPEATS):
        raise ValueError(f"gate must be one of {[*N_REPEATS, None]}, got {task.gate!r}.")
    unknown = sorted(set(references) - set(task.methods))
    if unknown:
        raise ValueError(f"reference names unknown methods {unknown}; known: {task.methods}.")
    for train, _ in splits:
        if not rows_to_add(task.sampling_strategy, task.y[train]):
            raise ValueError(
                "sampling_strategy adds no rows to the training part of a split, so there is "
                "nothing to compare. To enlarge balanced data, use for instance "
                "sampling_strategy=multiply(2.0)."
            )


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


def _check_samplers(samplers: Mapping[str, Any]) -> None:
    for name, sampler in samplers.items():
        inner = getattr(sampler, "gan", None)
        if not hasattr(sampler, "fit_resample") or not (inner is None or hasattr(inner, "sample")):
            raise ValueError(f"{name!r} is neither a sampler nor a model: {sampler!r}.")
        try:
            _aimed(sampler, {}, {}, 0)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{name!r} is no sampler that can be cloned and be told by sampling_strategy how "
                f"many rows to add: {error}"
            ) from error


def _run(
    task: _Task,
    splits: list[Split],
    seeds: list[int],
    examine: bool,
    n_jobs: int | None,
    verbose: int,
) -> tuple[list[dict[str, Any]], HeldOutModel | None]:
    """Records of all splits, and the model of the first where it is to be examined."""
    jobs = (
        delayed(_score_split)(task, split, seed, examine and number == 0)
        for number, (split, seed) in enumerate(zip(splits, seeds, strict=True))
    )
    records, first = [], None
    with progress(len(splits), "compare", "split", verbose) as on_splits:
        for number, (part, examined) in enumerate(Parallel(n_jobs, return_as="generator")(jobs)):
            records += [{"split": number, **record} for record in part]
            first = first or examined
            on_splits(1)
    return records, first


def _score_split(
    task: _Task, split: Split, seed: int, examine: bool
) -> tuple[list[dict[str, Any]], HeldOutModel | None]:
    """Scores of all methods and classifiers on one split, and its model to be examined."""
    train, test = split
    X, y = take_rows(task.X, train), task.y[train]
    held_out = take_rows(task.X, test), task.y[test]
    counts, sizes = rows_to_add(task.sampling_strategy, y), class_counts(y)
    least, model = min(sizes[label] for label in counts), _model(task.gan, X, seed)
    able = {
        name: {*sources_for(estimator, X, least, model), *task.samplers}
        for name, estimator in task.estimators.items()
    }
    records: list[dict[str, Any]] = []
    drawn: dict[str, _Rows] = {}

    def score(name: str, method: str, classifier: Any, rows: _Rows, **more: Any) -> None:
        fit = Fit(weight_name(classifier), 1.0, {})
        factor = weight_of(more.get("chosen", method))
        fitted = fit(classifier, *rows.data, np.arange(len(y)), factor)
        found = score_of(task.scoring, fitted)(fitted, *held_out)
        what = {"estimator": name, "method": method, "score": found, "seconds": rows.seconds}
        records.append({**what, **more})

    for method in task.methods:
        takers = [name for name, methods in able.items() if method in methods]
        if not takers:
            continue
        if method == LIGHT:
            drawn[LIGHT] = drawn[GAN]
        else:
            start = time.perf_counter()
            data, model = _augmented(task, method, (X, y), counts, model, seed)
            drawn[method] = _Rows(data, time.perf_counter() - start)
        for name in takers:
            score(name, method, unfitted(method, task.estimators[name]), drawn[method])
    if task.gate is not None:
        for name, classifier, rows, chosen in _gated(task, (X, y), counts, drawn, model, seed):
            score(name, GATED, classifier, rows, chosen=chosen)
    return records, HeldOutModel.of(model, *held_out) if examine else None


def _augmented(
    task: _Task, method: str, own: Data, counts: Counts, model: Any, seed: int
) -> tuple[Data, Any]:
    """Rows as a method leaves them; and the model, fitted where that is what the method does."""
    if method not in task.samplers:
        return augmented(method, *own, counts, model, np.random.RandomState(seed)), model
    sampler = _aimed(task.samplers[method], counts, class_counts(own[1]), seed)
    data = sampler.fit_resample(*own)
    return data, sampler.gan_ if method == GAN else model


def _aimed(sampler: Any, counts: Counts, sizes: Counts, seed: int) -> Any:
    """A sampler that adds such numbers of rows."""
    wanted = {label: sizes[label] + n_rows for label, n_rows in counts.items()}
    aimed = clone(sampler).set_params(sampling_strategy=wanted)
    return aimed.set_params(random_state=seed) if "random_state" in aimed.get_params() else aimed


def _gated(
    task: _Task, own: Data, counts: Counts, drawn: dict[str, _Rows], model: Any, seed: int
) -> Iterator[tuple[str, Any, _Rows, str]]:
    """For each classifier: it, unfitted, the rows that the gate chooses for it, and their name."""
    rng = np.random.RandomState(seed)
    parts = left_out(task.gan, *own, list(counts), rng, task.gate or "fast")
    for name, estimator in task.estimators.items():
        score = score_of(task.scoring, estimator)
        judgement = judge(estimator, *own, counts, parts, rng, score)
        chosen, seconds = judgement.chosen, sum(judgement.seconds.values())
        if chosen in OF_GAN:
            seconds += drawn[GAN].seconds
        known = drawn.get(chosen)
        data = known.data if known else augmented(chosen, *own, counts, model, rng)
        yield name, unfitted(chosen, estimator), _Rows(data, seconds), chosen
