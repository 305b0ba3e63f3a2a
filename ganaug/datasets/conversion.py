"""Synthetic samples in the form of real ones, or the reason why they are not."""

from typing import Any

import numpy as np
import pandas as pd
import torch

# Samples that are looked at before training.
N_SEEN = 32

# Real and synthetic values so many times apart are on different scales.
APART = 16.0


def converted(samples: Any, like: Any) -> list[Any]:
    """Synthetic samples (n, ...) in the type of a real one; channels in torch's place.

    Examples
    --------
    >>> [image] = converted(np.zeros((1, 4, 5, 3), np.uint8), torch.zeros(3, 4, 5))
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
    first = real[0]
    other = synthetic[0]
    if type(other) is not type(first):
        return f"real ones are of the type {type(first).__name__}, synthetic {type(other).__name__}"
    if not isinstance(first, torch.Tensor | np.ndarray) and not hasattr(first, "mode"):
        return ""
    shapes = [{tuple(np.shape(one)) for one in samples} for samples in (real, synthetic)]
    if len(shapes[0]) == 1 and shapes[0] != shapes[1]:
        return f"real ones have the shape {shapes[0].pop()}, synthetic {shapes[1].pop()}"
    arrays = [[_as_array(one) for one in samples] for samples in (real, synthetic)]
    if arrays[0][0].dtype != arrays[1][0].dtype:
        return f"real ones hold {arrays[0][0].dtype}, synthetic {arrays[1][0].dtype}"
    most = [max(float(np.abs(one.astype(float)).max()) for one in some) for some in arrays]
    if min(most) > 0 and max(most) > APART * min(most):
        return f"real values reach {most[0]:g}, synthetic {most[1]:g}"
    return ""


def _as_array(sample: Any) -> np.ndarray:
    return np.asarray(sample.detach().cpu() if isinstance(sample, torch.Tensor) else sample)
