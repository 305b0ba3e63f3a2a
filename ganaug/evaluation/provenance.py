"""Provenance of findings: data, settings, versions and machine, as texts of a page."""

import os
import platform
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import sklearn
import torch

from ganaug.evaluation.scores import scoring_meaning, scoring_name
from ganaug.evaluation.splits import Split, classes_missing
from ganaug.models.protocol import is_sequence_model
from ganaug.strategy import class_counts
from ganaug.version import __version__

# As the packages call them themselves: that of torch names its build.
VERSIONS = {
    "ganaug": __version__,
    "torch": torch.__version__,
    "scikit-learn": sklearn.__version__,
    "numpy": np.__version__,
}

# Parts of each kind of samples.
PARTS = {"rows": "columns", "images": "pixels", "sequences": "values"}

# Classes that are named with their sizes, and letters of a setting.
MAX_CLASSES = 20
MAX_LETTERS = 300


@dataclass(frozen=True)
class Provenance:
    """Data and settings that findings come from; texts only, so that it holds no rows.

    Attributes
    ----------
    sizes : dict of label to int
        Rows of each class.
    shape : tuple of int
        Shape of all rows, or images, with those that have no class.
    classifiers : str
        The classifiers, as Python shows them.
    settings : dict of str to str
        Python's texts of ``gan``, ``sampling_strategy``, ``random_state`` and ``n_steps``, the
        steps of the small networks.
    score : str
        Name of the score, in words.
    scoring : str
        Meaning of it, and the parameter that chose it.
    date : str
        Day and time at which it was found.
    n_splits : int or None, default=None
        Splits that were to be done; fewer are, where it was interrupted. None where not known.
    rare : tuple of labels, default=()
        Classes without a test row in some splits.
    sample_kind : {"rows", "images", "sequences"}, default="rows"
    """

    sizes: Mapping[Hashable, int]
    shape: tuple[int, ...]
    classifiers: str
    settings: Mapping[str, str]
    score: str
    scoring: str
    date: str
    n_splits: int | None = None
    rare: tuple[Hashable, ...] = ()
    sample_kind: str = "rows"

    @classmethod
    def of(
        cls,
        X: Any,
        y: np.ndarray,
        estimators: Mapping[str, Any],
        *,
        scoring: Any = None,
        splits: Sequence[Split] | None = None,
        **settings: Any,
    ) -> "Provenance":
        """Describe what is judged.

        Parameters
        ----------
        X, y : rows and their classes
        estimators : dict of str to classifier
        scoring : str, callable or None, default=None
        splits : sequence of (train, test) or None, default=None
            Row numbers of the splits, where they are known.
        **settings
            Parameters ``gan``, ``sampling_strategy``, ``random_state`` and ``n_steps``, those that
            were given.
        """
        names = (
            text if name == type(estimator).__name__ else f"{name}: {text}"
            for name, estimator in estimators.items()
            for text in [_classifier_text(estimator)]
        )
        return cls(
            sizes=class_counts(y),
            shape=tuple(X.shape),
            classifiers="; ".join(" ".join(_cut(name).split()) for name in names),
            settings={name: " ".join(repr(value).split()) for name, value in settings.items()},
            score=scoring_name(scoring),
            scoring=_cut(scoring_meaning(scoring)),
            date=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %z"),
            n_splits=None if splits is None else len(splits),
            rare=() if splits is None else tuple(classes_missing(splits, y)),
            sample_kind=_sample_kind(X, settings.get("gan")),
        )

    @property
    def of_verdict(self) -> tuple[str, int | None, tuple[Hashable, ...]]:
        """Name of the score, number of splits, and rare classes, as ``verdict`` takes them."""
        return self.score, self.n_splits, self.rare

    def facts(self, data_name: str | None = None) -> dict[str, str]:
        """All of it by what it is called, for people."""
        n_rows, *rest = self.shape
        kind = self.sample_kind
        parts = f"{' x '.join(map(str, rest))} {PARTS[kind]}"
        named = [f"{label}: {n}" for label, n in list(self.sizes.items())[:MAX_CLASSES]]
        more = len(self.sizes) - len(named)
        gan = self.settings.get("gan", "None")
        default = "ImageGAN()" if len(rest) > 1 else "TableGAN()"
        seed = self.settings.get("random_state", "None")
        facts = {
            "data": data_name or "",
            "rows": f"{n_rows} {kind} of {parts}",
            "classes": f"{len(self.sizes)}; {kind} of each: {', '.join(named)}"
            + (f" and {more} more" if more else ""),
            "classifier": self.classifiers,
            "model": default if gan == "None" else _cut(gan),
            "sampling strategy": self.settings.get("sampling_strategy", "auto").strip("'"),
            "scored by": self.scoring,
            "seed": "none was set (random_state=None): another run differs a little"
            if seed == "None"
            else f"random_state={_cut(seed)}",
            "date": self.date,
            "versions": f"{_versions()}, Python {platform.python_version()}",
            "machine": _machine(),
        }
        return {name: fact for name, fact in facts.items() if fact}


def _sample_kind(X: Any, gan: Any) -> str:
    """Kind of samples, by the model, which may be frozen, and by their shape."""
    if is_sequence_model(getattr(gan, "estimator", gan)):
        return "sequences"
    return "images" if len(X.shape) > 2 else "rows"


def _classifier_text(estimator: Any) -> str:
    """A classifier as Python shows it; of a pipeline, the names of the steps before the last.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> _classifier_text(make_pipeline(StandardScaler(), SVC(C=2)))
    'StandardScaler, SVC(C=2)'
    """
    steps = [step for _, step in getattr(estimator, "steps", [])]
    if not steps:
        return repr(estimator)
    before = (_classifier_names(step) for step in steps[:-1])
    return ", ".join([*before, _classifier_text(steps[-1])])


def _classifier_names(step: Any) -> str:
    """Name of a step; "passthrough" and the like stay."""
    return step if isinstance(step, str) else type(step).__name__


def _versions() -> str:
    return ", ".join(f"{name} {version}" for name, version in VERSIONS.items())


def _machine() -> str:
    cores = os.cpu_count()
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return f"{platform.system()} on {platform.machine()}, {cores} cores, {gpu}"


def _cut(text: str) -> str:
    return text if len(text) <= MAX_LETTERS else f"{text[:MAX_LETTERS]} ..."
