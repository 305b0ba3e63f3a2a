"""DiscriminatorClassifier: a classifier of images that starts from a GAN's discriminator."""

import numbers
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedKFold
from sklearn.utils import check_consistent_length, column_or_1d, compute_sample_weight
from sklearn.utils.validation import check_is_fitted, validate_data

from ganaug.caller import warn_caller
from ganaug.encoding.dataset import check_in_memory
from ganaug.encoding.image import ImageEncoder
from ganaug.evaluation.fine_tuned import (
    FineTuner,
    ImageSet,
    ImageSetGANs,
    default_n_steps,
    logits_of,
    to_tensor,
)
from ganaug.evaluation.starts import RANDOM, Start, candidates, choose_start, with_samples
from ganaug.models.image import ImageGAN
from ganaug.models.protocol import Model
from ganaug.models.torch_modules import NoDiscriminatorError, NoDiscriminatorWarning
from ganaug.nested_defaults import NestedDefaultsMixin
from ganaug.progress import progress
from ganaug.randomness import check_seed
from ganaug.resampling import drop_callback, input_tags
from ganaug.rollback import roll_back_on_error
from ganaug.storage.fields import Count, SortedLabels, Text, attribute
from ganaug.storage.saved import SaveMixin
from ganaug.trainers.augmentation_policies import POLICIES, augmentation_kinds
from ganaug.trainers.device import resolve_device
from ganaug.trainers.tiers import SmallClassWarning
from ganaug.training.defaults import torch_defaults
from ganaug.training.diffaug import Augmentation
from ganaug.training.fine_tuning import FineTuning
from ganaug.training.networks.backbone_classifier import BackboneClassifier
from ganaug.unlabeled import LABEL_CONSTRAINT, numbers_of_objects, unlabeled_mask
from ganaug.validation import (
    HasMethods,
    Interval,
    StrOptions,
    check_classes,
    check_sample_weight,
    check_targets,
    fit_context,
)

# Probability of each kind of classical augmentation.
AUGMENTED = 1.0


@dataclass(frozen=True, eq=False)
class FittedDiscriminatorClassifier:
    """Fitted state of a ``DiscriminatorClassifier``, as files hold it."""

    classes: SortedLabels = attribute("classes_")
    network: BackboneClassifier = attribute("network_")
    start: Text = attribute("start_")
    encoder: ImageEncoder = attribute("_encoder")
    n_features_in: Count = attribute("n_features_in_")

    def __post_init__(self) -> None:
        encoder = self.encoder
        shape = (encoder.n_channels, encoder.height, encoder.width)
        if self.network.backbone.input_shape != shape:
            raise ValueError("its network takes other images than its encoder")
        if self.network.config["n_classes"] != len(self.classes):
            raise ValueError(f"its network has no outputs for {len(self.classes)} classes")


class DiscriminatorClassifier(SaveMixin, ClassifierMixin, NestedDefaultsMixin, BaseEstimator):
    """Classify images by a small network that starts from a GAN's discriminator.

    A GAN is trained on all images, without their labels. Its discriminator has then seen
    what images of this kind look like. A classifier that starts from its weights, and learns
    from few labels with classical augmentation, is often better than one that starts from random
    weights; whether it is here, left-out images tell.

    Parameters
    ----------
    gan : model, default=None
        An ``ImageGAN``; cloned before it is fitted. None stands for ``ImageGAN()``. Its
        ``image_shape``, ``value_range``, ``capacity`` and ``device`` are those of the
        classifier too. ``FrozenEstimator(gan)`` takes the discriminator of a fitted one, and
        needs ``pretrained`` and ``sample_share`` to be said, as nobody knows which images it has
        seen.

    augment : {"auto", "photo", "grey", "symbol"}, list of str or None, default="auto"
        Classical augmentation: changes that leave an image in its class, as in ``ImageGAN``.
        "auto" takes those of ``gan``. Say "photo" for photographs, where left and right do not
        matter.

    pretrained : bool or "auto", default="auto"
        True starts from the discriminator's weights, False from random ones. "auto" takes what
        is right more often about labelled images that were left out. Where no discriminator was
        trained, as of fewer than 10 images or in a game that diverges, it starts from random
        weights, with a warning.

    sample_share : float or "auto", default="auto"
        Share of each batch that a GAN of the classes has drawn, 0 to 1. "auto" tries a quarter,
        and takes it where that is surely better on labelled images that were left out, else 0.

    cv : int, default=2
        Parts of the labelled images that are left out in turn to choose where parameters are
        "auto". Each part takes as long as a fit; with ``pretrained=True, sample_share=0`` nothing
        is to be chosen.

    n_steps : int or "auto", default="auto"
        Batches that the classifier learns from. "auto" is 500 for images of up to 12 pixels a
        side, 3000 for larger ones.

    unlabeled_label : label or None, default=None
        Label in ``y`` that marks images without a class, such as -1: the GAN learns from them,
        the classifier does not. None makes no label special.

    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, as in scikit-learn: images are drawn that often. "balanced"
        draws all classes alike.

    batch_size : int, default=64
        Images of a batch, drawn with replacement.

    learning_rate : float, default=3e-3
        Largest learning rate of AdamW; it rises over the first third of the steps, and falls.

    random_state : int, RandomState instance or None, default=None
        Seeds the GAN, the classifier and the parts that are left out.

    verbose : int, default=0
        1 shows a progress bar.

    Attributes
    ----------
    network_ : torch.nn.Module
        The classifier, on the CPU: maps images (n, channels, height, width) in the values of
        ``X`` to logits (n, n_classes).

    classes_ : (n_classes,) array
        Labels.

    start_ : str
        What it started from, such as "discriminator" or "random weights, 0.25 of samples".

    report_ : DataFrame or None
        Whether each labelled image was recognised by a classifier that did not see it, a column
        for each start; None where nothing was to be chosen.

    n_features_in_ : int
        Length of the second axis of ``X``.

    See Also
    --------
    ganaug.DiscriminatorFeatures : The discriminator's features for any classifier.
    ganaug.ImageGAN.backbone : The discriminator as a module, for training loops of your own.

    References
    ----------
    Radford, Metz and Chintala, "Unsupervised representation learning with deep
    convolutional generative adversarial networks", ICLR 2016.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from ganaug import DiscriminatorClassifier, ImageGAN
    >>> digits = load_digits(n_class=3)
    >>> y = digits.target.copy()
    >>> y[60:] = -1
    >>> model = DiscriminatorClassifier(
    ...     ImageGAN(n_steps=50), pretrained=True, sample_share=0, n_steps=100,
    ...     unlabeled_label=-1, random_state=0)
    >>> model.fit(digits.images, y).score(digits.images[60:], digits.target[60:]) > 0.9
    True
    """

    STATE = FittedDiscriminatorClassifier

    # Called with the steps that its network was trained for, and those of all, where one listens.
    on_step: Callable[[int, int], object] | None = None

    _parameter_constraints: dict = {
        "gan": [HasMethods(["fit", "backbone"]), None],
        "augment": [StrOptions({"auto", *POLICIES}), "array-like", None],
        "pretrained": ["boolean", StrOptions({"auto"})],
        "sample_share": [Interval(numbers.Real, 0, 1, closed="left"), StrOptions({"auto"})],
        "cv": [Interval(numbers.Integral, 2, None, closed="left")],
        "n_steps": [Interval(numbers.Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "unlabeled_label": LABEL_CONSTRAINT,
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "batch_size": [Interval(numbers.Integral, 2, None, closed="left")],
        "learning_rate": [Interval(numbers.Real, 0, None, closed="neither")],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        gan: Model | None = None,
        *,
        augment: Any = "auto",
        pretrained: bool | str = "auto",
        sample_share: float | str = "auto",
        cv: int = 2,
        n_steps: int | str = "auto",
        unlabeled_label: Any = None,
        class_weight: Any = None,
        batch_size: int = 64,
        learning_rate: float = 3e-3,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ):
        self.gan = gan
        self.augment = augment
        self.pretrained = pretrained
        self.sample_share = sample_share
        self.cv = cv
        self.n_steps = n_steps
        self.unlabeled_label = unlabeled_label
        self.class_weight = class_weight
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train the GAN, then the classifier.

        Parameters
        ----------
        X : (n, height, width), (n, height, width, channels) or (n, pixels) array
            Images, as ``ImageGAN`` takes them.
        y : (n,) array
            Class of each image, or ``unlabeled_label``.
        sample_weight : (n,) array or None, default=None
            Weights of the images: they are drawn that often. Those of images without a label
            do not matter.

        Returns
        -------
        DiscriminatorClassifier
            Itself, fitted.

        Raises
        ------
        ValueError
            For bad images or labels, fewer than two classes, classes of
            one image where something is to be chosen, or a frozen ``gan`` there; before any
            training.
        """
        with roll_back_on_error(self), torch_defaults():
            self._fit(X, y, sample_weight)
        return self

    @torch_defaults()
    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities (n, n_classes)."""
        check_is_fitted(self)
        check_in_memory(X)
        # before scikit-learn compares the second axis alone, and speaks of features
        self._encoder.check_shape(X)
        X = validate_data(self, X=X, reset=False, allow_nd=True)
        images = to_tensor(X, self._encoder)
        return logits_of(self.network_, images).double().softmax(1).numpy()

    def predict(self, X: Any) -> np.ndarray:
        """Labels (n,) of the most probable classes."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> None:
        images = self._prepare(X, y, sample_weight)
        tuner = self._tuner()
        rng = check_seed(self.random_state)
        start, *others = starts = candidates(self.pretrained, self.sample_share)
        self.report_: pd.DataFrame | None = None
        if others:
            self.report_ = self._compare_starts(starts, tuner, images, rng)
            start = choose_start(starts, self.report_)
        gans = ImageSetGANs(self.gan, images, rng, self.verbose)
        try:
            self.network_ = tuner.train(start, images, gans, rng, self._shown)
        except NoDiscriminatorError as error:
            warn_caller(
                f"the classifier starts from random weights: {error}", NoDiscriminatorWarning
            )
            start = with_samples(RANDOM, start.sample_share)
            self.network_ = tuner.train(start, images, gans, rng, self._shown)
        self.start_ = start.name

    @contextmanager
    def _shown(self, n_steps: int) -> Iterator[Callable[[int], object]]:
        """Context of the network's training, whose steps are shown and told."""
        n_done = 0

        def count(n_new: int) -> None:
            nonlocal n_done
            n_done += n_new
            display(n_new)
            if self.on_step is not None:
                self.on_step(n_done, n_steps)

        with progress(n_steps, type(self).__name__, "step", self.verbose) as display:
            yield count

    def _prepare(self, X: Any, y: Any, sample_weight: Any) -> ImageSet:
        """Check what ``fit`` is given; remember classes and the images' encoder."""
        check_in_memory(X)
        y = check_targets(y)
        labelled = ~unlabeled_mask(y, self.unlabeled_label)
        X = validate_data(self, X=X, allow_nd=True)
        check_consistent_length(X, labelled)
        y = numbers_of_objects(column_or_1d(np.asarray(y)[labelled], warn=True))
        check_classes(y)
        y = np.array(y.tolist()) if y.dtype.kind == "O" else y
        model = self._model()
        self._encoder = ImageEncoder.fit(X, model.image_shape, model.value_range)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                "DiscriminatorClassifier needs 2 classes or more; y holds "
                f"{self.classes_.tolist()}, and {(~labelled).sum()} images without a class."
            )
        if "auto" in (self.pretrained, self.sample_share):
            self._check_choice(codes)
        weights = check_sample_weight(sample_weight, X, ensure_non_negative=True)[labelled]
        weights = weights * compute_sample_weight(self.class_weight, y)
        return ImageSet(X[labelled], codes, weights, X[~labelled])

    def _check_choice(self, codes: np.ndarray) -> None:
        """Raise a ValueError where no images are left to choose a start by."""
        remedy = "Set pretrained=True and sample_share=0."
        if isinstance(self.gan, FrozenEstimator):
            raise ValueError(
                f"a frozen gan has seen nobody knows which images, so none is left to choose a "
                f"start by. {remedy}"
            )
        sizes = np.bincount(codes)
        if sizes.min() < self.cv:
            label = self.classes_.tolist()[int(sizes.argmin())]
            raise ValueError(
                f"class {label!r} has {sizes.min()} image(s), fewer than the cv={self.cv} parts by "
                f"which a start is chosen. {remedy}"
            )

    def _compare_starts(
        self,
        starts: Sequence[Start],
        tuner: FineTuner,
        images: ImageSet,
        rng: np.random.RandomState,
    ) -> pd.DataFrame:
        """Table of which images are recognised, by classifiers that did not see them."""
        correct = {start.name: np.zeros(len(images.codes), dtype=bool) for start in starts}
        folds = StratifiedKFold(self.cv, shuffle=True, random_state=rng)
        for kept, left_out in folds.split(images.codes, images.codes):
            part = images.take(kept)
            gans = ImageSetGANs(drop_callback(self.gan), part, rng)
            unseen = to_tensor(images.X[left_out], self._encoder)
            for start in starts:
                with warnings.catch_warnings():
                    # of classes of few images, of which the last training tells
                    warnings.simplefilter("ignore", SmallClassWarning)
                    try:
                        network = tuner.train(start, part, gans, rng)
                    except ValueError as error:
                        # such as a GAN without a discriminator, which recognises nothing
                        warn_caller(f"{start.name!r} is not tried on all parts: {error}")
                        continue
                predicted = logits_of(network, unseen).argmax(1).numpy()
                correct[start.name][left_out] = predicted == images.codes[left_out]
        return pd.DataFrame(correct)

    def _tuner(self) -> FineTuner:
        """Trainer of classifiers as the parameters say."""
        model = self._model()
        encoder = self._encoder
        augment = model.augment if self.augment == "auto" else self.augment
        kinds = augmentation_kinds(augment, encoder.n_channels)
        settings = FineTuning(
            n_steps=default_n_steps(encoder) if isinstance(self.n_steps, str) else self.n_steps,
            augmentation=Augmentation(kinds, probability=AUGMENTED),
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
        )
        device = resolve_device(model.device)
        return FineTuner(encoder, len(self.classes_), model.capacity, settings, device)

    def _default_of(self, name: str, inner_names: Collection[str]) -> Any:
        return self._model() if name == "gan" else None

    def _model(self) -> Any:
        """The GAN whose parameters say how images come."""
        if self.gan is None:
            return ImageGAN()
        return self.gan.estimator if isinstance(self.gan, FrozenEstimator) else self.gan

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        images = input_tags(self._model())
        tags.input_tags.two_d_array = images.two_d_array
        tags.input_tags.three_d_array = images.three_d_array
        return tags
