"""Protocols of what turns values into nodes of JSON and back, for modules that know some values."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch


class NodePacker(Protocol):
    """Packer of values, as ``storage.tree.Packer`` is one."""

    def pack(self, value: Any, name: str | None = None) -> Any:
        """Node of a value, of what JSON can say."""

    def add(self, array: np.ndarray) -> int:
        """Put an array aside, and return its number."""

    def refuse(self, value: Any, why: str = ...) -> TypeError:
        """Error for a value that no file can hold."""


class NodeUnpacker(Protocol):
    """Unpacker of nodes, as ``storage.tree.Unpacker`` is one."""

    classes: Mapping[str, Any]

    def unpack(self, node: Any) -> Any:
        """Value that a node of JSON stands for."""

    def read_tensor(self, number: Any) -> torch.Tensor:
        """Array by its number, as a tensor."""
