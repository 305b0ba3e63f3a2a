"""Networks of a fitted model of images as ordinary modules of torch."""

import copy
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from sklearn.utils.validation import check_is_fitted
from torch import nn

from ganaug.encoding.image import ImageEncoder
from ganaug.hints import listed
from ganaug.models.discriminator_backbone import DiscriminatorBackbone
from ganaug.training.networks.conv_encoder import ConvEncoder
from ganaug.training.networks.generator_module import GeneratorModule


class NoDiscriminatorError(ValueError):
    """Error of asking for a discriminator where none was trained."""


class NoDiscriminatorWarning(UserWarning):
    """Warning that a classifier does without the discriminator that it was to start from."""


class TorchModulesMixin:
    """Gives a model of images its generators and discriminators, for the user's own training."""

    n_latent: int
    upscaler_: Any
    discriminators_: dict[Hashable, Any]
    generator_for: Callable[[Hashable], nn.Module]
    latent_std: Callable[[Hashable], float]
    _encoder: ImageEncoder
    _check_labels: Callable[[Iterable[Hashable]], None]

    def generator_module(self, label: Hashable) -> GeneratorModule:
        """Generator of a class as an ordinary network of torch: noise to images.

        Parameters
        ----------
        label : label
            A trained class.

        Returns
        -------
        GeneratorModule
            Maps noise (n, n_latent) to images (n, channels, height, width) in the values of
            the training images; a copy, on the CPU.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            For an unknown label.

        See Also
        --------
        ganaug.export_onnx : Writes it for programs without torch.

        Examples
        --------
        >>> import torch
        >>> from sklearn.datasets import load_digits
        >>> from ganaug import ImageGAN
        >>> gan = ImageGAN(n_steps=2, random_state=0).fit(load_digits().images[:50])
        >>> gan.generator_module(0)(torch.randn(3, 64)).shape
        torch.Size([3, 1, 8, 8])
        """
        check_is_fitted(self)
        self._check_labels([label])
        generator = copy.deepcopy(self.generator_for(label))
        std = self.latent_std(label)
        return GeneratorModule(generator, self.n_latent, std, self._encoder.low, self._encoder.high)

    def backbone(self, label: Hashable | None = None) -> DiscriminatorBackbone:
        """Discriminator as an ordinary network of torch: images to features.

        Parameters
        ----------
        label : label or None, default=None
            Class whose discriminator it is. None takes that of all classes, where there is
            one class, as after a ``fit`` without ``y``, or where they share their layers; a class
            that had to be trained again, as its game diverged, shares them no more.

        Returns
        -------
        DiscriminatorBackbone
            Maps images (n, channels, height, width) in the values of the training images to
            features (n, num_features); a copy, on the CPU, that can be trained.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            For an unknown label, a class without a discriminator, or none where classes have
            discriminators of their own.

        Examples
        --------
        >>> import torch
        >>> from sklearn.datasets import load_digits
        >>> from ganaug import ImageGAN
        >>> images = load_digits().images[:50]
        >>> backbone = ImageGAN(n_steps=2, random_state=0).fit(images).backbone()
        >>> backbone(torch.from_numpy(images[:, None]).float()).shape
        torch.Size([50, 768])
        """
        check_is_fitted(self)
        discriminator = self._discriminator_of(label)
        scale = 1 if self.upscaler_ is None else self.upscaler_.scale
        return DiscriminatorBackbone.of_encoder(discriminator, self._encoder, scale)

    def _discriminator_of(self, label: Hashable | None) -> ConvEncoder:
        """Discriminator of a class, or for None that of all."""
        trained = [one for one in self.discriminators_.values() if one is not None]
        if label is not None:
            self._check_labels([label])
            trained = [one for one in trained if one is self.discriminators_[label]]
        if not trained:
            raise NoDiscriminatorError(
                "no discriminator was trained: it takes 10 images, n_steps of 1 or more, and a "
                "game that does not diverge."
            )
        groups: dict[bytes, list[ConvEncoder]] = defaultdict(list)
        for discriminator in trained:
            # who share one layer share all but the last
            groups[discriminator.first.weight.detach().numpy().tobytes()].append(discriminator)
        largest = max(groups.values(), key=len)
        if len(largest) == 1 < len(trained):
            raise ValueError(
                f"each class has a discriminator of its own; name one of "
                f"{listed(self.discriminators_)}, or fit without y."
            )
        return largest[0]
