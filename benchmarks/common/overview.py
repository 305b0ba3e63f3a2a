"""README's table: what helps where, in a row each, from the results of several programs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmarks.common.markdown import markdown, points
from benchmarks.common.results import as_table
from benchmarks.common.statistics import bootstrap_interval, paired_interval

Records = list[dict[str, Any]]
Gain = tuple[float, float, float]  # mean and ends of its interval, in shares
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
    without : str
        Nothing of the kind.
    rivals : dict of str to str
        All methods of the program that train no GAN, and what to call them.
    tasks : tuple of str
        Tasks of the results, all where empty.
    options : tuple of (str, value)
        Options of those results that depend on them.
    arguments : str
        Words of the command line, beside the data.
    paired_by : {"seed", "task"}, default="seed"
        What the interval is over: draws of the data, or tables.
    """

    data: str
    use: str
    program: str
    score: str
    method: str
    without: str
    rivals: Mapping[str, str]
    tasks: tuple[str, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()
    arguments: str = ""
    paired_by: str = "seed"

    def scores(self, records: Records) -> pd.DataFrame:
        """Scores (pairs, methods), averaged over whatever else differs."""
        frame = as_table(
            record
            for record in records
            if (not self.tasks or record["task"] in self.tasks)
            and all(record["options"].get(name, value) == value for name, value in self.options)
        )
        return frame.pivot_table(
            index=["task", self.paired_by] if self.paired_by == "seed" else "task",
            columns="method",
            values=self.score,
        )

    def gains(self, records: Records) -> tuple[Gain, Gain, str]:
        """Gains over nothing of the kind and over the best of the rivals, and what this is called.

        The best rival is that over which the gain is least, of those that have a score on half of
        the pairs at least; where it has none on some, its name says on how many.
        """
        scores = self.scores(records)
        differences = {
            other: (scores[self.method] - scores[other]).dropna().to_numpy()
            for other in {self.without, *self.rivals}
        }
        common = [other for other in self.rivals if 2 * len(differences[other]) >= len(scores)]
        best = min(common, key=lambda other: differences[other].mean())
        interval = paired_interval if self.paired_by == "seed" else bootstrap_interval
        over_none, over_best = (
            (float(gain.mean()), *interval(gain))
            for gain in (differences[self.without], differences[best])
        )
        n_all = len(differences[self.without])
        n_pairs = len(differences[best])
        part = "" if n_pairs == n_all else f" ({n_pairs} of {n_all} {self.pairs})"
        return over_none, over_best, self.rivals[best] + part

    @property
    def pairs(self) -> str:
        """Name of what the interval is over."""
        return "draws" if self.paired_by == "seed" else "tables"

    def cells(self, records: Records) -> list[str]:
        """The row's cells, after its data."""
        over_none, over_best, name = self.gains(records)
        scores = self.scores(records)[[self.method, self.without]].dropna()
        return [
            self.use,
            points(*over_none),
            f"{points(*over_best)} over {name}",
            f"{len(scores)} {self.pairs}",
            f"`{self.program.replace('/', '.')}{self.arguments}`",
        ]


OVER_SAMPLERS = {
    "class weights": "class weights",
    "random copies": "copies",
    "random copies weighted 1/4": "copies of a quarter of the weight",
    "random copies, shrinkage 1": "copies with noise",
    "SMOTE": "SMOTE",
    "SMOTENC": "SMOTENC",
    "Borderline-SMOTE": "Borderline-SMOTE",
    "ADASYN": "ADASYN",
    "MGS-GRF": "MGS-GRF",
    "shuffled columns": "shuffled columns",
}

CASES = (
    Case(
        "20 labelled digits of each class and 5,000 others (MNIST), logistic regression",
        "`DiscriminatorFeatures`",
        "images/discriminator_features",
        "accuracy",
        "discriminator",
        "pixels",
        {
            "pixels": "pixels",
            "principal components": "principal components",
            "random networks": "random networks",
            "untrained discriminator": "an untrained discriminator",
        },
        ("mnist-20",),
    ),
    Case(
        "50 labelled photographs of each class (CIFAR-10), a small network",
        "`DiscriminatorClassifier(pretrained=True, sample_share=0)`",
        "images/fine_tuning",
        "accuracy",
        "discriminator",
        "random weights",
        {
            "random weights": "random weights",
            "rotations, unlabelled": "a network that has learnt how far images are rotated",
        },
        ("cifar10-50",),
        (("n_steps", 3000),),
    ),
    Case(
        "20 labelled photographs of each class and 4,800 others, a small network",
        "the same, with `unlabeled_label=-1`",
        "images/unlabelled",
        "accuracy",
        "discriminator",
        "random weights",
        {
            "random weights": "random weights",
            "classical": "a small network",
            "self-training": "its self-training",
        },
        arguments=" --seeds 5",
    ),
    Case(
        "an unequal table; decisions count (balanced accuracy, ten tables)",
        "`GANOverSampler`",
        "tables/oversampling",
        "balanced_accuracy",
        "GAN",
        "none",
        OVER_SAMPLERS,
        paired_by="task",
    ),
    Case(
        "the same; ranking counts (average precision)",
        "`AugmentedClassifier(gate=None, synthetic_weight=0.25)`",
        "tables/oversampling",
        "average_precision",
        "GAN weighted 1/4",
        "none",
        OVER_SAMPLERS,
        paired_by="task",
    ),
    Case(
        "50 photographs of each class, with classical augmentation",
        "no generated images; if added, they gain",
        "images/classification",
        "accuracy",
        "GAN",
        "classical",
        {
            "strong": "colours and rotations too",
            "mixup": "mixup",
            "SMOTE": "SMOTE",
            "copies + noise": "noise",
        },
        ("cifar10-50",),
        (("share", 0.1),),
        " --share 0.1",
    ),
)


def overview(read: ReadResults) -> str:
    """The table, of results as a function from a program to its records."""
    names = ["use", "gain", "gain over the best alternative there", "n", "measured by"]
    rows = {case.data: case.cells(read(case.program)) for case in CASES}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=names)
    return markdown(table.rename_axis("you have"))
