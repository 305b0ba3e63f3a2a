"""BatchAugment: synthetic samples in a batch, on the device of training."""

import copy
from collections.abc import Callable, Hashable, Sequence

import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ganaug.models.base import ClassGAN
from ganaug.training.defaults import torch_defaults


class BatchAugment(nn.Module):
    """Replaces samples of a batch by new ones of their classes, after the loader.

    Put it where the batch has reached the device of training: ``x, y = augment(x, y)``.
    Every batch gets samples that no other has. In evaluation mode (``augment.eval()``)
    batches pass unchanged.

    ``state_dict`` holds the generators and the state of the random numbers: a run that
    goes on from a checkpoint draws what an unbroken one would.

    Parameters
    ----------
    gan : fitted TableGAN or ImageGAN
        Its generators are copied, and move with ``to(device)``. Images are generated on
        the device; rows of tables are decoded on the CPU.
    p : float, default=0.5
        Probability that a sample is replaced. Those of classes that the model was not
        trained on stay.
    transform : callable or None, default=None
        Function of the synthetic samples (n, ...), a tensor on the device, that does what
        the loader does to real ones, such as a normalisation. It runs under torch's default
        settings: tensors that it makes itself need the device of those it is given. None
        takes samples in the values of ``gan``'s training data, images with their channels
        first.
    classes : sequence or None, default=None
        Names of the classes that the labels 0, 1, ... of a batch stand for, where
        ``gan`` was trained on names. None takes the labels themselves.
    seed : int, default=0
        Seed of the choice of samples and of their noise.

    Raises
    ------
    NotFittedError
        For a model that was not fitted.
    ValueError
        For a ``p`` outside 0 to 1; in a call, for samples of another shape than the
        batch's.

    See Also
    --------
    ganaug.AugmentedDataset : Samples drawn beforehand, for any number of workers.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from ganaug import ImageGAN
    >>> digits = load_digits(n_class=2)
    >>> gan = ImageGAN(n_steps=2, random_state=0).fit(digits.images, digits.target)
    >>> x = torch.zeros(8, 1, 8, 8)
    >>> augment = BatchAugment(gan, p=1.0)
    >>> x_new, y = augment(x, torch.tensor([0, 1] * 4))
    >>> x_new.shape, bool((x_new > 0).flatten(1).any(1).all())
    (torch.Size([8, 1, 8, 8]), True)
    """

    @torch_defaults()
    def __init__(
        self,
        gan: ClassGAN,
        p: float = 0.5,
        *,
        transform: Callable[[Tensor], Tensor] | None = None,
        classes: Sequence | None = None,
        seed: int = 0,
    ):
        super().__init__()
        check_is_fitted(gan)
        if not 0 <= p <= 1:
            raise ValueError(f"p must be from 0 to 1, got {p!r}.")
        self.p = p
        self.transform = transform
        self.gan = gan
        names = gan.classes_.tolist() if classes is None else list(classes)
        numbers = names if classes is None else range(len(names))
        numbered = zip(numbers, names, strict=True)
        trained = [(number, name) for number, name in numbered if name in gan.generators_]
        if not all(isinstance(number, int) for number, _ in trained):
            raise ValueError(
                f"gan was trained on {gan.classes_.tolist()}; pass classes=, their names in the "
                "order of the labels 0, 1, ... of a batch."
            )
        self._names = dict(trained)
        whole = [gan.generator_for(name) for _, name in trained]
        # in one go, so that what they have in common is copied once
        self.generators = nn.ModuleList(copy.deepcopy(whole))
        self.generators.requires_grad_(False)
        self._stream = torch.Generator().manual_seed(seed)

    @torch_defaults()
    @torch.no_grad()
    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return the batch (n, ...) with some samples replaced, and its labels (n,)."""
        if not self.training:
            return x, y
        # made on the CPU, so that all devices replace the same samples, by the same noise
        chosen = torch.rand(len(y), generator=self._stream) < self.p
        noise = torch.randn(len(y), self.gan.n_latent, generator=self._stream)
        labels = y.cpu()
        mixed = x.clone()
        for generator, (number, name) in zip(self.generators, self._names.items(), strict=True):
            rows = (chosen & (labels == number)).nonzero()[:, 0]
            if len(rows):
                latent = self.gan.latent_std(name) * noise[rows]
                samples = self._draw(generator, latent.to(x.device), name)
                self._check_shape(samples, x)
                mixed[rows.to(x.device)] = samples.to(x.dtype)
        return mixed, y

    def get_extra_state(self) -> Tensor:
        """Return the state of the random numbers."""
        return self._stream.get_state()

    def set_extra_state(self, state: Tensor) -> None:
        """Go on from such a state."""
        self._stream.set_state(state.cpu())

    def _draw(self, generator: nn.Module, latent: Tensor, name: Hashable) -> Tensor:
        samples = self.gan.generate_tensors(generator, latent, name)
        return samples if self.transform is None else self.transform(samples)

    def _check_shape(self, samples: Tensor, x: Tensor) -> None:
        if samples.shape[1:] != x.shape[1:]:
            raise ValueError(
                f"the batch has samples of the shape {tuple(x.shape[1:])}, gan draws "
                f"{tuple(samples.shape[1:])}. Pass transform=, a function that makes the one of "
                "the other."
            )
