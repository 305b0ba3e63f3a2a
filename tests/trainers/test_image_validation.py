"""What rates generators of images: nearer to the class is better, and nothing is spared in vain."""

import pytest
import torch
from torch import nn

from ganaug.trainers.image_validation import (
    AT_ONCE,
    MAX_HELD_OUT,
    MIN_IMAGES_TO_SPLIT,
    N_DRAWN,
    ImageValidation,
    split_validation,
)


class Painter(nn.Module):
    """Draws each member's images from noise around a level of its own."""

    def __init__(self, levels):
        super().__init__()
        self.levels = nn.Parameter(torch.tensor(levels))

    def forward(self, noise):
        pixels = noise[..., :64].unflatten(2, (1, 8, 8))
        return self.levels[:, None, None, None, None] + 0.3 * pixels


def test_what_looks_like_the_class_is_rated_best_member_by_member(normal):
    bright, dark = (level + 0.3 * normal(40, 1, 8, 8, seed=1) for level in (0.5, -0.5))
    judge = ImageValidation([bright, dark], 64)
    right, wrong = judge(Painter([0.5, -0.5])), judge(Painter([0.5, 0.5]))
    assert right[0] == wrong[0] < 0.1
    assert right[1] < 0.1 < wrong[1]


def test_a_generator_of_one_image_is_rated_low(normal):
    images = 0.3 * normal(40, 1, 8, 8, seed=1)
    judge = ImageValidation([images], 64)
    varied = Painter([0.0])
    collapsed = Painter([0.0])
    collapsed.forward = lambda noise: varied(noise[:, :1]).expand(-1, noise.shape[1], -1, -1, -1)
    assert judge(varied) < judge(collapsed)


def test_no_more_images_are_compared_at_a_time_than_small_memories_hold(normal):
    n_seen = []

    def features(images):
        n_seen.append(len(images))
        return images.reshape(len(images), -1).astype(float)

    real = normal(20, 1, 8, 8)
    judge = ImageValidation([real, real], 64, features)
    n_seen.clear()
    judge(Painter([0.1, 0.2]))
    assert sum(n_seen) == 2 * N_DRAWN
    assert max(n_seen) == AT_ONCE


def test_equal_generators_get_equal_ratings(normal):
    judge = ImageValidation([normal(20, 1, 8, 8)], 64)
    assert torch.equal(judge(Painter([0.1])), judge(Painter([0.1])))


@pytest.mark.parametrize(
    ("n_images", "n_held_out"),
    [(MIN_IMAGES_TO_SPLIT, MIN_IMAGES_TO_SPLIT // 5), (1500, MAX_HELD_OUT), (333, 67)],
)
def test_large_classes_spare_images_for_the_judge(n_images, n_held_out):
    images = torch.arange(n_images)
    used, held_out = split_validation(images)
    assert len(held_out) == n_held_out
    assert torch.equal(torch.cat([used, held_out]).sort().values, images)
    # from all over the class, however it is ordered
    assert held_out.diff().max() <= 1.5 * n_images / n_held_out


def test_small_classes_spare_none():
    images = torch.arange(MIN_IMAGES_TO_SPLIT - 1)
    assert all(torch.equal(part, images) for part in split_validation(images))
