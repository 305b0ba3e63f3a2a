"""Inside albumentations' pipelines: the right class, blended, serialised, seeded in workers."""

import json
import os
import pickle
from pathlib import Path

import albumentations as A  # noqa: N812 - as its users write it
import numpy as np
import pytest
import torch
from torch import distributed
from torch.testing._internal.distributed.fake_pg import FakeStore
from torch.utils.data import DataLoader, Dataset

from ganaug import SampleBank
from ganaug.transforms import GANReplace


@pytest.fixture
def bank(tmp_path):
    """Images of class k of the brightness 100 k + their number, of fifty each."""
    X = np.zeros((100, 8, 12, 3), dtype=np.uint8)
    X += (100 * (np.arange(100) // 50) + np.arange(100) % 50)[:, None, None, None].astype(np.uint8)
    return SampleBank.from_arrays(tmp_path / "bank.h5", X, np.arange(100) // 50)


IMAGE = np.full((8, 12, 3), 240, dtype=np.uint8)


def test_images_are_replaced_by_those_of_their_class(bank):
    pipeline = A.Compose([GANReplace(str(bank.path), p=1.0)], seed=0)
    drawn = [[pipeline(image=IMAGE, label=label)["image"] for _ in range(40)] for label in (0, 1)]
    assert np.max(drawn[0]) < 50
    assert 100 <= np.min(drawn[1]) < np.max(drawn[1]) < 150
    assert all(image.dtype == np.uint8 for image in drawn[0])


@pytest.mark.parametrize("label", [np.int64(1), torch.tensor(1), True])
def test_labels_of_libraries_are_labels(bank, label):
    pipeline = A.Compose([GANReplace(str(bank.path), p=1.0)])
    assert 100 <= pipeline(image=IMAGE, label=label)["image"].max() < 150


def test_other_keys_and_a_share(bank):
    pipeline = A.Compose([GANReplace(str(bank.path), label_key="kind", p=0.3)], seed=0)
    replaced = [pipeline(image=IMAGE, kind=0)["image"].max() < 50 for _ in range(500)]
    assert np.mean(replaced) == pytest.approx(0.3, abs=0.06)


def test_blends_lie_between_the_images(bank):
    pipeline = A.Compose([GANReplace(str(bank.path), alpha=(0.5, 0.5), p=1.0)])
    drawn = pipeline(image=IMAGE, label=1)["image"]
    assert 170 <= drawn.min() <= drawn.max() <= 195


def test_grey_and_float_images(tmp_path):
    X = np.linspace(0, 1, 10, dtype=np.float32)[:, None, None] + np.zeros((1, 8, 8), np.float32)
    bank = SampleBank.from_arrays(tmp_path / "bank.h5", X, np.zeros(10, dtype=int))
    pipeline = A.Compose([GANReplace(str(bank.path), alpha=(0.2, 0.9), p=1.0)])
    with pytest.raises(ValueError, match=r"the image is uint8.*such as after A\.ToFloat"):
        pipeline(image=np.ones((8, 8), np.uint8), label=0)
    drawn = pipeline(image=np.ones((8, 8), np.float32), label=0)["image"]
    assert (drawn.shape, drawn.dtype) == ((8, 8), np.float32)
    assert 0 < drawn.min() <= 1


def test_it_is_serialised_as_its_parameters(bank):
    pipeline = A.Compose([GANReplace(str(bank.path), "kind", (0.2, 0.7), p=0.4)])
    pipeline(image=IMAGE, kind=0)
    described = A.to_dict(pipeline)
    again = A.from_dict(described)
    assert A.to_dict(again) == described
    assert (again[0].bank_path, again[0].alpha, again[0].p) == (str(bank.path), (0.2, 0.7), 0.4)
    assert len(pickle.dumps(pipeline)) < 20_000


def test_labels_are_named_by_classes(bank, tmp_path):
    path = tmp_path / "named.h5"
    SampleBank.from_arrays(path, bank[:], np.array(["cat", "dog"])[bank.labels])
    pipeline = A.Compose([GANReplace(path, p=1.0, classes=["dog", "cat"])])
    again = A.from_dict(json.loads(json.dumps(A.to_dict(pipeline))))
    for replace in (pipeline, again):
        assert replace(image=IMAGE, label=1)["image"].max() < 50
    with pytest.raises(KeyError, match="classes=, the names in the order of"):
        A.Compose([GANReplace(path, p=1.0)])(image=IMAGE, label=1)
    with pytest.raises(ValueError, match=r"none of classes=\['fly'\]"):
        A.Compose([GANReplace(path, p=1.0, classes=["fly"])])(image=IMAGE, label=0)


def test_equal_seeds_draw_equal_images(bank):
    images = []
    for seed in (1, 1, 2):
        pipeline = A.Compose([GANReplace(str(bank.path), p=1.0)], seed=seed)
        images.append([int(pipeline(image=IMAGE, label=0)["image"].max()) for _ in range(20)])
    assert images[0] == images[1] != images[2]


@pytest.mark.parametrize("bound", [{"mask": IMAGE[..., 0]}, {"masks": [IMAGE[..., 0]]}])
def test_what_belongs_to_the_image_is_refused(bank, bound):
    pipeline = A.Compose([GANReplace(str(bank.path), p=1.0)])
    with pytest.raises(ValueError, match="do not fit another image"):
        pipeline(image=IMAGE, label=0, **bound)


def test_masks_under_other_names_are_refused_too(bank):
    pipeline = A.Compose(
        [GANReplace(str(bank.path), p=1.0)], additional_targets={"outline": "mask"}
    )
    with pytest.raises(ValueError, match="outline"):
        pipeline(image=IMAGE, label=0, outline=IMAGE[..., 0])


def test_bad_input_is_named(bank):
    pipeline = A.Compose([GANReplace(str(bank.path), p=1.0)])
    with pytest.raises(KeyError, match="no class 7"):
        pipeline(image=IMAGE, label=7)
    with pytest.raises(ValueError, match="one class is needed as the label.*argmax"):
        pipeline(image=IMAGE, label=np.array([0, 1]))
    with pytest.raises(ValueError, match="label"):
        pipeline(image=IMAGE)
    with pytest.raises(ValueError, match=r"shape \(9, 9, 3\).*holds uint8 of the shape"):
        pipeline(image=np.zeros((9, 9, 3), np.uint8), label=0)
    with pytest.raises(ValueError, match=r"the image is float32.*such as before A\.ToFloat"):
        pipeline(image=IMAGE.astype(np.float32) / 255, label=0)
    with pytest.raises(ValueError, match="alpha must rise"):
        GANReplace(str(bank.path), alpha=(0.9, 0.1))
    absent = A.Compose([GANReplace("absent.h5", p=1.0)])
    with pytest.raises(FileNotFoundError, match=r"absent\.h5"):
        absent(image=IMAGE, label=0)


def test_what_was_drawn_is_replayed(bank):
    pipeline = A.ReplayCompose(
        [GANReplace(bank.path, p=1.0), A.HorizontalFlip(p=0.5)],
        additional_targets={"negative": "image"},
    )
    done = pipeline(image=IMAGE, negative=IMAGE, label=1)
    recorded = json.loads(json.dumps(done["replay"]))
    for label in ({"label": 1}, {}):
        again = A.ReplayCompose.replay(recorded, image=IMAGE, negative=IMAGE, **label)
        assert np.array_equal(again["image"], done["image"])
        assert np.array_equal(again["negative"], done["negative"])
    with pytest.raises(ValueError, match="sample of class 1 in the place of image, .* label 0"):
        A.ReplayCompose.replay(recorded, image=IMAGE, negative=IMAGE, label=0)


def test_what_was_not_replaced_stays_in_a_replay(bank):
    done = A.ReplayCompose([GANReplace(bank.path, p=0.0)])(image=IMAGE, label=1)
    again = A.ReplayCompose.replay(done["replay"], image=IMAGE, label=0)
    assert np.array_equal(again["image"], IMAGE)


def test_paths_hold_where_the_working_directory_changes(bank, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    pipelines = [A.Compose([GANReplace(path, p=1.0)]) for path in ("bank.h5", Path("bank.h5"))]
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "run")
    for pipeline in [*pipelines, A.from_dict(A.to_dict(pipelines[0]))]:
        assert pipeline(image=IMAGE, label=0)["image"].max() < 50


def test_additional_images_get_samples_of_their_own_and_of_their_class(bank):
    pipeline = A.Compose(
        [GANReplace(bank.path, p=1.0)], additional_targets={"other": "image"}, strict=True
    )
    drawn = [pipeline(image=IMAGE, other=IMAGE, label=0, other_label=1) for _ in range(9)]
    assert all(one["image"].max() < 50 <= one["other"].max() - 50 for one in drawn)
    alike = [pipeline(image=IMAGE, other=IMAGE, label=0) for _ in range(9)]
    assert max(one["other"].max() for one in alike) < 50
    assert any(one["image"].max() != one["other"].max() for one in alike)


def test_several_images_get_samples_of_their_own(bank):
    pipeline = A.Compose([GANReplace(bank.path, p=1.0)], seed=0)
    drawn = pipeline(images=np.stack([IMAGE] * 20), label=1)["images"]
    brightness = drawn.max(axis=(1, 2, 3))
    assert drawn.shape == (20, 8, 12, 3)
    assert 100 <= brightness.min() < brightness.max() < 150


@pytest.mark.parametrize("shape", [(12, 8), (12, 8, 1), (96, 1, 1)])
def test_grey_samples_are_not_forced_into_another_shape(tmp_path, shape):
    grey = np.zeros((4, 8, 12), np.uint8)
    path = SampleBank.from_arrays(tmp_path / "grey.h5", grey, [1] * 4).path
    pipeline = A.Compose([GANReplace(path, p=1.0)])
    assert pipeline(image=np.ones((8, 12, 1), np.uint8), label=1)["image"].shape == (8, 12, 1)
    with pytest.raises(ValueError, match=r"shape \(8, 12\)"):
        pipeline(image=np.zeros(shape, np.uint8), label=1)


@pytest.mark.parametrize(
    ("in_bank", "reaching"),
    [
        (lambda X: X, lambda X: (X - 0.45) / 0.225),
        (lambda X: (X - 0.45) / 0.225, lambda X: X),
        (lambda X: X, lambda X: 255 * X),
    ],
)
def test_images_on_another_scale_are_refused(tmp_path, in_bank, reaching):
    X = np.random.default_rng(0).random((9, 8, 8, 3), dtype=np.float32)
    bank = SampleBank.from_arrays(tmp_path / "bank.h5", in_bank(X).astype(np.float32), [1] * 9)
    fine, other = [A.Compose([GANReplace(bank.path, p=1.0)]) for _ in range(2)]
    for image in in_bank(X).astype(np.float32):
        fine(image=image, label=1)
    images = reaching(X).astype(np.float32)
    with pytest.raises(ValueError, match=r"another scale.*before A\.Normalize"):
        [other(image=image, label=1) for image in images]


def test_ranks_of_a_distributed_run_draw_other_images(bank):
    drawn = []
    for rank in (0, 1, 1):
        distributed.init_process_group("fake", store=FakeStore(), rank=rank, world_size=2)
        try:
            pipeline = A.Compose([GANReplace(str(bank.path), p=1.0)], seed=1)
            drawn.append([int(pipeline(image=IMAGE, label=0)["image"].max()) for _ in range(9)])
        finally:
            distributed.destroy_process_group()
    assert drawn[0] != drawn[1] == drawn[2]


class Piped(Dataset):
    """Images through a pipeline, as users of albumentations write it."""

    def __init__(self, pipeline):
        self.pipeline = pipeline

    def __len__(self):
        return 24

    def __getitem__(self, index):
        return int(self.pipeline(image=IMAGE, label=0)["image"].max())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked")
@pytest.mark.parametrize("seed", [None, 7])
def test_workers_and_epochs_draw_other_images_and_repeat_when_torch_is_seeded(bank, seed):
    data = Piped(A.Compose([GANReplace(str(bank.path), p=1.0)], seed=seed))

    def epochs():
        loader = DataLoader(data, batch_size=12, num_workers=2, multiprocessing_context="fork")
        with torch.random.fork_rng():
            torch.manual_seed(3)
            return [[tuple(batch.tolist()) for batch in loader] for _ in range(2)]

    first = epochs()
    assert len({batch for epoch in first for batch in epoch}) == 4
    assert epochs() == first
