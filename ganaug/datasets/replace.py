"""RandomReplace: images replaced one by one, among the transforms of torchvision."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ganaug.banks.class_names import labels_in_bank, row_in_bank, share_of, shares_by_label
from ganaug.banks.sample_bank import SampleBank
from ganaug.datasets.conversion import convert, difference
from ganaug.encoding.dataset import is_pillow, single_label, split_item, with_sample
from ganaug.encoding.scale import ScaleComparison


class RandomReplace(nn.Module):
    """Replace an image by a synthetic one of its class, or blend the two.

    Call it with image and label, ``image, label = replace(image, label)``, alone or in
    ``torchvision.transforms.v2.Compose``. Images may be tensors, ``tv_tensors.Image`` or of PIL;
    what comes out is of the same type. As all transforms there it draws from torch's global random
    numbers, which loaders seed anew for each worker and epoch.

    Data sets of torchvision pass both to ``transforms=``. ``ImageFolder`` and others have only
    ``transform=``, which gets the image alone: leave it out there, and have a data set around the
    folder call the transforms (Examples). ``AugmentedDataset(folder, bank, mode="replace", p=0.5,
    transform=...)`` does so too, knows which names the labels stand for, does not blend, and
    chooses others when its ``set_epoch`` is called.

    Parameters
    ----------
    bank : SampleBank or path
        Images in the size, of the type and on the scale of those that reach this transform.
    p : float or dict of label to float, default=0.5
        Probability that an image is replaced. Dicts may name classes as the bank does, by keys
        that are not all labels; others stay.
    alpha : (float, float), default=(1.0, 1.0)
        Range of the weight of the synthetic image: (1, 1) replaces, lower ones blend.
    classes : sequence or None, default=None
        Names of the classes that the labels 0, 1, ... stand for, where the bank has names.
    labels_getter : callable or None, default=None
        Function of what the transform is given that finds the label in it. None takes the second
        of a tuple, or what a dict has under "label", "target" or the like.

    Raises
    ------
    FileNotFoundError
        If there is no such bank.
    ValueError
        For parameters out of range, and ``classes`` of which the bank holds none; in a call, for
        a mask, boxes or keypoints, which would no longer fit the image, and for an image of
        another shape or type than the bank's, or on another scale.
    KeyError
        In a call, for a label that the bank does not hold.

    See Also
    --------
    ganaug.BatchAugment : New samples for every batch, on the device of training.
    ganaug.transforms.GANReplace : Does the same among the transforms of albumentations.

    Examples
    --------
    >>> bank = SampleBank.in_memory(np.full((4, 32, 32, 3), 200, dtype=np.uint8), ["cat"] * 4)
    >>> replace = RandomReplace(bank, p=1.0)
    >>> image, label = replace(torch.zeros(3, 32, 32, dtype=torch.uint8), "cat")
    >>> image.shape, int(image.min()), label
    (torch.Size([3, 32, 32]), 200, 'cat')

    Around an ``ImageFolder``, or any other data set of pairs, with a ``v2.Compose`` in which
    ``RandomReplace(bank, classes=folder.classes)`` comes before changes of single images:

    >>> class Transformed(torch.utils.data.Dataset):
    ...     def __init__(self, folder, transforms):
    ...         self.folder, self.transforms = folder, transforms
    ...     def __len__(self):
    ...         return len(self.folder)
    ...     def __getitem__(self, index):
    ...         return self.transforms(*self.folder[index])
    >>> folder = [(torch.zeros(3, 32, 32, dtype=torch.uint8), 0)]
    >>> data = Transformed(folder, RandomReplace(bank, p=1.0, classes=["cat"]))
    >>> int(data[0][0].min()), data[0][1]
    (200, 0)
    """

    def __init__(
        self,
        bank: SampleBank | str | Path,
        p: float | Mapping[Hashable, float] = 0.5,
        *,
        alpha: tuple[float, float] = (1.0, 1.0),
        classes: Sequence | None = None,
        labels_getter: Callable | None = None,
    ):
        super().__init__()
        if not 0 <= alpha[0] <= alpha[1] <= 1:
            raise ValueError(f"alpha must rise from 0 to 1, got {alpha!r}.")
        self.bank = bank if isinstance(bank, SampleBank) else SampleBank(bank)
        self.alpha = alpha
        self.labels_getter = labels_getter
        self._names = labels_in_bank(self.bank, classes)
        labels = [*self._names, *self.bank.classes.tolist()]
        self.p = shares_by_label(p, self._names, labels)
        self._scales = ScaleComparison()

    def forward(self, *item: Any) -> Any:
        """Return what is given, with another image or the same.

        Parameters
        ----------
        *item : image and label; or a dict, tuple or list

        Returns
        -------
        item
            In the form of the given one.
        """
        given = item if len(item) > 1 else item[0]
        bound = sorted({type(part).__name__ for part in _parts(given) if _is_bound(part)})
        if bound:
            raise ValueError(
                f"RandomReplace was given {bound} with the image; they do not fit another image. "
                "Leave them out, or leave RandomReplace out."
            )
        image, label = split_item(given, self.labels_getter)
        if label is None or not (is_pillow(image) or torch.is_tensor(image)):
            raise ValueError(
                f"no image and label are found in a {type(given).__name__}. Call it with both, as "
                "transform= of a data set does not (see Examples), or pass labels_getter=, a "
                "function of what it is given that finds the label."
            )
        label = single_label(label)
        if torch.rand(()) >= share_of(self.p, label):
            return given
        return with_sample(given, image, self._replacement(image, label))

    def extra_repr(self) -> str:
        """Parameters, as ``repr`` shows them."""
        return f"{self.bank!r}, p={self.p}, alpha={self.alpha}"

    def _replacement(self, image: Any, label: Hashable) -> Any:
        """Synthetic image of a class, or its blend with a real one, in the type of that one."""
        row = row_in_bank(self.bank, self._names, label, int(torch.randint(2**62, ())))
        [sample] = convert(self.bank.take([row]), image)
        problem = difference([image], [sample])
        if not problem and not self._scales.is_done:
            problem = self._scales.difference([_as_array(image)], [_as_array(sample)])
        if problem:
            scaling = "v2.ToDtype(torch.float32, scale=True)"
            place = f"before {scaling} and v2.Normalize"
            if self.bank.dtype.kind == "f":
                place = f"after v2.ToImage and {scaling}, and before v2.Normalize"
            raise ValueError(
                f"images are not like those of {self.bank!r}: {problem}. Put RandomReplace where "
                f"they are alike, such as {place}."
            )
        least, most = self.alpha
        weight = least + (most - least) * float(torch.rand(()))
        return sample if weight == 1 else _blend(image, sample, weight)


def _blend(image: Any, sample: Any, weight: float) -> Any:
    """Weighted mean of two images, in their type."""
    if is_pillow(image):
        from PIL import Image

        return Image.blend(image, sample, weight)
    mixed = torch.lerp(image.float(), sample.float(), weight)
    whole = mixed if image.is_floating_point() else mixed.round()
    return whole.to(image.dtype).as_subclass(type(image))


def _as_array(image: Any) -> np.ndarray:
    return np.asarray(image.detach().cpu() if torch.is_tensor(image) else image)


def _parts(item: Any) -> Iterator[Any]:
    """Parts of an item, also inside of tuples, lists and dicts."""
    if isinstance(item, Mapping):
        item = list(item.values())
    if isinstance(item, tuple | list):
        for part in item:
            yield from _parts(part)
    else:
        yield item


def _is_bound(part: Any) -> bool:
    """True for what torchvision knows to belong to an image, and to no other of its class."""
    kind = type(part)
    return kind.__module__.startswith("torchvision.tv_tensors") and kind.__name__ != "Image"
