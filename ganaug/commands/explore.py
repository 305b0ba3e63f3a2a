"""``ganaug explore``: pictures of what a model of images or sequences generates."""

import argparse
from typing import Any

import numpy as np

from ganaug.arguments.explore import FILM, PICTURE
from ganaug.commands.options import labels_argument
from ganaug.commands.terminal import print_lines
from ganaug.loading import load, model_in
from ganaug.models.protocol import is_image_model, is_sequence_model
from ganaug.storage.atomic import atomic_write


def run(options: argparse.Namespace) -> None:
    """Walk through the latent space, and draw the pictures."""
    suffix = options.output.suffix.lower()
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
