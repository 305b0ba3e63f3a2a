"""Pooled stages are maxima over the cells of a grid, in a fixed order."""

import torch

from ganaug.training.networks.stage_pooling import pool_stages


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
