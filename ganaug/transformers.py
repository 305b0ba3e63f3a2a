"""GANMixer and DiscriminatorFeatures: the scikit-learn faces for transformers."""

import numbers
from collections.abc import Collection, Hashable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin, clone
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from ganaug.encoding.frames import is_frame
from ganaug.encoding.rows import join_rows, take_rows
from ganaug.models.image import ImageGAN
from ganaug.models.protocol import Model
from ganaug.nested_defaults import NestedDefaultsMixin
from ganaug.randomness import SEED_LIMIT, check_seed
from ganaug.resampling import (
    GAN_CONSTRAINT,
    SavedGAN,
    array_checks,
    clone_seeded,
    convert_like,
    default_gan,
    draw_samples,
    fit_progress,
    input_tags,
    restrict_tags,
    take_apart,
    with_unlabeled_rows,
)
from ganaug.rollback import roll_back_on_error
from ganaug.storage.fields import Array, Count, Methods, attribute
from ganaug.storage.saved import SaveMixin
from ganaug.unlabeled import LABEL_CONSTRAINT
from ganaug.validation import (
    HasMethods,
    Interval,
    check_samples,
    check_samples_and_labels,
    fit_context,
)

SavedDiscriminators = Annotated[
    BaseEstimator, Methods(("discriminator_features", "discriminator_feature_names"))
]
Names = Annotated[np.ndarray, Array("text", "_")]


# Axes of images, in grey and in colour, and real images of an update of their discriminator.
IMAGE_AXES = (3, 4)
IMAGE_BATCH = 32


@dataclass(frozen=True, eq=False)
class FittedMixer:
    """Fitted state of a ``GANMixer``, as files hold it."""

    gan: SavedGAN = attribute("gan_")
    n_features_in: Count = attribute("n_features_in_")
    feature_names_in: Names | None = attribute("feature_names_in_", optional=True)


@dataclass(frozen=True, eq=False)
class FittedFeatures:
    """Fitted state of ``DiscriminatorFeatures``, as files hold it."""

    gans: list[SavedDiscriminators] = attribute("gans_")
    n_features_in: Count = attribute("n_features_in_")
    feature_names_in: Names | None = attribute("feature_names_in_", optional=True)

    def __post_init__(self) -> None:
        trained = [getattr(gan, "discriminators_", {}) for gan in self.gans]
        discriminators = [one for of_model in trained for one in of_model.values()]
        if not all(trained) or all(one is None for one in discriminators):
            raise ValueError("it has no models, or they have no discriminators")


def _default_image_gan() -> ImageGAN:
    """Model whose discriminators tell more of images than those of larger batches."""
    return ImageGAN(batch_size=IMAGE_BATCH)


class GANMixer(
    SaveMixin, OneToOneFeatureMixin, TransformerMixin, NestedDefaultsMixin, BaseEstimator
):
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
    gan : model, default=None
        Anything with ``fit(X, y)`` and ``sample({label: n})``; cloned before it is
        fitted. None stands for ``TableGAN()``, or
        ``ImageGAN()`` for images.

    fraction : float, default=0.5
        Share of each class's rows to replace, 0 to 1.

    unlabeled_label : label or None, default=None
        Label in ``y`` that marks rows without a class, such as -1; None makes no label
        special. They teach a ``gan`` that has this parameter, and stay as they are.

    random_state : int, RandomState instance or None, default=None
        Seeds training, the choice of rows and their replacements.

    verbose : int, default=0
        1 says on standard error how far the training has come.

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
    >>> mixer = GANMixer(TableGAN(n_steps=20), fraction=0.2, random_state=0)
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
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        gan: Model | None = None,
        *,
        fraction: float = 0.5,
        unlabeled_label: Hashable = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ):
        self.gan = gan
        self.fraction = fraction
        self.unlabeled_label = unlabeled_label
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any) -> Self:
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
    def fit_transform(self, X: Any, y: Any) -> Any:
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

    def transform(self, X: Any) -> Any:
        """Return rows as they are, (n, features)."""
        check_is_fitted(self)
        return check_samples(self, X, reset=False, copy=True, **self._array_checks)

    def _default_of(self, name: str, inner_names: Collection[str]) -> Any:
        return default_gan(inner_names) if name == "gan" else None

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
        with fit_progress(model, self.verbose):
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


class DiscriminatorFeatures(SaveMixin, TransformerMixin, NestedDefaultsMixin, BaseEstimator):
    """Features from all hidden layers of a GAN's discriminator.

    A discriminator that has learnt to tell real samples from generated ones knows, without a
    label, what samples are made of. Train it on all that there are, and a plain classifier on
    what it says of the few that have labels.

    Of rows the features are the units of all hidden layers; of images the maxima of each channel
    of each stage over the cells of a grid of 4 x 4; of sequences the mean, the maximum and the
    standard deviation of each channel of each stage, and the share of its steps that are positive.
    All are dense, and can stand beside others in a ``FeatureUnion``. Their scales differ: put
    ``StandardScaler`` between them and a classifier that minds.

    Parameters
    ----------
    gan : model, default=None
        A model with ``discriminator_features(X, label)`` and
        ``discriminator_feature_names(label)``; cloned before it is fitted. None stands for
        ``TableGAN()``, or for images ``ImageGAN(batch_size=32)``, whose discriminators tell
        more than those of smaller batches.

    n_discriminators : int, default=1
        Number of models that are trained, one after the other, each from a seed of its own; their
        features stand side by side. Each takes as long as the first. With a second one, a linear
        classifier told about one more in a hundred handwritten digits.

    per_class : bool, default=False
        False trains on all rows without their labels. True trains one discriminator per class of
        10 rows or more and puts their features side by side. These have seen the label of every
        training row: features of training rows tell it more readily than those of new rows, so a
        classifier fitted on them is too sure of itself. Judge it on held-out rows only.

    random_state : int, RandomState instance or None, default=None
        Seeds training, where ``gan`` has no seed of its own.

    verbose : int, default=0
        1 says on standard error how far the training has come.

    Attributes
    ----------
    gans_ : list of model
        Fitted, of length ``n_discriminators``.

    gan_ : model
        The first of them.

    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    Notes
    -----
    It pays where neighbouring values belong together, as pixels do. Of a table whose columns say
    different things, a linear classifier learns no more from these features than from the columns.

    References
    ----------
    Radford, Metz and Chintala, "Unsupervised representation learning with deep
    convolutional generative adversarial networks", ICLR 2016, section 5.1.

    Examples
    --------
    Five labelled digits of each kind, and a thousand without labels:

    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from ganaug import DiscriminatorFeatures, ImageGAN
    >>> digits = load_digits()
    >>> X, y = digits.images, digits.target
    >>> few = np.concatenate([np.flatnonzero(y == digit)[:5] for digit in range(10)])
    >>> features = DiscriminatorFeatures(ImageGAN(n_steps=100), random_state=0).fit(X[:1000])
    >>> classifier = make_pipeline(StandardScaler(), LogisticRegression())
    >>> on_pixels = classifier.fit(digits.data[few], y[few]).score(digits.data[1000:], y[1000:])
    >>> model = make_pipeline(FrozenEstimator(features), StandardScaler(), LogisticRegression())
    >>> model.fit(X[few], y[few]).score(X[1000:], y[1000:]) > on_pixels + 0.03
    True
    >>> features.get_feature_names_out()[:2].tolist()
    ['stage0_channel0_row0_column0', 'stage0_channel0_row0_column1']
    """

    STATE = FittedFeatures

    _parameter_constraints: dict = {
        "gan": [
            HasMethods(["fit", "discriminator_features", "discriminator_feature_names"]),
            None,
        ],
        "n_discriminators": [Interval(numbers.Integral, 1, None, closed="left")],
        "per_class": ["boolean"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        gan: Model | None = None,
        *,
        n_discriminators: int = 1,
        per_class: bool = False,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ):
        self.gan = gan
        self.n_discriminators = n_discriminators
        self.per_class = per_class
        self.random_state = random_state
        self.verbose = verbose

    @property
    def gan_(self) -> Any:
        """The first of the fitted models."""
        return self.gans_[0]

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Train the discriminators.

        Parameters
        ----------
        X : (n, features) array, CSR or CSC matrix, or DataFrame; or n images
        y : (n,) array or None
            Needed with ``per_class=True``, ignored otherwise.

        Returns
        -------
        DiscriminatorFeatures
            Itself, fitted.

        Raises
        ------
        ValueError
            For bad samples, where labels are needed and not given, or for several discriminators
            of a model that takes no seed; before training. Where no discriminator was trained.
        """
        with roll_back_on_error(self):
            self._fit(X, y)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Features (n, n_features), named by ``get_feature_names_out``.

        float64; float32 where X is. Those of a sample do not depend on the samples beside it.
        """
        check_is_fitted(self)
        checks = array_checks(input_tags(self.gan))
        if getattr(X, "ndim", 2) > 2:
            # of images the model compares all sides, scikit-learn one
            X = check_array(X, **checks)
        else:
            X = check_samples(self, X, reset=False, **checks)
        single = not is_frame(X) and X.dtype == np.float32
        parts = []
        for gan, label in self._discriminators():
            features = gan.discriminator_features(X, label)
            parts.append(features.astype(np.float32) if single else features)
        return np.concatenate(parts, axis=1)

    def get_feature_names_out(self, input_features=None) -> np.ndarray:
        """Names of the features, which say where in which discriminator they are.

        Parameters
        ----------
        input_features : ignored
            As everywhere in scikit-learn.

        Returns
        -------
        (n_features,) array of str
            Of rows such as "layer1_unit5", of images "stage1_channel3_row0_column2", of sequences
            "stage1_channel3_mean"; in front of it the class with ``per_class=True``, and the
            number of the model where there are several: "wine_discriminator2_layer1_unit5".
        """
        check_is_fitted(self)
        names = []
        for gan, label in self._discriminators():
            prefix = f"{label}_" if self.per_class else ""
            if len(self.gans_) > 1:
                number = next(i for i, one in enumerate(self.gans_) if one is gan)
                prefix += f"discriminator{number}_"
            names += [prefix + name for name in gan.discriminator_feature_names(label)]
        return np.array(names, dtype=object)

    def _fit(self, X: Any, y: Any) -> None:
        if self.per_class and y is None:
            raise ValueError("per_class=True requires y to be passed, but the target y is None.")
        X = check_samples(self, X, reset=True, **array_checks(input_tags(self.gan)))
        models = self._seeded_models(X)
        self.gans_ = []
        for model in models:
            with fit_progress(model, self.verbose):
                self.gans_.append(model.fit(X, y if self.per_class else None))
        n_classes = len(self.gan_.discriminators_)
        if not self.per_class and n_classes > 1:
            raise ValueError(
                f"gan was fitted before, on {n_classes} classes, so its discriminators have "
                "seen labels. Fit it without y, or set per_class=True."
            )
        if not self._discriminators():
            raise ValueError(
                f"no discriminator was trained, on n_samples={X.shape[0]}: it takes 10 rows"
                f"{' of a class' if self.per_class else ''}, n_steps of 1 or more, and a game "
                "that does not diverge."
            )

    def _default_of(self, name: str, inner_names: Collection[str]) -> Any:
        return default_gan(inner_names, _default_image_gan) if name == "gan" else None

    def _seeded_models(self, X: Any) -> list[Any]:
        """Unfitted models, each with a seed of its own; the first as if it were alone."""
        gan = self.gan
        if gan is None and X.ndim in IMAGE_AXES:
            gan = _default_image_gan()
        first = clone_seeded(gan, X, check_seed(self.random_state))
        if self.n_discriminators == 1:
            return [first]
        if "random_state" not in first.get_params(deep=False):
            raise ValueError(
                f"n_discriminators={self.n_discriminators} needs a gan with the parameter "
                f"random_state, and {type(first).__name__} has none: all would be alike."
            )
        rng = check_seed(clone(first).random_state)
        seeds = rng.randint(SEED_LIMIT, size=self.n_discriminators - 1).tolist()
        return [first, *(clone(first).set_params(random_state=seed) for seed in seeds)]

    def _discriminators(self) -> list[tuple[Any, Hashable]]:
        """Models and classes of the discriminators that were trained."""
        return [
            (gan, label)
            for gan in self.gans_
            for label, discriminator in gan.discriminators_.items()
            if discriminator is not None
        ]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = replace(input_tags(self.gan), sparse=True)
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
