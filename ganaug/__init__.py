"""One GAN per class, mixed into a classifier's training set."""

from ganaug.models.classwise import SmallClassWarning
from ganaug.models.table import TableGAN
from ganaug.sampling import multiply

__all__ = ["SmallClassWarning", "TableGAN", "multiply"]
