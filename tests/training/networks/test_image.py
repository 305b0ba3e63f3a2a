"""Networks of images: shapes, members that do not touch, a start that keeps the variance."""

import math

import pytest
import torch
from torch.nn.functional import conv2d, leaky_relu

from ganaug.training.ensemble import MemberConv2d, select_members
from ganaug.training.losses import gradient_penalty
from ganaug.training.networks.image import ImageDiscriminator, ImageGenerator
from ganaug.training.networks.image_stages import stage_sizes
from ganaug.training.networks.stage_pooling import pool_stages

SIZES = [(1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 48, 64), (4, 9, 31), (1, 100, 77), (3, 128, 128)]
LARGE = [(3, 129, 130), (1, 256, 200), (3, 512, 512), (1, 8, 512)]


@pytest.mark.parametrize("size", SIZES + LARGE)
def test_any_size_of_image_goes_in_and_comes_out(size, normal, generators):
    sizes = stage_sizes(*size, capacity=0.5)
    streams = generators(0, 1)
    images = ImageGenerator(6, sizes, streams)(normal(2, 3, 6))
    assert images.shape == (2, 3, *size)
    discriminator = ImageDiscriminator(sizes, streams)
    assert discriminator(images).shape == (2, 3)
    assert discriminator.features(images).shape == (2, 3, len(discriminator.feature_names))


@pytest.mark.parametrize("size", SIZES + LARGE)
def test_sides_halve_down_to_a_few_pixels(size):
    sizes = stage_sizes(*size, capacity=1.0)
    assert 4 <= min(sizes.resolutions[-1]) <= 7
    assert all(side >= wanted for side, wanted in zip(sizes.padded, size[1:], strict=True))
    assert sum(sizes.margin) == sum(sizes.padded) - sum(size[1:])
    for (height, width), coarser in zip(sizes.resolutions, sizes.resolutions[1:], strict=False):
        assert (height, width) == (2 * coarser[0], 2 * coarser[1])
    assert list(sizes.channels) == sorted(sizes.channels)


@pytest.mark.parametrize("size", SIZES + LARGE)
def test_pixels_are_folded_until_maps_are_small(size):
    sizes = stage_sizes(*size, capacity=1.0)
    assert math.prod(sizes.resolutions[0]) <= 64**2
    assert (sizes.fold > 1) == (min(size[1:]) > 16)
    assert sizes.padded == tuple(sizes.fold * side for side in sizes.resolutions[0])
    # no more than is needed
    assert sizes.fold <= 2 or 4 * math.prod(sizes.resolutions[0]) > 64**2


def test_the_convolution_of_each_member_is_its_own(normal, generators):
    layer = MemberConv2d(3, 5, 3, generators(0, 1, 2))
    torch.nn.init.normal_(layer.bias, generator=torch.Generator().manual_seed(0))
    maps = normal(4, 3 * 3, 6, 7)
    together = layer(maps).unflatten(1, (3, 5))
    for member in range(3):
        own = maps[:, 3 * member : 3 * member + 3]
        alone = conv2d(own, layer.weight[member], layer.bias[member], padding=1)
        assert torch.allclose(together[:, member], alone, atol=1e-5)


@pytest.mark.parametrize("size", [(1, 8, 8), (3, 30, 34)])
def test_members_do_not_touch_one_another(size, normal, generators):
    sizes, streams = stage_sizes(*size, capacity=0.5), generators(0, 1, 2)
    generator, discriminator = ImageGenerator(6, sizes, streams), ImageDiscriminator(sizes, streams)
    noise = normal(3, 4, 6)
    images = generator(noise)
    alone = select_members(generator, [1])(noise[1:2])
    assert torch.allclose(images[1], alone[0], atol=1e-5)
    logits = select_members(discriminator, [1])(images[1:2])
    assert torch.allclose(discriminator(images)[1], logits[0], atol=1e-5)


def test_features_are_the_pooled_stages_of_each_member(normal, generators):
    sizes, streams = stage_sizes(3, 20, 26, capacity=0.5), generators(0, 1)
    discriminator, images = ImageDiscriminator(sizes, streams), normal(2, 5, 3, 20, 26)
    for member in range(2):
        alone = select_members(discriminator, [member])
        expected = pool_stages(alone.stage_maps(images[member : member + 1]))
        assert torch.allclose(discriminator.features(images)[member], expected, atol=1e-5)


def test_names_of_features_say_where_they_are(normal, generators):
    discriminator = ImageDiscriminator(stage_sizes(1, 16, 16, 0.5), generators(0))
    names = discriminator.feature_names
    images = normal(1, 1, 1, 16, 16)
    features = dict(zip(names, discriminator.features(images)[0, 0].tolist(), strict=True))
    coarse = leaky_relu(discriminator.stage_maps(images)[1][0], 0.2)
    rows, columns = (side // 4 for side in coarse.shape[1:])
    cell = coarse[2, 3 * rows : 4 * rows, columns : 2 * columns]
    assert features["stage1_channel2_row3_column1"] == cell.max().item()


def test_logits_do_not_see_other_images_of_the_batch(normal, generators):
    discriminator = ImageDiscriminator(stage_sizes(1, 12, 12, 0.5), generators(0))
    images = normal(1, 5, 1, 12, 12)
    assert torch.allclose(discriminator(images)[:, 2:3], discriminator(images[:, 2:3]), atol=1e-5)


@pytest.mark.parametrize("size", [(1, 28, 28), (3, 64, 64), (3, 256, 256)])
def test_variance_is_moderate_at_the_start(size, normal, generators):
    sizes, streams = stage_sizes(*size, capacity=1.0), generators(0)
    images = ImageGenerator(64, sizes, streams)(normal(1, 16, 64))
    assert 0.05 < images.std() < 1
    shades = normal(1, 16, size[0], 1, 1).expand(-1, -1, -1, *size[1:]).contiguous()
    features = ImageDiscriminator(sizes, streams).features(shades)
    assert 0.2 < features.square().mean().sqrt() < 3


def test_penalties_can_be_differentiated(normal, generators):
    discriminator = ImageDiscriminator(stage_sizes(1, 20, 20, 0.5), generators(0))
    images = normal(1, 2, 1, 20, 20).requires_grad_()
    penalty = gradient_penalty(discriminator(images), images)
    parameters = list(discriminator.parameters())
    gradients = torch.autograd.grad(penalty.sum(), parameters, allow_unused=True)
    assert sum(g.abs().sum() > 0 for g in gradients if g is not None) > 4


def test_pixels_beyond_black_and_white_are_held_and_can_come_back(normal, generators):
    generator = ImageGenerator(6, stage_sizes(1, 8, 8, capacity=0.5), generators(0))
    bias = generator.last.bias
    noise = normal(1, 4, 6)
    for level in (3.0, -3.0):
        with torch.no_grad():
            bias.fill_(level)
        images = generator(noise)
        assert torch.equal(images, torch.full_like(images, level / 3))
        for direction in (1.0, -1.0):
            (gradient,) = torch.autograd.grad((direction * images).sum(), bias, retain_graph=True)
            # a step against this gradient leads back inside, or there is none
            assert (gradient != 0).item() == (direction * level > 0)
