"""Parts that models share which make images of other images."""

from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from torch import Tensor, nn

from ganaug.models.sources import ImageSources, TranslatingGenerator, same_choice


class TranslatorMixin:
    """Gives models whose latent points choose a real image what translates it."""

    tiers_: dict[Hashable, str]
    generators_: dict[Hashable, nn.Module]
    discriminators_: dict[Hashable, nn.Module | None]
    _check_labels: Callable[[Iterable[Hashable]], None]

    @abstractmethod
    def _sources_for(self, label: Hashable) -> ImageSources:
        """Real images of which those of a class are made."""

    def generator_for(self, label: Hashable) -> nn.Module:
        """Whole generator of a class: what chooses real images and translates them.

        Parameters
        ----------
        label : label
            A trained class.

        Returns
        -------
        Module
            Maps latent points (1, n, n_latent) to encoded images.
        """
        network = self.generators_[label]
        if self.discriminators_[label] is None:
            return network
        return TranslatingGenerator(network, self._sources_for(label))

    def _latent_path(self, start: Any, end: Any, n: int) -> Tensor:
        """Points of one real image, that of the start, moved as on the way to the end."""
        return same_choice(super()._latent_path(start, end, n))  # type: ignore[misc]

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
