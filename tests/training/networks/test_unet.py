"""Networks that turn images into images: sizes, members, noise, and what they share."""

import pytest
import torch

from ganaug.training.ensemble import select_members
from ganaug.training.losses import discriminator_loss, generator_loss, gradient_penalty
from ganaug.training.networks.image_stages import stage_sizes
from ganaug.training.networks.patch_discriminator import PatchDiscriminator
from ganaug.training.networks.unet import UNet
from ganaug.training.sharing import separated, share_discriminator, share_generator

SIDES = [(8, 8), (9, 31), (28, 28), (48, 64), (128, 128)]


@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("n_latent", [0, 5])
def test_images_of_any_size_become_images_of_that_size(sides, n_latent, normal, generators):
    sizes = stage_sizes(2, *sides, capacity=0.5), stage_sizes(3, *sides, capacity=0.5)
    network = UNet(*sizes, n_latent, generators(0, 1))
    noise = normal(2, 4, n_latent) if n_latent else None
    made = network(normal(2, 4, 2, *sides), noise)
    assert made.shape == (2, 4, 3, *sides)
    assert made.abs().max() <= 1
    logits = PatchDiscriminator(sizes[1], generators(0, 1))(made)
    assert logits.shape == (2, 4, sizes[1].resolutions[-1][0] * sizes[1].resolutions[-1][1])


def test_members_do_not_touch_one_another(normal, generators):
    sizes = stage_sizes(1, 20, 20, capacity=0.5)
    network = UNet(sizes, sizes, 3, generators(0, 1, 2))
    discriminator = PatchDiscriminator(sizes, generators(3, 4, 5))
    images, noise = normal(3, 4, 1, 20, 20), normal(3, 4, 3)
    alone = select_members(network, [1])(images[1:2], noise[1:2])
    assert torch.allclose(network(images, noise)[1], alone[0], atol=1e-5)
    logits = select_members(discriminator, [1])(images[1:2])
    assert torch.allclose(discriminator(images)[1], logits[0], atol=1e-5)


def test_noise_and_every_part_of_the_image_matter(normal, generators):
    sizes = stage_sizes(1, 28, 28, capacity=0.5)
    network = UNet(sizes, sizes, 3, generators(0))
    images, noise = normal(1, 2, 1, 28, 28).requires_grad_(), normal(1, 2, 3).requires_grad_()
    with torch.no_grad():
        # corrections start at zero: move off
        for parameter in network.parameters():
            parameter += 0.05 * torch.randn(
                parameter.shape, generator=torch.Generator().manual_seed(0)
            )
    of_image, of_noise = torch.autograd.grad(network(images, noise).square().sum(), (images, noise))
    assert (of_image != 0).float().mean() > 0.9
    assert (of_noise != 0).all()


def test_a_patch_does_not_see_the_far_corner(normal, generators):
    discriminator = PatchDiscriminator(stage_sizes(1, 64, 64, capacity=0.5), generators(0))
    images = normal(1, 1, 1, 64, 64)
    changed = images.clone()
    changed[..., -2:, -2:] += 1
    apart = (discriminator(images) - discriminator(changed))[0, 0].abs()
    assert apart[0] < 1e-6
    assert apart[-1] > 1e-4


def test_shared_members_do_what_they_do_once_they_are_separated(normal, generators):
    sizes = stage_sizes(1, 12, 12, capacity=0.5)
    network = select_members(UNet(sizes, sizes, 3, generators(0)), [0, 0, 0])
    discriminator = select_members(PatchDiscriminator(sizes, generators(1)), [0, 0, 0])
    share_generator(network)
    share_discriminator(discriminator)
    stream = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in [*network.parameters(), *discriminator.parameters()]:
            parameter += 0.1 * torch.randn(parameter.shape, generator=stream)
    images, noise = normal(3, 4, 1, 12, 12), normal(3, 4, 3)
    made = network(images, noise)
    assert not torch.allclose(made[0], network(images[:1].expand_as(images), noise)[1])
    assert torch.allclose(separated(network)(images, noise), made, atol=1e-5)
    assert torch.allclose(separated(discriminator)(made), discriminator(made), atol=1e-5)


def test_losses_of_patches_are_means_over_places(normal):
    real, fake = normal(2, 4, 9), normal(2, 4, 9, seed=1)
    for loss in (
        lambda a, b: discriminator_loss(a, b),
        lambda a, b: generator_loss(a, b),
    ):
        by_place = torch.stack([loss(real[..., i], fake[..., i]) for i in range(9)])
        assert torch.allclose(loss(real, fake), by_place.mean(dim=0), atol=1e-6)


def test_penalties_of_patches_can_be_differentiated(normal, generators):
    discriminator = PatchDiscriminator(stage_sizes(1, 20, 20, 0.5), generators(0))
    images = normal(1, 2, 1, 20, 20).requires_grad_()
    penalty = gradient_penalty(discriminator(images), images)
    assert penalty.shape == (1, 2)
    gradients = torch.autograd.grad(
        penalty.sum(), list(discriminator.parameters()), allow_unused=True
    )
    assert sum(g.abs().sum() > 0 for g in gradients if g is not None) > 4


def test_skip_connections_pass_what_the_coarse_maps_do_not(normal, generators):
    sizes = stage_sizes(1, 28, 28, capacity=0.5)
    network = UNet(sizes, sizes, 0, generators(0))
    images = normal(1, 2, 1, 28, 28)
    with torch.no_grad():
        # the only way from the coarsest maps to finer ones
        network.decoder.narrow[0].weight.zero_()
    made = network(images)
    assert not torch.allclose(made[:, 0], made[:, 1], atol=1e-2)
