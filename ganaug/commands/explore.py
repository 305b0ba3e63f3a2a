"""``ganaug explore``: pictures of what a model of images generates."""

import argparse
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.commands.options import (
    add_output_options,
    add_seed_option,
    integer_between,
    labels_argument,
)
from ganaug.commands.paths import check_input, check_output
from ganaug.commands.terminal import escape, print_lines
from ganaug.loading import load, model_in
from ganaug.models.protocol import FittedImageModel, is_image_model
from ganaug.storage.atomic import atomic_write

PICTURE = ".png"
FILM = ".gif"

# Latent points that a film visits before it begins anew.
N_STOPS = 4

# Images of a row or a film, at most: all are held in memory.
MAX_IMAGES = 1000

# Images that a PairedTranslator makes of each guide.
N_ALTERNATIVES = 3

# Names and images; names may be equal, as labels 1 and "1" are.
Walks = list[tuple[str, np.ndarray]]


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "explore",
        help="look at what a model of images makes",
        description="Walk through the latent space of an ImageGAN that ganaug train or save has "
        "written. OUT.png shows ways within each class and, where classes share layers, from "
        "each to the next; OUT.gif is a film without end of walks around the space. Of a "
        "ClassTranslator, OUT.png shows real images and what becomes of them in each class; of "
        "a PairedTranslator, guides, their images, and several answers to them.",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.h5")
    add_output_options(parser, "OUT")
    parser.add_argument(
        "-n",
        type=integer_between(2, MAX_IMAGES),
        metavar="N",
        help=f"images in a row (default: 12), or of a film (default: 96), {MAX_IMAGES} at most",
    )
    parser.add_argument(
        "--label", action="append", metavar="LABEL", help="only this class; may be repeated"
    )
    add_seed_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Walk through the latent space, and draw the pictures."""
    suffix = options.output.suffix.lower()
    if suffix not in (PICTURE, FILM):
        raise ValueError(f"-o {options.output}: name a file that ends in {PICTURE} or {FILM}.")
    check_input(options.model)
    check_output(options.output, overwrite=options.overwrite, input=options.model)
    gan = model_in(load(options.model))
    if not is_image_model(gan):
        raise ValueError(f"{options.model} holds a {type(gan).__name__}; only images can be seen.")
    if suffix == FILM and not hasattr(gan, "crosses"):
        raise ValueError(f"films show an ImageGAN; of a {type(gan).__name__}, name a .png.")
    labels = labels_argument(options, gan)
    rng = np.random.default_rng(options.seed)
    # matplotlib takes a while to load
    from ganaug.report.walks import draw_film, draw_walks

    with atomic_write(options.output, options.overwrite) as unfinished:
        if suffix == PICTURE:
            draw_walks(unfinished, picture_rows(gan, labels, options.n or 12, rng))
        else:
            draw_film(unfinished, latent_loops(gan, labels, options.n or 96, rng))
    print_lines(f"{options.output}: {', '.join(map(str, labels))}.")


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
    walks += [(f"into {escape(label)}", gan.translate(images, label)) for label in into]
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
    walks = [(escape(label), gan.interpolate(start, end, label, n)) for label in labels]
    walks += [
        (f"{escape(label)} to {escape(to)}", gan.interpolate(start, start, label, n, to=to))
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
        raise ValueError(f"-n {n}: a film of these classes takes {min_images} images or more.")
    stops = rng.normal(size=(N_STOPS, gan.n_latent))
    walks = [(escape(label), _loop(gan, [label] * N_STOPS, stops, n)) for label in labels]
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
