"""Classifiers of tables: fitted to weighted rows, and scored on real ones."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, balanced_accuracy_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

# Weight of synthetic rows, against 1 of a real one, in methods "weighted 1/4".
QUARTER = 0.25


def table_classifiers(class_weight: str | None, seed: int) -> dict[str, BaseEstimator]:
    """Classifiers by name; what they need done to columns is a part of them."""
    linear = LogisticRegression(max_iter=2000, class_weight=class_weight)
    forest = RandomForestClassifier(class_weight=class_weight, random_state=seed)
    boosting = HistGradientBoostingClassifier(class_weight=class_weight, random_state=seed)
    return {
        "logistic regression": make_pipeline(column_encoder(), linear),
        "random forest": make_pipeline(column_encoder(), forest),
        "boosting": boosting,
    }


def column_encoder() -> BaseEstimator:
    """Transformer that fills gaps, encodes levels one-hot and scales numbers."""
    levels = make_column_selector(dtype_include="category")
    numbers = make_column_selector(dtype_include="number")
    encode = make_pipeline(
        SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
    )
    scale = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    return make_column_transformer((encode, levels), (scale, numbers))


def fit_weighted(
    classifier: BaseEstimator, X: pd.DataFrame, y: np.ndarray, n_real: int, weight: float
) -> BaseEstimator:
    """Fit a classifier to real rows and, after them, synthetic ones of another weight."""
    if weight == 1:
        return classifier.fit(X, y)
    weights = np.where(np.arange(len(y)) < n_real, 1.0, weight)
    name = "sample_weight"
    if isinstance(classifier, Pipeline):
        name = f"{classifier.steps[-1][0]}__{name}"
    return classifier.fit(X, y, **{name: weights})


def held_out_scores(classifier: BaseEstimator, X: pd.DataFrame, y: np.ndarray) -> dict[str, float]:
    """Macro average precision and balanced accuracy on real rows."""
    probabilities = classifier.predict_proba(X)
    precisions = [
        average_precision_score(y == label, probabilities[:, column])
        for column, label in enumerate(classifier.classes_)
    ]
    predicted = classifier.classes_[probabilities.argmax(axis=1)]
    return {
        "average_precision": float(np.mean(precisions)),
        "balanced_accuracy": float(balanced_accuracy_score(y, predicted)),
    }
