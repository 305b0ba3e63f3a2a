"""Parts of a batch: what several processes find is the mean of the whole."""

import pytest
import torch

from ganaug.training.batch_parts import BatchPart, PartStreams
from ganaug.training.streams import MemberStreams

CPU = torch.device("cpu")


@pytest.mark.parametrize("n_processes", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("batch_size", [1, 2, 3, 5, 8, 16])
def test_the_mean_of_weighted_parts_is_that_of_the_batch(normal, n_processes, batch_size):
    batch = normal(batch_size).double()
    parts = [BatchPart.of_process(n, n_processes, batch_size) for n in range(n_processes)]
    means = [part.weight * batch[part.start : part.end].mean() for part in parts]
    assert torch.isclose(torch.stack(means).mean(), batch.mean())
    assert sum(part.weight for part in parts) == pytest.approx(n_processes)
    taken = {number for part in parts for number in range(part.start, part.end)}
    assert taken == set(range(batch_size))


def test_parts_have_the_numbers_of_real_and_of_generated_samples_of_the_batch():
    whole = MemberStreams([3, 4], CPU).uniform(10, 6)
    real, fake = whole.split(5, dim=1)
    found = []
    for number in range(2):
        part = BatchPart.of_process(number, 2, batch_size=5)
        found.append(PartStreams(MemberStreams([3, 4], CPU), part).uniform(2 * part.size, 6))
    parts = [numbers.chunk(2, dim=1) for numbers in found]
    assert torch.equal(torch.cat([first for first, _ in parts], dim=1), real)
    assert torch.equal(torch.cat([second for _, second in parts], dim=1), fake)
