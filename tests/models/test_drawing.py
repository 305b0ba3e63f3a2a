"""Samples are drawn in parts by seeds of their own, so that jobs may share them."""

import numpy as np
import pytest
from joblib import parallel_config

from ganaug import SampleBank, TableGAN
from ganaug.cli import main


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr("ganaug.models.drawing.PART_SIZE", 10)


@pytest.fixture
def gan(blobs):
    return TableGAN(n_steps=1, conditions=lambda X: X[:, 0] > 0, random_state=0).fit(*blobs)


def test_samples_and_what_was_accepted_do_not_depend_on_the_number_of_jobs(gan, small_parts):
    drawn = []
    rates = []
    for n_jobs in (1, 2):
        gan._n_tried.clear()
        with parallel_config("threading"):
            batches = gan.iter_batches({0: 35, 1: 12}, 8, random_state=3, n_jobs=n_jobs)
            drawn.append(np.concatenate([X for X, _ in batches]))
        rates.append(dict(gan.acceptance_))
    assert np.array_equal(*drawn)
    assert np.array_equal(drawn[0], gan.sample({0: 35, 1: 12}, random_state=3)[0])
    assert rates[0] == rates[1]
    assert rates[0][0] < 1
    assert len(np.unique(drawn[0], axis=0)) == 47


def test_the_first_part_has_the_numbers_that_the_class_has_by_itself(gan, small_parts):
    few = gan.sample({0: 10}, random_state=3)[0]
    assert np.array_equal(gan.sample({0: 25}, random_state=3)[0][:10], few)


def test_a_bank_is_the_same_whatever_the_number_of_jobs(gan, small_parts, tmp_path):
    with parallel_config("threading"):
        banks = [
            SampleBank.create(tmp_path / f"{n}.h5", gan, {0: 25}, random_state=0, n_jobs=n)
            for n in (1, 2)
        ]
    assert np.array_equal(*(bank.take(range(25)) for bank in banks))


def test_commands_write_the_same_whatever_the_number_of_jobs(small_parts, tmp_path):
    path = tmp_path / "table.csv"
    rows = [f"{number % 7}.5,{'ab'[number % 2]}" for number in range(40)]
    path.write_text("\n".join(["size,kind", *rows]))
    written = []
    for jobs in ("1", "2"):
        model = tmp_path / f"{jobs}.h5"
        train = ["train", path, "--target", "kind", "--steps", "2", "--jobs", jobs, "-o", model]
        sample = ["sample", model, "-n", "25", "--jobs", jobs, "-o", tmp_path / f"{jobs}.csv"]
        with parallel_config("threading"):
            assert main(list(map(str, train))) == main(list(map(str, sample))) == 0
        written.append((tmp_path / f"{jobs}.csv").read_text())
    assert written[0] == written[1]
