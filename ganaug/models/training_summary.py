"""Summaries of trainings: how they went, and what to do where they did not go well."""

import math
from collections.abc import Collection, Hashable, Iterator, Mapping

import numpy as np

from ganaug.trainers.tiers import format_labels
from ganaug.training.health import (
    COLLAPSED,
    DISCRIMINATOR_WON,
    GOOD,
    LATE_SHARE,
    MIN_FOOL_RATE,
    STILL_IMPROVING,
)

Health = Mapping[Hashable, str]
History = Mapping[Hashable, Mapping[str, np.ndarray]]

# What is said of classes in each case.
SENTENCES = {
    GOOD: "training{of_classes} went well (fool rate {rate:.2f}; below {limit} the discriminator "
    "has won)",
    DISCRIMINATOR_WON: "the discriminator won{against_classes} (fool rate {rate:.2f}, below "
    "{limit}): it tells nearly all generated {kind} from real ones",
    COLLAPSED: "{kind}{of_classes} are too much alike",
    STILL_IMPROVING: "{kind}{of_classes} were still coming nearer to real ones at the end",
}
# What to do.
ADVICE = {
    DISCRIMINATOR_WON: ". Train on more {kind}{stronger} or raise gamma",
    COLLAPSED: ": raise gamma",
    STILL_IMPROVING: ": train for more n_steps, such as twice as many{first}",
}
# What to do where classes beside them are still improving.
LATER_ADVICE = {
    DISCRIMINATOR_WON: ". If it still wins after more n_steps, raise gamma",
    COLLAPSED: ". If they still are after more n_steps, raise gamma",
    STILL_IMPROVING: ADVICE[STILL_IMPROVING],
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


def summarize_training(
    health: Health,
    history: History,
    kind: str,
    labels: Collection[Hashable] | None = None,
    named: bool = True,
) -> Iterator[str]:
    """Sentences on how classes were trained, one for those that fared alike.

    Parameters
    ----------
    health : dict of label to str
        As a model's ``health_``; classes that were not trained are left out.
    history : dict of label to dict of str to array
        As its ``history_``.
    kind : {"rows", "images", "sequences"}
        Samples of the model.
    labels : collection of labels or None, default=None
        Classes that are spoken of; None speaks of all.
    named : bool, default=True
        False where all samples are of one class, which needs no name.

    Examples
    --------
    >>> history = {label: {"fool_rate": np.array([0.42])} for label in "ab"}
    >>> print(*summarize_training({"a": "good", "b": "not trained"}, history, "rows"))
    training of class 'a' went well (fool rate 0.42; below 0.1 the discriminator has won).
    """
    spoken_of = health if labels is None else labels
    found = {
        verdict: alike
        for verdict in SENTENCES
        if (alike := [label for label in health if label in spoken_of and health[label] == verdict])
    }
    # while samples come nearer, nothing else that is said of the model is final
    unfinished = STILL_IMPROVING in health.values()
    advice = LATER_ADVICE if unfinished else ADVICE
    others_failed = unfinished and not found.keys() <= {GOOD, STILL_IMPROVING}
    for verdict, alike in found.items():
        rate = float(np.mean([late_fool_rate(history[label]) for label in alike]))
        sentence = SENTENCES[verdict] + advice.get(verdict, "") + "."
        yield sentence.format(
            of_classes=f" of {format_labels(alike)}" if named else "",
            against_classes=f" against {format_labels(alike)}" if named else "",
            # never rounded up to the limit that it is below
            rate=math.floor(100 * rate) / 100,
            limit=MIN_FOOL_RATE,
            kind=kind,
            stronger="" if kind == "rows" else ", choose a stronger augment,",
            first=", before you change anything else" if others_failed else "",
        )
