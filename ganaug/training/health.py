"""Signs that tell a game that went wrong from one that went well, or merely not far.

Figures beside thresholds were measured on real tables and images, with default settings, too few
steps, without gradient penalties and with learning rates that are too high.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

Samples = Float[Tensor, "members batch *features"]

# How the game of a class went.
GOOD = "good"
COLLAPSED = "collapsed"
STILL_IMPROVING = "still improving"
DISCRIMINATOR_WON = "discriminator won"
NOT_TRAINED = "not trained"
VERDICTS = (GOOD, COLLAPSED, STILL_IMPROVING, DISCRIMINATOR_WON, NOT_TRAINED)

# A generator whose samples spread less than this share of the real ones has collapsed.
MIN_SPREAD = 0.1

# Games at default settings end above 0.8; below this, samples are too much alike to be used.
MIN_GOOD_SPREAD = 0.5

# Share of samples that the discriminator rates above real ones, below which it has won: it ends at
# 0.2 to 0.5 where neither does, and below this where the discriminator knows few samples by heart.
MIN_FOOL_RATE = 0.1

# Part of the steps, the last, over which that share is taken.
LATE_SHARE = 0.1

# Fall of the distance that a validation metric gives, over its last two ratings, that is more than
# the noise of so few samples.
MIN_IMPROVEMENT = 0.05

# Where nothing else tells whether a game is over: moments of samples that are further off.
MAX_FINAL_MOMENT_ERROR = 0.7

# Samples whose moments are further from the real ones than this do not follow them. At 1 they are
# as far as a single point at the mean of the real ones; 256 real samples reach 0.26 by chance.
MAX_MOMENT_ERROR = 0.35

# Differences of a smaller standard deviation do not count: real samples may be all alike.
RESOLUTION = 0.1

# Largest coordinate, in the unit of real samples: keeps fourth powers within the range of floats.
MAX_COORDINATE = 1e4


@dataclass(frozen=True)
class Health:
    """Signs of how a game went, member by member, on the CPU.

    A member has diverged where its losses have left what balanced games reach *and* its
    samples do not follow the real ones. Losses alone may leap and come back; samples alone
    are far from the real ones in any game that is not over.

    Attributes
    ----------
    finite : (members,)
        True where all values of the history are finite.
    spread : (members,)
        Relative spread of the samples, as ``relative_spread`` gives it.
    moment_error : (members,)
        Distance of the samples' moments, as ``moment_error`` gives it.
    peak_loss : (members,)
        Largest loss of either network in the second half of the game, in nats.
    max_loss : float
        Loss that balanced games stay below, in nats.
    fool_rate : (members,)
        Share of samples that the discriminator rates above the real ones that they are paired
        with, in the last tenth of the game; NaN without steps.
    improvement : (members,)
        Fall of the distance that a validation metric gives, as ``EarlyStopping`` has it; NaN
        without one.
    """

    finite: Bool[Tensor, " members"]
    spread: Float[Tensor, " members"]
    moment_error: Float[Tensor, " members"]
    peak_loss: Float[Tensor, " members"]
    max_loss: float
    fool_rate: Float[Tensor, " members"]
    improvement: Float[Tensor, " members"]

    @property
    def good(self) -> Bool[Tensor, " members"]:
        """True for members that may be used; comparisons with NaN are False."""
        follows = (self.peak_loss <= self.max_loss) | (self.moment_error <= MAX_MOMENT_ERROR)
        return self.finite & (self.spread > MIN_SPREAD) & follows

    def verdict(self, member: int) -> str:
        """Word for how the game of a member went: of ``VERDICTS``.

        Examples
        --------
        >>> signs = [torch.tensor([value]) for value in (True, 0.9, 0.1, 0.8)]
        >>> Health(*signs, 50.0, torch.tensor([0.02]), torch.tensor([0.0])).verdict(0)
        'discriminator won'
        """
        improvement = float(self.improvement[member])
        if improvement > MIN_IMPROVEMENT:
            # before samples are near the real ones they may be all alike, and every discriminator
            # tells them
            return STILL_IMPROVING
        if not self.spread[member] >= MIN_GOOD_SPREAD:
            return COLLAPSED
        if math.isnan(improvement) and self.moment_error[member] > MAX_FINAL_MOMENT_ERROR:
            return STILL_IMPROVING
        return DISCRIMINATOR_WON if self.fool_rate[member] < MIN_FOOL_RATE else GOOD

    def fault(self, member: int) -> str:
        """Description of what is wrong with a member that is not good.

        Examples
        --------
        >>> wild = [torch.tensor([value]) for value in (True, 1.0, 30.0, 1e6)]
        >>> Health(*wild, 5.0, torch.tensor([0.4]), torch.tensor([0.0])).fault(0)
        'diverged: losses reached 1e+06 nats, samples are 30 times off in mean and covariance'
        """
        if not self.finite[member]:
            return "diverged: losses became infinite"
        if not self.spread[member] > MIN_SPREAD:
            return f"collapsed: samples spread {self.spread[member]:.2g} times as far as real ones"
        return (
            f"diverged: losses reached {self.peak_loss[member]:.2g} nats, samples are "
            f"{self.moment_error[member]:.2g} times off in mean and covariance"
        )


def relative_spread(fake: Samples, real: Samples) -> Float[Tensor, " members"]:
    """Standard deviation of generated samples relative to real ones, over all features.

    Near 0 for a collapsed generator; infinite where the real samples are all alike.
    """
    fake_variance = fake.flatten(2).var(dim=1).sum(dim=1)
    real_variance = real.flatten(2).var(dim=1).sum(dim=1)
    alike = real_variance < 1e-12
    ratio = (fake_variance / real_variance.masked_fill(alike, 1)).sqrt()
    return ratio.masked_fill(alike, torch.inf)


def moment_error(fake: Samples, real: Samples) -> Float[Tensor, " members"]:
    """Distance of generated samples from real ones in mean and covariance.

    The maximum mean discrepancy with the kernel ``(1 + x y)**2``, which compares all first
    and second moments and needs no covariance matrix, so that it does for images as well. Its
    estimate has no bias: real samples are at 0 from one another, whatever their number.
    Samples are measured from the mean of the real ones, in the unit in which the Frobenius
    norm of their covariance is 1.

    Returns
    -------
    (members,) tensor
        0 for samples like the real ones, about 1 where all are the mean of the real ones,
        more where correlations are reversed or spreads have grown.

    References
    ----------
    Gretton et al., "A kernel two-sample test", JMLR 13, 2012.

    Examples
    --------
    >>> real = torch.randn(1, 4000, 1, generator=torch.Generator().manual_seed(0)).repeat(1, 1, 2)
    >>> moment_error(real.flip(1), real).round(decimals=1)
    tensor([0.])
    >>> moment_error(torch.zeros(1, 4000, 2), real).round(decimals=1)
    tensor([1.])
    >>> moment_error(torch.tensor([1.0, -1.0]) * real, real).round(decimals=1)
    tensor([1.4000])
    """
    fake = fake.flatten(2)
    real = real.flatten(2)
    mean = real.mean(dim=1, keepdim=True)
    unit = _unit(real - mean)[:, None, None]
    fake = ((fake - mean) / unit).clamp(-MAX_COORDINATE, MAX_COORDINATE)
    real = (real - mean) / unit
    squared = _mean_kernel(fake) + _mean_kernel(real) - 2 * _kernel(fake, real).mean(dim=(1, 2))
    # an estimate without bias may fall below 0, where there is nothing to see
    return squared.clamp_min(0).sqrt()


def _unit(centred: Float[Tensor, "members batch features"]) -> Float[Tensor, " members"]:
    """Root of the Frobenius norm of the covariance, as if noise of ``RESOLUTION`` were added."""
    n_features = centred.shape[2]
    squared_norm = (centred @ centred.mT).square().mean(dim=(1, 2))
    trace = centred.square().sum(dim=2).mean(dim=1)
    noise = RESOLUTION**2
    return (squared_norm + 2 * noise * trace + n_features * noise**2) ** 0.25


def _kernel(
    left: Float[Tensor, "members n features"], right: Float[Tensor, "members m features"]
) -> Float[Tensor, "members n m"]:
    # less 1, which cancels, so that small distances are not lost in rounding
    product = left @ right.mT
    return product * (2 + product)


def _mean_kernel(samples: Float[Tensor, "members n features"]) -> Float[Tensor, " members"]:
    """Mean of the kernel over all pairs of two different samples."""
    kernel = _kernel(samples, samples)
    n = samples.shape[1]
    return (kernel.sum(dim=(1, 2)) - kernel.diagonal(dim1=1, dim2=2).sum(dim=1)) / (n * (n - 1))
