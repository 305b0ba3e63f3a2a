"""Samples drawn beforehand: sorted, read in any order, and never half written."""

import os
import pickle
import re

import h5py
import numpy as np
import pandas as pd
import pytest

from ganaug import SampleBank, TableGAN
from ganaug.storage import sealed

ACCESS = pytest.mark.parametrize("access", ["auto", "memory", "memmap", "hdf5"])


def pictures(n, seed=0):
    """Images that hold their own number."""
    X = np.random.default_rng(seed).integers(0, 256, (n, 8, 8, 3), dtype=np.uint8)
    X[:, 0, 0, 0] = np.arange(n)
    return X


Y = np.array(["b", "a", "c", "b", "a"] * 6)


@pytest.fixture
def path(tmp_path):
    """A bank of thirty images of three classes."""
    SampleBank.from_arrays(tmp_path / "bank.h5", pictures(30), Y)
    return tmp_path / "bank.h5"


def mixed_rows(n):
    """A table of several types with gaps."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "size": rng.normal(size=n),
            "kind": pd.Categorical(rng.choice(["x", "y"], n)),
            "day": pd.Timestamp("2020-03-01") + pd.to_timedelta(rng.integers(0, 99, n), "D"),
            "count": pd.array(rng.integers(0, 9, n), dtype="Int16"),
        }
    )
    X.loc[::5] = None
    return X


class ReadingModel:
    """A model whose samples come from a file that is gone after the first batch."""

    def iter_batches(self, counts, batch_size, random_state=None):
        yield pictures(10), np.repeat("a", 10)
        np.load("gone.npy")


def test_errors_of_what_draws_are_not_taken_for_those_of_the_disk(tmp_path):
    with pytest.raises(FileNotFoundError, match="gone.npy") as caught:
        SampleBank.create(tmp_path / "bank.h5", ReadingModel(), {"a": 20})
    assert "bank.h5" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@ACCESS
def test_samples_come_sorted_by_class_and_in_any_order_asked_for(path, access):
    with SampleBank(path, access) as bank:
        order = np.argsort(Y, kind="stable")
        assert bank.labels.tolist() == Y[order].tolist()
        assert bank.class_counts == {"a": 12, "b": 12, "c": 6}
        rows = [29, 0, 5, 5, -1]
        assert np.array_equal(bank.take(rows), pictures(30)[order][rows])
        assert np.array_equal(bank[3], pictures(30)[order][3])
        assert np.array_equal(bank[-4:], pictures(30)[order][-4:])
        assert (len(bank), bank.sample_shape, bank.dtype) == (30, (8, 8, 3), np.uint8)
        assert bank.take([]).shape == (0, 8, 8, 3)


def test_rows_beyond_the_samples_are_refused(path):
    for row in (30, -31):
        with pytest.raises(IndexError, match="30 samples of 3 classes"):
            SampleBank(path)[row]


def test_samples_are_taken_by_numbers_and_masks_alone(path):
    bank = SampleBank(path)
    mask = np.arange(30) % 7 == 3
    assert np.array_equal(bank.take(mask), bank.take(np.flatnonzero(mask)))
    for rows in ([3, 10], mask):
        assert np.array_equal(bank.take(np.array(rows, dtype=object)), bank.take(rows))
    for rows in (mask[:-1], [1.9], ["1"], [2**70], [None]):
        with pytest.raises(IndexError, match="by whole numbers, or by a mask of 30 bools"):
            bank.take(rows)
    with pytest.raises(IndexError, match="whole numbers"):
        bank[1.9]


@pytest.mark.parametrize("y", [[None, 1], [np.nan, 1.0]])
def test_labels_that_are_missing_are_counted(y):
    with pytest.raises(ValueError, match="y holds None or NaN in 1 of 2 rows"):
        SampleBank.in_memory(np.zeros((2, 3)), y)


def test_labels_of_several_types_are_refused():
    with pytest.raises(ValueError, match="types int, str, which.*Make them all texts"):
        SampleBank.in_memory(np.zeros((2, 3)), np.array(["a", 1], dtype=object))


def test_equal_keys_draw_equal_samples_of_the_class(path):
    bank = SampleBank(path)
    drawn = {bank.row_of("b", key) for key in range(1000, 1100)}
    assert drawn == set(np.flatnonzero(bank.labels == "b"))
    assert np.array_equal(bank.draw("b", 2**63), bank.draw("b", 2**63))
    with pytest.raises(KeyError, match=r"no class 'd'; it has \['a', 'b', 'c'\]\.\"$"):
        bank.draw("d", 1)


@pytest.mark.parametrize("compression", ["gzip", "lzf"])
@pytest.mark.parametrize("access", ["auto", "memory"])
def test_compressed_banks_hold_the_same(tmp_path, compression, access):
    X = pictures(200)
    path = tmp_path / "bank.h5"
    SampleBank.from_arrays(path, X, np.zeros(200), compression=compression)
    bank = SampleBank(path, access)
    assert np.array_equal(bank.take([199, 3, 3]), X[[199, 3, 3]])
    bank.append(X[:2], np.zeros(2))
    assert np.array_equal(bank[-2:], X[:2])
    with pytest.raises(ValueError, match="compressed: access it as 'hdf5' or 'memory'"):
        SampleBank(path, "memmap")


def test_tables_come_back_in_their_types(tmp_path):
    X, y = mixed_rows(40), np.repeat([True, False], 20)
    bank = SampleBank.from_arrays(tmp_path / "bank.h5", X, y)
    numeric = X.select_dtypes("number").columns[0]
    texts = X.astype({numeric: str}).replace({numeric: ".*"}, {numeric: "text"}, regex=True)
    with pytest.raises(ValueError, match=f"column '{numeric}' held numbers when it was first seen"):
        bank.append(texts, y)
    sorted_rows = X.iloc[np.argsort(y, kind="stable")].reset_index(drop=True)
    pd.testing.assert_frame_equal(bank.take(np.arange(40)), sorted_rows)
    assert bank[7]["day"] == sorted_rows["day"][7]
    bank.append(X.head(3), y[:3])
    assert bank.class_counts == {False: 20, True: 23}
    pd.testing.assert_frame_equal(bank[-3:], X.head(3))


def test_a_model_is_drawn_into_a_bank_batch_by_batch(tmp_path, capsys):
    X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    gan = TableGAN(n_steps=0, random_state=0).fit(X, np.repeat(["y", "x"], 20))
    bank = SampleBank.create(
        tmp_path / "bank.h5", gan, {"y": 30, "x": 50}, batch_size=7, random_state=3, verbose=1
    )
    expected, _ = gan.sample({"x": 50, "y": 30}, random_state=3)
    assert np.array_equal(bank[:], expected)
    assert bank.dtype == np.float32
    assert bank.provenance["training data"] == gan.data_digest_
    assert bank.provenance["parameters"]["n_steps"] == "0"
    assert bank.provenance["random_state"] == "3"
    assert "80/80" in capsys.readouterr().err


def test_a_model_of_tables_is_drawn_into_a_bank(tmp_path):
    X = mixed_rows(40)
    gan = TableGAN(n_steps=0, random_state=0).fit(X)
    bank = SampleBank.create(tmp_path / "bank.h5", gan, {0: 60}, batch_size=9, random_state=1)
    pd.testing.assert_frame_equal(bank[:], gan.sample(60, random_state=1)[0])


@pytest.mark.parametrize("counts", [{}, {0: 0}])
def test_a_bank_of_nothing_is_refused(tmp_path, counts):
    gan = TableGAN(n_steps=0).fit(np.arange(20.0)[:, None])
    with pytest.raises(ValueError, match="counts asks for no samples"):
        SampleBank.create(tmp_path / "bank.h5", gan, counts)
    with pytest.raises(ValueError, match="no GAN was trained for 7"):
        SampleBank.create(tmp_path / "bank.h5", gan, {7: 3})
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_stays_unless_it_is_to_be_replaced(path):
    gan = TableGAN(n_steps=0).fit(np.arange(20.0)[:, None])
    for make in (
        lambda: SampleBank.create(path, gan, {0: 3}),
        lambda: SampleBank.from_arrays(path, np.zeros((2, 1)), [0, 0]),
    ):
        with pytest.raises(FileExistsError, match="overwrite=True"):
            make()
    assert len(SampleBank(path)) == 30


def test_appended_samples_join_their_classes(path):
    bank = SampleBank(path)
    bank.append(pictures(3, seed=1), ["d", "a", "d"])
    for one in (bank, SampleBank(path)):
        assert one.class_counts == {"a": 13, "b": 12, "c": 6, "d": 2}
        assert np.array_equal(one[12], pictures(3, seed=1)[1])
        assert np.array_equal(one[-2:], pictures(3, seed=1)[[0, 2]])


@pytest.mark.parametrize("X", [np.zeros((1, 8, 8), np.uint8), np.zeros((1, 8, 8, 3))])
def test_samples_unlike_those_that_are_there_are_refused(path, X):
    before = path.read_bytes()
    with pytest.raises(ValueError, match="holds samples of shape"):
        SampleBank(path).append(X, ["a"])
    with pytest.raises(ValueError, match="has the classes"):
        SampleBank(path).append(pictures(1), [3])
    assert path.read_bytes() == before


def test_a_reader_is_told_when_its_file_was_replaced(path):
    reader, kept = SampleBank(path), SampleBank(path)
    held = kept[0]
    SampleBank(path).append(pictures(1), ["a"])
    with pytest.raises(ValueError, match="was replaced meanwhile"):
        reader.take([0])
    # one that had begun to read goes on with what it opened
    assert np.array_equal(kept[0], held)


@ACCESS
def test_a_bank_pickles_as_its_path(path, access):
    bank = SampleBank(path, access)
    before = bank.take([3])
    pickled = pickle.dumps(bank)
    assert len(pickled) < 3000
    assert np.array_equal(pickle.loads(pickled).take([3]), before)


def test_a_bank_in_memory_takes_its_samples_along():
    bank = SampleBank.in_memory(pictures(30), Y)
    again = pickle.loads(pickle.dumps(bank))
    assert np.array_equal(again[:], bank[:])
    assert (again.path, repr(again)) == (None, "<SampleBank in memory: 30 samples of 3 classes>")
    with pytest.raises(ValueError, match="in memory cannot grow"):
        bank.append(pictures(1), ["a"])


def test_changed_samples_are_found_by_verification(path):
    content = bytearray(path.read_bytes())
    start, _ = sealed.read_seal(path)["data"]
    content[start + 1000] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="the digest of its data"):
        SampleBank(path).verify()
    with pytest.raises(ValueError, match="the digest of its data"):
        SampleBank(path, "memory").take([0])


def test_damaged_banks_are_refused_whatever_the_damage(path):
    content, rng = path.read_bytes(), np.random.default_rng(0)
    start, length = sealed.read_seal(path)["data"]
    others = np.setdiff1d(np.arange(len(content)), np.arange(start, start + length))
    for _ in range(700):
        damaged = bytearray(content)
        damaged[rng.choice(others)] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"bank\.h5"):
            SampleBank(path)
    for size in rng.integers(len(content), size=200):
        path.write_bytes(content[:size])
        with pytest.raises(ValueError, match=r"bank\.h5"):
            SampleBank(path)


@pytest.mark.parametrize("missing", ["data", "tree", "0"])
def test_a_sealed_file_that_is_no_bank_is_refused(path, missing):
    with h5py.File(path, "r+") as file:
        del file[missing]
    sealed.write_seal(path, "bank", [0, 0])
    with pytest.raises(ValueError, match="is no bank of ganaug"):
        SampleBank(path)


def test_arguments_that_do_not_exist_are_refused(path):
    with pytest.raises(ValueError, match="access must be one of"):
        SampleBank(path, "telepathy")
    with pytest.raises(ValueError, match="compression must be one of"):
        SampleBank.from_arrays(path, np.zeros((2, 1)), [0, 0], compression="zip", overwrite=True)
    with pytest.raises(ValueError, match="at least one sample"):
        SampleBank.from_arrays(path, np.zeros((0, 1)), [], overwrite=True)
    with pytest.raises(FileNotFoundError):
        SampleBank(path.with_name("absent.h5"))


@pytest.mark.medium
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked")
@pytest.mark.parametrize("deed", ["create", "append"])
def test_a_killed_writer_leaves_a_bank_that_verifies(path, deed, killed):
    gan = TableGAN(n_steps=0, random_state=0).fit(np.arange(20.0)[:, None])
    deeds = {
        "create": lambda: SampleBank.create(path, gan, {0: 3}, overwrite=True),
        "append": lambda: SampleBank(path).append(np.ones((1, 1)), [0]),
    }
    deeds["create"]()
    rng, sizes = np.random.default_rng(0), {3}
    for _ in range(15):
        killed(deeds[deed], rng)
        bank = SampleBank(path)
        bank.verify()
        assert np.isfinite(bank[:]).all()
        sizes.add(len(bank))
    assert (max(sizes) > 3) == (deed == "append")


def test_tables_are_appended_by_the_names_of_their_columns(tmp_path):
    X = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    bank = SampleBank.from_arrays(tmp_path / "bank.h5", X, [0, 0])
    bank.append(X[["b", "a"]], [1, 1])
    pd.testing.assert_frame_equal(bank[2:], X)
    for other in (X.rename(columns={"b": "c"}), X[["a"]], X.to_numpy()):
        with pytest.raises(ValueError, match="rows have the columns"):
            bank.append(other, np.zeros(2))


def test_what_another_process_has_appended_is_not_lost(path):
    first, second = SampleBank(path), SampleBank(path)
    second.append(pictures(2), ["d", "d"])
    with pytest.raises(ValueError, match="was replaced meanwhile"):
        first.append(pictures(2), ["e", "e"])
    assert len(SampleBank(path)) == 32


class Unsorted:
    """A model of another library, which returns its samples in an order of its own."""

    def sample(self, counts):
        y = np.concatenate([np.repeat(label, n) for label, n in list(counts.items())[::-1]])
        return np.array([[len(label)] for label in y], dtype=float), y


class Mislabelled(Unsorted):
    """One that draws batches of other classes than it was asked for."""

    def iter_batches(self, counts, batch_size):
        yield np.zeros((3, 1)), np.array(["x", "x", "x"])


def test_models_of_others_are_taken_at_their_labels(tmp_path):
    bank = SampleBank.create(tmp_path / "bank.h5", Unsorted(), {"a": 2, "long": 3})
    assert bank[:].ravel().tolist() == [1, 1, 4, 4, 4]
    with pytest.raises(ValueError, match="the model drew"):
        SampleBank.create(tmp_path / "other.h5", Mislabelled(), {"a": 3})
    assert not (tmp_path / "other.h5").exists()


@pytest.mark.parametrize("X", [[[1.0], [2.0]], np.array([[1.0], [2.0]], dtype=">f8")])
def test_lists_and_foreign_orders_of_bytes_are_taken(tmp_path, X):
    stored = SampleBank.from_arrays(tmp_path / "bank.h5", X, [0, 1])
    for bank in (SampleBank.in_memory(X, [0, 1]), stored):
        assert bank[:].tolist() == [[1.0], [2.0]]
        assert bank.dtype.isnative


def test_a_notebook_shows_classes_and_how_many_samples_each_has(path):
    html = SampleBank(path)._repr_html_()
    assert str(path) in html
    assert "30 samples of 8 x 8 x 3 values, uint8" in html
    cells = re.findall(r"<td>(.*?)</td>", html)
    assert cells == ["a", "12", "b", "12", "c", "6"]
    hostile = SampleBank.in_memory(pictures(2), np.array(["<script>", "b"]))._repr_html_()
    assert "<script>" not in hostile
