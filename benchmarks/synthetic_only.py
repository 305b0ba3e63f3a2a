"""How much of a table is left in synthetic rows: a classifier learns from them alone.

``python benchmarks/synthetic_only.py --data DIR`` reads DIR/adult.csv, trains every generator on
22,800 random rows and draws as many, in the real proportions of the classes. Gradient boosting
learns from those and is tested on real rows. Beside its area under the curve and average precision
stand the CPU seconds of the generator and how far its rows are from real ones: the mean
Kolmogorov-Smirnov distance of numeric columns, the mean total variation of the others, and the area
under the curve of a classifier that tells synthetic from real rows (0.5 is best).

"marginals" draws every column by itself within each class: what any generator has to beat.
CTGAN (``pip install ".[benchmark]"``) cannot take gaps, and gets the rows without.
"""

import argparse
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from command_line import parameter
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from threadpoolctl import threadpool_limits

from ganaug import TableGAN
from ganaug.encoding.schema import TableSchema
from ganaug.metrics.tables import TableRows, column_distance, with_shuffled_columns

HERE = Path(__file__).parent
TARGET = "target"
N_TRAIN = 22_800

Generator = Callable[[pd.DataFrame, int], pd.DataFrame]


def read(path: Path) -> pd.DataFrame:
    """A table whose columns of text are categories; its rows keep their gaps."""
    table = pd.read_csv(path)
    text = table.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]]
    return table.astype(dict.fromkeys(text, "category"))


def real(train: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The training rows themselves."""
    return train


def marginals(train: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Every column of every class in a random order of its own."""
    container = TableSchema.fit(train)
    rows = TableRows(container.read(train), train[TARGET].cat.codes.to_numpy())
    rows = with_shuffled_columns(rows, np.random.default_rng(seed))
    drawn = container.wrap(rows.values)
    return drawn.assign(**{TARGET: train[TARGET].array})


def table_gan(parameters: dict[str, Any]) -> Generator:
    """A GAN for each class, with the given parameters."""

    def draw(train: pd.DataFrame, seed: int) -> pd.DataFrame:
        gan = TableGAN(random_state=seed, **parameters)
        gan.fit(train.drop(columns=TARGET), train[TARGET].astype(str))
        X, y = gan.sample(train[TARGET].astype(str).value_counts().to_dict())
        return X.assign(**{TARGET: pd.Categorical(y, train[TARGET].cat.categories)})

    return draw


def ctgan(epochs: int) -> Generator:
    """CTGAN with its defaults, but for the epochs."""

    def draw(train: pd.DataFrame, seed: int) -> pd.DataFrame:
        from ctgan import CTGAN

        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002 - what CTGAN draws from
        whole = train.dropna()
        text = whole.columns[whole.dtypes == "category"]
        rows = whole.astype(dict.fromkeys(text, object))
        model = CTGAN(epochs=epochs, enable_gpu=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(rows, list(text))
            drawn = model.sample(len(train))
        return drawn.astype(train.dtypes.to_dict())

    return draw


def measured(train: pd.DataFrame, test: pd.DataFrame, draw: Generator, seed: int) -> dict[str, Any]:
    """Figures of one generator."""
    start = time.process_time()
    drawn = draw(train, seed)
    seconds = time.process_time() - start
    positive = train[TARGET].cat.categories[-1]
    classifier = HistGradientBoostingClassifier(random_state=seed)
    classifier.fit(drawn.drop(columns=TARGET), drawn[TARGET] == positive)
    scores = classifier.predict_proba(test.drop(columns=TARGET))[:, 1]
    return {
        "CPU seconds": seconds,
        "AUC": roc_auc_score(test[TARGET] == positive, scores),
        "average precision": average_precision_score(test[TARGET] == positive, scores),
        **distances(train, drawn),
        "told apart": detection_auc(test, drawn, seed),
    }


def distances(train: pd.DataFrame, drawn: pd.DataFrame) -> dict[str, float]:
    """Mean distances of the columns' distributions."""
    container = TableSchema.fit(train)
    is_categorical = container.is_categorical
    columns = zip(container.read(train).T, container.read(drawn).T, is_categorical, strict=True)
    far = np.array([column_distance(*column) for column in columns])
    mean = {kind: far[np.equal(is_categorical, kind)].mean() for kind in (False, True)}
    return {"KS": float(mean[False]), "total variation": float(mean[True])}


def detection_auc(test: pd.DataFrame, drawn: pd.DataFrame, seed: int) -> float:
    """Area under the curve of a classifier of synthetic and real rows, by cross-validation."""
    n = min(len(test), len(drawn), 10_000)
    rows = pd.concat([test.sample(n, random_state=seed), drawn.sample(n, random_state=seed)])
    is_real = np.arange(2 * n) < n
    classifier = HistGradientBoostingClassifier(random_state=seed)
    scores = cross_val_predict(classifier, rows, is_real, cv=3, method="predict_proba")[:, 1]
    return float(roc_auc_score(is_real, scores))


def main() -> None:
    """Run what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with adult.csv")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, nargs="*", default=[100], help="of CTGAN")
    parser.add_argument(
        "--gan", nargs="*", action="append", type=parameter, help="parameters of a variant"
    )
    parser.add_argument("--output", type=Path, default=HERE / "results" / "synthetic_only.jsonl")
    options = parser.parse_args()
    torch.set_num_threads(1)
    generators: dict[str, Generator] = {"real rows": real, "marginals": marginals}
    for variant in options.gan or [[]]:
        name = " ".join(["TableGAN", *(f"{key}={value}" for key, value in variant)])
        generators[name] = table_gan(dict(variant))
    generators |= {f"CTGAN, {epochs} epochs": ctgan(epochs) for epochs in options.epochs}
    table = read(options.data / "adult.csv")
    records = []
    with threadpool_limits(1):
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            rows = np.random.default_rng(seed).permutation(len(table))
            train, test = table.iloc[rows[:N_TRAIN]], table.iloc[rows[N_TRAIN:]]
            for name, draw in generators.items():
                figures = measured(train, test, draw, seed)
                records.append({"generator": name, "seed": seed, **figures})
                with options.output.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(records[-1]) + "\n")
                print(pd.DataFrame(records[-1:]).round(3).to_string(header=False), flush=True)
    means = pd.DataFrame(records).drop(columns="seed").groupby("generator", sort=False).mean()
    print(f"\n{means.round(3).to_string()}")


if __name__ == "__main__":
    main()
