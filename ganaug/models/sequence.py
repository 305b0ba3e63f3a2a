"""SequenceGAN: one convolutional GAN per class for signals and time series."""

import numbers
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
import torch
from sklearn.utils import column_or_1d, gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor, nn

from ganaug.encoding.dataset import check_in_memory
from ganaug.encoding.digest import digest
from ganaug.encoding.sequence import SequenceEncoder
from ganaug.encoding.sequence_array import object_array, sequence_array
from ganaug.metrics.copies import find_copies
from ganaug.metrics.sequences import sequence_quality
from ganaug.models.base import ClassGAN
from ganaug.models.held_samples import HeldSamplesMixin
from ganaug.models.sequence_states import FittedSequenceGAN
from ganaug.models.state_checks import check_held, check_noise
from ganaug.models.training_mixin import show_seconds
from ganaug.randomness import SEED_LIMIT
from ganaug.strategy import class_counts
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.device import RUN_CONSTRAINTS, resolve_device
from ganaug.trainers.hyperparameters import PRECISIONS
from ganaug.trainers.image import default_sharing, share, with_validation
from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.sequence import N_STEPS, sequence_kinds, sequence_recipe
from ganaug.trainers.training_status import Callback
from ganaug.training.defaults import torch_defaults
from ganaug.training.networks.image_stages import sequence_stage_sizes
from ganaug.training.sequence_diffaug import SequenceAugmentation
from ganaug.training.untrained.warped_copies import N_CHOICES
from ganaug.unlabeled import LABEL_CONSTRAINT, unlabeled_last
from ganaug.validation import Interval, StrOptions, check_classes, check_targets, fit_context

# Sequences of which a discriminator gives features in one pass.
FEATURE_BATCH = 16


class SequenceGAN(HeldSamplesMixin, ClassGAN[np.ndarray]):
    """One convolutional GAN per class for signals and time series, all classes trained at once.

    Sequences have one length and up to 64 channels: (n, steps) or (n, steps, channels), from 2
    to 4,096 steps. A list of arrays (steps,) or (steps, channels) may hold sequences of different
    lengths, and comes back as an object array of such. Gaps (NaN) are learnt as such.

    The networks are those of ``ImageGAN`` for images of a single row: residual convolutions in
    up to nine resolutions, no normalisation layers, the relativistic loss with both gradient
    penalties of R3GAN.

    Parameters
    ----------
    n_steps : int or "auto", default="auto"
        Updates of the networks; "auto" is 1,000. Training ends early where samples cease to
        improve. 0 trains nothing: every class is served by warped copies.

    augment : "auto", sequence of str or None, default="auto"
        Changes that leave a sequence in its class, through which the discriminators see real
        and generated sequences alike, so that few sequences do not become known by heart; and
        by which the copies differ that serve classes of fewer than 10 sequences. "auto" is
        "shift", "warp" (of the pace) and "scale" (of each channel's amplitude); there are "noise"
        and "channel_drop" besides. None changes nothing.

    sharing : {"auto", "none", "pooled", "conditional"}, default="auto"
        What classes share, as in ``ImageGAN``: "auto" is "conditional", all layers but gains and
        biases, where a class has fewer than 1,000 sequences, or where 10 or more have no class;
        else "none".

    capacity : float, default=1.0
        Multiplies the channels of all layers.

    layout : {"channels_last", "channels_first"}, default="channels_last"
        Order of the axes of 3-D ``X``: (n, steps, channels), or (n, channels, steps) as in
        aeon, sktime and torch.

    sequence_shape : (int, int) or None, default=None
        (steps, channels), with ``layout="channels_first"`` (channels, steps), of sequences
        that come as rows. None takes rows for sequences of one channel.

    unlabeled_label : label or None, default=None
        Label in ``y`` that marks sequences without a class, such as -1; None makes no label
        special. They are never drawn as a class and not kept in the model. In shared networks
        they are trained beside the classes, as one more; with ``sharing="none"`` they are left
        out.

    n_latent : int, default=64
        Width of the Gaussian noise from which sequences are made, 6 or more.

    batch_size : int, default=16
        Real sequences of each class and update, drawn with replacement; fewer of each where
        many classes share a network.

    learning_rate : float, default=4e-3
        Learning rate of Adam for both networks; rises over 50 steps, then falls linearly to a
        tenth.

    gamma : float, default=0.2
        Weight of the gradient penalties. Raise it where samples collapse.

    device : str or torch.device, default="auto"
        Where to train. "auto" is CUDA where there is one, else the CPU.

    precision : {"float32", "bfloat16"}, default="float32"
        Type in which the networks compute while they are trained, as in ``ImageGAN``. In
        bfloat16 the KID of samples is a little larger
        (``python -m benchmarks.sequences.quality``).

    n_jobs : int or None, default=None
        Games that are played at a time, as in ``ImageGAN``.

    random_state : int, RandomState instance or None, default=None
        Seeds training and sampling. The same int and number of threads give the same
        sequences on the CPU. Ranks of ``torch.distributed`` need an int.

    verbose : int, default=0
        1 shows a progress bar, and says afterwards how the training went.

    callback : callable or None, default=None
        Watches the training, and may end it, as in ``ImageGAN``.

    Attributes
    ----------
    classes_, class_counts_, tiers_, generators_, discriminators_, history_, health_, n_steps_, \
data_digest_, n_features_in_
        As in ``ImageGAN``.

    See Also
    --------
    ganaug.GANOverSampler : Balances a training set with a model like this one.
    ganaug.ImageGAN : For images.

    References
    ----------
    Huang et al., "The GAN is dead; long live the GAN! A modern GAN baseline",
    NeurIPS 2024: the loss and its penalties.

    Zhao et al., "Differentiable augmentation for data-efficient GAN training",
    NeurIPS 2020.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> phase = rng.uniform(0, 6, (40, 1))
    >>> X = np.sin(np.linspace(0, 12, 50) * np.repeat([[1], [2]], 20, axis=0) + phase)
    >>> y = np.repeat(["slow", "fast"], 20)
    >>> gan = SequenceGAN(n_steps=2, random_state=0).fit(X, y)
    >>> sequences, labels = gan.sample({"slow": 3})
    >>> sequences.shape, labels.tolist()
    ((3, 50), ['slow', 'slow', 'slow'])
    """

    sample_kind = "sequences"

    STATE = FittedSequenceGAN

    _chunk_size = 1024
    _HELD = ("_X", "_y")

    _parameter_constraints: dict = {
        "n_steps": [Interval(numbers.Integral, 0, None, closed="left"), StrOptions({"auto"})],
        "augment": [StrOptions({"auto"}), "array-like", None],
        "sharing": [StrOptions({"auto", "none", "pooled", "conditional"})],
        "capacity": [Interval(numbers.Real, 0, None, closed="neither")],
        "layout": [StrOptions({"channels_last", "channels_first"})],
        "sequence_shape": ["array-like", None],
        "unlabeled_label": LABEL_CONSTRAINT,
        "n_latent": [Interval(numbers.Integral, N_CHOICES, None, closed="left")],
        "batch_size": [Interval(numbers.Integral, 1, None, closed="left")],
        "learning_rate": [Interval(numbers.Real, 0, None, closed="neither")],
        "gamma": [Interval(numbers.Real, 0, None, closed="left")],
        "precision": [StrOptions(set(PRECISIONS))],
        "n_jobs": [numbers.Integral, None],
        **RUN_CONSTRAINTS,
    }

    def __init__(
        self,
        *,
        n_steps: int | str = "auto",
        augment: str | Sequence[str] | None = "auto",
        sharing: str = "auto",
        capacity: float = 1.0,
        layout: str = "channels_last",
        sequence_shape: Sequence[int] | None = None,
        unlabeled_label: Hashable = None,
        n_latent: int = 64,
        batch_size: int = 16,
        learning_rate: float = 4e-3,
        gamma: float = 0.2,
        device: str | torch.device = "auto",
        precision: str = "float32",
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
        callback: Callback | None = None,
    ):
        self.n_steps = n_steps
        self.augment = augment
        self.sharing = sharing
        self.capacity = capacity
        self.layout = layout
        self.sequence_shape = sequence_shape
        self.unlabeled_label = unlabeled_label
        self.n_latent = n_latent
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.gamma = gamma
        self.device = device
        self.precision = precision
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.callback = callback

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, labels: Any = None, checkpoint: Any = None) -> Self:
        """Train the generators of all classes at once.

        Parameters
        ----------
        X : (n, steps), (n, steps, channels) or (n, channels, steps) array, or list of n arrays
            Sequences, floats or integers; NaN stands for a gap. See ``layout``. A frame is taken
            for its array, and samples are arrays too.
        y : (n,) array or None
            Class of each sequence; None takes all for one class, labelled 0.
        labels : array-like or None
            Classes to train; None trains all. Those that share learn from the sequences of
            the others too.
        checkpoint : path or None, default=None
            File to which the state of training is written every half minute, as in
            ``ImageGAN.fit``.

        Returns
        -------
        SequenceGAN
            Itself, fitted.

        Raises
        ------
        ValueError
            For sequences of unsuitable sizes, infinite values, a ``y`` that is not one label
            per sequence, labels that ``y`` does not hold, an unknown device or a checkpoint of
            another fit; before training.
        RuntimeError
            For a device that is not there or has too little memory.
        OSError
            For a checkpoint that cannot be written, or read.
        """
        with self._fitting():
            checkpoint = Checkpoint.at(checkpoint)
            self._train(self._prepare_training(X, y, labels, checkpoint), checkpoint)
        return self

    def _auto_n_steps(self, tier: str = "") -> int:
        return N_STEPS

    def _prepare_training(
        self, X: Any, y: Any, labels: Any, checkpoint: Checkpoint
    ) -> PerClassTrainer:
        """Check and encode the sequences; return what trains on them."""
        device = resolve_device(self.device)
        X, y = self._checked_labels(self._checked(X, reset=True), y)
        rng, seeds = self._init_fit(y, labels, checkpoint)
        sharing = self.sharing
        if sharing == "auto":
            sharing = default_sharing(self._tier_sizes.values(), len(X) - len(y))
        channels_first = self.layout == "channels_first"
        if sharing == "none" and len(X) > len(y):
            # lengths, ranges and gaps are those of the classes
            X = self._checked(list(X[: len(y)]), reset=True)
        self._encoder = SequenceEncoder.fit(X, self.sequence_shape, channels_first)
        encoder = self._encoder
        kinds = sequence_kinds(self.augment)
        self._X = X[: len(y)]
        self._y = y
        codes = encoder.encode(X)
        self.data_digest_ = digest(codes, y)
        taught = self.class_counts_ if sharing == "none" else class_counts(y)
        samples = {label: torch.from_numpy(codes[: len(y)][y == label]) for label in taught}
        if len(X) > len(y):
            samples[self.unlabeled_label] = torch.from_numpy(codes[len(y) :])
            seeds[self.unlabeled_label] = int(rng.randint(SEED_LIMIT))
        augmentation = SequenceAugmentation(kinds, encoder.n_values)
        sizes = sequence_stage_sizes(encoder.n_channels, encoder.n_steps, self.capacity)
        given = self._hyperparameters(n_steps=self._auto_n_steps())
        recipe = sequence_recipe(given, sizes, augmentation, device)
        recipe = share(recipe, sharing, samples, seeds, None, self.unlabeled_label)
        if sharing == "pooled":
            samples = {label: samples[label] for label in self.class_counts_}
        return PerClassTrainer(
            samples,
            seeds,
            with_validation(recipe, None),
            self.class_counts_,
            checkpoint,
            checkpoint.n_threads,
            self._tier_sizes,
            self.n_jobs,
        )

    @torch_defaults()
    @show_seconds
    def evaluate(self, X, y, random_state: int = 0) -> pd.DataFrame:
        """Quality of the samples, by class, beside what real sequences reach.

        Parameters
        ----------
        X : sequences like those in ``fit``
            Held out: not among the training sequences.
        y : (n,) array
            Their classes, all of them trained.
        random_state : int, default=0
            Seeds samples and classifiers.

        Returns
        -------
        DataFrame
            A row for each class, then "all". It prints its main figures. The columns are those of
            ``ganaug.metrics.sequences.sequence_quality``.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            For sequences unlike those in ``fit`` or labels that were not trained.
        """
        check_is_fitted(self)
        y = column_or_1d(y)
        self._check_labels(np.unique(y).tolist())
        check_held(self._X, "sequences")
        trained = np.isin(self._y, self.classes_)
        fake, y_fake = self.sample(class_counts(self._y[trained]), random_state)
        return sequence_quality(
            self._encoder.encode(self._X[trained]),
            self._y[trained],
            self._encode_checked(X).numpy(),
            y,
            self._encoder.encode(fake),
            y_fake,
            n_values=self._encoder.n_values,
            random_state=random_state,
        )

    def _checked(self, X: Any, reset: bool) -> np.ndarray:
        """Sequences as one array, of objects where their lengths differ."""
        check_in_memory(X)
        X = sequence_array(X, self.layout == "channels_first")
        if not reset and self._encoder.is_ragged:
            # a few may happen to be equally long
            X = object_array(list(X))
        of_rows = not reset and len(self._encoder.shape) == 1 and not self._encoder.is_ragged
        if not reset and not (of_rows and len(np.shape(X)) == 2):
            # before scikit-learn compares the second axis alone, and speaks of features
            self._encoder.check_shape(X)
        if isinstance(X, np.ndarray) and X.dtype.kind == "O" and X.ndim == 1:
            flat = np.concatenate([item.ravel() for item in X])
            validate_data(self, X=flat[:, None], ensure_all_finite="allow-nan", reset=reset)
            return X
        return validate_data(self, X=X, allow_nd=True, ensure_all_finite="allow-nan", reset=reset)

    def _checked_labels(self, X: np.ndarray, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """Sequences, those without a class last, and the labels of the others."""
        if y is None:
            return X, np.zeros(len(X), dtype=int)
        y = column_or_1d(check_targets(y), warn=True)
        if len(y) != len(X):
            raise ValueError(f"X holds {len(X)} sequences, y {len(y)} labels.")
        X, y = unlabeled_last(X, y, self.unlabeled_label)
        check_classes(y)
        return X, y

    def _encode_checked(self, X: Any) -> Tensor:
        X = self._checked(X, reset=False)
        self._encoder.check_scale(X)
        return torch.from_numpy(self._encoder.encode(X))

    def _discriminator_inputs(self, X: Any) -> Iterator[Tensor]:
        codes = self._encode_checked(X)
        yield from (codes[rows] for rows in gen_batches(len(codes), FEATURE_BATCH))

    def _generate(self, generator: nn.Module, noise: Tensor, label: Hashable) -> np.ndarray:
        with torch.no_grad():
            return self._encoder.decode(generator(noise[None])[0].numpy())

    def generate_tensors(self, generator: nn.Module, noise: Tensor, label: Hashable) -> Tensor:
        """Sequences (n, steps, channels), as ``layout`` says, on the device of the noise."""
        encoder = self._encoder
        codes = generator(noise[None])[0][:, :, 0]
        values = encoder.values(codes[:, : encoder.n_values])
        if encoder.dtype.kind in "biu":
            values = values.round()
        if encoder.gaps.any():
            with_gaps = np.flatnonzero(encoder.gaps).tolist()
            masks = codes[:, encoder.gap_channels]
            values[:, with_gaps] = values[:, with_gaps].masked_fill(masks > 0, torch.nan)
        values = values if encoder.channels_first else values.transpose(1, 2)
        return values if encoder.is_ragged else values.reshape(len(values), *encoder.shape)

    def _check_state(self, state: Any) -> None:
        """Raise a ValueError where generators take other noise than ``n_latent`` says."""
        check_noise((generator for generator, _ in state.trained_networks()), self.n_latent)

    def training_samples(self, label: Hashable | None = None) -> np.ndarray:
        """Training sequences of a class, or all of them, in the type of X."""
        check_is_fitted(self)
        check_held(self._X, "sequences")
        if label is None:
            return self._X
        self._check_labels([label])
        return self._X[self._y == label]

    def nearest_training_samples(self, X: Any, label: Hashable) -> np.ndarray:
        """Training sequence of a class that each sequence resembles most, step by step."""
        real = self.training_samples(label)
        codes = self._encoder.encode(real), self._encoder.encode(X)
        return real[find_copies(*codes, mirrored=False).nearest]

    def as_steps(self, X: Any) -> np.ndarray:
        """Values (n, steps, channels) of sequences like those in ``fit``, as floats, to look at.

        NaN stands in gaps, and after the end of a sequence that is shorter than others.
        """
        return self._encoder.as_steps(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        return tags
