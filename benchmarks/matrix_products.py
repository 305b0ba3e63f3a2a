"""Matrix products: how many operations a program needs, and how fast a device does them."""

from typing import Any

import torch
from speed import now
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

SIDES = {"cpu": 2048, "cuda": 8192}
N_PRODUCTS = 3


class CountOperations(TorchDispatchMode):
    """Counts the floating-point operations of matrix products and convolutions within it.

    By torch's own formulas, which are too high for the gradients of grouped convolutions.
    Torch's own counter cannot follow gradients with respect to what enters a network.
    """

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None):
        """Run an operation, and count it where it has a formula."""
        kwargs = kwargs or {}
        result = function(*args, **kwargs)
        formula = flop_registry.get(function.overloadpacket)
        if formula is not None:
            self.total += formula(*args, **kwargs, out_val=result)
        return result


def matrix_peak(device: torch.device) -> float:
    """Floating-point operations a second in a product of large float32 matrices; the best of a few.

    On a GPU products are rounded as those in convolutions are, by default to TF32.
    """
    side = SIDES["cpu" if device.type == "cpu" else "cuda"]
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
