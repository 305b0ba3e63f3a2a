"""Training steps that a GPU repeats without its host."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from ganaug.caller import warn_caller
from ganaug.training.config import StepSchedule
from ganaug.training.streams import Streams

# Values of a schedule that change from one step to the next of its kind.
VARYING = ("lr_scale", "clip_value", "ema_weight")

# Takes one step with the random numbers of the streams, and returns its values.
Step = Callable[[Streams, StepSchedule], Tensor]

# Of a function, makes one that does the same again on the same memory of a device.
Capture = Callable[[Callable[[], Tensor], torch.device], Callable[[], Tensor]]


def capture_cuda_graph(
    function: Callable[[], Tensor], device: torch.device
) -> Callable[[], Tensor]:
    """Capture what a function has a GPU do; what comes back has it done, all launched at once."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.device(device), torch.cuda.graph(graph):
        result = function()

    def replay() -> Tensor:
        with torch.cuda.device(device):
            graph.replay()
        return result

    return replay


class CudaGraphStep:
    """A training step, from the second of its kind on replayed as a CUDA graph.

    Small networks leave a GPU waiting for its host to launch one kernel after the
    other. A captured step is launched at once. What differs from step to step,
    random numbers and schedule, lies in memory that is filled anew for each.

    Parameters
    ----------
    step : callable
        Changes its networks in place, and asks for the same random numbers in the
        same order whenever two schedules are of one kind.
    streams : Streams
        All randomness.
    device : torch.device
        Of the networks.
    capture : callable, default=capture_cuda_graph
        How to make a step repeatable.
    """

    def __init__(
        self,
        step: Step,
        streams: Streams,
        device: torch.device,
        capture: Capture = capture_cuda_graph,
    ):
        self._step, self._streams, self._device, self._capture = step, streams, device, capture
        self._recorded: dict[tuple[bool, bool], _CapturedStep] = {}

    def __call__(self, schedule: StepSchedule) -> Tensor:
        """Take one step; its values are the caller's to keep."""
        kind = (schedule.with_penalty, schedule.clip)
        if kind not in self._recorded:
            numbers = _StaticRandomBuffers(self._streams)
            self._recorded[kind] = _CapturedStep(self._step, numbers, schedule, self._device)
            # libraries set themselves up in a first step, which cannot be captured
            return self._step(numbers, schedule)
        return self._recorded[kind].again(schedule, self._capture)


class _CapturedStep:
    """A step whose random numbers and schedule have their place in memory."""

    def __init__(
        self,
        step: Step,
        numbers: "_StaticRandomBuffers",
        schedule: StepSchedule,
        device: torch.device,
    ):
        self._step = step
        self._numbers = numbers
        self._device = device
        places = [torch.empty((), device=device) for _ in VARYING]
        lr_scale, clip_value, ema_weight = places
        self._places = dict(zip(VARYING, places, strict=True))
        self._schedule = replace(
            schedule, lr_scale=lr_scale, clip_value=clip_value, ema_weight=ema_weight
        )
        self._replay: Callable[[], Tensor] | None = None

    def again(self, schedule: StepSchedule, capture: Capture) -> Tensor:
        self._numbers.refill()
        for name, place in self._places.items():
            place.fill_(getattr(schedule, name))
        if self._replay is None:
            self._replay = self._captured(capture)
        return self._replay().clone()

    def _run(self) -> Tensor:
        self._numbers.rewind()
        return self._step(self._numbers, self._schedule)

    def _captured(self, capture: Capture) -> Callable[[], Tensor]:
        try:
            return capture(self._run, self._device)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            warn_caller(
                f"Training goes on without capturing its steps on {self._device}, and so more "
                f"slowly: {error}",
                RuntimeWarning,
            )
            return self._run


class _StaticRandomBuffers:
    """Random numbers that keep the place in memory where they were first asked for."""

    def __init__(self, streams: Streams):
        self._streams = streams
        self._requests: list[tuple[str, tuple[int, ...]]] = []
        self._places: list[Tensor] = []
        self._n_handed_out = 0

    def normal(self, *shape: int) -> Tensor:
        return self._next("normal", shape)

    def uniform(self, *shape: int) -> Tensor:
        return self._next("uniform", shape)

    def refill(self) -> None:
        """Draw new numbers for all places, in the order in which they were asked for."""
        fresh = [getattr(self._streams, name)(*shape) for name, shape in self._requests]
        torch._foreach_copy_(self._places, fresh)

    def rewind(self) -> None:
        """Give the first number next."""
        self._n_handed_out = 0

    def _next(self, name: str, shape: tuple[int, ...]) -> Tensor:
        if self._n_handed_out == len(self._requests):
            self._requests.append((name, shape))
            self._places.append(getattr(self._streams, name)(*shape).clone())
        self._n_handed_out += 1
        return self._places[self._n_handed_out - 1]
