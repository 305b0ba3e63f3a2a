"""Matrix products: how many operations a program needs, and how fast a device does them."""

from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.common.devices import now

SIDES = {"cpu": 2048, "cuda": 8192}
N_PRODUCTS = 3


def count_operations(call: Callable[[], object]) -> int:
    """Count the floating-point operations of a call's matrix products and convolutions.

    By torch's own formulas, which are too high for the gradients of grouped convolutions.
    """
    with FlopCounterMode(display=False) as counter:
        call()
    return counter.get_total_flops()


def peak_operations(device: torch.device) -> float:
    """Operations a second in a product of large float32 matrices; the best of a few.

    On a GPU products are rounded as those in convolutions are, by default to TF32.
    """
    side = SIDES[device.type]
    matrix = torch.randn(side, side, device=device)
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32
    try:
        seconds = [product_seconds(matrix, device) for _ in range(N_PRODUCTS)]
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before
    return 2 * side**3 / min(seconds)


def product_seconds(matrix: torch.Tensor, device: torch.device) -> float:
    """Time of one product."""
    started = now(device)
    matrix @ matrix
    return now(device) - started
