"""GANReplace: the face for albumentations. Nothing else imports that library."""

import random
from typing import Any

import albumentations as A  # noqa: N812 - as its users write it
import numpy as np
from albumentations.core.transforms_interface import BaseTransformInitSchema
from torch.utils.data import get_worker_info

from ganaug.banks.sample_bank import SampleBank

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

    Parameters
    ----------
    bank_path : str
        File of a ``SampleBank`` of images, uint8 or float32, in the size of those that
        reach this transform.
    label_key : str, default="label"
        Name of the argument that holds the label.
    alpha : (float, float), default=(1.0, 1.0)
        Range of the weight of the synthetic image: (1, 1) replaces, lower ones blend.
    p : float, default=0.5
        Probability that an image is replaced.

    Raises
    ------
    ValueError
        For a mask, boxes or keypoints, which would no longer fit the image; an image of
        another shape or type than the bank's; parameters out of range.
    KeyError
        For a label that the bank does not hold.
    FileNotFoundError
        If there is no such bank, when the first image is replaced.

    Targets
        image

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

        bank_path: str
        label_key: str
        alpha: tuple[float, float]

    def __init__(
        self,
        bank_path: str,
        label_key: str = "label",
        alpha: tuple[float, float] = (1.0, 1.0),
        p: float = 0.5,
    ):
        super().__init__(p=p)
        if not 0 <= alpha[0] <= alpha[1] <= 1:
            raise ValueError(f"alpha must rise from 0 to 1, got {alpha!r}.")
        self.bank_path = bank_path
        self.label_key = label_key
        self.alpha = alpha
        self._bank: SampleBank | None = None
        self._seeded_for: int | None = None
        self._other_names: dict[str, str] = {}

    def add_targets(self, additional_targets: dict[str, str]) -> None:
        """Learn what a pipeline's other targets are, so that masks by any name are refused."""
        super().add_targets(additional_targets)
        self._other_names.update(additional_targets)

    @property
    def targets_as_params(self) -> list[str]:
        """Names of arguments of a call that this transform reads."""
        return [self.label_key]

    def __call__(self, *args: Any, force_apply: bool = False, **data: Any) -> Any:
        """Transform an image, which comes with its label."""
        worker = get_worker_info()
        # albumentations 2.0.8 hands every worker, in every epoch, the same random numbers
        if worker is not None and worker.seed != self._seeded_for:
            self._seeded_for = worker.seed
            seed_word = 0 if self.seed is None else self.seed + 1
            first, second = np.random.SeedSequence([worker.seed, seed_word]).spawn(2)
            numbers = random.Random(int(second.generate_state(1)[0]))
            self.set_random_state(np.random.default_rng(first), numbers)
        return super().__call__(*args, force_apply=force_apply, **data)

    def get_params_dependent_on_data(
        self, params: dict[str, Any], data: dict[str, Any]
    ) -> dict[str, Any]:
        """Choose the synthetic image and its weight."""
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
        if self._bank is None:
            self._bank = SampleBank(self.bank_path)
        label = data[self.label_key]
        label = label.item() if hasattr(label, "item") else label
        row = self._bank.row_of(label, int(self.random_generator.integers(2**63)))
        # the number of a sample, and not the sample, is what replays record
        return {"row": row, "weight": float(self.random_generator.uniform(*self.alpha))}

    def apply(self, img: np.ndarray, row: int, weight: float, **params: Any) -> np.ndarray:
        """Return the synthetic image, or its blend with the real one."""
        assert self._bank is not None
        sample = self._bank[row]
        # grey images may have a channel or not
        if sample.size == img.size and 1 in (sample.shape[-1], img.shape[-1]):
            sample = sample.reshape(img.shape)
        if sample.shape != img.shape or sample.dtype != img.dtype:
            raise ValueError(
                f"the image is {img.dtype} of the shape {img.shape}; {self._bank!r} holds "
                f"{sample.dtype} of the shape {sample.shape}. Put GANReplace where they are alike."
            )
        if weight == 1:
            return np.array(sample)
        mixed = (1 - weight) * img.astype(np.float32) + weight * sample.astype(np.float32)
        return (np.rint(mixed) if img.dtype == np.uint8 else mixed).astype(img.dtype)

    def get_transform_init_args_names(self) -> tuple[str, ...]:
        """Names of parameters that ``A.to_dict`` keeps."""
        return ("bank_path", "label_key", "alpha")
