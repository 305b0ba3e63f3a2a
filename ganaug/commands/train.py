"""``ganaug train``: a model of a table, of images or of sequences, in a file."""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.commands.data import (
    DATA,
    add_data_options,
    are_sequences,
    augment_argument,
    check_data,
    mark_argument,
    open_data,
)
from ganaug.commands.options import add_jobs_option, add_output_options, add_training_options
from ganaug.commands.paths import check_output
from ganaug.commands.terminal import print_lines
from ganaug.encoding.image_folder import ImageFolder
from ganaug.encoding.table_source import TableSource
from ganaug.models.image import ImageGAN
from ganaug.models.sequence import SequenceGAN
from ganaug.models.table import TableGAN
from ganaug.storage.atomic import atomic_write


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "train",
        help="train a model and keep it in a file",
        description=f"Train one GAN for each class of DATA: {DATA}.",
    )
    add_data_options(parser)
    add_output_options(parser, "MODEL.h5")
    parser.add_argument(
        "--checkpoint",
        type=Path,
        metavar="RUN.h5",
        help="keep the state of training there; the same command goes on from it",
    )
    parser.add_argument(
        "--unlabeled-label",
        metavar="LABEL",
        help="label of samples that have no class: all classes learn from them",
    )
    add_jobs_option(parser, "games of classes")
    add_training_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Train a model, and write it."""
    start = time.perf_counter()
    check_data(options.data)
    check_output(
        options.output,
        overwrite=options.overwrite,
        input=options.data,
        checkpoint=options.checkpoint,
    )
    if options.checkpoint is not None:
        check_output(options.checkpoint, "--checkpoint", input=options.data)
    data = open_data(options)
    with atomic_write(options.output, options.overwrite) as unfinished:
        model = _train(options, data)
        model.save(unfinished, overwrite=True)
    seconds = time.perf_counter() - start
    tiers = [f"  {label}: {n}, {model.tiers_[label]}" for label, n in model.class_counts_.items()]
    print_lines(
        "samples of each class, and what draws such ones:",
        *tiers,
        "",
        f"{options.output}: {type(model).__name__} in {seconds:.1f} s.",
        f"Draw from it by: ganaug sample {options.output} -n 100 -o samples.h5",
    )


def _train(options: argparse.Namespace, data: Any) -> Any:
    steps = "auto" if options.steps is None else options.steps
    common: dict[str, Any] = {
        "n_steps": steps,
        "device": options.device,
        "n_jobs": options.jobs,
        "random_state": options.seed,
        "verbose": 1,
    }
    if are_sequences(options):
        if options.unlabeled_label is not None:
            raise ValueError("--unlabeled-label is not for sequences: leave those out.")
        sequences = SequenceGAN(augment=augment_argument(options), layout=options.layout, **common)
        X = data.samples(np.ones(len(data.labels), dtype=bool))
        return sequences.fit(X, data.labels, checkpoint=options.checkpoint)
    common["unlabeled_label"] = mark_argument(options, data.labels)
    if isinstance(data, TableSource):
        gan = TableGAN(**common)
        return gan.fit_file(data, options.target, checkpoint=options.checkpoint)
    images = ImageGAN(augment=augment_argument(options), **common)
    fit = images.fit_folder if isinstance(data, ImageFolder) else images.fit_file
    return fit(data, checkpoint=options.checkpoint)
