"""How many seconds ``import ganaug`` adds to torch, scikit-learn and imbalanced-learn."""

import statistics
import subprocess
import sys

BEFORE = "import imblearn.over_sampling, sklearn.linear_model, sklearn.model_selection, torch"
TIMED = f"""
{BEFORE}
import time
start = time.perf_counter()
import ganaug
print(time.perf_counter() - start)
"""
N_RUNS = 7


def main() -> None:
    """Time the import in fresh processes, after one that fills the disk's cache."""
    command = [sys.executable, "-c", TIMED]
    seconds = [
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(N_RUNS + 1)
    ][1:]
    print(
        f"import ganaug adds {statistics.median(seconds):.3f} s "
        f"({min(seconds):.3f} to {max(seconds):.3f} s, {N_RUNS} runs) to: {BEFORE}"
    )


if __name__ == "__main__":
    main()
