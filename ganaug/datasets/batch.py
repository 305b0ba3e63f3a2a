"""BatchAugment: synthetic samples in a batch, on the device of training."""

import copy
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ganaug.banks.class_names import share_of, shares_by_label, source_labels
from ganaug.banks.sample_bank import SampleBank
from ganaug.datasets.sources import warn_of_health
from ganaug.encoding.dataset import split_item, with_sample
from ganaug.encoding.scale import N_COMPARED, ScaleComparison
from ganaug.models.base import ClassGAN
from ganaug.randomness import hash_keys
from ganaug.ranks import process_rank
from ganaug.training.defaults import torch_defaults


class BatchAugment(nn.Module):
    """Replaces samples of a batch by new ones of their classes, after the loader.

    Put it where the batch has reached the device of training: ``x, y = augment(x, y)``, alone or
    in ``torchvision.transforms.v2.Compose``, before ``MixUp`` and ``CutMix``, which mix labels.
    Every batch gets samples that no other has, also of the other ranks of a distributed
    run. In evaluation mode (``augment.eval()``) batches pass unchanged.

    ``state_dict`` holds the generators, the seed and the number of batches so far: a run
    that goes on from a checkpoint draws what an unbroken one would, on every rank.
    Generators stay in single precision where a module around them is cast to another
    (``module.double()``, ``module.bfloat16()``); samples have the type of the batch.

    Parameters
    ----------
    gan : fitted TableGAN, ImageGAN or SequenceGAN
        Its generators are copied, and move with ``to(device)``. Images are generated on
        the device; rows of tables are decoded on the CPU.
    p : float or dict of label to float, default=0.5
        Probability that a sample is replaced. Dicts may name classes as ``gan`` does, by keys
        that are not all labels. Samples of other classes, and of those that the model was not
        trained on, stay.
    transform : callable or None, default=None
        Function of the synthetic samples (n, ...), a tensor on the device, that does what
        the loader does to real ones, such as a normalisation. It runs under torch's default
        settings: tensors that it makes itself need the device of those it is given. None
        takes samples in the values of ``gan``'s training data, images with their channels
        first.
    classes : sequence or None, default=None
        Names of the classes that the labels 0, 1, ... of a batch stand for, where
        ``gan`` was trained on names. None takes the labels themselves.
    labels_getter : callable or None, default=None
        Function of a batch that finds the labels in it, where it is not called with samples
        and labels but with a dict, a tuple of one or more than two. None takes the second of a
        tuple, or what a dict has under "label", "target" or the like.
    seed : int, default=0
        Seed of the choice of samples and of their noise, with the rank and the number of
        the batch.

    Raises
    ------
    NotFittedError
        For a model that was not fitted.
    ValueError
        For a ``p`` outside 0 to 1; in a call, for labels that are not one for each sample,
        and for samples of another shape or on another scale than the batch's.

    Warns
    -----
    ConvergenceWarning
        For classes whose training went wrong, as ``health_`` of the model says.

    See Also
    --------
    ganaug.AugmentedDataset : Samples drawn beforehand, for any number of workers.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from ganaug import ImageGAN
    >>> digits = load_digits(n_class=2)
    >>> gan = ImageGAN(n_steps=5, random_state=0).fit(digits.images, digits.target)
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
        p: float | Mapping[Hashable, float] = 0.5,
        *,
        transform: Callable[[Tensor], Tensor] | None = None,
        classes: Sequence | None = None,
        labels_getter: Callable | None = None,
        seed: int = 0,
    ):
        super().__init__()
        if isinstance(gan, SampleBank):
            raise TypeError(
                "BatchAugment draws from a fitted model; samples of a bank are put in by "
                "RandomReplace, a transform of single images."
            )
        check_is_fitted(gan)
        self.transform = transform
        self.labels_getter = labels_getter
        self.gan = gan
        known = gan.classes_.tolist()
        names = dict(zip(known, known, strict=True))
        if classes is not None:
            names = dict(enumerate(source_labels(list(classes), [], known).values()))
        trained = [(number, name) for number, name in names.items() if name in known]
        if not trained or not all(isinstance(number, int) for number, _ in trained):
            raise ValueError(
                f"gan was trained on {gan.classes_.tolist()}, got classes={classes!r}; pass "
                "classes=, their names in the order of the labels 0, 1, ... of a batch."
            )
        self._names = dict(trained)
        self.p = shares_by_label(p, names, self._names)
        warn_of_health(gan, self._names.values())
        whole = [gan.generator_for(name) for _, name in trained]
        # in one go, so that what they have in common is copied once
        self.generators = nn.ModuleList(copy.deepcopy(whole))
        self.generators.requires_grad_(False)
        self._seed = seed
        self._n_batches = 0
        self._scales = ScaleComparison()

    @torch_defaults()
    @torch.no_grad()
    def forward(self, *batch: Any) -> Any:
        """Return the batch as it is, but for some of its samples.

        Parameters
        ----------
        *batch : (n, ...) tensor and (n,) or (n, 1) tensor of labels; or a dict, tuple or list
            Samples may be of ``torchvision.tv_tensors``.

        Returns
        -------
        batch
            In the form of the given one.
        """
        item = batch if len(batch) > 1 else batch[0]
        if not self.training:
            return item
        x, y = split_item(item, self.labels_getter)
        if not torch.is_tensor(x) or y is None:
            raise ValueError(
                f"no samples and labels are found in a batch of the type {type(item).__name__}. "
                "Call it with both, or pass labels_getter=, a function of a batch that finds its "
                "labels."
            )
        return with_sample(item, x, self._mixed(x, _one_for_each(y, len(x))))

    def _mixed(self, x: Tensor, labels: Tensor) -> Tensor:
        """Samples (n, ...) of which some are replaced, by their labels (n,) on the CPU."""
        # made on the CPU, so that all devices replace the same samples, by the same noise
        stream = self._next_stream()
        draws = torch.rand(len(labels), generator=stream)
        noise = torch.randn(len(labels), self.gan.n_latent, generator=stream)
        mixed = x.clone()
        known = torch.zeros(len(labels), dtype=torch.bool)
        replaced = torch.zeros(len(labels), dtype=torch.bool)
        for generator, (number, name) in zip(self.generators, self._names.items(), strict=True):
            of_class = labels == number
            known |= of_class
            chosen = of_class & (draws < share_of(self.p, number))
            replaced |= chosen
            rows = chosen.nonzero()[:, 0]
            if len(rows):
                latent = self.gan.latent_std(name) * noise[rows]
                samples = self._draw(generator, latent.to(x.device), name)
                self._check_form(samples, x)
                mixed[rows.to(x.device)] = samples.to(x.dtype)
        if replaced.any() and not self._scales.is_done:
            self._check_scale(x[known.to(x.device)], mixed[replaced.to(x.device)])
        return mixed

    def get_extra_state(self) -> Tensor:
        """Return the seed, and the number of batches so far."""
        return torch.tensor([self._seed, self._n_batches])

    def set_extra_state(self, state: Tensor) -> None:
        """Go on from such a state."""
        self._seed, self._n_batches = state.tolist()

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "BatchAugment":
        """Move the generators where ``fn`` does, but leave them their type where it casts."""

        def move(tensor: Tensor) -> Tensor:
            moved = fn(tensor)
            return moved if moved.dtype == tensor.dtype else tensor.to(moved.device)

        return super()._apply(move, recurse)

    def _next_stream(self) -> torch.Generator:
        """Random numbers of the next batch."""
        [key] = hash_keys(self._seed, process_rank(), self._n_batches)
        self._n_batches += 1
        return torch.Generator().manual_seed(int(key) >> 1)

    def _draw(self, generator: nn.Module, latent: Tensor, name: Hashable) -> Tensor:
        samples = self.gan.generate_tensors(generator, latent, name)
        return samples if self.transform is None else self.transform(samples)

    def _check_form(self, samples: Tensor, x: Tensor) -> None:
        """Raise a ValueError for samples of another shape, or that the batch's type cannot hold."""
        if samples.shape[1:] != x.shape[1:]:
            raise ValueError(
                f"the batch has samples of the shape {tuple(x.shape[1:])}, gan draws "
                f"{tuple(samples.shape[1:])}. Pass transform=, a function that makes the one of "
                "the other."
            )
        if not x.is_floating_point() and (samples != samples.to(x.dtype)).any():
            raise ValueError(
                f"the batch holds {x.dtype}, and gan draws other numbers, from "
                f"{samples.min():g} to {samples.max():g}. Pass transform=, a function that makes "
                "the one of the other."
            )

    def _check_scale(self, real: Tensor, synthetic: Tensor) -> None:
        """Raise a ValueError for samples on another scale than those of batches so far."""
        problem = self._scales.difference(_as_array(real), _as_array(synthetic))
        if problem:
            raise ValueError(
                f"batches and the samples of gan are on different scales: {problem}. Pass "
                "transform=, a function that does to samples what the loader does to real ones "
                "(such as lambda images: images / 255), or train gan on what the loader gives."
            )


def _as_array(samples: Tensor) -> Any:
    """First samples, as an array; of fractions, in single precision, as NumPy has not all types."""
    first = samples[:N_COMPARED].detach().cpu()
    return (first.float() if first.is_floating_point() else first).numpy()


def _one_for_each(y: Tensor, n_samples: int) -> Tensor:
    """Labels (n,) on the CPU, of labels (n,) or (n, 1).

    Raises
    ------
    ValueError
        For labels of another shape, or another number.
    """
    labels = torch.as_tensor(y).detach().cpu()
    if labels.shape == (n_samples, 1):
        return labels[:, 0]
    if labels.shape != (n_samples,):
        hint = " Of one-hot labels, y.argmax(1) gives these." if labels.ndim == 2 else ""
        raise ValueError(
            f"y has the shape {tuple(labels.shape)}; one label for each of {n_samples} samples is "
            f"needed, (n,) or (n, 1).{hint}"
        )
    return labels
