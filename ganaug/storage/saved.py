"""``save`` for estimators."""

import copy
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, ClassVar

from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from ganaug.ranks import is_first_rank
from ganaug.storage.atomic import atomic_write
from ganaug.storage.fields import collect_attributes, set_attributes
from ganaug.storage.sealed import create_file
from ganaug.storage.tree import to_datasets
from ganaug.version import __version__


class SaveMixin:
    """Gives an estimator ``save``; ``ganaug.load`` brings it back.

    What a file holds of it are its parameters, and the record ``STATE`` of its fitted state.
    """

    # A dataclass whose fields are attributes of the fitted estimator.
    STATE: ClassVar[type]

    # Parameters that no file can hold: of these it holds the repr.
    SAVED_AS_REPR: ClassVar[tuple[str, ...]] = ()

    # Parameters that a file does not hold: what is loaded has their defaults.
    NOT_SAVED: ClassVar[tuple[str, ...]] = ()

    def save(self, path: str | Path, overwrite: bool = False, without_rows: bool = False) -> None:
        """Write the fitted estimator to an HDF5 file, from which ``ganaug.load`` brings it back.

        A file is complete or not there at all: an older one stays whole until the new one
        takes its place. It holds no code, and of no device. Loaded, the estimator goes on
        as this one would: its next samples are the same.

        A file holds training data: up to 10,000 rows of each class of a table, all training
        images, and what generators draw from. It is as confidential as these.

        Parameters
        ----------
        path : path
        overwrite : bool, default=False
            True replaces a file of that name.
        without_rows : bool, default=False
            True leaves training rows and images out. What is loaded then draws the same samples,
            but ``evaluate`` and pictures of real samples beside generated ones need them. The
            file still holds up to 10,000 values of each column of a table, all its levels, and
            networks that have learnt from the rows: it is no proof of anonymity.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        FileExistsError
            If there is such a file and it is not to be overwritten.
        OSError
            If it cannot be written.
        TypeError
            Where a parameter or a value is nothing that a file can hold, such as a
            function; names it.
        ValueError
            For an estimator that could not be loaded again, as its parameters no longer
            fit what was trained; without rows, for one that draws from them: small classes,
            ``n_steps=0``, levels that are those of one row, translated images.

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
        write_object(self._without_samples() if without_rows else self, path, overwrite)

    def _without_samples(self) -> Any:
        """Copy that holds no training samples, in itself and in the models that it holds.

        Raises
        ------
        ValueError
            Where it draws from them.
        """
        bare = copy.copy(self)
        for name, value in vars(self).items():
            setattr(bare, name, _without_samples(value))
        return bare

    def _fitted_state(self) -> Any:
        """Record of what ``fit`` has set; None before.

        Raises
        ------
        ValueError
            Where it does not go with the parameters.
        """
        try:
            check_is_fitted(self)
        except NotFittedError:
            return None
        state = collect_attributes(self, self.STATE)
        self._check_state(state)
        return state

    def _set_fitted_state(self, state: Any) -> None:
        """Become what another estimator of the same parameters was when it gave this record.

        Raises
        ------
        ValueError
            Where it does not go with the parameters.
        """
        self._check_state(state)
        set_attributes(self, state)

    def _check_state(self, state: Any) -> None:
        """Raise a ValueError for a record that does not go with the parameters."""


def _without_samples(value: Any) -> Any:
    """An estimator, or estimators, without training samples; any other value as it is."""
    if isinstance(value, FrozenEstimator):
        return FrozenEstimator(_without_samples(value.estimator))
    if isinstance(value, list):
        return [_without_samples(item) for item in value]
    return value._without_samples() if isinstance(value, SaveMixin) else value


def write_object(value: Any, path: str | Path, overwrite: bool) -> None:
    """Write an estimator or a network to a file for ``ganaug.load``; of ranks the first does."""
    if not is_first_rank():
        return
    # the file that is there is looked at before the work begins, so that what another
    # process writes meanwhile is not lost
    with atomic_write(path, overwrite) as unfinished:
        datasets = to_datasets({"versions": versions(), "object": value})
        with create_file(unfinished, "model", datasets, overwrite=True):
            pass


def versions() -> dict[str, str]:
    """Versions of this package and of those that its results depend on."""
    return {"ganaug": __version__, **_versions_of_others()}


@cache
def _versions_of_others() -> dict[str, str]:
    installed = {}
    for name in ("numpy", "pandas", "scikit-learn", "torch"):
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            installed[name] = "not installed"
    return installed
