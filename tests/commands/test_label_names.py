"""Labels are drawn in a column of the name that they came with."""

import numpy as np
import pandas as pd
import pytest

from ganaug import TableGAN
from ganaug.cli import main

TABLE = pd.DataFrame({"size": np.arange(30) / 4, "kind": ["common", "common", "rare"] * 10})


def run(*words):
    return main(list(map(str, words)))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_labels_are_drawn_in_a_column_of_their_own_name(tmp_path, suffix):
    path = tmp_path / f"table{suffix}"
    TABLE.to_csv(path, index=False) if suffix == ".csv" else TABLE.to_parquet(path)
    model = tmp_path / "gan.h5"
    assert run("train", path, "--target", "kind", "--steps", 1, "-o", model) == 0
    for target, options in {"kind": [], "which": ["--target", "which"]}.items():
        for output in (".csv", ".parquet"):
            drawn = tmp_path / f"{target}{output}"
            assert run("sample", model, "-n", 3, *options, "-o", drawn) == 0
            rows = pd.read_csv(drawn) if output == ".csv" else pd.read_parquet(drawn)
            assert rows[target].value_counts().to_dict() == {"common": 3, "rare": 3}


def test_labels_without_a_name_are_drawn_as_label(tmp_path):
    TableGAN(n_steps=1, random_state=0).fit(TABLE[["size"]], TABLE["kind"]).save(tmp_path / "a.h5")
    assert run("sample", tmp_path / "a.h5", "-n", 3, "-o", tmp_path / "drawn.csv") == 0
    assert list(pd.read_csv(tmp_path / "drawn.csv")) == ["size", "label"]
