"""export_onnx: networks of images for programs without torch."""

import copy
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from ganaug.models.discriminator_backbone import DiscriminatorBackbone
from ganaug.storage.atomic import atomic_write
from ganaug.training.defaults import torch_defaults
from ganaug.training.networks.generator_module import GeneratorModule

# Batch that the exporter follows through the network: one of 1 would be taken for a constant.
EXAMPLE_BATCH = 2


@torch_defaults()
def export_onnx(
    module: GeneratorModule | DiscriminatorBackbone, path: str | Path, overwrite: bool = False
) -> None:
    """Write a network of images to an ONNX file, for batches of any size.

    The network has one input, "noise" or "images", and one output, "images" or "features". It
    takes two more packages: ``pip install ganaug[onnx]``.

    Parameters
    ----------
    module : GeneratorModule or DiscriminatorBackbone
        What ``ImageGAN.generator_module`` and ``ImageGAN.backbone`` give.
    path : path
    overwrite : bool, default=False
        True replaces a file of that name.

    Raises
    ------
    ImportError
        Where ``onnx`` or ``onnxscript`` is not installed.
    FileExistsError
        If there is such a file and it is not to be overwritten.
    TypeError
        For any other module: ``torch.onnx.export`` takes it.
    OSError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.datasets import load_digits
    >>> from ganaug import ImageGAN, export_onnx
    >>> gan = ImageGAN(n_steps=2, random_state=0).fit(load_digits().images[:50])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_onnx(gan.generator_module(0), f"{folder}/generator.onnx")
    """
    if not isinstance(module, GeneratorModule | DiscriminatorBackbone):
        raise TypeError(
            f"module must be what ImageGAN.generator_module or ImageGAN.backbone gives, got "
            f"{type(module).__name__}; torch.onnx.export takes any module."
        )
    try:
        import onnxscript  # noqa: F401 - torch's exporter needs it, and says so less clearly
    except ImportError as error:
        raise ImportError("export_onnx needs two more packages: pip install onnx onnxscript") from (
            error
        )
    names = ("noise", "images")
    if isinstance(module, DiscriminatorBackbone):
        names = ("images", "features")
    example = torch.zeros(EXAMPLE_BATCH, *module.input_shape)
    with atomic_write(path, overwrite) as unfinished, _without_hints():
        program = torch.onnx.export(
            copy.deepcopy(module).cpu().eval(),
            (example,),
            input_names=names[:1],
            output_names=names[1:],
            dynamic_shapes=({0: torch.export.Dim("n")},),
            verbose=False,
        )
        if program is None:
            raise RuntimeError("torch.onnx.export returned no program.")
        program.save(unfinished)


@contextmanager
def _without_hints() -> Iterator[None]:
    """Context in which the exporter is silent about torchvision and torch's own deprecations."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        logger.setLevel(level)
