"""TableGAN: one GAN per class for tables of numbers."""

import copy
import numbers
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_array
from sklearn.utils._param_validation import Interval
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data
from tqdm import tqdm

from ganaug.encoding.container import Container, check_numeric
from ganaug.encoding.table import TableEncoder
from ganaug.models.classwise import (
    ClasswiseTrainer,
    Settings,
    Trained,
    warn_of_small_classes,
)
from ganaug.models.device import one_cpu_thread, resolve_device
from ganaug.models.seeds import SEED_LIMIT, own_random_state
from ganaug.sampling import class_counts
from ganaug.training.networks.anchored import N_CHOICES

# Rows generated in one pass, so that the networks' activations stay small.
ROWS_AT_ONCE = 16384


class TableGAN(BaseEstimator):
    """One small GAN per class for rows of numbers, all classes trained at once.

    How a class is generated follows from its size: from 301 rows on, a GAN maps
    noise to rows; from 10, a GAN corrects points between neighbouring rows
    (SMOTE's) and blurs them; below, Gaussians around the rows, without training
    and with a ``SmallClassWarning``; a single row is copied and blurred. Columns
    are encoded by their distribution in all classes, so scale and skew do not
    matter, and synthetic values stay within the range seen in ``fit``. Columns of
    whole numbers stay whole.

    A fitted model holds the values of every column, and generators of small classes
    the rows of their class: it is as confidential as its training data.

    Parameters
    ----------
    n_steps : int, default=500
        Updates of each class's generator. Fitting time is linear in it. 0 trains
        nothing: rows are then blurred points between neighbours.
    n_latent : int, default=64
        Width of the Gaussian noise from which rows are made, 5 or more. Blur is
        independent between columns where there are 4 fewer columns than that.
    batch_size : int, default=32
        Real rows of each class and update, drawn with replacement.
    learning_rate : float, default=1e-3
        Of Adam, for both networks; falls linearly to a tenth. Lower it where
        training diverges.
    gamma : float, default=1.0
        Weight of the gradient penalties. Raise it where samples collapse; lower
        values fit more closely and less stably.
    device : str or torch.device, default="auto"
        Where to train. "auto" is CUDA where there is one, else the CPU.
    random_state : int, RandomState instance or None, default=None
        Seeds training and sampling. The same int gives the same rows on the CPU.
    verbose : int, default=0
        1 shows a progress bar.

    Attributes
    ----------
    classes_ : (n_classes,) array
        Labels that were trained, sorted.
    class_counts_ : dict of label to int
        Real rows of each trained class.
    tiers_ : dict of label to str
        Kind of generator that serves each class.
    generators_ : dict of label to torch.nn.Module
        Averaged generators, on the CPU, each with a member axis of length 1.
    discriminators_ : dict of label to torch.nn.Module or None
        Discriminators as training left them; None where nothing was trained.
    history_ : dict of label to dict of str to (n_steps,) array
        Figures of every step: ``generator_loss`` and ``discriminator_loss`` in
        nats, ``real_penalty`` and ``fake_penalty`` (squared gradient norms), and
        ``fooled``, the share of fakes that the discriminator rates above the real
        rows they are paired with: a half at the game's equilibrium.
    n_steps_ : int
        Updates done in the longest game: below ``n_steps`` after
        ``KeyboardInterrupt``, which leaves the model usable.
    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    See Also
    --------
    ganaug.GANOverSampler : Balances a training set with a model like this one.
    ganaug.AugmentedClassifier : Fits a classifier on real and synthetic rows.

    References
    ----------
    Huang et al., "The GAN is dead; long live the GAN! A modern GAN baseline",
    NeurIPS 2024: the loss and its penalties.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> gan = TableGAN(n_steps=20, random_state=0).fit(X, y)
    >>> X_new, y_new = gan.sample({0: 2, 2: 3})
    >>> X_new.shape, y_new
    ((5, 4), array([0, 0, 2, 2, 2]))
    """

    _parameter_constraints: dict = {
        "n_steps": [Interval(numbers.Integral, 0, None, closed="left")],
        "n_latent": [Interval(numbers.Integral, N_CHOICES + 2, None, closed="left")],
        "batch_size": [Interval(numbers.Integral, 1, None, closed="left")],
        "learning_rate": [Interval(numbers.Real, 0, None, closed="neither")],
        "gamma": [Interval(numbers.Real, 0, None, closed="left")],
        "device": [str, torch.device],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        *,
        n_steps: int = 500,
        n_latent: int = 64,
        batch_size: int = 32,
        learning_rate: float = 1e-3,
        gamma: float = 1.0,
        device: str | torch.device = "auto",
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ):
        self.n_steps = n_steps
        self.n_latent = n_latent
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.gamma = gamma
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None, labels=None):
        """Train the generators of all classes at once.

        Parameters
        ----------
        X : (n, features) array, CSR or CSC matrix, or DataFrame
            Finite numbers. Sparse rows are made dense a class at a time.
        y : (n,) array or None
            Class of each row; None takes all rows for one class, labelled 0.
        labels : array-like or None
            Classes to train; None trains all. Rows of the other classes still
            take part in encoding the columns.

        Returns
        -------
        TableGAN
            Itself, fitted.

        Raises
        ------
        ValueError
            For rows that are not finite numbers, a continuous ``y``, labels that
            ``y`` does not hold or an unknown device; before training.
        RuntimeError
            For a device that is not there, or CUDA in a forked process.
        """
        device = resolve_device(self.device)
        check_numeric(X, type(self).__name__)
        container = X
        if y is None:
            X = validate_data(self, X=X, accept_sparse=["csr", "csc"])
            y = np.zeros(X.shape[0], dtype=int)
        else:
            X, y = validate_data(self, X=X, y=y, accept_sparse=["csr", "csc"])
            check_classification_targets(y)
            if y.dtype.kind in "mM":
                raise ValueError("y holds dates; labels must be numbers, strings or bools.")
        self._container = Container(container)
        rng = own_random_state(self.random_state)
        self.classes_ = _chosen_labels(y, labels)
        counts = class_counts(y)
        # One seed for every class of y, so that a class does not depend on the others chosen.
        seeds = dict(zip(counts, rng.randint(SEED_LIMIT, size=len(counts)).tolist(), strict=True))
        self._stream = np.random.RandomState(rng.randint(SEED_LIMIT))
        self.class_counts_ = {label: counts[label] for label in self.classes_.tolist()}
        warn_of_small_classes(self.class_counts_)

        self._encoder = TableEncoder(X, y)
        rows = {
            label: self._encode(X[np.flatnonzero(y == label)], np.random.default_rng(seeds[label]))
            for label in self.class_counts_
        }
        shared = self._shared_deviations(X, y, rng)
        settings = Settings(
            n_steps=self.n_steps,
            n_latent=self.n_latent,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            gamma=self.gamma,
            device=device,
        )
        trainer = ClasswiseTrainer(rows, seeds, shared, settings)
        bar = tqdm(total=trainer.n_steps, disable=not self.verbose, desc="TableGAN", unit="step")
        with one_cpu_thread, bar:
            self._keep(trainer.train(bar.update))
        if trainer.interrupted:
            raise KeyboardInterrupt
        return self

    def sample(
        self,
        n: int | Mapping[Hashable, int],
        random_state: int | np.random.RandomState | None = None,
    ):
        """Draw synthetic rows.

        Parameters
        ----------
        n : int or dict of label to int
            Rows in all, divided between the classes in the proportions of the
            training data; or rows of each class, returned in the dict's order.
        random_state : int, RandomState instance or None
            None continues the model's own stream: calls differ, and a whole
            program repeats where the model is seeded. An int repeats this call.

        Returns
        -------
        X : (n, features), in the type, dtype and column order of the training X
        y : (n,) array

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            For an unknown label or a negative count.
        """
        check_is_fitted(self)
        rng = self._stream if random_state is None else own_random_state(random_state)
        counts = self._counts(n, rng)
        parts = [np.empty((0, self.n_features_in_), dtype=self._encoder.dtype)]
        for label, n_rows in counts.items():
            stream = torch.Generator().manual_seed(int(rng.randint(SEED_LIMIT)))
            for start in range(0, n_rows, ROWS_AT_ONCE):
                size = min(ROWS_AT_ONCE, n_rows - start)
                noise = torch.randn(size, self.n_latent, generator=stream)
                parts.append(self._generate(noise, label))
        X = self._container.wrap(np.concatenate(parts))
        index = np.searchsorted(self.classes_, np.array(list(counts), dtype=self.classes_.dtype))
        return X, np.repeat(self.classes_[index], list(counts.values()))

    def generate(self, noise, label: Hashable):
        """Map latent points to rows of one class; equal points give equal rows.

        Parameters
        ----------
        noise : (n, n_latent) array
            Latent points, standard normal where rows shall follow the class. In
            classes of up to 300 rows their first coordinates choose the real rows
            that generation starts from.
        label : label
            A trained class.

        Returns
        -------
        (n, features), in the type, dtype and column order of the training X

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            For an unknown label or noise of another width.
        """
        check_is_fitted(self)
        self._check_labels([label])
        noise = check_array(noise, dtype=np.float32, ensure_min_samples=0, input_name="noise")
        if noise.shape[1] != self.n_latent:
            raise ValueError(
                f"noise has {noise.shape[1]} columns, this model takes n_latent={self.n_latent}."
            )
        return self._container.wrap(self._generate(torch.from_numpy(noise), label))

    def discriminator_features(self, X, label: Hashable):
        """Activations of the last hidden layer of a class's discriminator.

        Parameters
        ----------
        X : (n, features)
            Rows of any class.
        label : label
            Class whose discriminator looks at them.

        Returns
        -------
        (n, n_hidden) float64 array

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            If no discriminator was trained for ``label``, or X does not match the
            training data.
        """
        check_is_fitted(self)
        self._check_labels([label])
        discriminator: Any = self.discriminators_[label]
        if discriminator is None:
            raise ValueError(
                f"class {label!r} has {self.class_counts_[label]} rows and is served by "
                f"{self.tiers_[label]}: no discriminator was trained for it."
            )
        X = validate_data(self, X=X, reset=False, accept_sparse=["csr", "csc"])
        # float64, so that a row's features do not depend on the rows beside it
        codes = self._encode(X, None).double()[None]
        with torch.no_grad():
            return copy.deepcopy(discriminator).double().features(codes)[0].numpy()

    def _encode(self, X, rng: np.random.Generator | None) -> torch.Tensor:
        return torch.from_numpy(self._encoder.encode(X, rng))

    def _generate(self, noise: torch.Tensor, label: Hashable) -> np.ndarray:
        with torch.no_grad():
            codes, blur = self.generators_[label].hand_out(noise[None])
        return self._encoder.decode(codes[0].double().numpy(), blur[0].double().numpy())

    def _shared_deviations(self, X, y: np.ndarray, rng: np.random.RandomState) -> torch.Tensor:
        """Factor (n_latent, features) of the covariance within classes.

        Half the mean square of differences between two rows of a class is its
        variance, so a handful of such pairs stands for all classes.
        """
        first = rng.randint(len(y), size=self.n_latent)
        second = np.array([rng.choice(np.flatnonzero(y == y[i])) for i in first])
        apart = first != second
        difference = self._encode(X[first[apart]], None) - self._encode(X[second[apart]], None)
        return difference / np.sqrt(2 * max(1, apart.sum()))

    def _keep(self, trained: dict[Hashable, Trained]) -> None:
        self.tiers_ = {label: one.tier for label, one in trained.items()}
        self.generators_: dict[Hashable, Any] = {
            label: one.generator for label, one in trained.items()
        }
        self.discriminators_ = {label: one.discriminator for label, one in trained.items()}
        self.history_ = {label: one.history for label, one in trained.items()}
        lengths = [len(one.history["generator_loss"]) for one in trained.values()]
        self.n_steps_ = max(lengths)

    def _counts(
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
                f"{', '.join(repr(label) for label in self.class_counts_)}."
            )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _chosen_labels(y: np.ndarray, labels) -> np.ndarray:
    present = np.unique(y)
    if labels is None:
        return present
    chosen = np.asarray(labels)
    unknown = np.setdiff1d(chosen, present)
    if len(unknown) or not len(chosen):
        raise ValueError(
            f"labels must name classes that y holds, {present.tolist()}; got {chosen.tolist()}."
        )
    return present[np.isin(present, chosen)]
