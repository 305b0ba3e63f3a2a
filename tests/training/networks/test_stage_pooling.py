"""Pooled stages are maxima over the cells of a grid, in a fixed order."""

import torch

from ganaug.training.networks.stage_pooling import (
    pool_stages,
    summarize_stages,
    summary_feature_names,
)


def rectified_maxima(maps, grid):
    """Pooled features one by one: stages, channels, rows and columns of the grid."""
    columns = []
    for stage in maps:
        rectified = torch.where(stage > 0, stage, 0.2 * stage)
        for channel in rectified.unbind(1):
            for strip in channel.chunk(grid, dim=1):
                columns += [cell.amax((1, 2)) for cell in strip.chunk(grid, dim=2)]
    return torch.stack(columns, dim=1)


def test_pooled_stages_are_rectified_maxima_of_each_cell_in_order(normal):
    maps = [normal(5, 3, 8, 12, seed=1), normal(5, 2, 4, 8, seed=2)]
    for grid in (1, 2, 4):
        pooled = pool_stages(maps, (grid, grid))
        assert pooled.shape == (5, 5 * grid**2)
        assert torch.equal(pooled, rectified_maxima(maps, grid))


def test_every_place_of_a_map_is_pooled_where_the_grid_does_not_divide_it(normal):
    stage = normal(1, 1, 7, 5)
    for place in range(35):
        raised = stage.clone()
        raised.view(-1)[place] = 9.0
        assert (pool_stages([raised], grid=(4, 4)) == 9.0).any()


def test_summaries_of_sequences_are_of_each_channel_in_order_wherever_something_happens(normal):
    maps = [normal(5, 3, 1, 12, seed=1), normal(5, 2, 1, 6, seed=2)]
    found = summarize_stages(maps)
    assert found.shape == (5, 4 * 5) == (5, len(summary_feature_names([3, 2])))
    values = maps[1][:, 1, 0]
    rectified = torch.where(values > 0, values, 0.2 * values)
    expected = [
        rectified.mean(1),
        rectified.amax(1),
        values.std(1, correction=0),
        (values > 0).double().mean(1),
    ]
    assert torch.allclose(found[:, 16:].double(), torch.stack(expected, dim=1).double())
    assert summary_feature_names([3, 2])[16:18] == [
        "stage1_channel1_mean",
        "stage1_channel1_maximum",
    ]
    moved = [stage.roll(3, dims=3) for stage in maps]
    assert torch.allclose(summarize_stages(moved), found, atol=1e-6)
