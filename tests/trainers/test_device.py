"""Devices are named as torch names them, and looked for only when asked."""

import pytest
import torch

from ganaug.trainers.device import resolve_device


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


def test_devices_without_numbers_are_refused():
    with pytest.raises(ValueError, match="cannot train"):
        resolve_device("meta")
