"""GANMixer and DiscriminatorFeatures: the scikit-learn faces for transformers."""

import numbers
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
import pandas as pd
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    OneToOneFeatureMixin,
    TransformerMixin,
)
from sklearn.utils.validation import check_is_fitted

from ganaug.encoding.rows import join_rows, take_rows
from ganaug.models.protocol import Model
from ganaug.randomness import check_seed
from ganaug.resampling import (
    GAN_CONSTRAINT,
    SavedGAN,
    array_checks,
    clone_seeded,
    convert_like,
    draw_samples,
    input_tags,
    restrict_tags,
    take_apart,
    with_unlabeled_rows,
)
from ganaug.rollback import roll_back_on_error
from ganaug.storage.fields import Array, Count, Label, attribute
from ganaug.storage.saved import SaveMixin
from ganaug.unlabeled import LABEL_CONSTRAINT
from ganaug.validation import (
    HasMethods,
    Interval,
    check_samples,
    check_samples_and_labels,
    fit_context,
)

Names = Annotated[np.ndarray, Array("text", "_")]


@dataclass(frozen=True, eq=False)
class FittedMixer:
    """Fitted state of a ``GANMixer``, as files hold it."""

    gan: SavedGAN = attribute("gan_")
    n_features_in: Count = attribute("n_features_in_")
    feature_names_in: Names | None = attribute("feature_names_in_", optional=True)


@dataclass(frozen=True, eq=False)
class FittedFeatures(FittedMixer):
    """Fitted state of ``DiscriminatorFeatures``, as files hold it."""

    labels: list[Label] = attribute("_labels")
    n_features_out: Count = attribute("_n_features_out")

    def __post_init__(self) -> None:
        trained = getattr(self.gan, "discriminators_", {})
        if not self.labels or any(trained.get(label) is None for label in self.labels):
            raise ValueError("its model has no discriminators of the classes that it names")


class GANMixer(SaveMixin, OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Replace a share of each class's training rows by synthetic rows of that class.

    A step for plain scikit-learn pipelines, where the number of rows may not
    change: weights and groups stay aligned. It does not balance classes. Put it
    first, and not inside ``ColumnTransformer`` or ``FeatureUnion``, where parts of
    rows would be replaced.

    ``fit_transform(X, y)`` mixes; ``transform`` returns rows as they are, so that
    real rows are judged as they come. As with scikit-learn's ``TargetEncoder``,
    ``fit(X, y).transform(X)`` therefore does not equal ``fit_transform(X, y)``.

    Parameters
    ----------
    fraction : float, default=0.5
        Share of each class's rows to replace, 0 to 1.

    gan : model, default=None
        Anything with ``fit(X, y)`` and ``sample({label: n})``; cloned before it is
        fitted. None stands for ``TableGAN()``, or
        ``ImageGAN()`` for images.

    unlabeled_label : label or None, default=None
        Label in ``y`` that marks rows without a class, such as -1; None makes no label
        special. They teach a ``gan`` that has this parameter, and stay as they are.

    random_state : int, RandomState instance or None, default=None
        Seeds training, the choice of rows and their replacements.

    Attributes
    ----------
    gan_ : model
        Fitted.

    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    See Also
    --------
    ganaug.AugmentedClassifier : Adds rows instead, and can balance classes.

    Notes
    -----
    An estimator that splits off validation rows by itself (early stopping,
    calibration) validates on synthetic rows too.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from ganaug import GANMixer, TableGAN
    >>> X, y = load_iris(return_X_y=True)
    >>> mixer = GANMixer(fraction=0.2, gan=TableGAN(n_steps=20), random_state=0)
    >>> mixed = mixer.fit_transform(X, y)
    >>> int((mixed != X).any(axis=1).sum()), bool((mixer.transform(X) == X).all())
    (30, True)
    """

    STATE = FittedMixer

    _parameter_constraints: dict = {
        "fraction": [Interval(numbers.Real, 0, 1, closed="both")],
        "gan": GAN_CONSTRAINT,
        "unlabeled_label": LABEL_CONSTRAINT,
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        fraction: float = 0.5,
        *,
        gan: Model | None = None,
        unlabeled_label: Hashable = None,
        random_state: int | np.random.RandomState | None = None,
    ):
        self.fraction = fraction
        self.gan = gan
        self.unlabeled_label = unlabeled_label
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y):
        """Train the GANs.

        Parameters
        ----------
        X : (n, features) array or DataFrame
        y : (n,) array

        Returns
        -------
        GANMixer
            Itself, fitted.

        Raises
        ------
        ValueError
            For bad rows or labels, before any training.
        """
        with roll_back_on_error(self):
            self._fit(X, y)
        return self

    @fit_context(prefer_skip_nested_validation=False)
    def fit_transform(self, X, y):
        """Train the GANs and replace ``fraction`` of each class's rows.

        Returns
        -------
        (n, features) array, or a DataFrame where X is one: rows in their order
        """
        with roll_back_on_error(self):
            rows, y, unlabeled, rng = self._fit(X, y)
            mixed = self._mix(rows, y, rng)
            if unlabeled is not None:
                mixed = take_rows(join_rows([mixed, unlabeled.X]), np.argsort(unlabeled.order))
            return mixed.set_axis(X.index) if isinstance(mixed, pd.DataFrame) else mixed

    def transform(self, X):
        """Return rows as they are, (n, features)."""
        check_is_fitted(self)
        return check_samples(self, X, reset=False, copy=True, **self._array_checks)

    def _mix(self, X: Any, y: np.ndarray, rng: np.random.RandomState) -> Any:
        """Rows, of which some of each class are synthetic."""
        rows = np.arange(len(y))
        parts = [X]
        for label in np.unique(y).tolist():
            of_class = np.flatnonzero(y == label)
            chosen = rng.choice(of_class, round(self.fraction * len(of_class)), replace=False)
            rows[chosen] = sum(part.shape[0] for part in parts) + np.arange(len(chosen))
            drawn, _ = draw_samples(self.gan_, {label: len(chosen)}, rng)
            parts.append(convert_like(drawn, X, getattr(self, "feature_names_in_", None)))
        return take_rows(join_rows(parts), rows)

    def _fit(self, X, y):
        X, y, unlabeled = take_apart(X, y, self.unlabeled_label, self.gan)
        X, y = check_samples_and_labels(self, X, y, copy=True, **self._array_checks)
        rng = check_seed(self.random_state)
        model = clone_seeded(self.gan, X, rng)
        self.gan_ = model.fit(*with_unlabeled_rows(model, X, y, unlabeled))
        return X, y, unlabeled, rng

    @property
    def _array_checks(self) -> dict[str, Any]:
        return array_checks(input_tags(self.gan)) | {"accept_sparse": False}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        restrict_tags(tags.input_tags, input_tags(self.gan))
        tags.target_tags.required = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class DiscriminatorFeatures(
    SaveMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    """Features from the last hidden layer of a GAN's discriminator.

    By default one discriminator is trained on all rows without their labels.
    The features are dense and can stand beside others in a ``FeatureUnion``.

    Parameters
    ----------
    gan : model, default=None
        A model with ``discriminator_features(X, label)``; cloned before it is
        fitted. None stands for ``TableGAN()``, or
        ``ImageGAN()`` for images.

    per_class : bool, default=False
        True trains one discriminator per class of 10 rows or more and puts their
        features side by side. These have seen the label of every training row: features of training
        rows tell it more readily than those of new rows, so a classifier fitted
        on them is too sure of itself. Judge it on held-out rows only.

    random_state : int, RandomState instance or None, default=None
        Seeds training.

    Attributes
    ----------
    gan_ : model
        Fitted.

    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    References
    ----------
    Radford, Metz and Chintala, "Unsupervised representation learning with deep
    convolutional generative adversarial networks", ICLR 2016, section 5.1.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from ganaug import DiscriminatorFeatures, TableGAN
    >>> X, y = load_iris(return_X_y=True)
    >>> features = DiscriminatorFeatures(TableGAN(n_steps=20), random_state=0)
    >>> features.fit_transform(X).shape
    (150, 64)
    >>> features.get_feature_names_out()[:2].tolist()
    ['discriminatorfeatures0', 'discriminatorfeatures1']
    """

    STATE = FittedFeatures

    _parameter_constraints: dict = {
        "gan": [HasMethods(["fit", "discriminator_features"]), None],
        "per_class": ["boolean"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        gan: Model | None = None,
        *,
        per_class: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ):
        self.gan = gan
        self.per_class = per_class
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None):
        """Train the discriminator, or one per class.

        Parameters
        ----------
        X : (n, features) array, CSR or CSC matrix, or DataFrame
        y : (n,) array or None
            Needed with ``per_class=True``, ignored otherwise.

        Returns
        -------
        DiscriminatorFeatures
            Itself, fitted.

        Raises
        ------
        ValueError
            For bad rows, or where labels are needed and not given.
        """
        with roll_back_on_error(self):
            self._fit(X, y)
        return self

    def transform(self, X) -> np.ndarray:
        """Features (n, n_hidden), or (n, n_hidden times classes) with ``per_class=True``.

        float64; float32 where X is.
        """
        check_is_fitted(self)
        X = check_samples(self, X, reset=False, **array_checks(input_tags(self.gan)))
        features = self._features(X)
        single = not isinstance(X, pd.DataFrame) and X.dtype == np.float32
        return features.astype(np.float32) if single else features

    def _fit(self, X: Any, y: Any) -> None:
        if self.per_class and y is None:
            raise ValueError("per_class=True requires y to be passed, but the target y is None.")
        X = check_samples(self, X, reset=True, **array_checks(input_tags(self.gan)))
        rng = check_seed(self.random_state)
        self.gan_ = clone_seeded(self.gan, X, rng).fit(X, y if self.per_class else None)
        trained = self.gan_.discriminators_
        if not self.per_class and len(trained) > 1:
            raise ValueError(
                f"gan was fitted before, on {len(trained)} classes, so its discriminators have "
                "seen labels. Fit it without y, or set per_class=True."
            )
        self._labels = [label for label in trained if trained[label] is not None]
        if not self._labels:
            raise ValueError(
                f"no discriminator was trained, on n_samples={X.shape[0]}: it takes 10 rows"
                f"{' of a class' if self.per_class else ''}, n_steps of 1 or more, and a game "
                "that does not diverge."
            )
        self._n_features_out = self._features(X[:1]).shape[1]

    def _features(self, X) -> np.ndarray:
        return np.concatenate(
            [self.gan_.discriminator_features(X, label) for label in self._labels], axis=1
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = replace(input_tags(self.gan), sparse=True)
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
