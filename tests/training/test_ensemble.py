"""Stacked layers behave as the single layers that they stand for."""

import pytest
import torch
from torch.nn.functional import leaky_relu, linear

from ganaug.training.ensemble import LEAKY_SLOPE, MemberLinear, interpolate_modules, select_members
from ganaug.training.layout import FeatureLayout
from ganaug.training.networks.anchored import AnchoredGenerator


@pytest.fixture
def trio(normal, generators):
    """Three anchored generators, with parameters and buffers."""
    rows = [normal(n_rows, 4, seed=n_rows) for n_rows in (10, 30, 1)]
    return AnchoredGenerator.from_rows(
        rows, FeatureLayout(rows[0].shape[1]), 8, 16, generators(0, 1, 2)
    )


def test_each_member_is_an_ordinary_linear_layer(normal, generators):
    layer, inputs = MemberLinear(4, 3, generators(0, 1)), normal(2, 5, 4)
    with torch.no_grad():
        layer.bias += normal(2, 1, 3, seed=1)
    single = [
        linear(inputs[k], layer.weight[k].T, layer.bias[k, 0]) for k in range(len(layer.weight))
    ]
    assert torch.allclose(layer(inputs), torch.stack(single), atol=1e-6)


def test_a_start_depends_on_the_own_stream_only(generators):
    among_others = MemberLinear(4, 3, generators(7, 8, 9)).weight[1]
    assert torch.equal(among_others, MemberLinear(4, 3, generators(8)).weight[0])
    assert not torch.equal(among_others, MemberLinear(4, 3, generators(7)).weight[0])


@pytest.mark.parametrize("gain", [0.0, 0.5, 1.0])
def test_the_start_scales_the_variance_of_rectified_inputs_by_the_squared_gain(
    normal, generators, gain
):
    layer = MemberLinear(500, 500, generators(0), gain=gain)
    outputs = layer(leaky_relu(normal(1, 200, 500), LEAKY_SLOPE))
    assert outputs.var().item() == pytest.approx(gain**2, rel=0.05)


@pytest.mark.parametrize("members", [[0], [2, 0], [1, 1]])
def test_selected_members_compute_what_they_computed_among_the_others(trio, normal, members):
    noise = normal(3, 6, 8)
    chosen = select_members(trio, members)
    assert torch.allclose(chosen(noise[members]), trio(noise)[members], atol=1e-6)


def test_a_selection_is_independent_of_the_original(trio):
    before = {name: value.clone() for name, value in trio.state_dict().items()}
    chosen = select_members(trio, [0, 2])
    with torch.no_grad():
        for value in [*chosen.parameters(), *chosen.buffers()]:
            value.add_(1)
    after = trio.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("learns", [True, False])
def test_a_selection_can_be_trained_where_the_original_can(trio, learns):
    trio.requires_grad_(learns)
    chosen = select_members(trio, [1])
    assert {parameter.requires_grad for parameter in chosen.parameters()} == {learns}


def test_linear_layers_between_two_give_outputs_between_theirs(normal, generators):
    first, second = (MemberLinear(4, 3, generators(seed)) for seed in (0, 1))
    inputs, shares = normal(1, 5, 4), torch.tensor([0.0, 0.25, 1.0])
    outputs = interpolate_modules(first, second, shares)(inputs.expand(3, -1, -1))
    expected = torch.lerp(first(inputs), second(inputs), shares[:, None, None])
    assert torch.allclose(outputs, expected, atol=1e-6)
