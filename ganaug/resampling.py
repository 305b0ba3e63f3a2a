"""Resampling by a model: check, clone, fit the wanted classes, draw, join."""

from collections.abc import Collection, Hashable, Iterator
from contextlib import contextmanager
from inspect import signature
from typing import Annotated, Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn import config_context
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils import InputTags, column_or_1d, get_tags
from sklearn.utils.validation import has_fit_parameter

from ganaug.encoding.casting import cast, underlying_dtype
from ganaug.encoding.dataset import stack_pictures
from ganaug.encoding.frames import cast_like, column_names, is_frame, library_of, to_pandas
from ganaug.encoding.rows import join_rows, take_rows
from ganaug.models.image import ImageGAN
from ganaug.models.protocol import Model
from ganaug.models.table import TableGAN
from ganaug.progress import progress
from ganaug.randomness import SEED_LIMIT
from ganaug.storage.fields import Methods
from ganaug.strategy import class_counts
from ganaug.unlabeled import UnlabeledRows, split_unlabeled
from ganaug.validation import HasMethods, check_lengths, check_one_type, check_targets

# Constraint of every face's ``gan`` parameter.
GAN_CONSTRAINT = [HasMethods(["fit", "sample"]), None]

# Of the model that a file holds of a fitted face.
SavedGAN = Annotated[BaseEstimator, Methods(("fit", "sample"))]


def input_tags(gan: Model | None) -> InputTags:
    """Input tags of a model or classifier; those of ``TableGAN`` for None.

    Of one that has no tags, as sktime's, they say that it takes plain numbers.
    """
    model = TableGAN() if gan is None else gan
    return get_tags(model).input_tags if hasattr(model, "__sklearn_tags__") else InputTags()


def array_checks(tags: InputTags) -> dict[str, Any]:
    """Arguments of ``sklearn.utils.check_array`` for samples of a model with such tags."""
    return {
        "dtype": None if tags.string else "numeric",
        "ensure_all_finite": "allow-nan" if tags.allow_nan else True,
        "accept_sparse": ["csr", "csc"],
        "allow_nd": True,
    }


def restrict_tags(tags: InputTags, *others: InputTags) -> None:
    """Have tags say that strings, categories and gaps are taken where all others take them."""
    for name in ("string", "categorical", "allow_nan"):
        setattr(tags, name, all(getattr(other, name) for other in others))


def default_gan(parameters: Collection[str], images: Any = ImageGAN) -> Any:
    """Model that None stands for where only names of its parameters are known.

    Parameters
    ----------
    parameters : collection of str
    images : callable, default=ImageGAN
        Makes the default model of images.

    Returns
    -------
    TableGAN or ImageGAN
        A model of images where these have a parameter of these names that those of rows lack.

    Examples
    --------
    >>> default_gan(["n_steps"]), default_gan(["augment"])
    (TableGAN(), ImageGAN())
    """
    unknown = set(parameters) - set(TableGAN().get_params())
    return images() if unknown & set(ImageGAN().get_params()) else TableGAN()


def default_model(X: Any) -> Any:
    """Model that None stands for, by the shape of rows or images."""
    return TableGAN() if len(X.shape) == 2 else ImageGAN()


def clone_seeded(gan: Model | None, X: Any, rng: np.random.RandomState) -> Any:
    """Unfitted copy of ``gan``, seeded where it has no seed of its own.

    Parameters
    ----------
    gan : model or None
        None takes ``TableGAN()`` for rows, ``ImageGAN()`` for images. A
        ``FrozenEstimator`` stays fitted.
    X : array or DataFrame
        Samples that it will be fitted on.
    rng : RandomState

    Raises
    ------
    ValueError
        If ``gan`` is None and X holds neither rows nor images, or is a ``TableGAN`` and X holds
        images.
    """
    if gan is None and len(X.shape) not in (2, 3, 4):
        raise ValueError(
            f"X has {len(X.shape)} dimensions; TableGAN takes rows (n, features), ImageGAN images "
            "(n, height, width[, channels]), SequenceGAN sequences (n, steps[, channels]). Pass "
            "gan=, a model for such samples."
        )
    if isinstance(gan, TableGAN) and len(X.shape) in (3, 4):
        raise ValueError(
            f"X has {len(X.shape)} dimensions, as images have, and gan={gan} takes rows. Pass "
            "gan=ImageGAN(), or for sequences gan=SequenceGAN(): of gan=None, parameters such as "
            "gan__n_steps are TableGAN's."
        )
    model = clone(default_model(X) if gan is None else gan)
    seed = int(rng.randint(SEED_LIMIT))
    if model.get_params().get("random_state", 0) is None:
        model.set_params(random_state=seed)
    return model


def drop_callback(gan: Model | None) -> Any:
    """The model, or a copy of it to be tried on parts of the data, which nobody watches."""
    if gan is None or isinstance(gan, FrozenEstimator) or not hasattr(gan, "get_params"):
        return gan
    names = [name for name in gan.get_params() if name.rpartition("__")[2] == "callback"]
    return clone(gan).set_params(**dict.fromkeys(names)) if names else gan


def take_apart(
    X: Any, y: Any, unlabeled_label: Hashable, gan: Model | None
) -> tuple[Any, Any, UnlabeledRows | None]:
    """Rows of classes, their labels, and the rows without a class, as ``split_unlabeled`` does.

    Images of PIL in a list become one array.

    Raises
    ------
    ValueError
        Also for samples of different lengths, for labels that are missing, and for a model that
        marks rows otherwise than the face that it serves.
    """
    X = stack_pictures(X)
    check_lengths(X)
    y = check_targets(y)
    of_model = getattr(gan, "unlabeled_label", None)
    if of_model not in (None, unlabeled_label):
        raise ValueError(
            f"gan has unlabeled_label={of_model!r}, and what trains it {unlabeled_label!r}: set it "
            "there, which passes it on."
        )
    X, y, unlabeled = split_unlabeled(X, y, unlabeled_label)
    # before imbalanced-learn tries to sort them
    check_one_type(y)
    return X, y, unlabeled


def with_unlabeled_rows(
    model: Any, X: Any, y: np.ndarray, unlabeled: UnlabeledRows | None
) -> tuple[Any, np.ndarray]:
    """Rows that a model is fitted to: where it can learn from rows without a class, these too.

    It can where it has a parameter ``unlabeled_label``, which is set.
    """
    if unlabeled is None or "unlabeled_label" not in model.get_params():
        return X, y
    model.set_params(unlabeled_label=unlabeled.label)
    return unlabeled.join(X, y)


def fit_classes(
    model: Any,
    X: Any,
    y: np.ndarray,
    labels: list[Hashable],
    unlabeled: UnlabeledRows | None = None,
) -> Any:
    """Train ``model`` for the given classes only.

    A model whose ``fit`` takes ``labels`` sees all rows; another one sees those
    of the given classes. Rows without a class are seen by models that can learn from them.
    """
    # imbalanced-learn switches parameter checks off below fit_resample; the model's own must run
    with config_context(skip_parameter_validation=False):
        if has_fit_parameter(model, "labels"):
            return model.fit(*with_unlabeled_rows(model, X, y, unlabeled), labels=labels)
        rows = np.flatnonzero(np.isin(y, np.array(labels, dtype=y.dtype)))
        return model.fit(*with_unlabeled_rows(model, take_rows(X, rows), y[rows], unlabeled))


@contextmanager
def fit_progress(model: Any, verbose: int) -> Iterator[None]:
    """Context of the fit of a model, which shows how far it has come where that is wanted.

    A model with a parameter ``verbose`` shows it itself; of others the time is shown. The parameter
    is as before afterwards.

    Parameters
    ----------
    model : unfitted model
    verbose : int
        0 leaves it to the model.
    """
    own = model.get_params(deep=False).get("verbose") if hasattr(model, "get_params") else None
    if not verbose or own:
        yield
    elif own is None:
        with progress(1, type(model).__name__, "fit", verbose) as on_fit:
            yield
            on_fit(1)
    else:
        model.set_params(verbose=verbose)
        try:
            yield
        finally:
            model.set_params(verbose=own)


def draw_samples(
    model: Any, counts: dict[Hashable, int], rng: np.random.RandomState
) -> tuple[Any, np.ndarray]:
    """Samples of a model and their labels, seeded where it takes a seed.

    Raises
    ------
    ValueError
        If it draws other numbers of samples than it was asked for.
    """
    takes_seed = "random_state" in signature(model.sample).parameters
    seed = {"random_state": int(rng.randint(SEED_LIMIT))} if takes_seed else {}
    drawn = model.sample(counts, **seed)
    if not (isinstance(drawn, tuple) and len(drawn) == 2):
        raise ValueError(
            f"{type(model).__name__}.sample must return samples and their labels, (X, y); it "
            f"returned a {type(drawn).__name__}."
        )
    X = drawn[0] if hasattr(drawn[0], "shape") else np.asarray(drawn[0])
    y = column_or_1d(drawn[1])
    sizes = class_counts(y)
    for label, n in counts.items():
        if sizes.get(label, 0) != n:
            raise ValueError(
                f"{type(model).__name__}.sample drew {sizes.get(label, 0)} samples of class "
                f"{label!r}; {n} were asked for."
            )
    if len(y) != sum(counts.values()) or X.shape[0] != len(y):
        raise ValueError(
            f"{type(model).__name__}.sample drew {X.shape[0]} samples and {len(y)} labels; "
            f"{sum(counts.values())} were asked for."
        )
    return X, y


def append_samples(
    model: Any,
    X: Any,
    y: np.ndarray,
    counts: dict[Hashable, int],
    rng: np.random.RandomState,
    columns: Any = None,
) -> tuple[Any, np.ndarray]:
    """Real rows first and unchanged, then synthetic ones, class by class.

    Parameters
    ----------
    model : fitted model
    X, y : rows and their classes
    counts : dict of label to int
        Rows to add to each class.
    rng : RandomState
    columns : array of str or None
        Names of the columns of X, where X is an array that was made of a DataFrame.

    Returns
    -------
    X : rows of the type of X
    y : (n + added,) array

    Raises
    ------
    ValueError
        If a model that was fitted before does not draw rows like those of X.
    """
    X_new, y_new = draw_samples(model, counts, rng)
    X_new = convert_like(X_new, X, columns)
    return join_rows([X, X_new]), np.concatenate([y, np.asarray(y_new, dtype=y.dtype)])


def convert_like(X_new: Any, X: Any, columns: Any = None) -> Any:
    """Drawn rows in the columns, the order, the type and the range of X.

    Raises
    ------
    ValueError
        If they have other columns, or another shape.
    """
    names = column_names(X) if is_frame(X) else columns
    if is_frame(X_new):
        if names is not None and set(column_names(X_new)) != set(names):
            raise ValueError(
                f"gan draws rows with the columns {column_names(X_new)}; X has {list(names)}."
            )
        if library_of(X_new) is not None and library_of(X) is None:
            X_new = to_pandas(X_new)
            X_new = _in_dtypes(X_new, X) if isinstance(X, pd.DataFrame) else X_new
        if isinstance(X_new, pd.DataFrame) and names is not None:
            X_new = X_new[list(names)]
    if X_new.shape[1:] != X.shape[1:]:
        raise ValueError(f"gan draws rows of the shape {X_new.shape[1:]}; X has {X.shape[1:]}.")
    if is_frame(X):
        rows = X_new if is_frame(X_new) else _as_frame(np.asarray(X_new), to_pandas(X))
        return rows if isinstance(X, pd.DataFrame) else cast_like(rows, X)
    if sparse.issparse(X):
        return X_new
    return cast(np.asarray(X_new), X.dtype)


def _in_dtypes(rows: pd.DataFrame, X: pd.DataFrame) -> pd.DataFrame:
    """Rows in the dtypes of a DataFrame; fractions are rounded where it has whole numbers."""
    whole = [
        name
        for name, dtype in X.dtypes.items()
        if dtype.kind in "iu" and rows[name].dtype.kind == "f"
    ]
    return rows.assign(**{name: rows[name].round() for name in whole}).astype(X.dtypes.to_dict())


def _as_frame(rows: np.ndarray, X: pd.DataFrame) -> pd.DataFrame:
    """Values in the columns and dtypes of a DataFrame."""
    columns = []
    for j, dtype in enumerate(X.dtypes):
        values = pd.Series(rows[:, j])
        # whole numbers may be more than floats hold
        if dtype.kind in "iub" and rows.dtype.kind not in "iub" and values.notna().all():
            values = pd.Series(cast(values.to_numpy(dtype=float), underlying_dtype(dtype)))
        columns.append(values.astype(dtype))
    return pd.concat(columns, axis=1).set_axis(X.columns, axis=1)
