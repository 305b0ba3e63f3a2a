"""Tables of results as text: Markdown, which also reads well in a terminal."""

import math
from collections.abc import Sequence

import pandas as pd


def markdown(table: pd.DataFrame) -> str:
    """Markdown of a table of strings, its index in the first column.

    Examples
    --------
    >>> table = pd.DataFrame({"score": ["90.1"]}, index=pd.Index(["GAN"], name="method"))
    >>> print(markdown(table))
    | method | score |
    | --- | --- |
    | GAN | 90.1 |
    """
    rows = [[table.index.name or "", *table.columns], ["---"] * (table.shape[1] + 1)]
    rows += [[name, *cells] for name, cells in zip(table.index, table.to_numpy(), strict=True)]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


def percent(mean: float, deviation: float) -> str:
    """A score in per cent, with its standard deviation where there is one."""
    if math.isnan(mean):
        return "-"
    return f"{100 * mean:.1f}" + ("" if math.isnan(deviation) else f" ± {100 * deviation:.1f}")


def points(gain: float, low: float, high: float) -> str:
    """A difference in points, with its interval.

    Examples
    --------
    >>> points(0.0123, 0.001, 0.02)
    '+1.2 [+0.1, +2.0]'
    """
    if math.isnan(gain):
        return "-"
    interval = "" if math.isnan(low) else f" [{100 * low:+.1f}, {100 * high:+.1f}]"
    return f"{100 * gain:+.1f}{interval}"


def mean_table(
    frame: pd.DataFrame, scores: Sequence[str], by: Sequence[str] = ("task", "method")
) -> pd.DataFrame:
    """Mean ± standard deviation of scores over all rows of a group, in order of appearance."""
    groups = frame.groupby(list(by), sort=False, dropna=False)
    means = groups[list(scores)].mean()
    deviations = groups[list(scores)].std()
    cells = {
        name: [shown(*pair) for pair in zip(means[name], deviations[name], strict=True)]
        for name in scores
    }
    names = [" / ".join(map(str, key)) for key in means.index]
    table = pd.DataFrame(cells, index=pd.Index(names, name=" / ".join(by)))
    return table.assign(n=groups.size().to_numpy())


def shown(mean: float, deviation: float) -> str:
    """A mean with four digits, and its standard deviation where there is one."""
    if math.isnan(mean):
        return "-"
    return f"{mean:.4g}" + ("" if math.isnan(deviation) else f" ± {deviation:.2g}")
