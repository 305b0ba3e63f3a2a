"""Figures of tables: a panel for each figure, a line for each class."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from ganaug import TableGAN
from ganaug.report import draw_figures
from ganaug.report.tables import PANELS


@pytest.mark.parametrize("n_classes", [1, 4, 30])
def test_figures_of_any_number_of_classes_are_drawn(tmp_path, n_classes):
    columns = [name + suffix for name in PANELS for suffix in ("", "_real", "_shuffled")]
    values = np.random.default_rng(0).uniform(size=(n_classes + 1, len(columns)))
    names = [*[f"class ${i} of a long name" for i in range(n_classes)], "all"]
    draw_figures(tmp_path / "figures.png", pd.DataFrame(values, names, columns))
    image = imread(tmp_path / "figures.png")[..., :3]
    assert image.min() < 0.3
    # synthetic rows are red
    assert ((image[..., 0] - image[..., 1]) > 0.4).any()


def test_what_a_model_evaluates_to_has_every_figure_that_is_drawn(tmp_path, blobs):
    X, y = blobs
    table = TableGAN(n_steps=3, random_state=0).fit(X[::2], y[::2]).evaluate(X[1::2], y[1::2])
    assert set(PANELS) <= set(table.columns)
    draw_figures(tmp_path / "figures.png", table)
