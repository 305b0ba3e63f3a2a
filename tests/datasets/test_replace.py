"""Images are replaced by those of their class, in their own type, alone."""

from collections import namedtuple

import numpy as np
import pytest
import torch
from PIL import Image

from ganaug import RandomReplace, SampleBank


@pytest.fixture
def bank():
    """Images of one colour for each class, the label times 100."""
    X = np.repeat(np.array([0, 100, 200], np.uint8), 5)[:, None, None, None]
    return SampleBank.in_memory(np.tile(X, (1, 8, 12, 3)), np.repeat([0, 1, 2], 5))


def tensor(value=50, dtype=torch.uint8):
    return torch.full((3, 8, 12), value, dtype=dtype)


def picture(value=50):
    return Image.new("RGB", (12, 8), (value,) * 3)


@pytest.mark.parametrize("image", [tensor(), picture()], ids=["tensor", "PIL"])
@pytest.mark.parametrize(
    "form",
    [
        lambda image, label: (image, label),
        lambda image, label: [image, torch.tensor(label), "path"],
        lambda image, label: {"path": "a", "image": image, "label": label},
        namedtuple("Item", ["image", "label"]),
    ],
    ids=["pair", "list", "dict", "named tuple"],
)
def test_an_image_becomes_one_of_its_class_in_its_type_and_place(bank, image, form):
    item = form(image, 2)
    new = RandomReplace(bank, p=1.0)(item)
    assert type(new) is type(item)
    befores, afters = [
        list(parts.values() if isinstance(parts, dict) else parts) for parts in (item, new)
    ]
    for before, after in zip(befores, afters, strict=True):
        assert type(after) is type(before)
        if before is image:
            assert np.unique(np.asarray(after)).tolist() == [200]
        else:
            assert after is before
    assert np.unique(np.asarray(image)).tolist() == [50]


def test_a_share_is_replaced_and_seeds_of_torch_repeat_it(bank):
    replace = RandomReplace(bank, p=0.3, alpha=(0.2, 0.8))

    def values(seed):
        torch.manual_seed(seed)
        return [int(replace(tensor(), 2)[0][0, 0, 0]) for _ in range(2000)]

    with torch.random.fork_rng():
        first = values(0)
        assert first == values(0) != values(1)
    replaced = np.array(first) != 50
    assert replaced.mean() == pytest.approx(0.3, abs=0.05)
    blends = np.array(first)[replaced]
    assert blends.min() == pytest.approx(50 + 0.2 * 150, abs=3)
    assert blends.max() == pytest.approx(50 + 0.8 * 150, abs=3)


@pytest.mark.parametrize("image", [tensor(), tensor(50.0, torch.float32), picture()])
def test_blends_lie_between_both(bank, image):
    floats = SampleBank.in_memory(bank[:].astype(np.float32), bank.labels)
    source = floats if torch.is_tensor(image) and image.is_floating_point() else bank
    new, _ = RandomReplace(source, p=1.0, alpha=(0.5, 0.5))(image, 1)
    assert np.unique(np.asarray(new)).tolist() == [75]


def test_labels_are_found_and_named_as_they_are_told(bank):
    named = SampleBank.in_memory(bank[:], np.repeat(["cat", "dog", "eel"], 5))
    new, _ = RandomReplace(named, p=1.0, classes=["eel", "cat"])(tensor(), 0)
    assert int(new.max()) == 200
    item = {"pixels": tensor(), "meta": {"kind": 1}}
    new = RandomReplace(bank, p=1.0, labels_getter=lambda item: item["meta"]["kind"])(item)
    assert int(new["pixels"].min()) == 100


def test_classes_may_be_replaced_by_shares_of_their_own(bank):
    named = SampleBank.in_memory(bank[:], np.repeat(["cat", "dog", "eel"], 5))
    for source, options in [
        (bank, {"p": {1: 1.0}}),
        (named, {"p": {"cat": 0.0, "dog": 1.0}, "classes": ["cat", "dog", "eel"]}),
        (named, {"p": {1: 1.0}, "classes": ["cat", "dog", "eel"]}),
    ]:
        replace = RandomReplace(source, **options)
        assert [int(replace(tensor(), label)[0].max()) for label in range(3)] == [50, 100, 50]
    for p in ({"fly": 0.5}, {"cat": 2}, {"cat": "often"}, "often"):
        with pytest.raises(ValueError, match="p must be from 0 to 1, or a dict of labels"):
            RandomReplace(named, p=p)


def test_shares_are_those_of_labels_where_names_of_classes_are_numbers_too(bank):
    numbered = SampleBank.in_memory(bank[5:], np.repeat([1, 2], 5))
    for p, expected in [
        ({1: 1.0}, [50, 200]),
        ({2: 1.0}, [50, 200]),
        ({1: 1.0, 2: 0.0}, [100, 50]),
        ({0: 1.0, 1: 0.0}, [100, 50]),
    ]:
        replace = RandomReplace(numbered, p=p, classes=["1", "2"])
        assert [int(replace(tensor(), label)[0].max()) for label in range(2)] == expected


def test_names_of_a_bank_are_asked_for_where_labels_are_numbers(bank):
    named = SampleBank.in_memory(bank[:], np.repeat(["cat", "dog", "eel"], 5))
    with pytest.raises(KeyError, match="no class 1; .*classes=, the names in the order of"):
        RandomReplace(named, p=1.0)(tensor(), 1)
    with pytest.raises(KeyError, match="no class 'fly'; .*Draw samples of it"):
        RandomReplace(named, p=1.0)(tensor(), "fly")
    with pytest.raises(ValueError, match=r"none of classes=\['fly'\]"):
        RandomReplace(named, classes=["fly"])


def test_images_that_are_unlike_the_bank_s_are_refused(bank):
    replace = RandomReplace(bank, p=1.0)
    for image, why in [
        (torch.zeros(3, 9, 12, dtype=torch.uint8), "have the shape"),
        (tensor(0.5, torch.float32), "hold float32, synthetic uint8"),
        (Image.new("L", (12, 8)), "have the mode L"),
    ]:
        with pytest.raises(ValueError, match=f"{why}.*Put RandomReplace where they are alike"):
            replace(image, 1)
    with pytest.raises(KeyError, match="holds no class 7"):
        replace(tensor(), 7)
    for label in (torch.tensor([0, 1]), np.array([0, 1]), [0, 1], torch.tensor([])):
        with pytest.raises(ValueError, match="one class is needed as the label.*argmax"):
            replace(tensor(), label)
    with pytest.raises(ValueError, match="found in a Tensor.*transform= of a data set does"):
        replace(tensor())
    with pytest.raises(ValueError, match="p must be from 0 to 1"):
        RandomReplace(bank, p=2)
    with pytest.raises(ValueError, match="alpha must rise"):
        RandomReplace(bank, alpha=(0.5, 0.2))


def test_the_place_of_floats_is_after_images_are_scaled(bank):
    floats = SampleBank.in_memory(bank[:].astype(np.float32) / 255, bank.labels)
    for source, image, place in [
        (bank, tensor(0.5, torch.float32), "before v2.ToDtype"),
        (floats, picture(), "after v2.ToImage and v2.ToDtype.* before v2.Normalize"),
        (floats, tensor(), "after v2.ToImage and v2.ToDtype.* before v2.Normalize"),
    ]:
        with pytest.raises(ValueError, match=f"alike, such as {place}"):
            RandomReplace(source, p=1.0)(image, 1)


def test_scales_are_compared_over_several_images(bank):
    floats = SampleBank.in_memory(bank[:].astype(np.float32), bank.labels)
    replace = RandomReplace(floats, p=1.0)
    with pytest.raises(ValueError, match="real values reach from"):
        list(map(replace, torch.rand(8, 3, 8, 12), [2] * 8))
