"""Policies of augmentation: changes that leave an image in its class, by name."""

from collections.abc import Sequence

from ganaug.training.diffaug import KINDS

# Kinds of changes that images go through without ceasing to be of their class.
POLICIES = {
    "photo": ("affine", "flip", "color", "cutout"),
    "grey": ("affine", "color", "cutout"),
    "symbol": ("affine",),
}


def augmentation_kinds(augment: str | Sequence[str] | None, n_channels: int) -> tuple[str, ...]:
    """Kinds of differentiable augmentation that ``ImageGAN(augment=...)`` stands for.

    Raises
    ------
    ValueError
        For an unknown name.

    Examples
    --------
    >>> augmentation_kinds("grey", 1), augmentation_kinds(None, 3)
    (('affine', 'color', 'cutout'), ())
    """
    if augment is None:
        return ()
    if augment == "auto":
        return ("affine", "color") if n_channels > 1 else ("affine",)
    if isinstance(augment, str):
        return POLICIES[augment]
    unknown = [kind for kind in augment if kind not in KINDS]
    if unknown:
        raise ValueError(
            f"augment names {unknown[0]!r}; known are {', '.join(map(repr, KINDS))}, or one of "
            f"{', '.join(map(repr, POLICIES))}."
        )
    return tuple(augment)
