"""Pictures: a PNG with what it was given."""

import numpy as np
import pytest
from matplotlib.image import imread
from PIL import Image

from ganaug.report.pictures import draw_quality
from ganaug.report.walks import MARGIN, write_film


def pixels_of(tmp_path, *given, **options):
    """Height, width and colours of the PNG that is drawn."""
    draw_quality(tmp_path / "picture.png", *given, **options)
    return imread(tmp_path / "picture.png")[..., :3]


def test_generated_images_stand_below_real_ones_and_above_their_nearest(tmp_path):
    kinds = [{"a": np.full((2, 4, 4, 3), 1.0) * colour} for colour in np.eye(3)]
    picture = pixels_of(tmp_path, *kinds)
    heights = [np.argwhere((picture == colour).all(axis=-1))[:, 0].mean() for colour in np.eye(3)]
    assert heights == sorted(heights)


def test_a_page_grows_with_its_classes_and_images(tmp_path):
    def size_of(n_classes, n_images):
        fake = {label: np.ones((n_images, 8, 8)) for label in range(n_classes)}
        real = {label: images[:2] for label, images in fake.items()}
        return pixels_of(tmp_path, real, fake, fake).shape

    assert size_of(2, 2)[0] > size_of(1, 2)[0]
    assert size_of(1, 20)[1] > size_of(1, 2)[1]
    # in columns, not in one row of any height
    assert size_of(4, 2)[1] > size_of(3, 2)[1]
    assert size_of(13, 2)[1] > size_of(12, 2)[1]


@pytest.mark.parametrize(
    ("shape", "n_classes"),
    [
        ((8, 8), 1), ((6, 9), 12), ((12, 5, 1), 1), ((12, 5, 2), 1), ((12, 5, 4), 12),
        ((128, 8), 1), ((128, 8), 12), ((300, 512), 12),
    ],
)  # fmt: skip
def test_every_image_is_drawn_whole_in_all_shapes_and_numbers_of_classes(
    tmp_path, shape, n_classes
):
    """Each image is of a grey of its own, and covers as many pixels as the others."""
    greys = 10 + 2 * np.arange(n_classes * 3 * 3).reshape(3, n_classes, 3)
    blank = np.ones(shape, np.uint8)
    kinds = [
        {label: np.multiply.outer(grey[label], blank) for label in range(n_classes)}
        for grey in greys
    ]
    # black and white, so that all others are drawn as they are
    kinds[0][0] = np.concatenate([kinds[0][0], [0 * blank, 255 * blank]])
    picture = (255 * pixels_of(tmp_path, *kinds)).round().astype(int)
    is_grey = (picture == picture[..., :1]).all(axis=-1)
    # matplotlib rounds some greys down, and edges of letters have one of them
    counts = np.bincount((picture[is_grey][:, 0] + 1) // 2, minlength=128)[greys.ravel() // 2]
    assert counts.min() > 0.8 * np.median(counts)


def test_colours_of_grey_images_are_as_they_are(tmp_path):
    dark = {"a": np.concatenate([np.zeros((5, 8, 8)), np.ones((1, 8, 8))])}
    assert (
        pixels_of(tmp_path, dark, dark, dark).mean()
        < 0.7
        < pixels_of(tmp_path, {"a": 1 - dark["a"]}, *[{"a": 1 - dark["a"]}] * 2).mean()
    )


def test_whole_numbers_below_the_darkest_real_one_do_not_wrap(tmp_path):
    real, fake = {"a": np.full((1, 4, 4), 250, np.uint8)}, {"a": np.full((1, 4, 4), 8, np.uint8)}
    real["a"][0, 0, 0] = 9
    one = pixels_of(tmp_path, real, fake, fake)
    fake["a"][:] = 9
    assert np.array_equal(one, pixels_of(tmp_path, real, fake, fake))


def test_images_without_contrast_are_drawn_too(tmp_path):
    flat = {"a": np.ones((1, 4, 4))}
    assert pixels_of(tmp_path, flat, flat, flat).min() < 1


def test_curves_stand_below_the_images_where_something_was_trained(tmp_path):
    images = {label: np.ones((2, 8, 8)) for label in "ab"}
    none, some = {"fool_rate": np.empty(0)}, {"fool_rate": np.linspace(0, 0.5, 9)}
    plain, untrained, one, both = (
        pixels_of(tmp_path, images, images, images, history=history)
        for history in (
            None,
            {"a": none, "b": none},
            {"a": none, "b": some},
            {"a": some, "b": some},
        )
    )
    assert np.array_equal(plain, untrained)
    assert plain.shape[0] < one.shape[0] == both.shape[0]


def test_films_of_small_images_have_room_for_the_names_above_them(tmp_path):
    sizes = {}
    for name in ("cat", "from class to class"):
        write_film(tmp_path / "film.gif", [(name, np.zeros((4, 32, 32, 3), dtype=np.uint8))])
        with Image.open(tmp_path / "film.gif") as film:
            sizes[name] = film.size
    # images of 32 pixels, enlarged fourfold, and a name that is wider
    assert sizes["cat"][0] == 128 + 2 * MARGIN
    assert sizes["from class to class"][0] > sizes["cat"][0]
    assert sizes["from class to class"][1] == sizes["cat"][1]
