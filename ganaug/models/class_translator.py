"""ClassTranslator: images of any class, translated into images of another."""

import numbers
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from ganaug.caller import warn_caller
from ganaug.encoding.digest import digest
from ganaug.encoding.image import ImageEncoder
from ganaug.metrics.feature_network import FeatureNetwork
from ganaug.metrics.linear_classifier import LinearClassifier
from ganaug.models.base import ClassGAN
from ganaug.models.hdf5_file import HDF5FileMixin
from ganaug.models.image_mixin import ImageModelMixin, check_gan_sides
from ganaug.models.image_states import FittedClassTranslator
from ganaug.models.label_guard import LabelGuard
from ganaug.models.sources import ImageSources
from ganaug.models.translator_mixin import TranslatorMixin
from ganaug.randomness import SEED_LIMIT
from ganaug.strategy import class_counts
from ganaug.trainers.augmentation_policies import augmentation_kinds
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.class_translation import TRANSLATOR, class_translation_recipe
from ganaug.trainers.device import resolve_device
from ganaug.trainers.image import COPIES, image_recipe, moved_copies
from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.tiers import SmallClassWarning, format_labels
from ganaug.trainers.trained_class import TrainedClass
from ganaug.trainers.training_status import Callback
from ganaug.training.defaults import torch_defaults
from ganaug.training.diffaug import Augmentation
from ganaug.training.health import NOT_TRAINED
from ganaug.training.networks.image_stages import stage_sizes
from ganaug.training.untrained.moved_copies import N_CHOICES
from ganaug.validation import Interval, fit_context

# Images of each class that are drawn to see how many are acceptable, and the share that has to be.
N_RATED = 200
MIN_ACCEPTANCE = 0.02

# Of real images that the guard takes for a class, so many have to be of it. Handwritten digits of
# 20 or 200 images a class nearly always reach it, and small photographs hardly ever, of whose
# translations few are what they should be: see "trained_classes" in
# benchmarks/images/translation.py.
MIN_PRECISION = 0.6

# Real images by which a network that is set later is compared with that of the fit, and the share
# of them that the guard has to take for the same class: another device may round some otherwise.
N_COMPARED = 60
MIN_AGREEMENT = 0.9


class ClassTranslator(HDF5FileMixin, TranslatorMixin, ImageModelMixin, ClassGAN[np.ndarray]):
    """Translate images of one class into another: a rare class borrows variety of rich ones.

    One network learns from all classes at once. For each target class it has gains and
    biases of its own, and a discriminator tells its translations from real images of
    that class. An image that is translated and translated back should be what it was,
    so that a translation keeps what its class does not decide.

    ``sample`` draws real images of other classes, translates them, and leaves out those
    that still look like another class to classifiers of the real images. ``generate``,
    and ``BatchAugment`` by it, leaves out none. ``interpolate`` moves one image, that of
    its start.

    Parameters
    ----------
    n_steps : int or "auto", default="auto"
        Updates of the network. Fitting time is linear in it. "auto" is as in ``ImageGAN``.
    augment : {"auto", "photo", "grey", "symbol"}, list of str or None, default="auto"
        Changes that leave an image in its class, as in ``ImageGAN``. Where "affine" is
        among them, ``sample`` moves images a little before it translates them.
    consistency : float, default=2.0
        Weight of the mean absolute distance of images to what they become there and
        back, of which black and white are 2 apart, against the loss of the game. Higher
        values change less.
    guard : float, default=0.5
        Probability of its class that a translation needs to be a sample, by classifiers
        that were trained without the image that it was made of. 0 takes all. A class into
        which hardly any passes is left to moved copies of its images, with a warning, and
        so is one that they cannot tell in real images; where they can tell none, nothing
        is trained.
    features : torch.nn.Module, callable or None, default=None
        Frozen network of the user, as in ``ImageGAN``: what ``guard`` asks is then a
        linear classifier of its features, and ``evaluate`` has figures in them. A saved model
        keeps its ``repr`` only: loaded, it is to be given the network again, by
        ``set_params(features=network)``, before it samples.
    capacity : float, default=1.0
        Multiplies the channels of the networks; fitting time grows with its square.
    image_shape : sequence of int or None, default=None
        (height, width) or (height, width, channels) of images that come as rows.
    value_range : (low, high) or None, default=None
        Values of black and white, as in ``ImageGAN``.
    unlabeled_label : label or None, default=None
        Label in ``y`` that marks images without a class, such as -1; None makes no label
        special. The network learns to translate them into all classes, and back. They are
        never drawn, also not to be translated, and not kept in the model.
    batch_size : int, default=16
        Images of each class and update; fewer of each where there are many classes.
    learning_rate : float, default=4e-3
        Of Adam, for both networks; rises over 50 steps, then falls linearly to a tenth.
    gamma : float, default=0.2
        Weight of the gradient penalties.
    device : str or torch.device, default="auto"
        Where to train. "auto" is CUDA where there is one, else the CPU.
    precision : {"float32", "bfloat16"}, default="float32"
        Type in which the networks compute while they are trained, as in ``ImageGAN``.
    random_state : int, RandomState instance or None, default=None
        Seeds training and sampling.
    callback : callable or None, default=None
        As in ``TableGAN``.
    verbose : int, default=0
        1 shows a progress bar.

    Attributes
    ----------
    classes_, class_counts_, tiers_, generators_, discriminators_, history_, health_, n_steps_, \
data_digest_, n_features_in_
        As in ``ImageGAN``; each generator maps images to images.
    acceptance_ : dict of label to float
        Share of translations into each class that ``guard`` lets pass; 1 where moved
        copies serve it because it is small or cannot be told.
    guard_precision_ : dict of label to float
        Share of the real images that the guard takes for a class which are of it, with
        one mistake more, if all classes were as frequent; empty where it is off.

    See Also
    --------
    ganaug.ImageGAN : Makes images of nothing but noise.
    ganaug.PairedTranslator : Learns from pairs what becomes of an image.

    References
    ----------
    Zhu et al., "Unpaired image-to-image translation using cycle-consistent adversarial
    networks", ICCV 2017.

    Choi et al., "StarGAN: unified generative adversarial networks for multi-domain
    image-to-image translation", CVPR 2018.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> digits = load_digits(n_class=3)
    >>> translator = ClassTranslator(n_steps=2, guard=0, random_state=0)
    >>> translator = translator.fit(digits.images, digits.target)
    >>> translator.translate(digits.images[:4], to=2).shape
    (4, 8, 8)
    >>> translator.sample({1: 5})[1]
    array([1, 1, 1, 1, 1])
    """

    STATE = FittedClassTranslator
    SAVED_AS_REPR = ("features",)

    # The network of ``features`` by which the guard is known to judge as in fit.
    _guard_features: FeatureNetwork | None = None

    # Noise chooses an image and how it is moved.
    n_latent = N_CHOICES

    _parameter_constraints: dict = {
        **ImageModelMixin._parameter_constraints,
        "consistency": [Interval(numbers.Real, 0, None, closed="left")],
        "guard": [Interval(numbers.Real, 0, 1, closed="left")],
    }

    def __init__(
        self,
        *,
        n_steps: int | str = "auto",
        augment: str | Sequence[str] | None = "auto",
        consistency: float = 2.0,
        guard: float = 0.5,
        features: Callable | None = None,
        capacity: float = 1.0,
        image_shape: Sequence[int] | None = None,
        value_range: tuple[float, float] | None = None,
        unlabeled_label: Hashable = None,
        batch_size: int = 16,
        learning_rate: float = 4e-3,
        gamma: float = 0.2,
        device: str | torch.device = "auto",
        precision: str = "float32",
        random_state: int | np.random.RandomState | None = None,
        callback: Callback | None = None,
        verbose: int = 0,
    ):
        self.n_steps = n_steps
        self.augment = augment
        self.consistency = consistency
        self.guard = guard
        self.features = features
        self.capacity = capacity
        self.image_shape = image_shape
        self.value_range = value_range
        self.unlabeled_label = unlabeled_label
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.gamma = gamma
        self.device = device
        self.precision = precision
        self.random_state = random_state
        self.callback = callback
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, labels: Any = None, checkpoint: Any = None) -> Self:
        """Learn to translate images of all classes into each other.

        Parameters
        ----------
        X : (n, height, width), (n, height, width, channels) or (n, pixels) array
            Images, uint8 or of other numbers; as rows with ``image_shape``.
        y : (n,) array
            Class of each image, two or more. Those of fewer than 10 images are left to
            moved copies of their images, and all where only one has more.
        labels : array-like or None
            Classes to translate into; None takes all. The others are learnt from.
        checkpoint : path or None, default=None
            As in ``ImageGAN``.

        Returns
        -------
        ClassTranslator
            Itself, fitted.

        Raises
        ------
        ValueError
            As in ``ImageGAN``, and where there is only one class; before training.
        RuntimeError
            For a device that is not there or has too little memory.
        OSError
            For a checkpoint that cannot be written, or read.
        """
        with self._fitting():
            checkpoint = Checkpoint.at(checkpoint)
            self._train(self._prepare_training(X, y, labels, checkpoint), checkpoint)
        return self

    @torch_defaults()
    def translate(self, X: Any, to: Hashable) -> np.ndarray:
        """Translate images into a class, whatever theirs is.

        Parameters
        ----------
        X : n images like those in ``fit``
        to : label
            A trained class.

        Returns
        -------
        n images, in the type, shape and range of those in ``fit``
            All of them: none is left out by ``guard``.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            For images unlike those in ``fit``, or a class that was not trained.
        """
        check_is_fitted(self)
        self._check_translated([to])
        generator = self.generators_[to]
        parts = self._encode_checked(X).split(self._chunk_size)
        with torch.no_grad():
            translated = torch.cat([generator(part[None])[0] for part in parts])
        return self._encoder.decode(translated.numpy())

    def _prepare_training(
        self, X: Any, y: Any, labels: Any, checkpoint: Checkpoint
    ) -> PerClassTrainer:
        """Check and encode the images; return what trains on them."""
        device = resolve_device(self.device)
        X, y = self._check_images(X, y)
        self._encoder = encoder = ImageEncoder.fit(X, self.image_shape, self.value_range)
        check_gan_sides(encoder.height, encoder.width)
        self._augmentation = Augmentation(augmentation_kinds(self.augment, encoder.n_channels))
        counts = class_counts(y)
        if len(counts) < 2:
            raise ValueError(
                f"translation needs two classes or more; y holds {counts}. DiscriminatorFeatures "
                "hands on labels with per_class=True."
            )
        rng, seeds = self._init_fit(y, labels, checkpoint)
        large_enough = [label for label, n in self._tier_sizes.items() if n >= TRANSLATOR.min_rows]
        if len(large_enough) == 1:
            warn_caller(
                f"{format_labels(large_enough)} alone has {TRANSLATOR.min_rows} images or more: "
                "there is no other to translate from or into, and moved copies serve all.",
                SmallClassWarning,
            )
        self._X = X[: len(y)]
        self._y = y
        self.data_digest_ = digest(X, y)
        self._feature_network()
        self._known = np.flatnonzero(np.isin(y, np.array(large_enough, dtype=y.dtype)))
        images = {label: self._encode_class(label) for label in counts}
        self._fit_guard(large_enough, int(rng.randint(SEED_LIMIT)))
        if len(X) > len(y):
            images[self.unlabeled_label] = torch.from_numpy(encoder.encode(X[len(y) :]))
            seeds[self.unlabeled_label] = int(rng.randint(SEED_LIMIT))
        given = self._hyperparameters(n_steps=self._auto_n_steps())
        sizes = stage_sizes(encoder.n_channels, encoder.height, encoder.width, self.capacity)
        recipe = class_translation_recipe(
            image_recipe(given, sizes, self._augmentation, device),
            sizes,
            self._augmentation,
            self.consistency,
            n_classes=len(counts),
        )
        recognized = self.class_counts_.keys() - set(self._unrecognized)
        return PerClassTrainer(
            images, seeds, recipe, recognized, checkpoint, checkpoint.n_threads, self._tier_sizes
        )

    def _fit_guard(self, large_enough: list, seed: int) -> None:
        """Train what judges translations, if anything does, and ask it about real images."""
        self._label_guard = None
        self._guard_seed = seed
        self._threshold = float(self.guard)
        self.guard_precision_: dict[Hashable, float] = {}
        wanted = [label for label in large_enough if label in self.class_counts_]
        if self.guard and wanted and len(large_enough) > 1:
            y = self._y[self._known]
            images = self._encoder.encode(self._X[self._known])
            features = self._feature_network()
            if features is None:
                self._label_guard = LabelGuard.fit(images, y, seed)
            else:
                rows = features(images)
                self._label_guard = LabelGuard.fit(rows, y, seed, LinearClassifier.fit)
                self._guard_features = features
            precision = self._label_guard.precision()
            self.guard_precision_ = {label: precision[label] for label in wanted}
        if self._unrecognized:
            shown = ", ".join(
                f"{label!r}: {self.guard_precision_[label]:.2f}" for label in self._unrecognized
            )
            warn_caller(
                f"the guard cannot tell {format_labels(self._unrecognized)} in real images: "
                f"of those that it takes for one, too few are of it (shares {{{shown}}}, where "
                f"{MIN_PRECISION} is wanted), so it cannot vouch for translations: served by "
                f"{COPIES.name}. Give more images, or take all translations with guard=0.",
                SmallClassWarning,
            )

    @property
    def _unrecognized(self) -> list[Hashable]:
        """Classes that the guard cannot tell."""
        return [label for label, rate in self.guard_precision_.items() if rate < MIN_PRECISION]

    def _set_trained(self, trained: Mapping[Hashable, TrainedClass]) -> None:
        """Take over what was trained, and leave to copies what does not pass the guard."""
        super()._set_trained(trained)
        for label in self._unrecognized:
            self._fall_back_to_copies(label)
        stream = torch.Generator().manual_seed(self._guard_seed)
        self.acceptance_ = {
            label: self._acceptance_rate(label, stream) for label in self.classes_.tolist()
        }
        for label, rate in self.acceptance_.items():
            if rate < MIN_ACCEPTANCE:
                self._warn_of_rejection(label)
                self._fall_back_to_copies(label)

    def _acceptance_rate(self, label: Hashable, stream: torch.Generator) -> float:
        noise = torch.randn(N_RATED, self.n_latent, generator=stream)
        translations = self._generate(self.generator_for(label), noise, label)
        return len(self._accepted(translations, label, noise)) / N_RATED

    def _warn_of_rejection(self, label: Hashable) -> None:
        warn_caller(
            f"of {N_RATED} translations into class {label!r}, {self.acceptance_[label]:.0%} pass "
            f"guard={self.guard}: served by {COPIES.name}. Train longer, or lower guard.",
            ConvergenceWarning,
        )

    def _encode_class(self, label: Hashable) -> torch.Tensor:
        return torch.from_numpy(self._encoder.encode(self._X[self._y == label]))

    def _fall_back_to_copies(self, label: Hashable) -> None:
        self.generators_[label] = moved_copies(self._encode_class(label), self._augmentation)
        self.discriminators_[label] = None
        self.health_[label] = NOT_TRAINED
        self.tiers_[label] = COPIES.name

    def _accepted(self, samples: Any, label: Hashable, noise: torch.Tensor) -> Any:
        if self._label_guard is None or self.discriminators_[label] is None:
            return samples
        rows, _ = self._sources_for(label).choose(noise)
        seen = self._encoder.encode(samples)
        if self._label_guard.knows_features:
            seen = self._features_of_guard(self._label_guard)(seen)
        given = self._label_guard.probabilities(seen, np.searchsorted(self._known, rows), label)
        return samples[given >= self._threshold]

    def _features_of_guard(self, guard: LabelGuard) -> FeatureNetwork:
        """The network that the guard was trained with.

        Raises
        ------
        ValueError
            Where there is none, or one by which the guard takes real images for other classes
            than it did.
        """
        features = self._feature_network()
        if features is None:
            raise ValueError(
                "the guard judges images by features of a network: set that of fit again, "
                "set_params(features=network)."
            )
        if features is not self._guard_features:
            rows = np.linspace(0, len(self._known) - 1, N_COMPARED).astype(int)
            images = self._encoder.encode(self._X[self._known[rows]])
            agreement = (guard.predict(features(images), rows) == guard.predicted[rows]).mean()
            if agreement < MIN_AGREEMENT:
                raise ValueError(
                    f"by the features of this network the guard takes {1 - agreement:.0%} of real "
                    "images for other classes than in fit. Set the network that fit was given."
                )
            self._guard_features = features
        return features

    def _sources_for(self, label: Hashable) -> ImageSources:
        """Images of other classes."""
        rows = self._known[self._y[self._known] != label]
        moved = "affine" in self._augmentation.kinds
        return ImageSources(self._X, self._encoder, rows, moved)
