"""Description of all that a training depends on, by which checkpoints and ranks are compared."""

import re
from collections.abc import Hashable, Sequence
from typing import Any

from ganaug.storage.saved import versions
from ganaug.trainers.device import resolve_device

# Parameters that training does not depend on.
NOT_FOR_TRAINING = ("callback", "guard", "n_jobs", "refine", "spread", "verbose")


def training_fingerprint(
    model: Any, data_digest: str, classes: Sequence[Hashable] = ()
) -> dict[str, str]:
    """Description of all that the training of a model depends on, in words.

    Parameters
    ----------
    model : estimator
        About to be trained.
    data_digest : str
        Digest of its training data.
    classes : sequence of labels, default=()
        Classes that are generated.
    """
    parameters = {
        # in one line, and not where in memory a function is
        name: re.sub(r" at 0x\w+", "", " ".join(repr(value).split()))
        for name, value in model.get_params().items()
        # those of a nested model stand beside it
        if name.rpartition("__")[2] not in NOT_FOR_TRAINING and not hasattr(value, "get_params")
    }
    return {
        "model": type(model).__name__,
        **parameters,
        "device": resolve_device(model.device).type,
        "training data": data_digest,
        "classes": repr([*classes]),
        "ganaug": versions()["ganaug"],
    }
