"""Synthetic samples in the form of real ones, or the reason why they are not."""

from typing import Any

import numpy as np
import pandas as pd
import torch

# Real and synthetic samples that are compared before training.
N_COMPARED = 32

# Real and synthetic values that are more times apart are on different scales.
MAX_SCALE_RATIO = 16.0


def convert(samples: Any, like: Any) -> list[Any]:
    """Convert synthetic samples (n, ...) to the type of a real one, channels in torch's place.

    Examples
    --------
    >>> [image] = convert(np.zeros((1, 4, 5, 3), np.uint8), torch.zeros(3, 4, 5))
    >>> image.shape
    torch.Size([3, 4, 5])
    """
    if isinstance(samples, pd.DataFrame):
        return [samples.iloc[row] for row in range(len(samples))]
    if isinstance(like, torch.Tensor):
        # all at once: what is done to samples one by one is most of what a loader does
        tensors = torch.from_numpy(samples)
        if like.ndim == 3:
            tensors = tensors.permute(0, 3, 1, 2) if tensors.ndim == 4 else tensors[:, None]
        return list(tensors.contiguous().unbind())
    if type(like).__module__.startswith("PIL."):
        from PIL import Image

        grey = samples.ndim == 4 and samples.shape[-1] == 1
        return [Image.fromarray(sample) for sample in (samples[..., 0] if grey else samples)]
    return list(samples)


def check_alike(real: list[Any], synthetic: list[Any]) -> None:
    """Compare some real samples with some synthetic ones.

    Raises
    ------
    ValueError
        Where they differ in type, shape, dtype or scale; says how to make them alike.
    """
    problem = _difference(real, synthetic)
    if problem:
        raise ValueError(
            f"synthetic samples are not like real ones: {problem}. Pass synthetic_transform=, a "
            "function that makes real ones of them: what the data set itself does to its samples."
        )


def _difference(real: list[Any], synthetic: list[Any]) -> str:
    """Description of what differs; empty where nothing does."""
    if type(synthetic[0]) is not type(real[0]):
        types = [type(samples[0]).__name__ for samples in (real, synthetic)]
        return f"real ones are of the type {types[0]}, synthetic {types[1]}"
    if not isinstance(real[0], torch.Tensor | np.ndarray) and not hasattr(real[0], "mode"):
        return ""
    real_shapes, shapes = [
        {tuple(np.shape(sample)) for sample in samples} for samples in (real, synthetic)
    ]
    if len(real_shapes) == 1 and real_shapes != shapes:
        return f"real ones have the shape {real_shapes.pop()}, synthetic {shapes.pop()}"
    real_arrays, arrays = [
        [_as_array(sample) for sample in samples] for samples in (real, synthetic)
    ]
    if real_arrays[0].dtype != arrays[0].dtype:
        return f"real ones hold {real_arrays[0].dtype}, synthetic {arrays[0].dtype}"
    real_max = _max_magnitude(real_arrays)
    synthetic_max = _max_magnitude(arrays)
    low, high = sorted([real_max, synthetic_max])
    if low > 0 and high > MAX_SCALE_RATIO * low:
        return f"real values reach {real_max:g}, synthetic {synthetic_max:g}"
    return ""


def _max_magnitude(arrays: list[np.ndarray]) -> float:
    return max(float(np.abs(array.astype(float)).max()) for array in arrays)


def _as_array(sample: Any) -> np.ndarray:
    return np.asarray(sample.detach().cpu() if isinstance(sample, torch.Tensor) else sample)
