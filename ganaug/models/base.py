"""Base of all models: classes and seeds, training, sampling and the latent space."""

import copy
import math
import numbers
from abc import abstractmethod
from collections.abc import Generator, Hashable, Iterable, Iterator, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Generic

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ganaug.encoding.rows import Samples, join_rows, take_rows
from ganaug.hints import listed
from ganaug.models.drawing import Chunk, divide_into_parts, draw_parts
from ganaug.models.fingerprint import training_fingerprint
from ganaug.models.latent import as_noise, great_circle
from ganaug.models.training_mixin import TrainingMixin
from ganaug.randomness import SEED_LIMIT, check_seed
from ganaug.ranks import join_ranks
from ganaug.rollback import TrainingInterrupted
from ganaug.storage.saved import SaveMixin
from ganaug.strategy import class_counts
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.tiers import warn_of_small_classes
from ganaug.trainers.trained_class import TrainedClass
from ganaug.training.defaults import iterate_with_torch_defaults, torch_defaults
from ganaug.validation import select_labels

# Rejection sampling gives up once it has drawn so many for each one accepted, counted as if so
# many had been accepted at least.
MAX_DRAWS_PER_SAMPLE = 1000
MIN_EXPECTED_ACCEPTED = 20

# Of ``iter_batches``, by default.
BATCH_SIZE = 1024


class ClassGAN(TrainingMixin, SaveMixin, BaseEstimator, Generic[Samples]):
    """Base of models that hold one generator per class.

    A subclass checks and encodes samples in its ``fit``, which calls ``_init_fit`` and
    then ``_train``, and turns what generators make back into what users gave.
    """

    # Whether it models "rows" of tables, "images" or "sequences".
    sample_kind: str

    # Sizes of the classes that the next fit sees a part of: they choose the kinds of generators.
    _whole_sizes: Mapping[Hashable, int] = MappingProxyType({})

    n_latent: int
    device: str | torch.device
    random_state: int | np.random.RandomState | None
    data_digest_: str

    @property
    def _chunk_size(self) -> int:
        """Samples generated in one pass, so that the networks' activations stay small."""
        return 16384

    @property
    def auto_n_steps_(self) -> dict[Hashable, int]:
        """Updates that ``n_steps="auto"`` gives each class."""
        return {label: self._auto_n_steps(tier) for label, tier in self.tiers_.items()}

    @abstractmethod
    def _auto_n_steps(self, tier: str = "") -> int:
        """Updates that ``n_steps="auto"`` gives the classes of a tier."""

    @abstractmethod
    def _encode_checked(self, X: Any) -> Tensor:
        """Samples that a user gave after ``fit``, checked and encoded."""

    @abstractmethod
    def _generate(self, generator: nn.Module, noise: Tensor, label: Hashable) -> Samples:
        """Samples of latent points (n, n_latent) in the type of the training data."""

    @abstractmethod
    def training_samples(self, label: Hashable) -> Samples:
        """Training samples of a class, as far as the model holds them.

        Parameters
        ----------
        label : label
            A trained class.

        Returns
        -------
        samples in the type of the training X
        """

    @abstractmethod
    def nearest_training_samples(self, X: Any, label: Hashable) -> Samples:
        """Training sample of a class that each of some samples resembles most.

        Parameters
        ----------
        X : n samples
        label : label
            A trained class.

        Returns
        -------
        n samples in the type of the training X
        """

    def generator_for(self, label: Hashable) -> nn.Module:
        """Whole generator of a class, with all that follows its network.

        Parameters
        ----------
        label : label
            A trained class.

        Returns
        -------
        Module
            Maps latent points (1, n, n_latent) to encoded samples.
        """
        return self.generators_[label]

    def latent_std(self, label: Hashable) -> float:
        """Standard deviation of the noise that samples of a class are drawn from."""
        return 1.0

    @abstractmethod
    def generate_tensors(self, generator: nn.Module, noise: Tensor, label: Hashable) -> Tensor:
        """Samples as a tensor on the device of the noise, images with their channels first.

        Parameters
        ----------
        generator : Module
            As ``generator_for`` gives it, on the device of the noise.
        noise : (n, n_latent) tensor
        label : label
            A trained class.

        Returns
        -------
        (n, ...) tensor
        """

    def _select(
        self, generator: nn.Module, noise: Tensor, label: Hashable, stream: torch.Generator
    ) -> Any:
        """Samples of latent points, all of them or those that a selection by chance keeps."""
        return self._generate(generator, noise, label)

    def _accepted(self, samples: Any, label: Hashable, noise: Tensor) -> Any:
        """Samples that pass the conditions or the guard, of those made of the noise."""
        return samples

    def _count_accepted(self, label: Hashable, n_accepted: int, n_drawn: int) -> None:
        """Note how many samples of a class were acceptable."""

    def _discriminator_inputs(self, X: Any) -> Iterator[Tensor]:
        """Samples that a user gave after ``fit``, all checked first, as discriminators see them.

        They come in parts, so that the networks' activations stay small.
        """
        yield from self._encode_checked(X).split(self._chunk_size)

    @torch_defaults()
    def sample(
        self,
        n: int | Mapping[Hashable, int],
        random_state: int | np.random.RandomState | None = None,
    ) -> tuple[Samples, np.ndarray]:
        """Draw synthetic samples.

        Parameters
        ----------
        n : int or dict of label to int
            Samples in all, divided between the classes in the proportions of the
            training data; or of each class, returned in the dict's order.
        random_state : int, RandomState instance or None
            None continues the model's own stream: calls differ, and a whole
            program repeats where the model is seeded. An int repeats this call.
            Processes that are forked, or receive the model pickled, continue the same
            stream and so draw the same samples: give each an int of its own.

        Returns
        -------
        X : n samples, in the type, dtype, shape and column order of the training X
        y : (n,) array

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            For an unknown label or a negative count, or where next to no sample
            satisfies the model's conditions.
        """
        parts = list(self._iter_batches(n, BATCH_SIZE, random_state, n_jobs=1))
        if not parts:
            label = self.classes_.tolist()[0]
            X = self._generate(self.generator_for(label), torch.zeros(1, self.n_latent), label)
            return take_rows(X, slice(0)), self.classes_[:0]
        X, y = zip(*parts, strict=True)
        return join_rows(list(X)), np.concatenate(y)

    def iter_batches(
        self,
        n: int | Mapping[Hashable, int],
        batch_size: int = BATCH_SIZE,
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
    ) -> Iterator[tuple[Samples, np.ndarray]]:
        """Draw synthetic samples, a batch at a time, so that they need not fit into memory.

        Parameters
        ----------
        n, random_state
            As in ``sample``, which draws the same samples at once.
        batch_size : int
            Samples of a batch at most; a batch is of one class.
        n_jobs : int or None, default=None
            Parts of up to 16,384 samples of a class that are drawn at a time, as jobs of joblib's
            active backend; None is 1 unless a ``joblib.parallel_config`` says otherwise. Samples
            do not depend on it.

        Yields
        ------
        X, y
            As ``sample`` returns them.

        Raises
        ------
        NotFittedError, ValueError
            As in ``sample``, and for a ``batch_size`` below 1; at the first batch.

        Examples
        --------
        >>> from ganaug import TableGAN
        >>> gan = TableGAN(n_steps=5, random_state=0).fit([[0.1], [0.2]] * 10)
        >>> [len(X) for X, y in gan.iter_batches(25, batch_size=10)]
        [10, 10, 5]
        """
        return iterate_with_torch_defaults(self._iter_batches(n, batch_size, random_state, n_jobs))

    def _iter_batches(
        self,
        n: int | Mapping[Hashable, int],
        batch_size: int,
        random_state: int | np.random.RandomState | None,
        n_jobs: int | None,
    ) -> Generator[tuple[Samples, np.ndarray], None, None]:
        check_is_fitted(self)
        if batch_size < 1:
            raise ValueError(f"batch_size must be 1 or more, got {batch_size!r}.")
        rng = self._stream if random_state is None else check_seed(random_state)
        counts = self._sample_counts(n, rng)
        # all seeds first, so that another call between two batches changes nothing
        parts = divide_into_parts(counts, [int(rng.randint(SEED_LIMIT)) for _ in counts])
        for label, chunks in draw_parts(self, parts, n_jobs):
            for samples, n_accepted, n_tried in chunks:
                self._count_accepted(label, n_accepted, n_tried)
                index = np.searchsorted(self.classes_, np.array([label], self.classes_.dtype))
                for start in range(0, samples.shape[0], batch_size):
                    X = take_rows(samples, slice(start, start + batch_size))
                    yield X, np.repeat(self.classes_[index], X.shape[0])

    def _draw(self, label: Hashable, n_rows: int, stream: torch.Generator) -> Iterator[Chunk]:
        """Samples of a class in the type of the training data, in chunks."""
        generator = self.generator_for(label)
        n_drawn = n_kept = 0
        while n_kept < n_rows:
            rate = (n_kept + 1) / (n_drawn + 1)
            size = min(self._chunk_size, math.ceil((n_rows - n_kept) / rate))
            noise = self.latent_std(label) * torch.randn(size, self.n_latent, generator=stream)
            samples = self._select(generator, noise, label, stream)
            accepted = self._accepted(samples, label, noise)
            kept = take_rows(accepted, slice(n_rows - n_kept))
            n_drawn = n_drawn + size
            n_kept = n_kept + kept.shape[0]
            yield Chunk(kept, accepted.shape[0], size)
            expected = max(n_kept, MIN_EXPECTED_ACCEPTED)
            if n_kept < n_rows and n_drawn > MAX_DRAWS_PER_SAMPLE * expected:
                raise ValueError(
                    f"of {n_drawn} samples drawn of class {label!r}, {n_kept} are acceptable, and "
                    f"{n_rows} were asked for. Loosen the conditions, or the guard, that they have "
                    "to pass."
                )

    @torch_defaults()
    def generate(self, noise: Any, label: Hashable) -> Samples:
        """Map latent points to samples of one class; equal points give equal samples.

        Parameters
        ----------
        noise : (n, n_latent) array
            Latent points, standard normal where samples shall follow the class.
        label : label
            A trained class.

        Returns
        -------
        n samples, in the type, dtype, shape and column order of the training X

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            For an unknown label or noise of another width.
        """
        check_is_fitted(self)
        self._check_labels([label])
        return self._generate(self.generator_for(label), as_noise(noise, self.n_latent), label)

    @torch_defaults()
    def interpolate(self, start: Any, end: Any, label: Hashable, n: int = 10) -> Samples:
        """Samples on the way from one latent point to another, both ends included.

        The way is part of a great circle, so that points between stay as far from
        the origin as Gaussian noise is.

        Parameters
        ----------
        start, end : (n_latent,) arrays
        label : label
            A trained class.
        n : int, default=10
            Samples, 2 or more.

        Returns
        -------
        n samples, in the type, dtype, shape and column order of the training X

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            For an unknown label, points of another width or n below 2.
        """
        return self.generate(self._latent_path(start, end, n).numpy(), label)

    @torch_defaults()
    def discriminator_features(self, X: Any, label: Hashable) -> np.ndarray:
        """Activations of all hidden layers of a class's discriminator, of rows each unit's.

        Of images: the maxima of each channel of each stage over the cells of a grid of 4 x 4. Of
        sequences: the mean, the maximum and the standard deviation of each channel of each stage,
        and the share of its steps that are positive.

        Parameters
        ----------
        X : n samples
            Of any class.
        label : label
            Class whose discriminator looks at them.

        Returns
        -------
        (n, n_features) float64 array
            Columns are named by ``discriminator_feature_names``. Their scales differ.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            If no discriminator was trained for ``label``, or X does not match the
            training data.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from ganaug import TableGAN
        >>> X, y = load_iris(return_X_y=True)
        >>> gan = TableGAN(n_steps=5, random_state=0).fit(X, y)
        >>> features = gan.discriminator_features(X[:9], label=2)
        >>> features.shape, gan.discriminator_feature_names(label=2)[-1]
        ((9, 192), 'layer2_unit63')
        """
        check_is_fitted(self)
        return self._features(self._discriminator_inputs(X), label)

    def discriminator_feature_names(self, label: Hashable) -> np.ndarray:
        """Names of what ``discriminator_features`` gives.

        Parameters
        ----------
        label : label
            A trained class.

        Returns
        -------
        (n_features,) array of str
            Layer and unit, such as "layer1_unit5", or of images stage, channel and place, such
            as "stage1_channel3_row0_column2", or of sequences stage, channel and value, such as
            "stage1_channel3_mean"; counted from 0, stages from the finest.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            If no discriminator was trained for ``label``.
        """
        check_is_fitted(self)
        return np.array(self._discriminator_for(label).feature_names, dtype=object)

    def _features(self, parts: Iterable[Tensor], label: Hashable) -> np.ndarray:
        """Features that a class's discriminator sees in parts of encoded samples."""
        # float64, so that a sample's features do not depend on the samples beside it
        discriminator = copy.deepcopy(self._discriminator_for(label)).double()
        with torch.no_grad():
            features = [discriminator.features(part.double()[None])[0] for part in parts]
        return torch.cat(features).numpy()

    def _discriminator_for(self, label: Hashable) -> Any:
        """Discriminator of a class; a ValueError where none was trained."""
        self._check_labels([label])
        if self.discriminators_[label] is None:
            raise ValueError(
                f"class {label!r} has {self.class_counts_[label]} samples and is served by "
                f"{self.tiers_[label]}: no discriminator was trained for it."
            )
        return self.discriminators_[label]

    def _init_fit(
        self, y: np.ndarray, labels: Any, checkpoint: Checkpoint
    ) -> tuple[np.random.RandomState, dict[Hashable, int]]:
        """Set classes, counts and the stream of ``sample``; return a stream and classes' seeds."""
        rng = checkpoint.stream(self.random_state)
        self.classes_ = select_labels(y, labels)
        counts = class_counts(y)
        whole = self._whole_sizes
        self._tier_sizes = {label: max(n, whole.get(label, 0)) for label, n in counts.items()}
        self._whole_sizes = {}
        # One seed for every class of y, so that a class does not depend on the others chosen.
        seeds = dict(zip(counts, rng.randint(SEED_LIMIT, size=len(counts)).tolist(), strict=True))
        self._stream = np.random.RandomState(rng.randint(SEED_LIMIT))
        self.class_counts_ = {label: counts[label] for label in self.classes_.tolist()}
        return rng, seeds

    def _hyperparameters(self, **auto: Any) -> Hyperparameters:
        """Hyper-parameters as given, those that are "auto" as ``auto`` says."""
        given = {
            part.name: getattr(self, part.name)
            for part in fields(Hyperparameters)
            if hasattr(self, part.name)
        }
        return Hyperparameters(
            **{name: auto[name] if value == "auto" else value for name, value in given.items()}
        )

    def _train(
        self, trainer: PerClassTrainer, checkpoint: Checkpoint
    ) -> dict[Hashable, TrainedClass]:
        """Train and keep the generators; an interruption is passed on once they are kept.

        Returns what was trained, of classes that are not kept too.
        """
        sizes = {label: self._tier_sizes[label] for label in self.class_counts_}
        warn_of_small_classes(sizes, trainer.recipe.tiers, self.sample_kind)
        fingerprint = training_fingerprint(self, self.data_digest_, self.classes_.tolist())
        drawn = {"random_state (give an int)": repr(sorted(trainer.seeds.values()))}
        threads = {"number of threads": str(checkpoint.n_threads)}
        with join_ranks({**fingerprint, **drawn, **threads}) as ranks:
            if ranks is not None:
                checkpoint.join(ranks)
            checkpoint.start(fingerprint)
            with self._monitor(trainer, alone=ranks is None) as monitor:
                trained = trainer.train(monitor, monitor.on_report, ranks)
                self._set_trained(trained)
        self._say_how_it_went(self.health_, self.history_, self.sample_kind, self.auto_n_steps_)
        if trainer.interrupted:
            raise TrainingInterrupted(self)
        return trained

    def _set_trained(self, trained: Mapping[Hashable, TrainedClass]) -> None:
        """Take over what was trained."""
        self.tiers_: dict[Hashable, str] = {}
        self.generators_: dict[Hashable, Any] = {}
        self.discriminators_: dict[Hashable, Any] = {}
        self.history_: dict[Hashable, dict[str, np.ndarray]] = {}
        self.health_: dict[Hashable, str] = {}
        for label in self.class_counts_:
            self.tiers_[label] = trained[label].tier
            self.generators_[label] = trained[label].generator
            self.discriminators_[label] = trained[label].discriminator
            self.history_[label] = trained[label].history
            self.health_[label] = trained[label].health
        self.n_steps_ = max(len(history["fool_rate"]) for history in self.history_.values())

    def _latent_path(self, start: Any, end: Any, n: int) -> Tensor:
        if n < 2:
            raise ValueError(f"both ends are samples: n must be 2 or more, got {n!r}.")
        check_is_fitted(self)
        first, last = as_noise([start, end], self.n_latent)
        return great_circle(first, last, n)

    def _sample_counts(
        self, n: int | Mapping[Hashable, int], rng: np.random.RandomState
    ) -> dict[Hashable, int]:
        for count in n.values() if isinstance(n, Mapping) else [n]:
            if isinstance(count, bool) or not isinstance(count, numbers.Integral) or count < 0:
                raise ValueError(f"numbers of rows must be whole and not negative, got n={n!r}.")
        if isinstance(n, Mapping):
            self._check_labels(n)
            return dict(n)
        sizes = np.array(list(self.class_counts_.values()), dtype=float)
        drawn = rng.multinomial(n, sizes / sizes.sum())
        return dict(zip(self.class_counts_, drawn.tolist(), strict=True))

    def _check_labels(self, labels) -> None:
        unknown = [label for label in labels if label not in self.class_counts_]
        if unknown:
            raise ValueError(
                f"no GAN was trained for {unknown[0]!r}; trained classes: "
                f"{listed(self.class_counts_)}."
            )
