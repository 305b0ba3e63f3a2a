"""Kinds of generators of table rows, by the size of their class."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ganaug.trainers.tiers import Tier
from ganaug.training.networks.anchored import AnchoredGenerator

# Parameters that the size of a class decides where they are "auto".
TIER_PARAMETERS = ("n_steps", "batch_size", "learning_rate")


@dataclass(frozen=True)
class TableTier(Tier):
    """Kind of generator of classes of one range of sizes, and its defaults.

    Attributes
    ----------
    n_hidden : int
        Width of the networks.
    anchored : bool
        True where generated rows start from real ones.
    instance_noise : float
        Standard deviation of the noise on what the discriminator sees.
    penalty_interval : int
        As in ``TrainingConfig``.
    n_steps, batch_size, learning_rate
        What "auto" stands for in ``TableGAN``.
    """

    n_hidden: int = 0
    anchored: bool = True
    instance_noise: float = 0.0
    penalty_interval: int = 1
    n_steps: int = 0
    batch_size: int = 0
    learning_rate: float = 0.0


ANCHORED = TableTier(
    "anchored GAN",
    10,
    True,
    n_hidden=64,
    instance_noise=AnchoredGenerator.INSTANCE_NOISE,
    n_steps=500,
    batch_size=32,
    learning_rate=1e-3,
)
FROM_NOISE = TableTier(
    "GAN from noise",
    301,
    True,
    n_hidden=128,
    anchored=False,
    instance_noise=0.1,
    # penalties in every step take a quarter longer, and rows are hardly better
    penalty_interval=4,
    n_steps=1500,
    batch_size=128,
    learning_rate=3e-3,
)
TIERS = (
    FROM_NOISE,
    ANCHORED,
    TableTier("local Gaussian", 2, False),
    TableTier("smoothed copies", 1, False),
)

# What serves classes that could be trained and are not: n_steps=0, two failures, an interruption.
UNTRAINED = replace(ANCHORED, name="blurred interpolation")


def draws_near_rows(tiers: Iterable[str]) -> bool:
    """True where classes of one of these tiers are drawn near points between their rows.

    Examples
    --------
    >>> draws_near_rows(["GAN from noise"]), draws_near_rows(["GAN from noise", "anchored GAN"])
    (False, True)
    """
    return not {ANCHORED.name, UNTRAINED.name}.isdisjoint(tiers)


def auto_n_steps(tier: str = "") -> int:
    """Updates that ``n_steps="auto"`` gives classes of a tier of that name.

    Examples
    --------
    >>> auto_n_steps("GAN from noise"), auto_n_steps("local Gaussian")
    (1500, 0)
    """
    return sum(one.n_steps for one in TIERS if one.name == tier)
