"""Nothing in a file runs, and no file does more than it says: attacks by hand, and at random."""

import copy
import json
import os
import shutil
import signal
import struct
import warnings
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import hostile
import numpy as np
import pandas as pd
import pytest

from ganaug import SampleBank, load
from ganaug.trainers.checkpoint import Checkpoint

pytestmark = [
    # odd values overflow somewhere on their way, which is no more than that
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
]
OPEN = {"model": load, "bank": SampleBank, "checkpoint": Checkpoint}
GIBIBYTE = 2**30


def put(name, value, place=0):
    """A change that puts a value where a name stands for the nth time."""

    def change(tree, arrays):
        holder, key = hostile.find(tree, name)[place]
        holder[key] = copy.deepcopy(value)

    return change


def drop(name, place=0):
    """A change that leaves out what has a name."""

    def change(tree, arrays):
        holder, key = hostile.find(tree, name)[place]
        del holder[key]

    return change


def add(name, beside, value=None):
    """A change that adds an entry of a name beside another."""

    def change(tree, arrays):
        hostile.find(tree, beside)[0][0][name] = value

    return change


def edit(name, function, place=0):
    """A change of an array that stands under a name: a function of it."""

    def change(tree, arrays):
        holder, key = hostile.find(tree, name)[place]
        number = str(number_in(holder[key]))
        arrays[number] = function(arrays[number])

    return change


def number_in(node):
    """Number of the first array of a node."""
    if type(node) is int:
        return node
    return next(holder[key] for holder, key in hostile.nodes(node) if key in ("array", "tensor"))


def set_item(place, value):
    """A function of an array that puts a value in a place."""

    def function(array):
        array = np.array(array)
        array[place] = value
        return array

    return function


def rename(old, new):
    """A change of the name of a class."""

    def change(tree, arrays):
        for holder, key in hostile.nodes(tree):
            if holder[key] == old and key == 0:
                holder[key] = new

    return change


def graft(name, source):
    """A change that puts in what has the name in another file, or else all that file holds."""

    def change(tree, arrays):
        other, its_arrays = hostile.contents(hostile.DATA / source)
        found = hostile.find(other, name) or [(dict(other["dict"]), "object")]
        node = {"": found[0][0][found[0][1]]}
        for holder, key in numbers_in(node):
            holder[key] += len(arrays)
        both = [arrays[str(n)] for n in range(len(arrays))]
        both += [its_arrays[str(n)] for n in range(len(its_arrays))]
        holder, key = hostile.find(tree, name)[0]
        holder[key] = node[""]
        # no array is left over, which would be refused for that alone
        arrays.clear()
        for number, (holder, key) in enumerate(numbers_in(tree)):
            arrays[str(number)] = both[holder[key]]
            holder[key] = number

    return change


def numbers_in(tree):
    """Places of a tree that hold numbers of arrays."""
    places = []
    for holder, key in hostile.nodes(tree):
        if key in ("array", "tensor"):
            places.append((holder, key))
        elif key == "network":
            places += [(holder[key][2], name) for name in holder[key][2]]
        elif key in ("dates", "coded"):
            places.append((holder[key], int(key == "coded")))
    return places


def whole(tree):
    """A change that puts another tree in the place of all."""

    def change(old, arrays):
        old.clear()
        old.update(tree)

    return change


def one_array_twice(tree, arrays):
    places = hostile.find(tree, "tensor") + hostile.find(tree, "array")
    places[0][0][places[0][1]] = places[1][0][places[1][1]]


def nest(tree, arrays, depth=100):
    node = None
    for _ in range(depth):
        node = {"tuple": [node]}
    put("name", node)(tree, arrays)


TABLE = {
    "a condition that runs a command": put("conditions", "@pd.io.common.os.system('touch owned')"),
    "a condition that calls": put("conditions", {"list": ["size.to_pickle('owned') > 0"]}),
    "a condition that imports": put("conditions", "__import__('os').system('touch owned') == 0"),
    "a condition of attributes": put("conditions", "size.__class__ == 0"),
    "a number of columns of its own": put("n_features_in", 7),
    "a condition on no column": put("conditions", "weight > 0"),
    "a condition in the state": put("conditions", "open('owned', 'w')", 1),
    "a dtype that is nested": put("dtype", "interval[" * 2000),
    "a dtype of long text": put("dtype", "<U999999999"),
    "a dtype of bytes and fields": put("dtype", "V10"),
    "a dtype of a zone": put("dtype", "datetime64[ns, dateutil//etc/hostname]"),
    "a time zone that is a file": put("zoned", ["us", "dateutil//etc/hostname"]),
    "a time zone in a folder above": put("zoned", ["us", "../../../etc/passwd"]),
    "a time zone by its path": put("zoned", ["us", "/etc/localtime"]),
    "a time zone of none": put("zoned", ["us", "Mars/Olympus"]),
    "a unit of none": put("zoned", ["fortnights", "UTC"]),
    "a class of others": rename("TableGAN", "Popen"),
    "a class of this package": rename("NumericColumn", "TableGAN"),
    "a record as an estimator": rename("TableGAN", "FeatureLayout"),
    "another estimator": rename("TableGAN", "ImageGAN"),
    "another state": rename("FittedTable", "FittedMixer"),
    "another network": rename("AnchoredGenerator", "TableGenerator"),
    "a record as a network": rename("AnchoredGenerator", "FeatureLayout"),
    "a parameter of none": add("eval", "n_steps", "import os"),
    "a method for a parameter": add("set_params", "n_steps", 5),
    "a parameter out of range": put("n_steps", -1),
    "a parameter of another type": put("n_latent", "many"),
    "a width that was not trained": put("n_latent", 16),
    "random numbers that are all zero": edit("stream", np.zeros_like),
    "an attribute for a field": add("_chunk_size", "classes", 0),
    "a field that is missing": drop("encoder"),
    "a class without a generator": put("generators", {"dict": []}),
    "classes in another order": put("classes", {"objects": [["b", "a"], "O", [2]]}),
    "a class twice": put("classes", {"objects": [["a", "a"], "O", [2]]}),
    "no classes": put("classes", {"objects": [[], "O", [0]]}),
    "classes of none": put("classes", {"objects": [[None, {"float": "nan"}], "O", [2]]}),
    "a count below one": put("class_counts", {"dict": [["a", 0], ["b", 12]]}),
    "a count beyond reason": put("class_counts", {"dict": [["a", 10**30], ["b", 12]]}),
    "a tier of another type": put("tiers", {"dict": [["a", 1], ["b", {"list": []}]]}),
    "a tier without end": put("tiers", {"dict": [["a", "x" * 10**6], ["b", ""]]}),
    "a history of others": put("history", {"dict": [["a", {"dict": []}], ["b", {"dict": []}]]}),
    "weights that are no numbers": edit("residual.first.weight", set_item((0, 0, 0), np.nan)),
    "weights without bound": edit("residual.first.weight", set_item((0, 0, 0), np.inf)),
    "weights of another dtype": edit("residual.first.weight", lambda array: array.astype("f8")),
    "weights of another shape": edit("residual.first.weight", lambda array: array[:, 1:]),
    "weights of two members": edit("residual.first.weight", lambda array: array.repeat(2, 0)),
    "weights that are missing": drop("residual.first.weight"),
    "weights of none": add("residual.hook", "residual.first.weight", 0),
    "a layer without end": put("n_hidden", 2**19),
    "a layer below zero": put("n_hidden", -1),
    "rows without end": put("n_rows", 2**20),
    "a layout of other rows": put("width", 3),
    "a layout of other masks": put("presence_masks", {"tuple": [{"tuple": [0, 1]}]}),
    "a class without a tier": put("tiers", {"dict": []}),
    "a moment that is read anew": put("name", {"timestamp": ["now", "us", None]}),
    "names of two kinds": put("index", [{"list": ["a", "b", "c", "d", 5]}, {"dtype": "O"},
                                        {"list": [None]}]),
    "a block that leaves the row": put("blocks", {"tuple": [{"tuple": [1, 99]}]}),
    "neighbours that are no rows": edit("anchors.neighbours", set_item((0, 0, 0), 2**40)),
    "neighbours before the first": edit("anchors.neighbours", set_item((0, 0, 0), -(2**40))),
    "rows that are not there": edit("anchors.n_rows", set_item((0, 0), 10**9)),
    "more neighbours than there are": edit("anchors.n_neighbours", set_item((0, 0), 6)),
    "values that fall": edit("values", lambda array: array[::-1], 1),
    "steps of no length": put("step", 0),
    "a share above one": edit("above", set_item(0, 7.0)),
    "shares of another length": edit("below", lambda array: array[1:]),
    "levels of columns that are not there": edit("groups", lambda array: np.append(array, 0)),
    "equations of columns that are not there": edit("targets", lambda array: np.append(array, 7)),
    "orders of columns that are not there": edit("high", lambda array: np.append(array, 7)),
    "a level that is none": edit("frequent", set_item(0, 10**6)),
    "columns that are missing": put("columns", {"list": []}, 1),
    "levels that occur twice": put("levels", {"index": [{"list": [1, 1]}, {"dtype": "O"},
                                                        {"list": [None]}]}),
    "a gap that is a value": put("gap", 7),
    "a unit of seven": put("unit", 7),
    "a date beyond 64 bits": put("first", 2**63),
    "kept rows of other columns": edit("kept_rows", lambda array: array[:, 1:]),
    "kept rows of a class of none": edit("kept_labels", set_item(0, 99)),
    "an array in two places": one_array_twice,
    "an array of no number": put("array", True),
    "an array below zero": put("array", -1),
    "an array beyond the last": put("array", 10**9),
    "arrays of nobody": lambda tree, arrays: arrays.update({str(len(arrays)): np.zeros(3)}),
    "parts that lie too deep": nest,
    "a number of a million digits": put("first", 10**4000),
    "a number with a name": put("origin", {"float": "1e999999999"}),
    "a node of no meaning": put("origin", {"exec": "import os"}),
    "a node of two meanings": put("origin", {"float": "inf", "list": []}),
    "a method of the reader": put("origin", {"_read_list": [1]}),
    "a digest without end": put("data_digest", "f" * 10**5),
    "names of columns that are no text": put("feature_names_in",
                                             {"objects": [[1, None, {"list": []}, "d", "e"],
                                                          "O", [5]]}),
    "nothing": whole({"dict": []}),
    "an estimator that was not fitted": put("estimator", ["TableGAN", {}, None]),
}  # fmt: skip
IMAGES = {
    "images of another shape": edit("X", lambda array: array[:, 1:]),
    "images out of range": put("high", 1.0),
    "a range that falls": put("low", 256.0),
    "labels of none": put("y", {"coded": [["c"], 0, "U"]}),
    "an encoder without end": put("height", 10**9),
    "channels without end": put("n_channels", 10**6),
    "stages of no resolutions": put("resolutions", {"tuple": []}),
    "stages that do not halve": put(
        "resolutions", {"tuple": [{"tuple": [8, 8]}, {"tuple": [8, 8]}]}
    ),
    "channels without end inside": put("channels", {"tuple": [2**19, 2**19]}),
    "an upscaler that is none": put("upscaler", "Upscaler", 1),
}
OTHERS = {
    ("ImageGAN.h5", "discriminators of more channels"): graft(
        "discriminators", "PairedTranslator.h5"
    ),
    ("ClassTranslator.h5", "discriminators of pairs"): graft(
        "discriminators", "PairedTranslator.h5"
    ),
    ("PairedTranslator.h5", "discriminators of single images"): graft(
        "discriminators", "ClassTranslator.h5"
    ),
    ("GANOverSampler.h5", "a model that draws nothing"): graft("gan", "SuperResolver.h5"),
    ("GANMixer.h5", "a model that draws nothing"): graft("gan", "SuperResolver.h5"),
    ("SuperResolver.h5", "a range beyond single precision"): put("high", 1e308),
    ("SuperResolver.h5", "a range of no width"): put("high", 5e-324),
    ("ClassTranslator.h5", "rows that are not there"): edit("known", set_item(-1, 10**9)),
    ("ClassTranslator.h5", "rows in another order"): edit("known", lambda array: array[::-1]),
    ("ClassTranslator.h5", "a threshold of none"): put("threshold", 2),
    ("ClassTranslator.h5", "a change of none"): put("kinds", {"tuple": ["exec"]}),
    ("PairedTranslator.h5", "guides of another shape"): edit("guides", lambda array: array[1:]),
    ("SuperResolver.h5", "another scale"): put("scale", 4),
    ("SuperResolver.h5", "a scale of none"): put("scale", 3, 1),
    ("GANOverSampler.h5", "a model of others"): rename("TableGAN", "KernelDensity"),
    ("GANOverSampler.h5", "a model that is text"): put("gan", "TableGAN", 1),
    ("GANOverSampler.h5", "a growth that no number counts"): put(
        "sampling_strategy", {"record": ["multiply", {"factor": 1e308}]}, 1
    ),
    ("DiscriminatorFeatures.h5", "no models"): put("gans", {"list": []}),
    ("DiscriminatorFeatures.h5", "a model that is not fitted"): put(
        "gans", {"list": [{"estimator": ["TableGAN", {}, None]}]}
    ),
    ("DiscriminatorFeatures.h5", "no discriminators"): put("discriminators", {"dict": [[0, None]]}),
    ("SampleBank.h5", "offsets that fall"): edit("array", set_item(1, 99)),
    ("SampleBank.h5", "offsets of another dtype"): edit("array", lambda array: array.astype("f8")),
    ("SampleBank.h5", "no offsets"): edit("array", lambda array: array[:0]),
    ("SampleBank.h5", "a condition"): whole({"dict": [["classes", None]]}),
    ("SampleBank.h5", "a model for a schema"): rename("TableSchema", "TableGAN"),
    ("SampleBank.h5", "columns of another number"): put("is_categorical", {"list": [True]}),
    ("checkpoint.h5", "a function for a draw"): put("draw", "load"),
    ("checkpoint.h5", "numbers without end"): put("shape", {"tuple": [2**40]}),
    ("checkpoint.h5", "more numbers than are drawn"): put("n_given", 10**6),
    ("checkpoint.h5", "threads without end"): put("n_threads", 10**9),
    ("checkpoint.h5", "settings of another type"): put("settings", {"list": [1]}),
    ("checkpoint.h5", "a model"): rename("CheckpointContents", "TableGAN"),
}
ATTACKS = {
    **{("TableGAN.h5", name): change for name, change in TABLE.items()},
    **{("ImageGAN.h5", name): change for name, change in IMAGES.items()},
    **OTHERS,
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to work in, which stays as it was but for the file itself."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert {path.name for path in tmp_path.iterdir()} <= {"file.h5"}


def copied(folder, name):
    """A copy of a file of the tests' data."""
    return shutil.copy(hostile.DATA / name, folder / "file.h5")


@pytest.mark.parametrize("attack", ATTACKS, ids=": ".join)
def test_a_hostile_file_is_refused_by_name_when_it_is_opened(folder, attack):
    path = copied(folder, attack[0])
    hostile.change(path, ATTACKS[attack])
    with pytest.raises(ValueError, match=r"file\.h5 is no (model|bank|checkpoint) of ganaug"):
        OPEN[hostile.kind_of(path)](path)


@pytest.mark.parametrize("name", hostile.FILES)
def test_the_files_are_good_as_they_are(folder, name):
    path = copied(folder, name)
    hostile.change(path, lambda tree, arrays: None)
    with redirect_stdout(StringIO()):
        assert hostile.use(path)


def test_what_a_checkpoint_goes_on_with_has_to_fit_the_game(folder):
    for name, change in {
        "networks": lambda array: array[:1],
        "history": lambda array: array[:, :1],
        "start_states": lambda array: array[1:],
    }.items():
        path = copied(folder, "checkpoint.h5")

        def first_array(tree, arrays, name=name, change=change):
            edit(name, change)(tree, arrays)

        hostile.change(path, first_array)
        with pytest.raises(ValueError, match="does not fit this training"):
            hostile.go_on(path)


def test_no_other_file_is_read_for_a_time_zone(folder, tmp_path_factory):
    zone = tmp_path_factory.mktemp("zones") / "zone"
    # the smallest that there is: no changes, one kind of time, that of Greenwich
    counts = struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    zone.write_bytes(b"TZif" + bytes(16) + counts + struct.pack(">lbb", 0, 0, 0) + b"UTC\0")
    assert pd.DatetimeTZDtype("us", f"dateutil/{zone}")
    path = copied(folder, "TableGAN.h5")
    hostile.change(path, put("zoned", ["us", f"dateutil/{zone}"]))
    with pytest.raises(ValueError, match="has no meaning"):
        load(path)


def test_a_missing_parameter_has_its_default_and_an_unknown_one_is_of_a_newer_version(folder):
    path = copied(folder, "TableGAN.h5")
    hostile.change(path, drop("gamma"))
    assert load(path).gamma == 1.0
    hostile.change(path, add("temperature", "n_steps", 1))
    with pytest.raises(ValueError, match="'temperature', which this version of ganaug does not"):
        load(path)


@pytest.mark.parametrize(
    "text",
    [
        b"\xff\xfe",
        b"",
        b"{",
        b"NaN",
        b'{"float": Infinity}',
        b"[" * 10**6,
        b'{"list": [' * 3000,
        b'{"dict": [["object", "' + b"\\ud800" * 5 + b'"]]}',
        b"9" * 10**5,
        b"[" + b"0," * 10**6 + b"0]",
    ],
    ids=lambda text: repr(text[:20]),
)
@pytest.mark.parametrize("kind", OPEN)
def test_a_tree_that_is_none_is_refused(folder, kind, text):
    path = folder / "file.h5"
    hostile.write(path, kind, text, {})
    with pytest.raises(ValueError, match=rf"file\.h5 is no {kind} of ganaug"):
        OPEN[kind](path)


def bombs():
    """Small files that ask for much, by what they ask for."""
    reach = {
        "nested dtypes": {"dtype": "interval[" * 10**5},
        "a moment of many digits": {"timestamp": ["1" * 400_000, "ns", None]},
        "text of one width": {"objects": [["x" * 10**4, *[""] * 50_000], "U", [50_001]]},
        "coded text": {"coded": [["x" * 10**5], 0, "U"]},
        "a shape of many": {"objects": [[], "O", [2**40, 0, 2**40]]},
        "many small parts": {"list": [{"tuple": []}] * 10**6},
        "a period of many digits": {"period": ["9" * 10**5, "D"]},
        "categories of categories": {"categories": [{"categories": [None, True]}, True]},
    }
    one = np.zeros(2**20, dtype=np.int32)
    for name, node in reach.items():
        yield name, {"dict": [["object", node]]}, {"0": one}
    many = {"dict": [["object", {"list": [{"tensor": 0}] * 5000}]]}
    yield "one array in many places", many, {"0": one}


@pytest.mark.medium
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked")
@pytest.mark.parametrize(("name", "tree", "arrays"), bombs(), ids=lambda name: str(name)[:30])
def test_a_small_file_takes_neither_much_memory_nor_time(folder, name, tree, arrays):
    import resource

    path = folder / "file.h5"
    hostile.write(path, "model", tree, arrays)
    assert path.stat().st_size < 20 * 2**20
    child = os.fork()
    if child == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        signal.setitimer(signal.ITIMER_VIRTUAL, 5)
        try:
            load(path)
        except ValueError:
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            os._exit(0 if 1024 * grown < GIBIBYTE else 3)
        finally:
            os._exit(4)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def attacks(folder, seeds):
    """How many files with random changes were taken for good ones; raises what is not documented.

    Models are evaluated where that is fast, and now and then where it is not.
    """
    n_good = 0
    for seed in seeds:
        path = folder / "file.h5"
        what = hostile.hostile_file(path, np.random.default_rng(seed))
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            try:
                n_good += hostile.use(path, with_quality=seed % 100 == 0)
            except Exception as error:
                raise AssertionError(f"seed {seed}, {what}: {error!r}") from error
    return n_good


@pytest.mark.medium
@pytest.mark.parametrize(
    "seeds", [range(40), pytest.param(range(40, 1000), marks=pytest.mark.slow)]
)
def test_files_with_random_changes_raise_what_is_documented_and_no_more(folder, seeds):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        n_good = attacks(folder, seeds)
    # some changes leave a file that is good, so the others were not refused for nothing
    assert 0 < n_good < 0.6 * len(seeds)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_ten_thousand_files_with_random_changes(folder, part):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        n_good = attacks(folder, range(10_000 + 1000 * part, 10_000 + 1000 * (part + 1)))
    assert 0 < n_good < 600


@pytest.mark.slow
def test_every_change_of_the_list_changes_something():
    """An attack that finds nothing to change would be refused for another reason, or not at all."""
    for (name, attack), change in ATTACKS.items():
        tree, arrays = hostile.contents(hostile.DATA / name)
        before = told(tree, arrays)
        change(tree, arrays)
        assert before != told(tree, arrays), attack


def told(tree, arrays):
    """All that contents hold, to be compared."""
    return json.dumps(tree), {key: (one.shape, one.tobytes()) for key, one in arrays.items()}
