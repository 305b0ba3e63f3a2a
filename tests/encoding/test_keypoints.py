"""Keypoints drawn as heat maps."""

import numpy as np
import pytest

from ganaug import keypoint_maps


def test_bells_stand_where_the_points_are_and_are_as_wide_as_asked():
    maps = keypoint_maps([[[3, 1], [6.5, 4]]], (8, 9), sigma=2.0)
    assert maps.shape == (1, 8, 9, 2)
    assert maps.dtype == np.float32
    # x is the column, y the row
    assert np.unravel_index(maps[0, :, :, 0].argmax(), (8, 9)) == (1, 3)
    assert maps[0, 1, 3, 0] == 1
    assert maps[0, 1, 5, 0] == pytest.approx(np.exp(-0.5), abs=1e-6)
    # between two pixels both are equally bright
    assert maps[0, 4, 6, 1] == pytest.approx(maps[0, 4, 7, 1])
    assert maps[0, 4, 6, 1] == pytest.approx(np.exp(-1 / 32), abs=1e-6)


def test_several_points_of_a_kind_share_a_map_and_do_not_add_up():
    maps = keypoint_maps([[[[2, 2], [3, 2], [np.nan, np.nan]]]], (8, 8))
    alone = [keypoint_maps([[[x, 2]]], (8, 8)) for x in (2, 3)]
    assert np.array_equal(maps, np.maximum(*alone))


def test_absent_points_leave_their_map_empty():
    maps = keypoint_maps([[[np.nan, np.nan], [2, 2]], [[1, 1], [np.nan, 3]]], (8, 8))
    assert maps[0, ..., 0].max() == maps[1, ..., 1].max() == 0
    assert maps[0, ..., 1].max() == maps[1, ..., 0].max() == 1


def test_no_points_at_all_are_empty_maps():
    assert keypoint_maps(np.zeros((3, 2, 0, 2)), (8, 9)).tolist() == np.zeros((3, 8, 9, 2)).tolist()


@pytest.mark.parametrize("point", [(8, 0), (0, 8), (-1, 3), (3, -0.6)])
def test_points_outside_are_named(point):
    with pytest.raises(ValueError, match=r"1 of the keypoints are outside .* of image 1"):
        keypoint_maps([[[0, 0]], [point]], (8, 8))


@pytest.mark.parametrize(
    ("keypoints", "sigma", "message"),
    [
        (np.zeros((4, 2)), 1.0, r"keypoints have the shape \(4, 2\)"),
        (np.zeros((4, 2, 3)), 1.0, r"\(n, maps, points, 2\)"),
        (np.zeros((4, 2, 2)), 0.4, "sigma must be 0.5 or more"),
        (np.zeros((4, 2, 2)), np.nan, "sigma must be 0.5"),
    ],
)
def test_other_shapes_and_widths_are_refused(keypoints, sigma, message):
    with pytest.raises(ValueError, match=message):
        keypoint_maps(keypoints, (8, 8), sigma)
