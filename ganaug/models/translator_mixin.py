"""What models that make images of other images share."""

from abc import abstractmethod
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganaug.models.image_mixin import ImageModelMixin
from ganaug.training.diffaug import Augmentation, move
from ganaug.training.untrained.moved_copies import choose_and_move


class TranslatorMixin(ImageModelMixin):
    """Base of models whose latent points choose an image of the training data, and move it."""

    _augmentation: Augmentation

    @abstractmethod
    def _source_rows(self, label: Hashable) -> np.ndarray:
        """Rows of the training data of which images of a class are made."""

    @abstractmethod
    def _encode_sources(self, rows: np.ndarray) -> np.ndarray:
        """What generators take of them, (n, channels, height, width)."""

    def _choose_sources(self, noise: Tensor, label: Hashable) -> tuple[np.ndarray, Tensor]:
        """The row that each latent point chooses, and how it is moved."""
        rows = self._source_rows(label)
        numbers, moves = choose_and_move(noise[None], len(rows))
        return rows[numbers[0].cpu().numpy()], moves

    def _sources(self, noise: Tensor, label: Hashable) -> Tensor:
        """Of latent points (n, n_latent), what a generator takes: (1, n, ...)."""
        rows, moves = self._choose_sources(noise, label)
        sources = torch.from_numpy(self._encode_sources(rows)).to(noise.device)[None]
        return move(sources, moves) if "affine" in self._augmentation.kinds else sources

    def _path(self, start: Any, end: Any, n: int) -> Tensor:
        """Of one source, that of the start, moved as on the way to the end."""
        way = super()._path(start, end, n)
        way[:, 0] = way[0, 0]
        return way

    def _check_translated(self, labels: Iterable[Hashable]) -> None:
        """Raise a ValueError for labels for which no network was trained."""
        labels = list(labels)
        self._check_labels(labels)
        for label in labels:
            if self.discriminators_[label] is None:
                raise ValueError(
                    f"class {label!r} is served by {self.tiers_[label]}: nothing translates into "
                    "it."
                )
