"""Public data are fetched, verified before anything is written, and kept where they are."""

import threading
import zipfile
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import cv2
import h5py
import numpy as np
import pytest

from benchmarks import data
from benchmarks.common.public_data import IMAGE_SETS, TABLES, ImageSet, Part, Table

ORIGINAL = b"1.5, ?, 'yes'.\n\n2, red, no\n"
WRITTEN = b"width,colour,target\n1.5,,yes\n2,red,no\n"


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder without a log."""

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture
def site(tmp_path):
    """A folder that is served by HTTP, and its address."""
    folder = tmp_path / "site"
    folder.mkdir()
    handler = partial(QuietHandler, directory=folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def table(site):
    """A table whose original the site has."""
    (site[0] / "toy.csv").write_bytes(ORIGINAL)
    sources = {"toy.csv": data.sha256([ORIGINAL])}
    return Table("toy", sources, "width colour target", data.sha256([WRITTEN]))


@pytest.fixture
def images(site):
    """Two colour images of each of two classes, in an archive with one more of each class."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (2, 3, 4, 5, 3), dtype=np.uint8)
    files = []
    with zipfile.ZipFile(site[0] / "toy.zip", "w") as archive:
        for code, label in enumerate(("cat", "dog")):
            # the order of names, not that of the archive
            for number in (2, 0, 1):
                _, content = cv2.imencode(".png", pixels[code, number, ..., ::-1])
                archive.writestr(f"toy-1/train/{label}/{number}.png", content.tobytes())
                files.append(((code, number), content.tobytes()))
        archive.writestr("toy-1/README.md", "not an image")
    chosen = [content for (_, number), content in sorted(files) if number < 2]
    X = pixels[:, :2].reshape(4, 4, 5, 3)
    arrays = data.sha256([X.tobytes(), np.array([0, 0, 1, 1]).tobytes()])
    part = Part(2, data.sha256(chosen), arrays)
    return ImageSet("toy", "nowhere", "1", "free", {"train": part}), X


def test_a_table_is_written_as_the_programs_read_it(site, table, tmp_path):
    assert data.fetch_table(table, site[1], tmp_path) == "written"
    assert (tmp_path / "tabular" / "toy.csv").read_bytes() == WRITTEN
    # the site is not asked again
    assert data.fetch_table(table, "http://127.0.0.1:1", tmp_path) == "is there"


def test_files_do_as_addresses(site, table, tmp_path):
    assert data.fetch_table(table, site[0].as_uri(), tmp_path) == "written"


def test_images_are_the_first_of_each_class_in_order_of_names(site, images, tmp_path):
    images, X = images
    assert data.fetch_images(images, f"{site[1]}/toy.zip", tmp_path) == "written"
    with h5py.File(tmp_path / "toy.h5") as file:
        assert np.array_equal(file["train"]["X"], X)
        assert file["train"]["y"][:].tolist() == [0, 0, 1, 1]
        assert list(file.attrs["class_names"]) == ["cat", "dog"]
    assert data.fetch_images(images, "http://127.0.0.1:1", tmp_path) == "is there"


def test_another_version_is_refused_and_nothing_written(site, table, images, tmp_path):
    (site[0] / "toy.csv").write_bytes(ORIGINAL.replace(b"red", b"rod"))
    with pytest.raises(ValueError, match="another version"):
        data.fetch_table(table, site[1], tmp_path)
    images, _ = images
    part = replace(images.parts["train"], files_sha256="0")
    other = replace(images, parts={"train": part})
    with pytest.raises(ValueError, match="the images of toy/train has the SHA-256"):
        data.fetch_images(other, f"{site[1]}/toy.zip", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_file_that_was_changed_is_told_and_left_as_it_is(site, table, tmp_path):
    path = tmp_path / "tabular" / "toy.csv"
    path.parent.mkdir()
    path.write_bytes(b"mine")
    with pytest.raises(ValueError, match="toy.csv has the SHA-256"):
        data.fetch_table(table, site[1], tmp_path)
    assert path.read_bytes() == b"mine"


def test_what_cannot_be_fetched_is_named_with_what_to_do_and_stops_nothing_else(
    site, table, tmp_path, capsys, monkeypatch
):
    missing = replace(table, name="missing", sources={"missing.csv": "0"})
    monkeypatch.setattr(data, "TABLES", (missing, table))
    nowhere = "http://127.0.0.1:1/archive.zip"
    words = [str(tmp_path), "--tables", site[1], "--mnist", nowhere, "--cifar10", nowhere]
    assert data.main(words) == 1
    assert (tmp_path / "tabular" / "toy.csv").read_bytes() == WRITTEN
    told = capsys.readouterr().err
    assert f"tabular/missing.csv: not fetched from {site[1]}/missing.csv: HTTP Error 404" in told
    assert f"mnist.h5: not fetched from {nowhere}" in told
    assert f"put finished files from another machine into {tmp_path}" in told


def test_every_checksum_is_one_and_every_column_has_a_name():
    digests = [digest for table in TABLES for digest in (table.sha256, *table.sources.values())]
    for images in IMAGE_SETS:
        assert len(images.commit) == 40
        for part in images.parts.values():
            digests += [part.files_sha256, part.arrays_sha256]
    assert len(set(digests)) == len(digests)
    assert all(len(digest) == 64 and int(digest, 16) for digest in digests)
    assert all(table.columns.split()[-1] == "target" for table in TABLES)
