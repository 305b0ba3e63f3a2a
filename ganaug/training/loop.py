"""The game: a discriminator and a generator of every member, trained in turns."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from ganaug.training.early_stopping import EarlyStopping
from ganaug.training.players import FIGURES, Players
from ganaug.training.pool import Pool
from ganaug.training.replay import Replay
from ganaug.training.rules import Pace, Rules
from ganaug.training.sharing import separated
from ganaug.training.streams import MemberStreams

# Steps between two looks at the history: the only times the host waits for the device. A CPU has
# nothing to wait for, and steps on images are long there.
STEPS_PER_LOOK = {"cpu": 5, "cuda": 50}

# A generator whose samples spread less than this share of the real ones has collapsed.
LEAST_SPREAD = 0.1


@dataclass(frozen=True)
class Outcome:
    """What a game leaves behind.

    Attributes
    ----------
    generator : Module
        Running average of the generators' weights; of each member when it was judged
        best.
    discriminator : Module
        As the last step left it.
    history : (steps, figures, members)
        ``FIGURES`` at each step, on the CPU; shorter than asked for where
        training was interrupted or has ceased to pay.
    healthy : (members,)
        False where a figure is not finite or the generator has collapsed.
    interrupted : bool
        True where ``KeyboardInterrupt`` ended the game early.
    """

    generator: nn.Module
    discriminator: nn.Module
    history: Float[Tensor, "steps figures members"]
    healthy: Bool[Tensor, " members"]
    interrupted: bool


def train(
    generator: nn.Module,
    discriminator: nn.Module,
    pool: Pool,
    rules: Rules,
    streams: MemberStreams,
    on_steps: Callable[[int], object] = lambda n_steps: None,
) -> Outcome:
    """Play the game of all members at once.

    Parameters
    ----------
    generator : Module
        Maps noise (members, batch, n_latent) to samples (members, batch,
        *features). Trained in place.
    discriminator : Module
        Maps samples to logits (members, batch). Trained in place.
    pool : Pool
        Real samples.
    rules : Rules
        Settings, tensors on the device of training.
    streams : MemberStreams
        All randomness.
    on_steps : callable, optional
        Called with the number of steps done since it was last called.

    Returns
    -------
    Outcome
    """
    players = Players(generator, discriminator, rules)
    device = pool.samples.device
    step: Callable[[Pace], Tensor] = partial(players.step, pool, streams)
    if device.type == "cuda":
        step = Replay(partial(players.step, pool), streams, device)
    stopping = EarlyStopping(rules.judge, rules.n_steps)
    looks: list[Tensor] = []
    unseen: list[Tensor] = []
    interrupted = False
    steps_per_look = STEPS_PER_LOOK["cpu" if device.type == "cpu" else "cuda"]
    try:
        for index in range(rules.n_steps):
            unseen.append(step(rules.pace(index)))
            if len(unseen) == steps_per_look or index == rules.n_steps - 1:
                looks.append(torch.stack(unseen).cpu())
                unseen = []
                on_steps(len(looks[-1]))
                if not looks[-1].isfinite().all(dim=(0, 1)).any():
                    break
            stopping.look(players.average, index + 1)
            if stopping.settled:
                break
    except KeyboardInterrupt:
        interrupted = True
    nothing = torch.zeros(0, len(FIGURES), pool.n_members)
    history = torch.cat([nothing, *looks, *(step[None].cpu() for step in unseen)])
    healthy = history.isfinite().all(dim=(0, 1))
    best = stopping.best(players.average)
    healthy &= (spread(best, pool, rules, streams) > LEAST_SPREAD).cpu()
    return Outcome(best, separated(discriminator), history, healthy, interrupted)


def spread(
    generator: nn.Module, pool: Pool, rules: Rules, streams: MemberStreams
) -> Float[Tensor, " members"]:
    """Standard deviation of generated samples relative to real ones, over all features.

    Near 0 for a collapsed generator; infinite where the real samples are all alike.
    """
    with torch.no_grad():
        fake = generator(streams.normal(256, rules.n_latent))
        real = pool.draw(streams.uniform(256))
        fake_variance = fake.flatten(2).var(dim=1).sum(dim=1)
        real_variance = real.flatten(2).var(dim=1).sum(dim=1)
        alike = real_variance < 1e-12
        ratio = (fake_variance / real_variance.masked_fill(alike, 1)).sqrt()
        return ratio.masked_fill(alike, torch.inf)
