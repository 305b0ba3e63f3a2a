"""Matrices of floats <-> rows of encoded features, column by column."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import torch
from scipy.special import ndtr

from ganaug.encoding.casting import cast
from ganaug.encoding.categories import CategoricalColumn
from ganaug.encoding.columns import MissingAwareColumn, NumericColumn
from ganaug.encoding.level_donors import LevelDonors
from ganaug.encoding.missing import missing_mask
from ganaug.encoding.relations import Relations
from ganaug.encoding.rows import Matrix, class_numbers, dense
from ganaug.storage.fields import Array, SortedLabels
from ganaug.training.layout import FeatureLayout

# Features that are encoded in one pass, so that what lies between stays small.
ENCODED_AT_ONCE = 2**22


@dataclass(eq=False)
class TableEncoder:
    """Encodes each column by its own kind and puts the results side by side.

    Attributes
    ----------
    labels : (n_classes,) array
        Classes of the rows that it was fitted on, sorted.
    dtype : numpy.dtype
        Dtype of the table, and of decoded rows.
    gapless : (columns,) array of bool
        True for columns that have no gaps, and so cannot encode one.
    columns : list of NumericColumn, MissingAwareColumn or CategoricalColumn
        Encoder of each column.
    relations : Relations
        Relations between columns of numbers, which decoded rows have.
    donors : LevelDonors
        Rows that decoded ones take some levels from.
    layout : FeatureLayout
        Layout of encoded rows: which features belong together.

    Examples
    --------
    >>> X = np.array([[1.0, 1.0], [2.0, 0.0], [4.0, np.nan]])
    >>> encoder = TableEncoder.fit(X, is_categorical=[False, True])
    >>> encoder.layout
    FeatureLayout(width=4, blocks=((1, 4),), presence_masks=())
    >>> np.allclose(encoder.decode(encoder.encode(X)), X, equal_nan=True)
    True
    """

    labels: SortedLabels
    dtype: np.dtype
    gapless: Annotated[np.ndarray, Array("bool", "columns")]
    columns: list[NumericColumn | MissingAwareColumn | CategoricalColumn]
    relations: Relations
    donors: LevelDonors

    def __post_init__(self) -> None:
        if self.dtype.kind not in "biuf" or len(self.columns) != len(self.gapless):
            raise ValueError(f"{len(self.columns)} columns of {self.dtype} are no table")
        self._numeric = {
            j: one for j, one in enumerate(self.columns) if not isinstance(one, CategoricalColumn)
        } | self.relations.target_columns
        if not np.isin(self.relations.columns, list(self._numeric)).all():
            raise ValueError("relations are between columns that hold no numbers")
        self._ends = np.cumsum([column.width for column in self.columns]).tolist()
        self.layout = self._layout()
        self._quantities = ~self.layout.one_hot_mask(torch.device("cpu")).numpy()
        self._of_donors = self._features_of_donors()

    @classmethod
    def fit(
        cls, X: Matrix, y: np.ndarray | None = None, is_categorical: Sequence[bool] | None = None
    ) -> "TableEncoder":
        """Fit an encoder to a table.

        Parameters
        ----------
        X : (n, columns) array or sparse matrix
            Rows of all classes, so that every class is measured on one scale; NaN where
            there are gaps.
        y : (n_labelled,) array, default=None
            Classes of the first rows; the others have none, and tell how values are
            distributed in all. None takes all rows for one class.
        is_categorical : sequence of bool, default=None
            True for each column that holds numbers of levels; None takes all for
            quantities.
        """
        y = np.zeros(X.shape[0], dtype=int) if y is None else y
        groups = class_numbers(y, X.shape[0])
        gaps = missing_mask(X)
        is_level = np.asarray(gaps.all(axis=0))
        if is_categorical is not None:
            is_level |= np.asarray(is_categorical, dtype=bool)
        relations = Relations.fit(X, groups, np.flatnonzero(~is_level).tolist())
        X = relations.subtract_curves(X)
        by_column = X if isinstance(X, np.ndarray) else X.tocsc()
        columns: list[Any] = []
        for j in range(X.shape[1]):
            values = dense(by_column[:, [j]]).ravel()
            columns.append(_fit_column(values, groups, bool(is_level[j])))
        return cls(
            labels=np.unique(y),
            dtype=X.dtype,
            gapless=np.asarray(~gaps.any(axis=0)),
            columns=columns,
            relations=relations,
            donors=LevelDonors.fit(X, groups, columns),
        )

    def encode(self, X: Matrix, rng: np.random.Generator | None = None) -> np.ndarray:
        """Encoded rows (n, width), float32; ``rng`` spreads tied values at random."""
        X = dense(self.relations.subtract_curves(X))
        parts = [column.encode(X[:, j], rng) for j, column in enumerate(self.columns)]
        return np.concatenate(parts, axis=1, dtype=np.float32)

    def encode_ordinal(self, X: Matrix, rows: np.ndarray, seed: int) -> torch.Tensor:
        """Rows of X by number, encoded with categories as ordinals; ``seed`` spreads ties."""
        rng = np.random.default_rng(seed)
        at_once = max(1, ENCODED_AT_ONCE // self.layout.width)
        starts = range(0, len(rows), at_once)
        parts = (self.encode(X[rows[start : start + at_once]], rng) for start in starts)
        return torch.cat([self.layout.to_ordinal(torch.from_numpy(part)) for part in parts])

    def decode(
        self, codes: np.ndarray, noise: np.ndarray | float = 0.0, label: Any = None
    ) -> np.ndarray:
        """Rows (n, columns) of encoded ones, in the dtype and range of the fitted table.

        Values lie where those of the class ``label`` do, but for sums of which the parts allow no
        other; standard normal ``noise``, of the shape of ``codes``, chooses between levels that
        share a feature.
        """
        noise = np.broadcast_to(noise, codes.shape)
        group = None if label is None else int(np.searchsorted(self.labels, label))
        decoded = np.empty((len(codes), len(self.columns)), dtype=self.dtype)
        for j, (column, end) in enumerate(zip(self.columns, self._ends, strict=True)):
            own = codes[:, end - column.width : end]
            values = column.decode(own, group)
            decoded[:, j] = cast(values, self.dtype)
        if len(self.donors.columns):
            decoded[:, self.donors.columns] = self._lent_levels(codes, noise, group)
        self.relations.restore(
            decoded,
            lambda j, values: self._numeric[j].admit(values, group),
            lambda j, values: self._numeric[j].admit(values),
            group,
        )
        return decoded

    def _lent_levels(self, codes: np.ndarray, noise: np.ndarray, group: int | None) -> np.ndarray:
        """Levels (n, k) of the columns that have donors."""
        blocks = [
            (self._ends[j] - self.columns[j].width, self._ends[j]) for j in self.donors.columns
        ]
        features = np.column_stack([codes[:, start:end].argmax(axis=1) for start, end in blocks])
        # the first feature of a block has drawn the level
        uniform = ndtr(noise[:, [end - 1 for _, end in blocks]])
        scores = codes[:, self._quantities]
        return cast(self.donors.draw(features, scores, self._of_donors, group, uniform), self.dtype)

    def deviations_within(
        self, X: Matrix, y: np.ndarray, n_pairs: int, rng: np.random.RandomState
    ) -> np.ndarray:
        """Factor (n_pairs, width) of the covariance within classes of rows.

        ``X`` (n, columns) holds them first, and ``y`` (n_labelled,) their classes.

        Half the mean square of differences between two rows of a class is its
        variance, so a handful of such pairs stands for all classes.
        """
        first = rng.randint(len(y), size=n_pairs)
        second = np.array([rng.choice(np.flatnonzero(y == y[i])) for i in first])
        apart = first != second
        differences = self.encode(X[first[apart]]) - self.encode(X[second[apart]])
        return differences / float(np.sqrt(2 * max(1, apart.sum())))

    def _features_of_donors(self) -> np.ndarray:
        """Numbers (donors, k) of the one-hot features of the donors' levels."""
        donors = self.donors
        columns = [self.columns[j] for j in donors.columns if j < len(self.columns)]
        levels = [column for column in columns if isinstance(column, CategoricalColumn)]
        shape = len(donors.offsets) - 1, donors.scores.shape[1]
        fits = shape == (len(self.labels), self._quantities.sum())
        if len(levels) < len(donors.columns) or (len(levels) and not fits):
            raise ValueError("donors have other columns or classes than the table")
        features = [one.feature_numbers(donors.levels[:, k]) for k, one in enumerate(levels)]
        return np.array(features, dtype=int).reshape(len(levels), len(donors.levels)).T

    def _layout(self) -> FeatureLayout:
        blocks: list[tuple[int, int]] = []
        presence_masks: list[tuple[int, int]] = []
        for column, end in zip(self.columns, self._ends, strict=True):
            start = end - column.width
            if isinstance(column, CategoricalColumn):
                blocks.append((start, end))
            elif isinstance(column, MissingAwareColumn):
                blocks.append((start + 1, end))
                presence_masks.append((start, start + 1))
        return FeatureLayout(self._ends[-1], tuple(blocks), tuple(presence_masks))


def _fit_column(values: np.ndarray, groups: np.ndarray, categorical: bool) -> Any:
    """Encoder of a column."""
    if categorical:
        return CategoricalColumn.fit(values, groups)
    if missing_mask(values).any():
        return MissingAwareColumn.fit(values, groups)
    return NumericColumn.fit(values, groups)
