"""TableGAN: one GAN per class for tables."""

import numbers
from collections.abc import Hashable, Mapping
from typing import Any, Self, cast

import numpy as np
import pandas as pd
import torch
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted, column_or_1d
from torch import nn

from ganaug.encoding.column_warnings import warn_about_columns, warn_about_table
from ganaug.encoding.conditions import Conditions
from ganaug.encoding.digest import digest
from ganaug.encoding.missing import impute_from_class, missing_mask
from ganaug.encoding.one_hot import OneHotGroups
from ganaug.encoding.rows import dense, take_rows
from ganaug.encoding.schema import TableSchema
from ganaug.encoding.table import TableEncoder
from ganaug.metrics.tables import table_quality
from ganaug.models.base import ClassGAN
from ganaug.models.held_rows import MAX_KEPT, HeldRowsMixin
from ganaug.models.protocol import RowSampler
from ganaug.models.refinement import Refinement
from ganaug.models.row_selection import RowSelector
from ganaug.models.state_checks import check_held, check_noise
from ganaug.models.states import FittedTable
from ganaug.models.table_file import TableFileMixin
from ganaug.models.training_mixin import show_seconds
from ganaug.randomness import SEED_LIMIT
from ganaug.rollback import TrainingInterrupted
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.device import RUN_CONSTRAINTS, resolve_device
from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.table import TableRecipeBuilder, encode_classes
from ganaug.trainers.table_tiers import ANCHORED, TIER_PARAMETERS, auto_n_steps, draws_near_rows
from ganaug.trainers.trained_class import TrainedClass
from ganaug.trainers.training_status import Callback
from ganaug.training.defaults import torch_defaults
from ganaug.training.precision import precise_on
from ganaug.training.untrained.smote_points import N_CHOICES
from ganaug.unlabeled import LABEL_CONSTRAINT
from ganaug.validation import (
    Interval,
    StrOptions,
    check_samples,
    check_samples_and_labels,
    fit_context,
)

# What arrays are checked for; DataFrames are read column by column.
ARRAYS: dict[str, Any] = {
    "dtype": None,
    "ensure_all_finite": "allow-nan",
    "accept_sparse": ["csr", "csc"],
}

AUTO = StrOptions({"auto"})


class TableGAN(TableFileMixin, HeldRowsMixin, ClassGAN[Any]):
    """One small GAN per class for rows of a table, all classes trained at once.

    Columns may be numbers, dates, strings, categories and bools, with gaps: a
    DataFrame comes back as one, with its columns, dtypes and categories, a frame of
    polars as one of polars (which takes pyarrow). Whole numbers are exact at any size,
    and ``decimal.Decimal`` stays such. Columns of 0
    and 1 that encode one category, as ``pandas.get_dummies`` and scikit-learn's
    ``OneHotEncoder`` make them, are taken for one: at most one is 1 in every row. Others
    may stand between them; columns of several categories in turn are told apart where
    names of one category begin alike.

    How a class is generated follows from its size: from 301 rows on, a GAN maps
    noise to rows, and classes of that size learn from one another in layers that
    they share; from 10, a GAN corrects points between neighbouring rows
    (SMOTE's) and blurs them by the differences between neighbours; below, Gaussians
    around the rows, without training and with a ``SmallClassWarning``; a single row is
    copied and blurred. Columns are encoded by their distribution in all classes, so
    scale and skew do not matter. Synthetic values stay within the range seen in
    ``fit``, have as many decimals, and lie in no gap between modes of their class, nor
    at other levels where it has but a few. Where a column has gaps, so do synthetic rows, as
    often and beside the same values. A column of numbers or dates that is never above
    another one in any row, or that is a sum or a copy of others or the same in another unit,
    is so in synthetic rows too. Levels of columns that go together, such as city and country, are
    those of one row of the class, as are rare ones of columns of more than 50.

    A fitted model, and its file, hold up to 10,000 rows of each class, up to 10,000 values
    of every column and all levels: they are as confidential as the training data.
    ``save(path, without_rows=True)`` leaves the rows out.

    Parameters
    ----------
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Names or numbers of columns whose values are levels without order, or a mask.
        Categories, strings and bools always are; "from_dtype" and None name no others.
    missing : {"generate", "impute"}, default="generate"
        "impute" fills gaps with values of other rows of the class before training, so
        that synthetic rows have none.
    conditions : str, callable, list of them or None, default=None
        What every row that ``sample`` draws satisfies: text about columns of a DataFrame,
        such as "1 < rooms <= 4 and `rent (cold)` / rooms < 230", or what takes rows in the
        type of X and returns a bool for each. Text holds comparisons, ``in`` with a list
        of constants, ``and or not & | ~``, ``+ - * / // % **``, constants and names of
        columns, in backticks where they are no plain names; it is never run as code, and
        all else in it is refused. Rows that do not are drawn again.
    refine : bool or "auto", default="auto"
        Whether ``sample`` selects among the rows of large classes. Boosted trees learn at
        the end of ``fit`` what tells generated rows from real ones, and how classes differ;
        of 16 rows that are drawn one is handed out, by chance, the likelier the more often
        real rows lie where it does. No row is changed. "auto" selects in classes of 5,000
        rows and more, from which classifiers then learn more; True in those of 1,000 and
        more, which are harder to tell from real ones then, and warns of smaller ones.
        Drawing takes some 50 times as long, about 0.6 ms a row; ``generate`` and
        ``interpolate`` give all rows.
    n_steps : int or "auto", default="auto"
        Updates of each class's generator. Fitting time is linear in it. 0 trains
        nothing: rows are then blurred points between neighbours. "auto" is 500 for
        classes of up to 300 rows, 1500 for larger ones.
    unlabeled_label : label or None, default=None
        Label in ``y`` that marks rows without a class, such as -1; None makes no label
        special. They are never drawn as a class and not kept in the model. They tell how
        columns are distributed in all: values, levels, gaps and the observed range; and
        from 301 on they train beside classes of that size, in the layers that these share.
    n_latent : int, default=64
        Width of the Gaussian noise from which rows are made, 5 or more. In classes of
        up to 300 rows the first coordinates choose the real rows to start from.
    batch_size : int or "auto", default="auto"
        Real rows of each class and update, drawn with replacement. "auto" is 32 for
        classes of up to 300 rows, 128 for larger ones.
    learning_rate : float or "auto", default="auto"
        Of Adam, for both networks; falls linearly to a tenth. Lower it where
        training diverges. "auto" is 0.001 for classes of up to 300 rows, 0.003 for
        larger ones.
    gamma : float, default=1.0
        Weight of the gradient penalties. Raise it where samples collapse; lower
        values fit more closely and less stably.
    device : str or torch.device, default="auto"
        Where to train. "auto" is CUDA where there is one, else the CPU.
    n_jobs : int or None, default=None
        Games that are played at a time, as jobs of joblib's active backend; None is 1 unless a
        ``joblib.parallel_config`` says otherwise. Rows do not depend on it on a CPU, where up to
        16 classes of up to 300 rows share a game, or up to 32 where there are more, and all
        larger ones: it pays where there are more than 16. On GPUs each job takes its share of
        the classes to a card of its own, unless ``device`` names one. In a ``torch.distributed``
        group each rank trains its share of the games, or of every batch of a game of all classes.
    random_state : int, RandomState instance or None, default=None
        Seeds training and sampling. The same int gives the same rows on the CPU. Ranks of
        ``torch.distributed`` need an int.
    callback : callable or None, default=None
        Function that is called with a ``TrainingStatus`` up to a hundred times a game: step,
        losses, fool rate, seconds left. Where it returns True, the training of these classes ends
        there, and the model is usable; what it raises ends ``fit``, and the model stays as it
        was. It runs in the process of ``fit``: of games in jobs (``n_jobs``) it is told when they
        are done, and ends none. Samples do not depend on it unless it ends a game. ``clone``
        passes it on uncopied; files and ``compare`` leave it out, and so does a gate.
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
        nats, ``r1`` and ``r2`` (squared gradient norms), and
        ``fool_rate``, the share of fakes that the discriminator rates above the real
        rows they are paired with: a half at the game's equilibrium.
    health_ : dict of label to str
        How training of each class went: "good"; "discriminator won", where it tells nearly all
        samples from real ones, which it may know by heart; "collapsed", where samples are too much
        alike; "still improving" at the end; or "not trained". ``verbose=1`` says what to do.
    n_steps_ : int
        Updates done in the longest game: below ``n_steps`` after
        ``KeyboardInterrupt`` in the training of a model that was not fitted, which is
        usable then. A fitted one stays as it was where another fit fails or is
        interrupted.
    acceptance_ : dict of label to float
        Share of all rows drawn since ``fit`` that satisfied the conditions.
    data_digest_ : str
        SHA-256 of the training data.
    spelling_ : TableSpelling or None
        How cells are written in the CSV file of ``fit_file``, and so by ``ganaug sample``.
    target_name_ : str or None
        Name of the column of class labels in the table of ``fit_file``; None after ``fit``.
    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    See Also
    --------
    ganaug.GANOverSampler : Balances a training set with a model like this one.
    ganaug.AugmentedClassifier : Fits a classifier on real and synthetic rows.
    ganaug.report.ColumnsDisplay : Draws how columns are distributed, beside real rows.

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

    STATE = FittedTable

    sample_kind = "rows"

    _parameter_constraints: dict = {
        "categorical_features": ["array-like", StrOptions({"from_dtype"}), None],
        "missing": [StrOptions({"generate", "impute"})],
        "conditions": [str, callable, "array-like", None],
        "refine": ["boolean", AUTO],
        "unlabeled_label": LABEL_CONSTRAINT,
        "n_steps": [Interval(numbers.Integral, 0, None, closed="left"), AUTO],
        "n_latent": [Interval(numbers.Integral, N_CHOICES + 2, None, closed="left")],
        "batch_size": [Interval(numbers.Integral, 1, None, closed="left"), AUTO],
        "learning_rate": [Interval(numbers.Real, 0, None, closed="neither"), AUTO],
        "gamma": [Interval(numbers.Real, 0, None, closed="left")],
        "n_jobs": [numbers.Integral, None],
        **RUN_CONSTRAINTS,
    }

    def __init__(
        self,
        *,
        categorical_features: Any = "from_dtype",
        missing: str = "generate",
        conditions: Any = None,
        refine: bool | str = "auto",
        unlabeled_label: Hashable = None,
        n_steps: int | str = "auto",
        n_latent: int = 64,
        batch_size: int | str = "auto",
        learning_rate: float | str = "auto",
        gamma: float = 1.0,
        device: str | torch.device = "auto",
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        callback: Callback | None = None,
        verbose: int = 0,
    ):
        self.categorical_features = categorical_features
        self.missing = missing
        self.conditions = conditions
        self.refine = refine
        self.unlabeled_label = unlabeled_label
        self.n_steps = n_steps
        self.n_latent = n_latent
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.gamma = gamma
        self.device = device
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.callback = callback
        self.verbose = verbose

    _auto_n_steps = staticmethod(auto_n_steps)

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None, labels: Any = None, checkpoint: Any = None) -> Self:
        """Train the generators of all classes at once.

        Parameters
        ----------
        X : (n, features) array, CSR or CSC matrix, or DataFrame
            No infinite numbers. Sparse rows are made dense a class at a time.
        y : (n,) array or None
            Class of each row; None takes all rows for one class, labelled 0.
        labels : array-like or None
            Classes to keep; None keeps all. Others still take part in encoding the
            columns, and those of more than 300 rows in the training of such classes.
        checkpoint : path or None, default=None
            File to which the state of training is written every half minute. A fit that was
            killed, called again with the same data and parameters, goes on from there and
            ends as it would have without a break (bit by bit on a CPU). An interruption
            is kept too, and with a larger ``n_steps`` training goes on for more steps. The file
            stays; remove it to train anew.

        Returns
        -------
        TableGAN
            Itself, fitted.

        Raises
        ------
        ValueError
            For infinite numbers, columns of types that cannot be read, a continuous
            ``y``, labels that ``y`` does not hold, conditions that are refused or
            that no real row of a class satisfies, an unknown device, or a checkpoint of
            another fit; before training.
        RuntimeError
            For a device that is not there, or CUDA in a forked process.
        OSError
            For a checkpoint that cannot be written, or read.
        """
        with self._fitting():
            checkpoint = Checkpoint.at(checkpoint)
            trainer, refinement = self._prepare_training(X, y, labels, checkpoint)
            self._refine(self._train(trainer, checkpoint), refinement)
        return self

    def _prepare_training(
        self, X: Any, y: Any, labels: Any, checkpoint: Checkpoint
    ) -> tuple[PerClassTrainer, Refinement]:
        """Check and encode the rows; return what trains on them, and what refines its rows."""
        device = resolve_device(self.device)
        if y is None:
            X = check_samples(self, X, reset=True, **ARRAYS)
            y = np.zeros(X.shape[0], dtype=int)
        else:
            X, y = check_samples_and_labels(self, X, y, self.unlabeled_label, **ARRAYS)
        self._schema = TableSchema.fit(X, self.categorical_features)
        self._schema.check_writable()
        warn_about_table(self._schema, X, y)
        self._selector: RowSelector | None = None
        self.spelling_ = None
        self.target_name_ = None
        rng, seeds = self._init_fit(y, labels, checkpoint)
        self._init_conditions(take_rows(X, slice(len(y))), y)
        X = self._schema.read(X)
        self.data_digest_ = digest(X, y)
        asked = self._schema.may_be_one_hot(self.categorical_features)
        self._one_hot = OneHotGroups.fit(X, asked, getattr(self, "feature_names_in_", None))
        X = self._one_hot.merge(X)
        is_categorical = self._one_hot.merge_mask(self._schema.is_categorical)
        whole = [self._one_hot.places[column] for column in self._schema.whole_columns()]
        warn_about_columns(X, y, is_categorical, self._name, whole)
        if self.missing == "impute":
            X = impute_from_class(X, y, rng)
        self._encoder = TableEncoder.fit(X, y, is_categorical)
        if X.shape[0] > len(y):
            seeds[self.unlabeled_label] = int(rng.randint(SEED_LIMIT))
        kept = self.class_counts_
        sizes = self._tier_sizes
        rows = encode_classes(self._encoder, X, y, seeds, kept, self.unlabeled_label, sizes)
        factor = torch.from_numpy(self._encoder.deviations_within(X, y, self.n_latent, rng))
        auto = [name for name in TIER_PARAMETERS if getattr(self, name) == "auto"]
        given = self._hyperparameters(**{name: getattr(ANCHORED, name) for name in auto})
        self._keep_rows(X, y, rng)
        recipe = TableRecipeBuilder(self._encoder.layout, factor, given, auto).build(device)
        trainer = PerClassTrainer(rows, seeds, recipe, kept, checkpoint, 1, sizes, self.n_jobs)
        return trainer, Refinement.of_rows(self.refine, X, y, is_categorical, seeds, kept, sizes)

    def _refine(self, trained: Mapping[Hashable, TrainedClass], refinement: Refinement) -> None:
        """Learn which of the generated rows to hand out."""
        generators = refinement.generators(trained)
        if not set(generators) & set(self.class_counts_):
            return
        try:
            self._selector = refinement.fit_selector(
                generators, self._generate_numbers, self.n_latent, type(self).__name__, self.verbose
            )
        except KeyboardInterrupt:
            raise TrainingInterrupted(self) from None

    @torch_defaults()
    @show_seconds
    def evaluate(self, X: Any, y: Any, random_state: int = 0) -> pd.DataFrame:
        """Quality of the samples, by class, beside what real rows reach.

        As many rows of each class are drawn as it was trained on, up to 10,000, and
        compared with held-out real ones. Each figure stands beside its ``_real`` value,
        that of the training rows in place of the samples, and beside its ``_shuffled``
        value, that of training rows whose columns were shuffled within each class.

        Parameters
        ----------
        X : rows like those in ``fit``
            Held out: not among the training rows. Categories that did not occur there, and gaps
            in columns that had none, say nothing of the samples: values of other rows of the
            class take their place.
        y : (n,) array
            Their classes, all of them trained.
        random_state : int, default=0
            Seeds samples and classifiers.

        Returns
        -------
        DataFrame
            A row for each class, then "all". It prints its main figures. The columns are those of
            ``ganaug.metrics.tables.table_quality``: how near samples come to held-out rows
            column by column (``column_distance``), in pairs of columns
            (``correlation_distance``) and as a whole (``precision``, ``recall``,
            ``density``, ``coverage``), whether they are copies (``copied_*``), whether a
            classifier can tell them (``detection_auc``) and what it learns from them alone
            (``tstr_recall``).

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            For rows unlike those in ``fit`` or labels that were not trained.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> X, y = load_iris(return_X_y=True)
        >>> gan = TableGAN(n_steps=20, random_state=0).fit(X[::2], y[::2])
        >>> table = gan.evaluate(X[1::2], y[1::2])
        >>> bool(table.loc["all", "coverage"] > table.loc["all", "coverage_shuffled"])
        True
        """
        check_is_fitted(self)
        check_held(self._kept_rows, "rows")
        X = check_samples(self, X, reset=False, **ARRAYS)
        y = column_or_1d(y)
        check_consistent_length(X, y)
        self._check_labels(np.unique(y).tolist())
        rng = np.random.RandomState(random_state)
        X = dense(self._merged(self._schema.replace_unknown(X, y, rng)))
        X = self._check_gaps(np.where(self._encoder.gapless, impute_from_class(X, y, rng), X))
        counts = {label: min(n_rows, MAX_KEPT) for label, n_rows in self.class_counts_.items()}
        fake, y_fake = self.sample(counts, random_state)
        return table_quality(
            self._kept_rows,
            self.classes_[self._kept_labels],
            X,
            y,
            dense(self._merged(fake)),
            y_fake,
            is_categorical=self._one_hot.merge_mask(self._schema.is_categorical),
            encode=self._encoder.encode,
            random_state=random_state,
            near_rows=draws_near_rows(self.tiers_.values()),
        )

    def _check_state(self, state: Any) -> None:
        """Raise a ValueError where generators take other noise than ``n_latent`` says."""
        check_noise(state.generators.values(), self.n_latent)

    def _encode_checked(self, X) -> torch.Tensor:
        return torch.from_numpy(self._encoder.encode(self._read(X)))

    def _read(self, X) -> Any:
        """Matrix, merged, of rows that a user gave after ``fit``."""
        return self._check_gaps(self._merged(check_samples(self, X, reset=False, **ARRAYS)))

    def _check_gaps(self, X: Any) -> Any:
        """Raise a ValueError for gaps in columns that had none in fit, else return the matrix."""
        gaps = np.flatnonzero(missing_mask(X).any(axis=0) & self._encoder.gapless)
        if len(gaps) and self.missing == "generate":
            raise ValueError(f"column {self._name(gaps[0])} has gaps (NaN), and had none in fit.")
        return X

    def _merged(self, X: Any) -> Any:
        """Matrix of rows that were checked, levels as numbers, one-hot columns as one."""
        return self._one_hot.merge(self._schema.read(X))

    def _generate(self, generator: nn.Module, noise: torch.Tensor, label: Hashable) -> Any:
        return self._wrap(self._generate_numbers(generator, noise, label))

    def _generate_numbers(
        self, generator: nn.Module, noise: torch.Tensor, label: Hashable
    ) -> np.ndarray:
        """Rows of latent points as numbers, levels by their places, one-hot columns as one."""
        with torch.no_grad():
            parts = cast(RowSampler, generator).sample_rows(noise[None])
        codes, choices = (part[0].cpu().double().numpy() for part in parts)
        return self._encoder.decode(codes, choices, label)

    def _select(
        self, generator: nn.Module, noise: torch.Tensor, label: Hashable, stream: torch.Generator
    ) -> Any:
        rows = self._generate_numbers(generator, noise, label)
        if self._selector is not None and self._selector.knows(label):
            rows = self._selector.select(rows, label, stream)
        return self._wrap(rows)

    def generate_tensors(
        self, generator: nn.Module, noise: torch.Tensor, label: Hashable
    ) -> torch.Tensor:
        """Rows (n, features) of numbers on the device of the noise, whatever the type of X."""
        rows = self._one_hot.split(self._generate_numbers(generator, noise, label))
        return precise_on(noise.device, torch.from_numpy(rows)).to(noise.device)

    def _wrap(self, rows: np.ndarray) -> Any:
        """Merged rows in the type of X."""
        return self._schema.wrap(self._one_hot.split(rows))

    def _init_conditions(self, X, y: np.ndarray) -> None:
        self._conditions = None if self.conditions is None else Conditions(self.conditions)
        self.acceptance_: dict[Hashable, float] = {}
        self._n_tried: dict[Hashable, np.ndarray] = {}
        if self._conditions is not None:
            self._conditions.check(X, y, self.class_counts_)

    def _accepted(self, samples: Any, label: Hashable, noise: torch.Tensor) -> Any:
        if self._conditions is None:
            return samples
        return take_rows(samples, np.flatnonzero(self._conditions.satisfied_mask(samples)))

    def _count_accepted(self, label: Hashable, n_accepted: int, n_drawn: int) -> None:
        if self._conditions is not None:
            tried = self._n_tried.get(label, 0) + np.array([n_accepted, n_drawn])
            self._n_tried[label] = tried
            self.acceptance_[label] = float(tried[0] / tried[1])

    def _name(self, column: int) -> str:
        """Name of a merged column, or names of the first and the last that it stands for."""
        names = getattr(self, "feature_names_in_", range(self.n_features_in_))
        return self._one_hot.merged_name(column, names)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags
