"""Files of strangers, sealed as they should be: refused in words, whatever they declare.

Each is opened and read in a process of its own, which has so much memory and time and no more.
"""

import json
import os
import socket
import sys
import zlib
from functools import cache

import h5py
import numpy as np
import pytest

from ganaug import SampleBank, TableGAN, load
from ganaug.banks.contents import make_contents
from ganaug.cli import main
from ganaug.storage import sealed
from ganaug.storage.chunks import _gzip_unpacked_size, _lzf_unpacked_size
from ganaug.storage.datasets import max_inflated
from ganaug.storage.tree import to_datasets
from ganaug.trainers.checkpoint import Checkpoint

pytestmark = [
    pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory is not told here"),
]
SHAPE = (100, 8, 8)
CHUNK = (64, 8, 8)


@pytest.fixture
def bank(tmp_path):
    path = tmp_path / "bank.h5"
    SampleBank.from_arrays(path, np.ones(SHAPE, np.uint8), np.zeros(100, int))
    return path


def reseal(path, kind="bank", data=(0, 0)):
    sealed.write_seal(path, kind, list(data))


def replace(file, name="data", **options):
    del file[name]
    return file.create_dataset(name, **options)


def chunked(file, stored, shape=SHAPE, chunk=CHUNK, gzip=1, lzf=False, mask=0):
    """Samples whose first chunks are stored as they are told."""
    del file["data"]
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_chunk(chunk)
    for _ in range(gzip):
        plan.set_deflate(9)
    if lzf:
        plan.set_filter(h5py.h5z.FILTER_LZF, 0, (4, 261, int(np.prod(chunk))))
    space = h5py.h5s.create_simple(shape)
    data = h5py.h5d.create(file.id, b"data", h5py.h5t.NATIVE_UINT8, space, plan)
    for number in range(-(-shape[0] // chunk[0])):
        data.write_direct_chunk((number * chunk[0], 0, 0), stored, mask)


@cache
def zipped(n_bytes):
    squeeze, zeros = zlib.compressobj(9), bytes(2**20)
    return b"".join(squeeze.compress(zeros) for _ in range(n_bytes >> 20)) + squeeze.flush()


def lzf(n_bytes):
    """LZF of zeros, in so many bytes."""
    return bytes([0, 0]) + bytes([0xE0, 0xFF, 0]) * ((n_bytes - 2) // 3)


def virtual(file):
    layout = h5py.VirtualLayout(SHAPE, "u1")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", SHAPE)
    del file["data"]
    file.create_virtual_dataset("data", layout)


def named_type(file):
    file["type"] = np.dtype("u1")
    replace(file, shape=SHAPE, dtype=file["type"], data=np.ones(SHAPE, "u1"))
    file.move("type", "0type")
    del file["0type"]


def overlap(file):
    file["9"] = np.zeros(100_000)
    for number in range(1000):
        file[f"{number + 10}"] = file["9"]


def many(file):
    for number in range(50, 5000):
        file[str(number)] = 0


def no_shape(file):
    del file["data"]
    file["data"] = h5py.Empty("u1")


# What is found out when the file is opened.
AT_OPENING = {
    "three gzips": lambda file: chunked(
        file, zlib.compress(zlib.compress(zipped(2**30), 9), 9), gzip=3
    ),
    "two gzips": lambda file: chunked(file, zlib.compress(zipped(2**30), 9), gzip=2),
    "gzip and lzf": lambda file: chunked(file, b"x", lzf=True),
    "no filter": lambda file: replace(file, shape=SHAPE, chunks=CHUNK, data=np.ones(SHAPE, "u1")),
    "shuffle": lambda file: replace(
        file, data=np.ones(SHAPE, "u1"), chunks=CHUNK, compression="gzip", shuffle=True
    ),
    "fletcher": lambda file: replace(
        file, data=np.ones(SHAPE, "u1"), chunks=CHUNK, compression="gzip", fletcher32=True
    ),
    "other filter": lambda file: replace(
        file, data=np.ones(SHAPE, "u1"), chunks=CHUNK, scaleoffset=0
    ),
    "other chunks": lambda file: chunked(file, zlib.compress(bytes(6400)), chunk=SHAPE),
    "parts of samples": lambda file: replace(
        file, data=np.ones(SHAPE, "u1"), chunks=(64, 4, 8), compression="gzip"
    ),
    "a missing chunk": lambda file: replace(
        file, shape=SHAPE, dtype="u1", chunks=CHUNK, compression="gzip"
    ),
    "one huge sample": lambda file: chunked(
        file, zipped(2**30), shape=(1, 2**15, 2**15), chunk=(1, 2**15, 2**15)
    ),
    "never written": lambda file: replace(file, shape=(2**40, 8), dtype="u1"),
    "samples of nothing": lambda file: replace(file, shape=(2**40, 0), dtype="u1"),
    "a number": lambda file: replace(file, data=5),
    "no shape": no_shape,
    "rows of nothing": lambda file: file.create_dataset("50", shape=(2**50, 0), dtype="f4"),
    "a tree that is a number": lambda file: replace(file, "tree", data=np.int64(4 * 10**9)),
    "a tree of numbers": lambda file: replace(file, "tree", data=np.ones(9)),
    "chunked arrays": lambda file: replace(file, "0", data=np.ones(9), compression="gzip"),
    "attributes": lambda file: file["0"].attrs.update(a=1),
    "attributes of all": lambda file: file.attrs.update(a=1),
    "a named type": lambda file: file.__setitem__("type", np.dtype("u1")),
    "of a named type": named_type,
    "a soft link": lambda file: file.__setitem__("50", h5py.SoftLink("/0")),
    "an external link": lambda file: file.__setitem__("50", h5py.ExternalLink("/etc/passwd", "/")),
    "external storage": lambda file: replace(
        file, shape=(4,), dtype="u1", external=[("/etc/passwd", 0, 4)]
    ),
    "virtual": virtual,
    "text": lambda file: file.__setitem__("text", "rm"),
    "a group": lambda file: file.create_group("group"),
    "a table": lambda file: replace(file, data=np.zeros(9, [("a", "f8"), ("b", "i4")])),
    "references": lambda file: replace(file, shape=(9,), dtype=h5py.ref_dtype),
    "lists": lambda file: replace(file, shape=(9,), dtype=h5py.vlen_dtype("i4")),
    "names of numbers": lambda file: replace(
        file, data=np.zeros(9, "i4"), dtype=h5py.enum_dtype({"a": 0})
    ),
    "complex numbers": lambda file: replace(file, data=np.zeros(9, complex)),
    "many names of one": overlap,
    "many": many,
}
# What is found out when samples are read.
AT_READING = {
    "a gzip bomb": lambda file: chunked(file, zipped(2**30)),
    "a long gzip": lambda file: chunked(file, zlib.compress(bytes(4097))),
    "a short gzip": lambda file: chunked(file, zlib.compress(bytes(4095))),
    "a cut gzip": lambda file: chunked(file, zlib.compress(os.urandom(4096))[:-9]),
    "no gzip": lambda file: chunked(file, b"noise"),
    "an lzf bomb": lambda file: chunked(file, lzf(4500), gzip=0, lzf=True),
    "a short lzf": lambda file: chunked(file, lzf(9), gzip=0, lzf=True),
    "no lzf": lambda file: chunked(file, b"\xff" * 50, gzip=0, lzf=True),
    "a short chunk as it is": lambda file: chunked(file, bytes(9), mask=1),
}


def look(path):
    """Do with a bank whatever one can."""
    for access in ("auto", "memory", "hdf5"):
        with SampleBank(path, access) as bank:
            bank.verify()
            assert len(bank.labels) == len(bank)
            bank.take([0])
            bank.take(np.arange(len(bank))[::-1])


@pytest.mark.medium
@pytest.mark.parametrize("name", AT_OPENING)
def test_what_banks_do_not_hold_is_refused(bank, name, told_within_bounds):
    with h5py.File(bank, "r+") as file:
        AT_OPENING[name](file)
    reseal(bank)
    assert bank.stat().st_size < 10 * 2**20
    told = told_within_bounds(lambda: SampleBank(bank))
    assert told.startswith(f"ValueError: {bank} holds what files of ganaug do not: ")


@pytest.mark.medium
@pytest.mark.parametrize("name", AT_READING)
@pytest.mark.parametrize("access", ["auto", "memory"])
def test_what_chunks_do_not_unpack_to_is_not_made_room_for(bank, name, access, told_within_bounds):
    with h5py.File(bank, "r+") as file:
        AT_READING[name](file)
    reseal(bank)
    told = told_within_bounds(lambda: SampleBank(bank, access).take([99, 0]))
    assert told.startswith(f"ValueError: {bank} is damaged: its chunk ")


@pytest.mark.slow
def test_the_most_that_a_small_bank_may_hold_is_read_within_bounds(tmp_path, told_within_bounds):
    path = tmp_path / "bank.h5"
    X = np.zeros((2**18, 2**9), np.uint8)
    SampleBank.from_arrays(path, X, np.zeros(len(X), int), compression="gzip")
    assert told_within_bounds(lambda: look(path)) == "done"


@pytest.mark.medium
@pytest.mark.parametrize(
    ("X", "y", "compression", "message"),
    [
        (np.zeros((2**19, 2**10), np.uint8), "a", "gzip", "too many for a file of"),
        (np.zeros((2**19, 2), np.uint8), "a" * 200, None, "shorten them"),
        (np.zeros((9, 0)), "a", None, "holds nothing"),
    ],
    ids=["inflated", "labels", "nothing"],
)
def test_what_would_not_be_read_is_not_written(bank, X, y, compression, message):
    before = bank.read_bytes()
    with pytest.raises(ValueError, match=message) as caught:
        SampleBank.from_arrays(bank, X, np.full(len(X), y), compression=compression, overwrite=True)
    assert "unfinished" not in str(caught.value)
    assert bank.read_bytes() == before
    assert os.listdir(bank.parent) == [bank.name]


def test_long_labels_of_many_samples_are_refused(tmp_path, told_within_bounds):
    """A label of 100 kB once is little, and with every sample of a few bytes too much."""
    path, n_samples = tmp_path / "bank.h5", 2**14
    contents = make_contents({"a" * 25_000: n_samples}, None, {})
    fields = {name: getattr(contents, name) for name in ("classes", "offsets")}
    arrays = to_datasets({**fields, "schema": None, "provenance": {}})
    with sealed.create_file(path, "bank", arrays) as file:
        file["data"] = np.ones((n_samples, 1), "u1")
    told = told_within_bounds(lambda: SampleBank(path).labels)
    assert told.startswith(f"ValueError: {path} is no bank of ganaug: a bank of")


@pytest.mark.parametrize("n_samples", [3, 5])
def test_a_bank_of_more_or_fewer_samples_than_its_classes_have_is_refused(tmp_path, n_samples):
    contents = make_contents({"a": 1, "b": 3}, None, {})
    fields = {name: getattr(contents, name) for name in ("classes", "offsets")}
    arrays = to_datasets({**fields, "schema": None, "provenance": {}})
    with sealed.create_file(tmp_path / "bank.h5", "bank", arrays) as file:
        file["data"] = np.ones((n_samples, 1), "u1")
    with pytest.raises(ValueError, match=f"it has {n_samples} samples and names 4"):
        SampleBank(tmp_path / "bank.h5")


def test_data_lie_where_the_seal_says(bank):
    start, length = sealed.read_seal(bank)["data"]
    for place in ([start + 8, length - 8], [start, length - 1], [sealed.USER_BLOCK, 96]):
        reseal(bank, data=place)
        with pytest.raises(ValueError, match="does not lie where its seal says"):
            SampleBank(bank)
    reseal(bank, data=[start, length])
    SampleBank(bank).verify()


@pytest.mark.parametrize("change", [1, None, [], {}, "ganaug ", "bank", True, 1e999, -1])
@pytest.mark.parametrize("key", ["format", "version", "bytes", "data", "sha256 of data", "sha256"])
def test_a_seal_of_other_types_is_none(bank, key, change):
    content = bank.read_bytes()
    seal = json.loads(content[: sealed.USER_BLOCK])
    if (key, change) == ("version", 1):
        change = 0
    text = json.dumps(seal | {key: change}).encode().ljust(sealed.USER_BLOCK)
    bank.write_bytes(text + content[sealed.USER_BLOCK :])
    with pytest.raises(ValueError, match=r"bank\.h5 is"):
        SampleBank(bank)


@pytest.mark.parametrize(
    "block", [b"", b"{", b"[]", b"1" * 1024, b"[" * 1024, b"\xff" * 1024, b'{"format": 1}'], ids=str
)
def test_a_file_without_a_seal_is_not_of_the_package(tmp_path, block):
    path = tmp_path / "file"
    path.write_bytes(block)
    with pytest.raises(ValueError, match="is not a file of ganaug"):
        load(path)


def fit_with(path):
    TableGAN(n_steps=1).fit([[0.1], [0.2]] * 10, checkpoint=path)


def bind(path):
    with socket.socket(socket.AF_UNIX) as one:
        # the whole path may be too long for it
        one.bind(path.name)


READERS = {
    "load": load,
    "bank": SampleBank,
    "checkpoint": Checkpoint,
    "fit": fit_with,
    "train": lambda path: TableGAN(n_steps=1).fit([[0.1], [0.2]] * 10).save(path, overwrite=True),
}
STRANGE = {
    "pipe": os.mkfifo,
    "device": lambda path: os.symlink("/dev/zero", path),
    "endless": lambda path: os.symlink("/dev/urandom", path),
    "folder": os.mkdir,
    "socket": bind,
    "loop": lambda path: os.symlink(path, path),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_no_ordinary_file_is_refused_at_once(
    tmp_path, kind, told_within_bounds, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "file"
    STRANGE[kind](path)
    for name, read in READERS.items():
        told = told_within_bounds(lambda read=read: read(path))
        assert "Error: " in told, name
        assert told.split(":")[0] in ("OSError", "IsADirectoryError"), (name, told)
        assert str(path) in told
    told = told_within_bounds(lambda: sys.exit(main(["info", str(path)])))
    assert told == "SystemExit: 2"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("seed", range(5))
def test_lzf_is_counted_as_hdf5_expands_it(tmp_path, seed):
    rng = np.random.default_rng(seed)
    sample = rng.integers(0, [2, 5, 30, 256, 1][seed], (64, 37, 3), dtype=np.uint8).repeat(
        [1, 1, 2, 1, 9][seed], axis=0
    )
    for compression, count in (("lzf", _lzf_unpacked_size), ("gzip", _gzip_unpacked_size)):
        with h5py.File(tmp_path / "x.h5", "w") as file:
            data = file.create_dataset(
                "data", data=sample, chunks=sample.shape, compression=compression
            )
            mask, stored = data.id.read_direct_chunk((0, 0, 0))
        if not mask:
            assert count(stored, sample.nbytes) == sample.nbytes
            assert count(stored[:-1], sample.nbytes) == -1
            assert count(stored, sample.nbytes // 2) != sample.nbytes // 2


def test_a_larger_file_may_hold_more():
    assert max_inflated(10 * 2**20) < 2**29 < max_inflated(2**30)


def test_compressed_banks_are_verified_as_a_whole(tmp_path):
    path = tmp_path / "bank.h5"
    bank = SampleBank.from_arrays(path, np.ones(SHAPE), np.zeros(100), compression="lzf")
    bank.take([0])
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="its digest is not the one"):
        bank.verify()
