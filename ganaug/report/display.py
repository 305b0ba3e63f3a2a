"""Parts that displays share: axes to draw on, and the model that is drawn."""

from collections.abc import Hashable, Sequence
from typing import Any, TypeGuard

from matplotlib.axes import Axes
from sklearn.utils.validation import check_is_fitted

from ganaug.models.protocol import FittedModel, is_image_model, is_row_model, is_sequence_model
from ganaug.report.curves import MAX_CLASSES
from ganaug.training.health import GOOD, NOT_TRAINED


def axes_of(ax: Axes | None, width: float, height: float) -> Axes:
    """The axes that were given, or those of a new figure of such inches."""
    if ax is not None:
        return ax
    # it takes a while to load
    from matplotlib import pyplot

    return pyplot.subplots(figsize=(width, height), layout="constrained")[1]


def is_model(estimator: Any) -> TypeGuard[FittedModel]:
    """Return True for a model of this package, of whatever samples."""
    kinds = (is_row_model, is_image_model, is_sequence_model)
    return any(is_kind(estimator) for is_kind in kinds)


def model_of(estimator: Any) -> FittedModel:
    """Fitted model that an estimator is, or that it has trained as its ``gan_``.

    Raises
    ------
    NotFittedError
        Before ``fit``.
    TypeError
        For what is no model of this package and has none.
    """
    model = estimator
    if not is_model(estimator):
        model = getattr(estimator, "gan_", None)
    if is_model(model):
        check_is_fitted(model)
        return model
    if hasattr(estimator, "gan"):
        check_is_fitted(estimator)
    raise TypeError(
        f"a {type(estimator).__name__} is no model of rows, images or sequences, and has trained "
        "none as gan_: pass a fitted TableGAN or ImageGAN, for instance, or what holds one."
    )


def describe_class(model: FittedModel, label: Hashable) -> str:
    """Samples that a class has, what serves it, and what is wrong with that, if so."""
    health = model.health_[label]
    verdict = "" if health in (GOOD, NOT_TRAINED) else f": {health}"
    return f"{model.class_counts_[label]} {model.sample_kind}, {model.tiers_[label]}{verdict}"


def chosen_labels(model: FittedModel, labels: Sequence[Hashable] | None) -> list[Hashable]:
    """Classes to draw: the given ones, or the first.

    Raises
    ------
    ValueError
        For classes that were not trained, none, or more than a picture holds.
    """
    known = model.classes_.tolist()
    chosen = known[:MAX_CLASSES] if labels is None else list(labels)
    unknown = [label for label in chosen if label not in known]
    if unknown:
        raise ValueError(f"class {unknown[0]!r} was not trained; trained classes: {known}.")
    if not 1 <= len(chosen) <= MAX_CLASSES:
        raise ValueError(
            f"a picture holds 1 to {MAX_CLASSES} classes, got {len(chosen)} labels: draw several."
        )
    return chosen
