"""The game: a discriminator and a generator of every member, trained in turns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ganaug.training.early_stopping import EarlyStopping, StoppingState, fill
from ganaug.training.health import Health, moment_error, relative_spread
from ganaug.training.players import FIGURES, LOSSES, Players
from ganaug.training.pool import Pool
from ganaug.training.replay import Replay
from ganaug.training.rules import Pace, Rules
from ganaug.training.sharing import separated
from ganaug.training.streams import MemberStreams, StreamsState

# Steps between two looks at the history: the only times the host waits for the device. A CPU has
# nothing to wait for, and steps on images are long there.
STEPS_PER_LOOK = {"cpu": 5, "cuda": 50}

# Samples of each member, real and generated, that tell how the game went.
N_EXAMINED = 256


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
    health : Health
        Of each member; not ``good`` where it has diverged or collapsed.
    interrupted : bool
        True where ``KeyboardInterrupt`` ended the game early.
    """

    generator: nn.Module
    discriminator: nn.Module
    history: Float[Tensor, "steps figures members"]
    health: Health
    interrupted: bool


@dataclass(frozen=True)
class GameState:
    """State from which a game of the same start goes on; tensors on the CPU.

    Attributes
    ----------
    n_steps_done : int
    over : bool
        True where no further step will be taken.
    history : (steps, figures, members)
    players : list of tensors
        All that steps change.
    streams : StreamsState
    stopping : StoppingState
    """

    n_steps_done: int
    over: bool
    history: Tensor
    players: list[Tensor]
    streams: StreamsState
    stopping: StoppingState


class Game:
    """The game of all members at once.

    Parameters
    ----------
    generator : Module
        Maps inputs, as the rules draw them, to samples (members, batch, *features).
        Trained in place.
    discriminator : Module
        Maps samples to logits (members, batch, *places). Trained in place.
    pool : Pool
        Real samples.
    rules : Rules
        Settings, tensors on the device of training.
    streams : MemberStreams
        All randomness.

    Attributes
    ----------
    n_steps_done : int
    over : bool
        True where no further step will be taken.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        pool: Pool,
        rules: Rules,
        streams: MemberStreams,
    ):
        self._players = Players(generator, discriminator, rules)
        self._pool, self._rules, self._streams = pool, rules, streams
        self._stopping = EarlyStopping(rules.judge, rules.n_steps)
        self._seen = [torch.zeros(0, len(FIGURES), pool.n_members)]
        self.over = False
        self.n_steps_done = 0

    def play(
        self,
        on_steps: Callable[[int], object] = lambda n_steps: None,
        on_look: Callable[[], object] = lambda: None,
    ) -> Outcome:
        """Play to the end, from where the game is.

        Parameters
        ----------
        on_steps : callable, optional
            Called with the number of steps done since it was last called.
        on_look : callable, optional
            Called when ``state`` may be asked for: now and then, and at the end of a game
            that was not interrupted.
        """
        interrupted = False
        try:
            if self.n_steps_done > 0:
                on_steps(self.n_steps_done)
            for n_steps in self._looks():
                on_steps(n_steps)
                on_look()
        except KeyboardInterrupt:
            interrupted = True
        history = torch.cat(self._seen)
        best = self._stopping.best(self._players.average)
        last = separated(self._players.discriminator)
        return Outcome(best, last, history, self._health(best, history), interrupted)

    def state(self) -> GameState:
        """All that a game of the same start needs to go on from here; copies, on the CPU."""
        return GameState(
            self.n_steps_done,
            self.over,
            torch.cat(self._seen),
            [tensor.to("cpu", copy=True) for tensor in self._players.tensors()],
            self._streams.state(),
            self._stopping.state(),
        )

    def resume(self, state: GameState) -> None:
        """Go to where a game of the same start was.

        Raises
        ------
        ValueError, RuntimeError
            For the state of another game.
        """
        figures = (state.n_steps_done, len(FIGURES), self._pool.n_members)
        if tuple(state.history.shape) != figures or state.n_steps_done > self._rules.n_steps:
            raise ValueError(f"{state.n_steps_done} steps have no figures of another game's")
        fill(self._players.tensors(), state.players)
        self._streams.resume(state.streams)
        self._stopping.resume(state.stopping, self._players.average)
        self.n_steps_done, self.over = state.n_steps_done, state.over
        self._seen = [state.history]

    @torch.no_grad()
    def _health(
        self, generator: nn.Module, history: Float[Tensor, "steps figures members"]
    ) -> Health:
        """Look at some samples; nothing is drawn for the game afterwards."""
        fake = generator(self._rules.inputs(self._streams, N_EXAMINED))
        real = self._pool.draw(self._streams.uniform(N_EXAMINED))
        losses = history[:, [FIGURES.index(name) for name in LOSSES]].flatten(0, 1)
        # a game without steps has no losses
        losses = torch.cat([torch.zeros(1, self._pool.n_members), losses])
        return Health(
            finite=history.isfinite().all(dim=(0, 1)),
            spread=relative_spread(fake, real).cpu(),
            moment_error=moment_error(fake, real).cpu(),
            peak_loss=losses.amax(dim=0),
            max_loss=self._rules.max_loss,
        )

    def _looks(self) -> Iterator[int]:
        """Play on; give the number of steps since the last look at each look at their figures."""
        device = self._pool.samples.device
        step: Callable[[Pace], Tensor] = partial(self._players.step, self._pool, self._streams)
        if device.type == "cuda":
            step = Replay(partial(self._players.step, self._pool), self._streams, device)
        steps_per_look = STEPS_PER_LOOK["cpu" if device.type == "cpu" else "cuda"]
        unseen: list[Tensor] = []
        try:
            while not self.over and self.n_steps_done < self._rules.n_steps:
                unseen.append(step(self._rules.pace(self.n_steps_done)))
                self.n_steps_done += 1
                n_seen = 0
                if len(unseen) == steps_per_look or self.n_steps_done == self._rules.n_steps:
                    n_seen, unseen = self._record(unseen), []
                if not self.over:
                    self._stopping.look(self._players.average, self.n_steps_done)
                    self.over = self._stopping.settled or self.n_steps_done == self._rules.n_steps
                if self.over and unseen:
                    n_seen, unseen = self._record(unseen), []
                if n_seen:
                    yield n_seen
        finally:
            self._record(unseen)

    def _record(self, unseen: list[Tensor]) -> int:
        """Add figures of some steps to the history, and end a game that all members have lost."""
        if unseen:
            self._seen.append(torch.stack(unseen).cpu())
            self.over |= not bool(self._seen[-1].isfinite().all(dim=(0, 1)).any())
        return len(unseen)
