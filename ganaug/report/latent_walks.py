"""Walks through the latent space of a model of images, and what translators make of images."""

from collections.abc import Hashable
from typing import Any

import numpy as np

from ganaug.models.protocol import FittedImageModel

# Latent points that a film visits before it begins anew.
N_STOPS = 4

# Images that a PairedTranslator makes of each guide.
N_ALTERNATIVES = 3

# Names and images; names may be equal, as labels 1 and "1" are.
Walks = list[tuple[str, np.ndarray]]


def picture_rows(
    gan: FittedImageModel, labels: list[Hashable], n: int, rng: np.random.Generator
) -> Walks:
    """Rows of images that a picture shows of a model."""
    if hasattr(gan, "training_guides"):
        return alternatives(gan, labels, n, rng)
    if hasattr(gan, "translate"):
        return translations(gan, labels, n, rng)
    return class_interpolations(gan, labels, n, rng)


def translations(gan: Any, labels: list[Hashable], n: int, rng: np.random.Generator) -> Walks:
    """Real images of all classes in turn, and below what becomes of them in some."""
    into = _trained_labels(gan, labels)
    rows = _draw_rows_in_turn(gan, np.unique(gan.training_labels()).tolist(), n, rng)
    images = gan.training_samples()[rows]
    walks = [("real", images)]
    walks += [(f"into {_name(label)}", gan.translate(images, label)) for label in into]
    return [(name, gan.to_pixels(images)) for name, images in walks]


def alternatives(gan: Any, labels: list[Hashable], n: int, rng: np.random.Generator) -> Walks:
    """Guides, the images that they came with, and images made of them."""
    rows = _draw_rows_in_turn(gan, _trained_labels(gan, labels), n, rng)
    guides = gan.training_guides()[rows]
    y = gan.training_labels()[rows]
    walks = [("real", gan.training_samples()[rows])]
    walks += [
        (f"answer {number + 1}", gan.translate(guides, y, random_state=int(seed)))
        for number, seed in enumerate(rng.integers(2**31, size=N_ALTERNATIVES))
    ]
    shown = [(name, gan.to_pixels(images)) for name, images in walks]
    return [("guide", gan.guides_to_pixels(guides)), *shown]


def _trained_labels(gan: FittedImageModel, labels: list[Hashable]) -> list[Hashable]:
    """Classes among these that are served by a network."""
    trained = [label for label in labels if gan.discriminators_[label] is not None]
    if not trained:
        raise ValueError("none of these classes was trained: moved copies serve them.")
    return trained


def _draw_rows_in_turn(
    gan: Any, labels: list[Hashable], n: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw ``n`` rows of the training data, of one class after another."""
    chosen = [labels[number * len(labels) // n] for number in range(n)]
    labels_of_rows = gan.training_labels()
    return np.array([rng.choice(np.flatnonzero(labels_of_rows == label)) for label in chosen])


def class_interpolations(
    gan: Any, labels: list[Hashable], n: int, rng: np.random.Generator
) -> Walks:
    """Latent interpolations in every class, then from class to class at the first point."""
    start, end = rng.normal(size=(2, gan.n_latent))
    trained = [label for label in labels if gan.discriminators_[label] is not None]
    walks = [(_name(label), gan.interpolate(start, end, label, n)) for label in labels]
    walks += [
        (f"{_name(label)} to {_name(to)}", gan.interpolate(start, start, label, n, to=to))
        for label, to in zip(trained, trained[1:], strict=False)
        if gan.crosses(label, to)
    ]
    return [(name, gan.to_pixels(images)) for name, images in walks]


def latent_loops(gan: Any, labels: list[Hashable], n: int, rng: np.random.Generator) -> Walks:
    """Closed walks of the same latent points in every class, and one through joined classes."""
    trained = [label for label in labels if gan.discriminators_[label] is not None]
    joined = [label for label in trained if gan.crosses(label, trained[0])]
    min_images = max(N_STOPS, len(joined))
    if n < min_images:
        raise ValueError(f"a film of these classes takes {min_images} images or more, got {n}.")
    stops = rng.normal(size=(N_STOPS, gan.n_latent))
    walks = [(_name(label), _loop(gan, [label] * N_STOPS, stops, n)) for label in labels]
    if len(joined) > 1:
        places = rng.normal(size=(len(joined), gan.n_latent))
        walks.append(("from class to class", _loop(gan, joined, places, n)))
    return [(name, gan.to_pixels(images)) for name, images in walks]


def _loop(gan: Any, labels: list[Hashable], stops: np.ndarray, n: int) -> np.ndarray:
    """Images (n, ...) from each stop to the next, and from the last to the first."""
    parts = []
    for number, frames in enumerate(np.array_split(np.arange(n), len(stops))):
        next_stop = (number + 1) % len(stops)
        ends = (stops[number], stops[next_stop])
        to = labels[next_stop]
        frames_between = gan.interpolate(*ends, labels[number], len(frames) + 1, to=to)
        parts.append(frames_between[:-1])
    return np.concatenate(parts)


def _name(label: Hashable) -> str:
    """Name of a class in one line."""
    text = str(label)
    return text if text.isprintable() else repr(text)[1:-1]
