"""Does augmentation help this classifier on these data, and more than simple methods do."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, clone
from sklearn.metrics import get_scorer
from sklearn.model_selection import RepeatedStratifiedKFold, check_cv
from sklearn.utils import check_X_y

from ganaug.encoding.rows import take_rows
from ganaug.evaluation.candidates import SIMPLE, simple_samplers, with_class_weights
from ganaug.evaluation.statistics import paired_interval
from ganaug.models.seeds import SEED_LIMIT, own_random_state
from ganaug.progress import progress
from ganaug.sampler import GANOverSampler
from ganaug.sampling import class_counts, rows_to_add

Split = tuple[np.ndarray, np.ndarray]

# Methods that add no rows, and what they make of a classifier.
BEFORE = {"none": clone, "class weights": with_class_weights}


def compare(
    estimator: BaseEstimator | Mapping[str, BaseEstimator],
    X: Any,
    y: Any,
    *,
    gan: Any = None,
    methods: Mapping[str, Any] | None = None,
    sampling_strategy: Any = "auto",
    cv: Any = None,
    scoring: str = "balanced_accuracy",
    reference: str | Sequence[str] = "none",
    random_state: int | np.random.RandomState | None = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    return_scores: bool = False,
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
    GAN               ``GANOverSampler(gan)``
    ================  ==========================================================

    SMOTE and the blurred methods work on standardised columns. Nothing is
    resampled before a split, so no test row influences training; unless ``gan`` is
    frozen and was fitted on it.

    Parameters
    ----------
    estimator : classifier, or dict of name to classifier
        With several, each split is augmented once for all of them, and rows named
        "mean" average over them.
    X : (n, features) array or DataFrame
        Finite numbers.
    y : (n,) array
        At least two classes.
    gan : model, default=None
        As in ``GANOverSampler``.
    methods : dict of name to sampler or model, default=None
        Further methods: whatever has ``fit_resample`` and a parameter
        ``sampling_strategy``, or ``fit(X, y)`` and ``sample({label: n})``.
    sampling_strategy : float, str, dict or callable, default="auto"
        As in ``GANOverSampler``, applied to each training part.
    cv : int, splitter or iterable of (train, test), default=None
        None takes five folds, repeated twice.
    scoring : str, default="balanced_accuracy"
        A scikit-learn scorer's name; higher is better.
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

    Returns
    -------
    DataFrame
        One row per classifier, method and reference: ``mean`` and ``sd`` of the
        score over splits; ``gain`` over the reference with its 95 % interval
        ``low`` to ``high``, paired by split (widened for cross-validation folds,
        whose training sets overlap); ``wins`` and ``losses`` among the splits;
        ``seconds`` of augmentation per split. NaN where a method cannot be used:
        no ``class_weight``, or a class too small for SMOTE.
    DataFrame
        Only with ``return_scores=True``: one row per split, classifier and method.

    Raises
    ------
    ValueError
        For bad rows, strategies, methods or references, before any training.

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
    (7, 3)
    """
    _check_numeric(X)
    array, y = check_X_y(X, y)
    rng = own_random_state(random_state)
    task = _Task(
        estimators=estimator if isinstance(estimator, Mapping) else {_name(estimator): estimator},
        X=X if isinstance(X, pd.DataFrame) else array,
        y=y,
        samplers={"GAN": GANOverSampler(gan), **_samplers(methods or {})},
        sampling_strategy=sampling_strategy,
        scorer=get_scorer(scoring),
    )
    references = [reference] if isinstance(reference, str) else list(reference)
    splits = _splits(cv, array, y, rng)
    _check(task, splits, references)
    seeds = rng.randint(SEED_LIMIT, size=len(splits)).tolist()
    jobs = (
        delayed(_score_split)(task, split, seed) for split, seed in zip(splits, seeds, strict=True)
    )
    done = Parallel(n_jobs=n_jobs, return_as="generator")(jobs)
    records = []
    with progress(len(splits), "compare", "split", verbose) as on_splits:
        for number, part in enumerate(done):
            records += [{"split": number, **record} for record in part]
            on_splits(1)
    scores = _with_means(pd.DataFrame(records), list(task.estimators))
    table = _summary(scores, _methods(task), references, _test_ratio(splits, len(y)))
    return (table, scores) if return_scores else table


@dataclass(frozen=True)
class _Task:
    estimators: Mapping[str, BaseEstimator]
    X: Any
    y: np.ndarray
    samplers: Mapping[str, Any]
    sampling_strategy: Any
    scorer: Any


def _name(estimator: BaseEstimator) -> str:
    return type(estimator).__name__


def _samplers(methods: Mapping[str, Any]) -> dict[str, Any]:
    """Samplers of the caller's methods, models wrapped into one."""
    taken = sorted({*BEFORE, *SIMPLE, "GAN"} & set(methods))
    if taken:
        raise ValueError(f"methods uses names that are taken: {taken}.")
    return {
        name: method if hasattr(method, "fit_resample") else GANOverSampler(method)
        for name, method in methods.items()
    }


def _methods(task: _Task) -> list[str]:
    return [*BEFORE, *SIMPLE, *task.samplers]


def _splits(cv: Any, X: np.ndarray, y: np.ndarray, rng: np.random.RandomState) -> list[Split]:
    if cv is None:
        cv = RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=rng.randint(SEED_LIMIT))
    return list(check_cv(cv, y, classifier=True).split(X, y))


def _check(task: _Task, splits: list[Split], references: list[str]) -> None:
    """Refuse, before any training, what would fail or say nothing after it."""
    if not task.estimators:
        raise ValueError("estimator is an empty dict: name at least one classifier.")
    if "mean" in task.estimators and len(task.estimators) > 1:
        raise ValueError('"mean" names the average over classifiers; call this one otherwise.')
    for name, part in {**task.estimators, **task.samplers}.items():
        needed = "predict" if name in task.estimators else "fit_resample"
        inner = getattr(part, "gan", None)
        if not hasattr(part, needed) or not (inner is None or hasattr(inner, "sample")):
            raise ValueError(
                f"{name!r} is neither a classifier, nor a sampler or model to compare: {part!r}."
            )
    unknown = sorted(set(references) - set(_methods(task)))
    if unknown:
        raise ValueError(f"reference names unknown methods {unknown}; known: {_methods(task)}.")
    for train, _ in splits:
        if not rows_to_add(task.sampling_strategy, task.y[train]):
            raise ValueError(
                "sampling_strategy adds no rows to the training part of a split, so there is "
                "nothing to compare. To enlarge balanced data, use for instance "
                "sampling_strategy=multiply(2.0)."
            )


def _score_split(task: _Task, split: Split, seed: int) -> list[dict[str, Any]]:
    """Score all methods and classifiers on one split."""
    train, test = split
    real = take_rows(task.X, train), task.y[train]
    trials = [(name, real, 0.0, prepare) for name, prepare in BEFORE.items()]
    counts, present = rows_to_add(task.sampling_strategy, real[1]), class_counts(real[1])
    wanted = {label: present[label] + n_rows for label, n_rows in counts.items()}
    simple = simple_samplers({label: present[label] for label in counts})
    for name, sampler in {**simple, **task.samplers}.items():
        start = time.perf_counter()
        aimed = clone(sampler).set_params(sampling_strategy=wanted)
        if "random_state" in aimed.get_params():
            aimed.set_params(random_state=seed)
        rows = aimed.fit_resample(*real)
        trials.append((name, rows, time.perf_counter() - start, clone))
    records = []
    for method, rows, seconds, prepare in trials:
        for name, estimator in task.estimators.items():
            model = prepare(estimator)
            if model is not None:
                score = task.scorer(model.fit(*rows), take_rows(task.X, test), task.y[test])
                record = {"estimator": name, "method": method, "score": score, "seconds": seconds}
                records.append(record)
    return records


def _with_means(scores: pd.DataFrame, estimators: list[str]) -> pd.DataFrame:
    """Add the mean over classifiers, for the methods that all of them can use."""
    if len(estimators) == 1:
        return scores
    by_method = scores.groupby(["split", "method"], sort=False)
    means = by_method.agg(
        score=("score", "mean"), seconds=("seconds", "first"), n=("score", "size")
    ).reset_index()
    means = means[means.pop("n") == len(estimators)].assign(estimator="mean")
    return pd.concat([scores, means], ignore_index=True)


def _test_ratio(splits: list[Split], n_rows: int) -> float:
    """Test rows per training row, where each split divides all rows between the two; else 0."""
    divided = all(len(train) + len(test) == n_rows for train, test in splits)
    return float(np.mean([len(test) / len(train) for train, test in splits])) if divided else 0.0


def _summary(
    scores: pd.DataFrame, methods: list[str], references: list[str], test_ratio: float
) -> pd.DataFrame:
    """One row per classifier, method and reference."""
    rows = []
    for estimator in scores["estimator"].unique():
        own = scores[scores["estimator"] == estimator]
        by_split = own.pivot(index="split", columns="method", values="score")
        by_split = by_split.reindex(columns=methods)
        seconds = own.groupby("method")["seconds"].mean().reindex(methods)
        for reference in references:
            for method in methods:
                differences = (by_split[method] - by_split[reference]).dropna().to_numpy()
                low, high = paired_interval(differences, test_ratio)
                rows.append(
                    {
                        "estimator": estimator,
                        "method": method,
                        "mean": by_split[method].mean(),
                        "sd": by_split[method].std(),
                        "reference": reference,
                        "gain": differences.mean() if len(differences) else np.nan,
                        "low": low,
                        "high": high,
                        "wins": int((differences > 0).sum()),
                        "losses": int((differences < 0).sum()),
                        "seconds": seconds[method],
                    }
                )
    return pd.DataFrame(rows)


def _check_numeric(X: object) -> None:
    """Refuse columns that the simple methods cannot mix, by name; of arrays, by position."""
    if isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype.kind in "OUS":
        table = pd.DataFrame(X).infer_objects()
        # what is left as objects holds no strings alone: scikit-learn has words for it
        X = table.loc[:, [dtype.kind != "O" or dtype.name == "str" for dtype in table.dtypes]]
    if not isinstance(X, pd.DataFrame):
        return
    others = {
        name: dtype
        for name, dtype in X.dtypes.items()
        if not pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
    }
    if others:
        named = ", ".join(f"{name!r} ({dtype})" for name, dtype in list(others.items())[:5])
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        raise ValueError(
            f"compare takes columns of numbers (float, int, bool). Not supported: {named}{more}. "
            "Encode them first, for instance with sklearn.preprocessing.OneHotEncoder, or leave "
            "them out."
        )
