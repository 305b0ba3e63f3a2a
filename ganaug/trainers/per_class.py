"""One generator for every class: which kind by the class's size, trained all at once."""

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import torch
from joblib import effective_n_jobs
from sklearn.exceptions import ConvergenceWarning
from torch import Generator, Tensor

from ganaug.caller import warn_caller
from ganaug.ranks import Ranks, local_device, n_ranks
from ganaug.rollback import TrainingInterrupted
from ganaug.trainers.checkpoint import Checkpoint, GameStates
from ganaug.trainers.group import Group, GroupOutcome
from ganaug.trainers.jobs import train_groups
from ganaug.trainers.memory import warn_of_memory
from ganaug.trainers.monitor import GameReport, OnReport
from ganaug.trainers.on_ranks import train_groups_on_ranks
from ganaug.trainers.recipe import OnSteps, Recipe
from ganaug.trainers.tiers import Tier, format_labels, tier_for
from ganaug.trainers.trained_class import TrainedClass, history_arrays
from ganaug.training.health import NOT_TRAINED
from ganaug.training.loop import Figures, Game, Outcome
from ganaug.training.step import HISTORY_KEYS

# Bytes that the members trained side by side may take.
MAX_BYTES = 2**30


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
    n_jobs : int or None, default=None
        Games at a time, as jobs of joblib's active backend. How classes share games depends
        on it on GPUs only.

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
        n_jobs: int | None = None,
    ):
        self.samples = samples
        self.seeds = seeds
        self.recipe = recipe
        self.interrupted = False
        self.n_jobs = n_jobs
        self._on_report: OnReport | None = None
        self._ranks: Ranks | None = None
        self._labels = set(samples if labels is None else labels)
        self._checkpoint = Checkpoint(None) if checkpoint is None else checkpoint
        self._n_threads = n_threads if recipe.device.type == "cpu" else 1
        self._sizes = sizes or {}
        self._games = self._divide_classes()

    @property
    def n_steps(self) -> int:
        """Updates over all games, if every class trains well at once."""
        n_steps = sum(self.recipe.hyperparameters(tier).n_steps for tier, _ in self._games)
        return n_steps + sum(part.n_steps for part in self.recipe.pretraining) if n_steps else 0

    @property
    def n_games(self) -> int:
        """Games that are played, if every class trains well at once."""
        return len(self._games) + len(self.recipe.pretraining)

    @property
    def n_bytes(self) -> int:
        """Bytes that the games played at a time take, beside what is held already.

        On a CPU processes take up to three times what their tensors do, whose memory is given
        back in pieces (``benchmarks.cost.large_images`` shows it); on a GPU blocks are kept.
        """
        sizes = [
            len(part) * self.recipe.bytes_per_member
            + sum(self.samples[label].nbytes for label in part)
            for _, part in self._games
        ]
        n_at_once = max(self._n_threads, effective_n_jobs(self.n_jobs))
        in_pieces = 3 if self.recipe.device.type == "cpu" else 1
        return in_pieces * sum(sorted(sizes)[-n_at_once:])

    def tier(self, label: Hashable) -> Tier:
        """Kind of generator that serves a class."""
        return tier_for(self._sizes.get(label, len(self.samples[label])), self.recipe.tiers)

    def of(self, samples: dict[Hashable, Tensor]) -> "PerClassTrainer":
        """Trainer of some of the classes alone."""
        return PerClassTrainer(
            samples, self.seeds, self.recipe, sizes=self._sizes, n_jobs=self.n_jobs
        )

    def train(
        self,
        on_steps: OnSteps = lambda n_steps: None,
        on_report: OnReport | None = None,
        ranks: Ranks | None = None,
    ) -> dict[Hashable, TrainedClass]:
        """Train the generators of all classes.

        Parameters
        ----------
        on_steps : callable, optional
            Called with the number of updates done since its last call.
        on_report : callable or None, optional
            As in ``train_groups``; of several ranks the first one's is called, for games that all
            of them play.
        ranks : Ranks or None, default=None
            Processes that train the classes together.

        Returns
        -------
        dict of label to TrainedClass
        """
        how = (self._checkpoint, self._n_threads, self.n_jobs)
        if ranks is None:
            self._on_report = on_report
            return self.finish(train_groups(self.start(on_steps), on_steps, *how, on_report))
        self._ranks = ranks
        self.recipe = replace(self.recipe, device=local_device(self.recipe.device))

        def watch(n_steps: int) -> None:
            ranks.check()
            on_steps(n_steps)

        def agree(report: GameReport) -> bool:
            ended = on_report(report) if on_report is not None and ranks.rank == 0 else False
            return ranks.first(ended)

        is_watched = ranks.first(on_report is not None)
        self._on_report = agree if is_watched else None
        groups = self.start(watch)
        if self.interrupted:
            raise KeyboardInterrupt
        return self.finish(train_groups_on_ranks(groups, watch, *how, self._on_report, ranks))

    def start(self, on_steps: OnSteps = lambda n_steps: None) -> list[Group]:
        """Groups of classes to train, after what comes before them; none once interrupted."""
        if self.n_steps > 0:
            warn_of_memory(self.n_bytes, self.recipe.device)
            self._pretrain(on_steps)
        if self.n_steps == 0 or self.interrupted:
            return []
        # what was trained before is no longer needed, and may hold all samples
        recipe = replace(self.recipe, pretraining=())
        return [
            Group(
                tier,
                {label: self.samples[label] for label in labels},
                {label: self.seeds[label] for label in labels},
                self._labels.intersection(labels),
                recipe,
            )
            for tier, labels in self._games
        ]

    def finish(self, outcomes: Sequence[GroupOutcome]) -> dict[Hashable, TrainedClass]:
        """All classes, by what training the groups has left behind."""
        trained: dict[Hashable, TrainedClass] = {}
        faults: dict[Hashable, str] = {}
        stopped: dict[Hashable, str] = {}
        for outcome in outcomes:
            trained |= outcome.trained
            for label, fault in outcome.faults.items():
                (stopped if label in outcome.stopped else faults)[label] = fault
            self.interrupted |= outcome.interrupted
        if not self.interrupted:
            self._warn_of_faults(trained, faults)
            self._warn_of_stops(trained, stopped)
        return {
            label: trained[label] if label in trained else self._serve_untrained(label)
            for label in self.samples
        }

    def _divide_classes(self) -> list[tuple[Tier, list[Hashable]]]:
        """Classes of each game that are large enough to be trained; none where none is wanted."""
        by_tier: dict[Tier, list[Hashable]] = {}
        for label in self.samples:
            by_tier.setdefault(self.tier(label), []).append(label)
        games = [
            (tier, part)
            for tier, labels in by_tier.items()
            if tier.trained and len(labels) >= self.recipe.min_members
            for part in self._divide(tier, labels)
        ]
        return games if any(self._labels.intersection(part) for _, part in games) else []

    def _divide(self, tier: Tier, labels: list[Hashable]) -> list[list[Hashable]]:
        """Divide labels into games that fit into memory, as many as threads can share evenly.

        On a GPU as many as there are jobs of all ranks. On a CPU classes share games whatever the
        number of jobs: numbers are rounded otherwise where other members stand beside them.
        """
        if self.recipe.in_one_game(tier):
            return [labels]
        kind = "cpu" if self.recipe.device.type == "cpu" else "cuda"
        n_fitting = max(1, MAX_BYTES // self.recipe.bytes_per_member)
        max_members = min(self.recipe.max_members[kind], n_fitting)
        n_games = math.ceil(len(labels) / max_members)
        if kind == "cpu":
            # more than fill half a game come in pairs of games, which two jobs share evenly
            n_at_once = max(self._n_threads, 2 if 2 * len(labels) > max_members else 1)
        else:
            n_at_once = effective_n_jobs(self.n_jobs) * n_ranks()
        n_games = min(len(labels), math.ceil(n_games / n_at_once) * n_at_once)
        ends = [round(len(labels) * i / n_games) for i in range(n_games + 1)]
        return [labels[start:end] for start, end in zip(ends, ends[1:], strict=False)]

    def _pretrain(self, on_steps: OnSteps) -> None:
        try:
            for part in self.recipe.pretraining:
                self.recipe = part.run(self.recipe, self._play, on_steps, self._ranks)
        except TrainingInterrupted:
            self.interrupted = True

    def _play(self, name: tuple, game: Game, on_steps: OnSteps) -> Outcome:
        """Play a game of no group, from where a checkpoint has left it under its name."""
        on_report = self._on_report

        def on_figures(figures: Figures) -> bool:
            labels = list(self.samples)
            return on_report is not None and on_report(GameReport(figures, labels, "pooled start"))

        states: Checkpoint | GameStates = self._checkpoint
        if self._ranks is not None:
            states = states if self._ranks.rank == 0 else self._checkpoint.part(name[:1])
            game.divide(self._ranks.rank, self._ranks.size, self._ranks.average)
        states.resume(name, game)
        save = partial(states.save, name, game)
        outcome = game.play(on_steps, save, None if on_report is None else on_figures)
        self.interrupted |= outcome.interrupted
        return outcome

    def _serve_untrained(self, label: Hashable) -> TrainedClass:
        samples = self.samples[label]
        stream = Generator().manual_seed(self.seeds[label])
        tier = self.tier(label)
        name, generator = self.recipe.fallback(tier, samples, stream)
        history = history_arrays(torch.zeros(0, len(HISTORY_KEYS)))
        return TrainedClass(name, generator, None, history, NOT_TRAINED)

    def _warn_of_stops(
        self, trained: Mapping[Hashable, TrainedClass], stopped: Mapping[Hashable, str]
    ) -> None:
        """Say which classes were stopped before they were of use."""
        lost = [label for label in stopped if label not in trained]
        if lost:
            name = self.recipe.subject or f"The GAN of {format_labels(lost)}"
            warn_caller(
                f"{name} was stopped by its callback, and {stopped[lost[0]]}: served by "
                f"{self._serve_untrained(lost[0]).tier}, without a learnt part. Stop it later.",
                ConvergenceWarning,
            )

    def _warn_of_faults(
        self, trained: Mapping[Hashable, TrainedClass], faults: Mapping[Hashable, str]
    ) -> None:
        """Say which classes were trained for a second time, and which of them to no avail."""
        groups: dict[tuple[bool, Tier, str], list[Hashable]] = {}
        for label, fault in faults.items():
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
                f"{name} {faults[labels[0]]} "
                f"(learning_rate={first.learning_rate:g}, gamma={first.gamma:g}). It was trained "
                f"once more with learning_rate={second.learning_rate:g}, gamma={second.gamma:g}"
                f"{end} Lower learning_rate or raise gamma.",
                ConvergenceWarning,
            )
