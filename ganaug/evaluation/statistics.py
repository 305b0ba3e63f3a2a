"""Paired differences between methods that were scored on the same splits."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

# Share of Student's t above the lower end of an interval of gains. Few rows tell little: whoever
# asks for more leaves most of the gains that there are.
CONFIDENCE = 0.85

# The same where a mistake would cost more.
SURE = 0.99

# Degrees of freedom that the mean of all variances counts for, when each is shrunk towards it.
PRIOR_FREEDOM = 4


def paired_interval(differences: np.ndarray, test_ratio: float = 0.0) -> tuple[float, float]:
    """95 % interval of a mean difference, by Student's t over splits.

    Parameters
    ----------
    differences : (n_splits,) array
        Score of one method minus that of another, on the same split.
    test_ratio : float, default=0.0
        Test rows per training row where splits are the folds of a cross-validation:
        their training sets overlap, and the interval is widened for it. 0 where
        every split draws its training rows anew.

    Returns
    -------
    low, high : NaN with fewer than two splits

    References
    ----------
    Nadeau and Bengio, "Inference for the generalization error", Machine Learning
    2003: the corrected resampled t-test.

    Examples
    --------
    >>> low, high = paired_interval(np.array([1.0, 2.0, 3.0]))
    >>> round(low, 2), round(high, 2)
    (-0.48, 4.48)
    """
    n_splits = len(differences)
    if n_splits < 2:
        return math.nan, math.nan
    reach = stats.t.ppf(0.975, n_splits - 1) * standard_error(differences, test_ratio)
    mean = np.mean(differences)
    return float(mean - reach), float(mean + reach)


def standard_error(differences: np.ndarray, test_ratio: float = 0.0) -> float:
    """Standard error of a mean difference over two splits or more; as ``paired_interval``."""
    return math.sqrt(np.var(differences, ddof=1) * (1 / len(differences) + test_ratio))


def left_out_per_training_row(
    splits: Sequence[tuple[np.ndarray, np.ndarray]], n_rows: int
) -> float:
    """``test_ratio`` of splits: 0 unless each divides all rows between training and test.

    Examples
    --------
    >>> left_out_per_training_row([(np.arange(8), np.arange(8, 10))], 10)
    0.25
    """
    divided = all(len(train) + len(test) == n_rows for train, test in splits)
    return float(np.mean([len(test) / len(train) for train, test in splits])) if divided else 0.0


def moderated_intervals(gains: pd.DataFrame, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Intervals of mean gains, if blocks are independent: 70 % by default.

    Few blocks say little of how a gain varies, and what seems to vary least is taken too often.
    So the variance of each gain is shrunk towards their mean.

    Parameters
    ----------
    gains : (n_blocks, n_methods) DataFrame
        Gain of each method on each block of rows.
    confidence : float, default=0.85
        Probability with which a mean lies above the lower end of its interval.

    Returns
    -------
    (n_methods, 4) DataFrame
        ``gain``, the mean; ``error``, its standard error; ``low`` and ``high``, the ends of the
        interval.

    References
    ----------
    Smyth, "Linear models and empirical Bayes methods for assessing differential expression",
    2004: the moderated t-statistic.

    Examples
    --------
    >>> moderated_intervals(pd.DataFrame({"GAN": [1.0, 2.0, 3.0]})).round(2)
         gain  error   low  high
    GAN   2.0   0.58  1.35  2.65
    """
    n_blocks = len(gains)
    freedom = n_blocks - 1 + PRIOR_FREEDOM
    variances = gains.var()
    shrunk = ((n_blocks - 1) * variances + PRIOR_FREEDOM * variances.mean()) / freedom
    # one block says nothing of how gains vary
    errors = (shrunk.fillna(math.inf) / n_blocks) ** 0.5
    reach = float(stats.t.ppf(confidence, freedom)) * errors
    means = gains.mean()
    return pd.DataFrame(
        {"gain": means, "error": errors, "low": means - reach, "high": means + reach}
    )
