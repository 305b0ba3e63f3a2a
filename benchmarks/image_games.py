"""One training of the GANs of several classes of images, as the package does it and as a loop."""

import time
from dataclasses import dataclass

import torch
from image_plain_loop import DEFAULTS, SingleImageGAN
from matrix_products import CountOperations
from speed import Run, count_parameters, late_mean, now
from torch import Tensor, nn
from torch.nn.functional import interpolate

from ganaug.trainers.hyperparameters import Settings
from ganaug.trainers.image import ImageTrainer
from ganaug.trainers.tiers import Tier
from ganaug.trainers.trained_class import Trained
from ganaug.training.defaults import torch_defaults
from ganaug.training.diffaug import Augmentation
from ganaug.training.networks.image_stages import StageSizes, stage_sizes

PENALTY_INTERVAL = ImageTrainer.PENALTY_INTERVAL

IMAGES_OF_CLASS = 30


@dataclass(frozen=True)
class Task:
    """What is trained, and on what: square grey images.

    Attributes
    ----------
    side : int
        Of the images, in pixels.
    n_classes : int
    device : torch.device
    """

    side: int
    n_classes: int
    device: torch.device

    @property
    def sizes(self) -> StageSizes:
        """Of the networks."""
        return stage_sizes(1, self.side, self.side, DEFAULTS.capacity)

    def images(self) -> list[Tensor]:
        """Smooth random images around a mean image of each class."""
        stream = torch.Generator().manual_seed(0)
        means = torch.randn(self.n_classes, 1, 1, 7, 7, generator=stream)
        shape = (self.n_classes, IMAGES_OF_CLASS, 1, 7, 7)
        coarse = (means + torch.randn(shape, generator=stream)) / 2
        fine = interpolate(coarse.flatten(0, 1), size=(self.side, self.side), mode="bilinear")
        return list(fine.clamp(-1, 1).unflatten(0, shape[:2]))


class TimedTrainer(ImageTrainer):
    """Notes when the networks of the first game are there."""

    started: float | None = None

    def networks(
        self, tier: Tier, samples: list[Tensor], streams: list[torch.Generator]
    ) -> tuple[nn.Module, nn.Module]:
        """Fresh networks."""
        drawn = super().networks(tier, samples, streams)
        if self.started is None:
            self.started = time.perf_counter()
        return drawn

    def judged(self, samples: list[Tensor]) -> tuple[list[Tensor], None]:
        """No judge: it looks six times however short a training is, which here would tell."""
        return samples, None


class Progress:
    """Hears of the steps of all games, and when the last was done."""

    def __init__(self) -> None:
        self._looks: list[int] = []
        self.last = 0.0

    def __call__(self, n_steps: int) -> None:
        """Note that steps were done, on a device that has done all it was given."""
        self._looks.append(n_steps)  # games in other threads report here, too
        self.last = time.perf_counter()

    @property
    def n_steps(self) -> int:
        """Steps done, over all games."""
        return sum(self._looks)


def fused(task: Task, n_steps: int) -> Run:
    """Train as ``ImageGAN`` does: so many classes side by side, in so many threads.

    The time is that from the first game's start to the last step. It holds what comes between two
    games that one thread plays.
    """
    trainer = image_trainer(task, n_steps)
    progress = Progress()
    with torch_defaults():
        trained = trainer.train(progress)
    if progress.n_steps != trainer.n_steps:
        raise RuntimeError("A class failed and was trained twice: the time means nothing.")
    classes = list(trained.values())
    return Run(
        "fused",
        task.n_classes,
        n_steps,
        progress.last - trainer.started,
        n_parameters=count_parameters(classes[0].generator, classes[0].discriminator),
        generator_loss=late_loss(classes, "generator_loss"),
        discriminator_loss=late_loss(classes, "discriminator_loss"),
    )


def image_trainer(task: Task, n_steps: int) -> TimedTrainer:
    """What trains in ``ImageGAN``, with its defaults."""
    settings = Settings(
        n_steps=n_steps,
        n_latent=DEFAULTS.n_latent,
        batch_size=DEFAULTS.batch_size,
        learning_rate=DEFAULTS.learning_rate,
        gamma=DEFAULTS.gamma,
        device=task.device,
    )
    return TimedTrainer(
        dict(enumerate(task.images())),
        {number: number for number in range(task.n_classes)},
        settings,
        labels=range(task.n_classes),
        sizes=task.sizes,
        augmentation=Augmentation(("affine",)),
        sharing="none",
        n_threads=torch.get_num_threads(),
    )


def late_loss(classes: list[Trained], figure: str) -> float:
    """Mean of a figure over all classes and the second half of the steps."""
    return late_mean(torch.stack([torch.from_numpy(one.history[figure]) for one in classes], 1))


def loop(task: Task, n_steps: int) -> Run:
    """Train the classes one after the other, doing the same work."""
    return looped("loop", task, n_steps, PENALTY_INTERVAL)


def plain_script(task: Task, n_steps: int) -> Run:
    """Train the classes one after the other, with the penalties at every step."""
    return looped("plain script", task, n_steps, penalty_interval=1)


def looped(method: str, task: Task, n_steps: int, penalty_interval: int) -> Run:
    """Train the classes one after the other."""
    torch.manual_seed(0)
    gans = [
        SingleImageGAN(images.to(task.device), task.sizes, penalty_interval)
        for images in task.images()
    ]
    started = now(task.device)
    losses = torch.stack([gan.train(n_steps) for gan in gans], dim=-1)
    seconds = now(task.device) - started
    return Run(
        method,
        task.n_classes,
        n_steps,
        seconds,
        n_parameters=count_parameters(gans[0].generator, gans[0].discriminator),
        generator_loss=late_mean(losses[:, 0]),
        discriminator_loss=late_mean(losses[:, 1]),
    )


def operations(task: Task) -> float:
    """Floating-point operations of all matrix products in one step of one class, on average.

    Counted on the single GAN, which does the same as one fused member.
    """
    gan = SingleImageGAN(task.images()[0].to(task.device), task.sizes, PENALTY_INTERVAL)
    with CountOperations() as counter:
        gan.train(PENALTY_INTERVAL)
    return counter.total / PENALTY_INTERVAL
