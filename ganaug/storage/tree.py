"""Values <-> a JSON text and arrays; nothing is run to bring them back. See ``format.md``."""

import json
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy import sparse
from sklearn.frozen import FrozenEstimator

from ganaug.storage import objects, pandas_values

SPARSE_TYPES = {
    kind.__name__: kind
    for kind in (sparse.csr_array, sparse.csc_array, sparse.csr_matrix, sparse.csc_matrix)
}
PLAIN = (bool, int, str, type(None))

# JSON values of a tree, how deep they may lie in one another, and bytes of an array of text.
MAX_NODES = 2_000_000
MAX_DEPTH = 60
MAX_TEXT_BYTES = 2**28

# Text is coded where it repeats: so many times on average.
MIN_REPEATS = 4


class Packer:
    """Turns values into what JSON can say, and puts their arrays aside.

    Attributes
    ----------
    arrays : list of array
        Arrays that were put aside, in the order in which the JSON numbers them.

    Examples
    --------
    >>> packer = Packer()
    >>> packer.pack({"a": (1, None), "b": np.zeros(3)})
    {'dict': [['a', {'tuple': [1, None]}], ['b', {'array': 0}]]}
    """

    def __init__(self) -> None:
        self.arrays: list[np.ndarray] = []
        self._path: list[str] = []
        self._n_nodes = 0

    def pack(self, value: Any, name: str | None = None) -> Any:
        """Node of a value, of what JSON can say.

        Parameters
        ----------
        value : Any
        name : str or None
            Name of the value in what holds it, for messages.

        Raises
        ------
        TypeError
            For what no file can hold, functions for instance; names it and its place.
        """
        self._n_nodes += 1
        if self._n_nodes > MAX_NODES:
            raise self.refuse(type(value), f"is one of more than {MAX_NODES} values, too many")
        if name is None:
            return self._pack(value)
        self._path.append(name)
        packed = self._pack(value)
        self._path.pop()
        return packed

    def add(self, array: np.ndarray) -> int:
        """Put an array aside, and return its number."""
        self.arrays.append(array)
        return len(self.arrays) - 1

    def refuse(self, value: Any, why: str = "cannot be kept in a file") -> TypeError:
        """Error for a value that no file can hold."""
        place = f" ({'.'.join(self._path)})" if self._path else ""
        return TypeError(f"{value!r} {why}{place}.")

    def _pack(self, value: Any) -> Any:
        kind = type(value)
        if kind in PLAIN:
            return value
        if kind is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if kind in (list, tuple, set, frozenset):
            return {kind.__name__: [self.pack(item) for item in value]}
        if isinstance(value, Mapping):
            pairs = value.items()
            return {"dict": [[self.pack(key), self.pack(item, str(key))] for key, item in pairs]}
        for pack in (self._pack_library_value, pandas_values.pack, objects.pack):
            packed = pack(value, self)
            if packed is not None:
                self._check_round_trip(value, packed)
                return packed
        raise self.refuse(value)

    def _check_round_trip(self, value: Any, packed: Any) -> None:
        """Raise a TypeError for a dtype or an index that would come back as another."""
        if not isinstance(value, np.dtype | pd.api.extensions.ExtensionDtype | pd.Index):
            return
        try:
            back = Unpacker(self.arrays, {}).unpack(packed)
            kept = type(back) is type(value) and back == value
            if isinstance(value, pd.Index):
                alike = back.dtype == value.dtype and list(back.names) == list(value.names)
                kept = alike and back.equals(value)
        except Exception as error:
            raise self.refuse(value, f"cannot be kept in a file: {error}") from error
        if not kept:
            raise self.refuse(value)

    def _pack_library_value(self, value: Any, packer: "Packer") -> Any:
        """Node of a value of NumPy, torch, SciPy or scikit-learn; None for others."""
        match value:
            case torch.Tensor():
                return {"tensor": self.add(value.detach().cpu().numpy())}
            case np.generic():
                return {"scalar": self.pack(np.asarray(value))}
            case np.ndarray():
                return self._pack_array(value)
            case np.random.RandomState():
                return {"random state": self.pack(value.get_state())}
            case torch.device():
                return {"device": str(value)}
            case FrozenEstimator():
                return {"frozen": self.pack(value.estimator)}
            case type() if value in SPARSE_TYPES.values():
                return {"sparse": value.__name__}
        return None

    def _pack_array(self, value: np.ndarray) -> Any:
        if value.dtype.kind in "biuf":
            return {"array": self.add(value)}
        if value.dtype.kind in "mM":
            return {"dates": [self.add(value.view(np.int64)), value.dtype.str]}
        if value.dtype.kind not in "OU":
            raise self.refuse(value, f"is an array of {value.dtype}, which no file holds")
        if value.dtype.kind == "U" and value.nbytes > MAX_TEXT_BYTES:
            raise self.refuse(value.dtype, f"takes more than {MAX_TEXT_BYTES} bytes in an array")
        items: list = value.ravel().tolist()
        distinct = dict.fromkeys(items) if all(type(item) is str for item in items) else {}
        if MIN_REPEATS * len(distinct) <= len(items) and distinct:
            codes = {text: code for code, text in enumerate(distinct)}
            numbers = np.array([codes[text] for text in items], dtype=np.int32)
            coded = [list(distinct), self.add(numbers.reshape(value.shape)), value.dtype.kind]
            return {"coded": coded}
        return {"objects": [[self.pack(item) for item in items], value.dtype.kind, [*value.shape]]}


class Unpacker:
    """Brings back what ``Packer`` took apart.

    Parameters
    ----------
    arrays : sequence of array
        Arrays, each of which stands in the tree once.
    classes : dict of str to type
        Classes of which objects may be made.
    """

    def __init__(self, arrays: Sequence[np.ndarray], classes: Mapping[str, Any]):
        self._arrays: list[np.ndarray | None] = list(arrays)
        self.classes = classes
        self._n_nodes = self._depth = 0
        self._readers: dict[str, Callable[[Any], Any]] = {
            "float": _read_float,
            "list": self._read_list,
            "tuple": lambda nodes: tuple(self._read_list(nodes)),
            "set": lambda nodes: set(self._read_list(nodes)),
            "frozenset": lambda nodes: frozenset(self._read_list(nodes)),
            "dict": self._read_dict,
            "array": self.take,
            "tensor": self.read_tensor,
            "scalar": lambda node: self.unpack(node)[()],
            "dates": self._read_dates,
            "objects": self._read_objects,
            "coded": self._read_coded,
            "random state": self._read_random_state,
            "device": _read_device,
            "sparse": SPARSE_TYPES.__getitem__,
            "frozen": lambda node: FrozenEstimator(self.unpack(node)),
        }

    def unpack(self, node: Any) -> Any:
        """Value that a node of JSON stands for.

        Raises
        ------
        ValueError
            For what ``Packer`` does not say.
        """
        self._n_nodes += 1
        if type(node) in PLAIN or type(node) is float:
            return node
        if type(node) is not dict or len(node) != 1:
            raise ValueError("a part of it has no meaning")
        if self._depth == MAX_DEPTH or self._n_nodes > MAX_NODES:
            raise ValueError("its parts are too many, or lie too deep in one another")
        [(kind, content)] = node.items()
        self._depth += 1
        try:
            return self._read(kind, content)
        finally:
            self._depth -= 1

    def take(self, number: Any) -> np.ndarray:
        """An array by its number, which is taken once."""
        if type(number) is not int or not 0 <= number < len(self._arrays):
            raise ValueError(f"there is no array {number!r:.40}")
        array = self._arrays[number]
        self._arrays[number] = None
        if array is None:
            raise ValueError(f"array {number} stands in two places")
        return array

    def read_tensor(self, number: Any) -> torch.Tensor:
        """An array by its number, as a tensor."""
        return torch.from_numpy(np.array(self.take(number)))

    def finish(self) -> None:
        """Raise a ValueError for arrays that stand nowhere."""
        if any(array is not None for array in self._arrays):
            raise ValueError("it has arrays that belong nowhere")

    def _read(self, kind: str, content: Any) -> Any:
        if kind in self._readers:
            return self._readers[kind](content)
        for part in (pandas_values, objects):
            if kind in part.READERS:
                return part.READERS[kind](content, self)
        raise ValueError(f"{kind!r:.40} has no meaning")

    def _read_list(self, nodes: list) -> list:
        return [self.unpack(node) for node in nodes]

    def _read_dict(self, pairs: list) -> dict[Hashable, Any]:
        read = {self.unpack(key): self.unpack(value) for key, value in pairs}
        if len(read) != len(pairs):
            raise ValueError("a key occurs twice")
        return read

    def _read_dates(self, content: list) -> np.ndarray:
        number, name = content
        dtype = pandas_values.numpy_dtype(name)
        if dtype.kind not in "mM":
            raise ValueError(f"{dtype} has no dates")
        return self.take(number).view(dtype)

    def _read_objects(self, content: list) -> np.ndarray:
        nodes, kind, shape = content
        items = self._read_list(nodes)
        return _array_of(items, kind).reshape(_check_shape(shape, len(items)))

    def _read_coded(self, content: list) -> np.ndarray:
        items, number, kind = content
        codes = self.take(number)
        if not all(type(item) is str for item in items) or codes.dtype != np.int32:
            raise ValueError("coded text is text and its numbers")
        if codes.size and not 0 <= codes.min() <= codes.max() < len(items):
            raise ValueError("numbers of coded text leave it")
        distinct = _array_of(items, kind)
        if codes.size * distinct.dtype.itemsize > MAX_TEXT_BYTES:
            raise ValueError("its text is too long")
        return distinct[codes]

    def _read_random_state(self, node: Any) -> np.random.RandomState:
        name, key, place, has_normal, normal = self.unpack(node)
        known = name == "MT19937" and key.dtype == np.uint32 and key.shape == (624,)
        # numpy takes any place for granted; all zeros would stay zeros for ever
        known = known and key.any() and type(place) is int and 0 <= place <= 624
        if not (known and has_normal in (0, 1) and math.isfinite(normal)):
            raise ValueError("a random state has values that none has")
        random_state = np.random.RandomState()
        random_state.set_state((name, key, place, has_normal, normal))
        return random_state


def to_datasets(value: Any) -> dict[str, np.ndarray]:
    """Arrays by name that hold a value: its JSON as bytes, and numbered ones.

    Raises
    ------
    TypeError
        For what no file can hold; names it and its place.
    """
    packer = Packer()
    tree = packer.pack(value)
    text = json.dumps(tree, ensure_ascii=True, allow_nan=False).encode()
    numbered = {str(number): array for number, array in enumerate(packer.arrays)}
    return {"tree": np.frombuffer(text, dtype=np.uint8), **numbered}


def from_datasets(datasets: Mapping[str, Any], classes: Mapping[str, type]) -> Any:
    """Value that such arrays hold; objects are made of ``classes`` only.

    Raises
    ------
    ValueError
        For arrays that hold nothing of the kind, whatever is wrong with them.
    """
    try:
        text = np.asarray(datasets["tree"][()])
        if text.dtype != np.uint8 or text.ndim != 1:
            raise ValueError("its tree is no text")
        node = json.loads(text.tobytes(), parse_constant=_refuse_constant)
        numbers = range(len(datasets) - 1)
        arrays = [np.asarray(datasets[str(number)][()]) for number in numbers]
        unpacker = Unpacker(arrays, classes)
        value = unpacker.unpack(node)
        unpacker.finish()
    except (Exception, RecursionError, MemoryError) as error:
        what = str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"
        raise ValueError(f"it does not hold what it should: {what[:300]}") from error
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _read_float(text: str) -> float:
    if text not in ("nan", "inf", "-inf"):
        raise ValueError("a number is no number")
    return float(text)


def _read_device(name: str) -> torch.device:
    if len(name) > 40:
        raise ValueError("a device has a long name")
    return torch.device(name)


def _array_of(items: list, kind: str) -> np.ndarray:
    """Array (n,) of text or objects."""
    if kind == "U":
        if 4 * len(items) * max(map(len, items), default=0) > MAX_TEXT_BYTES:
            raise ValueError("its text is too long")
        return np.array(items, dtype=str)
    if kind != "O":
        raise ValueError(f"arrays of {kind!r:.40} have no meaning")
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


def _check_shape(shape: list, size: int) -> tuple[int, ...]:
    if not all(type(side) is int and side >= 0 for side in shape) or math.prod(shape) != size:
        raise ValueError(f"{size} values have no shape {shape!r:.40}")
    return tuple(shape)
