"""Files as an attacker would make them: right seals around wrong contents."""

import copy
import json
import shutil
from contextlib import closing
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from data.make import images

from ganaug import DiscriminatorClassifier, ImageGAN, SampleBank, TableGAN, load
from ganaug.cli import main
from ganaug.models.image_mixin import ImageModelMixin
from ganaug.models.super_resolver import SuperResolver
from ganaug.storage import sealed
from ganaug.storage.sealed import read_seal
from ganaug.trainers.checkpoint import Checkpoint

DATA = Path(__file__).parent / "data"
FILES = sorted(path.name for path in DATA.glob("*.h5"))

# What methods of models and banks say that they raise on files that are not what they were.
DOCUMENTED = (ValueError, OSError)

ODD_VALUES = (
    *(None, True, False, 0, 1, -1, 2, 7, 2**31, 2**63, -(2**63), 10**30, 0.0, -0.5, 1e300),
    *("", "a", "O", "M8[ns]", "UTC", "../..", "\x1b[2J", "9" * 50, [], {}, [0], {"list": []}),
    *({"float": "nan"}, {"float": "inf"}, {"float": "-inf"}, {"gap": "NaT"}, {"array": 0}),
    *({"tuple": [1, 2]}, {"dict": []}, {"dict": [["a", 1]]}, {"tensor": 1}, {"dtype": "O"}),
)


def kind_of(path):
    """Kind of file by its seal: "model", "bank" or "checkpoint"."""
    return read_seal(path)["format"].removeprefix("ganaug ")


def contents(path):
    """The tree of a file, its numbered arrays, and its samples if it is a bank."""
    with h5py.File(path) as file:
        arrays = {name: file[name][()] for name in file if name != "tree"}
        tree = json.loads(file["tree"][()].tobytes())
    return tree, arrays


def write(path, kind, tree, arrays):
    """A file of such contents, sealed as its writer would."""
    text = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    path.unlink(missing_ok=True)
    with h5py.File(path, "w", userblock_size=sealed.USER_BLOCK, libver="earliest") as file:
        file["tree"] = np.frombuffer(text, dtype=np.uint8)
        for name, array in arrays.items():
            file[name] = array
        data = file.get("data")
        place = [0, 0] if data is None else [data.id.get_offset() or 0, data.nbytes]
    sealed.write_seal(path, kind, place)


def change(path, function):
    """The file with its tree and arrays changed in place by a function."""
    kind, (tree, arrays) = kind_of(path), contents(path)
    function(tree, arrays)
    write(path, kind, tree, arrays)


def nodes(tree):
    """All places of a tree: what holds each, and its key there."""
    places, stack = [], [tree]
    while stack:
        holder = stack.pop()
        keys = holder if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            places.append((holder, key))
            if isinstance(holder[key], dict | list):
                stack.append(holder[key])
    return places


def find(tree, name):
    """Places in a tree under a name of a field, a parameter or a configuration."""
    return [(holder, key) for holder, key in nodes(tree) if key == name]


def change_tree(tree, arrays, rng):
    """One to three random changes of a tree."""
    for _ in range(rng.integers(1, 4)):
        places = nodes(tree)
        if not places:
            return
        holder, key = places[rng.integers(len(places))]
        other, name = places[rng.integers(len(places))]
        match rng.integers(6):
            case 0:
                holder[key] = copy.deepcopy(ODD_VALUES[rng.integers(len(ODD_VALUES))])
            case 1:
                holder[key] = copy.deepcopy(other[name])
            case 2 if isinstance(holder, dict):
                del holder[key]
            case 3 if isinstance(holder, dict):
                holder[str(name)] = holder.pop(key)
            case 4 if type(holder[key]) in (int, float):
                holder[key] = changed_number(holder[key], rng)
            case 5 if isinstance(holder[key], list) and holder[key]:
                items = holder[key]
                holder[key] = [items[i] for i in rng.integers(len(items), size=len(items) + 1)]


def changed_number(number, rng):
    """A number near another, or far away."""
    return [number + 1, number - 1, -number, number * 1000, number + 0.5][rng.integers(5)]


def change_arrays(tree, arrays, rng):
    """One or two random changes of arrays."""
    names = [name for name in arrays if arrays[name].size and arrays[name].ndim]
    for name in rng.choice(names, rng.integers(1, 3)):
        array = arrays[name]
        if not (array.size and array.ndim):
            continue
        match rng.integers(8):
            case 0:
                arrays[name] = array[:-1]
            case 1:
                arrays[name] = np.concatenate([array, array])
            case 2:
                arrays[name] = array.astype(rng.choice(["f8", "i8", "u1", "f4", "i4", "b1"]))
            case 3:
                arrays[name] = array.reshape(-1)
            case 4:
                arrays[name] = array[..., None]
            case _:
                arrays[name] = odd_values_in(array, rng)


def odd_values_in(array, rng):
    """An array with some values replaced by odd ones of its dtype."""
    array = np.array(array)
    places = rng.integers(array.size, size=rng.integers(1, 4))
    if array.dtype.kind == "f":
        limits = np.finfo(array.dtype)
        odd = [np.nan, np.inf, -np.inf, limits.max, -limits.max, 0.0, 1e9, -1.0]
    elif array.dtype.kind == "b":
        odd = [True, False]
    else:
        limits = np.iinfo(array.dtype)
        odd = [limits.max, limits.min, 0, 1, limits.max // 2]
    if rng.integers(4) == 0:
        array[...] = odd[rng.integers(len(odd))]
    array.reshape(-1)[places] = [odd[i] for i in rng.integers(len(odd), size=len(places))]
    return array


def hostile_file(path, rng):
    """A file of the tests' data, at ``path``, with a random change; what was changed."""
    source = DATA / FILES[rng.integers(len(FILES))]
    shutil.copy(source, path)
    what = ("flip", "cut", "tree", "tree", "tree", "arrays", "arrays", "both")[rng.integers(8)]
    if what in ("flip", "cut"):
        content = bytearray(path.read_bytes())
        for place in rng.integers(len(content), size=rng.integers(1, 4)):
            content[place] ^= 1 << int(rng.integers(8))
        end = int(rng.integers(len(content))) if what == "cut" else len(content)
        path.write_bytes(content[:end])
        return f"{source.name} {what}"

    def function(tree, arrays):
        if what in ("tree", "both"):
            change_tree(tree, arrays, rng)
        if what in ("arrays", "both"):
            change_arrays(tree, arrays, rng)

    change(path, function)
    return f"{source.name} {what}"


def use(path, with_quality=False):
    """Do with a file what users do; what it raises must be documented.

    ``with_quality`` evaluates models too, which takes seconds where they are of images.

    Returns
    -------
    bool
        True where it was taken for a good one.
    """
    main(["info", str(path)])
    kind = None
    try:
        kind = kind_of(path)
        subject = {"bank": SampleBank, "checkpoint": Checkpoint}.get(kind, load)(path)
    except (ValueError, OSError):
        return False
    if kind == "bank":
        with closing(subject):
            use_bank(subject)
    elif kind == "checkpoint":
        documented(go_on, path)
    else:
        use_estimator(subject, with_quality)
    return True


def documented(call, *arguments, **options):
    """What a call gives; None where it raises what it says that it does."""
    try:
        return call(*arguments, **options)
    except DOCUMENTED:
        return None


def use_bank(bank):
    """Read samples in every way."""
    assert len(bank.labels) == len(bank) == sum(bank.class_counts.values())
    documented(bank.verify)
    documented(bank.take, [0, len(bank) - 1, -1])
    documented(bank.draw, bank.classes.tolist()[0], 12345)
    assert isinstance(bank.provenance, dict)
    for access in ("memory", "hdf5", "memmap"):
        again = documented(SampleBank, bank.path, access=access)
        if again is not None:
            documented(again.take, [0])
            again.close()


def go_on(path):
    """Go on from a checkpoint with the fit that it is of."""
    gan = ImageGAN(n_steps=2, capacity=0.1, n_latent=8, random_state=0)
    return gan.fit(images()[:12], checkpoint=path)


def use_estimator(estimator, with_quality):
    """Draw samples, and whatever else an estimator can do."""
    repr(estimator)
    if isinstance(estimator, SuperResolver):
        shape = (2, 8, 8, *estimator._encoder.shape[2:])
        documented(estimator.transform, np.full(shape, estimator._encoder.low))
        return
    if isinstance(estimator, DiscriminatorClassifier):
        images = np.full((2, *estimator._encoder.shape), estimator._encoder.low)
        found = documented(estimator.predict_proba, images)
        assert found is None or found.shape == (2, len(estimator.classes_))
        return
    for name in ("transform", "fit_transform"):
        if hasattr(estimator, name):
            X = np.random.default_rng(0).normal(size=(24, estimator.n_features_in_))
            documented(getattr(estimator, name), X, *([np.arange(24) % 2] * (name[0] == "f")))
    model = estimator if hasattr(estimator, "sample") else estimator.gan_
    documented(model.sample, 3)
    label = model.classes_.tolist()[-1]
    drawn = documented(model.sample, {label: 2}, random_state=1)
    documented(model.generate, np.zeros((1, model.n_latent)), label)
    documented(model.interpolate, np.zeros(model.n_latent), np.ones(model.n_latent), label, 3)
    if drawn is None:
        return
    assert not (isinstance(drawn[0], pd.DataFrame) and drawn[0].shape[1] != model.n_features_in_)
    guides = {"guides": model._guides[:2]} if hasattr(model, "_guides") else {}
    documented(model.discriminator_features, drawn[0], label, **guides)
    if hasattr(model, "translate"):
        documented(model.translate, *(guides.values() or [drawn[0]]), label)
    if with_quality and isinstance(model, TableGAN | ImageModelMixin):
        documented(model.evaluate, *drawn)
