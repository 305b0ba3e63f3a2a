"""All figures of generated images in one table, each beside its value for real images."""

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ganaug.metrics.classifier import N_STEPS, classes_of, codes_of
from ganaug.metrics.copies import find_copies
from ganaug.metrics.diversity import relative_spread
from ganaug.metrics.features import FeatureSpace, blurred_pixels, random_cnn_features
from ganaug.metrics.kid import kid, kid_interval
from ganaug.metrics.linear_classifier import LinearClassifier
from ganaug.metrics.out_of_fold import OutOfFoldClassifier
from ganaug.metrics.prdc import prdc
from ganaug.metrics.quality_table import QualityTable
from ganaug.metrics.tstr import tstr_accuracy

# Sets of equal size, over which figures that depend on the size are averaged.
MAX_PARTS = 20

# Training, held-out and generated images, or their labels.
Sets = Sequence[np.ndarray]


def image_quality(
    train: np.ndarray,
    y_train: Iterable[Hashable],
    held_out: np.ndarray,
    y_held_out: Iterable[Hashable],
    fake: np.ndarray,
    y_fake: Iterable[Hashable],
    *,
    random_state: int,
    n_steps: int = N_STEPS,
    features: Callable[[np.ndarray], np.ndarray] | None = None,
    mirrored: bool = True,
) -> pd.DataFrame:
    """Rate generated images class by class.

    Generated images are to stand in for training images: both are compared with the
    held-out images, which no model has seen. The column of a figure holds the value
    of the generated images, that with ``_real`` the value of the training images,
    the best a generator can hope for. Of figures that depend on the number of
    images both values are means over random parts of one size.

    Parameters
    ----------
    train, held_out, fake : (n, channels, height, width) arrays
        Images in [-1, 1], 8 pixels or more a side: those that the generators learnt
        from, other real ones, and generated ones. Larger ones than 128 pixels are compared as
        they are when made smaller.
    y_train, y_held_out, y_fake : sequences of n hashables
        Their labels, sortable; all occur in ``y_train``.
    random_state : int
        Seed of the classifiers, their folds and the parts.
    n_steps : int
        Batches that each of the five classifiers learns from; nearly all the time
        goes there.
    features : callable or None, default=None
        Maps images to features (n, d), about 1 in size, of a network that has learnt
        from other images, for further figures; None leaves these out.
    mirrored : bool, default=True
        Takes mirror images for copies too.

    Returns
    -------
    DataFrame
        A row for each class and one called "all": the mean over classes, of
        ``n_*`` the sum. NaN where a figure does not exist: most need two images of
        each kind, intervals three, the classifier's three times as many for
        training and two classes.

        ``n_train``, ``n_held_out``, ``n_fake``
            Number of images.
        ``random_*``, ``classifier_*``
            Figures in the features of random networks, and of classifiers, each with the
            training images that are new to it, averaged:
            ``kid`` (kernel inception distance, 0 is best), with a 95 % interval in ``_low``
            and ``_high``; ``precision``, ``recall``, ``density``, ``coverage`` (the
            real value is best); ``spread`` (mean distance between images, over that of real
            ones: 1 is best, 0 is collapse).
        ``random_copied_*``, ``pixels_copied_*``
            ``ratio``, ``close`` and ``close_real`` of ``find_copies``, mirror images
            included, in random features and in blurred pixels.
        ``label_accuracy``
            Share of images whose class the out-of-fold classifiers recognise; real:
            of held-out images.
        ``tstr_accuracy``
            Share of held-out images recognised after training on all generated
            images, whatever their number ("train on synthetic, test on real"); real: after
            training on the training images.
        ``features_*``
            Where ``features`` are given, the figures of ``random_*`` in them, with
            ``features_copied_*``, mirror images not included, and
            ``features_label_accuracy``: share of images whose class a linear classifier
            recognises that has learnt from features of the training images; real: of held-out
            images.

    Raises
    ------
    ValueError
        If shapes differ, or a label does not occur in ``y_train``.
    """
    _check_shapes(train, held_out, fake)
    classes = classes_of(y_train)
    images = [train, held_out, fake]
    codes = [codes_of(y, classes) for y in (y_train, y_held_out, y_fake)]
    seeds = np.random.SeedSequence(random_state).generate_state(4).tolist()
    tables = [
        _counts(codes, len(classes)),
        _figures_of_random_features(images, codes, len(classes), seeds[0]),
        _copies(images, codes, len(classes), mirrored),
        _figures_of_classifiers(images, codes, len(classes), seeds[1], n_steps),
        _tstr_accuracies(images, codes, len(classes), seeds[2], n_steps),
    ]
    if features is not None:
        rows = [features(part) for part in images]
        tables.append(_figures_of_features(rows, codes, len(classes), seeds[3]))
    table = pd.concat(tables, axis=1).astype(float)
    table.loc[len(classes)] = _over_classes(table)
    counts = list(tables[0].columns)
    table[counts] = table[counts].astype(int)
    index = pd.Index([*classes, "all"], name="class", tupleize_cols=False)
    return QualityTable(table.set_axis(index))


def _check_shapes(*sets: np.ndarray) -> None:
    shapes = [images.shape for images in sets]
    if any(len(shape) != 4 for shape in shapes) or len({shape[1:] for shape in shapes}) > 1:
        raise ValueError(
            "train, held_out and fake must be images of one shape, (n, channels, height, width); "
            f"got {', '.join(map(str, shapes))}"
        )


def _counts(codes: Sequence[np.ndarray], n_classes: int) -> pd.DataFrame:
    names = ("n_train", "n_held_out", "n_fake")
    return pd.DataFrame(
        {
            name: np.bincount(of_images, minlength=n_classes)
            for name, of_images in zip(names, codes, strict=True)
        }
    )


def _figures_of_random_features(
    images: Sets, codes: Sets, n_classes: int, seed: int
) -> pd.DataFrame:
    space = FeatureSpace(random_cnn_features, np.ones(len(images[0]), dtype=bool))
    return _figures_in([space], images, codes, n_classes, seed).add_prefix("random_")


def _figures_of_features(rows: Sets, codes: Sets, n_classes: int, seed: int) -> pd.DataFrame:
    """Figures in features of images that are there already."""
    space = FeatureSpace(np.asarray, np.ones(len(rows[0]), dtype=bool))
    figures = _figures_in([space], rows, codes, n_classes, seed)
    copies = pd.DataFrame(
        _copied(*_of_class(rows, codes, code), features=np.asarray, mirrored=False)
        for code in range(n_classes)
    )
    table = pd.concat([figures, copies], axis=1)
    recognised = np.full((2, n_classes), math.nan)
    if n_classes > 1:
        train, held_out, fake = rows
        classifier = LinearClassifier.fit(train, codes[0])
        recognised = np.stack(
            [
                _recognised(classifier, fake, codes[2], n_classes),
                _recognised(classifier, held_out, codes[1], n_classes),
            ]
        )
    table["label_accuracy"], table["label_accuracy_real"] = recognised
    return table.add_prefix("features_")


def _recognised(
    classifier: OutOfFoldClassifier | LinearClassifier,
    samples: np.ndarray,
    codes: np.ndarray,
    n_classes: int,
) -> np.ndarray:
    """Share of the samples of each class that a classifier takes for it; NaN without samples."""
    right = classifier.probabilities(samples).argmax(axis=1) == codes
    shares = np.full(n_classes, math.nan)
    for code in np.unique(codes):
        shares[code] = right[codes == code].mean()
    return shares


def _figures_of_classifiers(
    images: Sets, codes: Sets, n_classes: int, seed: int, n_steps: int
) -> pd.DataFrame:
    recognised = np.full((2, n_classes), math.nan)
    spaces: list[FeatureSpace] = []
    if n_classes > 1:
        train, held_out, fake = images
        classifier = OutOfFoldClassifier(train, codes[0], seed=seed, n_steps=n_steps)
        spaces = classifier.spaces()
        recognised[0] = _recognised(classifier, fake, codes[2], n_classes)
        recognised[1] = _recognised(classifier, held_out, codes[1], n_classes)
    table = _figures_in(spaces, images, codes, n_classes, seed).add_prefix("classifier_")
    table["label_accuracy"], table["label_accuracy_real"] = recognised
    return table


def _figures_in(
    spaces: Sequence[FeatureSpace], images: Sets, codes: Sets, n_classes: int, seed: int
) -> pd.DataFrame:
    """Figures of every class, averaged over the spaces in which they exist."""
    rng = np.random.default_rng(seed)
    # every column and class is there, even where no space is
    nothing = np.empty((0, 1))
    rows = [_figures(nothing, nothing, nothing, rng) | {"class": code} for code in range(n_classes)]
    for space in spaces:
        train, held_out, fake = (space.features(part) for part in images)
        for code in range(n_classes):
            figures = _figures(
                train[space.unseen & (codes[0] == code)],
                held_out[codes[1] == code],
                fake[codes[2] == code],
                rng,
            )
            rows.append(figures | {"class": code})
    return pd.DataFrame(rows).groupby("class").mean()


def _figures(
    train: np.ndarray, held_out: np.ndarray, fake: np.ndarray, rng: np.random.Generator
) -> dict[str, float]:
    low, high = kid_interval(held_out, fake)
    size = min(len(train), len(fake))
    overlap, overlap_real = (
        pd.DataFrame(prdc(held_out, part) for part in _parts(rows, size, rng)).mean()
        for rows in (fake, train)
    )
    figures = {
        "kid": kid(held_out, fake),
        "kid_low": low,
        "kid_high": high,
        "kid_real": kid(held_out, train),
        "spread": relative_spread(held_out, fake),
        "spread_real": relative_spread(held_out, train),
    }
    for name in overlap.index:
        figures |= {name: overlap[name], f"{name}_real": overlap_real[name]}
    return figures


def _parts(rows: np.ndarray, size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Disjoint random sets of ``size`` rows."""
    n_parts = min(MAX_PARTS, len(rows) // max(size, 1))
    order = rng.permutation(len(rows))
    return [rows[order[part * size : (part + 1) * size]] for part in range(max(1, n_parts))]


def _copies(images: Sets, codes: Sets, n_classes: int, mirrored: bool) -> pd.DataFrame:
    spaces = {"random": random_cnn_features, "pixels": blurred_pixels}
    rows = []
    for code in range(n_classes):
        of_class = _of_class(images, codes, code)
        row: dict[str, float] = {}
        for name, features in spaces.items():
            copied = _copied(*of_class, features=features, mirrored=mirrored)
            row |= {f"{name}_{key}": value for key, value in copied.items()}
        rows.append(row)
    return pd.DataFrame(rows)


def _of_class(sets: Sets, codes: Sets, code: int) -> list[np.ndarray]:
    """Samples of one class in each of the sets."""
    return [part[of_part == code] for part, of_part in zip(sets, codes, strict=True)]


def _copied(
    train: np.ndarray, held_out: np.ndarray, fake: np.ndarray, **options: Any
) -> dict[str, float]:
    """Figures of copies of one class's training images."""
    copies = find_copies(train, fake, held_out, **options)
    return {
        "copied_ratio": copies.ratio,
        "copied_close": copies.close,
        "copied_close_real": copies.close_real,
    }


def _tstr_accuracies(
    images: Sets, codes: Sets, n_classes: int, seed: int, n_steps: int
) -> pd.DataFrame:
    train, held_out, fake = images
    sources = {
        "tstr_accuracy": (fake, codes[2]),
        "tstr_accuracy_real": (train, codes[0]),
    }
    table = pd.DataFrame(index=range(n_classes), columns=list(sources), dtype=float)
    for name, source in sources.items():
        accuracies = tstr_accuracy(*source, held_out, codes[1], seed=seed, n_steps=n_steps)
        table[name] = pd.Series(accuracies, dtype=float)
    return table


def _over_classes(table: pd.DataFrame) -> pd.Series:
    """Mean over classes; the sum of counts; intervals by the variances of independent classes."""
    mean = table.mean()
    counts = [name for name in table if name.startswith("n_")]
    mean[counts] = table[counts].sum()
    kids = ("random_kid", "classifier_kid", "features_kid")
    for name in (name for name in kids if name in table):
        known = table[table[name].notna()]
        squares = ((known[f"{name}_high"] - known[f"{name}_low"]) / 2) ** 2
        reach = math.sqrt(squares.sum(skipna=False)) / len(known) if len(known) else math.nan
        mean[f"{name}_low"] = mean[name] - reach
        mean[f"{name}_high"] = mean[name] + reach
    return mean
