"""Over-samplers on tables as they come: which of them helps which classifier.

``python benchmarks/oversampling.py --data DIR`` takes the ten tables in DIR, those of more rows cut
to 5,000 at random, abalone in three groups of age, classes of fewer than five rows left out. Every
over-sampler brings every class to the size of the largest, on the training rows of repeated
stratified cross-validation. Scores are macro average precision and balanced accuracy on the real
rows left out. Over-samplers that refuse gaps get medians and most frequent levels in their place.
What cannot take a table's columns at all has no score there and ranks last, as does what crashes.
"ganaug" is ``GANOverSampler()`` with its defaults. What is "light" gives the rows that it adds a
quarter of the weight of real ones, as ``AugmentedClassifier(synthetic_weight=0.25)`` does.

A line a table, fold, over-sampler and classifier goes to ``results/oversampling.jsonl``; what that
file has already is not run again.
"""

import argparse
import json
import time
import warnings
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import ADASYN, SMOTE, SMOTENC, BorderlineSMOTE, RandomOverSampler
from joblib import Parallel, delayed
from ranks import draw_ranks, ranking
from records import read_records
from rivals import Rival, ctgan, dsto_gan, marginals, mgs_grf
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, balanced_accuracy_score
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from synthetic_only import TARGET, read
from threadpoolctl import threadpool_limits

from ganaug import GANOverSampler
from ganaug.evaluation.fitting import Fit
from ganaug.evaluation.methods import GAN
from ganaug.evaluation.weights import weight_name

HERE = Path(__file__).parent
N_FOLDS = 5
MAX_FOLDS = 1000
MAX_ROWS = 5000
MIN_ROWS = 5
TABLES = (
    *("abalone", "adult", "ecoli", "german", "glass"),
    *("mammography", "oil-spill", "phoneme", "wine", "winequality-white"),
)
SCORES = ("average precision", "balanced accuracy")
KEY = ["table", "fold", "sampler", "classifier"]

# Over-samplers by name: what makes one of a seed.
SAMPLERS: dict[str, Callable[[int], Any] | None] = {
    "none": None,
    "class weights": None,
    "random": lambda seed: RandomOverSampler(random_state=seed),
    "random, shrinkage 1": lambda seed: RandomOverSampler(shrinkage=1.0, random_state=seed),
    "SMOTE": lambda seed: SMOTE(random_state=seed),
    "SMOTENC": lambda seed: SMOTENC("auto", random_state=seed),
    "Borderline-SMOTE": lambda seed: BorderlineSMOTE(random_state=seed),
    "ADASYN": lambda seed: ADASYN(random_state=seed),
    "marginals": lambda seed: Rival(marginals, seed),
    "CTGAN": lambda seed: Rival(ctgan, seed),
    "DSTO-GAN": lambda seed: Rival(dsto_gan, seed),
    "MGS-GRF": lambda seed: Rival(mgs_grf, seed),
    "ganaug": lambda seed: GANOverSampler(random_state=seed),
}

# Weight of the rows that "X, light" adds, which are those of X.
LIGHT = 0.25
SAMPLERS |= {f"{name}, light": SAMPLERS[name] for name in ("random", "ganaug")}

# What takes a minute and more a fold is run on the first folds only.
FOLDS_OF = {"CTGAN": 2, "DSTO-GAN": 2}

# They take gaps, or have none to fill.
TAKE_GAPS = ("none", "class weights", "random", "marginals", "ganaug")


def load(folder: Path, name: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows and labels of one table."""
    table = read(folder / f"{name}.csv")
    y = table.pop(TARGET)
    if name == "abalone":
        y = pd.cut(y, [0, 8, 10, 99], labels=["young", "middle", "old"])
    # a random forest takes labels such as "1" for numbers
    y = np.array([f"class {label}" for label in y])
    sizes = pd.Series(y).value_counts()
    rows = np.flatnonzero(np.isin(y, sizes.index[sizes >= MIN_ROWS]))
    rows = np.sort(np.random.default_rng(0).permutation(rows)[:MAX_ROWS])
    return table.iloc[rows].reset_index(drop=True), y[rows]


def classifiers(weights: str | None, seed: int) -> dict[str, BaseEstimator]:
    """The judges; what they need done to columns is a part of them."""

    def prepared(classifier: BaseEstimator) -> BaseEstimator:
        levels = make_column_selector(dtype_include="category")
        numbers = make_column_selector(dtype_include="number")
        encode = make_pipeline(
            SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
        )
        scale = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
        return make_pipeline(
            make_column_transformer((encode, levels), (scale, numbers)), classifier
        )

    return {
        "logistic regression": prepared(LogisticRegression(max_iter=2000, class_weight=weights)),
        "random forest": prepared(RandomForestClassifier(class_weight=weights, random_state=seed)),
        "boosting": HistGradientBoostingClassifier(class_weight=weights, random_state=seed),
    }


def resampled(
    sampler: str, X: pd.DataFrame, y: np.ndarray, seed: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """Training rows as an over-sampler leaves them."""
    make = SAMPLERS[sampler]
    if make is None:
        return X, y
    if sampler.removesuffix(", light") not in TAKE_GAPS:
        X = X.assign(
            **{
                name: column.fillna(
                    column.mode()[0] if column.dtype == "category" else column.median()
                )
                for name, column in X.items()
                if column.isna().any()
            }
        )
    return make(seed).fit_resample(X, y)


def run_fold(
    name: str, fold: int, sampler: str, data: tuple[pd.DataFrame, np.ndarray], rows: Any
) -> Iterator[dict[str, Any]]:
    """Score all classifiers after one over-sampler: a record each."""
    X, y = data
    train, test = rows
    start = time.process_time()
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        try:
            X_new, y_new = resampled(sampler, X.iloc[train], y[train], fold)
            error = None
        except Exception as failure:  # whatever others raise is recorded
            error = f"{type(failure).__name__}: {failure}".splitlines()[0]
        seconds = time.process_time() - start
        weights = "balanced" if sampler == "class weights" else None
        for judge, classifier in classifiers(weights, fold).items():
            record = dict(zip(KEY, (name, fold, sampler, judge), strict=True))
            if error is None:
                weight = LIGHT if sampler.endswith("light") else 1.0
                fit = Fit(weight_name(classifier), weight)
                fitted = fit(GAN, classifier, X_new, y_new, np.arange(len(train)))
                scores = scored(fitted, X.iloc[test], y[test])
            else:
                scores = dict.fromkeys(SCORES)
            yield {**record, **scores, "seconds": seconds, "error": error}


def scored(classifier: BaseEstimator, X: pd.DataFrame, y: np.ndarray) -> dict[str, float]:
    """Scores on real rows."""
    probabilities = classifier.predict_proba(X)
    precisions = [
        average_precision_score(y == label, probabilities[:, column])
        for column, label in enumerate(classifier.classes_)
    ]
    predicted = classifier.classes_[probabilities.argmax(axis=1)]
    figures = (np.mean(precisions), balanced_accuracy_score(y, predicted))
    return dict(zip(SCORES, map(float, figures), strict=True))


def task_means(results: pd.DataFrame, score: str, names: list[str]) -> pd.DataFrame:
    """Means of methods (columns) on tables, over classifiers and the folds that all have.

    What has no score on a table, or crashed on a fold of it, has none there.
    """
    results = results[results["sampler"].isin(names)]
    n_folds = results.groupby("sampler")["fold"].nunique().min()
    common = results[results["fold"] < n_folds]
    means = common.groupby(["table", "sampler"])[score].agg(lambda own: own.mean(skipna=False))
    return means.unstack()[names]


def shown(results: pd.DataFrame) -> str:
    """Ranks for each score: of methods that ran on all folds; of all, on the folds they share."""
    folds = results.groupby("sampler")["fold"].nunique()
    few = [name for name in SAMPLERS if name in folds]
    whole = [name for name in few if folds[name] == folds.max()]
    parts = []
    for score in SCORES:
        for names in [whole, few] if whole != few else [few]:
            title = f"{score}, {folds[names].min()} folds"
            parts.append(f"{title}\n\n{ranking(task_means(results, score, names), 'none')}")
    return "\n\n".join(parts)


def main() -> None:
    """Run what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the tables")
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=TABLES)
    parser.add_argument("--picture", type=Path, metavar="PNG", help="draw the ranks too")
    parser.add_argument("--samplers", nargs="+", choices=SAMPLERS, default=list(SAMPLERS))
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--folds", type=int, help="run so many folds of a table only")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--output", type=Path, default=HERE / "results" / "oversampling.jsonl")
    options = parser.parse_args()
    known = read_records(options.output)
    done = {tuple(one[name] for name in KEY[:3]) for one in known}
    for name in options.tables:
        data = load(options.data, name)
        folds = RepeatedStratifiedKFold(n_splits=N_FOLDS, n_repeats=options.repeats, random_state=0)
        jobs = [
            delayed(lambda *job: list(run_fold(*job)))(name, fold, sampler, data, rows)
            for fold, rows in enumerate(islice(folds.split(*data), options.folds))
            for sampler in options.samplers
            if (name, fold, sampler) not in done and fold < FOLDS_OF.get(sampler, MAX_FOLDS)
        ]
        for records in Parallel(options.jobs, return_as="generator_unordered")(jobs):
            known += records
            with options.output.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(record) + "\n" for record in records)
        print(name, "done", flush=True)
    results = pd.DataFrame(known)
    results = results[results["table"].isin(options.tables)]
    print(shown(results))
    if options.picture is not None:
        names = [name for name in SAMPLERS if name in set(results["sampler"])]
        draw_ranks(options.picture, task_means(results, SCORES[0], names), f"rank by {SCORES[0]}")


if __name__ == "__main__":
    main()
