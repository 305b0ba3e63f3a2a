"""Classes of several tables as the members of one game."""

from collections.abc import Hashable, Iterator, Sequence

from torch import Tensor

from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.recipe import OnSteps
from ganaug.trainers.table import ANCHORED
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
    """

    def __init__(self, trainers: Sequence[PerClassTrainer]):
        self._trainers = trainers
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
        trained: list[dict[Hashable, TrainedClass]] = [{} for _ in self._trainers]
        for game, places in self._games:
            done = game.train(on_steps)
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
            yield PerClassTrainer(samples, seeds, recipe, sizes=sizes), places

    def _remaining_games(self) -> Iterator[tuple[PerClassTrainer, Places]]:
        """Games of the other classes of each trainer."""
        for number, trainer in enumerate(self._trainers):
            rest = {
                label: rows
                for label, rows in trainer.samples.items()
                if trainer.tier(label) is not ANCHORED
            }
            yield trainer.of(rest), {label: (number, label) for label in rest}
