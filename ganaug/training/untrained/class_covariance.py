"""Covariance of the rows of a class, as factors that turn noise into steps."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from ganaug.training.latent import random_directions
from ganaug.training.layout import FeatureLayout


def covariance_factors(
    rows: Sequence[Float[Tensor, "_ features"]], layout: FeatureLayout, n_factors: int
) -> Float[Tensor, "members factors features"]:
    """Factors that give noise the covariance that the rows of each member have.

    Of standard normal ``noise`` (members, batch, n_factors), ``noise @ factors`` has in each
    quantity the variance of the member's rows, and correlations that are theirs where there are
    factors enough, and those of their largest principal components else. Features of one-hot
    blocks have a variance of 1.

    Parameters
    ----------
    rows : sequence of (n_k, features)
        Encoded rows of each member. Of quantities that may be missing, present values count.
    layout : FeatureLayout
        Layout of the rows.
    n_factors : int
        Width of the noise, 1 or more.

    Examples
    --------
    >>> rows = torch.tensor([[0.0, 0.0, 5.0], [1.0, 2.0, 5.0]])
    >>> factors = covariance_factors([rows], FeatureLayout(3), n_factors=3)[0]
    >>> factors.T @ factors
    tensor([[0.5000, 1.0000, 0.0000],
            [1.0000, 2.0000, 0.0000],
            [0.0000, 0.0000, 0.0000]])
    """
    return torch.stack([_factors(own, layout, n_factors) for own in rows])


def _factors(
    rows: Float[Tensor, "n features"], layout: FeatureLayout, n_factors: int
) -> Float[Tensor, "factors features"]:
    is_one_hot = layout.one_hot_mask(rows.device)
    quantities = _factors_of_quantities(_deviations(rows, layout)[:, ~is_one_hot], n_factors)
    factors = torch.zeros(n_factors, layout.width, device=rows.device)
    factors[:, ~is_one_hot] = quantities.to(rows)
    # categories have noise of their own where there is room
    n_used = quantities.shape[1] if layout.width <= n_factors else 0
    n_categories = int(is_one_hot.sum())
    factors[n_used:, is_one_hot] = random_directions(n_factors - n_used, n_categories, rows.device)
    return factors


def _deviations(
    rows: Float[Tensor, "n features"], layout: FeatureLayout
) -> Float[Tensor, "n features"]:
    """Deviations of rows from their mean, whose squares add up to variances; 0 for gaps."""
    present = torch.ones_like(rows, dtype=torch.double)
    for feature, mask in layout.presence_masks:
        present[:, feature] = rows[:, mask].double()
    n_present = present.sum(0)
    mean = (rows.double() * present).sum(0) / n_present.clamp_min(1)
    return (rows.double() - mean) * present / (n_present - 1).clamp_min(1).sqrt()


def _factors_of_quantities(
    deviations: Float[Tensor, "n quantities"], n_factors: int
) -> Float[Tensor, "factors quantities"]:
    n_quantities = deviations.shape[1]
    _, scales, components = torch.linalg.svd(deviations, full_matrices=False)
    largest = scales[:n_factors, None] * components[:n_factors]
    factors = deviations.new_zeros(n_factors, n_quantities)
    factors[: len(largest)] = largest
    variances = deviations.square().sum(0)
    if len(scales) > n_factors:
        # what is left out varies by itself
        left = (variances - largest.square().sum(0)).clamp_min(0).sqrt()
        factors += left * random_directions(n_factors, n_quantities, deviations.device)
        norms = factors.norm(dim=0)
        factors *= variances.sqrt() / norms.masked_fill(norms == 0, 1)
    return factors
