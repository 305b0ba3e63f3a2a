"""PairedTranslator: images from guides, such as edges, masks or keypoints."""

import numbers
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Self

import numpy as np
import torch
from sklearn.utils import check_array, column_or_1d, gen_batches
from sklearn.utils.validation import check_is_fitted

from ganaug.encoding.digest import digest
from ganaug.encoding.image import ImageEncoder
from ganaug.models.base import ClassGAN
from ganaug.models.image_mixin import FEATURE_BATCH, ImageModelMixin, check_gan_sides
from ganaug.models.image_states import FittedPairedTranslator, check_unet
from ganaug.models.sources import ImageSources
from ganaug.models.translator_mixin import TranslatorMixin
from ganaug.randomness import SEED_LIMIT, check_seed
from ganaug.trainers.augmentation_policies import augmentation_kinds
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.device import resolve_device
from ganaug.trainers.image import image_recipe
from ganaug.trainers.paired_transform import PairedTransform
from ganaug.trainers.paired_translation import (
    PAIRED,
    PairSizes,
    join_pairs,
    paired_translation_recipe,
)
from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.training_status import Callback
from ganaug.training.defaults import torch_defaults
from ganaug.training.diffaug import Augmentation
from ganaug.training.networks.image_stages import stage_sizes
from ganaug.training.untrained.moved_copies import N_CHOICES
from ganaug.unlabeled import unlabeled_mask
from ganaug.validation import Interval, fit_context


class PairedTranslator(TranslatorMixin, ImageModelMixin, ClassGAN[np.ndarray]):
    """Make images of guides: learnt from pairs, several answers to each guide.

    A guide says where things are and leaves open how they look: edges, a mask, or
    keypoints drawn by ``keypoint_maps``. A network turns guides into images, as a
    generator in a game whose discriminator sees parts of guides and images side by
    side. A second loss keeps one of two answers near the image that a guide came with;
    what the guide leaves open is left to noise.

    ``sample`` takes guides of a class from the training data, moves them a little, and
    makes an image of each; ``interpolate`` stays with the guide of its start. To be used
    where a model is fitted by images and labels alone, in ``GANOverSampler`` for instance,
    it is fitted before, and comes as ``FrozenEstimator(translator)``.

    Parameters
    ----------
    n_steps : int or "auto", default="auto"
        Updates of the network. Fitting time is linear in it. "auto" is as in ``ImageGAN``.
    augment : {"auto", "photo", "grey", "symbol"}, list of str or None, default="auto"
        Changes that leave an image in its class, as in ``ImageGAN``; guides move with
        their images, and keep their values. Where "affine" is among them, ``sample``
        moves guides.
    real_transform : callable or None, default=None
        Takes ``image=`` and ``guide=`` and returns a dict with both, in the same shapes
        and types, as a pipeline of albumentations with
        ``additional_targets={"guide": "mask"}`` does. Before training, real pairs are
        joined by up to nine transformed versions each, as in ``ImageGAN``.
    features : torch.nn.Module, callable or None, default=None
        Frozen network of the user in whose features ``evaluate`` compares images too, as in
        ``ImageGAN``.
    fidelity : float, default=10.0
        Weight of the mean absolute distance to real images, of which black and white are
        2 apart, against the loss of the game.
    capacity : float, default=1.0
        Multiplies the channels of the networks; fitting time grows with its square.
    image_shape : sequence of int or None, default=None
        (height, width) or (height, width, channels) of images that come as rows.
    value_range, guide_range : (low, high) or None, default=None
        Values of black and white in images and in guides, as in ``ImageGAN``. Of guides of
        uint8 that stay below 128, such as masks, None takes the values that occur.
    unlabeled_label : label or None, default=None
        Label in ``y`` that marks pairs without a class, such as -1; None makes no label
        special. Where classes share a network, it learns from them too. They are never
        drawn and not kept in the model.
    n_latent : int, default=64
        Width of the Gaussian noise, 6 or more: five numbers choose a guide and move it,
        the others say what it leaves open.
    batch_size : int, default=16
        Pairs of each class and update; fewer of each where there are many classes.
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
        As in ``ImageGAN``; each generator maps guides and noise to images, and each
        discriminator sees guides and images as channels of one.

    See Also
    --------
    ganaug.keypoint_maps : Draws keypoints as guides.
    ganaug.ClassTranslator : Needs no pairs.

    References
    ----------
    Isola et al., "Image-to-image translation with conditional adversarial networks",
    CVPR 2017.

    Ma et al., "Pose guided person image generation", NeurIPS 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> images = load_digits().images[:50]
    >>> guides = images > 8
    >>> translator = PairedTranslator(n_steps=2, random_state=0).fit(guides, images)
    >>> translator.translate(guides[:3]).shape
    (3, 8, 8)
    """

    _parameter_constraints: dict = {
        **ImageModelMixin._parameter_constraints,
        "real_transform": [callable, None],
        "fidelity": [Interval(numbers.Real, 0, None, closed="left")],
        "guide_range": ["array-like", None],
        "n_latent": [Interval(numbers.Integral, N_CHOICES + 1, None, closed="left")],
    }

    # Of a function, a file holds no more.
    STATE = FittedPairedTranslator
    SAVED_AS_REPR = ("real_transform", "features")

    def __init__(
        self,
        *,
        n_steps: int | str = "auto",
        augment: str | Sequence[str] | None = "auto",
        real_transform: Callable | None = None,
        features: Callable | None = None,
        fidelity: float = 10.0,
        capacity: float = 1.0,
        image_shape: Sequence[int] | None = None,
        value_range: tuple[float, float] | None = None,
        guide_range: tuple[float, float] | None = None,
        unlabeled_label: Hashable = None,
        n_latent: int = 64,
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
        self.real_transform = real_transform
        self.features = features
        self.fidelity = fidelity
        self.capacity = capacity
        self.image_shape = image_shape
        self.value_range = value_range
        self.guide_range = guide_range
        self.unlabeled_label = unlabeled_label
        self.n_latent = n_latent
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.gamma = gamma
        self.device = device
        self.precision = precision
        self.random_state = random_state
        self.callback = callback
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, guides: Any, X: Any, y: Any = None, labels: Any = None, checkpoint: Any = None
    ) -> Self:
        """Learn what images belong to guides.

        Parameters
        ----------
        guides : (n, height, width) or (n, height, width, channels) array
            Of the images' height and width, with any number of channels.
        X : (n, height, width), (n, height, width, channels) or (n, pixels) array
            Images, uint8 or of other numbers; as rows with ``image_shape``.
        y : (n,) array or None, default=None
            Class of each pair; None makes them one, named 0. Classes of fewer than 10
            images are left to moved copies of their images.
        labels : array-like or None, default=None
            Classes to generate; None takes all of ``y``.
        checkpoint : path or None, default=None
            As in ``ImageGAN.fit``.

        Returns
        -------
        PairedTranslator
            Itself, fitted.

        Raises
        ------
        ValueError
            For guides and images that do not match in number or size, values that are not
            finite, too small or too large images, or a transform that changes their form;
            before training.
        RuntimeError
            For a device that is not there.
        OSError
            For a checkpoint that cannot be written, or read.
        """
        with self._fitting():
            checkpoint = Checkpoint.at(checkpoint)
            trainer = self._prepare_training(guides, X, y, labels, checkpoint)
            self._train(trainer, checkpoint)
        return self

    @torch_defaults()
    def translate(
        self,
        guides: Any,
        y: Any = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> np.ndarray:
        """Make one image of each guide; equal guides get different ones.

        Parameters
        ----------
        guides : n guides like those in ``fit``
        y : label, (n,) array or None, default=None
            Classes that the images shall have; None where only one was trained.
        random_state : int, RandomState instance or None
            As in ``sample``: an int repeats the noise, and so the images.

        Returns
        -------
        n images, in the type, shape and range of those in ``fit``

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            For guides unlike those in ``fit``, another number of labels, or classes that
            were not trained.
        """
        check_is_fitted(self)
        guides = self._check_new_guides(guides)
        wanted = self._check_targets(y, len(guides))
        rng = self._stream if random_state is None else check_seed(random_state)
        stream = torch.Generator().manual_seed(int(rng.randint(SEED_LIMIT)))
        noise = torch.randn(len(guides), self.n_latent - N_CHOICES, generator=stream)
        codes = torch.from_numpy(self._guide_encoder.encode_checked(guides))
        images = np.empty((len(guides), *self._encoder.shape), self._encoder.dtype)
        for label in np.unique(wanted).tolist():
            for rows in torch.from_numpy(np.flatnonzero(wanted == label)).split(self._chunk_size):
                with torch.no_grad():
                    made = self.generators_[label](codes[None, rows], noise[None, rows])[0]
                images[rows.numpy()] = self._encoder.decode(made.numpy())
        return images

    @torch_defaults()
    def discriminator_features(self, X: Any, label: Hashable, guides: Any = None) -> np.ndarray:
        """Activations of all stages of a class's discriminator, as in ``ImageGAN``.

        Parameters
        ----------
        X, label
            As in ``ImageGAN``.
        guides : n guides like those in ``fit``
            Of the images: the discriminator looks at both.

        Returns
        -------
        (n, n_features) float64 array

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            As in ``ImageGAN``, and where guides are missing or do not match.
        """
        check_is_fitted(self)
        if guides is None:
            raise ValueError(
                "the discriminators of a PairedTranslator look at images and their guides: pass "
                "guides too. Features of images alone come from ImageGAN."
            )
        guides = self._check_new_guides(guides)
        X = self._check_new(X)
        if len(guides) != len(X):
            raise ValueError(f"there are {len(guides)} guides and {len(X)} images.")
        parts = gen_batches(len(X), FEATURE_BATCH)
        return self._features((self._encode_pairs(guides, X, rows) for rows in parts), label)

    def _prepare_training(
        self, guides: Any, X: Any, y: Any, labels: Any, checkpoint: Checkpoint
    ) -> PerClassTrainer:
        """Check and encode the pairs; return what trains on them."""
        device = resolve_device(self.device)
        _check_are_images(X)
        labels_given = y
        X, y = self._check_images(X, y)
        self._encoder = encoder = ImageEncoder.fit(X, self.image_shape, self.value_range)
        check_gan_sides(encoder.height, encoder.width)
        guides = self._validate_guides(guides)
        self._check_pairs(guides, X)
        if len(y) < len(X):
            # as the images
            mask = unlabeled_mask(labels_given, self.unlabeled_label)
            guides = guides[np.argsort(mask, kind="stable")]
        self._guide_encoder = ImageEncoder.fit(guides, None, self.guide_range, guides=True)
        self._guides = guides[: len(y)]
        self._X = X[: len(y)]
        self._y = y
        self._feature_network()
        self.data_digest_ = digest(guides, X, y)
        n_guides = self._guide_encoder.n_channels
        kinds = augmentation_kinds(self.augment, encoder.n_channels)
        self._augmentation = Augmentation(kinds, n_guides)
        rng, seeds = self._init_fit(y, labels, checkpoint)
        pairs = {label: self._encode_pairs(self._guides, self._X, y == label) for label in seeds}
        if len(y) < len(X):
            pairs[self.unlabeled_label] = self._encode_pairs(guides, X, slice(len(y), None))
            seeds[self.unlabeled_label] = int(rng.randint(SEED_LIMIT))
        transform = None
        if self.real_transform is not None:
            transform = PairedTransform(self.real_transform, self._guide_encoder, encoder)
            transform.check(next(iter(pairs.values()))[:1])
        given = self._hyperparameters(n_steps=self._auto_n_steps())
        sizes = self._sizes()
        n_large = sum(len(samples) >= PAIRED.min_rows for samples in pairs.values())
        recipe = paired_translation_recipe(
            image_recipe(given, sizes.pairs, self._augmentation, device),
            sizes,
            self._augmentation,
            self.fidelity,
            transform,
            n_classes=max(2, len(pairs.keys() - {self.unlabeled_label})) if n_large > 1 else 1,
        )
        if n_large <= 1:
            pairs = {label: pairs[label] for label in self.class_counts_}
        return PerClassTrainer(
            pairs, seeds, recipe, self.class_counts_, checkpoint, checkpoint.n_threads
        )

    def _check_state(self, state: Any) -> None:
        """Raise a ValueError where networks take other guides, or other noise."""
        n_guides = state.guide_encoder.n_channels
        check_unet(state, n_guides, n_guides + state.encoder.n_channels, self.n_latent - N_CHOICES)

    def _encode_pairs(self, guides: np.ndarray, images: np.ndarray, rows: Any) -> torch.Tensor:
        """Some of the guides and images that were checked, joined."""
        pairs = ((self._guide_encoder, guides), (self._encoder, images))
        return join_pairs(*(torch.from_numpy(e.encode_checked(part[rows])) for e, part in pairs))

    def _sizes(self) -> PairSizes:
        """Sizes of the networks."""
        n_guides = self._guide_encoder.n_channels
        n_images = self._encoder.n_channels
        sides = self._encoder.height, self._encoder.width
        return PairSizes(
            guides=stage_sizes(n_guides, *sides, self.capacity),
            images=stage_sizes(n_images, *sides, self.capacity),
            pairs=stage_sizes(n_guides + n_images, *sides, self.capacity),
        )

    def _sources_for(self, label: Hashable) -> ImageSources:
        """Guides of the class."""
        rows = np.flatnonzero(self._y == label)
        moved = "affine" in self._augmentation.kinds
        return ImageSources(self._guides, self._guide_encoder, rows, moved)

    def training_guides(self) -> np.ndarray:
        """Guides of the training images, in their order and the type of those in ``fit``."""
        check_is_fitted(self)
        return self._guides

    def guides_to_pixels(self, guides: np.ndarray) -> np.ndarray:
        """Guides to look at: (n, height, width[, 3]) array of uint8, channels as colours."""
        return self._guide_encoder.as_picture(guides)

    def _check_targets(self, y: Any, n_guides: int) -> np.ndarray:
        """A trained class for each guide."""
        if y is None:
            if len(self.classes_) > 1:
                raise ValueError(
                    f"this model makes images of {len(self.classes_)} classes: say which, as "
                    f"y=label or one label for each guide. Trained: {self.classes_.tolist()}."
                )
            y = self.classes_[0]
        wanted = np.repeat(y, n_guides) if np.ndim(y) == 0 else column_or_1d(y)
        if len(wanted) != n_guides:
            raise ValueError(f"y holds {len(wanted)} labels for {n_guides} guides.")
        self._check_translated(np.unique(wanted).tolist())
        return wanted

    def _validate_guides(self, guides: Any) -> np.ndarray:
        guides = check_array(
            guides, allow_nd=True, ensure_2d=False, dtype="numeric", input_name="guides"
        )
        if guides.ndim not in (3, 4):
            raise ValueError(
                f"guides have the shape {guides.shape}; (n, height, width) or (n, height, width, "
                "channels) is needed. keypoint_maps draws keypoints."
            )
        return guides

    def _check_new_guides(self, guides: Any) -> np.ndarray:
        """Guides that a user gave after ``fit``, as one array of those in ``fit``'s shape."""
        guides = self._validate_guides(guides)
        self._guide_encoder.check_shape(guides)
        self._guide_encoder.check_scale(guides)
        return guides

    def _check_pairs(self, guides: np.ndarray, X: np.ndarray) -> None:
        if len(guides) != len(X):
            raise ValueError(
                f"there are {len(guides)} guides and {len(X)} images: each image needs a guide."
            )
        sides = self._encoder.height, self._encoder.width
        if guides.shape[1:3] != sides:
            raise ValueError(
                f"guides have {guides.shape[1]} x {guides.shape[2]} pixels, images {sides[0]} x "
                f"{sides[1]}: resize or crop them to one size."
            )


def _check_are_images(X: Any) -> None:
    """Raise a ValueError where labels stand in the place of images."""
    if np.ndim(X) < 2:
        raise ValueError(
            "fit takes guides, images and labels, and was given no images. Where a model is "
            "fitted by images and labels alone, fit this one before, and pass it on as "
            "FrozenEstimator(translator)."
        )
