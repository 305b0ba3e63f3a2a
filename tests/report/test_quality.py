"""Quality on pages: what is bad has a mark, chance has none, and copies come first."""

import numpy as np
import pandas as pd
import pytest

from ganaug import TableGAN
from ganaug.metrics.quality_table import FIGURES, is_bad
from ganaug.report.quality import quality
from ganaug.report.sections import TIERS
from ganaug.trainers import class_translation, image, paired_translation, sequence, table


def marked(name, value, level, n=400):
    """Whether a value is marked where real samples reach a level."""
    return is_bad(name, pd.Series({name: value, "n_fake": n, "n_held_out": n}), level)


@pytest.mark.parametrize("name", FIGURES)
def test_what_is_much_worse_than_real_samples_is_marked_and_what_is_better_is_not(name):
    sign = -1 if FIGURES[name].best == "high" else 1
    assert marked(name, 0.5 + 0.3 * sign, 0.5)
    assert not marked(name, 0.5 - 0.3 * sign, 0.5)
    assert not marked(name, 0.5 + 0.02 * sign, 0.5)
    # of four samples that is chance
    assert not marked(name, 0.5 + 0.25 * sign, 0.5, n=4)
    assert not marked(name, np.nan, 0.5)
    assert not marked(name, 0.5, np.nan)


def test_as_many_close_samples_as_new_ones_have_are_no_copies():
    copies = "copied_close"
    assert not marked(copies, 0.01, 0.01)
    assert marked(copies, 0.05, 0.01)
    assert not marked(copies, 0.05, 0.05)


def test_an_untrained_generator_is_marked_and_copies_come_first():
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, 700)
    # a ring, which no copula of single columns is near
    X = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    gan = TableGAN(n_steps=1, random_state=0).fit(X[:350])
    section = quality(gan, X[350:], np.zeros(350, dtype=int))
    assert section.header[:2] == ["class", "too close to training samples"]
    *_, total = section.rows
    cells = dict(zip(section.header[1:], total[1:], strict=True))
    assert cells["detection AUC"].text.endswith(" !")
    assert cells["detection AUC"].verdict == "worse"
    assert not cells["too close to training samples"].text.endswith("!")
    assert "marked (!) below: detection AUC" in section.note
    assert "marked (!) below: detection AUC" in section.finding
    assert set(section.header[1:]) | {"!"} == set(section.words)


def test_every_kind_of_generator_is_explained():
    tiers = [*table.TIERS, table.UNTRAINED, *image.TIERS, *sequence.TIERS]
    tiers += [class_translation.TRANSLATOR, paired_translation.PAIRED]
    assert {tier.name for tier in tiers} == set(TIERS)
