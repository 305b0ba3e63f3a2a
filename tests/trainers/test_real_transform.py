"""What leaves an image in its class: names of kinds, and transforms of the user."""

import albumentations as A  # noqa: N812 - as its users write it
import numpy as np
import pytest
import torch

from ganaug import ImageGAN, load
from ganaug.encoding.image import ImageEncoder
from ganaug.trainers.augmentation_policies import augmentation_kinds
from ganaug.trainers.real_transform import RealTransform

# classes of few rows are meant, so that training is quick
pytestmark = pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")


def images(n=12):
    return np.random.default_rng(0).integers(0, 256, (n, 8, 9, 3), dtype=np.uint8)


def darker(image):
    return image // 2


@pytest.mark.parametrize(("n", "total"), [(3, 30), (190, 1900), (300, 1800), (3000, 6000)])
def test_classes_grow_up_to_tenfold_as_long_as_they_are_small(n, total):
    X = images(8).repeat(-(-n // 8), axis=0)[:n]
    encoder = ImageEncoder.fit(X)
    grown = RealTransform(darker, encoder).enlarge(torch.from_numpy(encoder.encode(X)))
    assert len(grown) == total
    decoded = encoder.decode(grown.numpy())
    assert np.array_equal(decoded[:n], X)
    assert np.array_equal(decoded[n : 2 * n], X // 2)


def test_pipelines_of_albumentations_do_the_same_every_time():
    X = images()
    encoder = ImageEncoder.fit(X)
    codes = torch.from_numpy(encoder.encode(X))
    pipeline = A.Compose([A.HorizontalFlip(p=0.5), A.RandomBrightnessContrast(p=1)], seed=3)
    grown = [RealTransform(pipeline, encoder).enlarge(codes) for _ in range(2)]
    assert torch.equal(*grown)
    assert not torch.equal(grown[0][12:24], grown[0][:12])


def test_the_game_is_played_on_transformed_images_too():
    X, y = np.full((24, 8, 8), 200, np.uint8), np.repeat([0, 1], 12)
    X[:, 0, 0] = 0
    plain = ImageGAN(n_steps=3, random_state=0).fit(X, y)
    other = ImageGAN(n_steps=3, random_state=0, real_transform=darker).fit(X, y)
    assert not np.array_equal(plain.sample(4, 0)[0], other.sample(4, 0)[0])
    assert other.class_counts_ == {0: 12, 1: 12}


@pytest.mark.parametrize("transform", [lambda image: image[:4], lambda image: image / 255])
def test_transforms_that_change_the_form_are_refused_before_training(transform):
    with pytest.raises(ValueError, match="real_transform makes .* it must keep both"):
        ImageGAN(n_steps=10**7, real_transform=transform).fit(images())


def test_a_saved_model_keeps_the_name_of_its_transform_and_asks_for_it_to_train_again(tmp_path):
    ImageGAN(n_steps=1, random_state=0, real_transform=darker).fit(images()).save(tmp_path / "g.h5")
    again = load(tmp_path / "g.h5")
    assert again.real_transform.startswith("<function darker")
    assert len(again.sample(3)[0]) == 3
    with pytest.raises(ValueError, match="'real_transform' parameter"):
        again.fit(images())


def test_unknown_kinds_are_named():
    with pytest.raises(ValueError, match="augment names 'fog'; known are"):
        augmentation_kinds(["affine", "fog"], 3)
