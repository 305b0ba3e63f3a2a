"""One generator for every class: which kind by the class's size, trained all at once."""

import math
from collections.abc import Collection, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial

import torch
from sklearn.exceptions import ConvergenceWarning
from torch import Generator, Tensor

from ganaug.caller import warn_caller
from ganaug.randomness import SEED_LIMIT
from ganaug.rollback import TrainingInterrupted
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.recipe import OnSteps, Recipe
from ganaug.trainers.tiers import Tier, format_labels, tier_for
from ganaug.trainers.trained_class import TrainedClass, history_arrays
from ganaug.training.defaults import share_threads
from ganaug.training.ensemble import select_members
from ganaug.training.loop import Game, Outcome
from ganaug.training.pool import Pool
from ganaug.training.step import HISTORY_KEYS
from ganaug.training.streams import MemberStreams

# Bytes that the members trained side by side may take.
MAX_BYTES = 2**30


@dataclass(frozen=True)
class Group:
    """Classes of a tier that are the members of one game."""

    tier: Tier
    labels: list[Hashable]


class PerClassTrainer:
    """Trains the generators of all classes, in as few games as their sizes allow.

    Parameters
    ----------
    samples : dict of label to (n_k, *features) tensor
        Encoded samples of the classes, packed where the recipe unpacks them.
    seeds : dict of label to int
        Seeds of all randomness of a class.
    recipe : Recipe
        What is particular to the kind of samples.
    labels : collection of labels or None, default=None
        Classes to generate; None generates all. The others, and samples without a class, are
        trained only beside these, where they learn from one another.
    checkpoint : Checkpoint or None, default=None
        File of the games' states.
    n_threads : int, default=1
        Threads of a CPU: games are played side by side, each in one, or in its share of them
        where they are fewer. Samples depend on it by rounding errors only.
    sizes : dict of label to int, optional
        Sizes of the classes by which their tiers are chosen, where these are not the numbers of
        their samples.

    Attributes
    ----------
    interrupted : bool
        True once ``KeyboardInterrupt`` has ended a game; no further one is played.
    """

    def __init__(
        self,
        samples: dict[Hashable, Tensor],
        seeds: Mapping[Hashable, int],
        recipe: Recipe,
        labels: Collection[Hashable] | None = None,
        checkpoint: Checkpoint | None = None,
        n_threads: int = 1,
        sizes: Mapping[Hashable, int] | None = None,
    ):
        self.samples = samples
        self.seeds = seeds
        self.recipe = recipe
        self.interrupted = False
        self._labels = set(samples if labels is None else labels)
        self._checkpoint = Checkpoint(None) if checkpoint is None else checkpoint
        self._n_threads = n_threads if recipe.device.type == "cpu" else 1
        self._faults: dict[Hashable, str] = {}
        self._sizes = sizes or {}
        self._groups = self._trained_groups()

    @property
    def n_steps(self) -> int:
        """Updates over all games, if every class trains well at once."""
        n_steps = sum(self.recipe.hyperparameters(group.tier).n_steps for group in self._groups)
        return n_steps + sum(part.n_steps for part in self.recipe.pretraining) if n_steps else 0

    def tier(self, label: Hashable) -> Tier:
        """Kind of generator that serves a class."""
        return tier_for(self._sizes.get(label, len(self.samples[label])), self.recipe.tiers)

    def of(self, samples: dict[Hashable, Tensor]) -> "PerClassTrainer":
        """Trainer of some of the classes alone."""
        return PerClassTrainer(samples, self.seeds, self.recipe, sizes=self._sizes)

    def train(self, on_steps: OnSteps = lambda n_steps: None) -> dict[Hashable, TrainedClass]:
        """Train the generators of all classes.

        Parameters
        ----------
        on_steps : callable, optional
            Called with the number of updates done since its last call.

        Returns
        -------
        dict of label to TrainedClass
        """
        trained: dict[Hashable, TrainedClass] = {}
        if self.n_steps > 0:
            self._pretrain(on_steps)
            if self._n_threads > 1:
                trained = self._train_side_by_side(on_steps)
            else:
                for group in self._groups:
                    trained |= self._train_group(group, on_steps)
            if not self.interrupted:
                self._warn_of_faults(trained)
        return {
            label: trained[label] if label in trained else self._serve_untrained(label)
            for label in self.samples
        }

    def _trained_groups(self) -> list[Group]:
        """Groups of classes that are large enough to be trained; none where no requested one is."""
        by_tier: dict[Tier, list[Hashable]] = {}
        for label in self.samples:
            by_tier.setdefault(self.tier(label), []).append(label)
        groups = [
            Group(tier, part)
            for tier, labels in by_tier.items()
            if tier.trained and len(labels) >= self.recipe.min_members
            for part in self._divide(tier, labels)
        ]
        return groups if any(self._labels & set(group.labels) for group in groups) else []

    def _divide(self, tier: Tier, labels: list[Hashable]) -> list[list[Hashable]]:
        """Divide labels into games that fit into memory, as many as threads can share evenly."""
        if self.recipe.in_one_game(tier):
            return [labels]
        kind = "cpu" if self.recipe.device.type == "cpu" else "cuda"
        n_fitting = max(1, MAX_BYTES // self.recipe.bytes_per_member)
        n_games = math.ceil(len(labels) / min(self.recipe.max_members[kind], n_fitting))
        n_games = min(len(labels), math.ceil(n_games / self._n_threads) * self._n_threads)
        ends = [round(len(labels) * i / n_games) for i in range(n_games + 1)]
        return [labels[start:end] for start, end in zip(ends, ends[1:], strict=False)]

    def _pretrain(self, on_steps: OnSteps) -> None:
        try:
            for part in self.recipe.pretraining:
                self.recipe = part.run(self.recipe, self._play, on_steps)
        except TrainingInterrupted:
            self.interrupted = True

    def _train_side_by_side(self, on_steps: OnSteps) -> dict[Hashable, TrainedClass]:
        """Train groups in threads that share the processor."""

        def on_steps_until_interrupted(n_steps: int) -> None:
            if self.interrupted:
                raise KeyboardInterrupt
            on_steps(n_steps)

        n_side_by_side = min(self._n_threads, len(self._groups))
        with ThreadPoolExecutor(
            n_side_by_side,
            initializer=share_threads,
            initargs=(self._n_threads // n_side_by_side,),
        ) as pool:
            futures = [
                pool.submit(self._train_group, group, on_steps_until_interrupted)
                for group in self._groups
            ]
            try:
                wait(futures)
            except KeyboardInterrupt:
                self.interrupted = True
        trained: dict[Hashable, TrainedClass] = {}
        for future in futures:
            trained |= future.result()
        return trained

    def _train_group(self, group: Group, on_steps: OnSteps) -> dict[Hashable, TrainedClass]:
        """Train classes at once, failed ones for a second time; leave out those that fail again.

        Where the device's memory does not hold a game, halves are played one after the other.
        """
        trained: dict[Hashable, TrainedClass] = {}
        for hyperparameters in self.recipe.attempts(group.tier):
            missing = [label for label in group.labels if label not in trained]
            if self.interrupted or not self._labels.intersection(missing):
                break
            if self.recipe.min_members > 1:
                # each needs all the others, as they are after equally many steps
                trained = {}
                missing = group.labels
            parts = [missing]
            while parts and not self.interrupted:
                labels = parts.pop(0)
                game: Game | None = None
                try:
                    name, game = self._start_game(group.tier, labels, hyperparameters)
                    outcome = game.play(on_steps, partial(self._checkpoint.save, name, game))
                except torch.OutOfMemoryError as error:
                    parts[:0] = self._halve(labels, error)
                else:
                    self.interrupted |= outcome.interrupted
                    trained |= self._healthy_classes(group.tier, labels, outcome)
                finally:
                    # the next game needs the device's memory
                    game = None
        return trained

    def _start_game(
        self, tier: Tier, labels: list[Hashable], hyperparameters: Hyperparameters
    ) -> tuple[tuple, Game]:
        """Build the game of some classes, and resume it under its name in the checkpoint."""
        recipe = self.recipe
        seeds = [self.seeds[label] for label in labels]
        samples = [self.samples[label] for label in labels]
        used, metric = recipe.split_validation(samples)
        sizes = [len(rows) for rows in used]
        pool = Pool(torch.cat(used), torch.arange(sum(sizes)).split(sizes), recipe.unpack)
        streams = [Generator().manual_seed(seed) for seed in seeds]
        generator, discriminator = recipe.networks(tier, samples, streams)
        generator = generator.to(recipe.device)
        discriminator = discriminator.to(recipe.device)
        pool = pool.to(recipe.device)
        config = recipe.configure(tier, hyperparameters, generator, pool)
        if metric is not None:
            config = replace(config, validation_metric=metric)
        # other seeds than those of the starting weights
        random_numbers = MemberStreams([SEED_LIMIT + seed for seed in seeds], recipe.device)
        game = Game(generator, discriminator, pool, config, random_numbers)
        # a second game of the same classes has another learning rate, and a model that is trained
        # before them may have their seeds
        subject = () if recipe.subject is None else (recipe.subject,)
        name = (*subject, *seeds, hyperparameters.learning_rate)
        self._checkpoint.resume(name, game)
        return name, game

    def _play(self, name: tuple, game: Game, on_steps: OnSteps) -> Outcome:
        """Play a game of no group, from where a checkpoint has left it under its name."""
        self._checkpoint.resume(name, game)
        outcome = game.play(on_steps, partial(self._checkpoint.save, name, game))
        self.interrupted |= outcome.interrupted
        return outcome

    def _halve(
        self, labels: list[Hashable], error: torch.OutOfMemoryError
    ) -> tuple[list[Hashable], list[Hashable]]:
        if len(labels) == 1 or self.recipe.min_members > 1:
            raise RuntimeError(
                f"{self.recipe.device} has too little memory to train {self._name(labels)}: "
                f"{error}. Lower batch_size, or use device='cpu'."
            ) from error
        half = len(labels) // 2
        return labels[:half], labels[half:]

    def _healthy_classes(
        self, tier: Tier, labels: list[Hashable], outcome: Outcome
    ) -> dict[Hashable, TrainedClass]:
        """Classes that came out of a game in good health; what is wrong with others is noted."""
        generator = outcome.generator.cpu()
        discriminator = outcome.discriminator.cpu()
        healthy = outcome.health.good.tolist()
        trained: dict[Hashable, TrainedClass] = {}
        for member, label in enumerate(labels):
            if not healthy[member]:
                if label in self._labels:
                    self._faults.setdefault(label, outcome.health.fault(member))
                continue
            trained[label] = TrainedClass(
                tier.name,
                self.recipe.finalize(
                    select_members(generator, [member]), self.samples[label], self.seeds[label]
                ),
                select_members(discriminator, [member]),
                history_arrays(outcome.history[:, :, member]),
            )
        return trained

    def _serve_untrained(self, label: Hashable) -> TrainedClass:
        samples = self.samples[label]
        stream = Generator().manual_seed(self.seeds[label])
        tier = self.tier(label)
        name, generator = self.recipe.fallback(tier, samples, stream)
        history = history_arrays(torch.zeros(0, len(HISTORY_KEYS)))
        return TrainedClass(name, generator, None, history)

    def _name(self, labels: list[Hashable]) -> str:
        """Name of some classes in messages."""
        return self.recipe.subject or format_labels(labels)

    def _warn_of_faults(self, trained: Mapping[Hashable, TrainedClass]) -> None:
        """Say which classes were trained for a second time, and which of them to no avail."""
        groups: dict[tuple[bool, Tier, str], list[Hashable]] = {}
        for label, fault in self._faults.items():
            tier = self.tier(label)
            kind = fault.partition(":")[0]
            groups.setdefault((label not in trained, tier, kind), []).append(label)
        for (lost, tier, _), labels in sorted(groups.items(), key=lambda group: group[0][0]):
            first, second = self.recipe.attempts(tier)
            name = self.recipe.subject or f"The GAN of {format_labels(labels)}"
            end = "."
            if lost:
                fallback = self._serve_untrained(labels[0]).tier
                end = f", and failed again: served by {fallback}, without a learnt part."
            warn_caller(
                f"{name} {self._faults[labels[0]]} "
                f"(learning_rate={first.learning_rate:g}, gamma={first.gamma:g}). It was trained "
                f"once more with learning_rate={second.learning_rate:g}, gamma={second.gamma:g}"
                f"{end} Lower learning_rate or raise gamma.",
                ConvergenceWarning,
            )
