"""Summaries of trainings: how they went, and what to do where they did not go well."""

import math
from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import NamedTuple

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

# A share of the default steps, below which a game has had too few for a verdict to be final: of
# half of them, a game that no longer improves is played four fifths.
FEW = 0.4

# What is said of classes in each case.
SENTENCES = {
    GOOD: "training{of_classes} went well (fool rate {rate:.2f}; below {limit} the discriminator "
    "has won)",
    DISCRIMINATOR_WON: "the discriminator won{against_classes} (fool rate {rate:.2f}, below "
    "{limit}): it tells nearly all generated {kind} from real ones",
    COLLAPSED: "{kind}{of_classes} are too much alike",
    STILL_IMPROVING: "{kind}{of_classes} were still coming nearer to real ones at the end{lost}",
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
# What is said after few steps, which no verdict is final after, and what to do then.
SENTENCES_ON_FEW = SENTENCES | {
    GOOD: "training{of_classes} shows no trouble (fool rate {rate:.2f})"
}
ADVICE_ON_FEW = {
    GOOD: ", but {few}",
    DISCRIMINATOR_WON: ", but {few}. If it still wins after more n_steps, raise gamma",
    COLLAPSED: ", but {few}. If they still are after more n_steps, raise gamma",
    STILL_IMPROVING: ", and {few}: train for more n_steps{first}",
}
# Said of classes that are still improving, where the discriminator wins.
LOST = (
    ", though the discriminator tells nearly all from these (fool rate {rate:.2f}, below {limit})"
)


class _Case(NamedTuple):
    """Verdict and words that classes of one sentence have in common."""

    verdict: str
    few: str
    lost: bool


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
    auto_n_steps: Mapping[Hashable, int],
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
    auto_n_steps : dict of label to int
        As its ``auto_n_steps_``: after less than half of these steps no verdict is final.
    labels : collection of labels or None, default=None
        Classes that are spoken of; None speaks of all.
    named : bool, default=True
        False where all samples are of one class, which needs no name.

    Examples
    --------
    >>> history = {label: {"fool_rate": np.full(60, 0.42)} for label in "ab"}
    >>> health = {"a": "good", "b": "not trained"}
    >>> print(*summarize_training(health, history, "rows", {"a": 60}))
    training of class 'a' went well (fool rate 0.42; below 0.1 the discriminator has won).
    >>> print(*summarize_training(health, history, "rows", {"a": 500}))
    training of class 'a' shows no trouble (fool rate 0.42), but 60 steps are few (by default 500).
    """
    spoken_of = health if labels is None else labels
    rates = {label: late_fool_rate(history[label]) for label in health}
    cases: dict[_Case, list[Hashable]] = {}
    for verdict in SENTENCES:
        for label in health:
            if label in spoken_of and health[label] == verdict:
                few = _few(len(history[label]["fool_rate"]), auto_n_steps[label])
                lost = verdict == STILL_IMPROVING and rates[label] < MIN_FOOL_RATE
                case = _Case(verdict, few, lost)
                cases.setdefault(case, []).append(label)
    # while samples come nearer, nothing else that is said of the model is final
    unfinished = STILL_IMPROVING in health.values()
    failed = {case.verdict for case in cases} - {GOOD, STILL_IMPROVING}
    first = ", before you change anything else" if unfinished and failed else ""
    for case, alike in cases.items():
        if case.few:
            sentence = SENTENCES_ON_FEW[case.verdict] + ADVICE_ON_FEW[case.verdict]
        else:
            advice = LATER_ADVICE if unfinished else ADVICE
            sentence = SENTENCES[case.verdict] + advice.get(case.verdict, "")
        sentence = sentence.replace("{lost}", LOST if case.lost else "") + "."
        yield sentence.format(
            of_classes=f" of {format_labels(alike)}" if named else "",
            against_classes=f" against {format_labels(alike)}" if named else "",
            # never rounded up to the limit that it is below
            rate=math.floor(100 * np.mean([rates[label] for label in alike])) / 100,
            limit=MIN_FOOL_RATE,
            kind=kind,
            stronger="" if kind == "rows" else ", choose a stronger augment,",
            few=case.few,
            first=first,
        )


def _few(n_steps: int, auto_n_steps: int) -> str:
    """Words for steps that are too few; empty for enough."""
    if n_steps >= FEW * auto_n_steps:
        return ""
    steps = "1 step is" if n_steps == 1 else f"{n_steps} steps are"
    return f"{steps} few (by default {auto_n_steps})"
