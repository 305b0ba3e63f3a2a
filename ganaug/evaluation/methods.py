"""Methods to show classifiers more of scarce classes: all that may be done to a training set."""

from dataclasses import replace
from functools import partial
from typing import Any

from ganaug.evaluation import sequence_moves
from ganaug.evaluation.added_rows import (
    add_copies,
    add_drawn,
    add_moved_copies,
    add_moved_sequences,
    add_samples,
    add_shuffled_columns,
)
from ganaug.evaluation.applicability import (
    are_images,
    are_no_sequences,
    are_sequences,
    are_table,
    gives_no_probabilities,
    is_sparse,
    lacks_neighbours,
    takes_no_weights,
    takes_weights,
)
from ganaug.evaluation.method import Method
from ganaug.evaluation.simple_over_sampling import draw_copies, draw_smote_points
from ganaug.evaluation.threshold_moving import ThresholdMovingClassifier
from ganaug.evaluation.weights import with_class_weights
from ganaug.models.sequence import SequenceGAN
from ganaug.models.table import TableGAN

# Standard deviation of the noise on copies and on points of SMOTE, in standard deviations of each
# column: the best of 0.25, 0.5, 0.75 and 1.0 for both on splits of the digits that no reported
# figure uses.
NOISE = 0.75

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
    takes_kind=are_no_sequences,
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
    takes_kind=are_no_sequences,
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
    asks_model=True,
    takes_kind=are_images,
)

JITTER = Method(
    "jitter",
    "sequences of the class with a little noise in every step",
    add_rows=partial(add_moved_sequences, sequence_moves.jitter),
    asks_model=True,
    takes_kind=are_sequences,
)

SCALING = replace(
    JITTER,
    name="scaling",
    description="sequences of the class, each channel times a factor around 1",
    add_rows=partial(add_moved_sequences, sequence_moves.scale),
)

MAGNITUDE_WARPING = replace(
    JITTER,
    name="magnitude warping",
    description="sequences of the class, each channel times a smooth curve around 1",
    add_rows=partial(add_moved_sequences, sequence_moves.warp_magnitude),
)

TIME_WARPING = replace(
    JITTER,
    name="time warping",
    description="sequences of the class, passed at a speed that changes smoothly",
    add_rows=partial(add_moved_sequences, sequence_moves.warp_time),
)

WINDOW_WARPING = replace(
    JITTER,
    name="window warping",
    description="sequences of the class, of which a tenth is passed at half or double speed",
    add_rows=partial(add_moved_sequences, sequence_moves.warp_window),
)

GAN = Method("GAN", "rows drawn from one GAN per class", add_rows=add_samples, needs_gan=True)

# On ten tables it has the best mean rank by average precision, ahead of rows of full weight and of
# fewer of these.
GAN_QUARTER_WEIGHT = replace(
    GAN,
    name="GAN weighted 1/4",
    description="the GAN's rows, each with a quarter of the weight of a real one",
    weight=0.25,
    classifier_obstacle=takes_no_weights,
)

# For classifiers that cannot weigh rows.
GAN_QUARTER_ROWS = replace(
    GAN,
    name="1/4 of the GAN rows",
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
    JITTER,
    SCALING,
    MAGNITUDE_WARPING,
    TIME_WARPING,
    WINDOW_WARPING,
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

# Of sequences. Noise as strong as that of tables cost 0.7 points on three sets, where warping
# gained 1.7.
GATE_CHOICES_OF_SEQUENCES = (
    NONE,
    MOVED_THRESHOLDS,
    CLASS_WEIGHTS,
    COPIES_QUARTER_WEIGHT,
    COPIES,
    JITTER,
    SCALING,
    WINDOW_WARPING,
    SMOTE_POINTS,
    GAN_QUARTER_WEIGHT,
    GAN_QUARTER_ROWS,
    GAN,
)


def gate_choices(X: Any, model: Any) -> list[Method]:
    """Methods that the gate chooses from, for rows ``X`` and a model for such rows."""
    choices = GATE_CHOICES_OF_SEQUENCES if are_sequences(X, model) else GATE_CHOICES
    return [method for method in choices if method.takes_kind(X, model)]


# Methods that gained most on ten tables and on eleven sets of sequences, by the score that counts
# (benchmarks: tables.comparison, sequences.classification).
USUAL: dict[type, dict[str, Method]] = {
    TableGAN: {"average_precision": GAN_QUARTER_WEIGHT, "balanced_accuracy": GAN},
    SequenceGAN: {"balanced_accuracy": SCALING},
}


def usual_method(scoring: Any, model: Any) -> Method | None:
    """Method that gained most on other data; None where none was measured for model and score.

    Parameters
    ----------
    scoring : str, callable or None
        As of ``AugmentedClassifier``.
    model : model
    """
    score = "average_precision" if scoring is None else scoring
    if not isinstance(score, str):
        return None
    usual = [by_score for kind, by_score in USUAL.items() if isinstance(model, kind)]
    return usual[0].get(score) if usual else None


# Names beside those of methods in tables and records: the score of "none" on shuffled labels, and
# the method that the gate chose.
CHANCE = "chance"
CHOSEN_BY_GATE = "chosen by the gate"
