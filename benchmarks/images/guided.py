"""Do images have their keypoints where guides want them.

Keypoints of handwritten digits are where strokes end and where they cross, in skeletons of the
images; ``keypoint_maps`` draws them as guides of two channels, and ``PairedTranslator`` learns to
make images of them. Guides of other images are translated, and keypoints found again in what comes
out: ``keypoint_recall`` is the share of the guides' keypoints within 2 pixels of one of their kind
in the image, ``keypoint_precision`` the share of the image's keypoints within 2 pixels of one of
the guide's. ``difference`` is the mean absolute difference of two images of one guide by two
noises, ``real_difference`` that of two real images of one class, both on 0 to 255.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from benchmarks.common.command_line import CommandLine, parameter, seeds_of
from benchmarks.common.image_tasks import draw_parts, few_rows
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.results import as_table
from benchmarks.common.small_cnn import Images
from ganaug import PairedTranslator, keypoint_maps

SCORES = (
    "keypoint_recall",
    "keypoint_precision",
    "difference",
    "real_difference",
    "seconds",
)

# Pixels that a keypoint may be away.
NEAR = 2.0

Points = list[np.ndarray]


def keypoints(image: np.ndarray) -> Points:
    """Ends and crossings of the strokes, (n, 2) each, as columns and rows."""
    from skimage.morphology import skeletonize

    skeleton = skeletonize(image > 127).astype(np.uint8)
    eight = np.ones((3, 3), np.uint8)
    eight[1, 1] = 0
    n_neighbours = cv2.filter2D(skeleton, -1, eight, borderType=cv2.BORDER_CONSTANT)
    kinds = (skeleton > 0) & (n_neighbours == 1), (skeleton > 0) & (n_neighbours >= 3)
    # pixels that touch are one keypoint, in their middle; the first component is what is left
    return [cv2.connectedComponentsWithStats(kind.astype(np.uint8))[3][1:] for kind in kinds]


def guides_of(all_points: list[Points], shape: tuple[int, int]) -> np.ndarray:
    """Heat maps of the keypoints of many images."""
    n_points = max(len(kind) for points in all_points for kind in points)
    padded = np.full((len(all_points), 2, n_points, 2), np.nan)
    for i, points in enumerate(all_points):
        for j, kind in enumerate(points):
            padded[i, j, : len(kind)] = kind
    return keypoint_maps(padded, shape)


def share_near(some: list[Points], others: list[Points]) -> float:
    """Share of keypoints with one of their kind near them in another image."""
    near = []
    for own, other in zip(some, others, strict=True):
        for points, targets in zip(own, other, strict=True):
            distances = np.linalg.norm(points[:, None] - targets[None], axis=2)
            near += (distances.min(axis=1, initial=np.inf) <= NEAR).tolist()
    return float(np.mean(near))


def mean_difference(X: np.ndarray, other: np.ndarray) -> float:
    """Mean absolute difference, pixel by pixel."""
    return float(np.abs(X.astype(float) - other).mean())


def real_difference(images: Images) -> float:
    """Mean difference of neighbours of one class, in the order in which they come."""
    parts = [images.X[images.y == label] for label in np.unique(images.y)]
    return float(np.mean([mean_difference(own[1:], own[:-1]) for own in parts]))


def measure(options: argparse.Namespace, source: str, seed: int) -> dict[str, Any]:
    """Scores and seconds on one draw of the data, as ``Results.add`` takes them."""
    train, test = draw_parts(source, options.each, seed, options.data)
    test = test[few_rows(test.y, options.test, np.random.default_rng(seed))]
    shape = train.X.shape[1:]
    translator = PairedTranslator(
        augment="symbol", random_state=seed, device="cpu", **dict(options.parameters)
    )
    start = time.perf_counter()
    translator.fit(guides_of([keypoints(image) for image in train.X], shape), train.X, train.y)
    seconds = time.perf_counter() - start
    wanted = [keypoints(image) for image in test.X]
    guides = guides_of(wanted, shape)
    first, second = (translator.translate(guides, test.y, random_state=k) for k in (0, 1))
    made = [keypoints(image) for image in first]
    if options.picture:
        draw(options.picture, guides, test.X, first, second)
    scores = {
        "keypoint_recall": share_near(wanted, made),
        "keypoint_precision": share_near(made, wanted),
        "difference": mean_difference(first, second),
        "real_difference": real_difference(test),
        "n_keypoints": sum(len(kind) for points in wanted for kind in points),
    }
    return {"scores": scores, "seconds": seconds}


def draw(path: Path, guides: np.ndarray, *images: np.ndarray, n_columns: int = 20) -> None:
    """Guides, real images and translations, a row each, of every so many-th."""
    step = max(1, len(guides) // n_columns)
    shown = (255 * guides[::step][:n_columns]).astype(np.uint8)
    colours = np.concatenate([np.zeros_like(shown[..., :1]), shown[..., ::-1]], axis=3)
    rows = [colours, *(np.repeat(X[::step][:n_columns, ..., None], 3, axis=3) for X in images)]
    picture = np.concatenate([np.concatenate(list(row), axis=1) for row in rows])
    cv2.imwrite(str(path), cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST))


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, data="required", n_seeds=3)
    add = line.parser.add_argument
    add("--each", type=int, default=100, help="training images of each digit (100)")
    add("--test", type=int, default=100, help="held-out images of each digit (100)")
    add("--parameters", nargs="*", type=parameter, default=[], help="such as fidelity=3")
    add("--picture", type=Path, help="PNG file of guides and images")
    options, results = line.parse(smoke={"each": 10, "test": 5, "parameters": [("n_steps", 1)]})
    torch.set_num_threads(1)
    source = "digits" if options.smoke else "mnist"
    what = {"n_each": options.each, "parameters": dict(options.parameters)}
    records = []
    for seed in seeds_of(options):
        known = results.find(source, "PairedTranslator", seed, **what)
        if not known:
            measured = measure(options, source, seed)
            known = [results.add(source, "PairedTranslator", seed, options=what, **measured)]
        records += known
    print(markdown(mean_table(as_table(records), SCORES)))


if __name__ == "__main__":
    main()
