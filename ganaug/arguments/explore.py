"""``ganaug explore``: pictures of what a model of images or sequences generates."""

import argparse
from typing import Any

from ganaug.arguments.options import (
    add_model_options,
    add_output_options,
    add_seed_option,
    integer_between,
)
from ganaug.arguments.paths import check_output
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
    add_model_options(parser)
    add_output_options(parser, "OUT")
    parser.add_argument(
        "-n",
        type=integer_between(2, MAX_IMAGES),
        metavar="N",
        help=f"images or sequences in a row (default: 12), or images of a film (default: 96), "
        f"{MAX_IMAGES} at most",
    )
    add_seed_option(parser)
    parser.set_defaults(check=check)


def check(options: argparse.Namespace) -> None:
    """Refuse a model that is no file, and an output that can be no picture or film."""
    if options.output.suffix.lower() not in (PICTURE, FILM):
        raise ValueError(f"-o {options.output}: name a file that ends in {PICTURE} or {FILM}.")
    check_regular_file(options.model)
    check_output(options.output, overwrite=options.overwrite, input=options.model)
