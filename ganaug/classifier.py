"""AugmentedClassifier: the scikit-learn face for classifiers."""

import numbers
from collections.abc import Collection, Hashable
from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer_names
from sklearn.pipeline import Pipeline
from sklearn.utils import assert_all_finite
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted

from ganaug.encoding.frames import is_frame
from ganaug.evaluation.first_fit import check_fit
from ganaug.evaluation.fitting import Fit, routed_parameters
from ganaug.evaluation.folds import fit_out_of_fold
from ganaug.evaluation.methods import METHODS
from ganaug.evaluation.named_method import method_for
from ganaug.evaluation.provenance import Provenance
from ganaug.evaluation.scores import score_of
from ganaug.evaluation.selection import Selection, say_work_ahead, select
from ganaug.evaluation.self_training import SelfTraining
from ganaug.evaluation.trials import Trials
from ganaug.evaluation.weights import prior_ratio
from ganaug.models.protocol import Model
from ganaug.nested_defaults import NestedDefaultsMixin
from ganaug.progress import progress, say
from ganaug.randomness import check_seed
from ganaug.resampling import (
    GAN_CONSTRAINT,
    array_checks,
    clone_seeded,
    default_gan,
    default_model,
    drop_callback,
    fit_classes,
    fit_progress,
    input_tags,
    restrict_tags,
    take_apart,
)
from ganaug.rollback import roll_back_on_error
from ganaug.strategy import class_counts, rows_to_add, warn_if_nothing_is_added
from ganaug.unlabeled import LABEL_CONSTRAINT
from ganaug.validation import (
    STRATEGY_CONSTRAINT,
    HasMethods,
    Interval,
    StrOptions,
    check_name,
    check_samples,
    check_samples_and_labels,
    fit_context,
    raise_for_params,
)


def _estimator_has(method: str):
    def check(self) -> bool:
        getattr(self.estimator_ if hasattr(self, "estimator_") else self._base(), method)
        return True

    return check


# Parameters that a report names.
SETTINGS = ("scoring", "gan", "sampling_strategy", "random_state")


class AugmentedClassifier(ClassifierMixin, MetaEstimatorMixin, NestedDefaultsMixin, BaseEstimator):
    """Fit a classifier on real rows plus synthetic ones of one GAN per class.

    Everything after ``fit`` is the classifier's own. It works wherever a
    classifier works: as the last step of a scikit-learn ``Pipeline``, in
    ``cross_val_score`` and in ``GridSearchCV`` (``gan__n_steps``,
    ``estimator__C``). Transformations that should come after augmentation go into
    ``estimator``, as a pipeline.

    Parameters
    ----------
    estimator : classifier, default=None
        Cloned before it is fitted. None stands for ``LogisticRegression()``.

    gan : model, default=None
        Anything with ``fit(X, y)`` and ``sample({label: n})``; cloned before it is
        fitted. None stands for ``TableGAN()``, or
        ``ImageGAN()`` for images. ``FrozenEstimator(gan)`` takes a
        fitted model as it is, which spares training in a grid over
        ``estimator__C``; fit it on training rows only, and set ``gate=None``, as nobody
        knows which rows it has seen.

    sampling_strategy : float, str, dict or callable, default="auto"
        Which classes to enlarge and to what size, as in ``GANOverSampler``.

    unlabeled_label : label or None, default=None
        Label in ``y`` that marks rows without a class, such as -1; None makes no label
        special. They are no class to ``sampling_strategy`` and to the classifier, and
        judge nothing. They teach a ``gan`` that has this parameter. Where the classifier
        has ``predict_proba``, the gate may also choose "self-training", by which the
        classifier labels those that it is sure of and learns from them too, as
        scikit-learn's ``SelfTrainingClassifier``, or "self-training + GAN", where a GAN
        is trained on all of them and rows of it are added. To try these takes another
        training of the GANs for each part of the rows, and up to 40 fits of the classifier.
        Labelled by it, rows have the weight of synthetic ones.

    synthetic_weight : float or None, default=None
        ``sample_weight`` of each synthetic row, against 1 of a real one, which the
        gate may choose to quarter. None is 1.

    gate : {"fast", "thorough"} or None, default="fast"
        Effort to choose what is done to the training rows: nothing, moved thresholds, class
        weights, copies of a quarter of the weight, copies with noise, SMOTE with noise, moved
        copies (of images), or the GAN's rows, each of the weight of a real one or of a quarter
        of it (a quarter of the rows, where the classifier takes no weights). Of sequences, in
        the place of what has noise: copies, jitter, scaling, window warping and SMOTE. Each
        is tried without a part of the real rows and judged on these, by generators and
        over-samplers that never saw them. What gained most on other data, ten tables and
        eleven sets of sequences, is kept unless it seems to harm, or another is surely better:
        with a ``TableGAN`` the GAN's rows where ``scoring`` is "balanced_accuracy", and by
        average precision those of a quarter of the weight; with a ``SequenceGAN`` scaling,
        where ``scoring`` is "balanced_accuracy". In all other cases, of those whose gain is
        surely above 0 the simplest is chosen that is as good as the best within one standard
        error; nothing is done where there is none.
        "fast" tries it on five parts (two where a GAN is costly: images, classes of more
        than 300 rows): generators then take 1.7 to 3.4 times the time of one fit, and
        the classifier is fitted up to 41 times. "thorough" tries it on fifteen. None adds
        the GAN's rows unjudged. Where all classes to be enlarged have fewer than five
        rows nothing can be judged, and nothing is done.

    method : str, default="auto"
        What is done: "auto" leaves it to the gate, and is "GAN" without one. A name does that,
        unjudged, whatever ``gate`` is: one of those of ``source_``, or "shuffled columns",
        "magnitude warping" or "time warping", which the gate does not choose from. No GAN is
        trained where the method needs none.

    scoring : str, callable or None, default=None
        Score by which the gate chooses, as in scikit-learn; None is the average precision
        of each class against the others, averaged.

    prior_correction : bool, default=False
        True corrects probabilities for the classes' shares that augmentation changed,
        and predicts by them: ``predict`` stays the most probable class.

    random_state : int, RandomState instance or None, default=None
        Seeds the GANs and the gate. The classifier keeps its own.

    n_jobs : int or None, default=None
        Fits of the gate at a time, by joblib: of the classifier, and of the GANs where those of
        all parts are not trained side by side anyway, as those of tables are. The choice does
        not depend on it.

    verbose : int, default=0
        1 says on standard error how far ``fit`` has come, what the gate chose, and why.

    Attributes
    ----------
    estimator_ : classifier
        Fitted.

    source_ : str
        Name of what was done: "none", "moved thresholds", "class weights",
        "copies weighted 1/4", "copies + noise", "SMOTE + noise", "moved copies"; of
        sequences, "copies", "jitter", "scaling", "window warping", "SMOTE";
        "GAN weighted 1/4", "1/4 of the GAN rows", "GAN", "self-training" or
        "self-training + GAN".

    report_ : Selection or None
        Reasons for it: ``sentence``, ``verdict``, ``table`` of gains with intervals,
        ``measures`` (the same by average precision and by balanced accuracy), ``scores`` of
        each block of left-out rows, ``n_fits``, ``seconds``; ``to_html(path)`` writes it all on
        a page, with some real rows beside generated ones. None without a gate.

    gan_ : model or None
        Fitted on all rows; None where nothing is drawn from it.

    classes_ : (n_classes,) array
        Labels.

    n_synthetic_ : int
        Synthetic rows that the classifier was fitted on.

    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    See Also
    --------
    ganaug.GANOverSampler : The same augmentation as an imbalanced-learn sampler.

    Notes
    -----
    A classifier that splits off validation rows by itself (``early_stopping=True``,
    calibration) validates on synthetic rows too, and then looks better to itself
    than it is.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from ganaug import AugmentedClassifier, TableGAN
    >>> X, y = load_wine(return_X_y=True)
    >>> model = AugmentedClassifier(
    ...     make_pipeline(StandardScaler(), LogisticRegression()),
    ...     gan=TableGAN(n_steps=20), random_state=0)
    >>> model.fit(X, y).report_.table.columns.tolist()
    ['score', 'gain', 'low', 'high', 'wins', 'losses', 'note']
    >>> model.set_params(gate=None).fit(X, y).n_synthetic_
    35
    """

    _parameter_constraints: dict = {
        "estimator": [HasMethods(["fit", "predict"]), None],
        "gan": GAN_CONSTRAINT,
        "sampling_strategy": STRATEGY_CONSTRAINT,
        "unlabeled_label": LABEL_CONSTRAINT,
        "synthetic_weight": [Interval(numbers.Real, 0, None, closed="left"), None],
        "gate": [StrOptions({"fast", "thorough"}), None],
        "method": [str],
        "scoring": [str, callable, None],
        "prior_correction": ["boolean"],
        "random_state": ["random_state"],
        "n_jobs": [numbers.Integral, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        estimator: Any = None,
        *,
        gan: Model | None = None,
        sampling_strategy: Any = "auto",
        unlabeled_label: Hashable = None,
        synthetic_weight: float | None = None,
        gate: str | None = "fast",
        method: str = "auto",
        scoring: Any = None,
        prior_correction: bool = False,
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ):
        self.estimator = estimator
        self.gan = gan
        self.sampling_strategy = sampling_strategy
        self.unlabeled_label = unlabeled_label
        self.synthetic_weight = synthetic_weight
        self.gate = gate
        self.method = method
        self.scoring = scoring
        self.prior_correction = prior_correction
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any, sample_weight: Any = None, **fit_params: Any) -> Self:
        """Train the GANs, then the classifier on real and synthetic rows.

        Parameters
        ----------
        X : (n, ...) array, CSR or CSC matrix, or DataFrame
        y : (n,) array
        sample_weight : (n,) array or None, default=None
            Weights by which the classifier learns from real rows, as the last step of a
            pipeline does; the GANs know none. A synthetic row has the mean weight of real
            ones, times ``synthetic_weight``. With metadata routing enabled, the classifier has
            to request them.
        **fit_params
            Routed to the classifier's ``fit``; needs metadata routing enabled.

        Returns
        -------
        AugmentedClassifier
            Itself, fitted.

        Raises
        ------
        ValueError
            For bad rows, labels or strategies, a single class, weights, text or gaps that
            the classifier cannot take, a frozen ``gan`` with a gate, or probabilities to be
            corrected that it does not give; before any training.
        """
        raise_for_params(fit_params, self, "fit")
        if sample_weight is not None:
            fit_params["sample_weight"] = sample_weight
        check_name("method", self.method, ["auto", *METHODS])
        if isinstance(self.scoring, str):
            check_name("scoring", self.scoring, get_scorer_names())
        with roll_back_on_error(self):
            self._fit(X, y, fit_params)
        return self

    def _fit(self, X: Any, y: Any, fit_params: dict[str, Any]) -> None:
        X, y, unlabeled = take_apart(X, y, self.unlabeled_label, self.gan)
        X, y = self._checked(X, y)
        self.classes_ = np.unique(y)
        if len(self.classes_) == 1:
            raise ValueError(
                f"AugmentedClassifier needs 2 classes or more; y holds 1 class: {y.tolist()[0]!r}."
            )
        base = self._base()
        self._check_probabilities(base)
        order = np.arange(len(y)) if unlabeled is None else unlabeled.order
        routed = routed_parameters(self, base, fit_params, len(order))
        if "sample_weight" in routed:
            routed["sample_weight"] = routed["sample_weight"][order[: len(y)]]
        fit = Fit.of(base, self.synthetic_weight, routed)
        self_training = None if unlabeled is None else SelfTraining(unlabeled, self.gan)
        counts = rows_to_add(self.sampling_strategy, y)
        warn_if_nothing_is_added(counts)
        check_fit(fit, type(base).__name__, base, X, y)
        rng = check_seed(self.random_state)
        sizes = [class_counts(y)[label] for label in counts]
        name = "GAN" if self.method == "auto" else self.method
        method = method_for(name, base, X, self._unfitted(X), sizes, unlabeled is not None)
        self.report_ = self.gan_ = None
        if counts and self.gate is not None and self.method == "auto":
            self.report_ = self._select(X, y, counts, rng, fit, self_training)
            method = self.report_.method
        self.source_ = method.name
        rows = np.arange(len(y))
        if method.self_training and self_training is not None:
            X, y, self.gan_ = self_training.prepare(method, base, X, y, list(counts), rng)
        elif method.needs_gan:
            model = clone_seeded(self.gan, X, rng)
            with fit_progress(model, self.verbose):
                self.gan_ = fit_classes(model, X, y, list(counts), unlabeled)
        model = self._unfitted(X) if self.gan_ is None else self.gan_
        X_all, y_all = method.augment(X, y, counts, model, rng)
        self.n_synthetic_ = len(y_all) - len(y)
        with progress(1, f"{type(base).__name__}, all rows", "fit", self.verbose) as on_fit:
            self.estimator_ = fit(method, base, X_all, y_all, rows)
            on_fit(1)
        weighted = fit.sample_weights(method, len(y_all), rows), method.weights_classes
        self._prior_ratio = prior_ratio(self.classes_, y_all, len(rows), *weighted)

    def _select(
        self,
        X: Any,
        y: np.ndarray,
        counts: dict[Hashable, int],
        rng: np.random.RandomState,
        fit: Fit,
        self_training: SelfTraining | None,
    ) -> Selection:
        """Have the gate choose, and say what it has chosen where that is wanted."""
        base = self._base()
        # what is fitted to parts of the rows is not what the callback is to watch
        gan = drop_callback(self.gan)
        unlabeled = None if self_training is None else self_training.unlabeled
        self_training = None if unlabeled is None else SelfTraining(unlabeled, gan)
        cost = (self.n_jobs, self.verbose)
        trials = Trials(base, X, y, counts, fit, score_of(self.scoring, base), self_training)
        if self.verbose:
            say_work_ahead(trials, gan, str(self.gate))
        folds = fit_out_of_fold(gan, X, y, list(counts), rng, str(self.gate), unlabeled, *cost)
        selection = select(trials, folds, rng, *cost, self.scoring)
        say(selection.sentence, self.verbose)
        settings = {name: getattr(self, name) for name in SETTINGS}
        provenance = Provenance.of(X, y, {type(base).__name__: base}, **settings)
        return replace(selection, provenance=provenance)

    def predict(self, X: Any) -> np.ndarray:
        """Labels (n,), as the fitted classifier predicts them, or by corrected probabilities."""
        if self.prior_correction:
            most_probable = self.predict_proba(X).argmax(axis=1)
            return self.classes_[most_probable]
        return self._ask("predict", X)

    @available_if(_estimator_has("predict_proba"))
    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities (n, n_classes), as the fitted classifier gives them.

        Without ``prior_correction`` they are those of the augmented training set: classes
        that were enlarged are rated more probable than they are.
        """
        probabilities = self._ask("predict_proba", X)
        if not self.prior_correction:
            return probabilities
        corrected = probabilities / self._prior_ratio
        return corrected / corrected.sum(axis=1, keepdims=True)

    @available_if(_estimator_has("predict_log_proba"))
    def predict_log_proba(self, X) -> np.ndarray:
        """Logarithms of ``predict_proba``."""
        if self.prior_correction:
            with np.errstate(divide="ignore"):
                return np.log(self.predict_proba(X))
        return self._ask("predict_log_proba", X)

    @available_if(_estimator_has("decision_function"))
    def decision_function(self, X: Any) -> np.ndarray:
        """Scores (n,) or (n, n_classes), as the fitted classifier gives them: not corrected."""
        return self._ask("decision_function", X)

    def get_metadata_routing(self) -> MetadataRouter:
        """Route what ``fit`` receives to the classifier's ``fit``."""
        mapping = MethodMapping().add(caller="fit", callee="fit")
        return MetadataRouter(owner=self).add(estimator=self._base(), method_mapping=mapping)

    def _default_of(self, name: str, inner_names: Collection[str]) -> Any:
        if name == "estimator":
            return self._base()
        return default_gan(inner_names) if name == "gan" else None

    def _base(self) -> Any:
        return LogisticRegression() if self.estimator is None else self.estimator

    def _unfitted(self, X: Any) -> Any:
        return default_model(X) if self.gan is None else self.gan

    def _check_probabilities(self, base: Any) -> None:
        """Raise a ValueError where probabilities are to be corrected and there are none."""
        if self.prior_correction and not hasattr(base, "predict_proba"):
            raise ValueError(
                f"prior_correction=True needs a classifier with predict_proba; "
                f"{type(base).__name__} has none."
            )

    def _checked(self, X, y):
        """Validated rows and labels; a DataFrame stays one, for estimators that select by name."""
        assert_all_finite(y, input_name="y")
        if type_of_target(y) in ("multilabel-indicator", "multiclass-multioutput"):
            raise ValueError("Multilabel and multioutput targets are not supported.")
        # gaps that the classifier does not take are told together with text
        told_later = is_frame(X) and input_tags(self.gan).allow_nan
        checks = {"ensure_all_finite": "allow-nan"} if told_later else {}
        return check_samples_and_labels(self, X, y, **self._array_checks | checks)

    def _ask(self, method: str, X) -> np.ndarray:
        check_is_fitted(self)
        X = check_samples(self, X, reset=False, **self._array_checks)
        return getattr(self.estimator_, method)(X)

    @property
    def _array_checks(self) -> dict[str, Any]:
        # a pipeline may fill gaps and encode strings in any of its steps
        anything = input_tags(None) if isinstance(self._base(), Pipeline) else None
        return array_checks(anything or self.__sklearn_tags__().input_tags)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        classifier = input_tags(self._base())
        tags.input_tags.sparse = classifier.sparse
        restrict_tags(tags.input_tags, classifier, input_tags(self.gan))
        return tags
