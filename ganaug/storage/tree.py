"""Objects <-> a JSON text and arrays; nothing is run to bring them back."""

import json
import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import torch
from pandas.api.types import pandas_dtype
from scipy import sparse
from sklearn.frozen import FrozenEstimator
from torch import nn

SPARSE_TYPES = {
    one.__name__: one
    for one in (sparse.csr_array, sparse.csc_array, sparse.csr_matrix, sparse.csc_matrix)
}
PLAIN = (bool, int, str, type(None))

# Bytes of a string in an array, at most.
LONGEST = 2**16

# What every torch module has of its own, beside what its class gives it.
OF_MODULES = frozenset(vars(nn.Module()))
PARTS = ("_parameters", "_buffers", "_modules")

# Of torch, what networks of this package are made of.
LAYERS = (nn.ModuleList, nn.Conv2d, nn.Linear)


class Packer:
    """Turns objects into what JSON can say, and keeps their arrays aside.

    Attributes
    ----------
    arrays : list of array
        In the order in which the JSON numbers them.

    Examples
    --------
    >>> packer = Packer()
    >>> packer.pack({"a": (1, None), "b": np.zeros(3)})
    {'dict': [['a', {'tuple': [1, None]}], ['b', {'array': 0}]]}
    """

    def __init__(self) -> None:
        self.arrays: list[np.ndarray] = []

    def pack(self, value: Any) -> Any:
        """What JSON can say of a value.

        Raises
        ------
        TypeError
            For what cannot be kept, functions for instance; names it.
        """
        kind = type(value)
        if kind in PLAIN:
            return value
        if kind is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if kind in (list, tuple, set, frozenset):
            return {kind.__name__: [self.pack(one) for one in value]}
        if isinstance(value, Mapping):
            return {"dict": [[self.pack(key), self.pack(one)] for key, one in value.items()]}
        if isinstance(value, torch.Tensor):
            return {"tensor": self._number(value.detach().cpu().numpy())}
        if isinstance(value, np.generic):
            return {"scalar": self.pack(np.asarray(value))}
        if isinstance(value, np.ndarray):
            return self._array(value)
        return self._special(value)

    def _special(self, value: Any) -> Any:
        """Values of libraries, and objects of this package."""
        if isinstance(value, FrozenEstimator):
            return {"frozen": self.pack(value.estimator)}
        return self._moment(value) or self._described(value)

    def _moment(self, value: Any) -> Any:
        """Gaps, moments and intervals; None for what is none of them."""
        if value is pd.NA or value is pd.NaT:
            return {"gap": "NA" if value is pd.NA else "NaT"}
        if isinstance(value, pd.Interval):
            return {"interval": [self.pack(value.left), self.pack(value.right), value.closed]}
        if isinstance(value, pd.Period):
            return {"period": [str(value), value.freqstr]}
        if isinstance(value, pd.Timestamp):
            naive = value if value.tz is None else value.tz_convert("UTC").tz_localize(None)
            zone = None if value.tz is None else str(value.tz)
            return {"timestamp": [naive.isoformat(), value.unit, zone]}
        if isinstance(value, pd.Timedelta):
            return {"timedelta": [value.isoformat(), value.unit]}
        if type(value) is date:
            return {"date": value.isoformat()}
        return None

    def _described(self, value: Any) -> Any:
        """Types, indices, devices, streams, and objects of this package."""
        if isinstance(value, np.dtype | pd.api.extensions.ExtensionDtype):
            return self._dtype(value)
        if isinstance(value, pd.Index):
            names = self.pack(list(value.names))
            return {"index": [self.pack(value.tolist()), self.pack(value.dtype), names]}
        if isinstance(value, np.random.RandomState):
            return {"random state": self.pack(value.get_state())}
        if isinstance(value, torch.device):
            return {"device": str(value)}
        if isinstance(value, type) and value in SPARSE_TYPES.values():
            return {"sparse": value.__name__}
        ours = type(value).__module__.startswith("ganaug.") or type(value) in LAYERS
        if ours and not isinstance(value, type):
            return self._object(value)
        raise TypeError(f"{value!r} cannot be kept in a file.")

    def _dtype(self, value: Any) -> Any:
        if isinstance(value, pd.CategoricalDtype):
            return {"categories": [self.pack(value.categories), bool(value.ordered)]}
        if isinstance(value, pd.SparseDtype):
            return {"sparse dtype": [self.pack(value.subtype), self.pack(value.fill_value)]}
        if isinstance(value, pd.StringDtype):
            return {"strings": [value.storage, value.na_value is pd.NA]}
        return {"dtype": value.str.strip("|") if isinstance(value, np.dtype) else str(value)}

    def _array(self, value: np.ndarray) -> Any:
        if value.dtype.kind in "biuf":
            return {"array": self._number(value)}
        if value.dtype.kind in "mM":
            return {"dates": [self._number(value.view(np.int64)), value.dtype.str]}
        if value.dtype.kind in "OU":
            items = [self.pack(one) for one in value.ravel().tolist()]
            return {"objects": [items, value.dtype.kind, list(value.shape)]}
        raise TypeError(f"an array of {value.dtype} cannot be kept in a file.")

    def _object(self, value: Any) -> Any:
        fields = dict(vars(value))
        for name in getattr(value, "KEPT_AS_REPR", ()):
            fields[name] = None if fields[name] is None else repr(fields[name])
        if isinstance(value, nn.Module):
            own = {key: one for key, one in fields.items() if key not in OF_MODULES}
            fields = {**own, **{part: dict(fields[part]) for part in PARTS}}
        return {"object": [type(value).__name__, self.pack(fields)]}

    def _number(self, array: np.ndarray) -> int:
        self.arrays.append(array)
        return len(self.arrays) - 1


class Unpacker:
    """Brings back what ``Packer`` took apart.

    Parameters
    ----------
    arrays : list of array
    classes : dict of str to type
        Those of which objects may be made.
    """

    def __init__(self, arrays: list[np.ndarray], classes: Mapping[str, Any]):
        self._arrays, self._classes = arrays, classes

    def unpack(self, node: Any) -> Any:
        """The value that JSON tells of.

        Raises
        ------
        ValueError
            For what ``Packer`` does not say.
        """
        if type(node) in PLAIN or type(node) is float:
            return node
        if type(node) is not dict or len(node) != 1:
            raise ValueError(f"{node!r} has no meaning")
        [(kind, content)] = node.items()
        read = getattr(self, f"_read_{kind.replace(' ', '_')}", None)
        if read is None:
            raise ValueError(f"{kind!r} has no meaning")
        return read(content)

    def _read_float(self, text: str) -> float:
        return float(text)

    def _read_list(self, nodes: list) -> list:
        return [self.unpack(node) for node in nodes]

    def _read_tuple(self, nodes: list) -> tuple:
        return tuple(self._read_list(nodes))

    def _read_set(self, nodes: list) -> set:
        return set(self._read_list(nodes))

    def _read_frozenset(self, nodes: list) -> frozenset:
        return frozenset(self._read_list(nodes))

    def _read_dict(self, pairs: list) -> dict:
        return {self.unpack(key): self.unpack(value) for key, value in pairs}

    def _read_array(self, number: int) -> np.ndarray:
        return self._arrays[number]

    def _read_tensor(self, number: int) -> torch.Tensor:
        return torch.from_numpy(np.array(self._arrays[number]))

    def _read_scalar(self, node: Any) -> Any:
        return self.unpack(node)[()]

    def _read_dates(self, content: list) -> np.ndarray:
        number, dtype = content
        return self._arrays[number].view(np.dtype(dtype))

    def _read_objects(self, content: list) -> np.ndarray:
        nodes, kind, shape = content
        items = self._read_list(nodes)
        if kind == "U":
            return np.array(items, dtype=str).reshape(shape)
        array = np.empty(len(items), dtype=object)
        array[:] = items
        return array.reshape(shape)

    def _read_gap(self, name: str) -> Any:
        return {"NA": pd.NA, "NaT": pd.NaT}[name]

    def _read_timestamp(self, content: list) -> pd.Timestamp:
        text, unit, zone = content
        moment = pd.Timestamp(text).as_unit(unit)
        return moment if zone is None else moment.tz_localize("UTC").tz_convert(zone)

    def _read_timedelta(self, content: list) -> pd.Timedelta:
        text, unit = content
        return pd.Timedelta(text).as_unit(unit)

    def _read_interval(self, content: list) -> pd.Interval:
        left, right, closed = content
        return pd.Interval(self.unpack(left), self.unpack(right), closed)

    def _read_period(self, content: list) -> pd.Period:
        text, frequency = content
        return pd.Period(text, frequency)

    def _read_date(self, text: str) -> date:
        return date.fromisoformat(text)

    def _read_frozen(self, node: Any) -> FrozenEstimator:
        return FrozenEstimator(self.unpack(node))

    def _read_dtype(self, name: str) -> Any:
        dtype = pandas_dtype(name)
        known = dtype.kind in "biufmMO" or (dtype.kind in "US" and dtype.itemsize <= LONGEST)
        if isinstance(dtype, np.dtype) and not known:
            raise ValueError(f"a column of {dtype} has no meaning")
        return dtype

    def _read_strings(self, content: list) -> pd.StringDtype:
        storage, marked_by_na = content
        gap = pd.NA if marked_by_na else np.nan
        try:
            return pd.StringDtype(storage, na_value=gap)
        except ImportError:
            return pd.StringDtype("python", na_value=gap)

    def _read_categories(self, content: list) -> pd.CategoricalDtype:
        categories, ordered = content
        return pd.CategoricalDtype(self.unpack(categories), ordered)

    def _read_sparse_dtype(self, content: list) -> pd.SparseDtype:
        return pd.SparseDtype(*map(self.unpack, content))

    def _read_index(self, content: list) -> pd.Index:
        values, dtype, names = map(self.unpack, content)
        if len(names) > 1:
            return pd.MultiIndex.from_tuples(values, names=names)
        return pd.Index(values, dtype=dtype, name=names[0], tupleize_cols=False)

    def _read_random_state(self, node: Any) -> np.random.RandomState:
        random_state = np.random.RandomState()
        random_state.set_state(self.unpack(node))
        return random_state

    def _read_device(self, name: str) -> torch.device:
        return torch.device(name)

    def _read_sparse(self, name: str) -> type:
        return SPARSE_TYPES[name]

    def _read_object(self, content: list) -> Any:
        name, fields = content
        kind, fields = self._classes[name], self.unpack(fields)
        value = kind.__new__(kind)
        if isinstance(value, nn.Module):
            parts = {part: fields.pop(part) for part in PARTS}
            nn.Module.__init__(value)
            for parameter, tensor in parts["_parameters"].items():
                held = None if tensor is None else nn.Parameter(tensor, requires_grad=False)
                value.register_parameter(parameter, held)
            for buffer, tensor in parts["_buffers"].items():
                value.register_buffer(buffer, tensor)
            for module, child in parts["_modules"].items():
                value.add_module(module, child)
        vars(value).update(fields)
        return value


def to_datasets(value: Any) -> dict[str, np.ndarray]:
    """Arrays by name that hold a value: its JSON as bytes, and numbered ones."""
    packer = Packer()
    text = json.dumps(packer.pack(value), ensure_ascii=False, allow_nan=False).encode()
    numbered = {str(number): array for number, array in enumerate(packer.arrays)}
    return {"tree": np.frombuffer(text, dtype=np.uint8), **numbered}


def from_datasets(datasets: Mapping[str, Any], classes: Mapping[str, type]) -> Any:
    """The value that such arrays hold; ``classes`` says of what objects may be made.

    Raises
    ------
    ValueError
        For arrays that hold nothing of the kind.
    """
    try:
        node = json.loads(bytes(datasets["tree"][()]))
        n_arrays = len([name for name in datasets if name.isdecimal()])
        arrays = [np.asarray(datasets[str(number)][()]) for number in range(n_arrays)]
        return Unpacker(arrays, classes).unpack(node)
    except MemoryError:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise ValueError(f"it does not hold what it should ({what})") from error
