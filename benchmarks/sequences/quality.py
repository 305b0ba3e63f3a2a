"""Do GANs draw sequences that are near real ones, on sets that ship inside packages.

``SequenceGAN()`` learns 40 sequences of each class (of smaller classes two thirds); every ``--gan``
is a variant to compare, such as ``--gan precision=bfloat16`` or ``--gan n_steps=500``. Figures are
those of ``evaluate`` on sequences that were left out, means over classes, beside what training
sequences reach. The scarce sets of ``benchmarks.sequences.classification`` say what samples do for
classifiers.
"""

import argparse
import time
import warnings
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.common.command_line import CommandLine, parameter, seeds_of, title
from benchmarks.common.results import Results
from benchmarks.common.sequence_data import SETS, SHARE, SMOKE_SET, divide, load_sequences
from benchmarks.common.sequence_summaries import FIGURES, qualities
from ganaug import SequenceGAN

# Training sequences of a class.
N_TRAIN = 40

# Sequences that are left out to compare with.
MAX_HELD_OUT = 500


def split(name: str, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training sequences and their classes, and those that are left out."""
    data = load_sequences(name)
    sizes = np.unique(data.y, return_counts=True)[1]
    taken = np.minimum(N_TRAIN, (SHARE * sizes).astype(int))
    train, left = divide(data.y, taken, np.random.default_rng(seed))
    held_out = left[:MAX_HELD_OUT]
    return data.X[train], data.y[train], data.X[held_out], data.y[held_out]


def fit_once(name: str, seed: int, parameters: dict[str, Any]) -> dict[str, Any]:
    """Fit one model, and compare what it draws: what ``Results.add`` takes."""
    X, y, held_out, y_held_out = split(name, seed)
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        start = time.perf_counter()
        model = SequenceGAN(random_state=seed, **parameters).fit(X, y)
        seconds = time.perf_counter() - start
        table = model.evaluate(held_out, y_held_out, random_state=seed)
    figures = table.loc["all"]
    scores = {figure: float(figures[figure]) for figure in FIGURES if figures.notna()[figure]}
    return {
        "options": {"parameters": parameters},
        "scores": {**scores, "n_steps": model.n_steps_},
        "seconds": seconds,
        "notes": {"n_train": len(y), "n_time_steps": X.shape[1]},
    }


def collect(
    options: argparse.Namespace, results: Results, name: str, seed: int
) -> list[dict[str, Any]]:
    """Records of all variants on one draw of a set, fitted where the results lack them."""
    records = []
    for variant in options.gan or [[]]:
        parameters = dict(variant)
        method = title(parameters, "GAN")
        known = results.find(name, method, seed, parameters=parameters)
        if not known:
            known = [results.add(name, method, seed, **fit_once(name, seed, parameters))]
            print(qualities(known), flush=True)
        records += known
    return records


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, n_seeds=2)
    add = line.parser.add_argument
    add("--sets", nargs="+", choices=SETS, default=list(SETS), help="(all that there are)")
    add("--gan", nargs="*", action="append", type=parameter, help="parameters of a variant")
    options, results = line.parse(smoke={"sets": [SMOKE_SET], "gan": [[("n_steps", 1)]]})
    records = []
    for seed in seeds_of(options):
        for name in options.sets:
            records += collect(options, results, name, seed)
    print(f"\n{qualities(records)}")


if __name__ == "__main__":
    main()
