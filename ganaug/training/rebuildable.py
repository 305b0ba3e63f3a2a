"""Networks that their configuration and their tensors describe, and nothing else."""

from typing import Any, ClassVar

from torch import nn


class RebuildableNetwork(nn.Module):
    """Network that can be built again for tensors that are there already.

    Examples
    --------
    >>> import torch
    >>> from ganaug.training.networks.table import TableDiscriminator
    >>> network = TableDiscriminator(3, 8, [torch.Generator()])
    >>> network.config
    {'n_features': 3, 'n_hidden': 8}
    >>> again = TableDiscriminator.from_config(**network.config)
    >>> again.load_state_dict(network.state_dict(), assign=True)
    <All keys matched successfully>
    """

    # True for generators whose tensors hold training samples, from which they draw.
    HOLDS_SAMPLES: ClassVar[bool] = False

    # Names of tensors that files of older versions lack; they have what they start with.
    ADDED_LATER: ClassVar[tuple[str, ...]] = ()

    # Arguments of ``from_config``: numbers, bools, text, tuples, and dataclasses of them.
    config: dict[str, Any]

    @classmethod
    def from_config(cls, *arguments: Any, **config: Any) -> "RebuildableNetwork":
        """Network of one member whose tensors are to be replaced: they are but shapes."""
        return cls(*arguments, **config, streams=[None])

    def finish_loading(self) -> None:  # noqa: B027 - most have nothing to do
        """Arrange the tensors that were loaded; raise a ValueError for those that cannot work."""
