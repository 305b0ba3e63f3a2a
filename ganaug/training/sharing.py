"""Layers whose weights the members share, so that every class learns from the images of all."""

import copy
from typing import Any, Protocol, cast, runtime_checkable

import torch
from torch import Tensor, nn

from ganaug.training.ensemble import MemberConv2d, MemberLinear, select_members


class SharingDiscriminator(Protocol):
    """Discriminator of which members may share all layers but the last."""

    last: Any


@runtime_checkable
class TakesBatchesInTurn(Protocol):
    """Part of a network whose maps lie otherwise where members share layers.

    Attributes
    ----------
    shared : bool
        True where the members' batches come one after the other.
    """

    shared: bool


class SharedLayer(nn.Module):
    """One layer for all members, whose inputs are one batch to it.

    Parameters
    ----------
    layer : MemberLinear or MemberConv2d
        Its first member is what all share; what biases differ by becomes their shift.
    conditional : bool
        True gives each member a gain and a shift of its own on every output; False
        leaves nothing of a member's own.
    """

    def __init__(self, layer: MemberLinear | MemberConv2d, conditional: bool):
        super().__init__()
        self._n_members = len(layer.weight)
        self.layer: Any = select_members(layer, [0])
        self._of_maps = isinstance(layer, MemberConv2d)
        self.gain: nn.Parameter | None = None
        if conditional:
            n_out = layer.weight.shape[layer.OUTPUT_AXIS]
            device = layer.weight.device
            shape = (self._n_members, 1, n_out, *((1, 1) if self._of_maps else ()))
            self.gain = nn.Parameter(torch.ones(shape, device=device))
            self.shift = nn.Parameter((layer.bias - layer.bias[:1]).detach().reshape(shape))

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply the layer.

        Parameters
        ----------
        inputs : (members, batch, in), or maps (members * batch, in, height, width)
        """
        if self._of_maps:
            outputs = self.layer(inputs)
            return outputs if self.gain is None else self._own(outputs).flatten(0, 1)
        outputs = self.layer(inputs.flatten(0, 1)[None])[0]
        return self._own(outputs)

    def _own(self, outputs: Tensor) -> Tensor:
        outputs = outputs.unflatten(0, (self._n_members, -1))
        return outputs if self.gain is None else torch.addcmul(self.shift, self.gain, outputs)

    def separated(self) -> nn.Module:
        """The layer with every member's weights as its own."""
        layer: Any = select_members(self.layer, [0] * self._n_members)
        if self.gain is not None:
            with torch.no_grad():
                bias = layer.bias
                gain = self.gain.flatten(1)
                bias.copy_((gain * bias.flatten(1) + self.shift.flatten(1)).view_as(bias))
                shape = [len(gain), *[1] * (layer.weight.dim() - 1)]
                shape[layer.OUTPUT_AXIS] = -1
                layer.weight *= gain.view(shape)
        return layer


def share_generator(generator: nn.Module) -> None:
    """Share all layers but for a gain and a shift of each member on every output."""
    for parent, name, layer in _layers(generator):
        setattr(parent, name, SharedLayer(layer, conditional=True))
    _have_shared(generator, True)


def share_discriminator(discriminator: nn.Module) -> None:
    """Share all layers but the last, which is each member's own."""
    last = cast(SharingDiscriminator, discriminator).last
    for parent, name, layer in _layers(discriminator):
        if layer is not last:
            setattr(parent, name, SharedLayer(layer, conditional=False))
    _have_shared(discriminator, True)


def separated(module: nn.Module) -> nn.Module:
    """Copy of a module in which every member has what it shared as its own."""
    module = copy.deepcopy(module)
    for parent in list(module.modules()):
        for name, child in parent.named_children():
            if isinstance(child, SharedLayer):
                setattr(parent, name, child.separated())
    _have_shared(module, False)
    return module


def _have_shared(module: nn.Module, shared: bool) -> None:
    """Tell the parts of a network how their layers take the members."""
    for part in module.modules():
        if isinstance(part, TakesBatchesInTurn):
            part.shared = shared


def _layers(module: nn.Module) -> list[tuple[nn.Module, str, Any]]:
    return [
        (parent, name, child)
        for parent in module.modules()
        for name, child in parent.named_children()
        if isinstance(child, MemberLinear | MemberConv2d)
    ]
