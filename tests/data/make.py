"""Writes the files of version 0.1.0 that later versions have to read. Not to be run again."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from ganaug import SampleBank, TableGAN

FOLDER = Path(__file__).parent


def main() -> None:
    """A model of a mixed table, a bank of images, and what is drawn from them."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"size": rng.normal(size=24).round(3), "kind": ["hut", "flat", None] * 8})
    gan = TableGAN(n_steps=2, n_latent=8, random_state=0).fit(X, np.repeat([True, False], 12))
    gan.save(FOLDER / "table-0.1.0.h5", overwrite=True)
    images = rng.integers(0, 256, (6, 4, 4), dtype=np.uint8)
    bank = SampleBank.from_arrays(
        FOLDER / "bank-0.1.0.h5", images, ["a", "b"] * 3, provenance={}, overwrite=True
    )
    drawn, _ = gan.sample({True: 6}, random_state=0)
    expected = {
        "size": drawn["size"].tolist(),
        "kind": drawn["kind"].where(drawn["kind"].notna(), None).tolist(),
        "images": bank[:].tolist(),
    }
    text = json.dumps(expected, indent=1)
    (FOLDER / "expected-0.1.0.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
