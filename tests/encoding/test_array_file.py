"""Files of NumPy's arrays: what is written is read, and what is none of them is named."""

import numpy as np
import pytest

from ganaug.encoding.array_file import ArrayFile, write_arrays


@pytest.fixture
def batches():
    """Two batches of sequences of two channels, and their labels."""
    rng = np.random.default_rng(0)
    return [(rng.normal(size=(n, 9, 2)), np.array(["a", "b", "b"][:n])) for n in (2, 3)]


def test_sequences_come_back_as_they_were_written(tmp_path, batches):
    write_arrays(tmp_path / "out.npz", batches)
    data = ArrayFile(tmp_path / "out.npz", "X", "y")
    assert data.labels.tolist() == ["a", "b", "a", "b", "b"]
    X = np.concatenate([X for X, _ in batches])
    chosen = data.labels == "b"
    assert np.array_equal(data.samples(chosen), X[chosen])


def test_lengths_come_back_where_they_differ(tmp_path, batches):
    ragged = np.empty(5, dtype=object)
    ragged[:] = [X[: 5 + i] for i, X in enumerate(np.concatenate([X for X, _ in batches]))]
    write_arrays(tmp_path / "out.npz", [(ragged[:2], np.arange(2)), (ragged[2:], np.arange(3))])
    read = ArrayFile(tmp_path / "out.npz", "X", "y").samples(np.ones(5, dtype=bool))
    assert all(np.array_equal(one, other) for one, other in zip(read, ragged, strict=True))


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"Z": np.zeros((3, 9)), "y": np.zeros(3)}, r"no array 'X'; it has \['Z', 'y'\]"),
        ({"X": np.zeros((3, 9))}, "no array 'y'"),
        ({"X": np.zeros((3, 9)), "y": np.zeros(2)}, r"3 samples.*'y' has the shape \(2,\)"),
        ({"X": np.zeros((3, 9)), "y": np.zeros(3), "lengths": np.zeros(2)}, "'lengths'"),
        ({"X": np.array(["a"]), "y": np.zeros(1)}, "numbers"),
        ({"X": np.array([None, 1]), "y": np.zeros(2)}, "cannot be read"),
    ],
)
def test_files_without_sequences_and_labels_are_refused(tmp_path, arrays, reason):
    np.savez(tmp_path / "in.npz", **arrays)
    with pytest.raises(ValueError, match=reason):
        ArrayFile(tmp_path / "in.npz", "X", "y")


def test_what_is_no_archive_of_arrays_is_refused(tmp_path):
    (tmp_path / "in.npz").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ValueError, match="cannot be read"):
        ArrayFile(tmp_path / "in.npz", "X", "y")
    with (tmp_path / "one.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(ValueError, match="without a name"):
        ArrayFile(tmp_path / "one.npz", "X", "y")
    with pytest.raises(OSError, match="folder"):
        ArrayFile(tmp_path, "X", "y")


def test_sequences_of_different_lengths_have_steps_first(tmp_path):
    X = np.empty(2, dtype=object)
    X[:] = [np.zeros((3, 10)), np.zeros((3, 12))]
    with pytest.raises(ValueError, match="steps first"):
        write_arrays(tmp_path / "x.npz", [(X, np.zeros(2))])
