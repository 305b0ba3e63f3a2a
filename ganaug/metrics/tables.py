"""All figures of generated rows in one table, beside those of real and of shuffled rows."""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from ganaug.encoding.rows import take_columns
from ganaug.metrics.classifier import classes_of, codes_of
from ganaug.metrics.copies import find_copies
from ganaug.metrics.prdc import prdc
from ganaug.metrics.quality_table import QualityTable
from ganaug.openmp import threads_for_rows

# Rows of a class that are compared all with all.
MAX_COMPARED = 2000

# Levels that gradient boosting can tell apart in a column.
MAX_LEVELS = 255
N_FOLDS = 3


@dataclass(frozen=True)
class TableRows:
    """Rows of a table and their classes.

    Attributes
    ----------
    values : (n, columns) array
        Quantities, and numbers of levels; NaN in gaps.
    codes : (n,) array of int
        Numbers of the classes.
    """

    values: np.ndarray
    codes: np.ndarray

    def of(self, code: int) -> np.ndarray:
        """Values of one class."""
        return self.values[self.codes == code]


def table_quality(
    train: np.ndarray,
    y_train: Iterable[Hashable],
    held_out: np.ndarray,
    y_held_out: Iterable[Hashable],
    fake: np.ndarray,
    y_fake: Iterable[Hashable],
    *,
    is_categorical: Sequence[bool],
    encode: Callable[[np.ndarray], np.ndarray],
    random_state: int,
    near_rows: bool = False,
) -> pd.DataFrame:
    """Rate generated rows class by class.

    Generated rows are to stand in for training rows: both are compared with held-out
    rows, which no model has seen. The column of a figure holds the value of the
    generated rows, that with ``_real`` the value of the training rows, the best a
    generator can hope for, and that with ``_shuffled`` the value of training rows
    whose columns were shuffled within each class: what needs no generator.

    Parameters
    ----------
    train, held_out, fake : (n, columns) arrays
        Quantities and numbers of levels; NaN in gaps.
    y_train, y_held_out, y_fake : sequences of n hashables
        Their labels, sortable; all occur in ``y_train``.
    is_categorical : (columns,) sequence of bool
        True for columns of levels.
    encode : callable
        Maps rows to features whose Euclidean distances count.
    random_state : int
        Seeds the shuffling, the classifiers and what is left out where classes are large.
    near_rows : bool, default=False
        As in ``QualityTable``.

    Returns
    -------
    DataFrame
        A row for each class and one called "all": the mean over classes, of ``n_*``
        the sum. NaN where a figure does not exist.

        ``n_train``, ``n_held_out``, ``n_fake``
            Number of rows.
        ``column_distance``
            Mean over columns of the Kolmogorov-Smirnov distance of quantities, and of
            the total variation of levels; gaps count as a value. 0 to 1, 0 is best.
        ``correlation_distance``
            Mean difference of the correlations of two features. 0 to 2, 0 is best.
        ``precision``, ``recall``, ``density``, ``coverage``
            Overlap with the held-out rows, by ``ganaug.metrics.prdc``; the real value is
            best.
        ``copied_ratio``, ``copied_close``
            ``ratio`` and ``close`` of ``find_copies``: 1 and 0.01 where nothing is copied, 0
            and 1 where everything is. Training rows have none, as they copy themselves.
        ``detection_auc``
            Area under the curve of a classifier that tells rows from held-out ones, their
            class given; only for "all". 0.5 is best, 1 where every row is told.
        ``tstr_recall``
            Share of held-out rows recognised by gradient boosting that learnt from
            these rows alone ("train on synthetic, test on real"); for "all", balanced
            accuracy.
    """
    classes = classes_of(y_train)
    rng = np.random.default_rng(random_state)
    reference = TableRows(held_out, codes_of(y_held_out, classes))
    real = TableRows(train, codes_of(y_train, classes))
    sources = {
        "": TableRows(fake, codes_of(y_fake, classes)),
        "_real": real,
        "_shuffled": with_shuffled_columns(real, rng),
    }
    levels = np.asarray(is_categorical, dtype=bool)
    counts = _counts({"train": real, "held_out": reference, "fake": sources[""]}, len(classes))
    figures = [counts.astype(float)]
    for suffix, rows in sources.items():
        of_classes = pd.DataFrame(
            _figures(real.of(code), reference.of(code), rows.of(code), levels, encode, rng)
            for code in range(len(classes))
        )
        of_classes["tstr_recall"] = _recalls(rows, reference, levels, len(classes), random_state)
        figures.append(of_classes.add_suffix(suffix))
    table = pd.concat(figures, axis=1).drop(columns=["copied_ratio_real", "copied_close_real"])
    table.loc[len(classes)] = table.mean().where(~table.columns.isin(counts), counts.sum())
    table = table.astype(dict.fromkeys(counts, int))
    for suffix, rows in sources.items():
        auc = _detection_auc(rows, reference, levels, random_state)
        table[f"detection_auc{suffix}"] = [math.nan] * len(classes) + [auc]
    table = table[_side_by_side(table, list(sources))]
    index = pd.Index([*classes, "all"], name="class", tupleize_cols=False)
    quality = QualityTable(table.set_axis(index))
    quality.near_rows = near_rows
    return quality


def _counts(rows: Mapping[str, TableRows], n_classes: int) -> pd.DataFrame:
    """Number of rows of each class."""
    return pd.DataFrame(
        {f"n_{name}": np.bincount(of.codes, minlength=n_classes) for name, of in rows.items()}
    )


def _side_by_side(table: pd.DataFrame, suffixes: Sequence[str]) -> list[str]:
    """Columns of a table, each figure beside its other values, if it has a real one."""
    names = [name.removesuffix("_real") for name in table if name.endswith("_real")]
    paired = [name + suffix for name in names for suffix in suffixes]
    return [*table.columns.difference(paired, sort=False), *paired]


def with_shuffled_columns(rows: TableRows, rng: np.random.Generator) -> TableRows:
    """Rows with every column of every class in a random order of its own.

    Examples
    --------
    >>> rows = TableRows(np.array([[1.0, 1.0], [2.0, 2.0], [9.0, 9.0]]), np.array([0, 0, 1]))
    >>> sorted(with_shuffled_columns(rows, np.random.default_rng(0)).values[:2, 0].tolist())
    [1.0, 2.0]
    """
    order = np.repeat(np.arange(len(rows.codes))[:, None], rows.values.shape[1], axis=1)
    for code in np.unique(rows.codes):
        in_class = rows.codes == code
        order[in_class] = rng.permuted(order[in_class], axis=0)
    return TableRows(take_columns(rows.values, order), rows.codes)


def column_distance(real: np.ndarray, fake: np.ndarray, is_categorical: bool) -> float:
    """Distance of the distributions of one column's values (n,) and (m,), from 0 to 1.

    Examples
    --------
    >>> column_distance(np.array([0.0, 1.0]), np.array([0.0, 0.0]), is_categorical=True)
    0.5
    """
    if len(real) == 0 or len(fake) == 0:
        return math.nan
    if is_categorical:
        levels, places = np.unique(np.concatenate([real, fake]), return_inverse=True)
        shares = [
            np.bincount(part, minlength=len(levels)) / len(part)
            for part in (places[: len(real)], places[len(real) :])
        ]
        return float(np.abs(shares[0] - shares[1]).sum() / 2)
    # a gap is a value beyond all others
    values = [np.sort(np.nan_to_num(rows, nan=np.inf)) for rows in (real, fake)]
    everywhere = np.concatenate(values)
    # not by scipy, which warns of probabilities that nobody asked for
    shares = [np.searchsorted(rows, everywhere, "right") / len(rows) for rows in values]
    return float(np.abs(shares[0] - shares[1]).max())


def correlation_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """Mean difference of the correlations of two features of (n, d) and (m, d) arrays."""
    if min(len(real), len(fake)) < 2 or real.shape[1] < 2:
        return math.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        # what does not vary goes with nothing
        first, second = (np.nan_to_num(np.corrcoef(rows.T)) for rows in (real, fake))
    pairs = np.triu_indices(len(first), k=1)
    return float(np.abs(first - second)[pairs].mean())


def _figures(
    train: np.ndarray,
    held_out: np.ndarray,
    rows: np.ndarray,
    is_categorical: np.ndarray,
    encode: Callable[[np.ndarray], np.ndarray],
    rng: np.random.Generator,
) -> dict[str, float]:
    """Figures of the rows of one class."""
    distances = [
        column_distance(held_out[:, j], rows[:, j], bool(levels))
        for j, levels in enumerate(is_categorical)
    ]
    few_train = _encoded(train, MAX_COMPARED, encode, rng)
    few_held_out = _encoded(held_out, MAX_COMPARED, encode, rng)
    few_rows = _encoded(rows, min(MAX_COMPARED, len(train), len(rows)), encode, rng)
    figures = {
        "column_distance": float(np.mean(distances)),
        "correlation_distance": correlation_distance(few_held_out, few_rows),
        **prdc(few_held_out, few_rows),
        "copied_ratio": math.nan,
        "copied_close": math.nan,
    }
    if min(len(train), len(rows)) > 0 and len(train) + len(held_out) > 1:
        copies = find_copies(few_train, few_rows, few_held_out, features=np.asarray)
        figures |= {"copied_ratio": copies.ratio, "copied_close": copies.close}
    return figures


def _encoded(
    rows: np.ndarray,
    max_rows: int,
    encode: Callable[[np.ndarray], np.ndarray],
    rng: np.random.Generator,
) -> np.ndarray:
    """Features of some of the rows, at random where there are more."""
    if not len(rows):
        return np.empty((0, 1))
    return encode(rows[rng.permutation(len(rows))[:max_rows]])


def _classifier(
    is_categorical: np.ndarray, values: np.ndarray, seed: int
) -> HistGradientBoostingClassifier:
    known = np.nanmax(np.where(np.isnan(values), -1, values), axis=0) < MAX_LEVELS
    return HistGradientBoostingClassifier(
        categorical_features=is_categorical & known, early_stopping=False, random_state=seed
    )


def _recalls(
    rows: TableRows, reference: TableRows, is_categorical: np.ndarray, n_classes: int, seed: int
) -> np.ndarray:
    """Share of held-out rows of each class that a classifier recognises which learnt from rows."""
    recalls = np.full(n_classes, math.nan)
    if len(np.unique(rows.codes)) < 2:
        return recalls
    everything = np.concatenate([rows.values, reference.values])
    classifier = _classifier(is_categorical, everything, seed)
    with threads_for_rows(len(everything)):
        classifier.fit(rows.values, rows.codes)
        right = classifier.predict(reference.values) == reference.codes
    for code in np.unique(reference.codes):
        recalls[code] = right[reference.codes == code].mean()
    return recalls


def _detection_auc(
    rows: TableRows, reference: TableRows, is_categorical: np.ndarray, seed: int
) -> float:
    """Area under the curve, by cross-validation, of rows among as many held-out ones."""
    rng = np.random.default_rng(seed)
    size = min(len(rows.codes), len(reference.codes), 10 * MAX_COMPARED)
    if size < 2 * N_FOLDS:
        return math.nan
    parts = [
        np.column_stack([source.values, source.codes])[rng.permutation(len(source.codes))[:size]]
        for source in (reference, rows)
    ]
    values = np.concatenate(parts)
    is_real = np.arange(2 * size) < size
    classifier = _classifier(np.append(is_categorical, True), values, seed)
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=seed)
    with threads_for_rows(len(values)):
        scores = cross_val_predict(classifier, values, is_real, cv=folds, method="predict_proba")
    return float(roc_auc_score(is_real, scores[:, 1]))
