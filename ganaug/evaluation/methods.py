"""Methods to show classifiers more of scarce classes: all that may be done to a training set."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator

from ganaug.evaluation.added_rows import (
    AddRows,
    Rows,
    add_copies,
    add_drawn,
    add_moved_copies,
    add_samples,
    add_shuffled_columns,
)
from ganaug.evaluation.simple_over_sampling import draw_copies, draw_smote_points
from ganaug.evaluation.threshold_moving import ThresholdMovingClassifier
from ganaug.evaluation.weights import weight_name, with_class_weights
from ganaug.models.protocol import is_image_model

# Standard deviation of the noise on copies and on points of SMOTE, in standard deviations of each
# column: the best of 0.25, 0.5, 0.75 and 1.0 for both on splits of the digits that no reported
# figure uses.
NOISE = 0.75


def always(*arguments: Any) -> bool:
    """True for all rows."""
    return True


def nothing(*arguments: Any) -> str:
    """No obstacle, whatever the rows or the classifier."""
    return ""


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
    rows_obstacle : callable
        Function of rows of its kind and of the size of the smallest class to be enlarged: why
        it cannot be used on them, empty where it can.
    classifier_obstacle : callable
        Function of a classifier: why it cannot be used for it, empty where it can.

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
    rows_obstacle: Callable[[Any, int], str] = nothing
    classifier_obstacle: Callable[[BaseEstimator], str] = nothing

    @property
    def rows_key(self) -> tuple[AddRows | None, float, bool]:
        """Key that methods have in common which add the same rows, of other weights perhaps."""
        return self.add_rows, self.share, self.self_training

    def obstacle(self, estimator: BaseEstimator, X: Any, n_smallest: int) -> str:
        """Why it cannot be done to rows ``X`` of its kind for a classifier; empty where it can.

        Parameters
        ----------
        estimator : classifier
        X : rows
        n_smallest : int
            Rows of the smallest class to be enlarged.
        """
        obstacle = self.classifier_obstacle(estimator) or self.rows_obstacle(X, n_smallest)
        if not obstacle and self.prepare(estimator) is None:
            return f"{type(estimator).__name__} weighs no classes (class_weight)"
        return obstacle

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


def is_sparse(X: Any, n_smallest: int) -> str:
    """Obstacle for methods that work on dense rows."""
    return "rows are a sparse matrix" if sparse.issparse(X) else ""


def lacks_neighbours(X: Any, n_smallest: int) -> str:
    """Obstacle for methods that work between rows of a class."""
    alone = "a class to be enlarged has one row, without neighbours" if n_smallest < 2 else ""
    return is_sparse(X, n_smallest) or alone


def are_images(X: Any, model: Any) -> bool:
    """True where the model is one of images."""
    bare = model.estimator if isinstance(model, FrozenEstimator) else model
    return is_image_model(bare)


def are_table(X: Any, model: Any) -> bool:
    """True for rows with columns, which are no images to the model."""
    return not (sparse.issparse(X) or len(X.shape) > 2 or are_images(X, model))


def takes_no_weights(estimator: BaseEstimator) -> str:
    """Obstacle for methods that weigh rows."""
    name = type(estimator).__name__
    return "" if weight_name(estimator) else f"{name} takes no weights of rows (sample_weight)"


def takes_weights(estimator: BaseEstimator) -> str:
    """Obstacle for methods that stand in for weights of rows."""
    return "rows are weighed instead" if weight_name(estimator) else ""


def gives_no_probabilities(estimator: BaseEstimator) -> str:
    """Obstacle for methods that go by how sure a classifier is."""
    name = type(estimator).__name__
    return "" if hasattr(estimator, "predict_proba") else f"{name} has no predict_proba"


NONE = Method("none", "training rows as they are")

CLASS_WEIGHTS = Method(
    "class weights",
    "no added rows; the classifier weighs all classes alike",
    prepare=with_class_weights,
    weights_classes=True,
)

MOVED_THRESHOLDS = Method(
    "moved thresholds",
    "no added rows; each class is named where its probability is largest against its share",
    prepare=ThresholdMovingClassifier,
    classifier_obstacle=gives_no_probabilities,
)

COPIES = Method("copies", "random rows of the class, repeated", add_rows=add_copies)

COPIES_QUARTER_WEIGHT = replace(
    COPIES,
    name="copies weighted 1/4",
    description="random rows of the class, repeated, of a quarter of the weight of a real row",
    weight=0.25,
    classifier_obstacle=takes_no_weights,
)

COPIES_WITH_NOISE = Method(
    "copies + noise",
    "random rows of the class with noise in every column of numbers (a smoothed bootstrap)",
    add_rows=partial(add_drawn, draw_copies, noise=NOISE),
    rows_obstacle=is_sparse,
)

SMOTE_POINTS = Method(
    "SMOTE",
    "points between a row and one of its nearest neighbours in the class; SMOTENC where there are "
    "levels",
    add_rows=partial(add_drawn, draw_smote_points),
    rows_obstacle=lacks_neighbours,
)

SMOTE_WITH_NOISE = Method(
    "SMOTE + noise",
    "points of SMOTE with noise in every column of numbers",
    add_rows=partial(add_drawn, draw_smote_points, noise=NOISE),
    rows_obstacle=lacks_neighbours,
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
    classifier_obstacle=takes_no_weights,
)

# For classifiers that cannot weigh rows.
GAN_QUARTER_ROWS = replace(
    GAN,
    name="GAN, 1/4 of the rows",
    description="a quarter of the GAN's rows",
    share=0.25,
    classifier_obstacle=takes_weights,
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
    classifier_obstacle=gives_no_probabilities,
)

SELF_TRAINING_GAN = replace(
    GAN,
    name="self-training + GAN",
    description="the same, and rows of a GAN that was trained on all of them",
    self_training=True,
    classifier_obstacle=gives_no_probabilities,
)

# What is compared and chosen from besides, where there are rows without a class.
SELF_TRAINED = (SELF_TRAINING, SELF_TRAINING_GAN)

# What ``compare`` compares, in the order of its tables.
COMPARED = (
    NONE,
    MOVED_THRESHOLDS,
    CLASS_WEIGHTS,
    COPIES,
    COPIES_QUARTER_WEIGHT,
    COPIES_WITH_NOISE,
    SMOTE_POINTS,
    SMOTE_WITH_NOISE,
    SHUFFLED_COLUMNS,
    MOVED_COPIES,
    GAN,
    GAN_QUARTER_WEIGHT,
)

# What users may name.
METHODS = {method.name: method for method in (*COMPARED, GAN_QUARTER_ROWS, *SELF_TRAINED)}

# What the gate chooses from, of equals the first: copies and SMOTE without noise were worse than
# with it wherever they were compared, and shuffled columns are what a GAN has to beat.
GATE_CHOICES = (
    NONE,
    MOVED_THRESHOLDS,
    CLASS_WEIGHTS,
    COPIES_QUARTER_WEIGHT,
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


def method_for(
    name: str,
    estimator: BaseEstimator,
    X: Any,
    model: Any,
    sizes: Sequence[int],
    has_unlabeled: bool,
) -> Method:
    """Method of a name, for a classifier and its training rows.

    Parameters
    ----------
    name : str
        One of ``METHODS``.
    estimator : classifier
    X : rows
    model : model
        For such rows, fitted or not.
    sizes : sequence of int
        Rows of each class to be enlarged; where there is none, nothing is done.
    has_unlabeled : bool
        True where there may be rows without a class.

    Raises
    ------
    ValueError
        For a method that cannot be used on such rows, or for such a classifier.
    """
    if not sizes:
        return NONE
    method = METHODS[name]
    obstacle = method.obstacle(estimator, X, min(sizes))
    if method is GAN_QUARTER_ROWS:
        # a classifier that takes weights may do without
        obstacle = ""
    if not method.takes_kind(X, model):
        obstacle = "it is for " + ("images" if method.takes_kind is are_images else "tables")
    if method.self_training and not has_unlabeled:
        obstacle = "there is no unlabeled_label"
    if obstacle:
        raise ValueError(f"method={name!r} cannot be used: {obstacle}.")
    return method
