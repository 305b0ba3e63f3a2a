"""Memory that a training takes, and that there is."""

from pathlib import Path

import psutil
import torch

from ganaug.caller import warn_caller

# Where Linux tells how much memory a container may take.
CONTAINER = Path("/sys/fs/cgroup")


def free_bytes(device: torch.device) -> int | None:
    """Bytes that can still be taken on a device; None where the system does not tell.

    Examples
    --------
    >>> free = free_bytes(torch.device("cpu"))
    >>> free is None or free > 0
    True
    """
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] if torch.cuda.is_available() else None
    if device.type != "cpu":
        return None
    try:
        return min(psutil.virtual_memory().available, _free_in_container())
    except (OSError, KeyError, ValueError):
        return None


def warn_of_memory(n_bytes: int, device: torch.device) -> None:
    """Warn where a training takes more memory than is free."""
    free = free_bytes(device)
    if free is not None and n_bytes > free:
        warn_caller(
            f"training takes about {n_bytes / 2**30:.1f} GiB of memory, and {free / 2**30:.1f} GiB "
            f"are free on {device}. Lower batch_size, or make images smaller."
        )


def _free_in_container() -> int:
    """Bytes below the limit of a container; more than any machine has where there is none."""
    limit = CONTAINER / "memory.max"
    if not limit.exists() or (text := limit.read_text(encoding="utf-8").strip()) == "max":
        return 2**62
    taken = int((CONTAINER / "memory.current").read_text(encoding="utf-8"))
    # what the system keeps of files it gives back where memory is asked for
    return int(text) - taken + _numbers(CONTAINER / "memory.stat")["inactive_file"]


def _numbers(path: Path) -> dict[str, int]:
    """First number of each line, by the word before it."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    return {words[0]: int(words[1]) for words in lines if len(words) > 1 and words[1].isdigit()}
