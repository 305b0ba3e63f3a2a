"""Classifiers that learn from synthetic rows alone: how much of a table is left in them.

Every generator is trained on 22,800 random rows of the census table "adult" and draws as many, in
the real proportions of the classes. Gradient boosting learns from those and is tested on real rows.
Beside its area under the curve and average precision stand the CPU seconds of the generator and how
far its rows are from real ones: the mean Kolmogorov-Smirnov distance of numeric columns, the mean
total variation of the others, and the areas under the curve of three classifiers that tell
synthetic from held-out real rows (detection AUC of boosting, a forest and logistic regression: 0.5
is best). Copies are rows that equal a training row, beside the share of held-out real rows that do.

"Shuffled columns" draws every column by itself within each class: what any generator has to beat.
CTGAN and TabularARGN (``--argn``) are of ``pip install ".[benchmark]"``. CTGAN cannot take gaps,
and gets the rows without. TabularARGN does not start where torch is a build for the CPU and
torchvision one for CUDA ("operator torchvision::nms does not exist"): ``pip uninstall torchvision
torchaudio``, which no benchmark needs.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.stats import ks_2samp
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from benchmarks.common.command_line import CommandLine, parameter, seeds_of, title
from benchmarks.common.generators import seed_global_states, shuffled_columns
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.results import as_table
from benchmarks.common.table_data import TARGET, bundled_table, read_table
from benchmarks.common.table_summaries import FIDELITY
from ganaug import TableGAN

N_TRAIN = 22_800

# Rows at most that real and synthetic ones are told apart by.
MAX_DETECTED = 10_000

Generator = Callable[[pd.DataFrame, int], pd.DataFrame]


def real_rows(train: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The training rows themselves."""
    return train


def shuffled(train: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Rows whose columns come from different rows of their class."""
    sizes = train[TARGET].value_counts(sort=False).to_dict()
    X, y = shuffled_columns(train.drop(columns=TARGET), train[TARGET].to_numpy(), sizes, seed)
    return X.assign(**{TARGET: pd.Categorical(y, train[TARGET].cat.categories)})


def table_gan(parameters: dict[str, Any]) -> Generator:
    """A GAN for each class, with the given parameters."""

    def draw(train: pd.DataFrame, seed: int) -> pd.DataFrame:
        y = train[TARGET].astype(str)
        gan = TableGAN(random_state=seed, **parameters).fit(train.drop(columns=TARGET), y)
        X, y_new = gan.sample(y.value_counts().to_dict())
        return X.assign(**{TARGET: pd.Categorical(y_new, train[TARGET].cat.categories)})

    return draw


def ctgan(epochs: int) -> Generator:
    """CTGAN with its defaults, but for the epochs."""

    def draw(train: pd.DataFrame, seed: int) -> pd.DataFrame:
        from ctgan import CTGAN

        seed_global_states(seed)
        whole = train.dropna()
        text = whole.columns[whole.dtypes == "category"]
        model = CTGAN(epochs=epochs, enable_gpu=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(whole.astype(dict.fromkeys(text, object)), list(text))
            drawn = model.sample(len(train))
        return drawn.astype(train.dtypes.to_dict())

    return draw


def tabular_argn(train: pd.DataFrame, seed: int) -> pd.DataFrame:
    """TabularARGN (Tiwald et al., 2025) with its defaults."""
    from mostlyai.engine import TabularARGN

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = TabularARGN(device="cpu", random_state=seed).fit(train)
        drawn = model.sample(n_samples=len(train))
    return drawn[train.columns].astype(train.dtypes.to_dict())


def utility(train: pd.DataFrame, test: pd.DataFrame, seed: int) -> dict[str, float]:
    """Scores on real rows of a classifier that learnt from the given ones."""
    positive = test[TARGET].cat.categories[-1]
    classifier = HistGradientBoostingClassifier(random_state=seed)
    classifier.fit(train.drop(columns=TARGET), train[TARGET] == positive)
    scores = classifier.predict_proba(test.drop(columns=TARGET))[:, 1]
    truth = test[TARGET] == positive
    return {
        "auc": float(roc_auc_score(truth, scores)),
        "average_precision": float(average_precision_score(truth, scores)),
    }


def column_distances(train: pd.DataFrame, drawn: pd.DataFrame) -> dict[str, float]:
    """Mean distances of the columns' distributions; a gap counts as a value."""
    distances: dict[str, list[float]] = {"ks": [], "total_variation": []}
    for name, column in train.items():
        if column.dtype == "category":
            shares = [
                one[name].value_counts(normalize=True, dropna=False) for one in (train, drawn)
            ]
            distances["total_variation"].append(
                shares[0].sub(shares[1], fill_value=0).abs().sum() / 2
            )
        else:
            numbers = (one[name].astype(float).fillna(np.inf) for one in (train, drawn))
            distances["ks"].append(ks_2samp(*numbers).statistic)
    return {name: float(np.mean(values)) for name, values in distances.items()}


def detectors(rows: pd.DataFrame, seed: int) -> dict[str, BaseEstimator]:
    """Classifiers of synthetic and real rows, by the names of their scores."""
    is_level = [name for name in rows if rows[name].dtype == "category"]
    is_number = [name for name in rows if rows[name].dtype != "category"]

    def encoded(classifier: BaseEstimator) -> BaseEstimator:
        levels = OneHotEncoder(handle_unknown="ignore")
        numbers = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
        encoder = make_column_transformer((levels, is_level), (numbers, is_number))
        return make_pipeline(encoder, classifier)

    forest = RandomForestClassifier(min_samples_leaf=2, random_state=seed)
    return {
        "detection_auc": HistGradientBoostingClassifier(random_state=seed),
        "detection_auc_forest": encoded(forest),
        "detection_auc_linear": encoded(LogisticRegression(max_iter=1000)),
    }


def detection_aucs(test: pd.DataFrame, drawn: pd.DataFrame, seed: int) -> dict[str, float]:
    """Areas under the curve of classifiers of synthetic and real rows, by cross-validation."""
    n = min(len(test), len(drawn), MAX_DETECTED)
    rows = pd.concat([test.sample(n, random_state=seed), drawn.sample(n, random_state=seed)])
    is_real = np.arange(2 * n) < n
    areas = {}
    for name, classifier in detectors(rows, seed).items():
        scores = cross_val_predict(classifier, rows, is_real, cv=3, method="predict_proba")[:, 1]
        areas[name] = float(roc_auc_score(is_real, scores))
    return areas


def share_of_copies(train: pd.DataFrame, rows: pd.DataFrame) -> float:
    """Share of rows that equal a training row in all columns."""
    known = set(pd.util.hash_pandas_object(train, index=False))
    return float(pd.util.hash_pandas_object(rows, index=False).isin(known).mean())


def measure(
    train: pd.DataFrame, test: pd.DataFrame, draw: Generator, seed: int
) -> tuple[dict[str, float], float]:
    """Scores of one generator, and its CPU seconds."""
    start = time.process_time()
    drawn = draw(train, seed)
    seconds = time.process_time() - start
    scores = utility(drawn, test, seed) | column_distances(train, drawn)
    scores |= detection_aucs(test, drawn, seed)
    copies = {
        "copies": share_of_copies(train, drawn),
        "copies_real": share_of_copies(train, test),
    }
    return scores | copies, seconds


def generators(options: argparse.Namespace) -> dict[str, Generator]:
    """Generators that the command line asks for, by name."""
    found: dict[str, Generator] = {"real rows": real_rows, "shuffled columns": shuffled}
    for variant in options.gan or [[]]:
        found[title(dict(variant), "TableGAN")] = table_gan(dict(variant))
    if options.argn:
        found["TabularARGN"] = tabular_argn
    return found | {f"CTGAN, {epochs} epochs": ctgan(epochs) for epochs in options.epochs}


def chosen_table(options: argparse.Namespace) -> tuple[str, pd.DataFrame, int]:
    """Name of the table, its rows, and how many of them are for training."""
    if not options.smoke:
        return "adult", read_table(options.data / "tabular" / "adult.csv"), N_TRAIN
    X, y = bundled_table()
    return "wine", X.assign(**{TARGET: pd.Categorical(y)}), len(y) // 2


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, data="required", n_seeds=1)
    add = line.parser.add_argument
    add(
        "--epochs", type=int, nargs="*", default=[100], help="of CTGAN, which none leaves out (100)"
    )
    add("--argn", action="store_true", help="draw by TabularARGN too")
    add("--gan", nargs="*", action="append", type=parameter, help="parameters of a variant")
    options, results = line.parse(smoke={"epochs": [], "gan": [[("n_steps", 1)]]})
    torch.set_num_threads(1)
    name, table, n_train = chosen_table(options)
    chosen = generators(options)
    for seed in seeds_of(options):
        rows = np.random.default_rng(seed).permutation(len(table))
        train, test = (table.iloc[part] for part in np.split(rows, [n_train]))
        for method, draw in chosen.items():
            if not results.find(name, method, seed):
                with threadpool_limits(1):
                    scores, seconds = measure(train, test, draw, seed)
                record = results.add(name, method, seed, options={}, scores=scores, seconds=seconds)
                print(method, seed, record["scores"], flush=True)
    frame = as_table(record for record in results.records if record["method"] in chosen)
    print(markdown(mean_table(frame, FIDELITY)))


if __name__ == "__main__":
    main()
