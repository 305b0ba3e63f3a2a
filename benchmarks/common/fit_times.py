"""README's table of how long fits take, from the results of several programs."""

from collections.abc import Callable
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
        spread = f"{seconds.mean():.0f} ({seconds.min():.0f} to {seconds.max():.0f})"
        rows.append((data, f"`{model}`", spread, len(seconds), f"`{program.replace('/', '.')}`"))
    program = f"`{LARGE.replace('/', '.')}`"
    for record in read(LARGE):
        seconds = f"{record['scores']['cpu_seconds']:.0f} (from short fits)"
        rows.append((record["task"], f"`{record['method']}`", seconds, "", program))
    columns = ["data", "model", "seconds", "fits", "measured by"]
    return markdown(pd.DataFrame(rows, columns=columns).set_index("data"))
