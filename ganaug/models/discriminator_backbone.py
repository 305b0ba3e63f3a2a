"""DiscriminatorBackbone: what a discriminator has learnt, for training loops of torch."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ganaug.encoding.image import ImageEncoder
from ganaug.storage.saved import write_object
from ganaug.training.networks.backbone import Codes, ImageBackbone
from ganaug.training.networks.conv_encoder import ConvEncoder


class DiscriminatorBackbone(ImageBackbone):
    """Convolutional network that maps images to features, as torch users know it.

    ``ImageGAN.backbone`` gives one that holds a copy of what a discriminator has learnt. All of
    it can be trained: freeze what shall stay by ``requires_grad_(False)``. It has no
    normalisation layers, and does not differ between training and evaluation. Whether images are on
    the scale of those that the model was fitted on is looked at in the first batch, but never by
    programs that are compiled or traced.

    Attributes
    ----------
    num_features : int
        Number of features of an image.
    input_shape : (channels, height, width)
        Shape of an image.

    See Also
    --------
    ganaug.DiscriminatorFeatures : The same features in scikit-learn's pipelines.

    References
    ----------
    Radford, Metz and Chintala, "Unsupervised representation learning with deep
    convolutional generative adversarial networks", ICLR 2016, section 5.1.

    Examples
    --------
    >>> import torch
    >>> from sklearn.datasets import load_digits
    >>> from ganaug import ImageGAN
    >>> images = load_digits(n_class=2).images
    >>> backbone = ImageGAN(n_steps=2, random_state=0).fit(images).backbone()
    >>> x = torch.from_numpy(images[:5, None]).float()
    >>> backbone(x).shape, backbone.num_features, [tuple(m.shape) for m in backbone.stages(x)]
    (torch.Size([5, 768]), 768, [(5, 16, 8, 8), (5, 32, 4, 4)])
    >>> classifier = torch.nn.Sequential(backbone, torch.nn.LazyLinear(2))
    >>> classifier(x).shape
    torch.Size([5, 2])
    """

    def encode(self, images: Tensor) -> Codes:
        """Images in the range [-1, 1], as the stages see them.

        Raises
        ------
        ValueError
            For images of another shape, or the first ones on another scale.
        """
        codes = super().encode(images)
        # programs that are traced or compiled have no values
        if not (torch.compiler.is_compiling() or torch.jit.is_tracing() or self._first_batches):
            self._check_scale(images)
        return codes

    def _check_scale(self, images: Tensor) -> None:
        """Raise a ValueError for images on another scale than those of the model."""
        try:
            X = images.detach().float().cpu().numpy()
        except RuntimeError:
            # on the meta device, or of torch.func
            return
        dtype = np.dtype(np.uint8 if self.config["is_whole"] else np.float32)
        shape = self.input_shape
        encoder = ImageEncoder(shape, dtype, *shape[1:], shape[0], self._low, self._high)
        if encoder.is_off_scale(X):
            raise ValueError(
                f"pixels run from {X.min():g} to {X.max():g}; this backbone takes images from "
                f"{self._low:g} to {self._high:g}: scale the batch."
            )
        encoder.check_scale(X)
        self._first_batches.append(len(X))

    @classmethod
    def of_encoder(
        cls, encoder: ConvEncoder, images: ImageEncoder, scale: int = 1
    ) -> "DiscriminatorBackbone":
        """Backbone with a copy of the stages of a discriminator of one member, of such images."""
        is_whole = images.dtype.kind in "iu"
        backbone = cls(encoder.sizes, images.low, images.high, [None], scale, is_whole)
        names = backbone.encoder.state_dict()
        state = {name: tensor for name, tensor in encoder.state_dict().items() if name in names}
        copies = {name: tensor.detach().cpu().clone() for name, tensor in state.items()}
        backbone.encoder.load_state_dict(copies, assign=True)
        return backbone.requires_grad_(True)

    def save(self, path: str | Path, overwrite: bool = False) -> None:
        """Write the network to an HDF5 file, from which ``ganaug.load`` brings it back.

        Parameters
        ----------
        path : path
        overwrite : bool, default=False
            True replaces a file of that name.

        Raises
        ------
        FileExistsError
            If there is such a file and it is not to be overwritten.
        OSError
            If it cannot be written.
        ValueError
            For weights that are not finite.
        """
        write_object(self, path, overwrite)
