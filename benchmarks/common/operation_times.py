"""Time and floating-point operations of what torch does on a CPU, by kind of operation."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

from torch.profiler import ProfilerActivity, profile

# Names of torch, as profiles have them.
CONVOLUTIONS = ("aten::mkldnn_convolution", "aten::_slow_conv2d_forward")
CONVOLUTION_GRADIENTS = ("aten::convolution_backward",)
# Matrix products, and the place of the first factor among their arguments.
PRODUCTS = {"aten::mm": 0, "aten::bmm": 0, "aten::addmm": 1, "aten::baddbmm": 1}
COPIES = ("aten::copy_", "aten::cat", "aten::index", "aten::stack")


@dataclass
class Total:
    """Seconds of one kind, and its floating-point operations in products."""

    seconds: float = 0.0
    operations: float = 0.0


def measure_operations(call: Callable[[], object]) -> dict[str, Total]:
    """Measure a call: seconds and operations by kind.

    Convolutions are told apart by the size of their maps. Their gradients are taken to be those of
    images and of kernels both.
    """
    with profile(activities=[ProfilerActivity.CPU], record_shapes=True) as profiled:
        call()
    totals: dict[str, Total] = defaultdict(Total)
    for event in profiled.key_averages(group_by_input_shape=True):
        kind, operations = describe(event.key, event.input_shapes)
        totals[kind].seconds += event.self_cpu_time_total / 1e6
        totals[kind].operations += event.count * operations
    return totals


def describe(name: str, shapes: Sequence[Sequence[int]]) -> tuple[str, float]:
    """Describe an operation: its kind, and the floating-point operations of one call.

    Examples
    --------
    >>> describe("aten::mkldnn_convolution", [[2, 3, 8, 8], [5, 3, 3, 3]])
    ('convolutions, 8 x 8', 34560.0)
    >>> describe("aten::mm", [[4, 5], [5, 6]])
    ('matrix products', 240.0)
    """
    if name in CONVOLUTIONS:
        maps, kernels = shapes[:2]
        return f"convolutions, {_side(maps)}", _operations(maps, kernels)
    if name in CONVOLUTION_GRADIENTS:
        maps, kernels = shapes[1:3]
        return f"gradients of convolutions, {_side(maps)}", 2 * _operations(maps, kernels)
    if name in PRODUCTS:
        first = PRODUCTS[name]
        return "matrix products", 2.0 * prod(shapes[first]) * shapes[first + 1][-1]
    return ("copies" if name in COPIES else "element by element"), 0.0


def _side(maps: Sequence[int]) -> str:
    return f"{maps[2]} x {maps[3]}"


def _operations(maps: Sequence[int], kernels: Sequence[int]) -> float:
    """Multiplications and additions of a convolution that leaves the size of maps as it is."""
    return 2.0 * maps[0] * maps[2] * maps[3] * prod(kernels)
