"""Commands read tables of several files, and of other machines."""

from importlib.util import find_spec

import fsspec
import numpy as np
import pandas as pd
import pytest

from ganaug import TableGAN, load
from ganaug.arguments.data import data_argument
from ganaug.cli import main

N_ROWS = 30
TABLE = pd.DataFrame(
    {"size": np.arange(N_ROWS) / 4, "kind": ["common", "common", "rare"] * (N_ROWS // 3)}
)


@pytest.fixture
def parts(tmp_path):
    """Folder of three tables, which is also held by a file system in memory."""
    (tmp_path / "parts").mkdir()
    for number in range(3):
        TABLE[10 * number :][:10].to_csv(tmp_path / "parts" / f"{number}.csv", index=False)
    memory = fsspec.filesystem("memory")
    memory.put(str(tmp_path / "parts"), "/parts", recursive=True)
    yield tmp_path / "parts"
    memory.rm("/parts", recursive=True)


PLACES = {
    "pattern": lambda folder: f"{folder}/*.csv",
    "pattern of file://": lambda folder: f"file://{folder}/[0-2].csv",
    "pattern of another machine": lambda folder: "memory://parts/*.csv",
    "folder of another machine": lambda folder: "memory://parts",
}


def run(*words):
    return main(list(map(str, words)))


@pytest.mark.parametrize("name", ["a table.csv", "50%25.csv", "\u00e9.csv"])
def test_the_address_of_a_file_is_its_path_on_every_system(tmp_path, name):
    assert data_argument((tmp_path / name).as_uri()) == tmp_path / name


@pytest.mark.parametrize("place", PLACES)
def test_models_are_trained_on_tables_wherever_they_are(parts, tmp_path, place):
    options = ["--target", "kind", "--steps", 2, "-o", tmp_path / "gan.h5"]
    assert run("train", PLACES[place](parts), *options) == 0
    expected = TableGAN(n_steps=2, random_state=0).fit_file(parts, "kind").sample(20)[0]
    pd.testing.assert_frame_equal(load(tmp_path / "gan.h5").sample(20)[0], expected)


@pytest.mark.slow
def test_reports_are_made_of_tables_of_other_machines(parts, tmp_path):
    options = ["--target", "kind", "--steps", 1, "--folds", 2, "--gate", "none"]
    page = tmp_path / "page.html"
    assert run("report", "memory://parts/*.csv", *options, "-o", page) == 0
    assert "*.csv" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("{parts}/*.pq", "/*.pq leads to no Parquet or CSV files"),
        ("{parts}/absent.csv", "absent.csv: No such file or directory"),
        ("memory://parts/absent.csv", "memory://parts/absent.csv leads to no Parquet or CSV files"),
        ("nowhere://parts/*.csv", "is no address of a kind that fsspec knows: Protocol not known"),
        ("memory://parts/images.h5", "patterns and addresses are for tables"),
        ("{parts}/*.png", "patterns and addresses are for tables"),
        ("memory://parts/0.csv --sequences X", "patterns and addresses are for tables"),
    ],
)
def test_a_place_without_tables_is_said_before_training(parts, tmp_path, capsys, data, message):
    words = data.format(parts=parts).split()
    assert run("train", *words, "--target", "kind", "-o", tmp_path / "gan.h5") == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "gan.h5").exists()


def test_a_folder_of_images_is_told_from_a_table_by_its_options(tmp_path, capsys):
    (tmp_path / "cats").mkdir()
    assert run("report", tmp_path, "--target", "kind", "-o", tmp_path / "page.html") == 2
    assert "for each class, takes no --target" in capsys.readouterr().err


@pytest.mark.skipif(find_spec("s3fs") is not None, reason="needs a package that is not there")
def test_a_package_that_reads_addresses_of_a_kind_is_named(tmp_path, capsys):
    assert run("train", "s3://parts/*.csv", "--target", "kind", "-o", tmp_path / "gan.h5") == 2
    assert "to read s3://parts/*.csv, a package is missing: Install s3fs" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["pattern", "folder of another machine"])
def test_of_several_files_none_grows(parts, tmp_path, capsys, place):
    words = [PLACES[place](parts), "--target", "kind", "-o", tmp_path / "out.csv"]
    assert run("augment", *words) == 2
    assert "one file is to grow, of this machine" in capsys.readouterr().err
