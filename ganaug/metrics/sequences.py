"""Quality of synthetic sequences, by class, beside what real ones reach."""

import math

import numpy as np
import pandas as pd

from ganaug.metrics.images import N_STEPS, image_quality
from ganaug.metrics.quality_table import QualityTable

# Power below this share of that of the strongest frequency is rounding.
MIN_POWER = 1e-6


def sequence_quality(
    train: np.ndarray,
    y_train: np.ndarray,
    held_out: np.ndarray,
    y_held_out: np.ndarray,
    fake: np.ndarray,
    y_fake: np.ndarray,
    *,
    n_values: int,
    random_state: int = 0,
    n_steps: int = N_STEPS,
) -> pd.DataFrame:
    """Compare synthetic sequences with held-out real ones, by class.

    Parameters
    ----------
    train, held_out, fake : (n, channels, 1, steps) arrays
        Encoded training, held-out and synthetic sequences.
    y_train, y_held_out, y_fake : (n,) arrays
        Their classes.
    n_values : int
        Channels of values; those after them say where gaps are.
    random_state : int, default=0
        Seeds the classifiers.
    n_steps : int
        Batches that each classifier learns from, as in ``image_quality``.

    Returns
    -------
    DataFrame
        A row for each class and one called "all", with the columns of ``image_quality``, in
        whose features sequences are images of a single row ("steps" in place of "pixels"), and

        ``spectrum``
            Mean distance of the logarithms of the power spectra, in decades; 0 is best.
        ``autocorrelation``
            Mean distance of the autocorrelations at lags up to half of the steps; 0 is best.
        ``channel_correlation``
            Mean distance of the correlations of two channels; NaN where there is one.

        Each stands beside its ``_real`` value: that of training sequences in place of
        synthetic ones.
    """
    sets = (train, held_out, fake)
    codes = (y_train, y_held_out, y_fake)
    pairs = zip(sets, codes, strict=True)
    arguments = [part for pair in pairs for part in pair]
    table = image_quality(*arguments, random_state=random_state, n_steps=n_steps, mirrored=False)
    table = table.rename(columns=lambda name: name.replace("pixels_", "steps_"))
    rows = []
    for label in table.index[:-1]:
        of_class = [
            part[y == label, :n_values, 0].astype(float)
            for part, y in zip(sets, codes, strict=True)
        ]
        rows.append(_signal_figures(*of_class))
    figures = pd.DataFrame(rows, index=table.index[:-1])
    figures.loc["all"] = figures.mean()
    return QualityTable(pd.concat([table, figures.set_axis(table.index)], axis=1))


def _signal_figures(train: np.ndarray, held_out: np.ndarray, fake: np.ndarray) -> dict[str, float]:
    """Distances of synthetic and of training sequences (n, channels, steps) to held-out ones."""
    figures = {}
    for name, statistic in STATISTICS.items():
        for suffix, part in (("", fake), ("_real", train)):
            there = min(len(part), len(held_out)) > 0
            distance = np.abs(statistic(part) - statistic(held_out)) if there else np.empty(0)
            figures[name + suffix] = float(distance.mean()) if distance.size else math.nan
    return figures


def log_spectrum(sequences: np.ndarray) -> np.ndarray:
    """Logarithms (channels, frequencies) of the mean power of sequences (n, channels, steps).

    Examples
    --------
    >>> wave = np.sin(2 * np.pi * 4 * np.arange(32) / 32)
    >>> log_spectrum(wave[None, None]).argmax()
    np.int64(3)
    """
    centred = sequences - sequences.mean(axis=2, keepdims=True)
    power = (np.abs(np.fft.rfft(centred, axis=2)[..., 1:]) ** 2).mean(axis=0)
    strongest = power.max(axis=1, keepdims=True)
    return np.log10(np.maximum(power, MIN_POWER * strongest) + MIN_POWER**2)


def autocorrelation(sequences: np.ndarray) -> np.ndarray:
    """Mean autocorrelations (channels, lags) at lags from 1 to half of the steps.

    Examples
    --------
    >>> wave = np.sin(2 * np.pi * 8 * np.arange(64) / 64)
    >>> autocorrelation(wave[None, None])[0, [3, 7]].round(2)
    array([-0.94,  0.88])
    """
    n_steps = sequences.shape[2]
    centred = sequences - sequences.mean(axis=2, keepdims=True)
    power = np.abs(np.fft.rfft(centred, n=2 * n_steps, axis=2)) ** 2
    covariance = np.fft.irfft(power, axis=2)[..., : n_steps // 2 + 1]
    return (covariance[..., 1:] / np.maximum(covariance[..., :1], np.finfo(float).tiny)).mean(0)


def channel_correlation(sequences: np.ndarray) -> np.ndarray:
    """Correlations of each two channels over all steps of sequences (n, channels, steps).

    Examples
    --------
    >>> channel_correlation(np.array([[[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]]))
    array([-1.])
    """
    steps = sequences.transpose(1, 0, 2).reshape(sequences.shape[1], -1)
    deviations = steps - steps.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(deviations, axis=1)
    scaled = deviations / np.where(norms > 0, norms, 1)[:, None]
    return (scaled @ scaled.T)[np.triu_indices(len(steps), 1)]


STATISTICS = {
    "spectrum": log_spectrum,
    "autocorrelation": autocorrelation,
    "channel_correlation": channel_correlation,
}
