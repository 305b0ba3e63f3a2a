"""Synthetic samples in the form of real ones, or the reason why they are not."""

from typing import Any

import numpy as np
import pandas as pd
import torch

from ganaug.encoding.dataset import OTHER_MODES, has_channels_last, is_pillow
from ganaug.encoding.scale import scale_difference


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
        return as_kind_of(like, list(tensors.contiguous().unbind()))
    # Pillow has no images of several channels of floats: those are told to be of another type
    if is_pillow(like) and (samples.ndim == 3 or samples.dtype == np.uint8):
        return [_to_pillow(sample, like.mode) for sample in samples]
    return list(samples)


def as_kind_of(like: torch.Tensor, tensors: list[torch.Tensor]) -> list[torch.Tensor]:
    """Tensors as the kind that a real one is, such as ``torchvision.tv_tensors.Image``."""
    kind = type(like)
    return tensors if kind is torch.Tensor else [tensor.as_subclass(kind) for tensor in tensors]


def _to_pillow(sample: np.ndarray, mode: str) -> Any:
    """Image of PIL, of the mode wherever it has as many channels as the sample."""
    from PIL import Image

    n_channels = sample.shape[2] if sample.ndim == 3 else 1
    if n_channels == 1:
        return Image.fromarray(sample.reshape(sample.shape[:2]))
    if sample.dtype == np.uint8 and Image.getmodebands(mode) == n_channels:
        return Image.frombytes(mode, sample.shape[1::-1], np.ascontiguousarray(sample).tobytes())
    return Image.fromarray(sample)


def check_alike(real: list[Any], synthetic: list[Any]) -> None:
    """Compare some real samples with some synthetic ones.

    Raises
    ------
    ValueError
        Where they differ in type, shape, dtype or scale; says how to make them alike.
    """
    problem = difference(real, synthetic)
    if problem and has_channels_last(real[0]):
        raise ValueError(
            f"samples of the data set are tensors of the shape {tuple(real[0].shape)}, with their "
            "channels last. Torch has them first: image.permute(2, 0, 1)."
        )
    if problem:
        raise ValueError(
            f"synthetic samples are not like real ones: {problem}. A model draws what it was "
            "fitted to: fit it to this data set (fit_dataset), or pass synthetic_transform=, a "
            "function that makes real ones of what it draws."
        )


def difference(real: list[Any], synthetic: list[Any]) -> str:
    """Describe how synthetic samples differ from real ones; empty where they do not."""
    images = is_pillow(real[0]) and is_pillow(synthetic[0])
    if not images and type(synthetic[0]) is not type(real[0]):
        types = [type(samples[0]).__name__ for samples in (real, synthetic)]
        return f"real ones are of the type {types[0]}, synthetic {types[1]}"
    if images and real[0].mode in OTHER_MODES:
        return (
            f"real ones have the mode {real[0].mode}, {OTHER_MODES[real[0].mode]} (have the data "
            'set convert them, image.convert("RGB"))'
        )
    if images and real[0].mode != synthetic[0].mode:
        return f"real ones have the mode {real[0].mode}, synthetic {synthetic[0].mode}"
    if not images and not isinstance(real[0], torch.Tensor | np.ndarray):
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
    return scale_difference(real_arrays, arrays)


def _as_array(sample: Any) -> np.ndarray:
    return np.asarray(sample.detach().cpu() if isinstance(sample, torch.Tensor) else sample)
