"""Rows of sequences of each class: curves, a lane for each channel."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ganaug.report.curves import INK
from ganaug.report.sample_rows import Layout, draw_sample_rows

# Channels that are drawn.
MAX_CHANNELS = 6

# Inches: the width of a sequence, and where classes stand abreast; the height of the lane of a
# channel, and of the only one; what lies between sequences.
WIDTH = 1.2
WIDTH_ABREAST = 0.9
LANE = 0.26
ONLY_LANE = 0.55
GAP = 0.08

# Share of a lane that its curve may fill.
LANE_SHARE = 0.88

# Colour of the floors of lanes.
LINE = "#eeeeee"


def sequence_size(shape: tuple[int, ...], abreast: bool) -> tuple[float, float]:
    """Width and height of sequences of a shape, in inches."""
    n_lanes = min(shape[1], MAX_CHANNELS)
    height = ONLY_LANE if n_lanes == 1 else n_lanes * LANE
    return WIDTH_ABREAST if abreast else WIDTH, height + GAP


def draw_sequence_rows(
    axis: Axes,
    kinds: Mapping[str, Mapping[Hashable, np.ndarray]],
    layout: Layout,
    notes: Mapping[Hashable, str],
    colours: Mapping[Hashable, Any],
) -> None:
    """Draw a row of sequences for each kind of them, as ``draw_sample_rows``.

    Each channel runs over its own range, and generated sequences have the colour of their class.
    NaN leaves gaps.

    Parameters
    ----------
    kinds : dict of str to dict of label to (n, steps, channels) array
        Sequences of one shape; of their channels the first six are drawn.
    """
    known = np.concatenate(
        [
            sequences.reshape(-1, sequences.shape[2])
            for of_kind in kinds.values()
            for sequences in of_kind.values()
        ]
    )
    # a channel may hold nothing
    low = np.where(np.isnan(known), np.inf, known).min(axis=0)
    span = np.where(np.isnan(known), -np.inf, known).max(axis=0) - low
    span = np.where(span > 0, span, 1.0)
    width, height = layout.sample
    n_lanes = min(known.shape[1], MAX_CHANNELS)
    lane = (height - GAP) / n_lanes

    def draw(axis: Axes, sequence: np.ndarray, kind: str, label: Hashable, place: Any) -> None:
        left, top = place
        colour = colours[label] if kind == "generated" else INK
        x = left + np.linspace(0, width - GAP, len(sequence))
        for channel in range(n_lanes):
            share = (sequence[:, channel] - low[channel]) / span[channel]
            bottom = top + (channel + 0.94) * lane
            axis.plot(x[[0, -1]], [bottom, bottom], color=LINE, lw=0.6, zorder=1)
            axis.plot(x, bottom - LANE_SHARE * lane * share, color=colour, lw=0.9)

    draw_sample_rows(axis, kinds, layout, notes, colours, draw)
