"""Classifiers of sequences (n, time, channels): MiniROCKET, a small CNN, one nearest neighbour."""

from collections.abc import Iterator

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.common.mini_rocket import MiniRocket, as_channels

# Penalties that ridge regression chooses from, as in the papers on ROCKET.
PENALTIES = np.logspace(-3, 3, 10)

WIDTHS = (16, 32, 64)
KERNELS = (7, 5, 3)
N_STEPS = 400
BATCH = 32
LEARNING_RATE = 2e-3

# Share of the steps by which warping may move a step, and the longest sequences it is tried on.
BAND = 0.1
MAX_WARPED_STEPS = 300


class ChannelScaler(TransformerMixin, BaseEstimator):
    """Transformer that standardises each channel, over all steps of the training sequences."""

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> "ChannelScaler":
        """Measure means and standard deviations."""
        self.mean_ = X.mean(axis=(0, 1))
        deviation = X.std(axis=(0, 1))
        self.scale_ = np.where(deviation > 0, deviation, 1.0)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Standardised sequences."""
        return ((X - self.mean_) / self.scale_).astype(np.float32)


class SmallCNN(ClassifierMixin, BaseEstimator):
    """Three convolutions and the mean over time, trained by Adam.

    Parameters
    ----------
    class_weight : "balanced" or None
    random_state : int
    n_steps : int
        Updates, whatever the number of sequences.
    """

    def __init__(
        self, class_weight: str | None = None, random_state: int = 0, n_steps: int = N_STEPS
    ):
        self.class_weight = class_weight
        self.random_state = random_state
        self.n_steps = n_steps

    def fit(
        self, X: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None
    ) -> "SmallCNN":
        """Train on sequences (n, time, channels)."""
        self.classes_, codes = np.unique(y, return_inverse=True)
        weights = np.ones(len(y)) if sample_weight is None else sample_weight
        if self.class_weight is not None:
            weights = weights * compute_sample_weight(self.class_weight, y)
        data = (as_channels(X), torch.from_numpy(codes), torch.from_numpy(weights).float())
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.random_state)
            self.network_ = small_network(X.shape[2], len(self.classes_))
            self._train(*data)
        return self

    def _train(self, X: Tensor, codes: Tensor, weights: Tensor) -> None:
        optimizer = torch.optim.AdamW(self.network_.parameters(), LEARNING_RATE)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, self.n_steps)
        self.network_.train()
        for rows in batches(len(X), self.n_steps):
            losses = cross_entropy(self.network_(X[rows]), codes[rows], reduction="none")
            loss = (losses * weights[rows]).sum() / weights[rows].sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        self.network_.eval()

    @torch.no_grad()
    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (n, classes)."""
        parts = [self.network_(batch) for batch in as_channels(X).split(BATCH)]
        return torch.cat(parts).softmax(1).numpy()

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Most probable classes (n,)."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def small_network(n_channels: int, n_classes: int) -> nn.Module:
    """Network of sequences (n, channels, time) to logits; time is halved after a convolution."""
    layers: list[nn.Module] = []
    width_in = n_channels
    for width, kernel in zip(WIDTHS, KERNELS, strict=True):
        layers += [
            nn.Conv1d(width_in, width, kernel, padding=kernel // 2),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.MaxPool1d(2, ceil_mode=True),
        ]
        width_in = width
    layers[-1] = nn.AdaptiveAvgPool1d(1)
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(width_in, n_classes))


def batches(n_rows: int, n_batches: int) -> Iterator[Tensor]:
    """Random batches of rows: every row comes once before any comes again."""
    size = min(BATCH, n_rows)
    order = torch.empty(0, dtype=torch.long)
    for _ in range(n_batches):
        if len(order) < size:
            order = torch.cat([order, torch.randperm(n_rows)])
        yield order[:size]
        order = order[size:]


class WarpingNeighbour(ClassifierMixin, BaseEstimator):
    """One nearest neighbour by dynamic time warping of all channels together, in a band.

    Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken word recognition",
    1978.
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> "WarpingNeighbour":
        """Keep sequences (n, time, channels)."""
        self.classes_ = np.unique(y)
        self._X = X
        self._y = np.asarray(y)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Classes (n,) of the nearest."""
        return self._y[warping_distances(X, self._X).argmin(axis=1)]


def warping_distances(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Squared distances (n, m) by dynamic time warping of sequences of equal length.

    Examples
    --------
    >>> bump = np.array([0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    >>> moved = np.stack([np.roll(bump, shift) for shift in (0, 1, 2)])[..., None]
    >>> warping_distances(moved[:1], moved).tolist()
    [[0.0, 0.0, 2.0]]
    """
    n_steps = X.shape[1]
    band = max(1, int(BAND * n_steps))
    # costs of the best ways to each step of Y, from the last step of X, with a wall at each end
    costs = np.full((n_steps + 1, len(X), len(Y)), np.inf, dtype=np.float32)
    costs[0] = 0.0
    for step in range(n_steps):
        first = max(0, step - band)
        last = min(n_steps, step + band + 1)
        new = np.full_like(costs, np.inf)
        for other in range(first, last):
            local = ((X[:, step, None] - Y[None, :, other]) ** 2).sum(axis=-1)
            ways = np.minimum(np.minimum(costs[other], costs[other + 1]), new[other])
            new[other + 1] = local + ways
        costs = new
    return costs[-1]


def sequence_classifiers(
    n_steps: int, class_weight: str | None, seed: int, n_updates: int = N_STEPS
) -> dict[str, BaseEstimator]:
    """Classifiers by name, for sequences of so many steps; warping is for short ones."""
    found = {
        "MiniROCKET": make_pipeline(
            ChannelScaler(),
            MiniRocket(seed),
            StandardScaler(with_mean=False),
            RidgeClassifierCV(PENALTIES, class_weight=class_weight),
        ),
        "CNN": make_pipeline(ChannelScaler(), SmallCNN(class_weight, seed, n_updates)),
    }
    if n_steps <= MAX_WARPED_STEPS:
        found["1-NN DTW"] = make_pipeline(ChannelScaler(), WarpingNeighbour())
    return found
