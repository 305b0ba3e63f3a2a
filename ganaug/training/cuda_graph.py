"""Training steps that a GPU repeats without its host."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import torch
from torch import Tensor

from ganaug.caller import warn_caller
from ganaug.training.config import StepSchedule
from ganaug.training.streams import Streams

# Values of a schedule that change from one step to the next of its kind.
VARYING = tuple(part.name for part in fields(StepSchedule) if part.type is not bool)

# Takes one step with the random numbers of the streams, and returns its values.
Step = Callable[[Streams, StepSchedule], Tensor]

# Turns a function into one that does the same again on the same memory of a device.
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
    """Training step, from the second of its kind on replayed as a CUDA graph.

    Small networks leave a GPU waiting for its host to launch one kernel after the
    other. A captured step is launched at once. What differs from step to step,
    random numbers and schedule, lies in memory that is filled anew for each.

    Parameters
    ----------
    step : callable
        Training step. It changes its networks in place, and asks for the same random numbers
        in the same order whenever two schedules are of one kind.
    streams : Streams
        All randomness.
    device : torch.device
        Device of the networks.
    capture : callable, default=capture_cuda_graph
        Function that makes a step repeatable.
    """

    def __init__(
        self,
        step: Step,
        streams: Streams,
        device: torch.device,
        capture: Capture = capture_cuda_graph,
    ):
        self._step = step
        self._streams = streams
        self._device = device
        self._capture = capture
        self._captured: dict[tuple[bool, bool], _CapturedStep] = {}

    def __call__(self, schedule: StepSchedule) -> Tensor:
        """Take one step; its values are the caller's to keep."""
        kind = (schedule.with_penalty, schedule.clip)
        if kind not in self._captured:
            numbers = _StaticRandomBuffers(self._streams)
            self._captured[kind] = _CapturedStep(self._step, numbers, schedule, self._device)
            # libraries set themselves up in a first step, which cannot be captured
            return self._step(numbers, schedule)
        return self._captured[kind].replay(schedule, self._capture)


class _CapturedStep:
    """Step whose random numbers and schedule have fixed places in memory."""

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
        self._buffers: dict[str, Any] = {name: torch.empty((), device=device) for name in VARYING}
        self._schedule = replace(schedule, **self._buffers)
        self._replay: Callable[[], Tensor] | None = None

    def replay(self, schedule: StepSchedule, capture: Capture) -> Tensor:
        self._numbers.refill()
        for name, buffer in self._buffers.items():
            buffer.fill_(getattr(schedule, name))
        if self._replay is None:
            self._replay = self._capture(capture)
        return self._replay().clone()

    def _run(self) -> Tensor:
        self._numbers.rewind()
        return self._step(self._numbers, self._schedule)

    def _capture(self, capture: Capture) -> Callable[[], Tensor]:
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
    """Random numbers in buffers, one for each request of a step, that are refilled in place."""

    def __init__(self, streams: Streams):
        self._streams = streams
        self._requests: list[tuple[str, tuple[int, ...]]] = []
        self._buffers: list[Tensor] = []
        self._n_given = 0

    def normal(self, *shape: int) -> Tensor:
        return self._next("normal", shape)

    def uniform(self, *shape: int) -> Tensor:
        return self._next("uniform", shape)

    def refill(self) -> None:
        """Draw new numbers into all buffers, in the order in which they were asked for."""
        fresh = [getattr(self._streams, name)(*shape) for name, shape in self._requests]
        torch._foreach_copy_(self._buffers, fresh)

    def rewind(self) -> None:
        """Give the first buffer next."""
        self._n_given = 0

    def _next(self, name: str, shape: tuple[int, ...]) -> Tensor:
        if self._n_given == len(self._requests):
            self._requests.append((name, shape))
            self._buffers.append(getattr(self._streams, name)(*shape).clone())
        self._n_given += 1
        return self._buffers[self._n_given - 1]
