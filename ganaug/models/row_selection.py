"""Selection among generated rows: by how much more likely real rows are where they lie."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch

from ganaug.metrics.boosted_trees import BoostedTrees
from ganaug.randomness import SEED_LIMIT
from ganaug.storage.fields import Array, SortedLabels

# Rows that are drawn for each one that is handed out.
N_CANDIDATES = 16

# Rounds in which accepted rows are told from real ones.
N_ROUNDS = 5

# Size of the trees that tell rows apart: on census data larger ones left less for a forest to see.
ODDS_TREES = {"max_iter": 200, "max_leaf_nodes": 63}

# Accepted rows for each real one that classes are told apart by.
N_PER_ROW = 2

# Classes at most that are told apart: each takes trees of its own.
MAX_CLASSES = 10

# Real rows that are learnt from at most, and values of the candidates beside them.
MAX_ROWS = 50_000
MAX_VALUES = 2**24

# Log odds of one round at most, whichever way: more is not known from so few rows.
MAX_LOG_ODDS = 7.0

# What halves an interval of logarithms to nothing.
N_HALVINGS = 60

# Draws rows of a class: of its label, and how many.
Draw = Callable[[Hashable, int], np.ndarray]


@dataclass(eq=False)
class RowSelector:
    """Density ratios of real to generated rows, estimated by classifiers, to select by.

    The ratio of a row x of a class c has two kinds of factors. "Class" factors are p(c | x) among
    real rows over p(c | x) among generated ones: they correct how classes differ. "Odds" are those
    of a classifier of real rows and rows accepted so far.

    Attributes
    ----------
    labels : (labels,) array
        Classes, sorted.
    log_scales : (labels,) array
        Logarithm of what makes of a class's ratios probabilities to be accepted.
    real_classes : BoostedTrees or None
        Classifier of real rows by class; None where there is one class, or there are many.
    generated_classes : list of BoostedTrees
        Classifiers of generated rows by class, one of each time that classes were corrected.
    odds : list of BoostedTrees
        Classifiers of real and generated rows, with their class in the last column.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> real = {"a": rng.uniform(0, 1, (500, 1))}
    >>> selector = RowSelector.fit(
    ...     real, lambda label, n: rng.uniform(0, 2, (n, 1)), [False], np.random.RandomState(0)
    ... )
    >>> rows = np.array([[0.5], [1.5]])
    >>> selector.accepted(rows, "a", np.array([1e-9, 0.01]))
    array([ True, False])
    """

    labels: SortedLabels
    log_scales: Annotated[np.ndarray, Array("float64", "labels")]
    real_classes: BoostedTrees | None
    generated_classes: list[BoostedTrees]
    odds: list[BoostedTrees]

    def __post_init__(self) -> None:
        n_outputs = 1 if len(self.labels) == 2 else len(self.labels)
        real = [] if self.real_classes is None else [self.real_classes]
        if any(len(trees.baseline) != n_outputs for trees in real + self.generated_classes):
            raise ValueError("a classifier of a selection does not tell its classes apart")
        if any(len(trees.baseline) != 1 for trees in self.odds):
            raise ValueError("odds of a selection are not those of two classes")
        if bool(real) != bool(self.generated_classes) or len(set(self.widths())) > 1:
            raise ValueError("classifiers of a selection do not go together")

    def widths(self) -> list[int]:
        """Number of columns that each of the classifiers takes, without that of the class."""
        real = [] if self.real_classes is None else [self.real_classes]
        widths = [len(trees.levels) for trees in real + self.generated_classes]
        return widths + [len(trees.levels) - 1 for trees in self.odds]

    @classmethod
    def fit(
        cls,
        real: Mapping[Hashable, np.ndarray],
        draw: Draw,
        is_categorical: Sequence[bool],
        rng: np.random.RandomState,
        on_stage: Callable[[int], object] = lambda n_stages: None,
    ) -> "RowSelector":
        """A selector of generated rows that lie where real ones do.

        Parameters
        ----------
        real : dict of label to (n_k, columns) array
            Real rows of each class, NaN where they have gaps.
        draw : callable
            Draws rows of a class: of its label, and how many.
        is_categorical : (columns,) sequence of bool
            True for columns whose numbers stand for levels.
        rng : RandomState
        on_stage : callable, optional
            Called with 1 after each of the ``n_stages`` stages.
        """
        fitting = _Fitting(real, draw, is_categorical, rng)
        for stage in _stages(len(real)):
            stage(fitting)
            on_stage(1)
        return cls(
            np.array(sorted(real)),  # type: ignore[type-var]
            fitting.log_scales(1),
            fitting.real_classes,
            fitting.generated_classes,
            fitting.odds,
        )

    def check(self, labels: np.ndarray, n_columns: int) -> None:
        """Raise a ValueError where it selects rows of other classes or columns."""
        if not np.isin(self.labels, labels).all():
            raise ValueError("rows are selected of classes that the encoder does not know")
        if set(self.widths()) != {n_columns}:
            raise ValueError(f"rows are selected by other than {n_columns} columns")

    def knows(self, label: Hashable) -> bool:
        """Return True for a class of which rows are selected."""
        return label in self.labels.tolist()

    def accepted(self, rows: np.ndarray, label: Hashable, uniform: np.ndarray) -> np.ndarray:
        """Mask (n,) of the rows (n, columns) of a class to hand out.

        ``uniform`` (n,) holds random numbers between 0 and 1.
        """
        code = self.labels.tolist().index(label)
        codes = np.full(len(rows), code)
        ratios = np.zeros(len(rows))
        if self.real_classes is not None:
            real = _log_shares(self.real_classes, rows, codes)
            ratios += sum(
                real - _log_shares(trees, rows, codes) for trees in self.generated_classes
            )
        ratios += sum(_log_odds(trees, rows, codes) for trees in self.odds)
        return np.log(uniform) < ratios + self.log_scales[code]

    def select(self, rows: np.ndarray, label: Hashable, stream: torch.Generator) -> np.ndarray:
        """Rows of a class to hand out, by random numbers of a stream."""
        uniform = torch.rand(len(rows), generator=stream, dtype=torch.float64).numpy()
        return rows[self.accepted(rows, label, uniform)]


def n_stages(n_classes: int) -> int:
    """Number of the stages that a selector of so many classes is fitted in."""
    return len(_stages(n_classes))


def max_rows(n_classes: int, n_columns: int) -> int:
    """Real rows of a class that memory and time allow for.

    Examples
    --------
    >>> max_rows(2, 10), max_rows(2, 1000)
    (25000, 524)
    """
    return min(MAX_ROWS, MAX_VALUES // (N_CANDIDATES * n_columns)) // n_classes


class _Fitting:
    """Fit of a selector: candidates, and the logarithms of their density ratios so far.

    Every stage fits one more factor of the ratios to candidates that are accepted by those there
    are, and multiplies it to them.
    """

    def __init__(
        self,
        real: Mapping[Hashable, np.ndarray],
        draw: Draw,
        is_categorical: Sequence[bool],
        rng: np.random.RandomState,
    ):
        self._rng = rng
        self._is_categorical = list(is_categorical)
        self._n_classes = len(real)
        self._real, self._real_codes = _joined(real)
        self._rows, self._codes = _joined(
            {label: draw(label, N_CANDIDATES * len(rows)) for label, rows in real.items()}
        )
        self._ratios = np.zeros(len(self._rows))
        self._real_shares = np.zeros(len(self._rows))
        self.real_classes: BoostedTrees | None = None
        self.generated_classes: list[BoostedTrees] = []
        self.odds: list[BoostedTrees] = []

    def correct_classes(self) -> None:
        """Have classes differ among accepted candidates as they do among real rows."""
        if self.real_classes is None:
            self.real_classes = self._class_trees(self._real, self._real_codes)
            self._real_shares = _log_shares(self.real_classes, self._rows, self._codes)
        drawn = self._draw(N_PER_ROW)
        trees = self._class_trees(self._rows[drawn], self._codes[drawn])
        self.generated_classes.append(trees)
        self._ratios += self._real_shares - _log_shares(trees, self._rows, self._codes)

    def correct_rows(self) -> None:
        """Take from accepted candidates what tells them from real rows."""
        drawn = self._draw(1)
        rows = np.concatenate([self._rows[drawn], self._real])
        codes = np.concatenate([self._codes[drawn], self._real_codes])
        trees = BoostedTrees.fit(
            np.column_stack([rows, codes]),
            np.arange(len(rows)) >= len(drawn),
            [*self._is_categorical, True],
            self._rng.randint(SEED_LIMIT),
            **ODDS_TREES,
        )
        self.odds.append(trees)
        self._ratios += _log_odds(trees, self._rows, self._codes)

    def log_scales(self, n_per_row: int) -> np.ndarray:
        """Logarithms (classes,) of scales that have so many accepted for each real row."""
        share = n_per_row / N_CANDIDATES
        return np.array(
            [log_scale(self._ratios[self._codes == k], share) for k in range(self._n_classes)]
        )

    def _draw(self, n_per_row: int) -> np.ndarray:
        """Numbers of accepted candidates, about so many for each real row."""
        scales = self.log_scales(n_per_row)
        uniform = self._rng.uniform(size=len(self._rows))
        return np.flatnonzero(np.log(uniform) < self._ratios + scales[self._codes])

    def _class_trees(self, X: np.ndarray, y: np.ndarray) -> BoostedTrees:
        return BoostedTrees.fit(X, y, self._is_categorical, self._rng.randint(SEED_LIMIT))


def _stages(n_classes: int) -> Sequence[Callable[[_Fitting], None]]:
    """Corrections in their order: of classes, of rows, and of classes again."""
    rows = N_ROUNDS * [_Fitting.correct_rows]
    classes = [_Fitting.correct_classes] if 1 < n_classes <= MAX_CLASSES else []
    return classes + rows + classes


def log_scale(ratios: np.ndarray, share: float) -> float:
    """Logarithm of the scale by which a share of rows is accepted, by logarithms of their ratios.

    A row is accepted with the probability of its scaled ratio, or surely where that is above 1.

    Examples
    --------
    >>> round(log_scale(np.zeros(5), 0.5), 4)  # the logarithm of 0.5
    -0.6931
    """
    low = -float(ratios.max()) + np.log(share)
    high = -float(ratios.min())
    for _ in range(N_HALVINGS):
        middle = (low + high) / 2
        if np.exp(np.minimum(0.0, ratios + middle)).mean() < share:
            low = middle
        else:
            high = middle
    return float(low + high) / 2


def _log_shares(trees: BoostedTrees, rows: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Logarithm of the probability of each row's class."""
    return np.take_along_axis(trees.log_probabilities(rows), codes[:, None], axis=1)[:, 0]


def _log_odds(trees: BoostedTrees, rows: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Logarithm of the odds that each row is real."""
    scores = trees.scores(np.column_stack([rows, codes]))[:, 0]
    return scores.clip(-MAX_LOG_ODDS, MAX_LOG_ODDS)


def _joined(parts: Mapping[Hashable, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Rows of all classes, sorted by label, and the numbers of their classes."""
    rows = [parts[label] for label in sorted(parts)]  # type: ignore[type-var]
    return np.concatenate(rows), np.repeat(np.arange(len(rows)), [len(own) for own in rows])
