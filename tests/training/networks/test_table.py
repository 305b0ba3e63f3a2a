"""The table networks: K networks side by side, each starting from its own stream."""

import pytest
import torch

from ganaug.training.ensemble import MemberLinear
from ganaug.training.layout import FeatureLayout
from ganaug.training.networks.residual import ResidualBlock, ResidualMLP, conv_block
from ganaug.training.networks.table import TableDiscriminator, TableGenerator

MAKERS = {
    "perceptron": lambda streams: ResidualMLP(4, 8, 3, streams, output_gain=1.0),
    "discriminator": lambda streams: TableDiscriminator(4, 8, streams),
    "generator": lambda streams: TableGenerator(4, 8, FeatureLayout(3), streams),
}


@pytest.fixture(params=MAKERS)
def make(request):
    """Maker of a network with 4 inputs from streams."""
    return MAKERS[request.param]


def test_a_member_alone_is_the_member_among_others(make, generators, normal):
    rows = normal(3, 5, 4)
    together, alone = make(generators(7, 8, 9)), make(generators(8))
    assert torch.allclose(together(rows)[1], alone(rows[1:2])[0], atol=1e-6)


def test_a_member_sees_its_own_rows_only(make, generators, normal):
    network, rows = make(generators(0, 1)), normal(2, 5, 4)
    other = rows.clone()
    other[1] = torch.nan
    assert torch.equal(network(rows)[0], network(other)[0])
    assert network(other)[1].isnan().all()


def test_a_row_is_mapped_without_regard_to_the_rows_beside_it(make, generators, normal):
    network, rows = make(generators(0, 1)), normal(2, 5, 4)
    assert torch.allclose(network(rows)[:, 2:3], network(rows[:, 2:3]), atol=1e-6)


def test_every_parameter_is_reached_by_the_gradient_once_the_zeros_are_gone(
    make, generators, normal
):
    network = make(generators(0, 1))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.1
    network(normal(2, 5, 4)).square().sum().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in network.parameters())


def test_a_block_starts_as_the_identity(generators, normal):
    hidden, maps = normal(2, 5, 8), normal(5, 2 * 8, 4, 4)
    streams = generators(0, 1)
    block = ResidualBlock(lambda gain: MemberLinear(8, 8, streams, gain))
    assert torch.equal(block(hidden), hidden)
    assert torch.equal(conv_block(8, streams, 1.0)(maps), maps)


def test_no_output_gain_starts_at_zero(generators, normal):
    outputs = ResidualMLP(4, 8, 3, generators(0, 1), output_gain=0.0)(normal(2, 5, 4))
    assert torch.equal(outputs, torch.zeros(2, 5, 3))


def test_features_are_the_rectified_hidden_layers_and_the_last_of_them_is_rated(generators, normal):
    discriminator, rows = TableDiscriminator(4, 8, generators(0, 1)), normal(2, 5, 4)
    with torch.no_grad():
        for parameter in discriminator.parameters():
            parameter += 0.1
    layers = discriminator.perceptron
    hidden = [torch.baddbmm(layers.first.bias, rows, layers.first.weight)]
    for block in layers.blocks:
        branch = torch.baddbmm(block.first.bias, rectify(hidden[-1]), block.first.weight)
        correction = torch.baddbmm(block.second.bias, rectify(branch), block.second.weight)
        hidden.append(hidden[-1] + correction)
    features = discriminator.features(rows)
    assert torch.allclose(features, torch.cat([rectify(layer) for layer in hidden], dim=2))
    logits = discriminator.last(features[..., -8:]).squeeze(-1)
    assert torch.equal(logits, discriminator(rows))


def rectify(values):
    """Leaky rectifier, written out."""
    return torch.where(values > 0, values, 0.2 * values)


def test_names_of_features_count_layers_and_units(generators):
    names = TableDiscriminator(4, 8, generators(0)).feature_names
    assert names == [f"layer{layer}_unit{unit}" for layer in range(3) for unit in range(8)]
