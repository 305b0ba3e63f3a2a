"""``ganaug explore``: a model's latent space to look at."""

import argparse
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.commands.options import at_least, labels_of, refuse_own_input
from ganaug.loading import load, model_in
from ganaug.models.image import ImageGAN
from ganaug.storage.atomic import written_whole

PICTURE, FILM = ".png", ".gif"

# Latent points that a film visits before it begins anew.
N_STOPS = 4

# Names and images; names may be equal, as labels 1 and "1" are.
Walks = list[tuple[str, np.ndarray]]


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "explore",
        help="walk through the latent space of a model of images",
        description="Walk through the latent space of an ImageGAN that ganaug train or save has "
        "written. OUT.png shows ways within each class and, where classes share layers, from "
        "each to the next; OUT.gif is a film without end of walks around the space.",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.h5")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="OUT")
    parser.add_argument(
        "-n",
        type=at_least(2),
        metavar="N",
        help="images of a way (default: 12), or of a film (default: 96)",
    )
    parser.add_argument(
        "--label", action="append", metavar="LABEL", help="only this class; may be repeated"
    )
    parser.add_argument("--seed", type=at_least(0), default=0, help="default: 0")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Walk, and draw."""
    suffix = options.output.suffix.lower()
    if suffix not in (PICTURE, FILM):
        raise ValueError(f"-o {options.output}: name a file that ends in {PICTURE} or {FILM}.")
    refuse_own_input(options.output, options.model)
    gan = model_in(load(options.model))
    if not isinstance(gan, ImageGAN):
        raise ValueError(f"{options.model} holds a {type(gan).__name__}; only images can be seen.")
    labels = labels_of(options, gan)
    rng = np.random.default_rng(options.seed)
    # matplotlib takes a while to load
    from ganaug.report.walks import draw_film, draw_walks

    with written_whole(options.output) as unfinished:
        if suffix == PICTURE:
            draw_walks(unfinished, ways(gan, labels, options.n or 12, rng))
        else:
            draw_film(unfinished, loops(gan, labels, options.n or 96, rng))
    print(f"{options.output}: {', '.join(map(str, labels))}.")


def ways(gan: ImageGAN, labels: list[Hashable], n: int, rng: np.random.Generator) -> Walks:
    """From one latent point to another within every class; at the first, from class to class."""
    start, end = rng.normal(size=(2, gan.n_latent))
    found = [(str(label), gan.interpolate(start, end, label, n)) for label in labels]
    found += [
        (f"{label} to {to}", gan.interpolate(start, start, label, n, to=to))
        for label, to in zip(labels, labels[1:], strict=False)
        if gan.crosses(label, to)
    ]
    return [(name, gan._encoder.as_uint8(images)) for name, images in found]


def loops(gan: ImageGAN, labels: list[Hashable], n: int, rng: np.random.Generator) -> Walks:
    """Round the same latent points in every class, and once through all that share layers."""
    joined = [one for one in labels if gan.crosses(one, labels[0])]
    least = max(N_STOPS, len(joined))
    if n < least:
        raise ValueError(f"-n {n}: a film of these classes takes {least} images or more.")
    stops = rng.normal(size=(N_STOPS, gan.n_latent))
    found = [(str(label), _loop(gan, [label] * N_STOPS, stops, n)) for label in labels]
    if len(joined) > 1:
        places = rng.normal(size=(len(joined), gan.n_latent))
        found.append(("from class to class", _loop(gan, joined, places, n)))
    return [(name, gan._encoder.as_uint8(images)) for name, images in found]


def _loop(gan: ImageGAN, labels: list[Hashable], stops: np.ndarray, n: int) -> np.ndarray:
    """``n`` images: from each stop to the next, and from the last to the first."""
    parts = []
    for number, frames in enumerate(np.array_split(np.arange(n), len(stops))):
        there = (number + 1) % len(stops)
        ends, to = (stops[number], stops[there]), labels[there]
        way = gan.interpolate(*ends, labels[number], len(frames) + 1, to=to)
        parts.append(way[:-1])
    return np.concatenate(parts)
