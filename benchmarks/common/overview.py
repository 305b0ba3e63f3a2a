"""README's table: what helps where, in a row each, from the results of several programs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmarks.common.markdown import markdown, points
from benchmarks.common.results import as_table
from benchmarks.common.statistics import bootstrap_interval, paired_interval

Records = list[dict[str, Any]]
ReadResults = Callable[[str], Records]


@dataclass(frozen=True)
class Case:
    """A row: data that a reader may have, what to use, and what that was worth.

    Attributes
    ----------
    data, use : str
        In words.
    program : str
        Whose results are read.
    score : str
    method : str
        As the results call what is used.
    without, rival : str
        What it is compared with: nothing of the kind, and the strongest method that trains no GAN.
    called : str
        What to call this rival; empty for as the results do.
    tasks : tuple of str
        Tasks of the results, all where empty.
    options : tuple of (str, value)
        Of the results.
    paired_by : {"seed", "task"}, default="seed"
        What the interval is over: draws of the data, or tables.
    """

    data: str
    use: str
    program: str
    score: str
    method: str
    without: str
    rival: str
    tasks: tuple[str, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()
    called: str = ""
    paired_by: str = "seed"

    def scores(self, records: Records) -> pd.DataFrame:
        """Scores (pairs, methods), averaged over whatever else differs."""
        frame = as_table(
            record
            for record in records
            if (not self.tasks or record["task"] in self.tasks)
            and dict(self.options).items() <= record["options"].items()
        )
        return frame.pivot_table(
            index=["task", self.paired_by] if self.paired_by == "seed" else "task",
            columns="method",
            values=self.score,
        )

    def gains(self, records: Records) -> list[tuple[float, float, float]]:
        """Mean gain and its interval in shares, over nothing of the kind and over the rival."""
        scores = self.scores(records)
        interval = paired_interval if self.paired_by == "seed" else bootstrap_interval
        gains = [
            (scores[self.method] - scores[other]).dropna().to_numpy()
            for other in (self.without, self.rival)
        ]
        return [(float(gain.mean()), *interval(gain)) for gain in gains]

    def cells(self, records: Records) -> list[str]:
        """The row's cells, after its data."""
        over_none, over_rival = (points(*gain) for gain in self.gains(records))
        rival = f"{over_rival} over {self.called or self.rival}"
        return [self.use, over_none, rival, f"`{self.program.replace('/', '.')}`"]


CASES = (
    Case(
        "20 labelled digits of each kind, 5,000 others (MNIST)",
        "`DiscriminatorFeatures`",
        "images/discriminator_features",
        "accuracy",
        "discriminator",
        "pixels",
        "random networks",
        ("mnist-20",),
    ),
    Case(
        "50 labelled photographs of each kind (CIFAR-10)",
        "`DiscriminatorClassifier`",
        "images/fine_tuning",
        "accuracy",
        "discriminator",
        "random weights",
        "rotations, unlabelled",
        ("cifar10-50",),
        (("n_steps", 3000),),
        called="learning how others are turned",
    ),
    Case(
        "20 labelled photographs of each kind, 4,800 others",
        "the same, with self-training",
        "images/unlabelled",
        "accuracy",
        "discriminator + self-training",
        "classical",
        "self-training",
    ),
    Case(
        "an unequal table; decisions count (balanced accuracy, ten tables)",
        "`GANOverSampler`",
        "tables/oversampling",
        "balanced_accuracy",
        "GAN",
        "none",
        "SMOTE",
        paired_by="task",
    ),
    Case(
        "the same; ranking counts (average precision)",
        "`AugmentedClassifier(synthetic_weight=0.25)`",
        "tables/oversampling",
        "average_precision",
        "GAN, rows weighted 1/4",
        "none",
        "random copies, rows weighted 1/4",
        called="copies of that weight",
        paired_by="task",
    ),
    Case(
        "50 photographs of each kind, beside classical augmentation",
        "generated images: rather none",
        "images/classification",
        "accuracy",
        "GAN",
        "classical",
        "strong",
        ("cifar10-50",),
        called="colours and turns too",
    ),
)


def overview(read: ReadResults) -> str:
    """The table, of results as a function from a program to its records."""
    names = ["use", "gain in points", "and over the best without a GAN", "measured by"]
    rows = {case.data: case.cells(read(case.program)) for case in CASES}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=names)
    return markdown(table.rename_axis("you have"))
