"""Selection among the rows that a fitted model of tables generates."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from ganaug.encoding.rows import dense
from ganaug.models.row_selection import RowSelector, max_rows, n_stages
from ganaug.progress import progress
from ganaug.randomness import SEED_LIMIT
from ganaug.trainers.tiers import warn_of_unrefined
from ganaug.trainers.trained_class import TrainedClass
from ganaug.training.networks.table import TableGenerator

# Rows of a class from which on generated ones are selected where that is asked for: of 500 and less
# trees learn too little.
MIN_REFINED = 1000

# The same where nobody asks: of 2,000 rows a class, selected rows were harder to tell from real
# ones, but classifiers learnt a little less from them; of 5,000 and more they learnt more.
MIN_REFINED_BY_DEFAULT = 5000

# Rows that are generated in one pass.
CHUNK = 16384

# Rows of latent points (n, n_latent), as numbers: of the generator of a class, and its label.
Generate = Callable[[nn.Module, torch.Tensor, Hashable], np.ndarray]


@dataclass(frozen=True)
class Refinement:
    """Real rows that a selector of generated ones is fitted to.

    Attributes
    ----------
    real : dict of label to (n_k, columns) array
        Rows of the classes whose generated rows are selected.
    is_categorical : sequence of bool
        True for columns whose numbers stand for levels.
    rng : RandomState
        Stream of what selects by chance.
    """

    real: dict[Hashable, np.ndarray]
    is_categorical: Sequence[bool]
    rng: np.random.RandomState

    @classmethod
    def of_rows(
        cls,
        refine: bool | str,
        X: Any,
        y: np.ndarray,
        is_categorical: Sequence[bool],
        seeds: Mapping[Hashable, int],
        kept: Collection[Hashable],
        sizes: Mapping[Hashable, int],
    ) -> "Refinement":
        """Refinement by all classes that are large enough, where one of them is kept.

        So a class comes out the same whichever others are kept.

        Parameters
        ----------
        refine : bool or "auto"
            As in ``TableGAN``.
        X : (n, columns) array or sparse matrix
            Rows, those with a class first.
        y : (n_labelled,) array
            Their classes.
        is_categorical : (columns,) sequence of bool
        seeds : dict of label to int
            Seeds of the classes.
        kept : collection of labels
            Classes that the model keeps.
        sizes : dict of label to int
            Sizes of all classes, by which the large ones are chosen.
        """
        min_rows = MIN_REFINED_BY_DEFAULT if refine == "auto" else MIN_REFINED
        large = [label for label, size in sizes.items() if size >= min_rows]
        n_rows = max_rows(max(1, len(large)), X.shape[1])
        if n_rows < min_rows:
            large = []
        if refine is True:
            warn_of_unrefined([label for label in kept if label not in large], min_rows)
        if not (refine and set(large) & set(kept)):
            return cls({}, is_categorical, np.random.RandomState(0))
        rng = np.random.RandomState([seeds[label] for label in large])
        numbers = {label: rng.permutation(np.flatnonzero(y == label)) for label in large}
        real = {label: dense(X[n[:n_rows]]) for label, n in numbers.items()}
        return cls(real, is_categorical, rng)

    def generators(self, trained: Mapping[Hashable, TrainedClass]) -> dict[Hashable, nn.Module]:
        """Generators whose rows are selected: those from noise."""
        found = {label: trained[label].generator for label in self.real}
        return {label: one for label, one in found.items() if isinstance(one, TableGenerator)}

    def fit_selector(
        self,
        generators: Mapping[Hashable, nn.Module],
        generate: Generate,
        n_latent: int,
        name: str,
        verbose: int,
    ) -> RowSelector:
        """A selector of the rows of some generators.

        Parameters
        ----------
        generators : dict of label to Module
        generate : callable
            Rows of latent points, of a generator and its label.
        n_latent : int
            Width of the latent points.
        name : str
            Name of the model, beside the progress bar.
        verbose : int
            1 shows a progress bar.
        """
        stream = torch.Generator().manual_seed(int(self.rng.randint(SEED_LIMIT)))

        def draw(label: Hashable, n_rows: int) -> np.ndarray:
            parts = []
            for start in range(0, n_rows, CHUNK):
                noise = torch.randn(min(CHUNK, n_rows - start), n_latent, generator=stream)
                parts.append(generate(generators[label], noise, label))
            return np.concatenate(parts)

        real = {label: self.real[label] for label in generators}
        with progress(n_stages(len(real)), name, "selection", verbose) as on_stage:
            return RowSelector.fit(real, draw, self.is_categorical, self.rng, on_stage)
