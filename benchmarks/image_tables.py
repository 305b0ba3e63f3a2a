"""Tables of the image benchmark: accuracies, and gains paired by seed."""

import pandas as pd

from ganaug.evaluation.statistics import paired_interval

REFERENCES = ["classical", "strong", "SMOTE", "copies + noise", "mixup"]


def setting_table(results: pd.DataFrame, order: list[str]) -> str:
    """A row a method: accuracy in %, gain over classical augmentation in points, seconds."""
    scores = results.pivot(index="seed", columns="method", values="accuracy")[order]
    seconds = results.groupby("method")[["classifier_seconds", "fit_seconds", "sample_seconds"]]
    table = pd.DataFrame(
        {
            "accuracy": [
                f"{100 * scores[name].mean():.2f} ± {100 * scores[name].std():.2f}"
                for name in order
            ],
            "over classical": [gain(scores[name] - scores["classical"]) for name in order],
        },
        index=pd.Index(order, name="method"),
    )
    return table.join(seconds.mean().round(1)).reset_index().to_string(index=False)


def overall_table(results: pd.DataFrame, order: list[str]) -> str:
    """A row a method: gains over the references, over all settings and seeds together."""
    scores = results.pivot(index=["setting", "seed"], columns="method", values="accuracy")
    table = pd.DataFrame(
        {
            f"over {reference}": [gain(scores[name] - scores[reference]) for name in order]
            for reference in REFERENCES
        },
        index=pd.Index(order, name="method"),
    )
    return table.reset_index().to_string(index=False)


def gain(differences: pd.Series) -> str:
    """Mean difference in points, with its 95 % interval."""
    low, high = paired_interval(differences.to_numpy())
    return f"{100 * differences.mean():+.2f} [{100 * low:+.2f}, {100 * high:+.2f}]"
