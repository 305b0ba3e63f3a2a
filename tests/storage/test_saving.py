"""What is saved comes back as it was, and nothing else comes back."""

import datetime as dt
import json
import os
import re
from datetime import date
from decimal import Decimal
from itertools import cycle

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
from data import make
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.neighbors import KernelDensity

from ganaug import (
    ClassTranslator,
    DiscriminatorFeatures,
    GANMixer,
    GANOverSampler,
    ImageGAN,
    SampleBank,
    TableGAN,
    load,
    multiply,
)
from ganaug.loading import CLASSES, ESTIMATORS, NETWORKS, RECORDS
from ganaug.storage import sealed, tree
from ganaug.storage.objects import _check_tensors
from ganaug.storage.sealed import USER_BLOCK, create_file, open_file
from ganaug.storage.tree import to_datasets
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.training.networks.table import TableDiscriminator

# classes of few rows are meant, so that training is quick
pytestmark = pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")
EVERY_SIZE = np.repeat(["a", "b", "c", "d", "e", "f"], [320, 30, 5, 1, 310, 12])


def mixed_rows(n):
    """A column of every type, with gaps."""
    rng = np.random.default_rng(0)
    days = pd.to_timedelta(rng.integers(0, 99, n), "D")
    X = pd.DataFrame(
        {
            "number": rng.normal(size=n),
            "count": pd.array(rng.integers(0, 5, n), dtype="Int8"),
            "kind": pd.Categorical(rng.choice(["x", "y"], n), categories=["y", "x", "z"]),
            "text": pd.Series(rng.choice(["u", "v"], n), dtype=object),
            "flag": rng.random(n) < 0.5,
            "day": pd.Timestamp("2020-03-01", tz="Europe/Berlin") + days,
            "sparse": pd.arrays.SparseArray(rng.integers(0, 2, n) * 1.5, fill_value=0.0),
        }
    )
    X.loc[::7, ["number", "text", "day"]] = None
    return X


def images(n, side=12):
    """Grey and colourful noise."""
    return np.random.default_rng(0).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def table_of_every_type():
    return TableGAN(n_steps=2, random_state=0, conditions="flag or count >= 0").fit(
        mixed_rows(len(EVERY_SIZE)), EVERY_SIZE
    )


def table_of_numbers():
    X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    return TableGAN(n_steps=2, random_state=np.random.RandomState(3)).fit(X)


def pictures():
    y = np.repeat([3, 5, 9], [20, 12, 4])
    return ImageGAN(n_steps=2, random_state=0, augment=["flip"]).fit(images(36), y)


def translations():
    y = np.repeat([3, 5, 9], [20, 12, 4])
    X = images(36) // 2 + (12 * y)[:, None, None, None].astype(np.uint8)
    return ClassTranslator(n_steps=2, guard=0.1, random_state=0).fit(X, y)


def table_of_words():
    X = np.array([["a", "1.5"], ["bcd", "2"]] * 15)
    return TableGAN(n_steps=2, random_state=0).fit(X)


def table_of_moments():
    days = pd.DatetimeIndex([pd.Timestamp(2020, 1, 1, nanosecond=1), pd.Timestamp(2021, 7, 1)] * 15)
    X = pd.DataFrame({"zone": days.tz_localize("Europe/Berlin"), "long": days - days[0]})
    return TableGAN(n_steps=2, random_state=0, categorical_features=["zone", "long"]).fit(X)


def table_of_intervals():
    number = np.arange(40)
    X = pd.DataFrame({"cut": pd.cut(number, 4), "day": [date(2020, 1, 1 + n % 3) for n in number]})
    X.columns = pd.PeriodIndex(["2020-01", "2020-02"], freq="M")
    return TableGAN(n_steps=2, random_state=0, categorical_features=[0, 1]).fit(X)


MODELS = (table_of_every_type, table_of_intervals, table_of_numbers, table_of_words)
MODELS += (table_of_moments, pictures, translations)
FITTED = {one.__name__: one for one in MODELS}


@pytest.fixture(scope="module", params=FITTED)
def model(request):
    """A fitted model of each kind."""
    return FITTED[request.param]()


@pytest.fixture
def saved(tmp_path):
    """Path of a small saved model."""
    path = tmp_path / "gan.h5"
    TableGAN(n_steps=0, random_state=0).fit([[0.1], [0.2]] * 10).save(path)
    return path


def as_frame(samples):
    """Samples of any container as a table of their values."""
    if isinstance(samples, pd.DataFrame):
        return samples
    return pd.DataFrame(samples.reshape(len(samples), -1))


def test_a_loaded_model_goes_on_as_the_saved_one_would(model, tmp_path):
    model.sample(5)
    model.save(tmp_path / "model.h5")
    again = load(tmp_path / "model.h5", device="cpu")
    assert type(again) is type(model)
    for _ in range(2):
        for expected, drawn in zip(model.sample(60), again.sample(60), strict=True):
            pd.testing.assert_frame_equal(as_frame(drawn), as_frame(expected))
    parameters = [one.get_params() | {"device": "", "random_state": ""} for one in (model, again)]
    assert parameters[0] == parameters[1]
    label = model.classes_.tolist()[0]
    features = [one.discriminator_features(model.sample(4, 0)[0], label) for one in (model, again)]
    assert np.array_equal(*features)


def test_a_saved_model_can_be_fitted_again(tmp_path):
    gan = table_of_every_type()
    gan.save(tmp_path / "model.h5")
    rows = [one.fit(mixed_rows(40)).sample(10)[0] for one in (gan, load(tmp_path / "model.h5"))]
    pd.testing.assert_frame_equal(*rows)


@pytest.mark.parametrize(
    "face",
    [
        GANOverSampler(sampling_strategy=multiply(2.0), random_state=0),
        GANMixer(random_state=0),
        DiscriminatorFeatures(random_state=0),
    ],
    ids=lambda face: type(face).__name__,
)
def test_faces_of_models_are_saved_with_them(face, tmp_path):
    X = np.random.default_rng(0).normal(size=(40, 3))
    y = np.arange(40) % 2
    face.set_params(gan=TableGAN(n_steps=2)).fit(X, y).save(tmp_path / "face.h5")
    again = load(tmp_path / "face.h5")
    if hasattr(face, "transform"):
        assert np.array_equal(again.transform(X), face.transform(X))
    else:
        assert again.sampling_strategy_ == face.sampling_strategy_
        assert np.array_equal(again.fit_resample(X, y)[0], face.fit_resample(X, y)[0])


def test_a_frozen_model_is_saved_as_one(tmp_path):
    X = np.random.default_rng(0).normal(size=(40, 3))
    gan = TableGAN(n_steps=0, random_state=0).fit(X, np.arange(40) % 4 == 0)
    sampler = GANOverSampler(FrozenEstimator(gan), random_state=0)
    expected, _ = sampler.fit_resample(X, np.arange(40) % 4 == 0)
    sampler.save(tmp_path / "sampler.h5")
    again, _ = load(tmp_path / "sampler.h5").fit_resample(X, np.arange(40) % 4 == 0)
    assert np.array_equal(again, expected)


def odd_tables():
    """Tables as users have them, by what is odd about them; the first column is categorical."""
    number, rows = np.arange(30), np.random.default_rng(0).normal(size=(30, 2))
    yield "whole numbers", np.stack([number % 3, number], axis=1)
    yield (
        "whole numbers of a column",
        pd.DataFrame({"a": (number % 3).astype("u1"), "b": 3 * number}),
    )
    yield (
        "sparse whole numbers",
        pd.DataFrame({"a": pd.arrays.SparseArray(number % 3, fill_value=0), "b": 3 * number}),
    )
    yield "a column of one number", pd.DataFrame({"a": number % 3, "b": np.full(30, 5e-324)})
    yield "the largest numbers", np.stack([number % 3, (-1.0) ** number * 1.7e308], axis=1)
    for name, columns in {
        "names of one level": pd.MultiIndex.from_arrays([["a", "b"]], names=["x"]),
        "names of small numbers": pd.MultiIndex.from_arrays(
            [pd.Index([1, 2], dtype="int8"), pd.CategoricalIndex(["u", "v"])]
        ),
        "names of moments": pd.date_range("2020", periods=2, tz="Europe/Berlin"),
        "names of a range": pd.RangeIndex(3, 7, 2),
    }.items():
        yield name, pd.DataFrame(rows.round(), columns=columns)
    levels = pd.DataFrame({"a": [Decimal("1.10"), Decimal("2.20")] * 15, "b": 3 * number})
    yield "decimals as levels", levels
    yield "times of day as levels", levels.assign(a=[dt.time(1), dt.time(2, 3, 4, 5)] * 15)
    yield "moments as levels", levels.assign(a=[dt.datetime(1, 1, 1), dt.datetime(2, 1, 1)] * 15)
    pa = pytest.importorskip("pyarrow")
    text = pd.array(["u", "v"] * 15, dtype=pd.ArrowDtype(pa.string()))
    yield "text of Arrow", pd.DataFrame({"a": text, "b": 3 * number})


# sums of the largest numbers overflow in scikit-learn's checks
@pytest.mark.filterwarnings("ignore:(overflow|invalid value):RuntimeWarning")
@pytest.mark.parametrize("X", [pytest.param(X, id=name) for name, X in odd_tables()])
def test_tables_of_odd_types_come_back_alike(X, tmp_path):
    gan = TableGAN(n_steps=1, random_state=0, categorical_features=[0]).fit(X)
    gan.save(tmp_path / "model.h5")
    drawn = [one.sample(9)[0] for one in (load(tmp_path / "model.h5"), gan)]
    if isinstance(X, pd.DataFrame):
        pd.testing.assert_frame_equal(*drawn, check_freq=False)
    else:
        assert drawn[0].dtype == X.dtype
        assert np.array_equal(*drawn)


@pytest.mark.parametrize("factor", [2, np.float32(1.5), np.int64(2)], ids=repr)
def test_numbers_of_every_type_are_parameters_that_can_be_saved(factor, tmp_path):
    X, y = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20) % 2
    sampler = GANOverSampler(TableGAN(n_steps=0), sampling_strategy=multiply(factor))
    sampler.fit(X, y).save(tmp_path / "sampler.h5")
    assert load(tmp_path / "sampler.h5").sampling_strategy == multiply(float(factor))


def test_what_could_not_be_read_again_is_not_saved(tmp_path):
    path = tmp_path / "gan.h5"
    dates = pd.arrays.SparseArray(np.arange(20).astype("M8[ns]"))
    with pytest.warns(UserWarning, match="cannot be kept in a file: column 'a'"):
        gan = TableGAN(n_steps=0).fit(pd.DataFrame({"a": dates, "b": np.arange(20)}))
    with pytest.raises(TypeError, match=r"column 'a' cannot .*Sparse\[datetime64.*in a file"):
        gan.save(path)
    gan = TableGAN(n_steps=0).fit([[0.1], [0.2]] * 10)
    with pytest.raises(ValueError, match="'n_steps' parameter of TableGAN must be"):
        gan.set_params(n_steps=-1).save(path)
    with pytest.raises(ValueError, match="n_latent=32 is not the 64 that generators were trained"):
        gan.set_params(n_steps=2, n_latent=32).save(path)
    gan = TableGAN(n_steps=1).fit([[0.1], [0.2]] * 10)
    next(iter(gan.generators_.values())).anchors.rows[0] = np.nan
    with pytest.raises(ValueError, match="holds numbers that are not finite"):
        gan.save(path)
    assert not path.exists()


def test_more_than_is_read_is_not_saved(tmp_path, monkeypatch):
    words = np.array([["a", "1.5"], ["bcd", "2"]] * 15)
    gan = TableGAN(n_steps=0).fit(words, np.tile(["x", "y"], 15))
    monkeypatch.setattr(tree, "MAX_TEXT_BYTES", 1)
    with pytest.raises(TypeError, match="takes more than 1 bytes"):
        gan.save(tmp_path / "gan.h5")
    monkeypatch.setattr(tree, "MAX_NODES", 20)
    with pytest.raises(TypeError, match="one of more than 20 values"):
        gan.save(tmp_path / "gan.h5")


def test_nothing_is_saved_before_fit(tmp_path):
    with pytest.raises(NotFittedError):
        TableGAN().save(tmp_path / "gan.h5")


def test_functions_and_models_of_others_cannot_be_saved(tmp_path):
    X = np.random.default_rng(0).normal(size=(40, 3))
    gan = TableGAN(n_steps=0, conditions=lambda rows: rows[:, 0] > -9).fit(X)
    with pytest.raises(TypeError, match="cannot be kept in a file"):
        gan.save(tmp_path / "gan.h5")
    sampler = GANOverSampler(TableGAN(n_steps=0)).fit(X, np.arange(40) % 3 == 0)
    sampler.gan = KernelDensity()
    with pytest.raises(TypeError, match=r"KernelDensity\(\) cannot be kept"):
        sampler.save(tmp_path / "gan.h5")
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_stays_unless_it_is_to_be_replaced(saved):
    before = saved.read_bytes()
    other = TableGAN(n_steps=0).fit([[5.0], [6.0]] * 10)
    with pytest.raises(FileExistsError, match="overwrite=True"):
        other.save(saved)
    assert saved.read_bytes() == before
    other.save(saved, overwrite=True)
    assert load(saved).sample(50)[0].min() >= 5
    assert list(saved.parent.iterdir()) == [saved]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    gan = TableGAN(n_steps=0).fit([[0.1], [0.2]] * 10)
    with pytest.raises(OSError, match=r"absent.*cannot be written"):
        gan.save(tmp_path / "absent" / "gan.h5")


def test_every_class_of_a_file_has_a_name_of_its_own():
    assert len(CLASSES) == len(ESTIMATORS + NETWORKS + RECORDS)


def resealed(path, change):
    """The file with a change to its HDF5 content, sealed again as its writer would."""
    with h5py.File(path, "r+") as file:
        change(file)
    sealed.write_seal(path, "model", [0, 0])
    return path


def with_seal(path, **entries):
    """The file with other entries in its seal."""
    content = path.read_bytes()
    seal = json.loads(content[:USER_BLOCK]) | entries
    path.write_bytes(json.dumps(seal).encode().ljust(USER_BLOCK) + content[USER_BLOCK:])
    return path


def test_other_files_newer_ones_and_other_kinds_are_told_apart(saved, tmp_path):
    foreign = tmp_path / "foreign.h5"
    with h5py.File(foreign, "w") as file:
        file["x"] = [1]
    with pytest.raises(ValueError, match="is not a file of ganaug"):
        load(foreign)
    with pytest.raises(ValueError, match="is a ganaug model, not a ganaug bank"):
        open_file(saved, "bank")
    with pytest.raises(ValueError, match="format version 2; this ganaug reads up to 1"):
        load(with_seal(saved, version=2))
    with pytest.raises(FileNotFoundError, match="absent"):
        load(tmp_path / "absent.h5")


def test_a_file_of_another_kind_than_asked_for_is_refused(saved):
    assert isinstance(load(saved, kind=TableGAN), TableGAN)
    with pytest.raises(ValueError, match="holds a TableGAN, not a ImageGAN"):
        load(saved, kind=ImageGAN)


def link_out(file):
    file["other"] = h5py.ExternalLink("/etc/passwd", "/")


def store_elsewhere(file):
    file.create_dataset("raw", (4,), "u1", external=[("/etc/passwd", 0, 4)])


def promise_much(file):
    del file["0"]
    file.create_dataset("0", (2**40,), "f8", chunks=(2**20,))


def hold_text(file):
    file["text"] = "rm"


def hold_a_group(file):
    file.create_group("group")


@pytest.mark.parametrize(
    "change", [link_out, store_elsewhere, promise_much, hold_text, hold_a_group]
)
def test_what_files_of_the_package_do_not_hold_is_refused(saved, change):
    with pytest.raises(ValueError, match="holds what files of ganaug do not"):
        load(resealed(saved, change))


@pytest.mark.parametrize(
    "node",
    [
        None,
        {"object": ["TableGAN", {"dict": []}]},
        {"dict": [["object", {"object": ["Popen", {"dict": []}]}]]},
        {"dict": [["object", {"object": ["FeatureLayout", {"dict": []}]}]]},
        {"dict": [["object", {"array": 10**9}]]},
        {"dict": [["object", {"dtype": "U999999999"}]]},
        {"exec": "import os"},
        {"list": [{"list": 3}]},
        {"index": [{"list": [1]}, {"dtype": "S999999999"}, {"list": [None]}]},
    ],
    ids=str,
)
def test_a_file_makes_no_other_objects(saved, node):
    text = json.dumps(node).encode()

    def change(file):
        del file["tree"]
        file["tree"] = np.frombuffer(text, dtype=np.uint8)

    with pytest.raises(ValueError, match="is no model of ganaug"):
        load(resealed(saved, change))


def test_damaged_files_are_refused_whatever_the_damage(saved):
    content, rng = saved.read_bytes(), np.random.default_rng(0)
    assert load(saved).sample(1)
    for _ in range(800):
        damaged = bytearray(content)
        for place in rng.integers(len(damaged), size=rng.integers(1, 4)):
            damaged[place] ^= 1 << int(rng.integers(8))
        saved.write_bytes(damaged)
        with pytest.raises(ValueError, match=re.escape(str(saved))):
            load(saved)
    for length in rng.integers(len(content), size=200):
        saved.write_bytes(content[:length])
        with pytest.raises(ValueError, match=re.escape(str(saved))):
            load(saved)


@pytest.mark.medium
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked")
def test_a_killed_writer_leaves_the_older_file_or_the_newer_one(saved, killed):
    versions, rng = (
        cycle(np.full(2**19, float(number)) for number in range(2)),
        np.random.default_rng(0),
    )

    def write():
        with create_file(saved, "model", to_datasets(next(versions)), overwrite=True):
            pass

    for _ in range(25):
        killed(write, rng)
        with open_file(saved, "model") as file:
            assert "tree" in file
    write()
    assert list(saved.parent.iterdir()) == [saved]


def test_every_public_model_is_read_from_a_file_that_was_written_before():
    expected = json.loads((make.FOLDER / "expected.json").read_text(encoding="utf-8"))
    assert set(expected) == {kind.__name__ for kind in ESTIMATORS}
    for name, values in expected.items():
        made = make.outcome(load(make.FOLDER / f"{name}.h5"))
        assert len(made) == len(values)
        for row, wanted in zip(made, values, strict=True):
            for value, other in zip(row, wanted, strict=True):
                # sums may be taken in another order elsewhere
                assert value == other or value == pytest.approx(other, rel=1e-3, abs=1.5), name
    bank = SampleBank(make.FOLDER / "SampleBank.h5")
    bank.verify()
    pd.testing.assert_frame_equal(bank[:], make.rows())
    assert Checkpoint(make.FOLDER / "checkpoint.h5").progress == [(2, True)]


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="room cannot be asked for")
@pytest.mark.parametrize("what", ["model", "bank"])
def test_where_there_is_no_room_it_is_said_and_the_older_file_stays(saved, what):
    """In a process of its own, which may write files of 100 kB at most."""
    import resource

    before, gan = saved.read_bytes(), load(saved)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            if what == "model":
                gan.save(saved, overwrite=True)
            else:
                X = np.zeros((50_000, 3))
                SampleBank.from_arrays(saved, X, np.zeros(50_000), overwrite=True)
        except OSError as error:
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        assert f"{saved} cannot be written" in told.read()
    assert os.waitpid(child, 0)[1] == 0
    assert list(saved.parent.iterdir()) == [saved]
    assert saved.read_bytes() == before


@pytest.mark.parametrize("device", ["cpu", torch.device("cpu")])
def test_a_loaded_model_trains_on_the_device_asked_for(tmp_path, device):
    model = TableGAN(n_steps=0, random_state=0)
    sampler = GANOverSampler(model, random_state=0)
    X, y = np.arange(30.0)[:, None], np.repeat([0, 1], [20, 10])
    for name, estimator in {"model": clone(model).fit(X, y), "sampler": sampler.fit(X, y)}.items():
        if name == "sampler":
            estimator.fit_resample(X, y)
        estimator.save(tmp_path / name)
        again = load(tmp_path / name, device=device)
        assert getattr(again, "gan_", again).device == device


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tensor: tensor * np.inf, "not finite"),
        (lambda tensor: tensor[..., :-1], "of the shape"),
        (lambda tensor: tensor.double(), "float64"),
    ],
)
def test_tensors_that_do_not_fit_their_network_are_refused(change, message):
    network = TableDiscriminator(3, 8, [torch.Generator().manual_seed(0)])
    tensors = network.state_dict()
    name = next(iter(tensors))
    with pytest.raises(ValueError, match=message):
        _check_tensors("network", tensors, {**tensors, name: change(tensors[name] + 1)})


def grey_images(n):
    """Images whose pixels are a little noise around the number of their class."""
    y = np.arange(n) % 2
    return (100 * y[:, None, None] + np.random.default_rng(0).integers(0, 9, (n, 8, 8))), y


def test_a_file_without_rows_draws_the_same_and_holds_none(tmp_path):
    X, y = np.random.default_rng(0).normal(size=(640, 3)), np.arange(640) % 2
    gan = TableGAN(n_steps=1, random_state=0).fit(X, y)
    images = ImageGAN(n_steps=1, capacity=0.1, random_state=0).fit(*grey_images(40))
    for model, held, evaluated in ((gan, "rows", (X, y)), (images, "images", grey_images(40))):
        model.save(tmp_path / "whole.h5", overwrite=True)
        model.save(tmp_path / "bare.h5", overwrite=True, without_rows=True)
        bare = load(tmp_path / "bare.h5")
        assert (tmp_path / "bare.h5").stat().st_size < (tmp_path / "whole.h5").stat().st_size
        assert np.array_equal(bare.sample(9, random_state=0)[0], model.sample(9, random_state=0)[0])
        with pytest.raises(ValueError, match=f"saved without its training {held}"):
            bare.training_samples(0)
        with pytest.raises(ValueError, match=f"saved without its training {held}"):
            bare.evaluate(*evaluated)
        assert len(model.training_samples(0))
    face = GANOverSampler(FrozenEstimator(gan), sampling_strategy=multiply(1.1)).fit(X, y)
    face.save(tmp_path / "face.h5", without_rows=True)
    again = load(tmp_path / "face.h5")
    for bare in (again.gan_, again.gan.estimator):
        with pytest.raises(ValueError, match="saved without its training rows"):
            bare.training_samples(0)


@pytest.mark.parametrize(
    ("model", "X", "y", "message"),
    [
        (
            TableGAN(n_steps=1),
            np.arange(80.0).reshape(40, 2),
            np.arange(40) % 2,
            "class 0 is served by .* its rows",
        ),
        (ImageGAN(n_steps=0), *grey_images(40), "class 0 is served by .* its images"),
        (
            ClassTranslator(n_steps=1, capacity=0.1, guard=0),
            *grey_images(40),
            "ClassTranslator makes images of its training images",
        ),
        (
            TableGAN(n_steps=1),
            pd.DataFrame({"id": [f"{row % 400}" for row in range(640)], "b": np.arange(640.0)}),
            np.zeros(640),
            "levels of 'id' are drawn from training rows",
        ),
    ],
    ids=["few rows", "images without training", "translator", "rare levels"],
)
@pytest.mark.filterwarnings("ignore:column 'id' has more than half as many levels")
def test_what_draws_from_rows_is_not_saved_without_them(model, X, y, message, tmp_path):
    model.set_params(random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=message):
        model.save(tmp_path / "model.h5", without_rows=True)
    assert not (tmp_path / "model.h5").exists()
