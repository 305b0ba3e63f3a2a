"""Training of a classifier of images, with classical augmentation."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy

from ganaug.training.diffaug import Augmentation
from ganaug.training.networks.backbone_classifier import BackboneClassifier
from ganaug.training.streams import MemberStreams


@dataclass(frozen=True)
class FineTuning:
    """Settings of a classifier's training.

    Attributes
    ----------
    n_steps : int
        Number of batches.
    augmentation : Augmentation
        Classical augmentation of every batch.
    batch_size : int
        Images of a batch, drawn with replacement.
    learning_rate : float
        Largest learning rate of AdamW: it rises over the first third of the steps, and falls.
    weight_decay : float
    dropout : float
        Share of the features that are hidden from the linear layer.
    """

    n_steps: int
    augmentation: Augmentation
    batch_size: int = 64
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    dropout: float = 0.3


def fine_tune(
    classifier: BackboneClassifier,
    images: Float[Tensor, "n channels height width"],
    targets: Int[Tensor, " n"],
    weights: Float[Tensor, " n"],
    settings: FineTuning,
    seed: int,
    on_steps: Callable[[int], object],
) -> None:
    """Train a classifier of images where it is.

    Parameters
    ----------
    classifier : BackboneClassifier
    images : (n, channels, height, width) tensor
        Images in the values that the backbone takes, on its device.
    targets : (n,) tensor
        Numbers of their classes.
    weights : (n,) tensor
        Weights of the images: they are drawn that often. Sums of them have their type.
    settings : FineTuning
    seed : int
        Seed of batches, augmentation and dropout.
    on_steps : callable
        Called with the number of steps done since its last call.
    """
    streams = MemberStreams([seed], images.device)
    optimizer = torch.optim.AdamW(
        classifier.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, total_steps=settings.n_steps
    )
    codes_of_all = classifier.backbone.encode(images)
    cumulated = weights.cumsum(0)
    classifier.train()
    for _ in range(settings.n_steps):
        drawn = streams.uniform(settings.batch_size)[0].to(weights.dtype) * cumulated[-1]
        rows = torch.searchsorted(cumulated, drawn, right=True).clamp_max(len(weights) - 1)
        codes = settings.augmentation(codes_of_all[None, rows], streams)[0]
        features = classifier.norm(classifier.backbone.features(codes))
        logits = classifier.head(_drop(features, settings.dropout, streams))
        loss = cross_entropy(logits, targets[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        on_steps(1)
    classifier.eval()


def _drop(features: Tensor, share: float, streams: MemberStreams) -> Tensor:
    """Hide a share of the features of each image; the others stand for them."""
    kept = streams.uniform(*features.shape)[0] >= share
    return features * kept / (1 - share)
