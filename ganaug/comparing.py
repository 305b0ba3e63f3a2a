"""The honest comparison of augmentation with simple methods, on held-out real rows."""

import os
import time
from collections.abc import Hashable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, Literal, TypeAlias, TypedDict, Unpack, overload

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from ganaug.discriminator_classifier import DiscriminatorClassifier
from ganaug.evaluation.added_rows import Counts, Rows
from ganaug.evaluation.comparison import Comparison, check_comparison, score_splits
from ganaug.evaluation.failures import failure_notes, warn_of_failures
from ganaug.evaluation.fine_tuned import network_steps
from ganaug.evaluation.gain_tables import ComparisonTable
from ganaug.evaluation.method import Method
from ganaug.evaluation.methods import (
    CHOSEN_BY_GATE,
    COMPARED,
    GAN,
    LINEAR_ON_FEATURES,
    NETWORK,
    NETWORK_FROM_DISCRIMINATOR,
    REPLACEMENTS,
    SELF_TRAINED,
)
from ganaug.evaluation.splits import splits_of
from ganaug.evaluation.statistics import left_out_per_training_row
from ganaug.evaluation.summary import summary, with_means
from ganaug.evaluation.verdict import verdict
from ganaug.models.image import ImageGAN
from ganaug.models.protocol import Model, inner_model, is_image_model
from ganaug.network_features import NetworkFeatures
from ganaug.progress import clock, progress
from ganaug.randomness import SEED_LIMIT, check_seed
from ganaug.resampling import array_checks, clone_seeded, drop_callback, input_tags, take_apart
from ganaug.sampler import GANOverSampler
from ganaug.storage.atomic import atomic_write
from ganaug.strategy import class_counts
from ganaug.unlabeled import UnlabeledRows
from ganaug.validation import check_samples_and_labels

# Of logistic regression on features about 1 in size: best from 0.003 to 0.03, with 20 and with 100
# photographs of each class.
LINEAR_C = 0.01
LINEAR_MAX_ITER = 1000


class _Options(TypedDict, total=False):
    """Keywords of ``compare`` that do not change what it returns."""

    gan: Model | None
    methods: Mapping[str, Any] | None
    sampling_strategy: Any
    unlabeled_label: Hashable
    gate: str | None
    cv: Any
    scoring: Any
    reference: str | Sequence[str]
    random_state: int | np.random.RandomState | None
    n_jobs: int | None
    verbose: int
    report: str | os.PathLike | None
    data_name: str | None


Estimators: TypeAlias = BaseEstimator | Mapping[str, BaseEstimator]


@overload
def compare(
    estimator: Estimators,
    X: Any,
    y: Any,
    *,
    return_scores: Literal[False] = False,
    **options: Unpack[_Options],
) -> ComparisonTable: ...


@overload
def compare(
    estimator: Estimators,
    X: Any,
    y: Any,
    *,
    return_scores: Literal[True],
    **options: Unpack[_Options],
) -> tuple[ComparisonTable, pd.DataFrame]: ...


def compare(
    estimator: Estimators,
    X: Any,
    y: Any,
    *,
    gan: Model | None = None,
    methods: Mapping[str, Any] | None = None,
    sampling_strategy: Any = "auto",
    unlabeled_label: Hashable = None,
    gate: str | None = "fast",
    cv: Any = None,
    scoring: Any = "balanced_accuracy",
    reference: str | Sequence[str] = "none",
    random_state: int | np.random.RandomState | None = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    return_scores: bool = False,
    report: str | os.PathLike | None = None,
    data_name: str | None = None,
) -> ComparisonTable | tuple[ComparisonTable, pd.DataFrame]:
    """Compare a GAN's augmentation with simple methods, on held-out real rows.

    Every method sees the same training rows, adds the same number of synthetic
    rows to the same classes, and is judged on the same real test rows:

    ======================  ====================================================
    none                    the training rows as they are
    moved thresholds        no added rows; probabilities against the classes' shares
    class weights           no added rows, ``class_weight="balanced"``
    copies                  random rows, repeated
    copies weighted 1/4     the same, each of a quarter of a real row's weight
    copies + noise          the same, with noise on numbers (a smoothed bootstrap)
    SMOTE                   points between neighbouring rows; SMOTENC or SMOTEN where
                            there are levels
    SMOTE + noise           the same, with noise on numbers
    shuffled columns        each column from another row of the class; of tables
    moved copies            images shifted, turned and scaled, as ``gan`` may; of
                            images
    jitter                  copies with a little noise in every step; of sequences
    scaling                 copies, each channel times a factor; of sequences
    magnitude warping       copies times a smooth curve; of sequences
    time warping            copies, passed at a speed that changes smoothly; of
                            sequences
    window warping          copies, of which a tenth is passed faster or slower; of
                            sequences
    GAN                     ``GANOverSampler(gan)``
    GAN weighted 1/4        the same rows, each of a quarter of a real one's weight
    self-training           unlabelled rows, where there are some, labelled by the
                            classifier where it is sure, as in scikit-learn's
                            ``SelfTrainingClassifier``
    self-training + GAN     the same, and rows of a GAN that was trained on all
    small network           ``DiscriminatorClassifier(gan, pretrained=False)`` in
                            place of ``estimator``, with ``n_steps`` of ``gan`` where
                            that is fewer and it is not frozen; of images
    small network, from     the same network, ``pretrained=True``
    the discriminator
    linear classifier on    logistic regression in place of ``estimator``, no GAN;
    features                where ``gan`` has ``features``
    chosen by the gate      ``AugmentedClassifier(estimator, gan=gan)``: what its
                            gate chooses for the training rows by the same
                            ``scoring``
    ======================  ====================================================

    SMOTE and noise work on standardised columns. Nothing is
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
        Rows or images that classifiers and ``gan`` take.
    y : (n,) array
        At least two classes.
    gan : model, default=None
        Model to train, as in ``GANOverSampler``.
    methods : dict of name to sampler or model, default=None
        Further methods: whatever has ``fit_resample`` and a parameter
        ``sampling_strategy``, or ``fit(X, y)`` and ``sample({label: n})``.
    sampling_strategy : float, str, dict or callable, default="auto"
        Classes to enlarge and to what size, as in ``GANOverSampler``; applied to each
        training part.
    unlabeled_label : label or None, default=None
        Label in ``y`` that marks rows without a class, such as -1; None makes no label
        special. They are in the training part of every split, where they teach a ``gan``
        that has this parameter and are labelled by self-training, and in no test part.
        ``cv`` divides the others; in pairs that it names itself, such rows are left out.
    gate : {"fast", "thorough"} or None, default="fast"
        Effort of the gate, as in ``AugmentedClassifier``; it multiplies the time of
        training. None leaves that method out, as does a frozen ``gan``.
    cv : int, splitter or iterable of (train, test), default=None
        None takes five folds, repeated twice. Of fewer than three splits no advice is given.
    scoring : str, callable or None, default="balanced_accuracy"
        A scorer as in scikit-learn, higher is better; None is the average precision of
        each class against the others, averaged.
    reference : str or list of str, default="none"
        Methods that the others are paired with.
    random_state : int, RandomState instance or None, default=None
        Seeds splits and methods.
    n_jobs : int or None, default=None
        Splits at a time, by joblib, on whatever backend it is set to. Scores do not depend on it.
    verbose : int, default=0
        1 shows how far the splits have come, what is done, and how long the rest takes.
    return_scores : bool, default=False
        Return the scores of every split too.
    report : path or None, default=None
        HTML page to write, replaced where there is one: the gains, what the gate chose, samples
        beside the real rows that they resemble most, their quality, and what it all cost.
    data_name : str or None, default=None
        Name of the data, for the page.

    Returns
    -------
    DataFrame
        It prints its gains and has a ``verdict``: what to do, and why, in words. One row per
        classifier, method and reference: ``mean`` and ``sd`` of the
        score over splits; ``gain`` over the reference with its 95 % interval
        ``low`` to ``high``, paired by split (widened for cross-validation folds,
        whose training sets overlap); ``wins`` and ``losses`` among the splits;
        ``seconds`` of augmentation per split (of training, where a
        method replaces the classifier); ``average_precision`` of each class against the
        others, averaged, and ``balanced_accuracy``: ranking and decisions, whatever the
        score. NaN where a method cannot be used:
        no ``class_weight``, no weights of rows, a class too small for SMOTE, or columns
        that it does not take. A method that fails, one of the caller's included, costs
        the others nothing: ``note`` says on how many splits it has no score, and its error.
    DataFrame
        Only with ``return_scores=True``: one row per split, classifier and method;
        ``chosen`` names what the gate chose, ``error`` says why there is no score.

    Raises
    ------
    ValueError
        For bad rows, strategies, methods or references, for text or gaps that a classifier does
        not take, and for rows that ``gan`` refuses, or the model that None stands for, before
        any training; where all methods fail with a classifier, after the first split.
    OSError
        If the report cannot be written, before any training.
    KeyboardInterrupt
        Where it is interrupted before one split is done. Later it warns, and returns what it
        knows of the splits that are done (as scikit-learn's ``MLPClassifier`` keeps its epochs).

    Warns
    -----
    FitFailedWarning
        For each method that has failed on some split.
    UserWarning
        Where it was interrupted.

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
    >>> table = compare(DecisionTreeClassifier(random_state=0), X, y, cv=2,
    ...                 gan=TableGAN(n_steps=20), random_state=0)
    >>> table[["method", "mean", "gain"]].shape
    (12, 3)
    """
    start = time.perf_counter()
    samplers = _samplers(methods or {})
    _check_samplers({GAN.name: GANOverSampler(gan), **samplers})
    gan = drop_callback(gan)
    X, y, unlabeled = take_apart(X, y, unlabeled_label, gan)
    X, y = check_samples_and_labels(GANOverSampler(gan), X, y, **array_checks(input_tags(gan)))
    several = isinstance(estimator, Mapping)
    comparison = Comparison(
        estimators=estimator if several else {type(estimator).__name__: estimator},
        methods=_methods(samplers, gan, X, unlabeled),
        X=X,
        y=y,
        gan=gan,
        unlabeled=unlabeled,
        sampling_strategy=sampling_strategy,
        gate=None if isinstance(gan, FrozenEstimator) else gate,
        scoring=scoring,
    )
    references = [reference] if isinstance(reference, str) else list(reference)
    rng = check_seed(random_state)
    splits = splits_of(cv, X, y, rng, unlabeled)
    with clock("comparison", verbose):
        check_comparison(comparison, splits, references)
    seeds = rng.randint(SEED_LIMIT, size=len(splits)).tolist()
    with nullcontext() if report is None else atomic_write(report) as page:
        records, model = score_splits(comparison, splits, seeds, page is not None, n_jobs, verbose)
        scores = with_means(pd.DataFrame(records))
        failures = failure_notes(scores)
        warn_of_failures(failures)
        notes = comparison.obstacles(splits) | failures
        names = comparison.method_names
        test_ratio = left_out_per_training_row(splits, len(y))
        provenance = comparison.provenance(random_state, splits)
        if page is not None and model is not None:
            # matplotlib takes a while to load
            from ganaug.evaluation.pages import write_comparison

            with progress(1, "report", "page", verbose) as on_page:
                shown = (page, scores, names, test_ratio, model, provenance)
                seconds = time.perf_counter() - start
                write_comparison(*shown, notes=notes, data_name=data_name, seconds=seconds)
                on_page(1)
    table = summary(scores, names, references, test_ratio, notes=notes)
    found = verdict(scores, names, test_ratio, *provenance.of_verdict)
    table.verdict = str(found)
    table.advised = found.method
    return (table, scores) if return_scores else table


def _samplers(methods: Mapping[str, Any]) -> dict[str, Any]:
    """Samplers of the caller's methods, models wrapped into one."""
    known = (*COMPARED, *SELF_TRAINED, *REPLACEMENTS)
    if not isinstance(methods, Mapping):
        raise TypeError(
            f"methods is a dict of over-samplers or models by name, got {methods!r}. All methods "
            "of the package are compared in any case."
        )
    taken = sorted({*(method.name for method in known), CHOSEN_BY_GATE} & set(methods))
    if taken:
        raise ValueError(f"methods uses names that are taken: {taken}.")
    return {
        name: method if hasattr(method, "fit_resample") else GANOverSampler(method)
        for name, method in methods.items()
    }


def _methods(
    samplers: Mapping[str, Any], gan: Model | None, X: Any, unlabeled: UnlabeledRows | None
) -> list[Method]:
    """Methods for such data, and those of the caller."""
    compared = COMPARED if unlabeled is None else (*COMPARED, *SELF_TRAINED)
    model = clone_seeded(gan, X, np.random.RandomState(0))
    given = [
        Method(name, "given by the caller", add_rows=partial(_add_rows_of, sampler))
        for name, sampler in samplers.items()
    ]
    known = [method for method in compared if method.takes_kind(X, model)]
    return [*known, *_networks(gan, X), *_on_features(gan, X), *given]


def _networks(gan: Model | None, X: Any) -> list[Method]:
    """The network of the model's discriminator as a classifier, from two starts."""
    model = ImageGAN() if gan is None and len(X.shape) > 2 else gan
    if not hasattr(model, "backbone"):
        return []
    starts = {NETWORK: False, NETWORK_FROM_DISCRIMINATOR: True}
    return [
        replace(method, prepare=partial(_copy_instead, _network(model, pretrained)))
        for method, pretrained in starts.items()
    ]


def _network(model: Any, pretrained: bool) -> DiscriminatorClassifier:
    """Classifier that draws all classes alike."""
    return DiscriminatorClassifier(
        model,
        pretrained=pretrained,
        sample_share=0.0,
        n_steps=network_steps(model),
        class_weight="balanced",
        random_state=0,
    )


def _on_features(gan: Model | None, X: Any) -> list[Method]:
    """Linear classifier on features, where a model of images was given a network.

    Raises
    ------
    ValueError
        For a network that gives no features of the images.
    """
    model = inner_model(gan)
    network = getattr(model, "features", None) if is_image_model(model) else None
    if not callable(network):
        return []
    features = NetworkFeatures(
        network, image_shape=model.image_shape, value_range=model.value_range
    ).fit(X)
    linear = make_pipeline(
        features,
        LogisticRegression(C=LINEAR_C, class_weight="balanced", max_iter=LINEAR_MAX_ITER),
    )
    return [replace(LINEAR_ON_FEATURES, prepare=partial(_copy_instead, linear))]


def _copy_instead(classifier: BaseEstimator, estimator: BaseEstimator) -> BaseEstimator:
    """Copy of a classifier, whatever the caller's is."""
    return clone(classifier)


def _add_rows_of(
    sampler: Any, X: Any, y: np.ndarray, counts: Counts, model: Any, rng: np.random.RandomState
) -> Rows:
    """Add rows of a sampler that the caller gave."""
    sizes = class_counts(y)
    wanted = {label: sizes[label] + n_rows for label, n_rows in counts.items()}
    return _aimed(sampler, wanted, rng).fit_resample(X, y)


def _aimed(sampler: Any, sizes: Counts, rng: np.random.RandomState) -> Any:
    """Copy of a sampler that enlarges classes to such sizes."""
    aimed = clone(sampler).set_params(sampling_strategy=sizes)
    return aimed.set_params(random_state=rng) if "random_state" in aimed.get_params() else aimed


def _check_samplers(samplers: Mapping[str, Any]) -> None:
    for name, sampler in samplers.items():
        inner = getattr(sampler, "gan", None)
        if not hasattr(sampler, "fit_resample") or not (inner is None or hasattr(inner, "sample")):
            raise ValueError(f"{name!r} is neither a sampler nor a model: {sampler!r}.")
        try:
            _aimed(sampler, {}, np.random.RandomState(0))
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{name!r} is no sampler that can be cloned and be told by sampling_strategy how "
                f"many rows to add: {error}"
            ) from error
