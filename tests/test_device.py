"""Devices are named as torch names them, and looked for only when asked."""

import pytest
import torch

from ganaug.models.device import one_cpu_thread, resolve_device


def test_auto_is_cuda_where_there_is_one():
    assert resolve_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_names_and_devices_are_taken_alike(device):
    assert resolve_device(device) == resolve_device(str(device)) == device


def test_an_unknown_device_is_refused_with_what_there_is():
    with pytest.raises(ValueError, match="'abacus' is unknown to torch.*cpu"):
        resolve_device("abacus")


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_cuda_that_is_not_there_is_refused_with_a_way_out():
    with pytest.raises(RuntimeError, match='cannot be used here.*device="cpu"'):
        resolve_device("cuda")


def test_training_leaves_the_number_of_threads_as_it_was(blobs, quick):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        quick.fit(*blobs)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_the_number_of_threads_does_not_change_what_is_learnt(blobs, quick):
    before, rows = torch.get_num_threads(), []
    try:
        for n_threads in (1, 2):
            torch.set_num_threads(n_threads)
            rows.append(quick.fit(*blobs).generators_[0].residual.last.weight.clone())
    finally:
        torch.set_num_threads(before)
    assert torch.equal(*rows)


def test_overlapping_users_leave_the_number_of_threads_as_the_first_found_it():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with one_cpu_thread:
            one_cpu_thread.__enter__()
        assert torch.get_num_threads() == 1
        one_cpu_thread.__exit__()
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_devices_without_numbers_are_refused():
    with pytest.raises(ValueError, match="cannot train"):
        resolve_device("meta")
