"""Are games of images that diverge noticed, and do others alarm.

Models of handwritten digits are trained with learning rates at which games leap off: are they
noticed? Samples follow real ones where the correlation of neighbouring pixels and the share of
black and white ones are within 0.3 and their spread within a factor of 2. Then digits, and with
``--data`` MNIST and CIFAR-10, are trained with default settings and for a few steps only, where any
``ConvergenceWarning`` is a false alarm.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.common.command_line import CommandLine
from benchmarks.common.divergence import (
    DEFAULTS,
    DIVERGING,
    MAX_FACTOR,
    Fit,
    are_close,
    run_fits,
)
from benchmarks.common.image_tasks import AUGMENT, draw_parts
from ganaug import ImageGAN
from ganaug.metrics.diversity import relative_spread

SETTINGS = [
    {"learning_rate": rate, "gamma": gamma}
    for rate in (0.05, 0.1, 1.0, 3.0, 10.0)
    for gamma in (0.0, 0.2)
]

# Outer values of a pixel that count as black or white, of 0 to 255.
MARGIN = 8


def image_figures(images: np.ndarray) -> np.ndarray:
    """Correlation of neighbouring pixels, and share of black and white ones."""
    beside = np.corrcoef(images[..., 1:].ravel(), images[..., :-1].ravel())[0, 1]
    return np.array([beside, np.mean((images < MARGIN) | (images > 255 - MARGIN))])


def images_follow(real: np.ndarray, drawn: np.ndarray) -> bool:
    """True for images as smooth, as grey and as varied as real ones."""
    real = real.astype(float)
    drawn = drawn.astype(float)
    spread = relative_spread(real.reshape(len(real), -1), drawn.reshape(len(drawn), -1))
    figures = np.nan_to_num(image_figures(drawn))
    return are_close(image_figures(real), figures) and 1 / MAX_FACTOR < spread < MAX_FACTOR


def diverging_fits() -> Iterator[Fit]:
    """Fits of images that diverge."""
    train, _ = draw_parts("digits", 20, 0, None)
    some = train[train.y < 2]
    for settings in SETTINGS:
        model = ImageGAN(n_steps=150, augment="symbol", random_state=0, **settings)
        yield Fit("digits", DIVERGING, 0, settings, model, some.X, some.y, images_follow)


def default_fits(folder: Path | None, max_steps: int) -> Iterator[Fit]:
    """Fits that should not alarm anyone."""
    sources = ("digits",) if folder is None else tuple(AUGMENT)
    for source, n_each, n_steps in product(sources, (20, 50), (2, 20, max_steps)):
        train, _ = draw_parts(source, n_each, 0, folder)
        model = ImageGAN(n_steps=n_steps, augment=AUGMENT[source], random_state=0)
        options = {"n_each": n_each, "n_steps": n_steps}
        yield Fit(source, DEFAULTS, 0, options, model, train.X, train.y)


def main() -> None:
    """Run all, and print how many were noticed and how many alarms were false."""
    line = CommandLine(__doc__, __file__, data="optional")
    line.parser.add_argument("--steps", type=int, default=200, help="of the longest games (200)")
    options, results = line.parse(smoke={})
    n_fits = 1 if options.smoke else None
    kinds = [diverging_fits(), default_fits(options.data, options.steps)]
    print(run_fits([fit for fits in kinds for fit in list(fits)[:n_fits]], results))


if __name__ == "__main__":
    main()
