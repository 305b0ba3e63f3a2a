"""Steps that signals interrupt after they are done, never in their midst."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

# Signals that interrupt a training where the program has a function for them.
SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


@contextmanager
def whole_step() -> Iterator[None]:
    """Context of a step that is done as a whole: what a signal would do is done at its end.

    A second signal interrupts at once. Only the main thread is interrupted by signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    received: list[tuple[int, FrameType | None]] = []

    def note(number: int, frame: FrameType | None) -> None:
        received.append((number, frame))
        if len(received) > 1:
            act(number, frame)

    def act(number: int, frame: FrameType | None) -> None:
        handler: Any = handlers[number]
        handler(number, frame)

    replaced = [number for number, handler in handlers.items() if callable(handler)]
    try:
        for number in replaced:
            signal.signal(number, note)
        yield
    finally:
        for number in replaced:
            signal.signal(number, handlers[number])
        if received:
            act(*received[0])
