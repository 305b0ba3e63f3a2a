"""``ganaug augment``: a table grows by synthetic rows."""

import argparse
import time

import pandas as pd

from ganaug.arguments.paths import check_space
from ganaug.commands.labels import read_labels
from ganaug.commands.options import strategy_argument
from ganaug.commands.terminal import escape, print_lines
from ganaug.models.table import TableGAN
from ganaug.storage.atomic import atomic_write
from ganaug.strategy import class_counts, rows_to_add, warn_if_nothing_is_added
from ganaug.unlabeled import numbers_of_objects, unlabeled_mask


def run(options: argparse.Namespace) -> None:
    """Train a model, and write the grown table."""
    start = time.perf_counter()
    table = options.opened
    all_labels, mark = read_labels(options)
    labels = numbers_of_objects(all_labels[~unlabeled_mask(all_labels, mark)])
    added = rows_to_add(strategy_argument(options), labels)
    warn_if_nothing_is_added(added)
    # of each value a character and what separates it from the next
    check_space(options.output, sum(added.values()) * (2 * len(table.columns)))
    steps = "auto" if options.steps is None else options.steps
    gan = TableGAN(
        n_steps=steps,
        device=options.device,
        random_state=options.seed,
        verbose=1,
        unlabeled_label=mark,
    )
    with atomic_write(options.output, options.overwrite) as unfinished:
        if added:
            gan.fit_file(table, options.target, labels=list(added))
        batches = gan.iter_batches(added) if added else ()
        rows = (X.assign(**{options.target: y}) for X, y in batches)
        table.write_grown(unfinished, rows, options.mark, options.keep)
    sizes = class_counts(labels)
    counts = pd.DataFrame(
        {
            "class": list(map(escape, sizes)),
            "real": list(sizes.values()),
            "synthetic": [added.get(label, 0) for label in sizes],
        }
    )
    n_added = sum(added.values())
    print_lines(
        *counts.to_string(index=False).split("\n"),
        "",
        f"{options.output}: {len(all_labels) + n_added} rows, {n_added} of them synthetic "
        f"(column {options.mark!r}), in {time.perf_counter() - start:.1f} s.",
        "Whether they help your classifier is a question for ganaug.compare, on real rows.",
    )
