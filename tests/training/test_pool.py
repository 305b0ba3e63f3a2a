"""Members draw from their own rows, from all of them, and from nothing else."""

import pytest
import torch

from ganaug.training.pool import Pool

# Member 0 has 5 rows, member 1 has 1, members 2 and 3 share 12.
ROWS = [torch.arange(5), torch.tensor([5]), torch.arange(6, 18), torch.arange(6, 18)]


@pytest.fixture
def pool():
    """Eighteen samples whose value is their own row number."""
    return Pool(torch.arange(18.0)[:, None], ROWS)


def test_draws_reach_all_own_rows_and_no_others(pool):
    uniform = torch.linspace(0, 1 - 1e-6, 1000).expand(4, -1)
    drawn = pool.draw(uniform)[..., 0]
    assert [own.unique().long().tolist() for own in drawn] == [own.tolist() for own in ROWS]


def test_rows_are_equally_likely(pool):
    uniform = (torch.arange(6000) / 6000).expand(4, -1)
    counts = [own.unique(return_counts=True)[1] for own in pool.draw(uniform)[..., 0]]
    assert all((own - own.float().mean()).abs().max() <= 2 for own in counts)


@pytest.mark.parametrize("n_rows", [1, 3, 7, 1000, 2**20])
def test_the_ends_of_the_unit_interval_are_the_first_and_the_last_row(n_rows):
    pool = Pool(torch.arange(n_rows, dtype=torch.float32)[:, None], [torch.arange(n_rows)])
    just_below_one = torch.nextafter(torch.tensor(1.0), torch.tensor(0.0)).item()
    drawn = pool.draw(torch.tensor([[0.0, just_below_one]]))
    assert drawn.flatten().tolist() == [0, n_rows - 1]


def test_members_share_rows_without_copies():
    samples = torch.zeros(18, 1)
    shared = Pool(samples, ROWS)
    samples += 3
    assert shared.draw(torch.full((4, 2), 0.5)).unique().tolist() == [3]


def test_samples_keep_their_shape(normal):
    images = normal(6, 3, 4, 4)
    pool = Pool(images, [torch.tensor([4, 2])])
    assert torch.equal(pool.draw(torch.tensor([[0.0, 0.9, 0.1]]))[0], images[[4, 2, 4]])


def test_packed_samples_are_unpacked_when_they_are_drawn():
    pool = Pool(torch.arange(18.0)[:, None], ROWS, unpack=lambda rows: rows.repeat(1, 1, 2) + 0.5)
    drawn = pool.to(torch.device("cpu")).draw(torch.zeros(4, 1))
    assert drawn.tolist() == [[[0.5, 0.5]], [[5.5, 5.5]], [[6.5, 6.5]], [[6.5, 6.5]]]
