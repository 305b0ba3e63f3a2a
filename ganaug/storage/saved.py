"""``save`` for estimators."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sklearn.utils.validation import check_is_fitted

from ganaug.storage.sealed import new_file
from ganaug.storage.tree import to_datasets


class Saved:
    """Gives an estimator ``save``; ``ganaug.load`` brings it back."""

    def save(self, path: str | Path, overwrite: bool = False) -> None:
        """Write the fitted estimator to an HDF5 file, from which ``ganaug.load`` brings it back.

        A file is complete or not there at all: an older one stays whole until the new one
        takes its place. It holds no code, and of no device. Loaded, the estimator goes on
        as this one would: its next samples are the same.

        Parameters
        ----------
        path : path
        overwrite : bool, default=False
            True replaces a file of that name.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        FileExistsError
            If there is such a file and it is not to be overwritten.
        OSError
            If it cannot be written.
        TypeError
            Where a parameter is nothing that a file can hold, such as a function.

        Examples
        --------
        >>> import tempfile
        >>> from ganaug import TableGAN, load
        >>> gan = TableGAN(n_steps=5, random_state=0).fit([[0.1], [0.2]] * 10)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     gan.save(f"{folder}/gan.h5")
        ...     again = load(f"{folder}/gan.h5")
        >>> bool((again.sample(3)[0] == gan.sample(3)[0]).all())
        True
        """
        check_is_fitted(self)
        with new_file(
            path, "model", to_datasets({"versions": versions(), "object": self}), overwrite
        ):
            pass


def versions() -> dict[str, str]:
    """Of this package and of those that its results depend on."""
    found = {}
    for name in ("ganaug", "numpy", "pandas", "scikit-learn", "torch"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
