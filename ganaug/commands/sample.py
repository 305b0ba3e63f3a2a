"""``ganaug sample``: samples of a saved model, in a bank, a table, arrays or a folder of images."""

import argparse
import tempfile
import time
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from ganaug.arguments.paths import check_space
from ganaug.arguments.sample import CSV, TABLES, output_suffix
from ganaug.banks.sample_bank import SampleBank
from ganaug.commands.class_folders import folder_names
from ganaug.commands.options import labels_argument
from ganaug.commands.terminal import print_lines
from ganaug.encoding import array_file
from ganaug.encoding.csv_format import PLAIN_CSV, CsvFormat, create_csv
from ganaug.encoding.image_folder import write_index
from ganaug.encoding.locations import separator_in_name
from ganaug.encoding.suffixes import ARRAYS, HDF5, PARQUET
from ganaug.encoding.table_spelling import TableSpelling
from ganaug.loading import load, model_in
from ganaug.models.protocol import FittedImageModel, is_image_model, is_sequence_model
from ganaug.storage.atomic import atomic_write
from ganaug.storage.folder import atomic_folder

# Rows of a table that are in memory at once.
BATCH_SIZE = 16_384

# Length of the smallest PNG.
MIN_PNG_BYTES = 67


def run(options: argparse.Namespace) -> None:
    """Draw samples, and write them."""
    start = time.perf_counter()
    suffix = output_suffix(options.output)
    model = model_in(load(options.model))
    check_is_fitted(model)
    counts = dict.fromkeys(labels_argument(options, model), options.n)
    if is_sequence_model(model):
        _check_lengths(options, suffix, model)
    if is_image_model(model) and suffix in TABLES and model.sample(1, options.seed)[0].ndim > 2:
        raise ValueError(
            f"-o {options.output}: images are no rows of a table; name a file that ends in .h5 or "
            ".npz, or, for PNG files, a folder without such an ending."
        )
    _write(options, suffix, model, counts)
    seconds = time.perf_counter() - start
    print_lines(f"{options.output}: {sum(counts.values())} samples in {seconds:.1f} s.")


def _write(
    options: argparse.Namespace, suffix: str, model: Any, counts: dict[Hashable, int]
) -> None:
    """Write samples into what the ending of the output stands for."""
    n_samples = sum(counts.values())
    if suffix in HDF5:
        check_space(options.output, n_samples)
        with atomic_write(options.output, options.overwrite) as unfinished:
            SampleBank.create(
                unfinished,
                model,
                counts,
                random_state=options.seed,
                overwrite=True,
                verbose=1,
                n_jobs=options.jobs,
            )
    elif suffix in TABLES:
        # a digit and what ends it, of a row without any other value
        check_space(options.output, n_samples if suffix in PARQUET else 2 * n_samples)
        with atomic_write(options.output, options.overwrite) as unfinished:
            spelling = getattr(model, "spelling_", None) if suffix == CSV else None
            tables = _tables(options, model, counts, spelling)
            if suffix == CSV:
                form = PLAIN_CSV if spelling is None else spelling.form
                if separator_in_name(options.output) == "\t":
                    form = replace(form, sep="\t")
                write_csv(unfinished, tables, form)
            else:
                write_parquet(unfinished, tables)
    elif (is_sequence_model(model) or is_image_model(model)) and suffix in ARRAYS:
        check_space(options.output, n_samples)
        with atomic_write(options.output, options.overwrite) as unfinished:
            batches = model.iter_batches(counts, random_state=options.seed, n_jobs=options.jobs)
            array_file.write_arrays(unfinished, batches)
    elif is_image_model(model) and not suffix:
        check_space(options.output, MIN_PNG_BYTES * n_samples)
        names = folder_names(counts)
        with atomic_folder(options.output) as unfinished:
            write_images(unfinished, model, counts, names, options.seed, options.jobs)
    else:
        raise ValueError(
            f"-o {options.output}: name a file that ends in .h5, .csv or .parquet, of images "
            "and sequences also .npz, or, of images, a folder without such an ending."
        )


def _check_lengths(options: argparse.Namespace, suffix: str, model: Any) -> None:
    """Raise a ValueError for sequences of different lengths where they do not fit."""
    if model.sample(1, options.seed)[0].dtype != object:
        return
    if suffix not in ARRAYS:
        raise ValueError(
            f"-o {options.output}: the sequences of this model differ in length; name a file that "
            "ends in .npz, where they are filled up."
        )
    if model.layout == "channels_first":
        raise ValueError(
            f"-o {options.output}: arrays hold sequences of different lengths with steps first: "
            'fit with layout="channels_last".'
        )


def write_csv(path: Path, frames: Iterator[pd.DataFrame], form: CsvFormat = PLAIN_CSV) -> None:
    """Write rows as they come, under one header."""
    with create_csv(path, form) as file:
        for number, rows in enumerate(frames):
            file.write(rows, header=number == 0)


def write_parquet(path: Path, frames: Iterator[pd.DataFrame]) -> None:
    """Write rows as they come, in columns of types that hold all of them.

    Of a column that is empty in one class, only another class tells the type; so rows are put
    aside until all have come.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with tempfile.TemporaryFile(dir=path.parent) as aside:
        schemas = []
        for rows in frames:
            table = pa.Table.from_pandas(rows, preserve_index=False)
            schemas.append(table.schema)
            schemas = [pa.unify_schemas(schemas, promote_options="permissive")]
            with pa.ipc.new_stream(aside, table.schema) as stream:
                stream.write_table(table)
        end = aside.tell()
        aside.seek(0)
        with pq.ParquetWriter(path, schemas[0]) as writer:
            while aside.tell() < end:
                writer.write_table(pa.ipc.open_stream(aside).read_all().cast(schemas[0]))


def write_images(
    folder: Path,
    model: FittedImageModel,
    counts: Mapping[Hashable, int],
    names: Mapping[Hashable, str],
    seed: int,
    n_jobs: int,
) -> None:
    """Write a PNG file for each sample, into the folder of its class, and an index of these."""
    from PIL import Image

    write_index(folder, names)
    for name in names.values():
        (folder / name).mkdir()
    number: dict[Any, int] = dict.fromkeys(counts, 0)
    for X, y in model.iter_batches(counts, random_state=seed, n_jobs=n_jobs):
        for image, label in zip(model.to_pixels(X), y.tolist(), strict=True):
            Image.fromarray(image).save(folder / names[label] / f"{number[label]:06}.png")
            number[label] += 1


def _tables(
    options: argparse.Namespace, model: Any, counts: dict, spelling: TableSpelling | None
) -> Iterator[pd.DataFrame]:
    """Rows with their labels; cells of text where a spelling says how they are written."""
    target = options.target or getattr(model, "target_name_", None) or "label"
    draws = {"batch_size": BATCH_SIZE, "random_state": options.seed, "n_jobs": options.jobs}
    for X, y in model.iter_batches(counts, **draws):
        rows = X if isinstance(X, pd.DataFrame) else pd.DataFrame(np.reshape(X, (len(X), -1)))
        rows = rows.rename(columns=str)
        if target in rows:
            raise ValueError(f"the model has a column {target!r}; pass another --target.")
        if spelling is not None:
            rows = spelling.write(rows)
            y = spelling.write_labels(y)
        yield rows.assign(**{target: y})
