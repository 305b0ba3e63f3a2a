"""Layers whose weights the members share, so that every class learns from the images of all."""

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ganaug.training.ensemble import MemberConv2d, MemberLinear, select_members


class SharedLayer(nn.Module):
    """One weight for all members of a layer.

    Parameters
    ----------
    layer : MemberLinear or MemberConv2d
        Its first member's weight is what the others share.
    conditional : bool
        True gives each member a gain on every output, and the layer's biases of its
        own; False leaves nothing of a member's own.
    """

    def __init__(self, layer: MemberLinear | MemberConv2d, conditional: bool):
        super().__init__()
        self._n_members = len(layer.weight)
        self.layer: Any = select_members(layer, [0])
        self.gain: nn.Parameter | None = None
        if conditional:
            axes = (0, layer.OUTPUT_AXIS)
            shape = [size if axis in axes else 1 for axis, size in enumerate(layer.weight.shape)]
            self.gain = nn.Parameter(torch.ones(shape, device=layer.weight.device))
            self.layer.bias = nn.Parameter(layer.bias.detach().clone())

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply the layer to every member's inputs."""
        return functional_call(self.layer, self._own(), (inputs,))

    def separated(self) -> nn.Module:
        """The layer with every member's weights as its own."""
        layer = copy.deepcopy(self.layer)
        for name, tensor in self._own().items():
            kept = tensor.detach().clone(memory_format=torch.contiguous_format)
            setattr(layer, name, nn.Parameter(kept, requires_grad=self.layer.weight.requires_grad))
        return layer

    def _own(self) -> dict[str, Tensor]:
        weight, bias = self.layer.weight, self.layer.bias
        if self.gain is not None:
            return {"weight": self.gain * weight, "bias": bias}
        return {
            name: shared.expand(self._n_members, *shared.shape[1:])
            for name, shared in (("weight", weight), ("bias", bias))
        }


def share_generator(generator: nn.Module) -> None:
    """Share all weights but for a gain and a bias of each member on every output of a layer."""
    for parent, name, layer in _layers(generator):
        setattr(parent, name, SharedLayer(layer, conditional=True))


def share_discriminator(discriminator: nn.Module) -> None:
    """Share all layers but the last, which is each member's own."""
    for parent, name, layer in _layers(discriminator):
        if layer is not discriminator.last:
            setattr(parent, name, SharedLayer(layer, conditional=False))


def separated(module: nn.Module) -> nn.Module:
    """Copy of a module in which every member has what it shared as its own."""
    module = copy.deepcopy(module)
    for parent in list(module.modules()):
        for name, child in parent.named_children():
            if isinstance(child, SharedLayer):
                setattr(parent, name, child.separated())
    return module


def _layers(module: nn.Module) -> list[tuple[nn.Module, str, Any]]:
    return [
        (parent, name, child)
        for parent in module.modules()
        for name, child in parent.named_children()
        if isinstance(child, MemberLinear | MemberConv2d)
    ]
