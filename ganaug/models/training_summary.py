"""Summaries of trainings: how they went, and what to do where they did not go well."""

import math
from collections.abc import Hashable, Iterator, Mapping

import numpy as np

from ganaug.trainers.tiers import format_labels
from ganaug.training.health import (
    COLLAPSED,
    DISCRIMINATOR_WON,
    GOOD,
    LATE_SHARE,
    STILL_IMPROVING,
)

Health = Mapping[Hashable, str]
History = Mapping[Hashable, Mapping[str, np.ndarray]]

# What is said of classes in each case, and what to do.
SENTENCES = {
    GOOD: "training of {classes} went well ({rate}; 0.5 is even).",
    DISCRIMINATOR_WON: "the discriminator won against {classes} ({rate}): it tells nearly all "
    "{kind} from real ones, and may know those by heart. Look at copies and coverage in "
    "evaluate(); more {kind}, a larger gamma{augment} or fewer n_steps may help.",
    STILL_IMPROVING: "{kind} of {classes} were still coming nearer to real ones at the end "
    "({rate}): train for more n_steps.",
    COLLAPSED: "{kind} of {classes} are too much alike ({rate}): raise gamma, or lower "
    "learning_rate.",
}


def late_fool_rate(history: Mapping[str, np.ndarray]) -> float:
    """Mean fool rate of a class over the last tenth of its steps; NaN without steps.

    Examples
    --------
    >>> late_fool_rate({"fool_rate": np.array([0.9] * 9 + [0.25])})
    0.25
    """
    values = np.asarray(history["fool_rate"])
    n_last = math.ceil(LATE_SHARE * len(values))
    return float(values[-n_last:].mean()) if n_last else math.nan


def summarize_training(health: Health, history: History, kind: str) -> Iterator[str]:
    """Sentences on how classes were trained, one for those that fared alike.

    Parameters
    ----------
    health : dict of label to str
        As a model's ``health_``; classes that were not trained are left out.
    history : dict of label to dict of str to array
        As its ``history_``.
    kind : {"rows", "images", "sequences"}
        Samples of the model.

    Examples
    --------
    >>> history = {label: {"fool_rate": np.array([0.02])} for label in "ab"}
    >>> print(*summarize_training({"a": "good", "b": "not trained"}, history, "rows"))
    training of class 'a' went well (fool rate 0.02; 0.5 is even).
    """
    for verdict, sentence in SENTENCES.items():
        labels = [label for label, word in health.items() if word == verdict]
        if labels:
            rate = float(np.mean([late_fool_rate(history[label]) for label in labels]))
            yield sentence.format(
                classes=format_labels(labels),
                rate=f"fool rate {rate:.2f}",
                kind=kind,
                augment="" if kind == "rows" else ", a stronger augment",
            )
