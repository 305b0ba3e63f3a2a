"""Ranks of a ``torch.distributed`` group read a share of data sets and files each."""

import fsspec
import h5py
import numpy as np
import pandas as pd
import pytest
from fsspec.implementations.memory import MemoryFile
from PIL import Image
from torch.utils.data import Dataset

from ganaug import ImageGAN, TableGAN
from ganaug.encoding.image_folder import ImageFolder

N = 40
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (N, 8, 8), dtype=np.uint8)
KINDS = np.repeat(["cat", "dog"], N // 2)
TABLE = pd.DataFrame(
    {
        "size": RNG.standard_normal(N),
        "rooms": pd.array([1, 2, None, 3] * (N // 4), dtype="Int64"),
        "colour": pd.Categorical(RNG.choice(["red", "blue", "green"], N)),
        "built": pd.Timestamp("2001-02-03") + pd.to_timedelta(np.arange(N) * 7, unit="D"),
        "kind": KINDS,
    }
)


class Pairs(Dataset):
    """Data set that notes which of its samples are read, and lists no labels."""

    def __init__(self):
        self.read = []

    def __len__(self):
        return N

    def __getitem__(self, index):
        self.read.append(index)
        return IMAGES[index], KINDS[index]


def write_hdf5(folder):
    with h5py.File(folder / "images.h5", "w") as file:
        file["X"] = IMAGES
        file["y"] = KINDS.tolist()
    return folder / "images.h5"


def write_images(folder):
    for number, (image, kind) in enumerate(zip(IMAGES, KINDS, strict=True)):
        (folder / "images" / kind).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / "images" / kind / f"{number}.png")
    return folder / "images"


def write_tables(folder, suffix, n_files):
    """Tables, in parts that are smaller than a rank's share."""
    (folder / "tables").mkdir()
    for number in range(n_files):
        path = folder / "tables" / f"{number}{suffix}"
        rows = TABLE[N * number // n_files : N * (number + 1) // n_files]
        if suffix == ".parquet":
            rows.to_parquet(path, index=False, row_group_size=4)
        else:
            rows.to_csv(path, index=False)
    return folder / "tables" if n_files > 1 else path


SMALL = {"n_steps": 1, "random_state": 0}


def fit_images(n_steps=1):
    return ImageGAN(n_steps=n_steps, capacity=0.2, sharing="none", random_state=0)


FITS = {
    "data set": lambda folder: fit_images().fit_dataset(Pairs(), targets=KINDS),
    "data set of a few": lambda folder: fit_images().fit_dataset(Pairs(), KINDS, max_samples=25),
    "HDF5": lambda folder: fit_images().fit_file(write_hdf5(folder)),
    "folder": lambda folder: fit_images().fit_folder(write_images(folder)),
    "CSV": lambda folder: TableGAN(**SMALL).fit_file(write_tables(folder, ".csv", 1), "kind"),
    "CSV files": lambda folder: TableGAN(**SMALL).fit_file(
        write_tables(folder, ".csv", 3), "kind", max_rows=30
    ),
    "Parquet": lambda folder: TableGAN(**SMALL).fit_file(
        write_tables(folder, ".parquet", 1), "kind"
    ),
    "Parquet files": lambda folder: TableGAN(**SMALL).fit_file(
        write_tables(folder, ".parquet", 3), "kind"
    ),
}


@pytest.mark.medium
@pytest.mark.parametrize("name", FITS)
def test_models_come_out_bit_by_bit_as_of_one_process(on_ranks, tmp_path, name):
    def fit(folder):
        folder.mkdir()
        gan = FITS[name](folder)
        return gan.sample(20)[0], gan.class_counts_, gan.data_digest_

    expected = fit(tmp_path / "alone")
    for samples, *others in on_ranks(lambda rank: fit(tmp_path / f"rank{rank}")):
        assert others == list(expected[1:])
        if isinstance(samples, pd.DataFrame):
            pd.testing.assert_frame_equal(samples, expected[0])
        else:
            assert np.array_equal(samples, expected[0])


@pytest.mark.parametrize("listed", [True, False])
def test_a_rank_reads_its_share_of_a_data_set(on_ranks, listed):
    def read(rank):
        data = Pairs()
        fit_images(0).fit_dataset(data, KINDS if listed else None)
        return data.read

    first, second = on_ranks(read)
    # the first sample tells all how large they are
    first.remove(0)
    second.remove(0)
    n_times = 1 if listed else 2
    assert sorted(first) == sorted([*range(N // 2)] * n_times)
    assert sorted(second) == sorted([*range(N // 2, N)] * n_times)


def test_a_rank_reads_its_share_of_the_images_of_a_folder(on_ranks, monkeypatch, tmp_path):
    read = ImageFolder._read
    folder = write_images(tmp_path)

    def names(rank):
        seen = []
        monkeypatch.setattr(
            ImageFolder, "_read", lambda self, path: seen.append(path.name) or read(self, path)
        )
        fit_images(0).fit_folder(folder)
        return seen

    first, second = on_ranks(names)
    assert len(first) == len(second) == N // 2
    assert not {*first} & {*second}


def test_a_rank_reads_its_share_of_an_hdf5_file(on_ranks, monkeypatch, tmp_path):
    monkeypatch.setattr("ganaug.encoding.hdf5_file.WINDOW", 4)
    take = h5py.Dataset.__getitem__
    path = write_hdf5(tmp_path)

    def n_read(rank):
        sizes = []

        def count(dataset, rows):
            values = take(dataset, rows)
            sizes.append(len(values) if dataset.ndim > 1 else 0)
            return values

        monkeypatch.setattr(h5py.Dataset, "__getitem__", count)
        fit_images(0).fit_file(path)
        return sum(sizes)

    assert on_ranks(n_read) == [N // 2, N // 2]


def test_a_rank_reads_its_row_groups_of_parquet_and_all_labels(on_ranks, monkeypatch):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.standard_normal((20_000, 8))).rename(columns=str)
    table["kind"] = np.repeat([0, 1], 10_000)
    memory = fsspec.filesystem("memory")
    for number in range(2):
        with memory.open(f"/shares/{number}.parquet", "wb") as file:
            table[10_000 * number :][:10_000].to_parquet(file, row_group_size=2500)
    size = sum(memory.size(path) for path in memory.find("/shares"))
    read = MemoryFile.read

    def n_bytes(rank):
        sizes = []

        def count(file, *n):
            taken = read(file, *n)
            sizes.append(len(taken))
            return taken

        monkeypatch.setattr(MemoryFile, "read", count)
        TableGAN(n_steps=0, random_state=0).fit_file("memory://shares/*.parquet", "kind")
        return sum(sizes)

    first, second = on_ranks(n_bytes)
    assert 0.5 * size < first < 0.7 * size
    assert 0.5 * size < second < 0.7 * size


def test_a_rank_reads_all_text_once_and_then_its_files(on_ranks, monkeypatch, tmp_path):
    folder = write_tables(tmp_path, ".csv", 4)
    read = pd.read_csv

    def opened(rank):
        names = []

        def note(path, **options):
            if "chunksize" in options:
                names.append(path[-5:])
            return read(path, **options)

        monkeypatch.setattr(pd, "read_csv", note)
        TableGAN(n_steps=0, random_state=0).fit_file(folder, "kind")
        return names

    everything = [f"{number}.csv" for number in range(4)]
    first, second = on_ranks(opened)
    assert first == [*everything, "0.csv", "1.csv"]
    assert second == [*everything, "2.csv", "3.csv"]


def test_what_one_rank_cannot_read_ends_all_with_its_reason(on_ranks):
    class Broken(Pairs):
        def __getitem__(self, index):
            if index == 30:
                raise OSError("the disk is gone")
            return super().__getitem__(index)

    def fit(rank):
        gan = fit_images()
        with pytest.raises((OSError, RuntimeError)) as error:
            gan.fit_dataset(Broken(), KINDS)
        return str(error.value), hasattr(gan, "classes_")

    first, second = on_ranks(fit)
    assert first == ("rank 1 has failed: OSError: the disk is gone", False)
    assert second == ("the disk is gone", False)


def test_ranks_with_other_labels_or_another_choice_say_so(on_ranks):
    def errors(rank):
        with pytest.raises(ValueError, match="and labels differs"):
            fit_images().fit_dataset(Pairs(), np.roll(KINDS, rank))
        with pytest.raises(ValueError, match=r"random_state \(give an int\) differs"):
            fit_images().set_params(random_state=None).fit_dataset(Pairs(), KINDS, max_samples=9)
        return True

    assert on_ranks(errors) == [True, True]
