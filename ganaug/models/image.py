"""ImageGAN: one convolutional GAN per class for images."""

import numbers
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import clone
from torch import nn

from ganaug.encoding.digest import digest
from ganaug.encoding.image import ImageEncoder
from ganaug.encoding.image_sides import MIN_SIDE
from ganaug.metrics.features import random_cnn_features
from ganaug.models.base import ClassGAN
from ganaug.models.class_interpolation import ClassInterpolationMixin
from ganaug.models.hdf5_file import HDF5FileMixin
from ganaug.models.image_mixin import ImageModelMixin, check_gan_sides
from ganaug.models.image_states import FittedImageGAN
from ganaug.models.state_checks import check_noise
from ganaug.models.super_resolver import SuperResolver
from ganaug.models.torch_modules import TorchModulesMixin
from ganaug.randomness import SEED_LIMIT
from ganaug.strategy import class_counts
from ganaug.trainers.augmentation_policies import augmentation_kinds
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.device import resolve_device
from ganaug.trainers.image import (
    default_sharing,
    image_recipe,
    share,
    with_validation,
)
from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.real_transform import RealTransform
from ganaug.trainers.training_status import Callback
from ganaug.training.diffaug import Augmentation
from ganaug.training.networks.cascade import Cascade
from ganaug.training.networks.image_stages import stage_sizes
from ganaug.training.networks.upscaler import downscale
from ganaug.training.untrained.moved_copies import N_CHOICES
from ganaug.validation import Interval, StrOptions, fit_context


class ImageGAN(
    HDF5FileMixin,
    ClassInterpolationMixin,
    TorchModulesMixin,
    ImageModelMixin,
    ClassGAN[np.ndarray],
):
    """One convolutional GAN per class for images, all classes trained at once.

    Images are 8 to 512 pixels high and wide, of any shape between, grey or in
    colour. Samples come back in the type, shape and range of the training images.
    Classes of fewer than 10 images are given randomly shifted, turned and scaled copies
    of their images, with a ``SmallClassWarning``.

    Real and generated images pass through the same random changes before a
    discriminator sees them, so that it does not learn few images by heart.
    ``augment`` says which changes leave an image in its class.

    Of classes of 200 images or more, a fifth (200 at most) is not trained on: samples
    are compared with these. (An upscaler, and the common start of ``sharing="pooled"``,
    train on all images.) Smaller classes have none to spare; their samples are
    compared with the training images.

    Images of more than 128 pixels a side need an ``upscaler``. Training that needs more memory
    than is free says so before it begins.

    A fitted model holds its training images, which ``evaluate`` looks for copies of: it
    is as confidential as they are.

    Parameters
    ----------
    n_steps : int or "auto", default="auto"
        Updates of each class's generator, at most: from half of them on, samples are
        compared with real images now and then, the best state of each class is kept,
        and training ends where none improves any more. Fitting time is linear in it.
        0 trains nothing: samples are then moved copies. "auto" is 1000 for images of
        up to 12 pixels a side, 2000 for larger ones.
    augment : {"auto", "photo", "grey", "symbol"}, list of str or None, default="auto"
        Changes that leave an image in its class. "symbol": small shifts, turns and
        changes of size. "grey": these, brightness, contrast and hidden squares.
        "photo": these, saturation and mirroring; not where left and right matter.
        "auto": "grey" without hidden squares for images in colour, "symbol" for
        others. A list names them: "affine", "flip", "color", "cutout"; each is made to
        a quarter of what the discriminators see, real or generated. None: no changes.
    real_transform : callable or None, default=None
        Takes an image and returns another of its class, in the same shape and type; or
        a pipeline of albumentations. Before training, real images are joined by up to
        nine transformed versions each, as far as classes stay below 2000. Samples may
        show what it does: where it leaves borders, they have some. A saved model keeps
        its ``repr`` only.
    features : torch.nn.Module, callable or None, default=None
        Frozen network that knows more images than these: of timm or torchvision, with its
        weights, or any that maps images (n, channels, height, width) to vectors, or to maps of one
        stage or several. The states of training are then compared in its features,
        and ``evaluate`` has their figures too. It sees images in [0, 1] and in their own
        size, networks of timm normalised as they say; for others, and to enlarge images, put
        transforms in front: ``nn.Sequential(v2.Resize(96), v2.Normalize(mean, std), network)``.
        Grey images come in colour to those that take no others. A saved model keeps its ``repr``
        only.
    sharing : {"auto", "none", "pooled", "conditional"}, default="auto"
        What classes have in common. "none" trains each by itself. "conditional"
        trains one GAN for all, in which a class has its own gains and biases in the
        generator and its own last layer in the discriminator: small classes learn
        from all images. "pooled" trains one GAN on the images of all classes first
        and goes on from it for each. With both, the same noise gives comparable
        images across classes. "auto" is "conditional" where there are several
        classes and one has fewer than 1000 images, or 10 images without a class and more,
        else "none".
    upscaler : SuperResolver or None, default=None
        Makes a cascade: classes' GANs learn images ``upscaler.scale`` times smaller, of 8
        pixels a side or more, and one ``SuperResolver``, trained on the images of all
        classes first, enlarges what they make. A copy of it is trained, in the value range
        and on the device of this model. A step of a GAN then takes about ``scale`` squared
        times less, and fine detail is only what classes have in common. None learns
        images as they are.
    capacity : float, default=1.0
        Multiplies the channels of the networks; fitting time grows with its square.
    spread : float, default=1.0
        Standard deviation of the noise that ``sample`` draws: below 1 for images
        closer to the typical one of their class, above for more variety. It can be
        set on a fitted model, and does nothing to classes that were not trained.
    image_shape : sequence of int or None, default=None
        (height, width) or (height, width, channels) of images that come as rows.
    value_range : (low, high) or None, default=None
        Values of black and white. None takes 0 to 255 for uint8 (with a warning where
        they stay below 128), 0 to 1 or -1 to 1 for floats that stay within, else what
        occurs in the training images. Images that come after ``fit`` are clipped to it
        where they are a little outside, and refused on another scale.
    unlabeled_label : label or None, default=None
        Label in ``y`` that marks images without a class, such as -1; None makes no label
        special. They are never drawn as a class and not kept in the model. In a shared
        network they are trained beside the classes, as one more, and the common start of
        "pooled" sees as many of them as of all classes; an upscaler learns from them too.
        With ``sharing="none"`` they tell nothing but the value range.
    n_latent : int, default=64
        Width of the Gaussian noise from which images are made, 5 or more.
    batch_size : int, default=16
        Real images of each class and update, drawn with replacement; fewer of each
        where several classes share a network: three times ``batch_size`` of all together.
    learning_rate : float, default=4e-3
        Of Adam, for both networks; rises over 50 steps, then falls linearly to a tenth.
    gamma : float, default=0.2
        Weight of the gradient penalties. Raise it where samples collapse.
    device : str or torch.device, default="auto"
        Where to train. "auto" is CUDA where there is one, else the CPU.
    precision : {"float32", "bfloat16"}, default="float32"
        Type in which the networks compute while they are trained. "bfloat16" is mixed precision
        as in ``torch.autocast``: for images of 28 pixels and more it is faster on CPUs that
        compute in it (AVX512-BF16, AMX), and slower on others. Equal seeds then give equal
        images on one machine, but how classes are shared out among games and jobs changes
        them in the last digits. Images are drawn in float32 in any case. On NVIDIA's GPUs torch
        rounds the convolutions of float32 to TF32 unless ``torch.backends.cudnn.allow_tf32`` is
        False.
    n_jobs : int or None, default=None
        Games that are played at a time, as jobs of joblib's active backend; None is 1 unless a
        ``joblib.parallel_config`` says otherwise. Images do not depend on it on a CPU, where
        up to 4 classes share a game, or up to 8 where there are more; those of
        ``sharing="conditional"`` all do, and nothing is left to divide. On GPUs each job takes its
        share of the classes to a card of its own, unless ``device`` names one. In a
        ``torch.distributed`` group each rank trains its share of the games, or of every batch of
        a game of all classes.
    random_state : int, RandomState instance or None, default=None
        Seeds training and sampling. The same int and number of threads give the
        same images on the CPU. Ranks of ``torch.distributed`` need an int.
    callback : callable or None, default=None
        As in ``TableGAN``.
    verbose : int, default=0
        1 shows a progress bar.

    Attributes
    ----------
    classes_ : (n_classes,) array
        Labels that were trained, sorted.
    class_counts_ : dict of label to int
        Real images of each trained class.
    tiers_ : dict of label to str
        Kind of generator that serves each class.
    generators_, discriminators_ : dict of label to torch.nn.Module
        On the CPU, each with a member axis of length 1; the discriminator is None
        where nothing was trained.
    upscaler_ : SuperResolver or None
        The trained copy of ``upscaler``; None without one, and where no class is trained.
    history_ : dict of label to dict of str to (n_steps,) array
        As in ``TableGAN``; that of the upscaler is its own.
    health_ : dict of label to str
        As in ``TableGAN``.
    n_steps_ : int
        Updates done in the longest game: below ``n_steps`` where training ended early,
        or after ``KeyboardInterrupt`` in the training of a model that was not fitted,
        which is usable then. A fitted one stays as it was where another fit fails or is
        interrupted.
    data_digest_ : str
        SHA-256 of the training data.
    n_features_in_ : int
        Length of the second axis of ``X``.

    See Also
    --------
    ganaug.GANOverSampler : Balances a training set with a model like this one.
    ganaug.TableGAN : For rows of numbers.
    ganaug.SuperResolver : Enlarges images, also those of this model.
    ganaug.report.draw_gan : Draws real and generated images, and the training curves.
    ganaug.report.SamplesDisplay : Draws images on axes of matplotlib.

    References
    ----------
    Huang et al., "The GAN is dead; long live the GAN! A modern GAN baseline",
    NeurIPS 2024: the loss and its penalties.

    Zhao et al., "Differentiable augmentation for data-efficient GAN training",
    NeurIPS 2020.

    Miyato and Koyama, "cGANs with projection discriminator", ICLR 2018: a last layer of
    each class on features of all.

    Denton et al., "Deep generative image models using a Laplacian pyramid of adversarial
    networks", NeurIPS 2015: small images first.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> digits = load_digits(n_class=2)
    >>> gan = ImageGAN(n_steps=2, random_state=0).fit(digits.images, digits.target)
    >>> images, labels = gan.sample({0: 3, 1: 1})
    >>> images.shape, labels
    ((4, 8, 8), array([0, 0, 0, 1]))
    """

    STATE = FittedImageGAN
    SAVED_AS_REPR = ("real_transform", "features")

    _parameter_constraints: dict = {
        **ImageModelMixin._parameter_constraints,
        "real_transform": [callable, None],
        "sharing": [StrOptions({"auto", "none", "pooled", "conditional"})],
        "upscaler": [SuperResolver, None],
        "n_jobs": [numbers.Integral, None],
        "spread": [Interval(numbers.Real, 0, None, closed="left")],
        "n_latent": [Interval(numbers.Integral, N_CHOICES, None, closed="left")],
    }

    def __init__(
        self,
        *,
        n_steps: int | str = "auto",
        augment: str | Sequence[str] | None = "auto",
        real_transform: Callable | None = None,
        features: Callable | None = None,
        sharing: str = "auto",
        upscaler: SuperResolver | None = None,
        capacity: float = 1.0,
        spread: float = 1.0,
        image_shape: Sequence[int] | None = None,
        value_range: tuple[float, float] | None = None,
        unlabeled_label: Hashable = None,
        n_latent: int = 64,
        batch_size: int = 16,
        learning_rate: float = 4e-3,
        gamma: float = 0.2,
        device: str | torch.device = "auto",
        precision: str = "float32",
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        callback: Callback | None = None,
        verbose: int = 0,
    ):
        self.n_steps = n_steps
        self.augment = augment
        self.real_transform = real_transform
        self.features = features
        self.sharing = sharing
        self.upscaler = upscaler
        self.capacity = capacity
        self.spread = spread
        self.image_shape = image_shape
        self.value_range = value_range
        self.unlabeled_label = unlabeled_label
        self.n_latent = n_latent
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.gamma = gamma
        self.device = device
        self.precision = precision
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.callback = callback
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, labels: Any = None, checkpoint: Any = None) -> Self:
        """Train the generators of all classes at once.

        Parameters
        ----------
        X : (n, height, width), (n, height, width, channels) or (n, pixels) array
            Images, uint8 or of other numbers; as rows with ``image_shape``. A frame is taken for
            its array, and samples are arrays too.
        y : (n,) array or None
            Class of each image; None takes all for one class, labelled 0.
        labels : array-like or None
            Classes to train; None trains all. Those that share learn from the images
            of the others too.
        checkpoint : path or None, default=None
            File to which the state of training is written every half minute. A fit that was
            killed, called again with the same data and parameters, goes on from there and
            ends as it would have without a break (bit by bit on a CPU). An interruption
            is kept too, and with a larger ``n_steps`` training goes on for more steps. The file
            stays; remove it to train anew.

        Returns
        -------
        ImageGAN
            Itself, fitted.

        Raises
        ------
        ValueError
            For images of different or unsuitable sizes (also for ``upscaler``), values that
            are not finite or out of range, a ``y`` that is not one label per image, labels
            that ``y`` does not hold, a network of ``features`` that gives none of them, an
            unknown device or a checkpoint of another fit; before training.
        RuntimeError
            For a device that is not there or has too little memory.
        OSError
            For a checkpoint that cannot be written, or read.
        """
        with self._fitting():
            checkpoint = Checkpoint.at(checkpoint)
            self._train(self._prepare_training(X, y, labels, checkpoint), checkpoint)
        return self

    def _prepare_training(
        self, X: Any, y: Any, labels: Any, checkpoint: Checkpoint
    ) -> PerClassTrainer:
        """Check and encode the images; return what trains on them."""
        device = resolve_device(self.device)
        X, y = self._check_images(X, y)
        self._encoder = ImageEncoder.fit(X, self.image_shape, self.value_range)
        check_gan_sides(*self._generated_sides())
        kinds = augmentation_kinds(self.augment, self._encoder.n_channels)
        rng, seeds = self._init_fit(y, labels, checkpoint)
        upscaler = self._prepare_upscaler(X, rng)
        self._X = X[: len(y)]
        self._y = y
        self.data_digest_ = digest(X, y)
        sharing = self.sharing
        if sharing == "auto":
            sharing = default_sharing(self._tier_sizes.values(), len(X) - len(y))
        images = self._encode_classes(None if sharing == "none" else X[len(y) :])
        if self.unlabeled_label in images:
            seeds[self.unlabeled_label] = int(rng.randint(SEED_LIMIT))
        transform = None
        if self.real_transform is not None:
            transform = RealTransform(self.real_transform, self._encoder)
            transform.check(next(iter(images.values()))[:1])
        given = self._hyperparameters(n_steps=self._auto_n_steps())
        sizes = stage_sizes(self._encoder.n_channels, *self._generated_sides(), self.capacity)
        recipe = image_recipe(given, sizes, Augmentation(kinds), device)
        if upscaler is not None:
            recipe = replace(recipe, unpack=partial(downscale, scale=upscaler.scale))
        recipe = share(recipe, sharing, images, seeds, transform, self.unlabeled_label)
        features = self._feature_network() or random_cnn_features
        recipe = with_validation(recipe, transform, features)
        if upscaler is not None:
            first = upscaler.as_pretraining(self._as_images(X), checkpoint)
            recipe = replace(recipe, pretraining=(first, *recipe.pretraining))
        if sharing == "pooled":
            images = {label: images[label] for label in self.class_counts_}
        trainer = PerClassTrainer(
            images,
            seeds,
            recipe,
            self.class_counts_,
            checkpoint,
            checkpoint.n_threads,
            self._tier_sizes,
            self.n_jobs,
        )
        self.upscaler_ = upscaler if trainer.n_steps > 0 else None
        return trainer

    def _encode_classes(self, unlabeled: np.ndarray | None) -> dict[Hashable, torch.Tensor]:
        """Encoded images by class, then those without a class; without them, of wanted classes."""
        labels = self.class_counts_ if unlabeled is None else class_counts(self._y)
        images = {
            label: torch.from_numpy(self._encoder.encode(self._X[self._y == label]))
            for label in labels
        }
        if unlabeled is not None and len(unlabeled):
            images[self.unlabeled_label] = torch.from_numpy(self._encoder.encode(unlabeled))
        return images

    def _check_state(self, state: Any) -> None:
        """Raise a ValueError where generators take other noise than ``n_latent`` says."""
        check_noise((generator for generator, _ in state.trained_networks()), self.n_latent)

    def latent_std(self, label: Hashable) -> float:
        """``spread``, but for classes that are served by moved copies."""
        # noise chooses among moved copies: a narrower one would prefer some of them
        return 1.0 if self.discriminators_[label] is None else self.spread

    def _generated_sides(self) -> tuple[int, int]:
        """Height and width of the images that generators make."""
        scale = 1 if self.upscaler is None else self.upscaler.scale
        return self._encoder.height // scale, self._encoder.width // scale

    def _prepare_upscaler(self, X: np.ndarray, rng: np.random.RandomState) -> SuperResolver | None:
        """Copy of the upscaler that is ready to learn from images.

        Raises
        ------
        ValueError
            For images that it does not take, or of which small ones have too few pixels.
        """
        if self.upscaler is None:
            return None
        seed = int(rng.randint(SEED_LIMIT))
        height = self._encoder.height
        width = self._encoder.width
        scale = self.upscaler.scale
        upscaler = clone(self.upscaler).set_params(
            value_range=(self._encoder.low, self._encoder.high), device=self.device
        )
        if upscaler.random_state is None:
            upscaler.set_params(random_state=seed)
        upscaler.check_images(self._as_images(X))
        if min(height, width) < MIN_SIDE * scale:
            raise ValueError(
                f"images of {height} x {width} pixels, made {scale} times smaller for the "
                f"upscaler, have fewer than the {MIN_SIDE} pixels a side that ImageGAN needs. Use "
                "larger images, a smaller scale, or upscaler=None."
            )
        return upscaler

    def _as_images(self, X: np.ndarray) -> np.ndarray:
        return X if X.ndim > 2 else X.reshape(len(X), *(self.image_shape or ()))

    def generator_for(self, label: Hashable) -> nn.Module:
        """Whole generator of a class: with the upscaler, where there is one.

        Parameters
        ----------
        label : label
            A trained class.

        Returns
        -------
        Module
            Maps latent points (1, n, n_latent) to encoded images.
        """
        generator = self.generators_[label]
        # copies have the size of the training images
        if self.upscaler_ is None or self.discriminators_[label] is None:
            return generator
        return Cascade(generator, self.upscaler_.upscaler_)

    def _generate_by_members(self, generator: nn.Module, points: torch.Tensor) -> np.ndarray:
        """Images of a generator that has a member for each latent point (n, n_latent)."""
        if self.upscaler_ is not None:
            generator = Cascade(generator, self.upscaler_.upscaler_)
        with torch.no_grad():
            return self._encoder.decode(generator(points[:, None]).flatten(0, 1).numpy())

    def _discriminator_inputs(self, X: Any) -> Iterator[torch.Tensor]:
        parts = super()._discriminator_inputs(X)
        if self.upscaler_ is None:
            return parts
        return (downscale(images, self.upscaler_.scale) for images in parts)
