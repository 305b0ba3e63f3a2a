"""Training from images in files: one of HDF5, or a folder of them for each class."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from ganaug.encoding.hdf5_file import Hdf5Samples
from ganaug.encoding.image_folder import ImageFolder
from ganaug.models.out_of_core import OutOfCoreMixin, Source, join_arrays


class HDF5FileMixin(OutOfCoreMixin):
    """Gives a model ``fit_file`` and ``fit_folder``, which call its ``fit``."""

    def fit_file(
        self,
        path: str | Path | Hdf5Samples,
        data: str = "X",
        target: Any = "y",
        labels: Any = None,
        max_samples: int | None = None,
        checkpoint: Any = None,
    ) -> Self:
        """Train the generators from an HDF5 file that may be larger than memory.

        Parameters
        ----------
        path : path
        data : str, default="X"
            Name of the dataset of samples in the file, with its groups: "train/X".
        target : str or array-like, default="y"
            Name of the dataset of labels, or the labels themselves.
        labels : array-like or None, default=None
            As in ``fit``.
        max_samples : int or None, default=None
            Samples that are held in memory at most, one for each class at least: random
            ones, and only the largest classes give some up. None holds 256 MiB of them.
        checkpoint : path or None, default=None
            As in ``fit``.

        Returns
        -------
        self
            Fitted; ``class_counts_`` counts all samples. In a ``torch.distributed`` group each
            rank reads all labels and a share of the samples, and has those of the others sent.

        Raises
        ------
        FileNotFoundError, OSError
            If there is no such file.
        ValueError
            If it is no HDF5 file, lacks a dataset, or holds another number of labels
            than of samples; and as ``fit`` does.

        Examples
        --------
        >>> import h5py, tempfile
        >>> from sklearn.datasets import load_digits
        >>> from ganaug import ImageGAN
        >>> digits = load_digits(n_class=2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with h5py.File(f"{folder}/digits.h5", "w") as file:
        ...         file["train/X"], file["train/y"] = digits.images, digits.target
        ...     gan = ImageGAN(n_steps=2, random_state=0)
        ...     gan = gan.fit_file(f"{folder}/digits.h5", "train/X", "train/y")
        >>> gan.class_counts_
        {0: 178, 1: 182}
        """
        with self._fitting():
            file = path if isinstance(path, Hdf5Samples) else Hdf5Samples(path, data, target)
            return self._fit_source(_source(file), labels, max_samples, checkpoint)

    def fit_folder(
        self,
        path: str | Path | ImageFolder,
        size: int | Sequence[int] | None = None,
        labels: Any = None,
        max_samples: int | None = None,
        checkpoint: Any = None,
    ) -> Self:
        """Train the generators from a folder that holds a folder of images for each class.

        Images are read one by one, as ``ganaug.read_image_folder`` reads them; the labels are the
        names of their folders.

        Parameters
        ----------
        path : path
        size : int, (height, width) or None, default=None
            Size to which images are brought: the middle of that shape is cut out and made
            smaller or larger. None takes them as they are, if they are of one size.
        labels : array-like or None, default=None
            As in ``fit``.
        max_samples : int or None, default=None
            Images that are held in memory at most, one for each class at least: random
            ones, and only the largest classes give some up. None holds 256 MiB of them.
        checkpoint : path or None, default=None
            As in ``fit``.

        Returns
        -------
        self
            Fitted; ``class_counts_`` counts all images. In a ``torch.distributed`` group each
            rank reads the headers of all images and the pixels of a share, and has those of the
            others sent.

        Raises
        ------
        FileNotFoundError, OSError
            If there is no such folder.
        ValueError
            If it holds no such images, or they are too large or of different sizes and no
            ``size`` is given; and as ``fit`` does.
        """
        with self._fitting():
            folder = path if isinstance(path, ImageFolder) else ImageFolder(path, size)
            return self._fit_source(_source(folder), labels, max_samples, checkpoint)


def _source(file: Hdf5Samples | ImageFolder) -> Source:
    return Source(
        lambda mask: [file.samples(mask)], join_arrays, file.labels, math.prod(file.shape[1:])
    )
