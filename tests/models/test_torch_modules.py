"""Discriminators and generators as ordinary modules of torch."""

import copy

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from skorch import NeuralNetClassifier

from ganaug import ImageGAN, SuperResolver, load
from ganaug.cli import main
from ganaug.models.discriminator_backbone import DiscriminatorBackbone


@pytest.fixture(scope="module")
def images():
    """Forty digits of two classes."""
    digits = load_digits(n_class=2)
    return digits.images[:40], digits.target[:40]


@pytest.fixture(scope="module")
def gan(images):
    """A model that has seen no labels."""
    return ImageGAN(n_steps=3, random_state=0).fit(images[0])


@pytest.fixture(scope="module")
def shared(images):
    """A model whose classes share all but their last layers."""
    return ImageGAN(n_steps=3, sharing="conditional", random_state=0).fit(*images)


def as_batch(X):
    return torch.from_numpy(np.asarray(X, dtype=np.float32)[:, None])


def test_a_backbone_gives_the_features_that_the_model_gives(gan, images):
    backbone = gan.backbone()
    features = backbone(as_batch(images[0])).detach().numpy()
    assert features.shape == (40, backbone.num_features)
    np.testing.assert_allclose(features, gan.discriminator_features(images[0], 0), atol=1e-5)


def test_stages_halve_and_are_what_features_are_pooled_of(gan, images):
    backbone = gan.backbone()
    x = as_batch(images[0])
    stages = backbone.stages(x)
    sides = [maps.shape[-1] for maps in stages]
    assert sides == [8, 4]
    largest = torch.cat([maps.amax((2, 3)) for maps in stages], dim=1)
    pooled = backbone(x).unflatten(1, (-1, 16)).amax(2)
    assert torch.equal(pooled, largest)


class FineTuned(torch.nn.Module):
    """A classifier that starts from a backbone."""

    def __init__(self, backbone, n_classes):
        super().__init__()
        self.backbone = backbone
        self.norm = torch.nn.BatchNorm1d(backbone.num_features)
        self.head = torch.nn.Linear(backbone.num_features, n_classes)

    def forward(self, x):
        return self.head(self.norm(self.backbone(x)))


def test_skorch_fine_tunes_a_copy_of_a_backbone_in_every_fold(gan, images):
    X, y = images
    backbone = gan.backbone()
    before = copy.deepcopy(backbone.state_dict())
    net = NeuralNetClassifier(
        FineTuned,
        module__backbone=backbone,
        module__n_classes=2,
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.AdamW,
        lr=3e-3,
        max_epochs=5,
        batch_size=10,
        train_split=None,
        verbose=0,
    )
    x = as_batch(X).numpy()
    assert cross_val_score(net, x, y, cv=2).mean() > 0.9
    assert all(torch.equal(before[name], now) for name, now in backbone.state_dict().items())
    # what was fitted is no more what it started from
    fitted = clone(net).fit(x, y).module_.backbone.state_dict()
    assert not all(torch.equal(before[name], now) for name, now in fitted.items())


def test_training_a_backbone_leaves_the_model_alone(gan, images):
    x = as_batch(images[0])
    before = copy.deepcopy(gan.discriminators_[0].state_dict())
    classifier = torch.nn.Sequential(gan.backbone(), torch.nn.LazyLinear(2))
    classifier(x)
    optimizer = torch.optim.SGD(classifier.parameters(), lr=0.1)
    loss = torch.nn.functional.cross_entropy(classifier(x), torch.from_numpy(images[1]))
    loss.backward()
    assert all(p.grad is not None and bool(p.grad.any()) for p in classifier.parameters())
    optimizer.step()
    after = gan.discriminators_[0].state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert torch.equal(gan.backbone()(x), gan.backbone()(x))


def test_a_backbone_moves_with_its_module(gan):
    backbone = gan.backbone().to("meta")
    assert backbone(torch.zeros(3, 1, 8, 8, device="meta")).device.type == "meta"
    doubled = gan.backbone().double()
    assert doubled(torch.zeros(3, 1, 8, 8, dtype=torch.float64)).dtype == torch.float64


def test_a_saved_backbone_comes_back_ready_to_be_trained(gan, images, tmp_path):
    backbone = gan.backbone()
    backbone.save(tmp_path / "backbone.h5")
    again = load(tmp_path / "backbone.h5")
    assert torch.equal(again(as_batch(images[0])), backbone(as_batch(images[0])))
    assert all(p.requires_grad for p in again.parameters())
    with pytest.raises(FileExistsError):
        backbone.save(tmp_path / "backbone.h5")


def test_info_says_what_a_backbone_takes_and_gives(gan, tmp_path, capsys):
    gan.backbone().save(tmp_path / "backbone.h5")
    assert main(["info", str(tmp_path / "backbone.h5")]) == 0
    shown = capsys.readouterr().out
    assert "(1, 8, 8)" in shown
    assert f"{gan.backbone().num_features} features" in shown


def test_classes_that_share_layers_have_one_backbone(shared, images):
    x = as_batch(images[0])
    assert torch.equal(shared.backbone()(x), shared.backbone(1)(x))


def test_a_class_that_was_trained_again_has_a_backbone_of_its_own():
    digits = load_digits(n_class=3)
    model = ImageGAN(n_steps=2, sharing="conditional", random_state=0)
    model.fit(digits.images[:40], digits.target[:40])
    again = copy.deepcopy(model.discriminators_[0])
    with torch.no_grad():
        again.first.weight.add_(1)
    model.discriminators_[0] = again
    x = as_batch(digits.images[:5])
    assert torch.equal(model.backbone()(x), model.backbone(2)(x))
    assert not torch.equal(model.backbone()(x), model.backbone(0)(x))


def test_classes_with_discriminators_of_their_own_have_to_be_named(images):
    separate = ImageGAN(n_steps=3, sharing="none", random_state=0).fit(*images)
    x = as_batch(images[0])
    assert not torch.equal(separate.backbone(0)(x), separate.backbone(1)(x))
    with pytest.raises(ValueError, match=r"name one of 0, 1"):
        separate.backbone()
    with pytest.raises(ValueError, match="no GAN was trained for 7"):
        separate.backbone(7)


def test_an_untrained_model_has_no_backbone(images):
    with pytest.raises(NotFittedError):
        ImageGAN().backbone()
    with pytest.raises(ValueError, match="no discriminator was trained"):
        ImageGAN(n_steps=0).fit(images[0]).backbone()


def test_images_of_another_size_are_refused_with_what_is_needed(gan):
    with pytest.raises(ValueError, match=r"takes \(n, 1, 8, 8\)"):
        gan.backbone()(torch.zeros(2, 3, 8, 8))


def test_a_backbone_behind_an_upscaler_takes_large_images(images):
    large = np.kron(images[0], np.ones((2, 2)))
    gan = ImageGAN(n_steps=2, upscaler=SuperResolver(n_steps=1), random_state=0).fit(large)
    features = gan.backbone()(as_batch(large)).detach().numpy()
    np.testing.assert_allclose(features, gan.discriminator_features(large, 0), atol=1e-5)


def test_a_generator_module_makes_what_generate_makes(shared):
    noise = torch.randn(5, 64, generator=torch.Generator().manual_seed(0))
    made = shared.generator_module(1)(noise)
    assert made.shape == (5, 1, 8, 8)
    np.testing.assert_allclose(made[:, 0].numpy(), shared.generate(noise.numpy(), 1), atol=1e-5)


def test_a_generator_module_narrows_noise_as_the_model_does(images):
    gan = ImageGAN(n_steps=3, spread=0.5, random_state=0).fit(images[0])
    noise = torch.randn(5, 64, generator=torch.Generator().manual_seed(0))
    made = gan.generator_module(0)(noise)[:, 0].numpy()
    np.testing.assert_allclose(made, gan.generate(0.5 * noise.numpy(), 0), atol=1e-5)


def test_images_of_bytes_keep_their_scale(images):
    X = (images[0] * 15).astype(np.uint8)
    gan = ImageGAN(n_steps=3, random_state=0).fit(X)
    made = gan.generator_module(0)(torch.randn(4, 64))
    assert 1 < float(made.max()) <= 255
    features = gan.backbone()(as_batch(X)).detach().numpy()
    np.testing.assert_allclose(features, gan.discriminator_features(X, 0), atol=1e-5)


@pytest.mark.parametrize("scale", [255.0, -1.0])
def test_a_backbone_refuses_first_images_on_another_scale(images, scale):
    X = images[0] / 16
    backbone = ImageGAN(n_steps=1, random_state=0).fit(X).backbone()
    with pytest.raises(ValueError, match="takes images from 0 to 1: scale the batch"):
        backbone(as_batch(scale * X))
    with pytest.raises(ValueError, match=r"pixels run from 0 to 255; this"):
        backbone.stages(as_batch(255 * X).to(torch.uint8))
    assert backbone(as_batch(X)).isfinite().all()
    # of later batches it costs no look
    assert backbone(as_batch(scale * X)).isfinite().all()


def test_fractions_are_another_scale_to_backbones_of_whole_numbers_alone(images, tmp_path):
    X = images[0] * 12
    options = {"n_steps": 1, "value_range": (0, 200), "random_state": 0}
    dark = as_batch(images[0] * 0.9 / 16)
    of_fractions = ImageGAN(**options).fit(X.astype(np.float32)).backbone()
    with pytest.warns(UserWarning, match="where 0 to 200 is black to white"):
        assert of_fractions(dark).isfinite().all()
    ImageGAN(**options).fit(X.astype(np.uint8)).backbone().save(tmp_path / "backbone.h5")
    with pytest.raises(ValueError, match=r"0 to 0\.9; this backbone takes images from 0 to 200"):
        load(tmp_path / "backbone.h5")(dark)
    # as files of older versions, which do not tell
    config = dict(of_fractions.config)
    del config["is_whole"]
    assert DiscriminatorBackbone.from_config(**config).config == of_fractions.config


def test_replicas_of_a_backbone_look_at_one_first_batch(gan, images):
    backbone = gan.backbone()
    backbone._replicate_for_data_parallel()(as_batch(images[0]))
    assert backbone(as_batch(100 * images[0])).isfinite().all()


def test_a_backbone_is_exported_and_shaped_without_values(images):
    gan = ImageGAN(n_steps=1, random_state=0).fit(images[0])
    x = as_batch(images[0])
    exported = torch.export.export(gan.backbone(), (x,)).module()
    assert torch.allclose(exported(x), gan.backbone()(x), atol=1e-5)
    assert gan.backbone().to("meta")(x.to("meta")).shape == (40, 768)
