"""Members that share layers: what they have in common, and what stays their own."""

import pytest
import torch

from ganaug.training.ensemble import select_members
from ganaug.training.networks.image import ImageDiscriminator, ImageGenerator
from ganaug.training.networks.image_stages import stage_sizes
from ganaug.training.sharing import separated, share_discriminator, share_generator


@pytest.fixture
def pair(generators):
    """Generator and discriminator of three members that are equal."""
    sizes = stage_sizes(1, 8, 8, capacity=0.5)
    one = ImageGenerator(6, sizes, generators(0)), ImageDiscriminator(sizes, generators(1))
    return tuple(select_members(network, [0, 0, 0]) for network in one)


@pytest.fixture
def shared(pair):
    """The same, moved off their start after their layers were shared."""
    share_generator(pair[0])
    share_discriminator(pair[1])
    stream = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for network in pair:
            for parameter in network.parameters():
                parameter += 0.1 * torch.randn(parameter.shape, generator=stream)
    return pair


def test_sharing_changes_nothing_at_first(pair, normal):
    generator, discriminator = pair
    noise = normal(3, 4, 6)
    images = generator(noise)
    logits = discriminator(images)
    share_generator(generator)
    share_discriminator(discriminator)
    assert torch.allclose(generator(noise), images, atol=1e-6)
    assert torch.allclose(discriminator(images), logits, atol=1e-6)


def test_members_differ_by_gains_and_biases_in_the_generator_alone(shared, normal):
    generator, discriminator = shared
    images = generator(normal(1, 4, 6).expand(3, 4, 6))
    assert not torch.allclose(images[0], images[1], atol=1e-3)
    features = discriminator.features(images[:1].expand(3, -1, -1, -1, -1))
    assert torch.allclose(features[0], features[1], atol=1e-6)
    assert discriminator.last.weight.shape[0] == 3


def test_every_member_moves_what_is_shared(shared, normal):
    generator = shared[0]
    images = generator(normal(3, 4, 6))
    weight = generator.last.layer.weight  # one for all
    assert weight.shape[0] == 1
    for member in range(3):
        (gradient,) = torch.autograd.grad(images[member].square().sum(), weight, retain_graph=True)
        assert gradient.abs().sum() > 0


@pytest.mark.parametrize("which", [0, 1])
def test_separated_members_do_what_they_did_together(which, shared, normal):
    network = shared[which]
    inputs = normal(3, 4, 6) if which == 0 else normal(3, 4, 1, 8, 8)
    before = network(inputs)
    own = separated(network)
    assert torch.allclose(own(inputs), before, atol=1e-6)
    assert all(len(parameter) == 3 for parameter in own.parameters())
    last = select_members(own, [2])
    assert torch.allclose(last(inputs[2:]), before[2:], atol=1e-6)
    # the copy has not touched what it was made from
    assert torch.equal(network(inputs), before)
