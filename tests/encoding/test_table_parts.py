"""Tables in several files, on other machines, and in partitions are read as one."""

import fsspec
import numpy as np
import pandas as pd
import pytest

from ganaug import TableGAN
from ganaug.cli import main
from ganaug.encoding.csv_format import CsvFormat
from ganaug.encoding.table_file import open_table

N_ROWS = 30
TABLE = pd.DataFrame(
    {
        "size": np.arange(N_ROWS) / 4 + 0.125,
        "rooms": pd.array([1, 2, None, 3, 4] * 6, dtype="Int64"),
        "kind": ["common", "common", "rare"] * 10,
        "year": np.repeat([2023, 2024, 2025], 10),
    }
)
EVEN = np.arange(N_ROWS) % 2 == 0


def write_parts(folder, suffix):
    """Files of ten rows each, in folders that are named by a column where they are Parquet."""
    for number, (year, part) in enumerate(TABLE.groupby("year")):
        if suffix == ".parquet":
            path = folder / f"year={year}" / f"part-{number}.parquet"
            path.parent.mkdir(parents=True)
            part.drop(columns="year").to_parquet(path, index=False)
        else:
            folder.mkdir(exist_ok=True)
            part.to_csv(folder / f"part-{number}{suffix}", index=False)
    (folder / "_SUCCESS").write_text("")
    return folder


def remote(address):
    """Address of a file system in memory, which holds the same files."""
    memory = fsspec.filesystem("memory")
    if memory.exists("/bucket"):
        memory.rm("/bucket", recursive=True)
    memory.put(str(address), "/bucket/table", recursive=True)
    return "memory://bucket/table"


PLACES = {
    "folder": lambda folder: folder,
    "pattern": lambda folder: str(folder / "**" / "part-*"),
    "address": lambda folder: f"file://{folder}",
    "address of another machine": remote,
    "pattern of another machine": lambda folder: f"{remote(folder)}/**/part-*",
}


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".csv.gz"])
@pytest.mark.parametrize("place", PLACES)
def test_files_are_one_table_wherever_they_are(tmp_path, place, suffix):
    table = open_table(PLACES[place](write_parts(tmp_path / "table", suffix)), "kind")
    X = table.samples(EVEN)[["size", "rooms", "year"]]
    assert X["rooms"].dtype == "Int64"
    expected = TABLE[EVEN].reset_index(drop=True)[["size", "rooms", "year"]]
    pd.testing.assert_frame_equal(X.astype(float), expected.astype(float))
    assert table.labels.tolist() == TABLE["kind"].tolist()


def test_one_file_of_another_machine_is_a_table(tmp_path):
    TABLE.to_csv(tmp_path / "table.csv", index=False)
    table = open_table(f"file://{tmp_path}/table.csv", "kind")
    assert table.samples(EVEN)["rooms"].dtype == "Int64"


def test_a_model_of_several_files_is_that_of_their_rows(tmp_path):
    folder = write_parts(tmp_path / "table", ".csv")
    gan = TableGAN(n_steps=2, random_state=0).fit_file(folder, "kind", drop="year")
    whole = tmp_path / "whole.csv"
    TABLE.to_csv(whole, index=False)
    twin = TableGAN(n_steps=2, random_state=0).fit_file(whole, "kind", drop="year")
    pd.testing.assert_frame_equal(gan.sample(20)[0], twin.sample(20)[0])


def test_the_command_trains_from_a_folder_of_files(tmp_path):
    folder = write_parts(tmp_path / "table", ".parquet")
    words = ["train", folder, "--target", "kind", "--steps", "1", "-o", tmp_path / "gan.h5"]
    assert main(list(map(str, words))) == 0


def test_numbers_of_files_that_declare_them_otherwise_are_of_a_type_that_holds_all(tmp_path):
    for number, dtype in enumerate(["int32", "float64", "object"]):
        values = [None] * 4 if dtype == "object" else np.arange(4).astype(dtype)
        part = pd.DataFrame({"a": values, "kind": ["x", "y"] * 2})
        part.to_parquet(tmp_path / f"{number}.parquet")
    a = open_table(tmp_path, "kind").samples(np.ones(12, dtype=bool))["a"]
    assert a.dtype == float
    assert a.isna().tolist() == [False] * 8 + [True] * 4


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_file_with_other_columns_is_named_with_the_column(tmp_path, suffix):
    for number, extra in enumerate([{}, {"b": [1, 2]}]):
        part = pd.DataFrame({"a": [1, 2], "kind": ["x", "y"], **extra})
        path = tmp_path / f"{number}{suffix}"
        part.to_parquet(path) if suffix == ".parquet" else part.to_csv(path, index=False)
    with pytest.raises(ValueError, match=r"'b' is in .*1\.\w+ and not in .*0\.\w+\."):
        open_table(tmp_path, "kind")


@pytest.mark.parametrize("place", ["folder", "pattern", "address"])
def test_a_place_without_files_is_said(tmp_path, place):
    (tmp_path / "read me").write_text("")
    with pytest.raises(FileNotFoundError, match="leads to no Parquet or CSV files"):
        open_table(PLACES[place](tmp_path), "kind")


def test_files_of_two_kinds_are_not_one_table(tmp_path):
    write_parts(tmp_path / "table", ".csv")
    TABLE.to_parquet(tmp_path / "table" / "other.parquet")
    with pytest.raises(ValueError, match="files of several kinds"):
        open_table(tmp_path / "table", "kind")


def test_the_format_of_csv_holds_for_all_files_and_for_no_parquet(tmp_path):
    for number in range(2):
        TABLE.to_csv(tmp_path / f"{number}.csv", index=False, sep=";")
    table = open_table(tmp_path / "*.csv", "kind", form=CsvFormat(sep=";"))
    assert len(table.labels) == 2 * N_ROWS
    folder = write_parts(tmp_path / "parquet", ".parquet")
    with pytest.raises(ValueError, match="is no CSV"):
        open_table(folder, "kind", form=CsvFormat(sep=";"))


def test_a_dask_frame_is_read_by_partitions():
    dask = pytest.importorskip("dask.dataframe")
    frame = dask.from_pandas(TABLE, npartitions=3, sort=False)
    table = open_table(frame, "kind", drop=["year"])
    expected = TABLE[EVEN].reset_index(drop=True)[["size", "rooms"]]
    pd.testing.assert_frame_equal(table.samples(EVEN), expected)
    gan = TableGAN(n_steps=1, random_state=0).fit_file(frame, "kind", drop="year")
    twin = TableGAN(n_steps=1, random_state=0).fit(TABLE[["size", "rooms"]], TABLE["kind"])
    assert gan.class_counts_ == twin.class_counts_
    pd.testing.assert_frame_equal(gan.sample(9)[0], twin.sample(9)[0])


def test_a_partition_with_other_columns_is_named():
    dask = pytest.importorskip("dask.dataframe")

    def rename(part):
        return part.rename(columns={"size": "length"}) if part["year"].max() > 2023 else part

    frame = dask.from_pandas(TABLE, npartitions=3, sort=False)
    frame = frame.map_partitions(rename, meta=TABLE, enforce_metadata=False)
    with pytest.raises(ValueError, match="'length' is in partition 1 and not in its declaration"):
        open_table(frame, "kind").samples(EVEN)
