"""GANOverSampler: the imbalanced-learn face."""

from collections.abc import Collection, Hashable
from dataclasses import dataclass
from typing import Annotated, Any, Self

import numpy as np
from imblearn.over_sampling.base import BaseOverSampler
from imblearn.utils import check_target_type

from ganaug.encoding.frames import library_of, plain_series, series_like
from ganaug.models.protocol import Model
from ganaug.nested_defaults import NestedDefaultsMixin
from ganaug.randomness import check_seed
from ganaug.resampling import (
    GAN_CONSTRAINT,
    SavedGAN,
    append_samples,
    array_checks,
    clone_seeded,
    default_gan,
    fit_classes,
    fit_progress,
    input_tags,
    restrict_tags,
    take_apart,
)
from ganaug.rollback import roll_back_on_error
from ganaug.storage.fields import Array, Count, Label, attribute
from ganaug.storage.saved import SaveMixin
from ganaug.strategy import (
    check_strategy,
    drop_zeros,
    to_python_counts,
    warn_if_nothing_is_added,
)
from ganaug.unlabeled import LABEL_CONSTRAINT
from ganaug.validation import STRATEGY_CONSTRAINT, check_samples_and_labels, plain_labels


@dataclass(frozen=True, eq=False)
class FittedOverSampler:
    """Fitted state of a ``GANOverSampler``, as files hold it."""

    gan: SavedGAN = attribute("gan_")
    sampling_strategy: dict[Label, Count] = attribute("sampling_strategy_")
    synthetic_mask: Annotated[np.ndarray, Array("bool", "samples")] = attribute("synthetic_mask_")
    n_features_in: Count = attribute("n_features_in_")
    feature_names_in: Annotated[np.ndarray, Array("text", "_")] | None = attribute(
        "feature_names_in_", optional=True
    )


class GANOverSampler(SaveMixin, NestedDefaultsMixin, BaseOverSampler):
    """Over-sample scarce classes with one GAN per class.

    Use it in ``imblearn.pipeline.Pipeline``, where it acts in ``fit`` only. Real
    rows come back first and unchanged, synthetic ones follow class by class. Only
    the classes that ``sampling_strategy`` enlarges are trained.

    Parameters
    ----------
    gan : model, default=None
        Anything with ``fit(X, y)`` and ``sample({label: n})``; cloned before it is
        fitted. None stands for ``TableGAN()``, or
        ``ImageGAN()`` for images. ``FrozenEstimator(gan)`` takes a
        fitted model as it is, which spares training in a grid over a classifier's
        parameters, as the pipeline's ``memory=`` does; a frozen model has seen
        whatever it was fitted on, so fit it on training rows only.

    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn: "auto" brings every class to the size of the
        largest; a float is the wanted ratio of minority to majority (two classes);
        a dict names the wanted size of each class; ``multiply(2.0)`` doubles every
        class, balanced ones too.

    unlabeled_label : label or None, default=None
        Label in ``y`` that marks rows without a class, such as -1; None makes no label
        special. They teach a ``gan`` that has this parameter, are no class to
        ``sampling_strategy``, and are left out of what ``fit_resample`` returns: most
        estimators would take them for a class. Self-training of the estimator that
        follows is done by ``AugmentedClassifier``.

    random_state : int, RandomState instance or None, default=None
        Seeds training and sampling.

    verbose : int, default=0
        1 says on standard error how far the training has come.

    Attributes
    ----------
    gan_ : model
        The fitted model; it can draw further rows. Not fitted where no rows were
        to be added.

    sampling_strategy_ : dict
        Label to number of rows to add.

    synthetic_mask_ : (n_resampled,) array of bool
        True for the synthetic rows of the last ``fit_resample``.

    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    See Also
    --------
    ganaug.AugmentedClassifier : Does the same around one classifier, in a plain
        scikit-learn pipeline.
    imblearn.over_sampling.SMOTE : Interpolates instead; needs no training.

    Notes
    -----
    Rows come back in the types in which they came, text, dates and gaps among them. A
    classifier that takes numbers alone fails on these ("could not convert string to float",
    "Input X contains NaN"): imputers and encoders stand between the sampler and it, as in
    ``make_pipeline(GANOverSampler(), make_column_transformer(...), classifier)``.

    An estimator that splits off validation rows by itself (early stopping,
    calibration) validates on synthetic rows too.

    Examples
    --------
    >>> from collections import Counter
    >>> from sklearn.datasets import make_classification
    >>> from ganaug import GANOverSampler, TableGAN
    >>> X, y = make_classification(200, weights=[0.8], random_state=0)
    >>> sampler = GANOverSampler(TableGAN(n_steps=20), random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> sorted(Counter(y.tolist()).items()), sorted(Counter(y_new.tolist()).items())
    ([(0, 160), (1, 40)], [(0, 160), (1, 160)])
    """

    STATE = FittedOverSampler

    _parameter_constraints: dict = {
        **BaseOverSampler._parameter_constraints,
        "sampling_strategy": STRATEGY_CONSTRAINT,
        "gan": GAN_CONSTRAINT,
        "unlabeled_label": LABEL_CONSTRAINT,
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        gan: Model | None = None,
        *,
        sampling_strategy: Any = "auto",
        unlabeled_label: Hashable = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ):
        super().__init__(sampling_strategy=sampling_strategy)
        self.gan = gan
        self.unlabeled_label = unlabeled_label
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any, **params: Any) -> Self:
        """Train the GANs that ``fit_resample`` would train; ``gan_`` can then be used alone.

        Parameters
        ----------
        X : (n, ...) array, CSR or CSC matrix, or DataFrame
        y : (n,) array
            At least two classes.

        Returns
        -------
        GANOverSampler
            Itself, fitted.

        Raises
        ------
        ValueError
            For bad rows, labels or strategies, before any training.
        """
        self.fit_resample(X, y, **params)
        return self

    def fit_resample(self, X: Any, y: Any, **params: Any) -> tuple[Any, Any]:
        """Train the GANs, and add rows of theirs.

        Parameters
        ----------
        X : (n, ...) array, CSR or CSC matrix, or DataFrame
        y : (n,) array
            At least two classes.

        Returns
        -------
        X_resampled : rows of the type of X
            The given ones first, but for those without a class, which are left out.
        y_resampled : (n_resampled,) array

        Raises
        ------
        ValueError
            For bad rows, labels or strategies, before any training.
        """
        self._validate_params()
        with roll_back_on_error(self):
            X, y, self._unlabeled = take_apart(X, y, self.unlabeled_label, self.gan)
            self._frame = X if library_of(X) else None
            # imbalanced-learn knows frames of pandas only, and has no use for the rows
            rows = X if self._frame is None else np.empty(0)
            X_all, y_all = super().fit_resample(rows, plain_labels(plain_series(y)), **params)
            del self._unlabeled, self._frame
            return X_all, series_like(y_all, y)

    def _default_of(self, name: str, inner_names: Collection[str]) -> Any:
        return default_gan(inner_names) if name == "gan" else None

    def _check_X_y(self, X, y):
        y, binarize_y = check_target_type(y, indicate_one_vs_all=True)
        X = X if self._frame is None else self._frame
        X, y = check_samples_and_labels(self, X, y, **array_checks(input_tags(self.gan)))
        check_strategy(self.sampling_strategy, y)
        return X, y, binarize_y

    def _fit_resample(self, X, y):
        rng = check_seed(self.random_state)
        self.sampling_strategy_: dict[Hashable, int] = to_python_counts(self.sampling_strategy_)
        counts = drop_zeros(self.sampling_strategy_)
        warn_if_nothing_is_added(counts)
        names = getattr(self, "feature_names_in_", None)
        self.gan_ = clone_seeded(self.gan, X, rng)
        X_all = X
        y_all = y
        if counts:
            with fit_progress(self.gan_, self.verbose):
                fit_classes(self.gan_, X, y, list(counts), self._unlabeled)
            X_all, y_all = append_samples(self.gan_, X, y, counts, rng, names)
        self.synthetic_mask_ = np.arange(len(y_all)) >= len(y)
        return X_all, y_all

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        restrict_tags(tags.input_tags, input_tags(self.gan))
        return tags
