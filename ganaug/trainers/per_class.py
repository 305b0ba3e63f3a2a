"""One generator for every class: which kind by the class's size, trained all at once."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from torch import Generator, Tensor, nn

from ganaug.caller import warn_caller
from ganaug.randomness import SEED_LIMIT
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.hyperparameters import Settings
from ganaug.trainers.tiers import Tier, names_of, tier_of
from ganaug.trainers.trained_class import Trained
from ganaug.training.config import AuxiliaryLoss, TrainingConfig
from ganaug.training.defaults import share_threads
from ganaug.training.discriminator_transform import DiscriminatorTransform
from ganaug.training.early_stopping import ValidationMetric
from ganaug.training.ensemble import select_members
from ganaug.training.input_samplers import GaussianNoise, InputSampler
from ganaug.training.loop import Game, Outcome
from ganaug.training.pool import Pool
from ganaug.training.step import HISTORY_KEYS
from ganaug.training.streams import MemberStreams

# Bytes that the members trained side by side may take.
MEMORY = 2**30


class PerClassTrainer(ABC):
    """Trains the generators of all classes, in as few games as their sizes allow.

    What is particular to a kind of samples is left to subclasses: tiers, networks,
    what discriminators see, and what serves where nothing is trained.

    Parameters
    ----------
    samples : dict of label to (n_k, *features) tensor
        Encoded samples of the classes to generate, packed where ``unpack`` says so.
    seeds : dict of label to int
        All randomness of a class.
    settings : Settings
    n_threads : int, default=1
        Of a CPU: games are played side by side, each in one, or in its share of them
        where they are fewer. Samples depend on it by rounding errors only.

    Attributes
    ----------
    interrupted : bool
        True once ``KeyboardInterrupt`` has ended a game; no further one is played.
    """

    TIERS: tuple[Tier, ...]

    # Members of one game at most, by kind of device. On a CPU more do not make a class cheaper; on
    # a GPU, where small networks wait for their kernels to be launched, only memory bounds them.
    MEMBERS_AT_ONCE: dict[str, int]

    # Whether classes may be trained in games of their own.
    INDEPENDENT = True

    # Steps from one update with the gradient penalties to the next.
    PENALTY_INTERVAL = 1

    # What keeps a game steady at a high learning rate; see ``TrainingConfig``.
    WARMUP_STEPS = 1
    CLIP_RMS_MULTIPLE = math.inf

    # The default weight of the penalties.
    GAMMA: float

    # Nats that losses stay below at default settings on real data, and three times as many.
    MAX_LOSS: float

    def __init__(
        self,
        samples: dict[Hashable, Tensor],
        seeds: dict[Hashable, int],
        settings: Settings,
        n_threads: int = 1,
    ):
        self.samples, self.seeds, self._settings = samples, seeds, settings
        self._n_threads = n_threads if settings.device.type == "cpu" else 1
        self.interrupted = False
        self._faults: dict[Hashable, str] = {}
        self._chunks = [
            (tier, chunk)
            for tier, labels in self._labels_by_tier().items()
            for chunk in self._chunks_of(tier, labels)
        ]

    @abstractmethod
    def bytes_of_member(self) -> int:
        """Bytes that training one class takes, at most."""

    @abstractmethod
    def networks(
        self, tier: Tier, samples: list[Tensor], streams: list[Generator]
    ) -> tuple[nn.Module, nn.Module]:
        """Generator and discriminator of some classes, as they start."""

    @abstractmethod
    def default_learning_rate(self, tier: Tier) -> float:
        """Learning rate that is known to work for the classes of a tier."""

    @abstractmethod
    def view(self, tier: Tier) -> DiscriminatorTransform:
        """What the discriminators of a tier see."""

    @abstractmethod
    def untrained(self, tier: Tier, samples: Tensor, stream: Generator) -> tuple[str, nn.Module]:
        """What serves a class of a tier without training: its name, and a generator."""

    def unpack(self, samples: Tensor) -> Tensor:
        """Samples as networks see them."""
        return samples

    def settings_of(self, tier: Tier) -> Settings:
        """How the game of a tier is played."""
        return self._settings

    def second_settings(self, tier: Tier) -> Settings:
        """Settings by which classes that diverged or collapsed are trained once more."""
        return self.settings_of(tier).safer(self.default_learning_rate(tier), self.GAMMA)

    def judged(self, samples: list[Tensor]) -> tuple[list[Tensor], ValidationMetric | None]:
        """Samples to train on, and what rates the generators; None where the last are taken."""
        return samples, None

    def inputs(self, pool: Pool) -> InputSampler:
        """What the generators of a game receive; ``pool`` is where they are."""
        return GaussianNoise(self._settings.n_latent)

    def auxiliary_loss(self, generator: nn.Module) -> AuxiliaryLoss | None:
        """Of the generators of a game, beside that of the game."""
        return None

    def finished(self, generator: nn.Module, samples: Tensor, seed: int) -> nn.Module:
        """What is kept of the trained generator of one class, on the CPU."""
        return generator

    def prepare(self, on_steps: Callable[[int], object]) -> None:  # noqa: B027 - most need nothing
        """What comes before the classes' games."""

    @property
    def n_steps(self) -> int:
        """Generator updates, over all games, if every class trains well at once."""
        return sum(self.settings_of(tier).n_steps for tier, _ in self._chunks if tier.trained)

    def train(
        self, on_steps: Callable[[int], object], checkpoint: Checkpoint | None = None
    ) -> dict[Hashable, Trained]:
        """Generators of all labels; ``on_steps`` hears of the updates done since its last call."""
        self._checkpoint = checkpoint or Checkpoint(None)
        trained: dict[Hashable, Trained] = {}
        if self.n_steps > 0:
            self.prepare(on_steps)
            for part in self._all_games(on_steps):
                trained |= part
            if not self.interrupted:
                self._warn_of_faults(trained)
        for label in self.samples:
            if label not in trained:
                trained[label] = self._untrained(label)
        return {label: trained[label] for label in self.samples}

    def _all_games(self, on_steps: Callable[[int], object]) -> list[dict[Hashable, Trained]]:
        games = [(tier, labels) for tier, labels in self._chunks if tier.trained]
        if self._n_threads == 1 or not games:
            return [self._train_chunk(tier, labels, on_steps) for tier, labels in games]

        def on_steps_until_interrupted(n_steps: int) -> None:
            if self.interrupted:
                raise KeyboardInterrupt
            on_steps(n_steps)

        n_side_by_side = min(self._n_threads, len(games))
        with ThreadPoolExecutor(
            n_side_by_side,
            initializer=share_threads,
            initargs=(self._n_threads // n_side_by_side,),
        ) as pool:
            futures = [
                pool.submit(self._train_chunk, tier, labels, on_steps_until_interrupted)
                for tier, labels in games
            ]
            try:
                wait(futures)
            except KeyboardInterrupt:
                self.interrupted = True
        return [future.result() for future in futures]

    def _labels_by_tier(self) -> dict[Tier, list[Hashable]]:
        by_tier: dict[Tier, list[Hashable]] = {}
        for label, own in self.samples.items():
            by_tier.setdefault(tier_of(len(own), self.TIERS), []).append(label)
        return by_tier

    def _chunks_of(self, tier: Tier, labels: list[Hashable]) -> list[list[Hashable]]:
        """Labels that train side by side: as many games as memory wants and threads can share."""
        kind = "cpu" if self._settings.device.type == "cpu" else "cuda"
        fitting = max(1, MEMORY // self.bytes_of_member())
        n_games = math.ceil(len(labels) / min(self.MEMBERS_AT_ONCE[kind], fitting))
        n_games = min(len(labels), math.ceil(n_games / self._n_threads) * self._n_threads)
        ends = [round(len(labels) * i / n_games) for i in range(n_games + 1)]
        return [labels[start:end] for start, end in zip(ends, ends[1:], strict=False)]

    def _untrained(self, label: Hashable) -> Trained:
        samples, stream = self.samples[label], Generator().manual_seed(self.seeds[label])
        name, generator = self.untrained(tier_of(len(samples), self.TIERS), samples, stream)
        return Trained(name, generator, None, _figures(torch.zeros(0, len(HISTORY_KEYS))))

    def _train_chunk(
        self, tier: Tier, labels: list[Hashable], on_steps: Callable[[int], object]
    ) -> dict[Hashable, Trained]:
        """Train some classes at once, those that fail for a second time; leave out the lost."""
        if self.interrupted:
            return {}
        settings = self.settings_of(tier)
        trained = self._game(tier, labels, settings, on_steps)
        failed = [label for label in labels if label not in trained]
        if failed and not self.interrupted:
            trained |= self._game(tier, failed, self.second_settings(tier), on_steps)
        return trained

    def _game(
        self,
        tier: Tier,
        labels: list[Hashable],
        settings: Settings,
        on_steps: Callable[[int], object],
    ) -> dict[Hashable, Trained]:
        """Play one game; keep the classes that came out of it in good health.

        Where the device's memory does not hold it, halves are played one after the other.
        """
        samples = [self.samples[label] for label in labels]
        seeds = [self.seeds[label] for label in labels]
        streams = [Generator().manual_seed(seed) for seed in seeds]
        used, judge = self.judged(samples)
        sizes = [len(own) for own in used]
        pool = Pool(torch.cat(used), torch.arange(sum(sizes)).split(sizes), self.unpack)
        try:
            networks = self.networks(tier, samples, streams)
            outcome = self._play(tier, networks, pool, seeds, settings, judge, on_steps)
        except torch.OutOfMemoryError as error:
            if len(labels) == 1 or not self.INDEPENDENT:
                raise RuntimeError(
                    f"{settings.device} has too little memory to train {names_of(labels)}: "
                    f"{error}. Lower batch_size, or use device='cpu'."
                ) from error
            half = len(labels) // 2
            parts = (labels[:half], labels[half:])
            return {
                label: one
                for part in parts
                for label, one in self._game(tier, part, settings, on_steps).items()
            }
        healthy = outcome.health.good.tolist()
        for member, label in enumerate(labels):
            if not healthy[member]:
                self._faults.setdefault(label, outcome.health.fault(member))
        generator, discriminator = outcome.generator.cpu(), outcome.discriminator.cpu()
        return {
            label: Trained(
                tier.name,
                self.finished(select_members(generator, [member]), samples[member], seeds[member]),
                select_members(discriminator, [member]),
                _figures(outcome.history[:, :, member]),
            )
            for member, label in enumerate(labels)
            if healthy[member]
        }

    def _play(
        self,
        tier: Tier,
        networks: tuple[nn.Module, nn.Module],
        pool: Pool,
        seeds: list[int],
        settings: Settings,
        judge: ValidationMetric | None,
        on_steps: Callable[[int], object],
    ) -> Outcome:
        """Train one member for each seed."""
        n_members, device = len(seeds), settings.device
        generator, discriminator = (network.to(device) for network in networks)
        pool = pool.to(device)
        config = TrainingConfig(
            n_steps=settings.n_steps,
            batch_size=settings.batch_size,
            input_sampler=self.inputs(pool),
            gamma=torch.full((n_members,), float(settings.gamma), device=device),
            learning_rate=torch.full((n_members,), float(settings.learning_rate), device=device),
            discriminator_transform=self.view(tier),
            penalty_interval=self.PENALTY_INTERVAL,
            validation_metric=judge,
            auxiliary_loss=self.auxiliary_loss(generator),
            warmup_steps=self.WARMUP_STEPS,
            clip_rms_multiple=self.CLIP_RMS_MULTIPLE,
            max_loss=self.MAX_LOSS,
        )
        game = Game(
            generator,
            discriminator,
            pool,
            config,
            # other seeds than those of the starting weights
            MemberStreams([SEED_LIMIT + seed for seed in seeds], device),
        )
        # a second game of the same classes has another learning rate
        name = (*seeds, settings.learning_rate)
        self._checkpoint.recall(name, game)
        outcome = game.play(on_steps, lambda: self._checkpoint.keep(name, game))
        self.interrupted |= outcome.interrupted
        return outcome

    def _warn_of_faults(self, trained: Mapping[Hashable, Trained]) -> None:
        """Say which classes were trained for a second time, and which of them to no avail."""
        for lost in (False, True):
            labels = [label for label in self._faults if (label not in trained) == lost]
            if not labels:
                continue
            tier = tier_of(len(self.samples[labels[0]]), self.TIERS)
            first, second = self.settings_of(tier), self.second_settings(tier)
            end = "."
            if lost:
                served = self._untrained(labels[0]).tier
                end = f", and failed again: served by {served}, without a learnt part."
            warn_caller(
                f"The GAN of {names_of(labels)} {self._faults[labels[0]]} "
                f"(learning_rate={first.learning_rate:g}, gamma={first.gamma:g}). It was trained "
                f"once more with learning_rate={second.learning_rate:g}, gamma={second.gamma:g}"
                f"{end} Lower learning_rate or raise gamma.",
                ConvergenceWarning,
            )


def _figures(history: Tensor) -> dict[str, np.ndarray]:
    return dict(zip(HISTORY_KEYS, history.T.numpy().copy(), strict=True))
