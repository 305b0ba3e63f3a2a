"""Training rows that a model of tables holds, and its file with them or without."""

from collections.abc import Hashable
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ganaug.encoding.rows import dense
from ganaug.encoding.schema import TableSchema
from ganaug.encoding.table import TableEncoder
from ganaug.metrics.copies import find_copies
from ganaug.models.held_samples import HeldSamplesMixin
from ganaug.models.state_checks import check_held

# Training rows of a class that are held for ``evaluate``.
MAX_KEPT = 10_000


class HeldRowsMixin(HeldSamplesMixin):
    """Gives a model of tables some of its training rows to look at.

    The model keeps them, merged, as ``_kept_rows``, and the numbers of their classes as
    ``_kept_labels``.
    """

    _HELD = ("_kept_rows", "_kept_labels")

    classes_: np.ndarray
    class_counts_: dict[Hashable, int]
    _schema: TableSchema
    _encoder: TableEncoder
    _kept_rows: np.ndarray
    _kept_labels: np.ndarray
    _check_labels: Any
    _read: Any
    _wrap: Any
    _name: Any

    def training_samples(self, label: Hashable) -> Any:
        """Training rows of a class, up to 10,000 of them, in the type of X."""
        check_is_fitted(self)
        self._check_labels([label])
        return self._wrap(self._rows_of(label))

    def nearest_training_samples(self, X: Any, label: Hashable) -> Any:
        """Training row of a class that each row is nearest to: in normal scores and levels."""
        rows = self._rows_of(label)
        scores = map(self._encoder.encode, (rows, dense(self._read(X))))
        return self._wrap(rows[find_copies(*scores, features=np.asarray).nearest])

    def _keep_rows(self, X: Any, y: np.ndarray, rng: np.random.RandomState) -> None:
        """Hold some training rows of each class, for ``evaluate``."""
        rows = [rng.permutation(np.flatnonzero(y == label)) for label in self.class_counts_]
        chosen = np.concatenate([of_class[:MAX_KEPT] for of_class in rows])
        self._kept_rows = dense(X[chosen])
        self._kept_labels = np.searchsorted(self.classes_, y[chosen])

    def _rows_of(self, label: Hashable) -> np.ndarray:
        """Rows of a class that are kept, merged."""
        check_held(self._kept_rows, "rows")
        return self._kept_rows[self.classes_[self._kept_labels] == label]

    def _fitted_state(self) -> Any:
        state = super()._fitted_state()  # type: ignore[misc]
        if state is not None:
            state.schema.check_saveable()
        return state

    def _without_samples(self) -> Any:
        if hasattr(self, "_encoder"):
            donated = [self._name(column) for column in self._encoder.donors.columns.tolist()]
            if donated:
                raise ValueError(
                    f"levels of {', '.join(donated)} are drawn from training rows: a file without "
                    "these would draw none. Save it with rows, or fit without these columns."
                )
        return super()._without_samples()
