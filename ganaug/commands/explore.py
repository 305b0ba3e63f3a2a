"""``ganaug explore``: pictures of what a model of images or sequences generates."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.commands.options import (
    add_output_options,
    add_seed_option,
    integer_between,
    labels_argument,
)
from ganaug.commands.paths import check_output
from ganaug.commands.terminal import print_lines
from ganaug.loading import load, model_in
from ganaug.models.protocol import is_image_model, is_sequence_model
from ganaug.storage.atomic import atomic_write
from ganaug.storage.regular import check_regular_file

PICTURE = ".png"
FILM = ".gif"

# Images of a row or a film, at most: all are held in memory.
MAX_IMAGES = 1000


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "explore",
        help="look at what a model of images or sequences makes",
        description="Walk through the latent space of an ImageGAN that ganaug train or save has "
        "written. OUT.png shows ways within each class and, where classes share layers, from "
        "each to the next; OUT.gif is a film without end of walks around the space. Of a "
        "ClassTranslator, OUT.png shows real images and what becomes of them in each class; of "
        "a PairedTranslator, guides, their images, and several answers to them; of a SequenceGAN, "
        "curves of real sequences, of generated ones, and of the real ones nearest to these.",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.h5")
    add_output_options(parser, "OUT")
    parser.add_argument(
        "-n",
        type=integer_between(2, MAX_IMAGES),
        metavar="N",
        help=f"images or sequences in a row (default: 12), or images of a film (default: 96), "
        f"{MAX_IMAGES} at most",
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
    check_regular_file(options.model)
    check_output(options.output, overwrite=options.overwrite, input=options.model)
    gan: Any = model_in(load(options.model))
    are_sequences = is_sequence_model(gan)
    if not (is_image_model(gan) or are_sequences):
        raise ValueError(
            f"{options.model} holds a {type(gan).__name__}; only images and sequences can be seen."
        )
    if suffix == FILM and not hasattr(gan, "crosses"):
        raise ValueError(f"films show an ImageGAN; of a {type(gan).__name__}, name a .png.")
    labels = labels_argument(options, gan)
    rng = np.random.default_rng(options.seed)
    # matplotlib takes a while to load
    from ganaug.report import draw_gan
    from ganaug.report.latent_walks import latent_loops, picture_rows
    from ganaug.report.walks import write_film, write_walks

    with atomic_write(options.output, options.overwrite) as unfinished:
        if are_sequences:
            n_images = options.n or 12
            draw_gan(unfinished, gan, labels=labels, n_images=n_images, random_state=options.seed)
        elif suffix == PICTURE:
            write_walks(unfinished, picture_rows(gan, labels, options.n or 12, rng))
        else:
            write_film(unfinished, latent_loops(gan, labels, options.n or 96, rng))
    print_lines(f"{options.output}: {', '.join(map(str, labels))}.")
