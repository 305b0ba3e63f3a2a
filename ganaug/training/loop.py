"""The game: a discriminator and a generator of every member, trained in turns."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ganaug.training.batch_parts import Average, BatchPart, PartStreams
from ganaug.training.config import StepSchedule, TrainingConfig
from ganaug.training.cuda_graph import CudaGraphStep
from ganaug.training.early_stopping import EarlyStopping, StoppingState, fill
from ganaug.training.health import LATE_SHARE, Health, moment_error, relative_spread
from ganaug.training.interruption import whole_step
from ganaug.training.overlap import overlapping, start_when_asked
from ganaug.training.passes import samples_per_pass
from ganaug.training.pool import Pool
from ganaug.training.sharing import separated
from ganaug.training.step import HISTORY_KEYS, LOSSES, TrainingStep
from ganaug.training.streams import MemberStreams, Streams, StreamsState

# Steps from one synchronisation of host and device to the next. A CPU has nothing to wait
# for, and steps on images are long there.
SYNC_INTERVAL = {"cpu": 5, "cuda": 50}

# Samples of each member, real and generated, that tell how the game went.
N_EXAMINED = 256

# Values of one sample that are looked at for it: of more every second, third ..., so that of large
# images no more is held than of small ones.
MAX_VALUES_EXAMINED = 2**14

# Times that a game is looked at from outside, at most.
N_REPORTS = 100


@dataclass(frozen=True)
class Figures:
    """Figures of a game since they were last reported, on the CPU.

    Attributes
    ----------
    n_steps_done, n_steps : int
        Steps that were done, and that the game has at most.
    n_new : int
        Steps since the last report.
    means : (values, members)
        Means of ``HISTORY_KEYS`` over these.
    distances : (members,) or None
        The last that the validation metric gave; None before it was asked, and without one.
    """

    n_steps_done: int
    n_steps: int
    n_new: int
    means: Float[Tensor, "values members"]
    distances: Float[Tensor, " members"] | None


@dataclass(frozen=True)
class Outcome:
    """Networks and history that a game leaves behind.

    Attributes
    ----------
    generator : Module
        Running average of the generators' weights; of each member when its samples were rated
        best.
    discriminator : Module
        As the last step left it.
    history : (steps, values, members)
        Values of ``HISTORY_KEYS`` at each step, on the CPU; shorter than asked for where
        training was interrupted or was stopped early.
    health : Health
        Of each member; not ``good`` where it has diverged or collapsed.
    interrupted : bool
        True where ``KeyboardInterrupt`` ended the game early.
    stopped : bool
        True where who watched it ended it early.
    """

    generator: nn.Module
    discriminator: nn.Module
    history: Float[Tensor, "steps values members"]
    health: Health
    interrupted: bool
    stopped: bool


@dataclass(frozen=True)
class GameState:
    """State from which a game of the same start goes on; tensors on the CPU.

    Attributes
    ----------
    n_steps_done : int
    over : bool
        True where no further step will be taken.
    history : (steps, values, members)
    networks : list of tensors
        All tensors that steps change.
    streams : StreamsState
    stopping : StoppingState
    """

    n_steps_done: int
    over: bool
    history: Tensor
    networks: list[Tensor]
    streams: StreamsState
    stopping: StoppingState


class Game:
    """The game of all members at once.

    Parameters
    ----------
    generator : Module
        Maps inputs, as the configuration's sampler draws them, to samples
        (members, batch, *features). Trained in place.
    discriminator : Module
        Maps samples to logits (members, batch, *places). Trained in place.
    pool : Pool
        Real samples.
    config : TrainingConfig
        Tensors on the device of training.
    streams : MemberStreams
        All randomness.

    Attributes
    ----------
    n_steps_done : int
    over : bool
        True where no further step will be taken.
    interrupted : bool
        True once ``KeyboardInterrupt`` has ended the game early, after a step.
    stopped : bool
        True once who watches it has ended it early.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        pool: Pool,
        config: TrainingConfig,
        streams: MemberStreams,
    ):
        self._step = TrainingStep(generator, discriminator, config)
        self._pool = pool
        self._config = config
        self._streams = streams
        self._step_streams: Streams = streams
        self._average: Average | None = None
        self._stopping = EarlyStopping(config.validation_metric, config.n_steps)
        self._history = [torch.zeros(0, len(HISTORY_KEYS), pool.n_members)]
        self.over = False
        self.interrupted = False
        self.stopped = False
        self.n_steps_done = 0
        self._n_reported = 0

    def divide(self, number: int, n_processes: int, average: Average) -> None:
        """Play the game in several processes, each of which takes a part of every batch.

        Parameters
        ----------
        number, n_processes : int
            Number of this process, and how many there are.
        average : callable
            Replaces tensors by their means over all processes.
        """
        part = BatchPart.of_process(number, n_processes, self._config.batch_size)

        def average_parts(tensors: Sequence[Tensor]) -> None:
            torch._foreach_mul_(list(tensors), part.weight)
            average(tensors)

        self._step_streams = PartStreams(self._streams, part)
        self._step.divide(part.size, average_parts)
        self._stopping.average = average
        self._average = average_parts

    def play(
        self,
        on_steps: Callable[[int], object] = lambda n_steps: None,
        on_checkpoint: Callable[[], object] = lambda: None,
        on_figures: Callable[[Figures], bool] | None = None,
    ) -> Outcome:
        """Play to the end, from where the game is.

        Parameters
        ----------
        on_steps : callable, optional
            Called with the number of steps done since it was last called.
        on_checkpoint : callable, optional
            Called when ``state`` may be asked for: now and then, at the end of the game, and
            where it is interrupted.
        on_figures : callable or None, optional
            Called with ``Figures`` a hundred times at most; ends the game where it returns True.
        """
        with overlapping(self._step.overlaps) as start:
            self._step.start = start
            try:
                self._play(on_steps, on_checkpoint, on_figures)
            finally:
                self._step.start = start_when_asked
        history = torch.cat(self._history)
        generator = self._stopping.best_generator(self._step.ema_generator)
        discriminator = separated(self._step.discriminator)
        health = self._health(generator, history)
        return Outcome(generator, discriminator, history, health, self.interrupted, self.stopped)

    def _play(
        self,
        on_steps: Callable[[int], object],
        on_checkpoint: Callable[[], object],
        on_figures: Callable[[Figures], bool] | None,
    ) -> None:
        """Take steps till the game is over."""
        self._n_reported = self.n_steps_done
        step = self._step_on_device()
        pending: list[Tensor] = []
        try:
            if self.n_steps_done > 0:
                on_steps(self.n_steps_done)
            while not (self.over or self.stopped) and self.n_steps_done < self._config.n_steps:
                n_recorded = 0
                with whole_step():
                    pending.append(step(self._config.schedule(self.n_steps_done)))
                    self.n_steps_done += 1
                    n_recorded = self._sync(pending)
                if n_recorded:
                    on_steps(n_recorded)
                    if on_figures is not None and self._report_is_due():
                        self.stopped = on_figures(self._figures())
                    on_checkpoint()
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            self._record(pending)
        if self.interrupted:
            # who interrupts once more does not want to wait
            with suppress(KeyboardInterrupt):
                on_checkpoint()

    def state(self) -> GameState:
        """State from which a game of the same start goes on; copies, on the CPU."""
        return GameState(
            self.n_steps_done,
            self.over,
            torch.cat(self._history),
            [tensor.to("cpu", copy=True) for tensor in self._step.tensors()],
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
        expected = (state.n_steps_done, len(HISTORY_KEYS), self._pool.n_members)
        if tuple(state.history.shape) != expected or state.n_steps_done > self._config.n_steps:
            raise ValueError(f"{state.n_steps_done} steps do not have the history of this game")
        fill(self._step.tensors(), state.networks)
        self._streams.resume(state.streams)
        self._stopping.resume(state.stopping, self._step.ema_generator)
        self.n_steps_done = state.n_steps_done
        self._history = [state.history]
        # a game that was over for lack of steps goes on where there are more now
        at_end = state.n_steps_done == self._config.n_steps
        self.over = state.over and (at_end or self._stopping.should_stop or not self._finite())

    @torch.no_grad()
    def _health(
        self, generator: nn.Module, history: Float[Tensor, "steps values members"]
    ) -> Health:
        """Diagnose the generators by samples; nothing is drawn for the game afterwards."""
        fake, real = self._examined(generator)
        # what leapt in the first steps and came back is forgiven
        late = history[len(history) // 2 :]
        losses = late[:, [HISTORY_KEYS.index(name) for name in LOSSES]].flatten(0, 1)
        n_last = math.ceil(LATE_SHARE * len(history))
        # a game without steps has no losses
        losses = torch.cat([torch.zeros(1, self._pool.n_members), losses])
        return Health(
            finite=history.isfinite().all(dim=(0, 1)),
            spread=relative_spread(fake, real).cpu(),
            moment_error=moment_error(fake, real).cpu(),
            peak_loss=losses.amax(dim=0),
            max_loss=self._config.max_loss,
            fool_rate=history[len(history) - n_last :, HISTORY_KEYS.index("fool_rate")].mean(dim=0),
            improvement=self._stopping.improvement(self._pool.n_members),
        )

    def _examined(self, generator: nn.Module) -> tuple[Tensor, Tensor]:
        """Values (members, n, values) of generated and of real samples."""
        # whatever members are beside: what one draws depends on how many are drawn at a time
        n_at_once = samples_per_pass(self._pool.samples[0].numel(), N_EXAMINED)
        fake = []
        real = []
        for first in range(0, N_EXAMINED, n_at_once):
            n = min(n_at_once, N_EXAMINED - first)
            fake.append(_every_few(generator(self._config.input_sampler(self._streams, n))))
            real.append(_every_few(self._pool.draw(self._streams.uniform(n))))
        return torch.cat(fake, dim=1), torch.cat(real, dim=1)

    def _report_is_due(self) -> bool:
        """True at the end of the game, and where another hundredth of it was played."""
        interval = math.ceil(self._config.n_steps / N_REPORTS)
        return self.over or self.n_steps_done // interval > self._n_reported // interval

    def _figures(self) -> Figures:
        """Figures of the steps since the last report."""
        n_new = self.n_steps_done - self._n_reported
        self._n_reported = self.n_steps_done
        means = torch.cat(self._history)[-n_new:].mean(dim=0)
        n_steps = self._config.n_steps
        return Figures(self.n_steps_done, n_steps, n_new, means, self._stopping.distances)

    def _step_on_device(self) -> Callable[[StepSchedule], Tensor]:
        """The training step, replayed as a CUDA graph where one process has CUDA."""
        device = self._pool.samples.device
        if device.type == "cuda" and self._average is None:
            return CudaGraphStep(partial(self._step, self._pool), self._streams, device)
        return partial(self._step, self._pool, self._step_streams)

    def _sync(self, pending: list[Tensor]) -> int:
        """Record pending values and validate, each where it is due; return the number recorded."""
        interval = SYNC_INTERVAL["cpu" if self._pool.samples.device.type == "cpu" else "cuda"]
        at_end = self.n_steps_done == self._config.n_steps
        n_recorded = self._record(pending) if len(pending) == interval or at_end else 0
        if not self.over:
            self._stopping.validate(self._step.ema_generator, self.n_steps_done)
            self.over = self._stopping.should_stop or at_end
        return n_recorded + (self._record(pending) if self.over else 0)

    def _record(self, pending: list[Tensor]) -> int:
        """Move pending values to the history; end a game in which no member's are finite."""
        n_pending = len(pending)
        if pending:
            values = torch.stack(pending)
            if self._average is not None:
                self._average([values])
            self._history.append(values.cpu())
            pending.clear()
            self.over |= not self._finite()
        return n_pending

    def _finite(self) -> bool:
        """True where the last values of a member at least are finite."""
        return bool(self._history[-1].isfinite().all(dim=(0, 1)).any())


def _every_few(samples: Float[Tensor, "members n *features"]) -> Float[Tensor, "members n values"]:
    """Values of samples, evenly spread over all of them."""
    values = samples.flatten(2)
    # a copy, or all values would stay in memory
    return values[..., :: math.ceil(values.shape[2] / MAX_VALUES_EXAMINED)].contiguous()
