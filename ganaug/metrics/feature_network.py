"""Features of images by a frozen network that the user has."""

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, normalize

from ganaug.caller import warn_caller
from ganaug.training.defaults import torch_defaults

# Images and pixels that pass through a network at a time: it may enlarge small images itself, and
# its maps take some hundred times their memory.
MAX_BATCH = 64
MAX_PIXELS = 2**20

# Side to which images are enlarged that a network refuses, where it does not say what it takes:
# that of most networks for photographs.
USUAL_SIDE = 224

# Images on which a network is tried before it is used.
N_TRIED = 3

# Modules are put into evaluation mode by one thread at a time.
_lock = threading.RLock()


class FeatureNetwork:
    """Features that a frozen network gives to images.

    The network sees images in [0, 1], or normalised as its ``pretrained_cfg`` says where it has
    one, as networks of timm do; in colour, where it does not take grey ones; in the size that they
    have, unless it says that it takes one size only, or refuses them. It is used in evaluation
    mode on the device that it is on, and left as it was.

    Parameters
    ----------
    network : torch.nn.Module or callable
        Maps a batch of images (n, channels, height, width) to vectors (n, d), to maps (n, d, rows,
        columns), of which the means over places count, or to a list, tuple or dict of these.
    images : (n, channels, height, width) array
        Images in [-1, 1], of which the first are tried.

    Attributes
    ----------
    network : torch.nn.Module or callable
        As given.
    image_shape : (channels, height, width)
        Shape of the images that it takes.

    Raises
    ------
    ValueError
        Where the network takes no such images, or what it gives are no features of them.

    Examples
    --------
    >>> network = nn.Sequential(nn.Flatten(), nn.Linear(64, 5))
    >>> images = np.random.default_rng(0).uniform(-1, 1, size=(7, 1, 8, 8))
    >>> features = FeatureNetwork(network, images)
    >>> features(images).shape, network.training
    ((7, 5), True)
    """

    def __init__(self, network: Callable[[Tensor], Any], images: np.ndarray):
        self.network = network
        self.image_shape = tuple(images.shape[1:])
        self._n_channels, *size = self.image_shape
        self._size = tuple(size)
        tried = images[np.arange(N_TRIED) % len(images)]
        self._find_form(tried)
        self(tried)

    def takes(self, images: np.ndarray) -> bool:
        """True for images (n, channels, height, width) of the shape that was tried."""
        return tuple(images.shape[1:]) == self.image_shape

    @torch_defaults()
    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Features of images.

        Parameters
        ----------
        images : (n, channels, height, width) array
            Images in [-1, 1], of the shape that was tried.

        Returns
        -------
        (n, d) array
            What the network gives side by side. Rows of each of its outputs are as long as the root
            of their width, so that single features are about 1 in size.

        Raises
        ------
        ValueError
            For features that are not finite, no floats, or of another number of images.
        """
        if not len(images):
            # one image that is not there tells the width
            return self(np.zeros((1, *images.shape[1:])))[:0]
        size = max(1, min(MAX_BATCH, MAX_PIXELS // math.prod(self._size)))
        batches = torch.from_numpy(np.array(images, dtype=np.float32)).split(size)
        return torch.cat([_joined(self._outputs(batch), len(batch)) for batch in batches]).numpy()

    def _outputs(self, images: Tensor) -> Any:
        """Outputs of the network for images in [-1, 1]."""
        module = _module_of(self.network)
        with torch.no_grad(), evaluation_mode(module):
            return self.network(self._form(images, module))

    def _form(self, images: Tensor, module: nn.Module | None) -> Tensor:
        """Images in the form in which the network takes them."""
        images = (images.clamp(-1, 1) + 1) / 2
        if self._size != tuple(images.shape[2:]):
            images = interpolate(images, size=self._size, mode="bilinear", antialias=True)
        images = images.expand(-1, self._n_channels, -1, -1)
        config = _pretrained_config(module)
        if "mean" in config and "std" in config:
            values = torch.tensor([config["mean"], config["std"]])
            if values.shape[1] != self._n_channels:
                values = values.mean(dim=1, keepdim=True)
            mean, std = values[..., None, None]
            images = (images - mean) / std
        tensors = [] if module is None else [*module.parameters(), *module.buffers()]
        like = next((tensor for tensor in tensors if tensor.is_floating_point()), images)
        return images.to(like).contiguous()

    @torch_defaults()
    def _find_form(self, images: np.ndarray) -> None:
        """Set the number of channels and the size in which the network takes images."""
        n_channels, *sides = self.image_shape
        given = tuple(sides)
        config = _pretrained_config(_module_of(self.network))
        usual = tuple(config.get("input_size", (n_channels, USUAL_SIDE, USUAL_SIDE))[1:])
        sizes = [usual, given] if config.get("fixed_input_size") else [given, usual]
        channels = [1, 3] if n_channels == 1 else [n_channels]
        errors: dict[tuple[int, ...], Exception] = {}
        for size, width in product(sizes, channels):
            self._size = size
            self._n_channels = width
            try:
                self._outputs(torch.from_numpy(np.array(images, dtype=np.float32)))
            except Exception as error:
                errors[size] = error
                continue
            if size != given:
                reason = f" ({_first_line(errors[given])})" if given in errors else ""
                warn_caller(
                    f"features takes no images of {_sides(given)} pixels{reason}: they are resized "
                    f"to {_sides(size)} for it.",
                    UserWarning,
                )
            return
        raise ValueError(
            f"features takes no images of {_sides(given)} pixels and {n_channels} channels, nor "
            f"of {_sides(usual)} pixels: {_first_line(errors[given])}."
        ) from errors[given]


@contextmanager
def evaluation_mode(module: nn.Module | None) -> Iterator[None]:
    """Context in which a module is in evaluation mode, all its parts as they were after it.

    Parameters
    ----------
    module : Module or None
        None changes nothing.

    Examples
    --------
    >>> network = nn.Sequential(nn.Dropout(), nn.Dropout().eval())
    >>> with evaluation_mode(network):
    ...     network[0].training
    False
    >>> network[0].training, network[1].training
    (True, False)
    """
    with _lock:
        parts = [] if module is None else [part for part in module.modules() if part.training]
        if module is not None and parts:
            module.eval()
        try:
            yield
        finally:
            for part in parts:
                part.training = True


def _module_of(network: Callable) -> nn.Module | None:
    """Module that a network is, or that it is a method of."""
    candidates = (network, getattr(network, "__self__", None))
    return next((one for one in candidates if isinstance(one, nn.Module)), None)


def _pretrained_config(module: nn.Module | None) -> Mapping[str, Any]:
    """Description by a network of timm of the images that it was trained on; empty of others."""
    configs = (getattr(module, name, None) for name in ("pretrained_cfg", "default_cfg"))
    return next((config for config in configs if isinstance(config, Mapping)), {})


def _joined(outputs: Any, n_images: int) -> Tensor:
    """Outputs of a network side by side, one row for each image."""
    if isinstance(outputs, Mapping):
        outputs = list(outputs.values())
    parts = outputs if isinstance(outputs, list | tuple) else [outputs]
    rows = [_rows(part, n_images) for part in parts]
    if not rows:
        raise ValueError("features gives nothing: one vector or map for each image is needed.")
    return torch.cat([normalize(part) * math.sqrt(part.shape[1]) for part in rows], dim=1)


def _rows(output: Any, n_images: int) -> Tensor:
    """One output of a network as finite rows (n, d), of maps their means over places."""
    if isinstance(output, np.ndarray):
        output = torch.from_numpy(output)
    if not (isinstance(output, Tensor) and output.is_floating_point()):
        kind = output.dtype if isinstance(output, Tensor) else type(output).__name__
        raise ValueError(f"features gives {kind}; tensors of floats are needed.")
    shape = tuple(output.shape)
    if len(shape) not in (2, 4) or shape[0] != n_images:
        raise ValueError(
            f"features gives the shape {shape} for {n_images} images; ({n_images}, d) or "
            f"({n_images}, d, rows, columns) is needed. Images of another size than a network was "
            "made for may be a reason: put torchvision.transforms.v2.Resize in front of it."
        )
    rows = output.detach().to("cpu", torch.float64)
    rows = rows.mean(dim=(2, 3)) if len(shape) == 4 else rows
    if not bool(rows.isfinite().all()):
        raise ValueError("features gives NaN or infinity for some images.")
    return rows


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]:.200}" if lines else type(error).__name__


def _sides(size: tuple[int, ...]) -> str:
    return f"{size[0]} x {size[1]}"
