"""A user's HDF5 file is read where it lies, and leads nowhere else."""

import os

import h5py
import numpy as np
import pytest

from ganaug.encoding.hdf5_file import Hdf5Samples

X, Y = np.arange(24.0).reshape(6, 2, 2), np.array([0, 1, 0, 1, 1, 0])


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "images.h5"
    with h5py.File(path, "w") as file:
        file["train/X"], file["train/y"] = X, Y
        file["train/names"] = np.where(Y, "b", "a").astype(object)
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["X"], file["y"] = X, Y
    return path


@pytest.mark.parametrize(
    "data", ["train/X", "/train/X", "train//X", "folder/X", "first", "folder/second", "same"]
)
def test_links_within_the_file_are_followed(path, data):
    with h5py.File(path, "r+") as file:
        file["folder"] = h5py.SoftLink("/train")
        file["first"] = h5py.SoftLink("folder/second")
        file["train/second"] = h5py.SoftLink("X")
        file["same"] = file["train/X"]
    read = Hdf5Samples(path, data, "folder/names")
    assert read.labels.tolist() == ["a", "b", "a", "b", "b", "a"]
    assert np.array_equal(read.samples(Y == 1), X[Y == 1])


def virtual(file):
    layout = h5py.VirtualLayout(X.shape, X.dtype)
    layout[:] = h5py.VirtualSource("other.h5", "X", X.shape)
    file.create_virtual_dataset("bad", layout)


def at_offset(file):
    file.create_dataset("bad", X.shape, X.dtype, external=[("other.h5", 0, X.nbytes)])


ELSEWHERE = {
    "an external link": lambda file: file.__setitem__("bad", h5py.ExternalLink("other.h5", "X")),
    "a link to it": lambda file: file.__setitem__("bad", h5py.SoftLink("/way/X")),
    "a loop": lambda file: file.__setitem__("bad", h5py.SoftLink("bad")),
    "virtual": virtual,
    "external storage": at_offset,
    "objects": lambda file: file.create_dataset("bad", (6,), h5py.vlen_dtype("f8")),
    "a table": lambda file: file.create_dataset("bad", (6,), [("a", "f8"), ("b", "f8")]),
    "references": lambda file: file.create_dataset("bad", (6,), h5py.ref_dtype),
    "complex": lambda file: file.create_dataset("bad", (6,), complex),
    "texts": lambda file: file.create_dataset("bad", data=np.array([b"a"] * 6)),
    "a group": lambda file: file.create_group("bad"),
    "a number": lambda file: file.create_dataset("bad", data=5.0),
    "nothing": lambda file: file.create_dataset("bad", data=h5py.Empty("f8")),
    "absent": lambda file: None,
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_lies_elsewhere_or_is_no_array_of_numbers_is_refused_by_name(path, name):
    with h5py.File(path, "r+") as file:
        file["way"] = h5py.ExternalLink("other.h5", "/")
        ELSEWHERE[name](file)
    with pytest.raises(ValueError, match=rf"{path}.*'bad'"):
        Hdf5Samples(path, "bad", "train/y")
    if name != "texts":
        with pytest.raises(ValueError, match=str(path)):
            Hdf5Samples(path, "train/X", "bad")


def test_labels_that_a_small_file_cannot_hold_are_refused(path):
    with h5py.File(path, "r+") as file:
        file.create_dataset("many", (2**40, 1), "u1", chunks=(2**20, 1))
        file.create_dataset("labels", (2**40,), "u1", chunks=(2**20,))
    with pytest.raises(ValueError, match="too many to be meant"):
        Hdf5Samples(path, "many", "labels")
    with pytest.raises(ValueError, match="6 samples in 'train/X'; the labels have the shape"):
        Hdf5Samples(path, "train/X", "labels")


def test_samples_that_memory_does_not_hold_are_refused(path):
    with h5py.File(path, "r+") as file:
        file.create_dataset("vast", (6, 2**30, 2**20), "f8", chunks=(1, 2**10, 2**10))
    with pytest.raises(ValueError, match="cannot be read"):
        Hdf5Samples(path, "vast", "train/y").samples(Y == 1)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_pipes_and_folders_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(OSError, match="no ordinary file"):
            Hdf5Samples(path, "X", "y")
