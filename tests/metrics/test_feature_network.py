"""Networks of the user: what they are handed, how they are left, and what is refused."""

import threading

import numpy as np
import pytest
import torch
from torch import nn

from ganaug.metrics.feature_network import MAX_BATCH, FeatureNetwork


class Recorder(nn.Module):
    """Keeps what it is handed, and gives a mean of each channel."""

    def __init__(self, **attributes):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.seen = []
        for name, value in attributes.items():
            setattr(self, name, value)

    def forward(self, images):
        self.seen.append(images)
        return images.float().mean(dim=(2, 3)) + 1


class Stages(nn.Module):
    """Maps of two stages, in the container that is asked for."""

    def __init__(self, container):
        super().__init__()
        self.first = nn.Conv2d(3, 5, 3, stride=2)
        self.second = nn.Conv2d(5, 7, 3, padding=1)
        self.container = container

    def forward(self, images):
        first = self.first(images)
        second = self.second(first)
        return self.container([first, second])


def noise(n=6, channels=3, side=16, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (n, channels, side, side))


@pytest.mark.parametrize("container", [list, tuple, lambda maps: {"a": maps[0], "b": maps[1]}])
def test_stages_stand_side_by_side_by_their_means_over_places(container):
    images = noise()
    network = Stages(container)
    features = FeatureNetwork(network, images)(images)
    with torch.no_grad():
        maps = Stages.forward(network, torch.from_numpy((images + 1) / 2).float())
    maps = list(maps.values()) if isinstance(maps, dict) else maps
    first, second = (part.double().mean(dim=(2, 3)).numpy() for part in maps)
    for found, mean in ((features[:, :5], first), (features[:, 5:], second)):
        assert np.linalg.norm(found, axis=1) == pytest.approx(mean.shape[1] ** 0.5)
        cosine = (found * mean).sum(axis=1) / np.linalg.norm(mean, axis=1)
        assert cosine == pytest.approx(mean.shape[1] ** 0.5)


def test_features_of_an_image_depend_neither_on_others_nor_on_the_batch():
    images = noise(MAX_BATCH + 3, side=8)
    network = FeatureNetwork(Stages(list), images)
    together = network(images)
    assert together.shape == (MAX_BATCH + 3, 12)
    assert network(images[[-1]]) == pytest.approx(together[[-1]], abs=1e-5)
    assert network(images[:0]).shape == (0, 12)


def test_large_images_come_in_small_batches():
    network = Recorder()
    FeatureNetwork(network, noise(2, side=256))(noise(40, side=256))
    assert max(map(len, network.seen)) == 16


def test_networks_see_black_and_white_as_0_and_1_and_nothing_beyond():
    network = Recorder()
    images = np.linspace(-1.5, 1.5, 8 * 64).reshape(8, 1, 8, 8)
    FeatureNetwork(network, images)(images)
    seen = network.seen[-1]
    assert seen.dtype == torch.float32
    assert seen.numpy() == pytest.approx((images.clip(-1, 1) + 1) / 2, abs=1e-6)


def test_networks_of_timm_see_images_normalised_as_they_say():
    config = {"mean": (0.5, 0.25, 0.0), "std": (0.5, 0.25, 2.0), "input_size": (3, 224, 224)}
    network = Recorder(pretrained_cfg=config)
    images = noise()
    FeatureNetwork(network, images)
    unit = (images[:3] + 1) / 2
    expected = (unit - np.reshape((0.5, 0.25, 0.0), (3, 1, 1))) / np.reshape(
        (0.5, 0.25, 2.0), (3, 1, 1)
    )
    assert network.seen[-1].numpy() == pytest.approx(expected, abs=1e-5)


def test_grey_images_come_in_colour_to_networks_that_take_no_others():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    grey = noise(channels=1)
    assert FeatureNetwork(network, grey)(grey) == pytest.approx(
        FeatureNetwork(network, grey.repeat(3, axis=1))(grey.repeat(3, axis=1))
    )
    recorder = Recorder()
    FeatureNetwork(recorder, grey)
    assert recorder.seen[-1].shape[1] == 1


def test_images_too_small_for_a_network_are_resized_and_this_is_said():
    network = Stages(list)
    network.first = nn.Conv2d(3, 5, 9)
    with pytest.warns(UserWarning, match="8 x 8 pixels .*Kernel size.*resized to 224 x 224"):
        features = FeatureNetwork(network, noise(channels=1, side=8))
    assert features(noise(channels=1, side=8)).shape == (6, 12)


def test_networks_of_one_size_are_given_that_size():
    config = {"input_size": (3, 20, 24), "fixed_input_size": True}
    network = Recorder(pretrained_cfg=config)
    with pytest.warns(UserWarning, match="no images of 16 x 16 pixels.*resized to 20 x 24"):
        FeatureNetwork(network, noise())
    assert network.seen[-1].shape == (3, 3, 20, 24)
    # an image of one colour stays what it is
    features = FeatureNetwork(network, np.full((3, 3, 20, 24), 0.5))
    assert features.network.seen[-1].numpy() == pytest.approx(0.75)


def test_a_network_is_left_in_its_mode_with_its_weights_and_without_gradients():
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.BatchNorm2d(4).eval()
    )
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    modes = [part.training for part in network.modules()]
    images = noise()
    features = FeatureNetwork(network, images)
    assert np.array_equal(features(images), features(images))
    assert features(images)[:2] == pytest.approx(features(images[:2]), abs=1e-6)
    assert [part.training for part in network.modules()] == modes
    after = network.state_dict()
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())
    assert all(parameter.grad is None for parameter in network.parameters())
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_a_network_that_fails_is_left_in_its_mode_too():
    network = nn.Sequential(nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(5, 5))
    with pytest.raises(ValueError, match="features takes no images of 16 x 16 pixels"):
        FeatureNetwork(network, noise())
    assert all(part.training for part in network.modules())


def test_threads_do_not_leave_a_network_in_another_mode():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    images = noise(64)
    features = FeatureNetwork(network, images)
    expected = features(images)
    found = []
    threads = [threading.Thread(target=lambda: found.append(features(images))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(np.array_equal(one, expected) for one in found)
    assert all(part.training for part in network.modules())


def test_images_go_to_where_a_network_is_in_its_type():
    class Elsewhere(Recorder):
        def forward(self, images):
            super().forward(images)
            return torch.ones(len(images), 2)

    for network in (Elsewhere().to("meta"), Elsewhere().double()):
        FeatureNetwork(network, noise())
        like = network.weight
        assert (network.seen[-1].device, network.seen[-1].dtype) == (like.device, like.dtype)


def test_functions_and_methods_of_networks_serve_too():
    images = noise()
    network = Stages(list)
    assert FeatureNetwork(lambda batch: batch.flatten(1).numpy(), images)(images).shape == (6, 768)
    method = FeatureNetwork(network.forward, images)
    assert np.array_equal(method(images), FeatureNetwork(network, images)(images))


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (lambda images: images.flatten(1)[1:], r"gives the shape \(2, 768\) for 3 images"),
        (lambda images: images.reshape(-1, 64), "for 3 images"),
        (lambda images: images.flatten(2), r"shape \(3, 3, 256\)"),
        (lambda images: images.mean(), r"gives the shape \(\)"),
        (lambda images: images.flatten(1) / 0, "NaN or infinity"),
        (lambda images: images.flatten(1).argmax(dim=1, keepdim=True), "gives torch.int64"),
        (lambda images: None, "gives NoneType"),
        (lambda images: [], "gives nothing"),
        (lambda images: {"logits": "many"}, "gives str"),
        (lambda images: images.no_such_method(), "AttributeError"),
        (nn.Conv2d(1, 2, 3), "takes no images of 16 x 16 pixels and 3 channels"),
    ],
)
def test_what_is_no_network_of_features_is_refused(network, message):
    with pytest.raises(ValueError, match=f"features .*{message}"):
        FeatureNetwork(network, noise())


def test_what_fails_later_is_refused_too():
    network = FeatureNetwork(lambda images: images.flatten(1), noise())
    with pytest.raises(ValueError, match="NaN or infinity"):
        network(np.full((2, 3, 16, 16), np.nan))
