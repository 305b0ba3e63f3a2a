"""Features of images and sequences: maps of a network's stages, pooled and put side by side."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import leaky_relu, max_pool2d

from ganaug.training.ensemble import LEAKY_SLOPE

# Cells along each side of a map. Logistic regression of few labelled digits and photographs gains
# from each more up to four, and next to nothing from more than that.
GRID = (4, 4)

# Values that a channel of a sequence's maps is summarised by. Maxima over eight cells are a little
# better where sequences begin at the same moment, and far worse where they do not.
SUMMARIES = ("mean", "maximum", "deviation", "positive")


def pool_stages(
    maps: Sequence[Float[Tensor, "n _ _ _"]], grid: tuple[int, int] = GRID
) -> Float[Tensor, "n features"]:
    """Maxima of rectified maps over the cells of a grid.

    Parameters
    ----------
    maps : sequence of (n, channels, rows, columns) tensors
        Maps of the stages, not rectified.
    grid : (int, int), default=(4, 4)
        Rows and columns of cells.

    Returns
    -------
    (n, features) tensor
        Stage after stage; within a stage channel after channel, and within a channel the cells
        row by row.

    References
    ----------
    Radford, Metz and Chintala, "Unsupervised representation learning with deep
    convolutional generative adversarial networks", ICLR 2016, section 5.1.

    Examples
    --------
    >>> fine = torch.arange(16.0).reshape(1, 1, 4, 4)
    >>> pool_stages([fine, -fine[..., :2, :2]], grid=(2, 2))
    tensor([[ 5.0000,  7.0000, 13.0000, 15.0000, -0.0000, -0.2000, -0.8000, -1.0000]])
    """
    # a rectifier that rises keeps the order: few maxima are rectified in place of many values
    return torch.cat(
        [leaky_relu(_cell_maxima(stage, grid), LEAKY_SLOPE).flatten(1) for stage in maps],
        dim=1,
    )


def stage_feature_names(channels: Sequence[int], grid: tuple[int, int] = GRID) -> list[str]:
    """Names of the features that ``pool_stages`` makes of stages of so many channels.

    Examples
    --------
    >>> stage_feature_names([2, 5], grid=(1, 1))[1:3]
    ['stage0_channel1_row0_column0', 'stage1_channel0_row0_column0']
    """
    return [
        f"stage{stage}_channel{channel}_row{row}_column{column}"
        for stage, n_channels in enumerate(channels)
        for channel in range(n_channels)
        for row in range(grid[0])
        for column in range(grid[1])
    ]


def summarize_stages(maps: Sequence[Float[Tensor, "n _ _ _"]]) -> Float[Tensor, "n features"]:
    """Summaries of maps of sequences, wherever in them something happens.

    Of each channel these are the mean and maximum of its rectified values, their standard deviation
    before, and the share of positive ones.

    Parameters
    ----------
    maps : sequence of (n, channels, 1, steps) tensors
        Maps of the stages, not rectified.

    Returns
    -------
    (n, features) tensor
        Stage after stage; within a stage channel after channel, and of each the four values.

    References
    ----------
    Dempster, Schmidt and Webb, "MiniRocket", KDD 2021: shares of positive values.

    Examples
    --------
    >>> summarize_stages([torch.tensor([[[[-5.0, 1.0, 3.0, 1.0]]]])]).round(decimals=2)
    tensor([[1.0000, 3.0000, 3.0000, 0.7500]])
    """
    return torch.cat([_summaries(stage.flatten(2)).flatten(1) for stage in maps], dim=1)


def summary_feature_names(channels: Sequence[int]) -> list[str]:
    """Names of the features that ``summarize_stages`` makes of stages of so many channels.

    Examples
    --------
    >>> summary_feature_names([1])[-1]
    'stage0_channel0_positive'
    """
    return [
        f"stage{stage}_channel{channel}_{name}"
        for stage, n_channels in enumerate(channels)
        for channel in range(n_channels)
        for name in SUMMARIES
    ]


def _summaries(values: Float[Tensor, "n channels steps"]) -> Float[Tensor, "n channels summaries"]:
    rectified = leaky_relu(values, LEAKY_SLOPE)
    deviation = (values - values.mean(2, keepdim=True)).square().mean(2).clamp_min(1e-12).sqrt()
    positive = (values > 0).to(values.dtype).mean(2)
    return torch.stack([rectified.mean(2), rectified.amax(2), deviation, positive], dim=2)


def _cell_maxima(maps: Tensor, grid: tuple[int, int]) -> Tensor:
    """Maxima over cells as ``adaptive_max_pool2d`` gives them, by operations that ONNX has."""
    rows, columns = maps.shape[-2:]
    if rows % grid[0] == columns % grid[1] == 0:
        return max_pool2d(maps, (rows // grid[0], columns // grid[1]))
    for axis, length, n_cells in ((-2, rows, grid[0]), (-1, columns, grid[1])):
        starts = [length * cell // n_cells for cell in range(n_cells)]
        stops = [-(-length * (cell + 1) // n_cells) for cell in range(n_cells)]
        cells = zip(starts, stops, strict=True)
        maxima = [maps.narrow(axis, start, stop - start).amax(axis) for start, stop in cells]
        maps = torch.stack(maxima, axis)
    return maps
