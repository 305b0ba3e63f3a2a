"""Spectra of generated images: no checkerboard of two pixels, which images above 16 pixels had."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from ganaug import ImageGAN

SIDE = 20


def clouds(n, seed):
    """Smooth random images in colour, between which and their generators noise is little."""
    rng = np.random.default_rng(seed)
    noise = gaussian_filter(rng.standard_normal((n, SIDE, SIDE, 3)), (0, 2.5, 2.5, 0), mode="wrap")
    return (128 + 45 * noise / noise.std()).clip(0, 255).astype(np.uint8)


def checkerboards(images):
    """Power of each image at the highest frequency, over that of all near it on average."""
    images = images - images.mean(axis=(1, 2), keepdims=True)
    window = np.hanning(SIDE)
    spectra = np.abs(np.fft.fft2(images * np.outer(window, window)[..., None], axes=(1, 2))) ** 2
    highest = SIDE // 2
    near = (
        spectra[:, highest - 2, : highest - 1].mean()
        + spectra[:, : highest - 1, highest - 2].mean()
    )
    return spectra[:, highest, highest].mean(axis=1) / (near / 2)


@pytest.mark.medium
@pytest.mark.parametrize("sharing", ["none", "conditional"])
def test_images_have_no_more_power_at_the_highest_frequency_than_real_ones(sharing):
    X = clouds(80, seed=0)
    gan = ImageGAN(
        n_steps=100, batch_size=4, augment=["affine"], sharing=sharing, device="cpu", random_state=0
    )
    gan.fit(X, np.arange(len(X)) % 2)
    images, _ = gan.sample({0: 100, 1: 100}, random_state=0)
    lowest, highest = np.quantile(checkerboards(X.astype(float)), [0.01, 0.99])
    assert lowest < checkerboards(images.astype(float)).mean() < highest


def test_checkerboards_are_found():
    X = clouds(80, seed=0).astype(float)
    pattern = (-1.0) ** np.add.outer(np.arange(SIDE), np.arange(SIDE))
    _, highest = np.quantile(checkerboards(X), [0.01, 0.99])
    assert checkerboards(X + 2 * pattern[..., None]).mean() > highest
