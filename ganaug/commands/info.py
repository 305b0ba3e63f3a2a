"""``ganaug info``: a description of what a file holds."""

import argparse
from pathlib import Path
from typing import Any

from sklearn.utils.validation import check_is_fitted

from ganaug.banks.sample_bank import SampleBank
from ganaug.commands.terminal import print_lines
from ganaug.discriminator_classifier import DiscriminatorClassifier
from ganaug.loading import load, model_in
from ganaug.models.discriminator_backbone import DiscriminatorBackbone
from ganaug.storage.sealed import read_seal
from ganaug.trainers.checkpoint import Checkpoint


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
            "model": repr(estimator).replace("\n", " "),
            "classes": ", ".join(map(str, estimator.classes_.tolist())),
            "started from": estimator.start_,
        }
    if not (hasattr(estimator, "sample") or hasattr(estimator, "gan_")):
        shown = repr(estimator).replace("\n", " ")
        return {"model": shown, "steps": str(estimator.n_steps_)}
    model = model_in(estimator)
    check_is_fitted(model)
    counts = model.class_counts_.items()
    return {
        "model": repr(estimator).replace("\n", " "),
        "trained on": ", ".join(f"{label}: {n}" for label, n in counts),
        "drawn by": ", ".join(sorted(set(model.tiers_.values()))),
        "steps": str(model.n_steps_),
        "training data": str(getattr(model, "data_digest_", None)),
    }


def _describe_versions(versions: Any) -> str:
    if not isinstance(versions, dict):  # what a user gave as provenance
        return str(versions)
    return ", ".join(f"{name} {version}" for name, version in versions.items())
