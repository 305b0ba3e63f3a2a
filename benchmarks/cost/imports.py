"""Seconds that a name of ganaug adds to torch, scikit-learn and imbalanced-learn.

The import is timed in fresh processes, after one that fills the disk's cache.
"""

import statistics
import subprocess
import sys

import torch

from benchmarks.common.command_line import CommandLine
from benchmarks.common.devices import device_name

BEFORE = "import imblearn.over_sampling, sklearn.linear_model, sklearn.model_selection, torch"
TIMED = f"""
{BEFORE}
import time
start = time.perf_counter()
from ganaug import TableGAN
print(time.perf_counter() - start)
"""


def import_seconds() -> float:
    """Seconds of the import in a fresh process."""
    command = [sys.executable, "-c", TIMED]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """Measure, write down and show."""
    line = CommandLine(__doc__, __file__)
    line.parser.add_argument("--rounds", type=int, default=7, help="of the timing (7)")
    options, results = line.parse(smoke={"rounds": 1})
    if not options.smoke:
        import_seconds()
    seconds = [import_seconds() for _ in range(options.rounds)]
    device = device_name(torch.device("cpu"))
    for number, one in enumerate(seconds):
        what = {"after": BEFORE}
        scores = {"import_seconds": one}
        results.add("import", "ganaug", number, options=what, scores=scores, device=device)
    print(
        f"from ganaug import TableGAN adds {statistics.median(seconds):.3f} s "
        f"({min(seconds):.3f} to {max(seconds):.3f} s, {len(seconds)} runs) to: {BEFORE}"
    )


if __name__ == "__main__":
    main()
