"""The contracts of scikit-learn and imbalanced-learn, by their own test suites."""

import pytest
import torch
from imblearn.utils import estimator_checks as imblearn_checks
from sklearn.base import clone
from sklearn.utils import estimator_checks as sklearn_checks

import ganaug
from ganaug import (
    AugmentedClassifier,
    ClassTranslator,
    DiscriminatorClassifier,
    DiscriminatorFeatures,
    GANMixer,
    GANOverSampler,
    ImageGAN,
    NetworkFeatures,
    PairedTranslator,
    SequenceGAN,
    SuperResolver,
    TableGAN,
)

GAN = TableGAN(n_steps=1)
ESTIMATORS = [
    TableGAN(n_steps=1, random_state=0),
    GANOverSampler(GAN, random_state=0),
    AugmentedClassifier(gan=GAN, random_state=0),
    AugmentedClassifier(gan=GAN, gate=None, random_state=0),
    AugmentedClassifier(
        gan=GAN, gate=None, prior_correction=True, synthetic_weight=0.3, random_state=0
    ),
    GANMixer(gan=GAN, random_state=0),
    DiscriminatorFeatures(GAN, random_state=0),
    SequenceGAN(n_steps=1, capacity=0.1, n_latent=8, random_state=0),
]

# Whose samples are images or sequences, which the checks that train do not have.
OF_ARRAYS = [
    ImageGAN(n_steps=3, random_state=0),
    SequenceGAN(n_steps=3, random_state=0),
    ImageGAN(n_steps=3, upscaler=SuperResolver(n_steps=1), random_state=0),
    ClassTranslator(n_steps=3, random_state=0),
    PairedTranslator(n_steps=3, random_state=0),
    SuperResolver(n_steps=1),
    DiscriminatorClassifier(ImageGAN(n_steps=3), n_steps=3, random_state=0),
    NetworkFeatures(torch.nn.Flatten()),
]

# The checks train on classes of a few rows and on balanced ones, of which the faces warn.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning"),
    pytest.mark.filterwarnings("ignore:sampling_strategy adds no rows:UserWarning"),
    pytest.mark.filterwarnings("ignore:lbfgs failed:sklearn.exceptions.ConvergenceWarning"),
]


def expected_failures(estimator):
    """Checks that a class cannot pass by design, with the reason."""
    if isinstance(estimator, AugmentedClassifier):
        reason = "a row that weighs twice is one row to the GANs, and two equal rows are two"
        containers = ("dense_data", "sparse_data")
        return {f"check_sample_weight_equivalence_on_{name}": reason for name in containers}
    if not isinstance(estimator, GANMixer):
        return {}
    reason = "fit_transform mixes and transform does not, as documented"
    checks = ["check_transformer_general", "check_transformer_data_not_an_array"]
    return dict.fromkeys(checks, reason)


@sklearn_checks.parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_failures)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@imblearn_checks.parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_failures)
def test_imbalanced_learn_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
@pytest.mark.parametrize(
    "check",
    [
        imblearn_checks.check_param_validation,
        imblearn_checks.check_dataframe_column_names_consistency,
    ],
)
def test_options_and_column_names_are_checked_as_everywhere(estimator, check):
    check(type(estimator).__name__, clone(estimator))


@pytest.mark.parametrize("estimator", OF_ARRAYS, ids=str)
@pytest.mark.parametrize(
    "check",
    [
        sklearn_checks.check_parameters_default_constructible,
        sklearn_checks.check_no_attributes_set_in_init,
        sklearn_checks.check_get_params_invariance,
        sklearn_checks.check_set_params,
        sklearn_checks.check_do_not_raise_errors_in_init_or_set_params,
        sklearn_checks.check_estimator_repr,
        sklearn_checks.check_estimator_cloneable,
        imblearn_checks.check_param_validation,
    ],
)
def test_models_of_arrays_keep_what_of_the_contract_needs_no_rows(estimator, check):
    check(type(estimator).__name__, clone(estimator))


def test_every_public_estimator_is_held_to_a_contract():
    public = {getattr(ganaug, name) for name in ganaug.__all__}
    estimators = {kind for kind in public if isinstance(kind, type) and hasattr(kind, "fit")}
    assert {type(estimator) for estimator in ESTIMATORS + OF_ARRAYS} == estimators
