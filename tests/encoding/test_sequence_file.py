"""Sequences of .ts files: read by aeon or sktime alike, and what is wrong is said."""

from importlib.util import find_spec

import numpy as np
import pytest

from ganaug.encoding import sequence_file
from ganaug.encoding.sequence_file import SequenceFile

PACKAGES = ("aeon", "sktime")
INSTALLED = [name for name in PACKAGES if find_spec(name) is not None]
HEADER = """# two channels
@problemName walks
@timeStamps false
@missing true
@univariate false
@dimensions 2
@equalLength {equal}
{length}@classLabel true up down
@data
"""
EQUAL = "1,2,?:5,6,7:up\n4,3,2.5:8,8,8:down\n0,0,0:1,1,1:up\n"
UNEQUAL = "1,2,3,4:5,6,7,8:up\n4,3:8,9:down\n"


def write(folder, data, equal=True):
    path = folder / "walks.ts"
    length = "@seriesLength 3\n" if equal else ""
    path.write_text(HEADER.format(equal=str(equal).lower(), length=length) + data)
    return path


@pytest.fixture(params=PACKAGES)
def package(request, monkeypatch):
    """The one package that is found, where it is installed at all."""
    pytest.importorskip(request.param)
    monkeypatch.setattr(
        sequence_file, "find_spec", lambda name: find_spec(name) if name == request.param else None
    )
    return request.param


def test_sequences_have_their_channels_last_and_gaps_as_nan(package, tmp_path):
    data = SequenceFile(write(tmp_path, EQUAL))
    assert data.labels.tolist() == ["up", "down", "up"]
    X = data.samples(np.array([True, True, False]))
    assert X.shape == (2, 3, 2)
    assert np.array_equal(X[0], [[1, 5], [2, 6], [np.nan, 7]], equal_nan=True)
    assert np.array_equal(X[1], [[4, 8], [3, 8], [2.5, 8]])


def test_sequences_of_different_lengths_are_a_list(package, tmp_path):
    data = SequenceFile(write(tmp_path, UNEQUAL, equal=False))
    longer, shorter = data.samples(np.array([True, True]))
    assert np.array_equal(longer, [[1, 5], [2, 6], [3, 7], [4, 8]])
    assert np.array_equal(shorter, [[4, 8], [3, 9]])


@pytest.mark.parametrize("data", ["", "1,2,x:1,2,3:up\n"])
def test_a_file_that_is_none_is_named(package, data, tmp_path):
    path = write(tmp_path, data)
    with pytest.raises(ValueError, match=r"walks.ts (cannot be read by|has 0 sequences)"):
        SequenceFile(path)


def test_values_to_be_predicted_are_no_labels(package, tmp_path):
    path = write(tmp_path, "1,2,3:0.25\n")
    text = path.read_text().replace("@classLabel true up down", "@targetlabel true")
    path.write_text(text.replace("@univariate false\n@dimensions 2", "@univariate true"))
    with pytest.raises(ValueError, match=r"walks.ts has no class labels.*@classLabel true"):
        SequenceFile(path)


@pytest.mark.skipif(bool(INSTALLED), reason="a reader is installed")
def test_without_a_reader_the_package_to_install_is_named(tmp_path):
    with pytest.raises(ImportError, match=r"walks.ts, aeon or sktime .*pip install aeon"):
        SequenceFile(write(tmp_path, EQUAL))


def test_a_path_without_a_file_is_named_before_any_package(tmp_path):
    with pytest.raises(FileNotFoundError, match="walks.ts"):
        SequenceFile(tmp_path / "walks.ts")
