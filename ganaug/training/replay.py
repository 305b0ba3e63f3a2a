"""Steps of the game that a GPU repeats without its host."""

import warnings
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from ganaug.training.rules import Pace
from ganaug.training.streams import Streams

# Plays one step with the random numbers of the streams, and returns its figures.
Step = Callable[[Streams, Pace], Tensor]

# Of a function, makes one that does the same again on the same memory of a device.
Capture = Callable[[Callable[[], Tensor], torch.device], Callable[[], Tensor]]


def cuda_graph(function: Callable[[], Tensor], device: torch.device) -> Callable[[], Tensor]:
    """Capture what a function has a GPU do; what comes back has it done, all launched at once."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.device(device), torch.cuda.graph(graph):
        result = function()

    def replay() -> Tensor:
        with torch.cuda.device(device):
            graph.replay()
        return result

    return replay


class Replay:
    """Plays steps, and from the second of its kind on by replaying how one went.

    Small networks leave a GPU waiting for its host to launch one kernel after the
    other. A captured step is launched at once. What differs from step to step,
    random numbers and pace, lies in memory that is filled anew for each.

    Parameters
    ----------
    step : callable
        Changes its networks in place, and asks for the same random numbers in the
        same order whenever two paces are of one kind.
    streams : Streams
        All randomness.
    device : torch.device
        Of the networks.
    capture : callable, default=cuda_graph
        How to make a step repeatable.
    """

    def __init__(
        self, step: Step, streams: Streams, device: torch.device, capture: Capture = cuda_graph
    ):
        self._step, self._streams, self._device, self._capture = step, streams, device, capture
        self._recorded: dict[tuple[bool, bool], _RecordedStep] = {}

    def __call__(self, pace: Pace) -> Tensor:
        """Play one step; its figures are the caller's to keep."""
        kind = (pace.penalised, pace.clipped)
        if kind not in self._recorded:
            numbers = _FixedNumbers(self._streams)
            self._recorded[kind] = _RecordedStep(self._step, numbers, pace, self._device)
            # libraries set themselves up in a first step, which cannot be captured
            return self._step(numbers, pace)
        return self._recorded[kind].again(pace, self._capture)


class _RecordedStep:
    """A step whose random numbers and pace have their place in memory."""

    def __init__(self, step: Step, numbers: "_FixedNumbers", pace: Pace, device: torch.device):
        self._step, self._numbers, self._device = step, numbers, device
        rate, bound, renewal = self._varying = [torch.empty((), device=device) for _ in range(3)]
        self._pace = replace(pace, rate=rate, bound=bound, renewal=renewal)
        self._replay: Callable[[], Tensor] | None = None

    def again(self, pace: Pace, capture: Capture) -> Tensor:
        self._numbers.renew()
        for place, value in zip(self._varying, (pace.rate, pace.bound, pace.renewal), strict=True):
            place.fill_(value)
        if self._replay is None:
            self._replay = self._captured(capture)
        return self._replay().clone()

    def _play(self) -> Tensor:
        self._numbers.rewind()
        return self._step(self._numbers, self._pace)

    def _captured(self, capture: Capture) -> Callable[[], Tensor]:
        try:
            return capture(self._play, self._device)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            warnings.warn(
                f"Training goes on without capturing its steps on {self._device}, and so more "
                f"slowly: {error}",
                RuntimeWarning,
                stacklevel=2,
            )
            return self._play


class _FixedNumbers:
    """Random numbers that keep the place in memory where they were first asked for."""

    def __init__(self, streams: Streams):
        self._streams = streams
        self._asked: list[tuple[str, tuple[int, ...]]] = []
        self._places: list[Tensor] = []
        self._n_given = 0

    def normal(self, *shape: int) -> Tensor:
        return self._next("normal", shape)

    def uniform(self, *shape: int) -> Tensor:
        return self._next("uniform", shape)

    def renew(self) -> None:
        """Draw new numbers for all places, in the order in which they were asked for."""
        fresh = [getattr(self._streams, name)(*shape) for name, shape in self._asked]
        torch._foreach_copy_(self._places, fresh)

    def rewind(self) -> None:
        """Give the first number next."""
        self._n_given = 0

    def _next(self, name: str, shape: tuple[int, ...]) -> Tensor:
        if self._n_given == len(self._asked):
            self._asked.append((name, shape))
            self._places.append(getattr(self._streams, name)(*shape).clone())
        self._n_given += 1
        return self._places[self._n_given - 1]
