"""``ganaug sample``: samples of a saved model, in a bank, a table or a folder of images."""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from ganaug.banks.sample_bank import SampleBank
from ganaug.commands.data import HDF5
from ganaug.commands.options import at_least, labels_of, refuse_own_input
from ganaug.encoding.table_file import PARQUET
from ganaug.loading import load, model_in
from ganaug.models.image_model import ImageModel
from ganaug.storage.atomic import atomic_write


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "sample",
        help="draw samples of a saved model",
        description="Draw samples of a model that ganaug train or save has written: into a bank "
        "(OUT.h5), a table (OUT.csv, OUT.parquet) or, of images, a folder of PNG files.",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.h5")
    parser.add_argument(
        "-n", type=at_least(1), required=True, metavar="N", help="samples of each class"
    )
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="OUT")
    parser.add_argument(
        "--label", action="append", metavar="LABEL", help="only this class; may be repeated"
    )
    parser.add_argument(
        "--target", default="label", metavar="COLUMN", help="of a table's labels (default: label)"
    )
    parser.add_argument("--seed", type=at_least(0), default=0, help="default: 0")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Draw, and write."""
    start = time.perf_counter()
    refuse_own_input(options.output, options.model)
    model = model_in(load(options.model))
    check_is_fitted(model)
    counts = dict.fromkeys(labels_of(options, model), options.n)
    suffix = options.output.suffix.lower()
    if suffix in HDF5:
        with atomic_write(options.output) as unfinished:
            SampleBank.create(
                unfinished, model, counts, random_state=options.seed, overwrite=True, verbose=1
            )
    elif suffix in (".csv", *PARQUET):
        _write_table(options, model, counts)
    elif isinstance(model, ImageModel) and not suffix:
        _write_images(options, model, counts)
    else:
        raise ValueError(
            f"-o {options.output}: name a file that ends in .h5, .csv or .parquet, or, of images, "
            "a folder without such an ending."
        )
    seconds = time.perf_counter() - start
    print(f"{options.output}: {sum(counts.values())} samples in {seconds:.1f} s.")


def _write_table(options: argparse.Namespace, model: Any, counts: dict) -> None:
    frames = list(_frames(options, model, counts))
    with atomic_write(options.output) as unfinished:
        table = pd.concat(frames, ignore_index=True)
        if options.output.suffix.lower() == ".csv":
            table.to_csv(unfinished, index=False)
        else:
            table.to_parquet(unfinished, index=False)


def _frames(options: argparse.Namespace, model: Any, counts: dict) -> Iterator[pd.DataFrame]:
    for X, y in model.iter_batches(counts, random_state=options.seed):
        rows = X if isinstance(X, pd.DataFrame) else pd.DataFrame(np.reshape(X, (len(X), -1)))
        rows = rows.rename(columns=str)
        if options.target in rows:
            raise ValueError(f"the model has a column {options.target!r}; pass another --target.")
        yield rows.assign(**{options.target: y})


def _write_images(options: argparse.Namespace, model: ImageModel, counts: dict) -> None:
    from PIL import Image

    if options.output.exists() and (not options.output.is_dir() or any(options.output.iterdir())):
        raise OSError(f"{options.output} is there and not empty; name another folder.")
    for label in map(str, counts):
        if label in ("", ".", "..") or set(label) & set("/\\\0"):
            raise ValueError(f"{label!r} cannot name a folder; draw into a bank (OUT.h5).")
    number: dict[Any, int] = dict.fromkeys(counts, 0)
    for X, y in model.iter_batches(counts, random_state=options.seed):
        for image, label in zip(model._encoder.as_uint8(X), y.tolist(), strict=True):
            folder = options.output / str(label)
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(folder / f"{number[label]:06}.png")
            number[label] += 1
