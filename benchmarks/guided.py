"""Do images have their keypoints where guides want them.

``python benchmarks/guided.py --data DIR`` takes images of each digit from DIR/mnist.h5. Keypoints
are where strokes end and where they cross, in skeletons of the images; ``keypoint_maps`` draws them
as guides of two channels, and ``PairedTranslator`` learns to make images of them. Guides of other
images are translated, and keypoints found again in what comes out: "found" is the share of the
guides' keypoints within 2 pixels of one of their kind in the image, "wanted" the share of the
image's keypoints within 2 pixels of one of the guide's. "apart" is the mean absolute difference of
two images of one guide by two noises, "real apart" that of two real images of one class, both on
0 to 255. A line a seed goes to ``results/guided.jsonl``; what that file has is not run again.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import torch
from command_line import parameter
from image_tasks import draw_parts, few_rows
from records import read_records
from small_cnn import Images

from ganaug import PairedTranslator, keypoint_maps

OUTPUT = Path(__file__).parent / "results" / "guided.jsonl"

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
    most = max(len(kind) for points in all_points for kind in points)
    padded = np.full((len(all_points), 2, most, 2), np.nan)
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


def apart(X: np.ndarray, other: np.ndarray) -> float:
    """Mean absolute difference, pixel by pixel."""
    return float(np.abs(X.astype(float) - other).mean())


def real_apart(images: Images) -> float:
    """Of neighbours of one class, in the order in which they come."""
    parts = [images.X[images.y == label] for label in np.unique(images.y)]
    return float(np.mean([apart(own[1:], own[:-1]) for own in parts]))


def run(seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """The record of one draw of the data."""
    train, test = draw_parts("mnist", options.each, seed, options.data)
    test = test[few_rows(test.y, options.test, np.random.default_rng(seed))]
    start, shape = time.perf_counter(), train.X.shape[1:]
    translator = PairedTranslator(
        augment="symbol", random_state=seed, device="cpu", **dict(options.parameters)
    ).fit(guides_of([keypoints(image) for image in train.X], shape), train.X, train.y)
    seconds = time.perf_counter() - start
    wanted = [keypoints(image) for image in test.X]
    first, second = (
        translator.translate(guides_of(wanted, shape), test.y, random_state=noise)
        for noise in (0, 1)
    )
    made = [keypoints(image) for image in first]
    if options.picture:
        draw(options.picture, guides_of(wanted, shape), test.X, first, second)
    return {
        "seed": seed,
        "each": options.each,
        "parameters": dict(options.parameters),
        "found": share_near(wanted, made),
        "wanted": share_near(made, wanted),
        "apart": apart(first, second),
        "real apart": real_apart(test),
        "n_wanted": sum(len(kind) for points in wanted for kind in points),
        "seconds": seconds,
        "torch": torch.__version__,
    }


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
    options = parsed()
    torch.set_num_threads(1)
    what = {"each": options.each, "parameters": dict(options.parameters)}
    records = []
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        key = {"seed": seed, **what}
        known = [one for one in read_records(options.output) if key.items() <= one.items()]
        if not known:
            known = [run(seed, options)]
            with options.output.open("a", encoding="utf-8") as file:
                file.write(json.dumps(known[0]) + "\n")
        records += known
    figures = ["found", "wanted", "apart", "real apart", "seconds"]
    print(pd.DataFrame(records)[figures].agg(["mean", "std"]).round(3).to_string())


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist.h5")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--each", type=int, default=100, help="training images of each digit")
    parser.add_argument("--test", type=int, default=100, help="held-out images of each digit")
    parser.add_argument(
        "--parameters", nargs="*", type=parameter, default=[], help="such as fidelity=3"
    )
    parser.add_argument("--picture", type=Path, help="PNG file of guides and images")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
