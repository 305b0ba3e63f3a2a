"""Sub-pixel convolutions: no pixel of a square is preferred, whatever the weights."""

import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d, pixel_shuffle

from ganaug.training.ensemble import select_members
from ganaug.training.networks.image import ImageGenerator
from ganaug.training.networks.image_stages import stage_sizes
from ganaug.training.networks.subpixel import SubpixelConv2d
from ganaug.training.sharing import separated, share_generator


def randomise(module, seed=0):
    stream = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=stream))


@pytest.mark.parametrize(
    ("kernel", "factors"), [((3, 3), (2, 2)), ((3, 3), (4, 4)), ((1, 5), (1, 2))]
)
def test_even_maps_become_even_images(kernel, factors, normal, generators):
    layer = SubpixelConv2d(3, 2, kernel, factors, generators(0, 1))
    randomise(layer)
    shades = normal(4, 2 * 3, 1, 1)
    maps = shades.expand(-1, -1, 1 if kernel[0] == 1 else 9, 9)
    images = layer(maps)
    assert images.shape == (4, 4, factors[0] * maps.shape[2], factors[1] * 9)
    # at the borders there are no maps
    margins = [(side // 2) * factor for side, factor in zip(kernel, factors, strict=True)]
    inner = images[..., margins[0] : images.shape[2] - margins[0], margins[1] : -margins[1]]
    assert (inner - inner[..., :1, :1]).abs().max() < 1e-4
    assert inner[..., 0, 0].std() > 0.1


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize("slope", [(0.0, 1.0), (1.0, 0.0), (0.3, -0.7)])
def test_maps_that_rise_evenly_become_images_that_do(factor, slope, generators):
    layer = SubpixelConv2d(1, 1, (3, 3), (factor, factor), generators(0))
    places = torch.arange(9.0)
    images = layer((slope[0] * places[:, None] + slope[1] * places)[None, None])
    inner = images[0, 0, factor:-factor, factor:-factor]
    for axis, rise in enumerate(slope):
        steps = inner.diff(dim=axis)
        expected = rise * layer.weight.mean(dim=2).sum() / factor
        assert torch.allclose(steps, expected.expand_as(steps), atol=1e-4)


def test_kernels_that_leave_no_pattern_are_taken_as_they_are(normal, generators):
    layer = SubpixelConv2d(3, 2, (3, 3), (2, 2), generators(0))
    layer.weight = nn.Parameter(layer.kernels().detach())
    assert torch.allclose(layer.kernels(), layer.weight, atol=1e-5)
    maps = normal(5, 3, 6, 7)
    expected = pixel_shuffle(conv2d(maps, layer.weight[0].flatten(0, 1), padding=1), 2)
    assert torch.allclose(layer(maps), expected, atol=1e-5)
    # of nine numbers of each pixel three are bound to those of the others
    before = layer.weight.detach().clone()
    assert not torch.allclose(before[:, :, 0], before[:, :, 1], atol=0.1)


def test_the_layer_of_each_member_is_its_own(normal, generators):
    layer = SubpixelConv2d(3, 2, (3, 3), (2, 2), generators(0, 1, 2))
    randomise(layer)
    maps = normal(4, 3 * 3, 6, 7)
    together = layer(maps).unflatten(1, (3, 2))
    for member in range(3):
        alone = select_members(layer, [member])(maps[:, 3 * member : 3 * member + 3])
        assert torch.allclose(together[:, member], alone, atol=1e-4)


@pytest.mark.parametrize("side", [20, 130])
def test_members_that_share_it_prefer_no_pixel_either(side, normal, generators):
    sizes = stage_sizes(3, side, side, capacity=0.5)
    generator = select_members(ImageGenerator(6, sizes, generators(0)), [0, 0])
    share_generator(generator)
    detail = generator.detail
    randomise(detail)
    maps = normal(2 * 4, sizes.channels[0], 1, 1).expand(-1, -1, 9, 9)
    margin = sizes.fold
    inner = detail(maps)[..., margin:-margin, margin:-margin]
    assert (inner - inner[..., :1, :1]).abs().max() < 1e-4
    # and neither do they where they part
    noise = normal(2, 3, 6)
    assert torch.allclose(separated(generator)(noise), generator(noise), atol=1e-4)
