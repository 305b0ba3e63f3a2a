"""Draw README's picture: real and generated digits, and what helps where.

``python -m benchmarks.picture --data DIR`` trains ``ImageGAN`` on 100 handwritten digits of each
kind, a few minutes on one core, and draws one sample of each, below it the training image that it
resembles most; beside them are the gains of README's table, with their intervals.
"""

import argparse
import textwrap
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.common.image_tasks import draw_parts
from benchmarks.common.overview import CASES
from benchmarks.common.results import FOLDER, read_records
from ganaug import ImageGAN
from ganaug.report.examples import examples

N_EACH = 100
ROWS = ("real", "generated", "nearest real")
KEY = {"over the same without it": "#1b6ca8", "over the best alternative there": "#c46a1b"}

# Characters of a line that names data and what to use.
WIDTH = 72


def draw_digits(axis: Axes, gan: ImageGAN) -> None:
    """A row of real digits, one of generated ones, and one of those that these resemble."""
    columns = []
    for digit in gan.classes_.tolist():
        found = examples(gan, digit, 1, random_state=0)
        columns.append(np.concatenate([np.squeeze(one[0]) for one in found]))
    sheet = np.concatenate(columns, axis=1)
    side = len(sheet) / len(ROWS)
    axis.imshow(sheet, cmap="gray_r")
    axis.set_yticks([side * (row + 0.5) for row in range(len(ROWS))], ROWS, fontsize=9)
    axis.set_xticks([])
    axis.set_title(f"digits learnt from {N_EACH} of each class (MNIST)", fontsize=9, loc="left")
    axis.tick_params(left=False)
    axis.spines[:].set_visible(False)


def draw_gains(axis: Axes) -> None:
    """Gains over doing without and over the best rival, a line each."""
    for place, case in enumerate(CASES):
        *gains, _ = case.gains(read_records(FOLDER / f"{case.program}.jsonl"))
        for gain, (name, colour), shift in zip(gains, KEY.items(), (-0.14, 0.14), strict=True):
            mean, low, high = (100 * value for value in gain)
            label = name if place == 0 else None
            axis.plot([low, high], [place + shift] * 2, color=colour, linewidth=1.5)
            axis.plot(mean, place + shift, "o", color=colour, markersize=4, label=label)
    axis.axvline(0, color="black", linewidth=0.8)
    labels = [
        "\n".join(textwrap.fill(text.replace("`", ""), WIDTH) for text in (case.data, case.use))
        for case in CASES
    ]
    axis.set_yticks(range(len(CASES)), labels, fontsize=7)
    axis.invert_yaxis()
    axis.set_xlabel("points gained on held-out data, 95 % intervals", fontsize=8)
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.tick_params(left=False)
    axis.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, fontsize=7)


def main() -> None:
    """Train, draw and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, help="folder that python -m benchmarks.data has filled"
    )
    parser.add_argument("--smoke", action="store_true", help="bundled digits, in seconds")
    parser.add_argument("--output", type=Path, default=FOLDER / "overview.png")
    options = parser.parse_args()
    source = "digits" if options.smoke else "mnist"
    train, _ = draw_parts(source, 10 if options.smoke else N_EACH, 0, options.data)
    gan = ImageGAN(n_steps=1 if options.smoke else "auto", augment="symbol", random_state=0)
    gan.fit(train.X, train.y)
    with mpl.rc_context({"font.family": "sans-serif"}):
        figure = Figure(figsize=(11.5, 3.8), layout="constrained")
        left, right = figure.subfigures(1, 2, width_ratios=(1, 1.5))
        draw_digits(left.subplots(), gan)
        draw_gains(right.subplots())
        figure.savefig(options.output, dpi=110)


if __name__ == "__main__":
    main()
