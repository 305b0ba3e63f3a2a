"""Squares of the pictures that come with scikit-image: a picture is a class."""

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from sklearn.datasets import load_sample_images

from benchmarks.common.small_cnn import Images

SIDE = 64

# Of scikit-image: materials, cells and skies, whose halves resemble each other.
PICTURES = (
    "brick.png",
    "grass.png",
    "gravel.png",
    "coins.png",
    "cell.png",
    "ihc.png",
    "retina.jpg",
    "hubble_deep_field.jpg",
    "rocket.jpg",
    "motorcycle_left.png",
)


def read_pictures(folder: Path | None, flag: int = cv2.IMREAD_GRAYSCALE) -> list[np.ndarray]:
    """Pictures whose halves are large enough; those that come with scikit-image for None.

    Parameters
    ----------
    folder : Path or None
    flag : int, default=cv2.IMREAD_GRAYSCALE
        How OpenCV reads them.

    Raises
    ------
    FileNotFoundError
        Where there are fewer than two.
    """
    if folder is not None:
        files = sorted(path for path in folder.iterdir() if path.suffix in (".png", ".jpg"))
    else:
        # found, not imported: nothing but its files is needed
        package = find_spec("skimage")
        data = Path(package.origin).parent / "data" if package and package.origin else Path()
        files = [data / name for name in PICTURES if (data / name).exists()]
    pictures = [cv2.imread(str(path), flag) for path in files]
    pictures = [one for one in pictures if min(one.shape[0], one.shape[1] // 2) >= SIDE]
    if len(pictures) < 2:
        raise FileNotFoundError("no pictures: pip install 'ganaug[benchmark]', or --pictures DIR.")
    return pictures


def bundled_pictures() -> list[np.ndarray]:
    """The two photographs of scikit-learn, in grey."""
    return [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in load_sample_images().images]


def random_crops(picture: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Random squares (n, SIDE, SIDE) of a picture, with its channels if it has some."""
    height, width = picture.shape[:2]
    rows, columns = (rng.integers(0, side - SIDE + 1, n) for side in (height, width))
    return np.stack(
        [picture[i : i + SIDE, j : j + SIDE] for i, j in zip(rows, columns, strict=True)]
    )


def draw_halves(
    pictures: list[np.ndarray], sizes: tuple[int, int], rng: np.random.Generator
) -> tuple[Images, Images]:
    """Training images of the left halves and held-out ones of the right; so many a class."""
    halves = [np.split(picture, [picture.shape[1] // 2], axis=1) for picture in pictures]
    parts = [
        Images(
            np.concatenate([random_crops(half[part], size, rng) for half in halves]),
            np.repeat(range(len(pictures)), size),
        )
        for part, size in enumerate(sizes)
    ]
    return parts[0], parts[1]
