"""Checks that records of fitted state have in common."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ganaug.storage.fields import Sorted
from ganaug.training.health import VERDICTS
from ganaug.training.step import HISTORY_KEYS


def check_draws_alone(model: Any) -> None:
    """Raise a ValueError for a model of which a generator draws from the samples that it holds."""
    for label, generator in getattr(model, "generators_", {}).items():
        if generator.HOLDS_SAMPLES:
            raise ValueError(
                f"class {label!r} is served by {model.tiers_[label]}, which starts from its "
                f"{model.sample_kind}: a file without them would draw nothing."
            )


def check_held(samples: Any, kind: str) -> None:
    """Raise a ValueError where a model was saved without the samples that it was trained on."""
    if not len(samples):
        raise ValueError(f"this model was saved without its training {kind}, which this needs.")


def check_noise(generators: Iterable[Any], n_latent: int) -> None:
    """Raise a ValueError for generators of noise of another width."""
    for generator in generators:
        if generator.n_latent != n_latent:
            raise ValueError(
                f"n_latent={n_latent} is not the {generator.n_latent} that generators were trained "
                "with: set it back, or fit again"
            )


def check_kind(network: Any, *kinds: type) -> None:
    """Raise a ValueError for a network of another class."""
    if not isinstance(network, kinds):
        raise ValueError(f"a {type(network).__name__} stands where a {kinds[0].__name__} belongs")


def check_history(history: Mapping[str, np.ndarray]) -> None:
    """Raise a ValueError for other figures than those of a game, or some of other lengths."""
    if set(history) != set(HISTORY_KEYS) or len(set(map(len, history.values()))) != 1:
        raise ValueError("its history has other keys than that of a game")


def check_health(words: Iterable[str]) -> None:
    """Raise a ValueError for words that say nothing of how a game went."""
    unknown = set(words) - set(VERDICTS)
    if unknown:
        raise ValueError(f"its health is {sorted(unknown)[0]!r:.40}")


def check_labels(X: Any, y: np.ndarray, classes: np.ndarray, kind: str) -> None:
    """Raise a ValueError for labels that are not those of training samples and of all classes."""
    Sorted().check(np.unique(y), "labels", {})
    if y.shape != X.shape[:1] or not np.isin(classes, y).all():
        raise ValueError(f"training {kind} have no labels, or not those of all classes")


def check_copies(state: Any, copies: type, shape: tuple[int, ...], kind: str) -> None:
    """Raise a ValueError where untrained classes are served by others than copies of a shape."""
    for label, generator in state.generators.items():
        if state.discriminators[label] is None:
            check_kind(generator, copies)
            if generator.config["shape"][1:] != shape:
                raise ValueError(f"copies are no {kind} of the encoder's")
