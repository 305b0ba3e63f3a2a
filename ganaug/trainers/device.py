"""Device of training."""

import torch

# What the engine has the kernels and the generators for.
KINDS = ("cpu", "cuda", "mps", "xpu")

# Constraints of the parameters that all models have, by which training runs.
RUN_CONSTRAINTS: dict[str, list] = {
    "device": [str, torch.device],
    "random_state": ["random_state"],
    "callback": [callable, None],
    "verbose": ["verbose"],
}


def resolve_device(device: str | torch.device) -> torch.device:
    """Device of the given name; "auto" is CUDA where there is one, else the CPU.

    Raises
    ------
    ValueError
        If torch does not know the device.
    RuntimeError
        If it cannot be used, for instance CUDA in a forked process.

    Examples
    --------
    >>> resolve_device("cpu")
    device(type='cpu')
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        resolved = torch.device(device)
    except RuntimeError as error:
        raise ValueError(
            f'device={device!r} is unknown to torch; use "auto", "cpu" or "cuda".'
        ) from error
    if resolved.type not in KINDS:
        raise ValueError(f"device={device!r} cannot train; use one of {', '.join(KINDS)}.")
    try:
        torch.empty(0, device=resolved)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise RuntimeError(
            f'device={device!r} cannot be used here: {error}. Use device="cpu"; in parallel jobs '
            "(n_jobs) CUDA needs processes that are started afresh, as joblib's default "
            "backend does, not forked ones."
        ) from error
    return resolved
