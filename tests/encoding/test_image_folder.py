"""Folders of images: read as people see them, and what is not read is said."""

import json

import numpy as np
import pytest
from PIL import Image, ImageOps

from ganaug import ImageGAN, read_image_folder
from ganaug.encoding.image_folder import ImageFolder

RNG = np.random.default_rng(0)


def put(folder, name, pixels=None, mode=None, **options):
    """Write an image of some pixels, or of noise; return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = RNG.integers(0, 256, (8, 12, 3), np.uint8) if pixels is None else pixels
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


def test_hidden_files_are_none_and_what_else_is_not_read_is_told(tmp_path):
    for name in ("b/1.png", "a/2.png", "a/1.jpg", ".hidden/1.png", "a/.hidden.png", "a/deep/1.png"):
        put(tmp_path, name)
    put(tmp_path, "a/1.gif")
    put(tmp_path, "outside.png")
    (tmp_path / "none").mkdir()
    with pytest.warns(UserWarning, match="are not read") as caught:
        X, y = read_image_folder(tmp_path)
    told = str(caught[0].message)
    for part in ("deep", "1.gif", "1 without images, such as none", "outside.png"):
        assert part in told
    assert ".hidden" not in told
    assert X.shape == (3, 8, 12, 3)
    assert y.tolist() == ["a", "a", "b"]


def test_transparency_is_white(tmp_path):
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[:4, :, 3] = 255
    for name, mode in (("rgba", "RGBA"), ("la", "LA"), ("palette", "P")):
        put(tmp_path / name, "a/1.png", pixels, None if mode == "RGBA" else mode)
        X, _ = read_image_folder(tmp_path / name)
        assert (X[0, :4] == 0).all()
        assert (X[0, 4:] == 255).all()
    half = np.full((8, 8, 4), [200, 0, 0, 51], np.uint8)
    put(tmp_path / "half", "a/1.png", half)
    # a fifth of the colour, and four of white
    assert read_image_folder(tmp_path / "half")[0][0, 0, 0].tolist() == [244, 204, 204]


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("turn", range(2, 9))
def test_pictures_are_turned_as_viewers_turn_them(tmp_path, suffix, turn):
    tag = Image.Exif()
    tag[0x112] = turn
    path = put(tmp_path, f"a/1.{suffix}", exif=tag)
    with Image.open(path) as image:
        seen = np.asarray(ImageOps.exif_transpose(image))
    X, _ = read_image_folder(tmp_path)
    assert np.array_equal(X[0], seen)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr"])
def test_modes_are_read_as_they_look(tmp_path, mode):
    path = put(tmp_path, "a/1.tif", mode=mode)
    with Image.open(path) as image:
        seen = np.asarray(image.convert("L" if mode in "1L" else "RGB"))
    assert np.array_equal(read_image_folder(tmp_path)[0][0], seen)
    # grey among colours is colourful
    put(tmp_path, "a/2.png")
    X, _ = read_image_folder(tmp_path)
    assert np.array_equal(X[0], seen if seen.ndim == 3 else np.stack([seen] * 3, axis=-1))


def test_large_images_are_refused_by_their_headers_or_made_small(tmp_path, monkeypatch):
    stripe = np.zeros((600, 900, 3), np.uint8)
    stripe[:, 300:600] = [250, 130, 10]
    for name in ("1.png", "2.jpg"):
        put(tmp_path, f"a/{name}", stripe)
    X, _ = read_image_folder(tmp_path, size=20)
    assert X.shape == (2, 20, 20, 3)
    # of the middle 600 x 600, a half is striped
    assert np.abs(X[:, :, 7:13].astype(int) - [250, 130, 10]).max() < 8
    assert X[:, :, [0, -1]].max() < 8
    assert read_image_folder(tmp_path, size=(20, 30))[0].shape == (2, 20, 30, 3)
    monkeypatch.setattr(Image.Image, "load", None)
    with pytest.raises(ValueError, match=r"1\.png has 600 x 900 pixels.*size=64 of .*--size 64"):
        read_image_folder(tmp_path)


def test_images_of_several_sizes_are_named_or_brought_to_one(tmp_path):
    put(tmp_path, "a/1.png")
    put(tmp_path, "b/1.png", np.zeros((9, 12, 3), np.uint8))
    with pytest.raises(
        ValueError,
        match=r"b/1\.png has 9 x 12 pixels.*Resize them all: size=\(8, 12\) of .*--size 8x12",
    ):
        read_image_folder(tmp_path)
    assert read_image_folder(tmp_path, size=(8, 12))[0].shape == (2, 8, 12, 3)


def test_of_several_large_sizes_one_is_advised_that_gans_learn(tmp_path):
    put(tmp_path, "a/1.png", np.zeros((190, 277, 3), np.uint8))
    put(tmp_path, "b/1.png", np.zeros((9, 12, 3), np.uint8))
    with pytest.raises(ValueError, match=r"have 190 x 277\. .* --size 88x128 of a command"):
        read_image_folder(tmp_path)


@pytest.mark.parametrize("size", [0, (8,), (8, -1), 8.5, "8x", True, (8, True)])
def test_sizes_that_no_image_has_are_refused(tmp_path, size):
    put(tmp_path, "a/1.png")
    with pytest.raises(ValueError, match="size must be"):
        read_image_folder(tmp_path, size)


def test_broken_images_and_indexes_are_named(tmp_path):
    path = put(tmp_path, "a/1.png")
    put(tmp_path, "a/2.png")
    whole = path.read_bytes()
    for content in (b"", whole[:60], whole[:-30]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"a/1\.png is not a readable image"):
            read_image_folder(tmp_path)
    path.write_bytes(whole)
    for content in ("[1]", '{"a": []}', "x"):
        (tmp_path / "labels.json").write_text(content)
        with pytest.raises(ValueError, match=r"labels\.json does not hold the labels"):
            read_image_folder(tmp_path)


@pytest.mark.parametrize("labels", [[3, 7], ["a", "b"], [0.5, 1.5], [1, "1"]])
def test_labels_of_an_index_stay_of_their_types(tmp_path, labels):
    for name in "ab":
        put(tmp_path, f"{name}/1.png")
    (tmp_path / "labels.json").write_text(json.dumps(dict(zip("ab", labels, strict=True))))
    assert read_image_folder(tmp_path)[1].tolist() == labels


def test_models_learn_from_folders_as_from_arrays(tmp_path):
    for number in range(24):
        put(tmp_path, f"{'ab'[number % 2]}/{number:02}.png", mode="L")
    gan = ImageGAN(n_steps=2, random_state=0).fit_folder(tmp_path)
    same = ImageGAN(n_steps=2, random_state=0).fit(*read_image_folder(tmp_path))
    assert np.array_equal(gan.sample(9)[0], same.sample(9)[0])
    assert gan.class_counts_ == {"a": 12, "b": 12}


def test_only_the_images_that_are_wanted_are_read(tmp_path):
    for name in "abc":
        put(tmp_path, f"{name}/1.png")
    folder = ImageFolder(tmp_path)
    (tmp_path / "a" / "1.png").unlink()
    assert folder.samples(np.array([False, True, True])).shape == (2, 8, 12, 3)
