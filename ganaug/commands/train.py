"""``ganaug train``: a model of a table, of images or of sequences, in a file."""

import argparse
import time
from typing import Any

import numpy as np

from ganaug.arguments.data import are_sequences
from ganaug.commands.data import augment_argument
from ganaug.commands.labels import read_labels
from ganaug.commands.terminal import print_lines
from ganaug.encoding.array_file import ArrayFile
from ganaug.encoding.image_folder import ImageFolder
from ganaug.encoding.table_source import TableSource
from ganaug.models.image import ImageGAN
from ganaug.models.sequence import SequenceGAN
from ganaug.models.table import TableGAN
from ganaug.storage.atomic import atomic_write


def run(options: argparse.Namespace) -> None:
    """Train a model, and write it."""
    start = time.perf_counter()
    data = options.opened
    with atomic_write(options.output, options.overwrite) as unfinished:
        model = _train(options, data)
        model.save(unfinished, overwrite=True)
    seconds = time.perf_counter() - start
    ending = {TableGAN: ".csv", SequenceGAN: ".npz"}.get(type(model), ".h5")
    tiers = [f"  {label}: {n}, {model.tiers_[label]}" for label, n in model.class_counts_.items()]
    print_lines(
        "samples of each class, and what draws such ones:",
        *tiers,
        "",
        f"{options.output}: {type(model).__name__} in {seconds:.1f} s.",
        f"Draw from it by: ganaug sample {options.output} -n 100 -o samples{ending}",
    )


def _train(options: argparse.Namespace, data: Any) -> Any:
    steps = "auto" if options.steps is None else options.steps
    labels, mark = read_labels(options)
    common: dict[str, Any] = {
        "n_steps": steps,
        "device": options.device,
        "n_jobs": options.jobs,
        "random_state": options.seed,
        "verbose": 1,
        "unlabeled_label": mark,
    }
    if isinstance(data, TableSource):
        gan = TableGAN(**common)
        return gan.fit_file(data, options.target, checkpoint=options.checkpoint)
    common["augment"] = augment_argument(options)
    if are_sequences(options):
        return _fit(SequenceGAN(layout=options.layout, **common), options, labels)
    images = ImageGAN(**common)
    if isinstance(data, ArrayFile):
        return _fit(images, options, labels)
    fit = images.fit_folder if isinstance(data, ImageFolder) else images.fit_file
    return fit(data, checkpoint=options.checkpoint)


def _fit(model: Any, options: argparse.Namespace, labels: np.ndarray) -> Any:
    """A model, fitted to all samples in memory."""
    X = options.opened.samples(np.ones(len(labels), dtype=bool))
    return model.fit(X, labels, checkpoint=options.checkpoint)
