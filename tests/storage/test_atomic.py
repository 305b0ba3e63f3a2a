"""A file is complete or not there at all, and of two writers at a time one is told."""

import os
import signal
import stat
import subprocess
import sys

import pytest

from ganaug.storage import locks
from ganaug.storage.atomic import _move_exclusively, atomic_write
from ganaug.storage.regular import file_identity, file_status, open_regular

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked")


def write(path, text, meanwhile=lambda: None, **options):
    with atomic_write(path, **options) as unfinished:
        unfinished.write_text(text)
        meanwhile()


@pytest.fixture
def path(tmp_path):
    (tmp_path / "file").write_text("old")
    return tmp_path / "file"


def test_a_file_is_written_replaced_or_left_as_it_is(path, tmp_path):
    write(path, "new")
    assert path.read_text() == "new"
    with pytest.raises(FileExistsError, match="exists; pass overwrite=True"):
        write(path, "newer", overwrite=False)
    with pytest.raises(ZeroDivisionError), atomic_write(path) as unfinished:
        unfinished.write_text(str(1 / 0))
    with pytest.raises(KeyboardInterrupt), atomic_write(path) as unfinished:
        signal.raise_signal(signal.SIGINT)
    assert path.read_text() == "new"
    write(tmp_path / "other", "first", overwrite=False)
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {
        "file": "new",
        "other": "first",
    }


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_file_that_appears_meanwhile_stays(tmp_path, overwrite):
    path = tmp_path / "file"
    with pytest.raises(FileExistsError, match="written by another process meanwhile"):
        write(path, "mine", overwrite=overwrite, meanwhile=lambda: path.write_text("theirs"))
    assert path.read_text() == "theirs"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("how", ["replaced", "changed"])
def test_a_file_that_another_changes_meanwhile_stays(path, how):
    how_else = {
        "replaced": lambda: write(path, "theirs"),
        "changed": lambda: path.write_text("theirs"),
    }
    with pytest.raises(FileExistsError, match="written by another process meanwhile"):
        write(path, "mine", meanwhile=how_else[how])
    assert path.read_text() == "theirs"
    assert os.listdir(path.parent) == ["file"]


def test_a_file_that_was_removed_meanwhile_is_written(path):
    write(path, "new", meanwhile=path.unlink)
    assert path.read_text() == "new"


def test_what_may_be_replaced_can_have_been_looked_at_before(path):
    seen = file_identity(file_status(path))
    write(path, "second", replaces=seen)
    with pytest.raises(FileExistsError, match="meanwhile"):
        write(path, "third", replaces=seen)
    with pytest.raises(FileExistsError, match="meanwhile"):
        write(path, "third", replaces=())
    assert path.read_text() == "second"


@pytest.fixture(params=["hard links", "no hard links"])
def links(request, monkeypatch):
    """File systems that can give a file a second name, and such as cannot."""

    def refuse(*_):
        raise PermissionError("no second names here")

    if request.param == "no hard links":
        monkeypatch.setattr(os, "link", refuse)


def test_a_name_is_taken_once_whoever_checked_it_before(path, links):
    """Even where no lock keeps another from taking it after it was found to be free."""
    mine = path.with_name("mine")
    mine.write_text("mine")
    with pytest.raises(FileExistsError):
        _move_exclusively(mine, path)
    assert path.read_text() == "old"
    path.unlink()
    write(path, "new", overwrite=False)
    assert path.read_text() == "new"
    assert sorted(os.listdir(path.parent)) == ["file", "mine"]


def test_a_name_that_another_takes_at_the_last_moment_is_theirs(tmp_path, monkeypatch):
    path, link = tmp_path / "file", os.link

    def overtaken(source, target):
        path.write_text("theirs")
        link(source, target)

    monkeypatch.setattr(os, "link", overtaken)
    with pytest.raises(FileExistsError, match="written by another process meanwhile"):
        write(path, "mine")
    assert path.read_text() == "theirs"
    assert os.listdir(tmp_path) == ["file"]


def test_what_takes_a_name_is_on_the_disk_before(path, monkeypatch):
    """A power failure leaves the older file or the whole new one, never an empty one."""
    synced, fsync = [], os.fsync

    def note(handle):
        fsync(handle)
        synced.append((os.fstat(handle).st_ino, os.pread(handle, 10, 0), path.read_text()))

    monkeypatch.setattr(os, "fsync", note)
    write(path, "new")
    assert synced == [(path.stat().st_ino, b"new", "old")]


def test_a_folder_is_locked_while_a_name_is_looked_at_and_taken(path, monkeypatch):
    """Else two writers may both find the older file there, and the first one's work is lost."""
    fcntl = pytest.importorskip("fcntl")
    refused, replace = [], os.replace

    def note(source, target):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            refused.append(os.fspath(target))
        finally:
            os.close(folder)
        replace(source, target)

    monkeypatch.setattr(os, "replace", note)
    write(path, "new")
    assert refused == [os.fspath(path)]
    assert path.read_text() == "new"


def test_who_locks_a_folder_for_long_is_not_waited_for(path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(locks, "PATIENCE", 0.05)
    folder = os.open(path.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    write(path, "new")
    os.close(folder)
    assert path.read_text() == "new"


def test_an_unfinished_file_is_written_as_it_lies(path):
    with atomic_write(path) as outer:
        for overwrite in (True, False):
            with atomic_write(outer, overwrite) as inner:
                assert inner == outer
                inner.write_text("new")
        assert len(os.listdir(path.parent)) == 2
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert os.listdir(path.parent) == ["file"]


def begin_and_die(path):
    child = os.fork()
    if child == 0:
        with atomic_write(path) as unfinished:
            unfinished.write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def test_the_next_writer_of_a_file_removes_what_a_killed_one_has_left(path, tmp_path):
    (tmp_path / ".ganaug").write_text("the user's")
    begin_and_die(path)
    begin_and_die(tmp_path / "other")
    assert len(os.listdir(tmp_path)) == 4
    write(path, "new")
    # the other's is for the next writer of the other
    assert len(os.listdir(tmp_path)) == 3
    write(tmp_path / "other", "new")
    assert sorted(os.listdir(tmp_path)) == [".ganaug", "file", "other"]


def test_a_living_writers_file_is_left_alone(path, told_by_children):
    with atomic_write(path) as unfinished:
        unfinished.write_text("mine")
        assert told_by_children(lambda: write(path, "theirs")) == ["done"]
        assert unfinished.read_text() == "mine"
        # nor is it lost where a child ends that has inherited it
        assert told_by_children(lambda: write(path, "theirs again")) == ["done"]
        assert unfinished.exists()
        path.unlink()
    assert path.read_text() == "mine"


def test_names_may_be_as_long_as_the_file_system_has_them(tmp_path):
    path = tmp_path / ("n" * 255)
    begin_and_die(path)
    write(path, "new")
    assert os.listdir(tmp_path) == [path.name]


def test_a_link_stays_and_what_it_leads_to_is_written(path, tmp_path):
    link, dangling = tmp_path / "link", tmp_path / "dangling"
    link.symlink_to("file")
    dangling.symlink_to("absent")
    write(link, "new")
    write(dangling, "first")
    assert link.is_symlink()
    assert dangling.is_symlink()
    assert (path.read_text(), (tmp_path / "absent").read_text()) == ("new", "first")


def test_permissions_are_those_of_the_older_file_or_the_users_mask(path, tmp_path):
    path.chmod(0o640)
    with atomic_write(path) as unfinished:
        assert stat.S_IMODE(unfinished.stat().st_mode) & 0o077 == 0
    mask = os.umask(0o027)
    try:
        write(tmp_path / "other", "new")
    finally:
        os.umask(mask)
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (path, tmp_path / "other")]
    assert modes == [0o640, 0o640]


def strange(tmp_path, kind):
    path = tmp_path / kind
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    return path


@pytest.mark.parametrize("kind", ["pipe", "loop", "folder", "device"])
def test_what_is_no_ordinary_file_is_neither_written_nor_read(tmp_path, kind, told_within_bounds):
    path = strange(tmp_path, kind)
    for deed in (lambda: write(path, "new"), lambda: open_regular(path)):
        told = told_within_bounds(deed)
        assert "Error: " in told
        assert kind in told
    assert os.listdir(tmp_path) == [kind]


@pytest.mark.slow
def test_files_are_written_where_hdf5_is_told_to_lock_them(tmp_path):
    program = """
import sys, numpy as np
from ganaug import SampleBank
bank = SampleBank.from_arrays(sys.argv[1], np.ones((3, 2)), [0, 0, 1], compression="gzip")
bank.append(np.ones((1, 2)), [1])
print(bank.take([3]).tolist())
"""
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "bank.h5"],
        env=os.environ | {"HDF5_USE_FILE_LOCKING": "TRUE"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "[[1.0, 1.0]]\n"), done.stderr
