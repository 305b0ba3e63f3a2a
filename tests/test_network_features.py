"""NetworkFeatures: features of a network as a step of scikit-learn's pipelines."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from torch import nn

from ganaug import NetworkFeatures


def images(shape=(8, 8), n=9, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, 256, (n, *shape)).astype(dtype)


def network():
    return nn.Sequential(nn.AvgPool2d(4), nn.Flatten())


def test_rows_and_images_and_types_give_the_same_features():
    X = images()
    expected = NetworkFeatures(network()).fit_transform(X)
    assert expected.shape == (9, 4)
    rows = NetworkFeatures(network(), image_shape=(8, 8)).fit_transform(X.reshape(9, -1))
    floats = NetworkFeatures(network()).fit_transform(X / 255)
    wide = NetworkFeatures(network(), value_range=(0, 255)).fit_transform(X.astype(float))
    for other in (rows, floats, wide):
        assert other == pytest.approx(expected, abs=1e-5)


def test_images_in_colour_have_their_channels_last():
    X = images((8, 12, 3))
    features = NetworkFeatures(lambda batch: batch.mean(dim=(2, 3))).fit_transform(X)
    means = X.mean(axis=(1, 2))
    cosine = (features * means).sum(axis=1) / np.linalg.norm(means, axis=1)
    assert cosine == pytest.approx(3**0.5)


def test_channels_of_tensors_are_told_to_be_last():
    X = torch.rand(9, 3, 8, 8)
    features = NetworkFeatures(network()).fit(X.permute(0, 2, 3, 1))
    with pytest.raises(ValueError, match=r"last: X\.permute\(0, 2, 3, 1\)"):
        features.transform(X)


def test_names_clones_and_frames():
    features = NetworkFeatures(network()).fit(images())
    assert features.get_feature_names_out().tolist() == [f"networkfeatures{i}" for i in range(4)]
    twin = clone(features)
    assert twin.network is not features.network
    with pytest.raises(NotFittedError):
        twin.transform(images())
    frame = features.set_output(transform="pandas").transform(images())
    assert frame.shape == (9, 4)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (images((8, 9)), "shape"),
        (images(dtype=float) * 3, "outside the range"),
        (np.full((2, 8, 8), np.nan), "NaN"),
    ],
)
def test_images_unlike_those_in_fit_are_refused(X, message):
    features = NetworkFeatures(network()).fit(images(dtype=float))
    with pytest.raises(ValueError, match=message):
        features.transform(X)


def test_images_from_0_to_1_are_noticed_where_white_is_255():
    X = images(dtype=float)
    with pytest.warns(UserWarning, match=r"255 \* X is, where 1 is white"):
        NetworkFeatures(network(), value_range=(0, 255)).fit(X).transform(X / 255)


@pytest.mark.parametrize(
    ("given", "X", "message"),
    [
        ("resnet18", images(), "'network' parameter"),
        (nn.Linear(3, 3), images(), "features takes no images of 8 x 8 pixels"),
        (network(), images((64,)), "image_shape"),
    ],
)
def test_what_is_no_network_or_no_image_is_refused(given, X, message):
    with pytest.raises(ValueError, match=message):
        NetworkFeatures(given).fit(X)
