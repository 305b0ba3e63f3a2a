"""Selection among the rows that a fitted model of tables generates."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from ganaug.encoding.one_hot import OneHotGroups
from ganaug.encoding.schema import TableSchema
from ganaug.encoding.table import dense
from ganaug.models.row_selection import RowSelector, max_rows, n_stages
from ganaug.progress import progress
from ganaug.randomness import SEED_LIMIT
from ganaug.rollback import TrainingInterrupted
from ganaug.strategy import class_counts
from ganaug.trainers.tiers import warn_of_unrefined
from ganaug.trainers.trained_class import TrainedClass
from ganaug.training.networks.table import TableGenerator

# Rows of a class from which on generated ones are selected where that is asked for: of 500 and less
# trees learn too little.
MIN_REFINED = 1000

# The same where nobody asks: of 2,000 rows a class, selected rows were harder to tell from real
# ones, but classifiers learnt a little less from them; of 5,000 and more they learnt more.
MIN_REFINED_BY_DEFAULT = 5000


@dataclass(frozen=True)
class Refinement:
    """Real rows of the classes whose generated rows are selected, and what selects by chance."""

    real: dict[Hashable, np.ndarray]
    rng: np.random.RandomState


class RefinementMixin:
    """Gives a model of tables a selector of generated rows, which ``sample`` asks."""

    refine: bool | str
    verbose: int
    n_latent: int
    class_counts_: dict[Hashable, int]
    _schema: TableSchema
    _one_hot: OneHotGroups
    _selector: RowSelector | None
    _CHUNK: int

    def _generate_numbers(
        self, generator: nn.Module, noise: torch.Tensor, label: Hashable
    ) -> np.ndarray:
        raise NotImplementedError

    def _wrap(self, rows: np.ndarray) -> Any:
        raise NotImplementedError

    def _prepare_refinement(
        self, X: Any, y: np.ndarray, seeds: Mapping[Hashable, int]
    ) -> Refinement:
        """Real rows to select by, of all classes that are large enough where one of them is kept.

        So a class comes out the same whichever others are kept.
        """
        self._selector = None
        min_rows = MIN_REFINED_BY_DEFAULT if self.refine == "auto" else MIN_REFINED
        large = [label for label, size in class_counts(y).items() if size >= min_rows]
        n_rows = max_rows(max(1, len(large)), X.shape[1])
        if n_rows < min_rows:
            large = []
        if self.refine is True:
            warn_of_unrefined([k for k in self.class_counts_ if k not in large], min_rows)
        if not (self.refine and set(large) & set(self.class_counts_)):
            return Refinement({}, np.random.RandomState(0))
        rng = np.random.RandomState([seeds[label] for label in large])
        numbers = {label: rng.permutation(np.flatnonzero(y == label)) for label in large}
        return Refinement({label: dense(X[n[:n_rows]]) for label, n in numbers.items()}, rng)

    def _refine(self, trained: Mapping[Hashable, TrainedClass], refinement: Refinement) -> None:
        """Learn which of the generated rows to hand out."""
        generators = {
            label: trained[label].generator
            for label in refinement.real
            if isinstance(trained[label].generator, TableGenerator)
        }
        if not set(generators) & set(self.class_counts_):
            return
        rng = refinement.rng
        stream = torch.Generator().manual_seed(int(rng.randint(SEED_LIMIT)))

        def draw(label: Hashable, n_rows: int) -> np.ndarray:
            parts = []
            for start in range(0, n_rows, self._CHUNK):
                size = min(self._CHUNK, n_rows - start)
                noise = torch.randn(size, self.n_latent, generator=stream)
                parts.append(self._generate_numbers(generators[label], noise, label))
            return np.concatenate(parts)

        real = {label: refinement.real[label] for label in generators}
        shown = type(self).__name__
        try:
            with progress(n_stages(len(real)), shown, "selection", self.verbose) as on_stage:
                is_categorical = self._one_hot.merge_mask(self._schema.is_categorical)
                self._selector = RowSelector.fit(real, draw, is_categorical, rng, on_stage)
        except KeyboardInterrupt:
            raise TrainingInterrupted(self) from None

    def _select(
        self, generator: nn.Module, noise: torch.Tensor, label: Hashable, stream: torch.Generator
    ) -> Any:
        rows = self._generate_numbers(generator, noise, label)
        if self._selector is not None and self._selector.knows(label):
            uniform = torch.rand(len(rows), generator=stream, dtype=torch.float64).numpy()
            rows = rows[self._selector.accepted(rows, label, uniform)]
        return self._wrap(rows)
