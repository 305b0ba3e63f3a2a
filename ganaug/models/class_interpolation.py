"""Interpolation from one class to another, through generators between theirs."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ganaug.training.defaults import torch_defaults
from ganaug.training.ensemble import interpolate_modules


class ClassInterpolationMixin:
    """Gives models whose classes may have layers in common ways from one class to another."""

    tiers_: dict[Hashable, str]
    generators_: dict[Hashable, nn.Module]
    discriminators_: dict[Hashable, Any]
    _chunk_size: Any
    _check_labels: Callable[[Iterable[Hashable]], None]
    _latent_path: Callable[[Any, Any, int], Tensor]
    generator_for: Callable[[Hashable], nn.Module]
    _generate: Callable[[nn.Module, Tensor, Hashable], np.ndarray]
    _generate_by_members: Callable[[nn.Module, Tensor], np.ndarray]

    @torch_defaults()
    def interpolate(
        self, start: Any, end: Any, label: Hashable, n: int = 10, to: Hashable | None = None
    ) -> np.ndarray:
        """Images on the way from one latent point to another, and from one class to another.

        The way is part of a great circle, so that points between stay as far from
        the origin as Gaussian noise is.

        Parameters
        ----------
        start, end : (n_latent,) arrays
            Latent points; equal ones, to see nothing but the class change.
        label : label
            A trained class.
        n : int, default=10
            Images, 2 or more.
        to : label or None, default=None
            Another trained class, in which the way ends: images between are those of
            generators whose weights lie between the two classes'. None stays in ``label``.

        Returns
        -------
        n images, in the type, shape and range of the training X

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            For an unknown label, points of another width, n below 2, or two classes
            that have no layers in common.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from ganaug import ImageGAN
        >>> digits = load_digits(n_class=2)
        >>> gan = ImageGAN(n_steps=2, random_state=0).fit(digits.images, digits.target)
        >>> point = np.zeros(gan.n_latent)
        >>> gan.interpolate(point, point, 0, n=3, to=1).shape
        (3, 8, 8)
        """
        points = self._latent_path(start, end, n)
        if to is None or to == label:
            self._check_labels([label])
            return self._generate(self.generator_for(label), points, label)
        if not self.crosses(label, to):
            raise ValueError(
                f"there is nothing between {label!r} and {to!r}, which have no layers in common: "
                f"they are served by {self.tiers_[label]} and {self.tiers_[to]}. Fit with "
                'sharing="conditional", and 10 images or more of each.'
            )
        ends = self.generators_[label], self.generators_[to]
        parts = zip(
            torch.linspace(0, 1, n).split(self._chunk_size),
            points.split(self._chunk_size),
            strict=True,
        )
        return np.concatenate(
            [
                self._generate_by_members(interpolate_modules(*ends, shares), part)
                for shares, part in parts
            ]
        )

    def crosses(self, label: Hashable, to: Hashable) -> bool:
        """Return True where there are generators between those of two trained classes.

        So it is where they were trained in one game with ``sharing="conditional"``, as a
        class is unless it had to be trained again: their discriminators then have all
        layers but the last in common.
        """
        check_is_fitted(self)
        self._check_labels([label, to])
        first = self.discriminators_[label]
        second = self.discriminators_[to]
        if first is None or second is None:
            return False
        return torch.equal(first.first.weight, second.first.weight)
