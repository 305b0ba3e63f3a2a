"""Starts of a classifier of images, and the choice among them on images that none has seen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from ganaug.evaluation.statistics import SURE, moderated_intervals


@dataclass(frozen=True)
class Start:
    """Start of a classifier of images: what it knows before it sees a label.

    Attributes
    ----------
    name : str
        Name in tables.
    pretrained : bool
        True for a discriminator's weights, False for random ones.
    sample_share : float, default=0.0
        Share of each batch that a GAN of the classes has drawn.
    """

    name: str
    pretrained: bool
    sample_share: float = 0.0


PRETRAINED = Start("discriminator", True)
RANDOM = Start("random weights", False)

# Share of each batch that is tried.
SAMPLE_SHARE = 0.25


def candidates(pretrained: bool | str, sample_share: float | str) -> list[Start]:
    """Starts among which parameters of ``DiscriminatorClassifier`` leave a choice.

    Examples
    --------
    >>> [start.name for start in candidates(True, "auto")]
    ['discriminator', 'discriminator, 0.25 of samples']
    >>> candidates(False, 0.0)
    [Start(name='random weights', pretrained=False, sample_share=0.0)]
    """
    starts = {"auto": [PRETRAINED, RANDOM], True: [PRETRAINED], False: [RANDOM]}[pretrained]
    if isinstance(sample_share, str):
        return [*starts, with_samples(starts[0], SAMPLE_SHARE)]
    return [with_samples(start, sample_share) for start in starts]


def with_samples(start: Start, share: float) -> Start:
    """The start with a share of each batch drawn by a GAN of the classes."""
    if share == 0:
        return start
    return replace(start, name=f"{start.name}, {share:g} of samples", sample_share=share)


def choose_start(starts: Sequence[Start], correct: pd.DataFrame) -> Start:
    """Start to take: the one that was right more often, samples only where that is sure.

    Parameters
    ----------
    starts : sequence of Start
        Candidates; of equals the first is taken.
    correct : (n_images, n_starts) DataFrame of bool
        Whether a classifier that did not see an image was right about it, by start.

    Examples
    --------
    >>> import numpy as np
    >>> right = np.arange(100) < 60
    >>> correct = pd.DataFrame({"discriminator": ~right, "random weights": right})
    >>> choose_start([PRETRAINED, RANDOM], correct).name
    'random weights'
    """
    n_with_samples = sum(start.sample_share > 0 for start in starts)
    # where all draw samples, nothing is to be decided about them
    plain = [one for one in starts if one.sample_share == 0 or n_with_samples == len(starts)]
    best = max(plain, key=lambda start: correct[start.name].mean())
    for start in starts:
        gain = correct[start.name].astype(float) - correct[best.name]
        if start not in plain and moderated_intervals(gain.to_frame(), SURE)["low"].iloc[0] > 0:
            best = start
    return best
