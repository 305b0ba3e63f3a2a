"""A small convolutional classifier whose batches mix real and synthetic images."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.common.batch_mixing import mix_batch, paste_patches

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # else importing it asks the network
import albumentations as A  # noqa: E402, N812 - after the line above; named as its users do
import cv2  # noqa: E402 - a dependency of albumentations

Transform = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Images:
    """Labelled images: ``X`` (n, H, W) or (n, H, W, C) of uint8, ``y`` (n,) from 0."""

    X: np.ndarray
    y: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> "Images":
        """Images of these rows."""
        return Images(self.X[rows], self.y[rows])


@dataclass(frozen=True)
class Recipe:
    """The network and its training: the same for every method of a setting.

    Attributes
    ----------
    widths : tuple of int
        Channels of each block; a block halves the image.
    n_steps : int
        Updates, of ``batch_size`` images each.
    learning_rate : float
        The highest of the one-cycle schedule.
    weight_decay, dropout : float
    batch_size : int
    """

    widths: tuple[int, ...]
    n_steps: int
    learning_rate: float = 0.005
    weight_decay: float = 0.05
    dropout: float = 0.3
    batch_size: int = 64


@dataclass(frozen=True)
class Mixture:
    """Composition of the batches of one method.

    Attributes
    ----------
    classical : bool
        Whether albumentations transforms every image, real or synthetic.
    strong : bool
        Whether it does more than is usual.
    synthetic : Images or None
        Images to draw from.
    share : float
        Share of each batch that is synthetic.
    real_last : float
        Last part of the steps, without synthetic images.
    mixup : float
        Alpha of mixup's Beta distribution; 0 switches it off.
    balanced : bool
        Whether real images are drawn from all classes alike.
    filled : bool
        Whether synthetic images bring every class to the size of the largest, instead of
        taking a share of each batch.
    weight : float
        Weight of a synthetic image in the loss; a real one's is 1.
    pasted : float
        Share of the batches in which images are patches on others (CMO).
    adjusted : bool
        Whether the loss corrects logits by how frequent classes are.
    """

    classical: bool = True
    strong: bool = False
    synthetic: Images | None = None
    share: float = 0.0
    real_last: float = 0.0
    mixup: float = 0.0
    balanced: bool = False
    filled: bool = False
    weight: float = 1.0
    pasted: float = 0.0
    adjusted: bool = False


@dataclass(frozen=True, eq=False)
class Batch:
    """Images of a step, and their weights (n,) in the loss."""

    images: Images
    weights: np.ndarray


def classical_transform(kind: str, seed: int, strong: bool, side: int) -> Transform:
    """Classical augmentation of one image: "symbol" for digits, "photo" for photographs."""
    steps = symbol_steps(strong, side) if kind == "symbol" else photo_steps(strong, side)
    compose = A.Compose(steps, seed=seed)
    return lambda image: compose(image=image)["image"]


def symbol_steps(strong: bool, side: int) -> list[A.BasicTransform]:
    """Turns, shifts, sizes and slants; elastic bends, where strong."""
    usual = A.Affine(
        rotate=(-15, 15), scale=(0.85, 1.15), translate_percent=(-0.1, 0.1), shear=(-10, 10), p=1
    )
    # as far and as smooth, for the size of the image, as alpha 40 and sigma 4 at 28 pixels
    bend = A.ElasticTransform(alpha=40 * (side / 28) ** 2, sigma=side / 7, p=0.7)
    return [usual, bend] if strong else [usual]


def photo_steps(strong: bool, side: int) -> list[A.BasicTransform]:
    """Shifts and mirroring; colours, turns and sizes, where strong."""
    reflect = cv2.BORDER_REFLECT_101
    usual = [
        A.PadIfNeeded(side + side // 4, side + side // 4, border_mode=reflect),
        A.RandomCrop(side, side),
        A.HorizontalFlip(p=0.5),
    ]
    if not strong:
        return usual
    colour = A.ColorJitter(0.3, 0.3, 0.3, 0.05, p=0.8)
    turn = A.Affine(rotate=(-10, 10), scale=(0.85, 1.15), border_mode=reflect, p=0.5)
    return [*usual, colour, turn]


def small_cnn(recipe: Recipe, image_shape: tuple[int, ...], n_classes: int) -> nn.Sequential:
    """Blocks of convolution, pooling, batch norm and ReLU, then dropout and one linear layer.

    Pooling comes first: batch norm and ReLU of a quarter of the pixels cost a quarter.
    """
    layers: list[nn.Module] = []
    n_channels = image_shape[2] if len(image_shape) == 3 else 1
    for width in recipe.widths:
        convolution = nn.Conv2d(n_channels, width, 3, padding=1, bias=False)
        layers += [convolution, nn.MaxPool2d(2), nn.BatchNorm2d(width), nn.ReLU()]
        n_channels = width
    pixels = [side // 2 ** len(recipe.widths) for side in image_shape[:2]]
    n_features = n_channels * pixels[0] * pixels[1]
    layers += [nn.Flatten(), nn.Dropout(recipe.dropout), nn.Linear(n_features, n_classes)]
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


def train(
    recipe: Recipe,
    real: Images,
    mixture: Mixture,
    augment: str,
    seed: int,
    model: nn.Module | None = None,
) -> nn.Module:
    """Train one classifier, a small CNN where none is given.

    ``seed`` decides its start, its batches and their transforms.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    transform = None
    if mixture.classical:
        transform = classical_transform(augment, seed, mixture.strong, real.X.shape[1])
    n_classes = int(real.y.max()) + 1
    model = model or small_cnn(recipe, real.X.shape[1:], n_classes)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.learning_rate, total_steps=recipe.n_steps
    )
    adjustment = log_priors(real.y) if mixture.adjusted else torch.zeros(n_classes)
    model.train()
    for batch in batches(recipe, real, mixture, rng):
        images = transformed(batch.images.X, transform)
        targets = nn.functional.one_hot(torch.tensor(batch.images.y), n_classes).float()
        images, targets = mix_batch(images, targets, mixture.mixup, rng)
        if mixture.pasted and rng.random() < mixture.pasted:
            others = real[rng.integers(len(real.y), size=len(images))]
            other_targets = nn.functional.one_hot(torch.tensor(others.y), n_classes).float()
            backgrounds = transformed(others.X, transform)
            images, targets = paste_patches(images, targets, backgrounds, other_targets, rng)
        losses = cross_entropy(model(images) + adjustment, targets, reduction="none")
        loss = losses @ torch.tensor(batch.weights, dtype=torch.float32) / batch.weights.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


def batches(
    recipe: Recipe, real: Images, mixture: Mixture, rng: np.random.Generator
) -> Iterator[Batch]:
    """The batches of a training: real images, then the synthetic share."""
    n_real = len(real.y)
    if mixture.filled:
        real = fill_classes(real, mixture.synthetic)
        mixture = Mixture(weight=mixture.weight)
    n_fake = 0 if mixture.synthetic is None else round(mixture.share * recipe.batch_size)
    real_rows = (
        rows_of_classes(real.y, rng) if mixture.balanced else shuffled_rows(len(real.y), rng)
    )
    fake_rows = None if mixture.synthetic is None else shuffled_rows(len(mixture.synthetic.y), rng)
    n_mixed = round((1 - mixture.real_last) * recipe.n_steps)
    for step in range(recipe.n_steps):
        n_drawn = n_fake if step < n_mixed else 0
        rows = take(real_rows, recipe.batch_size - n_drawn)
        images = real[rows]
        weights = np.where(rows < n_real, 1.0, mixture.weight)
        if fake_rows is not None and n_drawn:
            fake = mixture.synthetic[take(fake_rows, n_drawn)]
            images = joined(images, fake)
            weights = np.append(weights, np.full(n_drawn, mixture.weight))
        yield Batch(images, weights)


def fill_classes(real: Images, synthetic: Images) -> Images:
    """Real images, and after them as many synthetic ones as make all classes equal."""
    sizes = np.bincount(real.y)
    rows = [np.flatnonzero(synthetic.y == k)[: max(sizes) - n] for k, n in enumerate(sizes)]
    if any(len(own) < max(sizes) - n for own, n in zip(rows, sizes, strict=True)):
        raise ValueError(f"the pool is too small to bring classes of {sizes} to {max(sizes)}.")
    return joined(real, synthetic[np.concatenate(rows)])


def joined(*parts: Images) -> Images:
    """Images of all parts."""
    return Images(
        np.concatenate([part.X for part in parts]), np.concatenate([part.y for part in parts])
    )


def shuffled_rows(n_rows: int, rng: np.random.Generator) -> Iterator[int]:
    """Row numbers without end, every row once before any comes again."""
    while True:
        yield from rng.permutation(n_rows)


def rows_of_classes(y: np.ndarray, rng: np.random.Generator) -> Iterator[int]:
    """Row numbers without end, of every class as often, every row of it before any comes again."""
    rows = {label: np.flatnonzero(y == label) for label in np.unique(y)}
    orders = {label: shuffled_rows(len(own), rng) for label, own in rows.items()}
    while True:
        for label in rng.permutation(list(rows)):
            yield rows[label][next(orders[label])]


def take(rows: Iterator[int], n: int) -> np.ndarray:
    """The next ``n`` rows."""
    return np.fromiter(rows, dtype=np.int64, count=n)


def as_tensor(X: np.ndarray) -> Tensor:
    """Images as the network reads them: (n, C, H, W) from -1 to 1."""
    grey = torch.from_numpy(X).float() / 127.5 - 1
    images = grey[:, None] if grey.ndim == 3 else grey.permute(0, 3, 1, 2)
    return images.contiguous(memory_format=torch.channels_last)


def transformed(X: np.ndarray, transform: Transform | None) -> Tensor:
    """Images after classical augmentation, as the network reads them."""
    return as_tensor(X if transform is None else np.stack([transform(image) for image in X]))


def log_priors(y: np.ndarray) -> Tensor:
    """Logarithms of how frequent classes are: what logits are raised by in training.

    Menon et al., "Long-tail learning via logit adjustment", ICLR 2021.
    """
    return torch.from_numpy(np.log(np.bincount(y) / len(y))).float()


@torch.no_grad()
def probabilities(model: nn.Module, X: np.ndarray) -> np.ndarray:
    """Class probabilities (n, n_classes) of images, 500 at a time."""
    parts = [model(as_tensor(X[start : start + 500])) for start in range(0, len(X), 500)]
    return torch.cat(parts).softmax(1).numpy()


def accuracy(model: nn.Module, images: Images) -> float:
    """Share of the images whose class the model finds."""
    return float((probabilities(model, images.X).argmax(1) == images.y).mean())
