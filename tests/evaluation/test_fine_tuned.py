"""Classifiers of images learn from real ones and from samples, in the shares that are asked for."""

import numpy as np
import pytest
import torch
from sklearn.base import BaseEstimator

from ganaug.encoding.image import ImageEncoder
from ganaug.evaluation.fine_tuned import FineTuner, ImageSet, ImageSetGANs, logits_of, to_tensor
from ganaug.evaluation.starts import RANDOM, with_samples
from ganaug.training.diffaug import Augmentation
from ganaug.training.fine_tuning import FineTuning


class Swapping(BaseEstimator):
    """A model whose samples of a class are images of the other one."""

    def fit(self, X, y):
        self.images_ = {label: X[y != label] for label in (0, 1)}
        return self

    def sample(self, counts, random_state=None):
        X = [np.resize(self.images_[label], (n, 8, 8)) for label, n in counts.items()]
        return np.concatenate(X), np.repeat(list(counts), list(counts.values()))


def shades():
    """Thirty dark images of class 0, and as many light ones of class 1."""
    codes = np.arange(60) % 2
    noise = np.random.default_rng(0).uniform(0, 0.4, size=(60, 8, 8))
    return (noise + 0.6 * codes[:, None, None]).astype(np.float32), codes


@pytest.mark.parametrize("share", [0.25, 0.75])
def test_samples_have_the_share_of_the_batches_that_is_asked_for(share):
    X, codes = shades()
    encoder = ImageEncoder.fit(X)
    settings = FineTuning(150, Augmentation(()), 64, learning_rate=0.01)
    tuner = FineTuner(encoder, 2, 0.5, settings, torch.device("cpu"))
    images = ImageSet(X, codes, np.ones(60), X[:0])
    rng = np.random.RandomState(0)
    gans = ImageSetGANs(Swapping(), images, rng)
    network = tuner.train(with_samples(RANDOM, share), images, gans, rng)
    probabilities = logits_of(network, to_tensor(X, encoder)).softmax(1).numpy()
    # of each image a share of what is shown has the label of the other class
    assert abs(probabilities[np.arange(60), codes].mean() - (1 - share)) < 0.1
