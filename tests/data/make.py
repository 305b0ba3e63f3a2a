"""Writes a file of every public model, a bank and a checkpoint: what later versions have to read.

To be run again only where the format changes before the first release.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from ganaug import (
    ClassTranslator,
    DiscriminatorClassifier,
    DiscriminatorFeatures,
    GANMixer,
    GANOverSampler,
    ImageGAN,
    PairedTranslator,
    SampleBank,
    SequenceGAN,
    SuperResolver,
    TableGAN,
)

FOLDER = Path(__file__).parent
Y = np.repeat(["a", "b"], 12)


def images() -> np.ndarray:
    """Grey images of 8 pixels a side."""
    return np.random.default_rng(0).integers(0, 256, (24, 8, 8), dtype=np.uint8)


def sequences() -> list[np.ndarray]:
    """Sequences of two channels and different lengths, with a gap."""
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(8 + number % 5, 2)).astype(np.float32) for number in range(24)]
    X[0][2:4, 1] = np.nan
    return X


def rows() -> pd.DataFrame:
    """A column of most types, with gaps."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "size": rng.normal(size=24).round(3),
            "kind": ["hut", "flat", None] * 8,
            "rooms": pd.array(rng.integers(1, 9, 24), dtype="Int8"),
            "built": pd.Timestamp("2001-02-03", tz="Europe/Berlin")
            + pd.to_timedelta(rng.integers(0, 99, 24), "D"),
            "sold": pd.Categorical(rng.choice(["no", "yes"], 24)),
        }
    )


def fitted() -> dict[str, object]:
    """An estimator of every public class, as small as it can be."""
    small = {"n_steps": 2, "random_state": 0}
    tiny = {**small, "capacity": 0.1}
    X, numbers = images(), np.random.default_rng(0).normal(size=(24, 3))
    table = TableGAN(**small, n_latent=8, conditions="size > -9").fit(rows(), Y)
    gan = TableGAN(**small, n_latent=8)
    return {
        "TableGAN": table,
        "ImageGAN": ImageGAN(**tiny, n_latent=8).fit(X, Y),
        "SequenceGAN": SequenceGAN(**tiny, n_latent=8).fit(sequences(), Y),
        "ClassTranslator": ClassTranslator(**tiny, guard=0).fit(X, Y),
        "PairedTranslator": PairedTranslator(**tiny, n_latent=8).fit(X > 99, X, Y),
        "SuperResolver": SuperResolver(**small).fit(X),
        "GANOverSampler": GANOverSampler(gan, random_state=0).fit(numbers[:20], Y[:20]),
        "GANMixer": GANMixer(gan=gan, random_state=0).fit(numbers, Y),
        "DiscriminatorClassifier": DiscriminatorClassifier(
            ImageGAN(**tiny, n_latent=8), pretrained=True, sample_share=0.0, **small
        ).fit(X, Y),
        "DiscriminatorFeatures": DiscriminatorFeatures(gan, random_state=0).fit(numbers),
    }


def outcome(estimator: object) -> list:
    """What an estimator makes, as JSON has it."""
    if isinstance(estimator, SuperResolver):
        made = estimator.transform(images()[:2, :4, :4])
    elif isinstance(estimator, DiscriminatorClassifier):
        made = estimator.predict_proba(images()[:2]).round(4)
    elif isinstance(estimator, DiscriminatorFeatures):
        made = estimator.transform(np.ones((2, 3))).round(4)
    else:
        model = getattr(estimator, "gan_", estimator)
        made = model.sample({"a": 2} if "a" in model.class_counts_ else 2, random_state=0)[0]
    if isinstance(estimator, SequenceGAN):
        made = np.stack([np.resize(sequence, 24) for sequence in made])
    frame = made if isinstance(made, pd.DataFrame) else pd.DataFrame(made.reshape(len(made), -1))
    return json.loads(frame.to_json(orient="values", date_format="iso"))


def main() -> None:
    """All files, and what is made by them."""
    expected = {}
    for name, estimator in fitted().items():
        estimator.save(FOLDER / f"{name}.h5", overwrite=True)
        expected[name] = outcome(estimator)
    bank = FOLDER / "SampleBank.h5"
    SampleBank.from_arrays(bank, rows(), Y, provenance={"model": "none"}, overwrite=True)
    gan = ImageGAN(n_steps=2, capacity=0.1, n_latent=8, random_state=0)
    (FOLDER / "checkpoint.h5").unlink(missing_ok=True)
    gan.fit(images()[:12], checkpoint=FOLDER / "checkpoint.h5")
    text = json.dumps(expected, indent=1)
    (FOLDER / "expected.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
