"""README's table of how long fits take, from the results of several programs."""

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from benchmarks.common.markdown import markdown
from benchmarks.common.results import as_table

Records = list[dict[str, Any]]

# Data in words, the model, and where its seconds are: program and tasks. Images of which there are
# more take as many steps, so their times are taken together.
IMAGES = "images/quality"
FITS = [
    ("22,800 rows of 14 columns, 2 classes", "TableGAN", "tables/synthetic_only", ["adult"]),
    ("500 grey images of 8 pixels a side, 10 classes", "ImageGAN", IMAGES, ["digits-50"]),
    ("500 grey images of 28 pixels, 10 classes", "ImageGAN", IMAGES, ["mnist-50"]),
    (
        "500 or 2,000 colour images of 32 pixels, 10 classes",
        "ImageGAN",
        IMAGES,
        ["cifar10-50", "cifar10-200"],
    ),
]

# Whole fits of sequences, and the data in words.
SEQUENCES = "cost/sequences"
N_CLASSES = 5
OF_SEQUENCES = f"200 sequences of 150 steps, {N_CLASSES} classes"

# Whole reports.
REPORTS = "cost/reports"

# Data and models whose CPU seconds follow from short fits.
LARGE = "cost/large_images"


def fit_times(read: Callable[[str], Records]) -> str:
    """Table of seconds, mean and range over seeds, as Markdown.

    Parameters
    ----------
    read : callable
        Function that reads the records of a program.
    """
    rows = []
    for data, model, program, tasks in FITS:
        frame = as_table(
            record
            for record in read(program)
            if record["task"] in tasks and (record["method"], record["device"]) == (model, "cpu")
        )
        seconds = frame.drop_duplicates(["task", "seed"])["seconds"].dropna()
        rows.append((data, model, *_spread(seconds), program))
    rows += _of_sequences(read(SEQUENCES))
    for (data, command), own in as_table(read(REPORTS)).groupby(["task", "method"], sort=False):
        rows.append((data, command, *_spread(own["wall_seconds"]), REPORTS))
    for record in read(LARGE):
        seconds = f"{record['scores']['cpu_seconds']:.0f} (from short fits)"
        rows.append((record["task"], record["method"], seconds, "", LARGE))
    table = pd.DataFrame(rows, columns=["data", "model", "seconds", "fits", "measured by"])
    table["model"] = "`" + table["model"] + "`"
    table["measured by"] = "`" + table["measured by"].str.replace("/", ".") + "`"
    return markdown(table.set_index("data"))


def _of_sequences(records: Records) -> Iterator[tuple[str, str, str, int, str]]:
    """Rows of whole fits of five classes, by parameters that differ from the defaults."""
    frame = as_table(
        record
        for record in records
        if record["method"] == "whole fit"
        and record["task"].startswith("40 sequences of 150 steps, 1 ")
        and (record["options"]["n_classes"], record["options"]["n_steps"]) == (N_CLASSES, "auto")
    )
    for call, own in frame.groupby(frame["parameters"].map(_call), sort=False):
        yield OF_SEQUENCES, call, *_spread(own["seconds"]), SEQUENCES


def _call(parameters: dict[str, Any]) -> str:
    """Call of the model with parameters that differ from its defaults."""
    given = ", ".join(f"{name}={value!r}" for name, value in parameters.items())
    return f"SequenceGAN({given})" if given else "SequenceGAN"


def _spread(seconds: pd.Series) -> tuple[str, int]:
    """Mean of seconds, with the range of several, and their number."""
    mean = f"{seconds.mean():.0f}"
    if len(seconds) < 2:
        return mean, len(seconds)
    return f"{mean} ({seconds.min():.0f} to {seconds.max():.0f})", len(seconds)
