"""``ganaug train``: a model of a table or of images, in a file."""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.commands.options import HDF5, add_training_options, refuse_own_input
from ganaug.models.image import ImageGAN
from ganaug.models.table import TableGAN
from ganaug.storage.atomic import written_whole

IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "train",
        help="train a model and keep it in a file",
        description="Train one GAN for each class of DATA: a CSV or Parquet table, an HDF5 file of "
        "images, or a folder that holds a folder of images for each class.",
    )
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="MODEL.h5")
    parser.add_argument(
        "--target",
        metavar="NAME",
        help="column of class labels in a table; dataset of labels in HDF5 (default there: y)",
    )
    parser.add_argument(
        "--images", default="X", metavar="NAME", help="dataset of images in HDF5 (default: X)"
    )
    parser.add_argument(
        "--augment",
        default="auto",
        choices=["auto", "photo", "grey", "symbol", "none"],
        help="changes that leave an image in its class (default: auto)",
    )
    parser.add_argument(
        "--checkpoint",
        type=Path,
        metavar="RUN.h5",
        help="keep the state of training there; the same command goes on from it",
    )
    add_training_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Train, and write the model."""
    start = time.perf_counter()
    refuse_own_input(options.output, options.data)
    with written_whole(options.output) as unfinished:
        model = _trained(options)
        model.save(unfinished, overwrite=True)
    seconds = time.perf_counter() - start
    tiers = [f"  {label}: {n}, {model.tiers_[label]}" for label, n in model.class_counts_.items()]
    print("\n".join(["samples of each class, and what draws such ones:", *tiers]))
    print(f"\n{options.output}: {type(model).__name__} in {seconds:.1f} s.")
    print(f"Draw from it by: ganaug sample {options.output} -n 100 -o samples.h5")


def _trained(options: argparse.Namespace) -> Any:
    path, steps = options.data, "auto" if options.steps is None else options.steps
    common: dict[str, Any] = {
        "n_steps": steps,
        "device": options.device,
        "random_state": options.seed,
        "verbose": 1,
    }
    augment = None if options.augment == "none" else options.augment
    if path.is_dir():
        return ImageGAN(augment=augment, **common).fit(
            *read_folder(path), checkpoint=options.checkpoint
        )
    if path.suffix.lower() in HDF5:
        return ImageGAN(augment=augment, **common).fit_file(
            path, options.images, options.target or "y", checkpoint=options.checkpoint
        )
    if options.target is None:
        raise ValueError(f"--target must name the column of class labels of {path}.")
    return TableGAN(**common).fit_file(path, options.target, checkpoint=options.checkpoint)


def _as_array(image: Any, path: Path) -> np.ndarray:
    """Grey or colourful bytes; what has more than 256 shades is refused, not clipped."""
    if image.mode.startswith(("I", "F")):
        raise ValueError(
            f"{path} has more than 256 shades (mode {image.mode}). Convert it to 8 bits, or train "
            "on arrays: ganaug.ImageGAN takes them as they are."
        )
    grey = image.mode in ("1", "L", "LA")
    return np.asarray(image.convert("L" if grey else "RGB"))


def read_folder(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, height, width[, channels]) of a folder of folders, and the names of these.

    Raises
    ------
    ValueError
        For a folder without such folders, and images of different sizes or colours.
    """
    from PIL import Image

    images: list[np.ndarray] = []
    labels: list[str] = []
    for path in sorted(folder.glob("*/*")):
        if path.suffix.lower() not in IMAGES:
            continue
        with Image.open(path) as image:
            images.append(_as_array(image, path))
        labels.append(path.parent.name)
        if images[-1].shape != images[0].shape:
            raise ValueError(
                f"{path} has the shape {images[-1].shape}, the images before it have "
                f"{images[0].shape}. Resize or convert them to one."
            )
    if not images:
        raise ValueError(f"{folder} holds no folders of images ({', '.join(IMAGES)}).")
    return np.stack(images), np.array(labels)
