"""Classes of several tables as the members of one game."""

from collections.abc import Hashable, Iterator, Sequence
from itertools import islice

from torch import Tensor

from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.jobs import train_groups
from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.recipe import OnSteps
from ganaug.trainers.table_tiers import ANCHORED
from ganaug.trainers.trained_class import TrainedClass

# The trainer, by its number, and the label that each class of a game stands for.
Places = dict[Hashable, tuple[int, Hashable]]


class JointTrainer:
    """Trains what each of some trainers of equal hyper-parameters would by itself, in fewer games.

    Classes of the anchored tier share nothing with one another, so those of all trainers
    whose rows have one layout play side by side.

    Parameters
    ----------
    trainers : sequence of PerClassTrainer
        Of tables, which none has trained yet.
    n_jobs : int or None, default=None
        Games at a time, as jobs of joblib's active backend.
    """

    def __init__(self, trainers: Sequence[PerClassTrainer], n_jobs: int | None = None):
        self._trainers = trainers
        self._n_jobs = n_jobs
        self._games = [*self._joint_games(), *self._remaining_games()]

    @property
    def n_steps(self) -> int:
        """Updates over all games, if every class trains well at once."""
        return sum(game.n_steps for game, _ in self._games)

    def train(self, on_steps: OnSteps = lambda n_steps: None) -> list[dict[Hashable, TrainedClass]]:
        """Train the generators of all classes of each trainer.

        Parameters
        ----------
        on_steps : callable, optional
            Called with the number of updates done since its last call.

        Raises
        ------
        KeyboardInterrupt
            Where that ended a game.
        """
        starts = [game.start() for game, _ in self._games]
        groups = [group for start in starts for group in start]
        outcomes = iter(train_groups(groups, on_steps, Checkpoint(None), n_jobs=self._n_jobs))
        trained: list[dict[Hashable, TrainedClass]] = [{} for _ in self._trainers]
        for (game, places), start in zip(self._games, starts, strict=True):
            done = game.finish(list(islice(outcomes, len(start))))
            if game.interrupted:
                raise KeyboardInterrupt
            for key, (number, label) in places.items():
                trained[number][label] = done[key]
        return trained

    def _joint_games(self) -> Iterator[tuple[PerClassTrainer, Places]]:
        """Games of the anchored classes of all trainers whose rows have one layout."""
        by_layout: dict[Hashable, list[int]] = {}
        for number, trainer in enumerate(self._trainers):
            by_layout.setdefault(trainer.recipe.layout, []).append(number)
        for numbers in by_layout.values():
            anchored = [
                (number, label)
                for number in numbers
                for label in self._trainers[number].samples
                if self._trainers[number].tier(label) is ANCHORED
            ]
            places: Places = dict(enumerate(anchored))
            samples: dict[Hashable, Tensor] = {}
            seeds: dict[Hashable, int] = {}
            for key, (number, label) in places.items():
                samples[key] = self._trainers[number].samples[label]
                seeds[key] = self._trainers[number].seeds[label]
            sizes = dict.fromkeys(samples, ANCHORED.min_rows)
            recipe = self._trainers[numbers[0]].recipe
            trainer = PerClassTrainer(samples, seeds, recipe, sizes=sizes, n_jobs=self._n_jobs)
            yield trainer, places

    def _remaining_games(self) -> Iterator[tuple[PerClassTrainer, Places]]:
        """Games of the other classes of each trainer."""
        for number, trainer in enumerate(self._trainers):
            rest = {
                label: rows
                for label, rows in trainer.samples.items()
                if trainer.tier(label) is not ANCHORED
            }
            yield trainer.of(rest), {label: (number, label) for label in rest}
