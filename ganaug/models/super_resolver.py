"""SuperResolver: images of a higher resolution, by one network for all classes."""

import numbers
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from ganaug.encoding.dataset import check_in_memory
from ganaug.encoding.digest import digest
from ganaug.encoding.image import ImageEncoder
from ganaug.models.fingerprint import training_fingerprint
from ganaug.models.image_states import FittedSuperResolver
from ganaug.models.training_mixin import TrainingMixin
from ganaug.progress import Progress
from ganaug.randomness import SEED_LIMIT, check_seed
from ganaug.ranks import Ranks, join_ranks, n_ranks
from ganaug.rollback import TrainingInterrupted
from ganaug.storage.saved import SaveMixin
from ganaug.trainers.augmentation_policies import POLICIES, augmentation_kinds
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.device import RUN_CONSTRAINTS, resolve_device
from ganaug.trainers.hyperparameters import PRECISIONS, Hyperparameters
from ganaug.trainers.image import GAMMA, image_recipe
from ganaug.trainers.monitor import Monitor, OnReport
from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.recipe import OnSteps, PlayGame, Pretraining, Recipe
from ganaug.trainers.super_resolution import LEARNING_RATE, super_resolution_recipe
from ganaug.trainers.training_status import Callback
from ganaug.training.defaults import torch_defaults
from ganaug.training.diffaug import Augmentation
from ganaug.training.networks.image_stages import stage_sizes
from ganaug.training.networks.upscaler import downscale
from ganaug.training.passes import samples_per_pass
from ganaug.validation import Interval, Options, StrOptions, fit_context

# Pixels that a small image has on each side, at least: what the network is to learn from.
MIN_SIDE = 4

# Updates by default.
N_STEPS = 1000

# All images are one class.
ALL = 0

# Images that are enlarged at once at most.
MAX_PER_PASS = 256


class SuperResolver(TransformerMixin, TrainingMixin, SaveMixin, BaseEstimator):
    """Enlarge images two- or fourfold, with detail as real images have it.

    One network learns from all images whatever their class, as a generator in a game:
    a discriminator tells enlarged images from real ones. A second loss keeps each
    enlarged image near the real one that it was made from.

    Parameters
    ----------
    scale : {2, 4}, default=2
        By which both sides grow.
    n_steps : int, default=1000
        Updates of the network. Fitting time is linear in it. 0 leaves bicubic
        interpolation.
    fidelity : float, default=50.0
        Weight of the mean absolute distance to real images, of which black and white
        are 2 apart, against the loss of the game. Higher values give softer images,
        nearer to real ones pixel by pixel; lower ones sharper images, whose detail may
        be another than that of the real ones.
    augment : {"auto", "photo", "grey", "symbol"}, list of str or None, default="auto"
        Changes through which the discriminator sees images, as in ``ImageGAN``.
    value_range : (low, high) or None, default=None
        Values of black and white, as in ``ImageGAN``.
    batch_size : int, default=16
        Images of an update.
    learning_rate : float, default=2e-3
        Of Adam, for both networks; rises over 50 steps, then falls linearly to a tenth.
    gamma : float, default=0.2
        Weight of the gradient penalties.
    device : str or torch.device, default="auto"
        Where to train. "auto" is CUDA where there is one, else the CPU.
    precision : {"float32", "bfloat16"}, default="float32"
        Type in which the networks compute while they are trained, as in ``ImageGAN``.
    random_state : int, RandomState instance or None, default=None
        Seeds training.
    callback : callable or None, default=None
        As in ``TableGAN``; in a ``torch.distributed`` group that of the first rank is called, and
        ends the training of all.
    verbose : int, default=0
        1 shows a progress bar.

    Attributes
    ----------
    upscaler_ : torch.nn.Module
        Network on the CPU, with a member axis of length 1.
    discriminator_ : torch.nn.Module or None
        Discriminator as training left it; None where nothing was trained.
    history_ : dict of str to (n_steps,) array
        As for one class in ``TableGAN``.
    health_ : str
        How training went: a word of those in ``TableGAN``.
    n_steps_ : int
        Updates done: fewer after ``KeyboardInterrupt`` in a first training, of which
        the network is usable. A fitted one stays as it was where another fit fails or is
        interrupted.

    See Also
    --------
    ganaug.ImageGAN : Makes images to be enlarged.

    References
    ----------
    Ledig et al., "Photo-realistic single image super-resolution using a generative
    adversarial network", CVPR 2017.

    Huang et al., "The GAN is dead; long live the GAN! A modern GAN baseline",
    NeurIPS 2024: the game and its penalties.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> images = load_digits().images[:50]
    >>> resolver = SuperResolver(n_steps=2, random_state=0).fit(images)
    >>> resolver.transform(images[:, ::2, ::2]).shape
    (50, 8, 8)
    """

    STATE = FittedSuperResolver

    _parameter_constraints: dict = {
        "scale": [Options(numbers.Integral, {2, 4})],
        "n_steps": [Interval(numbers.Integral, 0, None, closed="left")],
        "fidelity": [Interval(numbers.Real, 0, None, closed="left")],
        "augment": [StrOptions({"auto", *POLICIES}), "array-like", None],
        "value_range": ["array-like", None],
        "batch_size": [Interval(numbers.Integral, 1, None, closed="left")],
        "learning_rate": [Interval(numbers.Real, 0, None, closed="neither")],
        "gamma": [Interval(numbers.Real, 0, None, closed="left")],
        "precision": [StrOptions(set(PRECISIONS))],
        **RUN_CONSTRAINTS,
    }

    def __init__(
        self,
        *,
        scale: int = 2,
        n_steps: int = N_STEPS,
        fidelity: float = 50.0,
        augment: Any = "auto",
        value_range: tuple[float, float] | None = None,
        batch_size: int = 16,
        learning_rate: float = LEARNING_RATE,
        gamma: float = GAMMA,
        device: str | torch.device = "auto",
        precision: str = "float32",
        random_state: int | np.random.RandomState | None = None,
        callback: Callback | None = None,
        verbose: int = 0,
    ):
        self.scale = scale
        self.n_steps = n_steps
        self.fidelity = fidelity
        self.augment = augment
        self.value_range = value_range
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.gamma = gamma
        self.device = device
        self.precision = precision
        self.random_state = random_state
        self.callback = callback
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, small: Any = None) -> Self:
        """Learn what detail large images have that small ones lack.

        Parameters
        ----------
        X : (n, height, width) or (n, height, width, channels) array
            Large images, uint8 or of other numbers, of 8 to 512 pixels a side that
            ``scale`` divides.
        y : ignored
        small : (n, height / scale, width / scale[, channels]) array or None, default=None
            The same images as they come small. None averages squares of pixels.

        Returns
        -------
        SuperResolver
            Itself, fitted; in a ``torch.distributed`` group equal on all ranks, each of which
            takes a part of every batch.

        Raises
        ------
        ValueError
            For sides that ``scale`` does not divide, too small images, values that are
            not finite, small images that are not those of X, or ranks that were given different
            ones; before training.
        RuntimeError
            For a device that is not there, or where a rank fails or is lost.
        """
        with self._fitting():
            check_in_memory(X)
            X = check_array(X, allow_nd=True, dtype="numeric")
            self.check_images(X)
            trainer = self._prepare_training(X, small, Checkpoint(None))
            facts = {}
            if n_ranks() > 1:
                data = [X] if small is None else [X, np.asarray(small)]
                facts = training_fingerprint(self, digest(*data))
                facts["random_state (give an int)"] = repr(trainer.seeds[ALL])
            with (
                join_ranks(facts) as ranks,
                self._monitor(trainer) as monitor,
            ):
                self._train(trainer, monitor, monitor.on_report, ranks)
            self._say_how_it_went(
                {ALL: self.health_}, {ALL: self.history_}, "images", {ALL: N_STEPS}
            )
        return self

    @torch_defaults()
    def transform(self, X: Any) -> np.ndarray:
        """Enlarge images.

        Parameters
        ----------
        X : (n, height, width) or (n, height, width, channels) array
            On the scale and with the channels of those in ``fit``; of any size from
            4 pixels a side.

        Returns
        -------
        (n, scale * height, scale * width[, channels]) array
            In the type of the large images in ``fit``.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            For images of other channels or on another scale, or too small ones.
        """
        check_is_fitted(self)
        images = self._encode_small(X)
        n_values = images[:1].numel() * self.scale**2
        parts = images.split(samples_per_pass(n_values, MAX_PER_PASS))
        with torch.no_grad():
            enlarged = [self.upscaler_(part[None])[0] for part in parts]
        decoded = self._encoder.decode_any_size(torch.cat(enlarged).numpy())
        return decoded[..., 0] if len(self._encoder.shape) == 2 else decoded

    def check_images(self, X: np.ndarray) -> None:
        """Check parameters and large images, and remember how they are encoded.

        Raises
        ------
        ValueError
            For bad parameters, or images that they cannot learn from.
        """
        self._validate_params()
        resolve_device(self.device)
        self._encoder = ImageEncoder.fit(X, value_range=self.value_range)
        self._check_sides()
        augmentation_kinds(self.augment, self._encoder.n_channels)

    def as_pretraining(self, X: np.ndarray, checkpoint: Checkpoint) -> Pretraining:
        """Training on checked large images, to come before that of another model.

        Parameters
        ----------
        X : (n, height, width) or (n, height, width, channels) array
        checkpoint : Checkpoint
            Of the other model's fit.
        """

        def run(recipe: Recipe, play: PlayGame, on_steps: OnSteps, ranks: Ranks | None) -> Recipe:
            # not before, as classes are trained without what it holds
            trainer = self._prepare_training(X, None, checkpoint)
            monitor = Monitor(trainer.n_steps, Progress(), self.callback, shown=False)

            def count(n_steps: int) -> None:
                monitor(n_steps)
                on_steps(n_steps)

            self._train(trainer, count, monitor.on_report, ranks)
            return recipe

        return Pretraining(self.n_steps, run)

    def _prepare_training(
        self, X: np.ndarray, small: Any, checkpoint: Checkpoint
    ) -> PerClassTrainer:
        """Encode checked images; return what trains on them."""
        encoder = self._encoder
        large = torch.from_numpy(encoder.encode(X))
        if small is None:
            encoded = downscale(large, self.scale)
        else:
            encoded = self._encode_small(small)
            self._check_pairs(X, encoded)
        given = Hyperparameters(
            self.n_steps, 0, self.batch_size, self.learning_rate, self.gamma, self.precision
        )
        sizes = stage_sizes(encoder.n_channels, encoder.height, encoder.width, capacity=1.0)
        augmentation = Augmentation(augmentation_kinds(self.augment, encoder.n_channels))
        images = image_recipe(given, sizes, augmentation, resolve_device(self.device))
        recipe = super_resolution_recipe(
            images, sizes, augmentation, encoded, self.scale, self.fidelity
        )
        seed = int(check_seed(self.random_state).randint(SEED_LIMIT))
        return PerClassTrainer({ALL: large}, {ALL: seed}, recipe, checkpoint=checkpoint)

    def _train(
        self,
        trainer: PerClassTrainer,
        on_steps: OnSteps,
        on_report: OnReport | None,
        ranks: Ranks | None,
    ) -> None:
        """Train, and keep the network; an interruption is passed on once it is kept."""
        trained = trainer.train(on_steps, on_report, ranks)[ALL]
        self.upscaler_: Any = trained.generator
        self.discriminator_ = trained.discriminator
        self.history_ = trained.history
        self.health_ = trained.health
        self.n_steps_ = len(trained.history["fool_rate"])
        if trainer.interrupted:
            raise TrainingInterrupted(self)

    def _check_state(self, state: Any) -> None:
        """Raise a ValueError where the network enlarges by another scale."""
        if state.upscaler.config["scale"] != self.scale:
            raise ValueError(f"scale={self.scale} is not what the network was trained with")

    def _check_sides(self) -> None:
        sides = self._encoder.height, self._encoder.width
        if any(side % self.scale for side in sides):
            raise ValueError(
                f"scale={self.scale} must divide both sides of the images, which have "
                f"{sides[0]} x {sides[1]} pixels. Crop or pad them."
            )
        if min(sides) < MIN_SIDE * self.scale:
            raise ValueError(
                f"images of {sides[0]} x {sides[1]} pixels, made {self.scale} times smaller, have "
                f"fewer than {MIN_SIDE} pixels a side. Use larger ones, or a smaller scale."
            )

    def _encode_small(self, X: Any) -> Tensor:
        """Small images as the network takes them."""
        check_in_memory(X)
        X = np.asarray(X)
        colour = self._encoder.shape[2:]
        if X.ndim != len(self._encoder.shape) + 1 or X.shape[3:] != colour:
            raise ValueError(
                f"images have the shape {X.shape}; (n, height, width"
                f"{', ' + str(colour[0]) if colour else ''}) is needed, as in fit."
            )
        if min(X.shape[1:3]) < MIN_SIDE:
            raise ValueError(
                f"images have {X.shape[1]} x {X.shape[2]} pixels; they need {MIN_SIDE} or more "
                "a side."
            )
        X = check_array(X, allow_nd=True, dtype="numeric")
        self._encoder.check_scale(X)
        return torch.from_numpy(self._encoder.encode_any_size(X))

    def _check_pairs(self, X: np.ndarray, small: Tensor) -> None:
        expected = (len(X), *(side // self.scale for side in X.shape[1:3]))
        given = (len(small), *small.shape[2:])
        if given != expected:
            raise ValueError(
                f"small holds {given[0]} images of {given[1]} x {given[2]} pixels; X with "
                f"scale={self.scale} needs {expected[0]} of {expected[1]} x {expected[2]}."
            )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        return tags
