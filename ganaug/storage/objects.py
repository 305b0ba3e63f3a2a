"""Objects of this package <-> JSON: records, networks and estimators, built by their constructors.

A record is a dataclass: its fields are what a file holds of it, checked against their type hints
when it is written and when it is read. A network is known by its ``config``, the arguments of its
``from_config``, and its tensors. An estimator is known by its parameters and the record of its
fitted state.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator
from torch import nn

from ganaug.storage.fields import check_fields, required_fields
from ganaug.storage.nodes import NodePacker, NodeUnpacker

PACKAGE = "ganaug."

# A whole number in the configuration of a network, at most.
MAX_SIZE = 2**20


def pack(value: Any, packer: NodePacker) -> Any:
    """Node of an object of this package; None for any other."""
    kind = type(value)
    if not kind.__module__.startswith(PACKAGE):
        return None
    if isinstance(value, nn.Module):
        return _pack_network(value, packer)
    if isinstance(value, BaseEstimator):
        return _pack_estimator(value, packer)
    return _pack_record(value, packer) if dataclasses.is_dataclass(value) else None


def _pack_record(value: Any, packer: NodePacker) -> Any:
    names = [field.name for field in dataclasses.fields(value) if field.init]
    fields = {name: getattr(value, name) for name in names}
    check_fields(type(value), fields)
    packed = {name: packer.pack(item, name) for name, item in fields.items()}
    return {"record": [type(value).__name__, packed]}


def _read_record(content: list, unpacker: NodeUnpacker) -> Any:
    name, nodes = content
    kind: Any = _lookup_class(name, unpacker.classes)
    known = dataclasses.is_dataclass(kind)
    if not known:
        raise ValueError(f"{name} is no record")
    fields = {str(key): unpacker.unpack(node) for key, node in nodes.items()}
    given = {field.name for field in dataclasses.fields(kind) if field.init}
    _check_names(name, set(fields), given, required_fields(kind))
    check_fields(kind, fields)
    return kind(**fields)


def _pack_network(value: Any, packer: NodePacker) -> Any:
    if not hasattr(value, "config"):
        return None
    name = type(value).__name__
    tensors = value.state_dict()
    _check_config(name, value.config)
    for key, tensor in tensors.items():
        _check_finite(name, key, tensor.detach().cpu())
    config = {key: packer.pack(item, key) for key, item in value.config.items()}
    numbers = {key: packer.add(tensor.detach().cpu().numpy()) for key, tensor in tensors.items()}
    return {"network": [name, config, numbers]}


def _read_network(content: list, unpacker: NodeUnpacker) -> nn.Module:
    name, config, numbers = content
    kind: Any = _lookup_class(name, unpacker.classes)
    if not (issubclass(kind, nn.Module) and hasattr(kind, "from_config")):
        raise ValueError(f"{name} is no network")
    tensors = {key: unpacker.read_tensor(number) for key, number in numbers.items()}
    arguments = {key: unpacker.unpack(node) for key, node in config.items()}
    _check_config(name, arguments)
    network = kind.from_config(**arguments)
    expected = network.state_dict()
    tensors = {key: expected[key] for key in getattr(kind, "ADDED_LATER", ())} | tensors
    _check_tensors(name, expected, tensors)
    network.load_state_dict(tensors, assign=True)
    network.requires_grad_(False).finish_loading()
    return network


def _check_tensors(
    name: str, expected: Mapping[str, torch.Tensor], tensors: Mapping[str, torch.Tensor]
) -> None:
    """Raise a ValueError for tensors of other names, shapes or dtypes, or not finite."""
    _check_names(name, set(tensors), set(expected), set(expected))
    for key, tensor in tensors.items():
        wanted = expected[key]
        if tensor.shape != wanted.shape or tensor.dtype != wanted.dtype:
            raise ValueError(
                f"{key} of {name} is {tensor.dtype} of the shape {tuple(tensor.shape)}; "
                f"{wanted.dtype} of the shape {tuple(wanted.shape)} is expected"
            )
        _check_finite(name, key, tensor)


def _check_config(name: str, config: Mapping[str, Any]) -> None:
    """Raise a ValueError for a whole number beyond ``MAX_SIZE``."""
    for key, size in config.items():
        if type(size) is int and not 0 <= size <= MAX_SIZE:
            raise ValueError(f"{key} of {name} is {size:.3g}; 0 to {MAX_SIZE} is expected")


def _check_finite(name: str, key: str, tensor: torch.Tensor) -> None:
    """Raise a ValueError for a tensor on the CPU that holds infinity or NaN."""
    # by NumPy, which starts no threads for it
    if tensor.is_floating_point() and not np.isfinite(tensor.numpy()).all():
        raise ValueError(f"{key} of {name} holds numbers that are not finite")


def _pack_estimator(value: Any, packer: NodePacker) -> Any:
    if not hasattr(value, "STATE"):
        return None
    # one that was deleted from it is read as its default
    names = [
        name
        for name in value._get_param_names()
        if hasattr(value, name) and name not in value.NOT_SAVED
    ]
    parameters = {name: getattr(value, name) for name in names}
    given = {name: item for name, item in parameters.items() if name not in value.SAVED_AS_REPR}
    type(value)(**given)._validate_params()
    for name in set(value.SAVED_AS_REPR) & set(names):
        parameters[name] = None if parameters[name] is None else repr(parameters[name])
    packed = {name: packer.pack(item, name) for name, item in parameters.items()}
    state = value._fitted_state()
    return {"estimator": [type(value).__name__, packed, packer.pack(state)]}


def _read_estimator(content: list, unpacker: NodeUnpacker) -> Any:
    name, nodes, state = content
    kind: Any = _lookup_class(name, unpacker.classes)
    if not hasattr(kind, "STATE"):
        raise ValueError(f"{name} is no estimator")
    parameters = {key: unpacker.unpack(node) for key, node in nodes.items()}
    _check_names(name, set(parameters), set(kind._get_param_names()), set())
    texts = {key: parameters.pop(key, None) for key in kind.SAVED_AS_REPR}
    estimator = kind(**parameters)
    estimator._validate_params()
    for key, text in texts.items():
        if not (text is None or type(text) is str):
            raise ValueError(f"{key} of {name} is no text")
    estimator.set_params(**texts)
    record = unpacker.unpack(state)
    if record is not None:
        if type(record) is not kind.STATE:
            raise ValueError(f"{name} has the state of a {type(record).__name__}")
        estimator._set_fitted_state(record)
    return estimator


def _lookup_class(name: Any, classes: Mapping[str, Any]) -> Any:
    if type(name) is not str or name not in classes:
        raise ValueError(f"{name!r:.40} is no class of this version of ganaug")
    return classes[name]


def _check_names(what: str, names: set[str], known: set[str], required: set[str]) -> None:
    """Raise a ValueError for names that nobody knows, and for those that are missing.

    A name that is not known was added by a newer version; one that is missing has its default
    where it has one.
    """
    if names - known:
        raise ValueError(
            f"{what} has {sorted(names - known)[0]!r:.60}, which this version of ganaug does not "
            "know; a newer one may"
        )
    if required - names:
        raise ValueError(f"{what} lacks {sorted(required - names)[0]!r:.60}")


READERS: dict[str, Callable[[Any, NodeUnpacker], Any]] = {
    "record": _read_record,
    "network": _read_network,
    "estimator": _read_estimator,
}
