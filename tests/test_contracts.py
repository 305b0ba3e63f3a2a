"""The contracts of scikit-learn and imbalanced-learn, by their own test suites."""

import pytest
from imblearn.utils import estimator_checks as imblearn_checks
from sklearn.base import clone
from sklearn.utils import estimator_checks as sklearn_checks

from ganaug import (
    AugmentedClassifier,
    DiscriminatorFeatures,
    GANMixer,
    GANOverSampler,
    TableGAN,
)

GAN = TableGAN(n_steps=3)
ESTIMATORS = [
    TableGAN(n_steps=3, random_state=0),
    GANOverSampler(GAN, random_state=0),
    AugmentedClassifier(gan=GAN, random_state=0),
    AugmentedClassifier(gan=GAN, gate=None, random_state=0),
    AugmentedClassifier(
        gan=GAN, gate=None, prior_correction=True, synthetic_weight=0.3, random_state=0
    ),
    GANMixer(gan=GAN, random_state=0),
    DiscriminatorFeatures(GAN, random_state=0),
]

# The checks train on classes of a few rows and on balanced ones, of which the faces warn.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning"),
    pytest.mark.filterwarnings("ignore:sampling_strategy adds no rows:UserWarning"),
    pytest.mark.filterwarnings("ignore:lbfgs failed:sklearn.exceptions.ConvergenceWarning"),
]


def expected_failures(estimator):
    """Checks that a class cannot pass by design, with the reason."""
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
