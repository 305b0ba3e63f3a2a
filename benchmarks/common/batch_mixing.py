"""Mixing of the images of a batch: as a whole, or as patches on others."""

import numpy as np
import torch
from torch import Tensor


def mix_batch(
    images: Tensor, targets: Tensor, alpha: float, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Mix a batch with itself, reordered (Zhang et al., "mixup", ICLR 2018)."""
    if not alpha:
        return images, targets
    part = rng.beta(alpha, alpha)
    order = torch.from_numpy(rng.permutation(len(images)))
    return (
        part * images + (1 - part) * images[order],
        part * targets + (1 - part) * targets[order],
    )


def paste_patches(
    images: Tensor,
    targets: Tensor,
    backgrounds: Tensor,
    background_targets: Tensor,
    rng: np.random.Generator,
) -> tuple[Tensor, Tensor]:
    """Put a patch of each image on another one, with a target in parts of their areas.

    Yun et al., "CutMix", ICCV 2019; with images of rare classes on those of frequent ones it is
    CMO (Park et al., "The majority can help the minority", CVPR 2022).
    """
    height, width = images.shape[2:]
    side = np.sqrt(rng.random())
    half = np.array([height, width]) * side / 2
    centre = rng.random(2) * [height, width]
    top, left = np.maximum(centre - half, 0).astype(int)
    bottom, right = np.minimum(centre + half, [height, width]).astype(int)
    pasted = backgrounds.clone()
    pasted[:, :, top:bottom, left:right] = images[:, :, top:bottom, left:right]
    part = (bottom - top) * (right - left) / (height * width)
    return pasted, part * targets + (1 - part) * background_targets
