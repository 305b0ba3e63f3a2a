"""The relativistic pairing game and its penalties, one value per member."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import softplus

Logits = Float[Tensor, "members batch *places"]
PerMember = Float[Tensor, " members"]


def discriminator_loss(real_logits: Logits, fake_logits: Logits) -> PerMember:
    """Penalise fakes that look more real than the real samples they are paired with.

    Parameters
    ----------
    real_logits, fake_logits : (members, batch, *places)
        Unbounded realness of paired real and fake samples, at one place or several of
        each. Only the difference matters: a constant added to both leaves the loss
        unchanged.

    Returns
    -------
    (members,) mean of ``softplus(fake - real)``, in nats: ``log 2`` where the
    discriminator cannot tell them apart, 0 where it always can.

    References
    ----------
    Huang et al., "The GAN is dead; long live the GAN! A modern GAN baseline",
    NeurIPS 2024.

    Examples
    --------
    >>> undecided = torch.zeros(1, 4)
    >>> round(discriminator_loss(undecided, undecided).item(), 4)
    0.6931
    """
    return softplus(fake_logits - real_logits).flatten(1).mean(dim=1)


def generator_loss(real_logits: Logits, fake_logits: Logits) -> PerMember:
    """Penalise fakes that look less real than the real samples they are paired with.

    The discriminator's loss with the two players exchanged; shapes as there.

    Examples
    --------
    >>> worse, better = torch.tensor([[0.0]]), torch.tensor([[1.0]])
    >>> bool(generator_loss(real_logits=worse, fake_logits=better)
    ...      < generator_loss(real_logits=better, fake_logits=worse))
    True
    """
    return discriminator_loss(fake_logits, real_logits)


def gradient_penalty(
    logits: Logits, samples: Float[Tensor, "members batch *features"]
) -> Float[Tensor, "members batch"]:
    """Squared norm of the discriminator's gradient at each sample.

    On real samples its mean is R1, on fakes R2. The result can itself be
    differentiated, which is what training does with it.

    Parameters
    ----------
    logits : (members, batch, *places)
        Computed from ``samples``; their mean over places counts.
    samples : (members, batch, *features)
        Must require gradients.

    Returns
    -------
    (members, batch), each 0 or above.

    Examples
    --------
    >>> samples = torch.randn(1, 3, 2, requires_grad=True)
    >>> logits = (samples * torch.tensor([3.0, 4.0])).sum(-1)
    >>> gradient_penalty(logits, samples).tolist()
    [[25.0, 25.0, 25.0]]
    """
    n_places = logits[0, 0].numel()
    (gradient,) = torch.autograd.grad(logits.sum() / n_places, samples, create_graph=True)
    return gradient.square().flatten(2).sum(dim=2)
