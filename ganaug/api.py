"""Public names of the package, as ``import ganaug`` gives them."""

from ganaug.banks.sample_bank import SampleBank
from ganaug.classifier import AugmentedClassifier
from ganaug.comparing import compare
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
