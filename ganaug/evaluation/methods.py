"""Methods to show classifiers more of scarce classes: all that may be done to a training set."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.over_sampling.base import BaseOverSampler
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator

from ganaug.evaluation.added_rows import (
    AddRows,
    Rows,
    add_copies,
    add_moved_copies,
    add_resampled,
    add_samples,
    add_shuffled_columns,
)
from ganaug.evaluation.scaled_over_sampler import ScaledOverSampler
from ganaug.evaluation.weights import weight_name, with_class_weights
from ganaug.models.protocol import is_image_model

# Standard deviation of the noise on copies and on points of SMOTE, in standard deviations of each
# column: the best of 0.25, 0.5, 0.75 and 1.0 for both on splits of the digits that no reported
# figure uses.
NOISE = 0.75

MAX_NEIGHBOURS = 5


def always(*arguments: Any) -> bool:
    """True for all rows and all classifiers."""
    return True


@dataclass(frozen=True)
class Method:
    """A way to augment a training set or to weight it, and the classifier that learns from it.

    Attributes
    ----------
    name : str
        Name in tables and on pages.
    description : str
        What it does, in a line that needs no other.
    add_rows : callable or None, default=None
        Function of ``added_rows``; None adds nothing.
    share : float, default=1.0
        Rows that it adds, for each one that the strategy asks for.
    weight : float, default=1.0
        Weight of an added row, against 1 of a real one.
    needs_gan : bool, default=False
        True where rows are drawn from the user's model, which is fitted before.
    self_training : bool, default=False
        True where the classifier labels rows without a class before, which then count as real
        ones of those classes.
    prepare : callable, default=sklearn.base.clone
        Makes the unfitted classifier out of the user's; None where that has no such form.
    replaces_classifier : bool, default=False
        True where the prepared classifier is the same whatever the user's is.
    weights_classes : bool, default=False
        True where all classes weigh alike in the prepared classifier.
    takes_kind : callable
        Function of rows and of a model for such rows, fitted or not: True where it is a
        method for that kind of data, tables or images.
    takes_rows : callable
        Function of rows of its kind and of the size of the smallest class to be enlarged:
        True where it can be used on them.
    takes_classifier : callable
        Function of a classifier: True where it can be used for it.

    Examples
    --------
    >>> X, y = np.array([[1.0], [2.0], [9.0]]), np.array([0, 0, 1])
    >>> X_all, y_all = COPIES.augment(X, y, {1: 1}, None, np.random.RandomState(0))
    >>> X_all.ravel().tolist(), y_all.tolist()
    ([1.0, 2.0, 9.0, 9.0], [0, 0, 1, 1])
    """

    name: str
    description: str
    add_rows: AddRows | None = None
    share: float = 1.0
    weight: float = 1.0
    needs_gan: bool = False
    self_training: bool = False
    prepare: Callable[[BaseEstimator], BaseEstimator | None] = clone
    replaces_classifier: bool = False
    weights_classes: bool = False
    takes_kind: Callable[[Any, Any], bool] = always
    takes_rows: Callable[[Any, int], bool] = always
    takes_classifier: Callable[[BaseEstimator], bool] = always

    @property
    def rows_key(self) -> tuple[AddRows | None, float, bool]:
        """Key that methods have in common which add the same rows, of other weights perhaps."""
        return self.add_rows, self.share, self.self_training

    def is_applicable(self, estimator: BaseEstimator, X: Any, n_smallest: int, model: Any) -> bool:
        """True where it can be done to rows ``X`` for a classifier.

        Parameters
        ----------
        estimator : classifier
        X : rows
        n_smallest : int
            Rows of the smallest class to be enlarged.
        model : model or None
            The user's model for such rows, fitted or not.
        """
        return (
            self.takes_classifier(estimator)
            and self.prepare(estimator) is not None
            and self.takes_kind(X, model)
            and self.takes_rows(X, n_smallest)
        )

    def augment(
        self,
        X: Any,
        y: np.ndarray,
        counts: Mapping,
        model: Any,
        rng: np.random.RandomState,
    ) -> Rows:
        """Real rows, and after them those that the method adds.

        Parameters
        ----------
        X, y : rows and their classes
        counts : dict of label to int
            Rows that the strategy asks for.
        model : model or None
            The user's model for such rows; fitted, where the method needs it.
        rng : RandomState

        Returns
        -------
        X : rows of the type of X
        y : (n + added,) array
        """
        if self.add_rows is None or not counts:
            return X, y
        added = {label: math.ceil(self.share * n) for label, n in counts.items()}
        return self.add_rows(X, y, added, model, rng)


def are_finite_numbers(X: Any, n_smallest: int) -> bool:
    """True for rows without gaps and categories, to which noise can be added.

    Examples
    --------
    >>> are_finite_numbers(np.ones((2, 1)), 1), are_finite_numbers(np.full((2, 1), np.nan), 1)
    (True, False)
    """
    if sparse.issparse(X):
        return False
    if isinstance(X, pd.DataFrame):
        # bools among them
        numeric = all(pd.api.types.is_numeric_dtype(dtype) for dtype in X.dtypes)
        return numeric and not X.isna().to_numpy().any()
    return X.dtype.kind in "biuf" and bool(np.isfinite(X).all())


def have_neighbours(X: Any, n_smallest: int) -> bool:
    """True for finite numbers of classes of two rows or more."""
    return n_smallest > 1 and are_finite_numbers(X, n_smallest)


def are_images(X: Any, model: Any) -> bool:
    """True where the model is one of images."""
    bare = model.estimator if isinstance(model, FrozenEstimator) else model
    return is_image_model(bare)


def are_table(X: Any, model: Any) -> bool:
    """True for rows with columns, which are no images to the model."""
    return not (sparse.issparse(X) or X.ndim > 2 or are_images(X, model))


def takes_weights(estimator: BaseEstimator) -> bool:
    """True for classifiers that can weigh rows."""
    return weight_name(estimator) is not None


def takes_no_weights(estimator: BaseEstimator) -> bool:
    """True for classifiers that cannot."""
    return weight_name(estimator) is None


def gives_probabilities(estimator: BaseEstimator) -> bool:
    """True for classifiers that say how sure they are."""
    return hasattr(estimator, "predict_proba")


def _copies_with_noise(n_smallest: int) -> BaseOverSampler:
    return ScaledOverSampler(RandomOverSampler(), noise=NOISE)


def _smote(n_smallest: int, noise: float = 0.0) -> BaseOverSampler:
    n_neighbours = min(MAX_NEIGHBOURS, n_smallest - 1)
    return ScaledOverSampler(SMOTE(k_neighbors=n_neighbours), noise=noise)


NONE = Method("none", "training rows as they are")

CLASS_WEIGHTS = Method(
    "class weights",
    "no added rows; the classifier weighs all classes alike",
    prepare=with_class_weights,
    weights_classes=True,
)

COPIES = Method("copies", "random rows of the class, repeated", add_rows=add_copies)

COPIES_WITH_NOISE = Method(
    "copies + noise",
    "random rows of the class with noise in every column (a smoothed bootstrap)",
    add_rows=partial(add_resampled, _copies_with_noise),
    takes_rows=are_finite_numbers,
)

SMOTE_POINTS = Method(
    "SMOTE",
    "points between a row and one of its nearest neighbours in the class",
    add_rows=partial(add_resampled, _smote),
    takes_rows=have_neighbours,
)

SMOTE_WITH_NOISE = Method(
    "SMOTE + noise",
    "points of SMOTE with noise in every column",
    add_rows=partial(add_resampled, partial(_smote, noise=NOISE)),
    takes_rows=have_neighbours,
)

SHUFFLED_COLUMNS = Method(
    "shuffled columns",
    "rows whose columns each come from another row of the class",
    add_rows=add_shuffled_columns,
    takes_kind=are_table,
)

MOVED_COPIES = Method(
    "moved copies",
    "images of the class, shifted, turned and scaled a little",
    add_rows=add_moved_copies,
    takes_kind=are_images,
)

GAN = Method("GAN", "rows drawn from one GAN per class", add_rows=add_samples, needs_gan=True)

# On ten tables it has the best mean rank by average precision, ahead of rows of full weight and of
# fewer of these.
GAN_QUARTER_WEIGHT = replace(
    GAN,
    name="GAN, rows weighted 1/4",
    description="the GAN's rows, each with a quarter of the weight of a real one",
    weight=0.25,
    takes_classifier=takes_weights,
)

# For classifiers that cannot weigh rows.
GAN_QUARTER_ROWS = replace(
    GAN,
    name="GAN, 1/4 of the rows",
    description="a quarter of the GAN's rows",
    share=0.25,
    takes_classifier=takes_no_weights,
)

# Beside the others where a model of images was given a network; ``compare`` prepares it.
LINEAR_ON_FEATURES = Method(
    "linear classifier on features",
    "no added rows and no GAN: logistic regression on the features of the network that the model "
    "was given, in place of the classifier",
    replaces_classifier=True,
)

# Beside the others where the model has a backbone; ``compare`` prepares them.
NETWORK = Method(
    "small network",
    "no added rows: the network of the GAN's discriminator, from random weights, in place of the "
    "classifier",
    replaces_classifier=True,
)
NETWORK_FROM_DISCRIMINATOR = Method(
    "small network, from the discriminator",
    "no added rows: the same network, from the weights of a discriminator that saw no labels",
    replaces_classifier=True,
)

# What puts one classifier in the place of the user's.
REPLACEMENTS = (NETWORK, NETWORK_FROM_DISCRIMINATOR, LINEAR_ON_FEATURES)

SELF_TRAINING = Method(
    "self-training",
    "rows without a class, labelled by the classifier where it is sure of them",
    self_training=True,
    takes_classifier=gives_probabilities,
)

SELF_TRAINING_GAN = replace(
    GAN,
    name="self-training + GAN",
    description="the same, and rows of a GAN that was trained on all of them",
    self_training=True,
    takes_classifier=gives_probabilities,
)

# What is compared and chosen from besides, where there are rows without a class.
SELF_TRAINED = (SELF_TRAINING, SELF_TRAINING_GAN)

# What ``compare`` compares, in the order of its tables.
COMPARED = (
    NONE,
    CLASS_WEIGHTS,
    COPIES,
    COPIES_WITH_NOISE,
    SMOTE_POINTS,
    SMOTE_WITH_NOISE,
    SHUFFLED_COLUMNS,
    MOVED_COPIES,
    GAN,
    GAN_QUARTER_WEIGHT,
)

# What the gate chooses from, of equals the first: copies and SMOTE without noise were worse than
# with it wherever they were compared, and shuffled columns are what a GAN has to beat.
GATE_CHOICES = (
    NONE,
    CLASS_WEIGHTS,
    COPIES_WITH_NOISE,
    SMOTE_WITH_NOISE,
    MOVED_COPIES,
    GAN_QUARTER_WEIGHT,
    GAN_QUARTER_ROWS,
    GAN,
)

# Names beside those of methods in tables and records: the score of "none" on shuffled labels, and
# the method that the gate chose.
CHANCE = "chance"
CHOSEN_BY_GATE = "chosen by the gate"
