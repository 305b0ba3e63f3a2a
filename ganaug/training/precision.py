"""Precision of numbers on devices."""

import torch
from torch import Tensor


def precise_on(device: torch.device, numbers: Tensor) -> Tensor:
    """Numbers of the host, as precise as a device can hold them: Apple's GPUs have no 64 bits.

    Examples
    --------
    >>> numbers = torch.ones(2, dtype=torch.float64)
    >>> precise_on(torch.device("mps"), numbers).dtype, precise_on(numbers.device, numbers).dtype
    (torch.float32, torch.float64)
    """
    return numbers.float() if device.type == "mps" else numbers
