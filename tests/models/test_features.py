"""``features=``: what a frozen network of the user does in fits, guards, files and figures."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch import nn

from ganaug import ClassTranslator, ImageGAN, PairedTranslator, load
from ganaug.metrics.linear_classifier import LinearClassifier
from ganaug.trainers.checkpoint import Checkpoint

# classes of few images are meant, so that training is quick
pytestmark = pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")

QUICK = {"n_steps": 4, "capacity": 0.1, "random_state": 0}


class Quarters(nn.Module):
    """Means of the quarters of an image: a network that tells bars apart, and counts its images."""

    def __init__(self):
        super().__init__()
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten())
        self.n_seen = 0

    def forward(self, images):
        self.n_seen += len(images)
        return self.pool(images) + 0.1


def bars(n=20):
    """Images with a bar at the left, the top or the right, by class, and of changing brightness."""
    rng = np.random.default_rng(0)
    y = np.repeat(range(3), n)
    X = rng.integers(0, 30, (len(y), 8, 8)).astype(np.uint8)
    places = [(slice(None), slice(4)), (slice(4), slice(None)), (slice(None), slice(4, 8))]
    for image, label in zip(X, y, strict=True):
        image[places[label]] = rng.integers(90, 255)
    return X, y


def fit(kind, X, y, **parameters):
    """A model of these images that trains in no time."""
    guides = (X > 60,) if kind is PairedTranslator else ()
    return kind(**{**QUICK, **parameters}).fit(*guides, X, y)


@pytest.fixture(scope="module")
def translator():
    """A translator of bars whose guard knows the means of their quarters."""
    X, y = bars(30)
    return ClassTranslator(
        n_steps=60, augment=None, features=Quarters(), batch_size=8, random_state=0
    ).fit(X, y)


@pytest.mark.parametrize("kind", [ImageGAN, ClassTranslator, PairedTranslator])
@pytest.mark.parametrize(
    ("network", "message"),
    [
        (lambda images: torch.zeros(2, 5), "shape .* for 3 images"),
        (lambda images: images.flatten(1) * torch.nan, "NaN or infinity"),
        (nn.Conv2d(5, 2, 3), "takes no images of 8 x 8 pixels"),
        ("network", "'features' parameter"),
    ],
)
def test_networks_that_give_no_features_are_refused_before_training(kind, network, message):
    with pytest.raises(ValueError, match=f"features.*{message}|{message}"):
        fit(kind, *bars(), n_steps=10**7, features=network)


def test_figures_of_features_are_among_those_of_quality():
    X, y = bars()
    # one class, beside which no classifiers are trained
    model = ImageGAN(**QUICK, features=Quarters()).fit(X[::2], y[::2], labels=[0])
    table = model.evaluate(X[1:20:2], y[1:20:2])
    assert {"random_kid", "features_kid", "features_copied_close"} <= set(table)
    assert table.loc[0, "features_kid"] > table.loc[0, "features_kid_real"]


def test_states_of_training_are_compared_in_the_features():
    X, y = bars()
    network = Quarters()
    ImageGAN(**QUICK, features=network).fit(X, y)
    # the real images of each class once, and 128 of each state
    assert network.n_seen > 3 * 128
    # where all images look alike, no state is better than the first that is rated
    blind = ImageGAN(**{**QUICK, "n_steps": 20}, features=lambda images: torch.ones(len(images), 1))
    first = blind.fit(X, y).sample(6, 0)[0]
    seeing = ImageGAN(**{**QUICK, "n_steps": 20}).fit(X, y).sample(6, 0)[0]
    assert not np.array_equal(first, seeing)


def test_a_network_is_not_changed_by_a_fit():
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout())
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    model = fit(ClassTranslator, *bars(), guard=0, features=network)
    assert model.features is network
    assert all(part.training for part in network.modules())
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_the_guard_judges_by_a_linear_classifier_of_the_features(translator):
    classifiers = translator._label_guard.classifiers
    assert all(isinstance(classifier, LinearClassifier) for classifier in classifiers)
    assert min(translator.guard_precision_.values()) > 0.9
    X, y = translator.sample({0: 30, 1: 30, 2: 30}, random_state=0)
    quarters = X.reshape(-1, 2, 4, 2, 4).mean(axis=(2, 4))
    bright = np.stack([quarters[:, :, 0], quarters[:, 0], quarters[:, :, 1]], axis=1).mean(axis=2)
    assert (bright.argmax(axis=1) == y).mean() > 0.95


def test_a_loaded_translator_samples_once_it_has_its_network_again(translator, tmp_path):
    translator.save(tmp_path / "model.h5")
    again = load(tmp_path / "model.h5")
    assert again.features.startswith("Quarters(")
    X, y = bars(30)
    for use in (lambda: again.sample({0: 3}), lambda: again.evaluate(X, y)):
        with pytest.raises(ValueError, match=r"does not hold.*set_params\(features=network\)"):
            use()
    with pytest.raises(ValueError, match="the guard judges images by features"):
        again.set_params(features=None).sample({0: 3})
    with pytest.raises(ValueError, match="gives 64 numbers for an image"):
        again.set_params(features=nn.Flatten()).sample({0: 3})
    with pytest.raises(ValueError, match="of real images for other classes than in fit"):
        again.set_params(features=lambda images: Quarters()(images).flip(1)).sample({0: 3})
    again.set_params(features=Quarters())
    expected = translator.sample({0: 30, 1: 30}, random_state=3)[0]
    assert np.array_equal(again.sample({0: 30, 1: 30}, random_state=3)[0], expected)


@pytest.mark.parametrize("kind", [ImageGAN, PairedTranslator])
def test_other_loaded_models_sample_without_it(kind, tmp_path):
    X, y = bars()
    fit(kind, X, y, features=Quarters()).save(tmp_path / "model.h5")
    again = load(tmp_path / "model.h5")
    assert len(again.sample(4)[0]) == 4
    with pytest.raises(ValueError, match="a network that a file does not hold"):
        again.evaluate(X, y)


@pytest.mark.medium
def test_a_network_that_came_after_the_fit_serves_figures_alone():
    X, y = bars()
    model = fit(ClassTranslator, X, y, guard=0.01)
    expected = model.sample({0: 5}, random_state=1)[0]
    model.set_params(features=Quarters())
    assert np.array_equal(model.sample({0: 5}, random_state=1)[0], expected)


def test_clones_and_pickles_have_a_network_of_their_own():
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
    model = ImageGAN(**QUICK, features=network)
    twin = clone(model)
    assert twin.features is not network
    assert twin.get_params()["features"] is twin.features
    X, y = bars()
    samples = [one.fit(X, y).sample(5, 0)[0] for one in (model, twin)]
    assert np.array_equal(*samples)
    again = pickle.loads(pickle.dumps(model))
    images = np.zeros((1, 1, 8, 8))
    assert np.array_equal(again._feature_network()(images), model._feature_network()(images))


def test_a_model_is_refitted_to_images_of_another_shape():
    X, y = bars()
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
    model = fit(ImageGAN, X, y, n_steps=1, features=network)
    colour = np.repeat(X[..., None], 3, axis=3)
    with pytest.raises(ValueError, match="takes no images of 8 x 8 pixels and 3 channels"):
        model.fit(colour, y)
    assert model.sample(2)[0].shape == (2, 8, 8)
    assert model.set_params(features=nn.Flatten()).fit(colour, y).sample(2)[0].shape[3] == 3


def test_a_checkpoint_describes_a_network_in_one_line(tmp_path):
    X, y = bars()
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
    model = ImageGAN(**QUICK, features=network)
    samples = model.fit(X, y, checkpoint=tmp_path / "run.h5").sample(3, 0)[0]
    text = Checkpoint(tmp_path / "run.h5").fingerprint["features"]
    assert text.startswith("Sequential( (0): Conv2d(1, 2")
    again = clone(model).fit(X, y, checkpoint=tmp_path / "run.h5")
    assert np.array_equal(again.sample(3, 0)[0], samples)
    with pytest.raises(ValueError, match="checkpoint of another fit: features was"):
        ImageGAN(**QUICK).fit(X, y, checkpoint=tmp_path / "run.h5")
