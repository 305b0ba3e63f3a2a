"""GANReplace: the face for albumentations. Nothing else imports that library."""

import random
import warnings
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import albumentations as A  # noqa: N812 - as its users write it
import numpy as np
from albumentations.core.transforms_interface import BaseTransformInitSchema
from torch.utils.data import get_worker_info

from ganaug.banks.class_names import labels_in_bank, row_in_bank
from ganaug.banks.sample_bank import SampleBank
from ganaug.encoding.dataset import single_label
from ganaug.encoding.scale import ScaleComparison
from ganaug.ranks import process_rank

# Targets that are replaced.
IMAGE_TARGETS = ("image", "images")

# Targets that belong to an image, and to no other of its class.
IMAGE_BOUND_TARGETS = (
    "mask",
    "masks",
    "bboxes",
    "keypoints",
    "volume",
    "volumes",
    "mask3d",
    "masks3d",
)


class GANReplace(A.ImageOnlyTransform):
    """Replace an image by a synthetic one of its class, or blend the two.

    Call the pipeline with the label beside the image:
    ``pipeline(image=image, label=3)["image"]``. In workers of a ``DataLoader`` each
    worker and epoch draws other samples, and the same where torch is seeded alike.

    Additional targets of the type "image", and each of ``images``, get samples of their own, of
    the class of the image, or where that is given of their own: ``negative_label=5`` beside
    ``negative=other``.

    Parameters
    ----------
    bank_path : str or Path
        File of a ``SampleBank`` of images, uint8 or float32, in the size and on the scale of
        those that reach this transform. It is kept as an absolute path.
    label_key : str, default="label"
        Name of the argument that holds the label.
    alpha : (float, float), default=(1.0, 1.0)
        Range of the weight of the synthetic image: (1, 1) replaces, lower ones blend.
    p : float, default=0.5
        Probability that an image is replaced.
    classes : sequence or None, default=None
        Names of the classes that the labels 0, 1, ... stand for, where the bank has names.

    Raises
    ------
    ValueError
        For ``classes`` of which the bank holds none, when the first image is replaced;
        for a mask, boxes or keypoints, which would no longer fit the image; an image of
        another shape or type than the bank's, or on another scale; a replay for an image of
        another class; parameters out of range.
    KeyError
        For a label that the bank does not hold.
    FileNotFoundError
        If there is no such bank, when the first image is replaced.

    Targets
        image, images

    See Also
    --------
    ganaug.SampleBank.create : Draws a model's samples into such a file.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> images = np.full((4, 32, 32, 3), 200, dtype=np.uint8)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     bank = SampleBank.from_arrays(f"{folder}/bank.h5", images, ["cat"] * 4)
    ...     pipeline = A.Compose([GANReplace(f"{folder}/bank.h5", p=1.0), A.HorizontalFlip(p=0.5)])
    ...     new = pipeline(image=np.zeros((32, 32, 3), np.uint8), label="cat")["image"]
    >>> int(new.min())
    200
    """

    class InitSchema(BaseTransformInitSchema):
        """Types of the parameters, which albumentations checks."""

        bank_path: str | Path
        label_key: str
        alpha: tuple[float, float]
        classes: Sequence[str | int] | None

    def __init__(
        self,
        bank_path: str | Path,
        label_key: str = "label",
        alpha: tuple[float, float] = (1.0, 1.0),
        p: float = 0.5,
        classes: Sequence[str | int] | None = None,
    ):
        super().__init__(p=p)
        if not 0 <= alpha[0] <= alpha[1] <= 1:
            raise ValueError(f"alpha must rise from 0 to 1, got {alpha!r}.")
        # programs change their working directory
        self.bank_path = str(Path(bank_path).absolute())
        self.label_key = label_key
        self.alpha = alpha
        self.classes = None if classes is None else list(classes)
        self._bank: SampleBank | None = None
        self._names: dict[Any, Hashable] = {}
        self._scales = ScaleComparison()
        self._seeded_for: list[int] | None = None
        self._other_names: dict[str, str] = {}

    def add_targets(self, additional_targets: dict[str, str]) -> None:
        """Learn what a pipeline's other targets are, so that masks by any name are refused."""
        super().add_targets(additional_targets)
        self._other_names.update(additional_targets)

    @property
    def available_keys(self) -> set[str]:
        """Names of arguments of a call that this transform knows, labels of others among them."""
        labels = {f"{name}_{self.label_key}" for name in self._other_names}
        return super().available_keys | labels

    @property
    def targets_as_params(self) -> list[str]:
        """Names of arguments of a call that this transform reads."""
        return [self.label_key]

    def set_deterministic(self, flag: bool, save_key: str = "replay") -> Any:
        """Record what is drawn, for replays, or no longer."""
        with warnings.catch_warnings():
            # the labels of replays are checked
            warnings.filterwarnings("ignore", ".*could work incorrectly in ReplayMode")
            return super().set_deterministic(flag, save_key)

    def __call__(self, *args: Any, force_apply: bool = False, **data: Any) -> Any:
        """Transform an image, which comes with its label."""
        words = self._seed_words()
        if words is not None and words != self._seeded_for:
            self._seeded_for = words
            first, second = np.random.SeedSequence(words).spawn(2)
            numbers = random.Random(int(second.generate_state(1)[0]))
            self.set_random_state(np.random.default_rng(first), numbers)
        if self.replay_mode and self.applied_in_replay:
            self._check_replay(data)
        return super().__call__(*args, force_apply=force_apply, **data)

    def _seed_words(self) -> list[int] | None:
        """Seed of this process, where albumentations 2.0.8 gives all the same random numbers.

        It does so to every worker, in every epoch, and where it has a seed to every rank.
        """
        worker = get_worker_info()
        rank = process_rank()
        seed = 0 if self.seed is None else self.seed + 1
        if worker is None:
            return [seed, rank] if seed and rank else None
        return [worker.seed, seed, rank] if rank else [worker.seed, seed]

    def get_params_dependent_on_data(
        self, params: dict[str, Any], data: dict[str, Any]
    ) -> dict[str, Any]:
        """Choose a synthetic image and its weight for each real one."""
        self._check_alone(data)
        chosen: dict[str, Any] = {}
        for name, value in data.items():
            kind = self._other_names.get(name, name)
            if value is None or kind not in IMAGE_TARGETS:
                continue
            label = self._label_of(name, data)
            chosen[name] = {"label": label}
            if kind == "image":
                chosen[name] |= self._choose(label)
            else:
                chosen[name]["choices"] = [self._choose(label) for _ in value]
        return {"chosen": chosen}

    def apply_with_params(self, params: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Replace each image by the one that was chosen for it."""
        replaced = dict(kwargs)
        for name, choice in params["chosen"].items():
            if kwargs.get(name) is not None:
                replaced |= super().apply_with_params(choice, **{name: kwargs[name]})
        return replaced

    def apply(self, img: np.ndarray, row: int, weight: float, **params: Any) -> np.ndarray:
        """Return the synthetic image, or its blend with the real one."""
        bank = self._opened_bank()
        sample = bank[row]
        # grey images may have a channel or not
        if sample.shape[:2] == img.shape[:2] and sample.size == img.size:
            sample = sample.reshape(img.shape)
        if sample.shape != img.shape or sample.dtype != img.dtype:
            place = "after" if sample.dtype.kind == "f" else "before"
            raise ValueError(
                f"the image is {img.dtype} of the shape {img.shape}; {bank!r} holds "
                f"{sample.dtype} of the shape {sample.shape}. Put GANReplace where they are alike, "
                f"such as {place} A.ToFloat."
            )
        problem = "" if self._scales.is_done else self._scales.difference([img], [sample])
        if problem:
            raise ValueError(
                f"images are on another scale than those of {bank!r}: {problem}. Put GANReplace "
                "where they are alike, such as before A.Normalize."
            )
        if weight == 1:
            return np.array(sample)
        mixed = (1 - weight) * img.astype(np.float32) + weight * sample.astype(np.float32)
        return (np.rint(mixed) if img.dtype == np.uint8 else mixed).astype(img.dtype)

    def apply_to_images(self, images: np.ndarray, *args: Any, **params: Any) -> np.ndarray:
        """Return a synthetic image for each of several."""
        pairs = zip(images, params["choices"], strict=True)
        return np.stack([self.apply(image, **choice) for image, choice in pairs])

    def _opened_bank(self) -> SampleBank:
        if self._bank is None:
            self._bank = SampleBank(self.bank_path)
            self._names = labels_in_bank(self._bank, self.classes)
        return self._bank

    def _label_of(self, name: str, data: dict[str, Any]) -> Any:
        """Label of a target: its own where there is one, else that of the image."""
        return single_label(data.get(f"{name}_{self.label_key}", data.get(self.label_key)))

    def _choose(self, label: Any) -> dict[str, Any]:
        """Number of a synthetic image, and its weight."""
        bank = self._opened_bank()
        key = int(self.random_generator.integers(2**63))
        row = row_in_bank(bank, self._names, label, key)
        # the number of a sample, and not the sample, is what replays record
        return {"row": row, "weight": float(self.random_generator.uniform(*self.alpha))}

    def _check_alone(self, data: dict[str, Any]) -> None:
        """Raise a ValueError for what would no longer fit the image."""
        bound = [
            name
            for name, value in data.items()
            if value is not None and self._other_names.get(name, name) in IMAGE_BOUND_TARGETS
        ]
        if bound:
            raise ValueError(
                f"GANReplace was given {bound} with the image; they do not fit another image. "
                "Leave them out, or leave GANReplace out."
            )

    def _check_replay(self, data: dict[str, Any]) -> None:
        """Raise a ValueError where a replay would give an image another class."""
        self._check_alone(data)
        for name, choice in self.params["chosen"].items():
            label = self._label_of(name, data)
            if label is not None and label != choice["label"]:
                raise ValueError(
                    f"the replay puts a sample of class {choice['label']!r} in the place of "
                    f"{name}, which has the label {label!r}. Replay it for images of its class."
                )

    def get_transform_init_args_names(self) -> tuple[str, ...]:
        """Names of parameters that ``A.to_dict`` keeps."""
        return ("bank_path", "label_key", "alpha", "classes")
