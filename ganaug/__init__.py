"""One GAN per class, mixed into a classifier's training set."""

import importlib
from typing import TYPE_CHECKING, Any

# before all that takes a while
import ganaug.startup  # noqa: F401

# isort: split
from ganaug.banks.sample_bank import SampleBank
from ganaug.classifier import AugmentedClassifier
from ganaug.compare import compare
from ganaug.datasets.augmented import AugmentedDataset
from ganaug.datasets.batch import BatchAugment
from ganaug.datasets.replace import RandomReplace
from ganaug.datasets.synthetic import SyntheticDataset
from ganaug.discriminator_classifier import DiscriminatorClassifier
from ganaug.encoding.image_folder import read_image_folder
from ganaug.encoding.keypoints import keypoint_maps
from ganaug.loading import load
from ganaug.models.class_translator import ClassTranslator
from ganaug.models.image import ImageGAN
from ganaug.models.paired_translator import PairedTranslator
from ganaug.models.sequence import SequenceGAN
from ganaug.models.super_resolver import SuperResolver
from ganaug.models.table import TableGAN
from ganaug.network_features import NetworkFeatures
from ganaug.onnx import export_onnx
from ganaug.sampler import GANOverSampler
from ganaug.strategy import multiply
from ganaug.trainers.tiers import SmallClassWarning
from ganaug.trainers.training_status import TrainingStatus
from ganaug.transformers import DiscriminatorFeatures, GANMixer
from ganaug.version import __version__ as __version__

__all__ = [
    "AugmentedClassifier",
    "AugmentedDataset",
    "BatchAugment",
    "ClassTranslator",
    "DiscriminatorClassifier",
    "DiscriminatorFeatures",
    "GANMixer",
    "GANOverSampler",
    "ImageGAN",
    "NetworkFeatures",
    "PairedTranslator",
    "RandomReplace",
    "SampleBank",
    "SequenceGAN",
    "SmallClassWarning",
    "SuperResolver",
    "SyntheticDataset",
    "TableGAN",
    "TrainingStatus",
    "compare",
    "export_onnx",
    "keypoint_maps",
    "load",
    "multiply",
    "read_image_folder",
]

if TYPE_CHECKING:
    from ganaug import report as report
    from ganaug import transforms as transforms
else:

    def __getattr__(name: str) -> Any:
        """Import what takes a while, when it is asked for."""
        if name in ("report", "transforms"):
            return importlib.import_module(f"ganaug.{name}")
        raise AttributeError(f"module 'ganaug' has no attribute {name!r}")
