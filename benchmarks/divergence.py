"""Games that diverge, and whether they are noticed; games that do not, and whether they alarm.

``python benchmarks/divergence.py --data DIR`` trains 30 models of made-up tables and ten of
handwritten digits with learning rates at which games leap off. A run is silent where samples do not
follow the real ones and nobody says so: *noticed* are runs whose samples do follow them after all
(every correlation within 0.3, every standard deviation within a factor of 2; for images the
correlation of neighbouring pixels, the share of black and white ones and the spread), and those
where a ``ConvergenceWarning`` names the class and real samples serve it. The same tables trained
with default settings show that these bounds can be kept. Then every data set that scikit-learn
bundles and that DIR holds is trained with default settings, and for a few steps only, where any
``ConvergenceWarning`` is a false alarm. ``--smoke`` runs one of each, without DIR.
"""

import argparse
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from image_tasks import draw_parts
from sklearn import datasets
from sklearn.exceptions import ConvergenceWarning

from ganaug import ImageGAN, TableGAN
from ganaug.metrics.diversity import relative_spread

TABLE_SETTINGS = (
    {"learning_rate": 0.1, "gamma": 1.0},
    {"learning_rate": 0.1, "gamma": 0.0},
    {"learning_rate": 10.0, "gamma": 0.0},
)
IMAGE_SETTINGS = tuple(
    {"learning_rate": rate, "gamma": gamma}
    for rate in (0.05, 0.1, 1.0, 3.0, 10.0)
    for gamma in (0.0, 0.2)
)
SEEDS = (0, 1)
N_DRAWN = 500

# How far figures of samples may be from those of real ones.
MAX_DIFFERENCE, MAX_FACTOR = 0.3, 2.0

# Outer values of a pixel that count as black or white, of 0 to 255.
MARGIN = 8

FALLBACKS = ("blurred interpolation", "moved copies")


class Run(NamedTuple):
    """What came of one fit.

    Attributes
    ----------
    follows : whether samples of every class follow the real ones
    warned : what ``ConvergenceWarning`` said, in order
    served : whether real samples serve the classes whose samples do not follow them
    """

    follows: bool
    warned: list[str]
    served: bool

    @property
    def noticed(self) -> bool:
        """True where nobody is deceived."""
        return self.follows or (bool(self.warned) and self.served)


def two_columns(rng: np.random.Generator) -> tuple[Any, Any]:
    """Two columns that are nearly one, and a third."""
    a = rng.normal(size=700)
    return np.c_[a, a + 0.1 * rng.normal(size=700), rng.normal(size=700)], None


def many_columns(rng: np.random.Generator) -> tuple[Any, Any]:
    """Twenty columns of four factors."""
    loadings = rng.normal(size=(4, 20))
    return rng.normal(size=(2000, 4)) @ loadings + 0.3 * rng.normal(size=(2000, 20)), None


def mixed(rng: np.random.Generator) -> tuple[Any, Any]:
    """Numbers, one of them skewed, beside levels."""
    a = rng.normal(size=400)
    levels = rng.choice(list("xyz"), 400)
    return pd.DataFrame({"a": a, "b": np.exp(a + 0.2 * rng.normal(size=400)), "c": levels}), None


def classes(rng: np.random.Generator) -> tuple[Any, Any]:
    """Two classes above 300 rows and one below."""
    y = np.repeat([0, 1, 2], [500, 301, 200])
    a = rng.normal(size=len(y))
    return np.c_[a, y - a + 0.6 * rng.normal(size=len(y)), y + rng.normal(size=len(y))], y


def few_rows(rng: np.random.Generator) -> tuple[Any, Any]:
    """Too few rows to start from noise."""
    a = rng.normal(size=80)
    return np.c_[a, a + 0.1 * rng.normal(size=80), rng.normal(size=(80, 2))], None


TABLES: tuple[Callable[[np.random.Generator], tuple[Any, Any]], ...] = (
    *(two_columns, many_columns, mixed, classes, few_rows),
)


def fit(model: Any, X: Any, y: Any) -> list[str]:
    """Fit a model; return what ``ConvergenceWarning`` said."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    return [str(one.message) for one in caught if one.category is ConvergenceWarning]


def close(real: np.ndarray, drawn: np.ndarray) -> bool:
    """True where differences are small."""
    return bool((np.abs(real - drawn) <= MAX_DIFFERENCE).all())


def rows_follow(real: np.ndarray, drawn: np.ndarray) -> bool:
    """True for rows with the correlations and spreads of real ones."""
    ratio = drawn.std(0) / real.std(0)
    correlations = (np.nan_to_num(np.corrcoef(rows.T)) for rows in (real, drawn))
    return close(*correlations) and bool(((ratio > 1 / MAX_FACTOR) & (ratio < MAX_FACTOR)).all())


def images_follow(real: np.ndarray, drawn: np.ndarray) -> bool:
    """True for images as smooth, as grey and as varied as real ones."""

    def figures(images: np.ndarray) -> np.ndarray:
        beside = np.corrcoef(images[..., 1:].ravel(), images[..., :-1].ravel())[0, 1]
        return np.array([beside, np.mean((images < MARGIN) | (images > 255 - MARGIN))])

    real, drawn = real.astype(float), drawn.astype(float)
    ratio = relative_spread(real.reshape(len(real), -1), drawn.reshape(len(drawn), -1))
    return (
        close(figures(real), np.nan_to_num(figures(drawn))) and 1 / MAX_FACTOR < ratio < MAX_FACTOR
    )


def run(model: Any, X: Any, y: Any, follow: Callable[[np.ndarray, np.ndarray], bool]) -> Run:
    """Fit a model and compare its samples with the real ones, class by class."""
    warned = fit(model, X, y)
    y = np.zeros(len(X), dtype=int) if y is None else y
    drawn, y_drawn = model.sample(dict.fromkeys(model.classes_, N_DRAWN), random_state=0)
    if isinstance(X, pd.DataFrame):
        X, drawn = (table.select_dtypes("number").to_numpy() for table in (X, drawn))
    lost = [label for label in model.classes_ if not follow(X[y == label], drawn[y_drawn == label])]
    return Run(not lost, warned, all(model.tiers_[label] in FALLBACKS for label in lost))


def table_runs(
    variants: Iterable[dict[str, float]] = TABLE_SETTINGS,
) -> Iterator[tuple[str, Callable[[], Run]]]:
    """Fits of made-up tables, by name; of those that diverge unless told otherwise."""
    for settings in variants:
        for make in TABLES:
            for seed in SEEDS:
                model = TableGAN(n_steps=200, random_state=seed, **settings)
                X, y = make(np.random.default_rng(seed))
                yield (
                    f"{make.__name__} {settings} {seed}",
                    lambda model=model, X=X, y=y: run(model, X, y, rows_follow),
                )


def image_runs() -> Iterator[tuple[str, Callable[[], Run]]]:
    """Fits of images that diverge, by name."""
    train, _ = draw_parts("digits", 20, 0, None)
    some = train.y < 2
    for settings in IMAGE_SETTINGS:
        model = ImageGAN(n_steps=150, augment="symbol", random_state=0, **settings)
        yield (
            f"digits {settings}",
            lambda model=model: run(model, train.X[some], train.y[some], images_follow),
        )


def table_data(folder: Path | None) -> Iterator[tuple[str, Any, Any]]:
    """Tables that default settings are for."""
    for name in ("iris", "wine", "breast_cancer", "digits"):
        yield (name, *getattr(datasets, f"load_{name}")(return_X_y=True))
    if folder is not None:
        from oversampling import TABLES as GIVEN
        from oversampling import load

        for name in GIVEN:
            yield (name, *load(folder / "tabular", name))


def default_fits(
    folder: Path | None, seeds: int, image_steps: int
) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """Fits that should not alarm anyone, by name."""
    for name, X, y in table_data(folder):
        for n_steps in ("auto", 5, 20):
            for seed in range(seeds):
                table_gan = TableGAN(n_steps=n_steps, random_state=seed)
                yield f"{name} {n_steps} {seed}", lambda gan=table_gan, X=X, y=y: fit(gan, X, y)
    for source in ("digits",) if folder is None else ("digits", "mnist", "cifar10"):
        for n_each in (20, 50):
            train, _ = draw_parts(source, n_each, 0, folder)
            augment = "photo" if source == "cifar10" else "symbol"
            for n_steps in (2, 20, image_steps):
                image_gan = ImageGAN(n_steps=n_steps, augment=augment, random_state=0)
                yield (
                    f"{source} {n_each} {n_steps}",
                    lambda gan=image_gan, train=train: fit(gan, train.X, train.y),
                )


def main() -> None:
    """Run all, and print how many were noticed and how many alarms were false."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with tabular/, mnist.h5 and cifar10.h5")
    parser.add_argument("--seeds", type=int, default=1, help="of each table by default settings")
    parser.add_argument("--image-steps", type=int, default=200, help="of the longest games")
    parser.add_argument("--smoke", action="store_true", help="one run of each kind")
    options = parser.parse_args()
    most = 1 if options.smoke else None
    for kind, runs in (
        ("tables that diverge", table_runs()),
        ("images that diverge", image_runs()),
        ("the same tables by default settings", table_runs([{}])),
    ):
        done = {name: one() for name, one in list(runs)[:most]}
        n_noticed = sum(one.noticed for one in done.values())
        n_warned = sum(bool(one.warned) for one in done.values())
        n_following = sum(one.follows for one in done.values())
        print(
            f"{kind}: {n_noticed} of {len(done)} noticed ({n_warned} with a warning; "
            f"samples follow the real ones in {n_following})",
            flush=True,
        )
        for name, one in done.items():
            if not one.noticed:
                print(f"  not noticed: {name} {one}")
    fits = default_fits(options.data, options.seeds, options.image_steps)
    alarms = {name: one() for name, one in list(fits)[:most]}
    print(f"default settings: {sum(map(bool, alarms.values()))} of {len(alarms)} fits alarmed")
    for name, messages in alarms.items():
        if messages:
            print(f"  false alarm: {name} {messages}")


if __name__ == "__main__":
    main()
