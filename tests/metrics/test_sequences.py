"""The table of sequences' quality: what each statistic answers to, and what it does not."""

import numpy as np
import pytest

from ganaug.metrics.sequences import (
    autocorrelation,
    channel_correlation,
    log_spectrum,
    sequence_quality,
)

STATISTICS = ("spectrum", "autocorrelation", "channel_correlation")


def waves(n, n_cycles, seed, n_steps=32, sign=1.0):
    """Encoded waves of two channels (n, 2, 1, steps) at random phases, and noise."""
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0, 2 * np.pi, (n, 1))
    wave = np.sin(2 * np.pi * n_cycles * np.arange(n_steps) / n_steps + phase)
    X = np.stack([wave, sign * wave], axis=1)[:, :, None]
    return (X / 2 + rng.normal(0, 0.02, X.shape)).astype(np.float32)


@pytest.fixture(scope="module")
def tables():
    """Quality of waves of two classes, with others in place of the samples."""
    y = np.repeat([0, 1], 20)

    def scene(seed, **changed):
        return np.concatenate([waves(20, 3, seed, **changed), waves(20, 6, seed + 1, **changed)])

    fakes = {
        "as good": scene(4),
        "too fast": np.concatenate([waves(20, 11, 4), waves(20, 14, 5)]),
        "against each other": scene(4, sign=-1.0),
        "constant": np.zeros_like(scene(4)),
    }
    real = (scene(0), y, scene(2), y)
    return {
        name: sequence_quality(*real, fake, y, n_values=2, n_steps=25)
        for name, fake in fakes.items()
    }


def test_a_row_for_each_class_and_one_for_all_with_real_values_beside(tables):
    table = tables["as good"]
    assert table.index.tolist() == [0, 1, "all"]
    for name in STATISTICS:
        assert table.loc["all", name] == pytest.approx(table[name][:-1].mean())
        assert np.isfinite(table[f"{name}_real"]).all()
    assert {"label_accuracy", "steps_copied_ratio"} <= set(table)


def test_other_sequences_of_the_classes_are_as_good_as_real_ones(tables):
    row = tables["as good"].loc["all"]
    assert row["spectrum"] < 0.3
    assert row["autocorrelation"] < 0.1
    assert row["channel_correlation"] < 0.05
    assert row["label_accuracy"] > 0.8


def test_each_statistic_answers_to_what_it_is_about(tables):
    good, fast, against = (
        tables[name].loc["all"] for name in ("as good", "too fast", "against each other")
    )
    assert fast["spectrum"] > good["spectrum"] + 0.1
    assert fast["autocorrelation"] > good["autocorrelation"] + 0.2
    assert against["channel_correlation"] > good["channel_correlation"] + 1.5
    # each channel by itself is as it was
    assert against["spectrum"] == pytest.approx(good["spectrum"], abs=0.1)


def test_constant_samples_are_judged_without_a_warning(tables):
    row = tables["constant"].loc["all"]
    assert np.isfinite(row[list(STATISTICS)].astype(float)).all()


def test_statistics_of_a_wave_are_those_of_its_closed_form():
    wave = np.cos(2 * np.pi * 4 * np.arange(256) / 256)[None, None]
    spectrum = log_spectrum(wave)[0]
    assert spectrum.argmax() == 4 - 1
    assert spectrum[3] == pytest.approx(np.log10(128.0**2))
    lags = np.arange(1, 129)
    # a sum over so many terms as there are at each lag
    expected = np.cos(2 * np.pi * 4 * lags / 256) * (1 - lags / 256)
    assert np.allclose(autocorrelation(wave)[0], expected, atol=0.05)


def test_statistics_know_no_amplitude_where_they_say_so():
    X = waves(3, 5, 0)[:, :, 0]
    assert np.allclose(autocorrelation(X), autocorrelation(7 * X + 2), atol=1e-5)
    assert np.allclose(channel_correlation(X), channel_correlation(7 * X + 2), atol=1e-5)
    assert np.allclose(log_spectrum(10 * X), log_spectrum(X) + 2, atol=1e-4)
    assert channel_correlation(X[:, :1]).shape == (0,)
