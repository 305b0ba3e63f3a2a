"""One GAN per class, mixed into a classifier's training set."""

import importlib
from typing import TYPE_CHECKING, Any

# before all that takes a while
import ganaug.startup  # noqa: F401

# isort: split
from ganaug.version import __version__ as __version__

if TYPE_CHECKING:
    from ganaug import report as report
    from ganaug import transforms as transforms
    from ganaug.api import *  # noqa: F403
else:

    def __getattr__(name: str) -> Any:
        """Import what takes a while, when it is asked for."""
        if name in ("report", "transforms"):
            return importlib.import_module(f"ganaug.{name}")
        if name == "__all__" or not name.startswith("__"):
            api = importlib.import_module("ganaug.api")
            if hasattr(api, name):
                return getattr(api, name)
        raise AttributeError(f"module 'ganaug' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return [*globals(), *__getattr__("__all__"), "report", "transforms"]
