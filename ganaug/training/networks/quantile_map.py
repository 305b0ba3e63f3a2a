"""Quantile mapping: generated quantities get the distribution that real ones have."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ganaug.training.ensemble import placeholder
from ganaug.training.layout import FeatureLayout, Rows

N_QUANTILES = 1001

# In place of no distance at all, to divide by.
TINY = 1e-12


class QuantileMap(nn.Module):
    """Takes each quantity from its quantile among generated rows to that among real rows.

    A game of some hundred steps learns what goes with what sooner than how each
    feature is distributed alone. The map rises, so it leaves the order of values,
    and with it how features depend on one another, as it was.

    Parameters
    ----------
    layout : FeatureLayout
        Layout of the rows. One-hot blocks stay as they are; of a quantity that may be
        missing, the values that are present count.
    n_members : int
        Number of generators whose rows are mapped; ``fit`` makes a map that does something.

    Examples
    --------
    >>> drawn = torch.linspace(0, 1, 100).reshape(1, 100, 1)
    >>> to_real = QuantileMap.fit(drawn, [5 + drawn[0] ** 2], FeatureLayout(1))
    >>> to_real(torch.tensor([[[-1.0], [0.5], [2.0]]])).flatten()
    tensor([5.0000, 5.2500, 6.0000])
    """

    generated: Tensor
    real: Tensor

    def __init__(self, layout: FeatureLayout, n_members: int):
        super().__init__()
        self._quantities = _quantities(layout)
        for name in ("generated", "real"):
            self.register_buffer(name, placeholder(n_members, len(self._quantities), N_QUANTILES))

    @classmethod
    def fit(
        cls, generated: Rows, real: Sequence[Float[Tensor, "_ features"]], layout: FeatureLayout
    ) -> "QuantileMap":
        """Fit the map from what generators draw to the rows of each member.

        Parameters
        ----------
        generated : (members, n, features)
            Rows that the generators draw.
        real : sequence of (n_k, features)
            Rows of each member.
        layout : FeatureLayout
            Layout of the rows.
        """
        fitted = cls(layout, len(generated))
        fitted.generated = torch.stack([_quantiles(rows, layout) for rows in generated])
        fitted.real = torch.stack([_quantiles(rows, layout) for rows in real])
        return fitted

    def forward(self, rows: Rows) -> Rows:
        """Map the quantities of rows; values beyond the generated ones become the outermost."""
        if not self._quantities:
            return rows
        values = rows[..., self._quantities].mT.contiguous()
        right = torch.searchsorted(self.generated, values).clamp(1, N_QUANTILES - 1)
        low, high = (self.generated.gather(-1, index) for index in (right - 1, right))
        low_real, high_real = (self.real.gather(-1, index) for index in (right - 1, right))
        share = ((values - low) / (high - low).clamp_min(TINY)).clamp(0, 1)
        rows = rows.clone()
        rows[..., self._quantities] = torch.lerp(low_real, high_real, share).mT
        return rows


def _quantities(layout: FeatureLayout) -> list[int]:
    """Numbers of the features that belong to no one-hot block."""
    return (~layout.one_hot_mask(torch.device("cpu"))).nonzero()[:, 0].tolist()


def _quantiles(
    rows: Float[Tensor, "n features"], layout: FeatureLayout
) -> Float[Tensor, "quantities quantiles"]:
    """Quantiles of each quantity, where it is present; as in the game, 0 where it never is."""
    shares = torch.linspace(0, 1, N_QUANTILES)
    masks = dict(layout.presence_masks)
    quantiles = []
    for feature in _quantities(layout):
        values = rows[:, feature]
        if feature in masks:
            present = values[rows[:, masks[feature]] > 0.5]
            values = present if len(present) else torch.zeros(1)
        n = len(values)
        # each row stands for 1 in n, the outermost too
        quantiles.append(values.quantile(((n * shares - 0.5) / max(1, n - 1)).clamp(0, 1)))
    return torch.stack(quantiles) if quantiles else torch.zeros(0, N_QUANTILES)
