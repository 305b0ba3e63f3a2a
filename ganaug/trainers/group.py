"""Games of the classes of one group: repeated where they fail, halved where memory ends."""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import torch
from torch import Generator, Tensor

from ganaug.randomness import SEED_LIMIT
from ganaug.ranks import Ranks
from ganaug.trainers.checkpoint import Checkpoint, GameStates
from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.monitor import GameReport, OnReport
from ganaug.trainers.recipe import OnSteps, Recipe
from ganaug.trainers.tiers import Tier, format_labels
from ganaug.trainers.trained_class import TrainedClass, history_arrays
from ganaug.training.ensemble import select_members
from ganaug.training.loop import Figures, Game, GameState, Outcome
from ganaug.training.pool import Pool
from ganaug.training.streams import MemberStreams


@dataclass
class GroupOutcome:
    """Classes and faults that the training of a group leaves behind.

    Attributes
    ----------
    trained : dict of label to TrainedClass
        Classes that came out in good health.
    faults : dict of label to str
        What was wrong with classes in the first game that failed.
    interrupted : bool
        True where ``KeyboardInterrupt`` ended a game, or came before it.
    stopped : set of labels
        Classes whose game was ended by who watched it.
    n_steps : int
        Updates that nobody has been told of yet.
    reports : list of GameReport
        Reports of games that nobody has seen yet.
    games : dict of tuple to GameState
        States that are not in the checkpoint yet.
    """

    trained: dict[Hashable, TrainedClass] = field(default_factory=dict)
    faults: dict[Hashable, str] = field(default_factory=dict)
    interrupted: bool = False
    stopped: set[Hashable] = field(default_factory=set)
    n_steps: int = 0
    reports: list[GameReport] = field(default_factory=list)
    games: dict[tuple, GameState] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """Classes of a tier that are the members of one game.

    Attributes
    ----------
    tier : Tier
    samples : dict of label to (n_k, *features) tensor
        Their samples, as they are held.
    seeds : dict of label to int
        Their seeds.
    wanted : collection of labels
        Classes that are asked for; the others are trained only beside these.
    recipe : Recipe
    """

    tier: Tier
    samples: Mapping[Hashable, Tensor]
    seeds: Mapping[Hashable, int]
    wanted: Collection[Hashable]
    recipe: Recipe

    @property
    def is_shared(self) -> bool:
        """True where networks see the samples of several classes, or samples without classes."""
        shared = self.recipe.in_one_game(self.tier) and len(self.samples) > 1
        return shared or self.recipe.min_members > 1 or self.recipe.subject is not None

    def train(
        self,
        on_steps: OnSteps,
        states: Checkpoint | GameStates,
        on_report: OnReport | None = None,
        ranks: Ranks | None = None,
    ) -> GroupOutcome:
        """Train classes at once, failed ones for a second time; leave out those that fail again.

        Where the device's memory does not hold a game, halves are played one after the other.

        Parameters
        ----------
        on_steps : callable
            Called with the number of updates done since its last call.
        states : Checkpoint or GameStates
            What knows where games were, and is told where they are.
        on_report : callable or None, default=None
            Called with how a game goes, and ends it where it returns True; it is not repeated
            then.
        ranks : Ranks or None, default=None
            Processes that all train this group, each on a part of every batch.
        """
        done = GroupOutcome()
        for attempt, hyperparameters in enumerate(self.recipe.attempts(self.tier), 1):
            over = {*done.trained, *done.stopped}
            missing = [label for label in self.samples if label not in over]
            if done.interrupted or not set(self.wanted).intersection(missing):
                break
            if self.recipe.min_members > 1:
                # each needs all the others, as they are after equally many steps
                done.trained.clear()
                missing = list(self.samples)
            parts = [missing]
            while parts and not done.interrupted:
                labels = parts.pop(0)
                game: Game | None = None
                try:
                    name, game = self._start_game(labels, hyperparameters)
                    states.resume(name, game)
                    if ranks is not None:
                        game.divide(ranks.rank, ranks.size, ranks.average)
                    on_figures = self._on_figures(on_report, labels, attempt)
                    outcome = game.play(on_steps, partial(states.save, name, game), on_figures)
                except torch.OutOfMemoryError as error:
                    parts[:0] = self._halve(labels, error, may_halve=ranks is None)
                else:
                    done.interrupted |= outcome.interrupted
                    done.stopped.update(labels if outcome.stopped else ())
                    self._keep_healthy(done, labels, outcome)
                finally:
                    # the next game needs the device's memory
                    game = None
        return done

    def on(self, device: torch.device) -> "Group":
        """The group, to be trained on another device."""
        return replace(self, recipe=replace(self.recipe, device=device))

    def _on_figures(
        self, on_report: OnReport | None, labels: list[Hashable], attempt: int
    ) -> Callable[[Figures], bool] | None:
        """Function that reports figures as those of a game of some classes."""
        if on_report is None:
            return None
        return lambda figures: on_report(GameReport(figures, labels, self.tier.name, attempt))

    def _start_game(
        self, labels: list[Hashable], hyperparameters: Hyperparameters
    ) -> tuple[tuple, Game]:
        """Build the game of some classes, and name it."""
        recipe = self.recipe
        seeds = [self.seeds[label] for label in labels]
        samples = [self.samples[label] for label in labels]
        used, metric = recipe.split_validation(samples)
        sizes = [len(rows) for rows in used]
        pool = Pool(torch.cat(used), torch.arange(sum(sizes)).split(sizes), recipe.unpack)
        streams = [Generator().manual_seed(seed) for seed in seeds]
        generator, discriminator = recipe.networks(self.tier, samples, streams)
        generator = generator.to(recipe.device)
        discriminator = discriminator.to(recipe.device)
        pool = pool.to(recipe.device)
        config = recipe.configure(self.tier, hyperparameters, generator, pool)
        # a game of several classes by themselves has others beside it, which use all threads
        may_overlap = self.is_shared or len(labels) == 1
        config = replace(config, overlapping=config.overlapping and may_overlap)
        if metric is not None:
            config = replace(config, validation_metric=metric)
        # other seeds than those of the starting weights
        random_numbers = MemberStreams([SEED_LIMIT + seed for seed in seeds], recipe.device)
        game = Game(generator, discriminator, pool, config, random_numbers)
        # a second game of the same classes has another learning rate, and a model that is trained
        # before them may have their seeds
        subject = () if recipe.subject is None else (recipe.subject,)
        return (*subject, *seeds, hyperparameters.learning_rate), game

    def _halve(
        self, labels: list[Hashable], error: torch.OutOfMemoryError, may_halve: bool
    ) -> tuple[list[Hashable], list[Hashable]]:
        if len(labels) == 1 or self.recipe.min_members > 1 or not may_halve:
            name = self.recipe.subject or format_labels(labels)
            raise RuntimeError(
                f"{self.recipe.device} has too little memory to train {name}: "
                f"{error}. Lower batch_size, or use device='cpu'."
            ) from error
        half = len(labels) // 2
        return labels[:half], labels[half:]

    def _keep_healthy(self, done: GroupOutcome, labels: list[Hashable], outcome: Outcome) -> None:
        """Keep classes that came out of a game in good health; note what is wrong with others."""
        generator = outcome.generator.cpu()
        discriminator = outcome.discriminator.cpu()
        healthy = outcome.health.good.tolist()
        for member, label in enumerate(labels):
            if not healthy[member]:
                if label in self.wanted:
                    done.faults.setdefault(label, outcome.health.fault(member))
                continue
            done.trained[label] = TrainedClass(
                self.tier.name,
                self.recipe.finalize(
                    select_members(generator, [member]), self.samples[label], self.seeds[label]
                ),
                select_members(discriminator, [member]),
                history_arrays(outcome.history[:, :, member]),
                outcome.health.verdict(member),
            )
