"""``ganaug info``: a description of what a file holds."""

import argparse
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ganaug.banks.sample_bank import SampleBank
from ganaug.commands.terminal import print_lines
from ganaug.discriminator_classifier import DiscriminatorClassifier
from ganaug.encoding.frames import is_frame, to_pandas
from ganaug.loading import load, model_in
from ganaug.models.discriminator_backbone import DiscriminatorBackbone
from ganaug.models.protocol import is_image_model, is_sequence_model
from ganaug.storage.sealed import read_seal
from ganaug.trainers.checkpoint import Checkpoint

# Columns of a table that are named at most.
MAX_NAMED = 10


def run(options: argparse.Namespace) -> None:
    """Verify a file, and print what it holds."""
    seal = read_seal(options.file)
    lines = {"file": f"{options.file}, {seal['bytes']:,} bytes"}
    lines["format"] = f"{seal['format']}, version {seal['version']}"
    describe = {"ganaug bank": _describe_bank, "ganaug checkpoint": _describe_checkpoint}
    lines |= describe.get(seal["format"], _describe_model)(options.file)
    width = max(map(len, lines))
    print_lines(*(f"{name:<{width}}  {text}" for name, text in lines.items()))


def _describe_bank(path: Path) -> dict[str, str]:
    bank = SampleBank(path)
    bank.verify()
    counts = ", ".join(f"{label}: {n}" for label, n in bank.class_counts.items())
    origin = bank.provenance
    return {
        "samples": f"{len(bank)}, each {bank.dtype} of the shape {bank.sample_shape}",
        "classes": counts,
        "drawn from": f"{origin.get('model', 'arrays')}, seed {origin.get('random_state')}",
        "training data": str(origin.get("training data")),
        "written with": _describe_versions(origin.get("versions", {})),
    }


def _describe_checkpoint(path: Path) -> dict[str, str]:
    checkpoint = Checkpoint(path)
    games = [f"{n} steps{', over' * over}" for n, over in checkpoint.progress]
    return {
        "games": "; ".join(games) or "none begun",
        **{name: text for name, text in checkpoint.fingerprint.items() if name != "ganaug"},
    }


def _describe_model(path: Path) -> dict[str, str]:
    estimator = load(path)
    if isinstance(estimator, DiscriminatorBackbone):
        return {
            "network": "discriminator as a backbone",
            "takes": f"images of the shape {estimator.input_shape}",
            "gives": f"{estimator.num_features} features",
        }
    if isinstance(estimator, DiscriminatorClassifier):
        return {
            "model": _short_repr(estimator),
            "classes": ", ".join(map(str, estimator.classes_.tolist())),
            "started from": estimator.start_,
        }
    if not (hasattr(estimator, "sample") or hasattr(estimator, "gan_")):
        return {"model": _short_repr(estimator), "steps": str(estimator.n_steps_)}
    model = model_in(estimator)
    check_is_fitted(model)
    counts = model.class_counts_.items()
    return {
        "model": _short_repr(estimator),
        **_describe_samples(model),
        "trained on": ", ".join(f"{label}: {n}" for label, n in counts),
        "drawn by": ", ".join(sorted(set(model.tiers_.values()))),
        "steps": _describe_steps(model),
        "training data": str(getattr(model, "data_digest_", None)),
    }


def _describe_samples(model: Any) -> dict[str, str]:
    """Columns and target of a table, or the shape of images or sequences, by a sample."""
    # a frame's library may be missing here, or what the model makes samples of
    with suppress(ImportError, ValueError):
        X, _ = model.sample(1, random_state=0)
        if is_sequence_model(model):
            _, n_steps, n_channels = model.as_steps(X).shape
            most = "up to " if getattr(X, "dtype", np.dtype("O")).kind == "O" else ""
            return {"takes": f"sequences of {most}{n_steps} steps and {n_channels} channels"}
        if is_image_model(model):
            return {"takes": f"images of the shape {X.shape[1:]}, {X.dtype}"}
        lines = {"columns": _describe_columns(X)}
        target = getattr(model, "target_name_", None)
        return lines if target is None else {**lines, "target": target}
    return {}


def _describe_columns(X: Any) -> str:
    """Number of columns, and names and types of the first."""
    if not is_frame(X):
        return f"{X.shape[1]}, {X.dtype}"
    dtypes = to_pandas(X).dtypes.astype(str).items()
    columns = [f"{name} ({dtype})" for name, dtype in dtypes]
    more = f" and {len(columns) - MAX_NAMED} more" if len(columns) > MAX_NAMED else ""
    return f"{len(columns)}: {', '.join(columns[:MAX_NAMED])}{more}"


def _describe_steps(model: Any) -> str:
    """Steps that were taken; of several kinds of generators those of each."""
    steps: dict[str, set[int]] = {}
    for label, history in model.history_.items():
        steps.setdefault(model.tiers_[label], set()).add(len(history["fool_rate"]))
    trained = {tier: sorted(taken, reverse=True) for tier, taken in steps.items() if any(taken)}
    texts = {tier: ", ".join(map(str, taken)) for tier, taken in trained.items()}
    if len(texts) < 2:
        return next(iter(texts.values()), "0")
    return ", ".join(f"{taken} ({tier})" for tier, taken in texts.items())


def _short_repr(estimator: Any) -> str:
    """An estimator in one line."""
    return " ".join(repr(estimator).split())


def _describe_versions(versions: Any) -> str:
    if not isinstance(versions, dict):  # what a user gave as provenance
        return str(versions)
    return ", ".join(f"{name} {version}" for name, version in versions.items())
