"""Does a small network that starts from a discriminator learn more from few labels.

The same network is trained with classical augmentation from random weights, from the discriminator
of an ``ImageGAN`` of the labelled images alone, and of one of these and of images whose labels
nobody uses; and from a network that has learnt, in as much time, by how much images are turned
(Gidaris et al., "Unsupervised representation learning by predicting image rotations", ICLR 2018).
"+ samples" draws a part of each batch from a GAN of the classes. Digits of 8 pixels a side, as by
``--sources digits --n-steps 500``, need fewer steps.
"""

import argparse
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator
from torch.nn.functional import cross_entropy

from benchmarks.common.command_line import CommandLine, parameter, seeds_of
from benchmarks.common.image_summaries import fine_tunings
from benchmarks.common.image_tasks import AUGMENT, draw_parts
from benchmarks.common.results import Results
from benchmarks.common.small_cnn import Images
from ganaug import DiscriminatorClassifier, ImageGAN

# Labelled images of each class, and all that there are, by source.
SIZES = {"cifar10": (20, 50, 100, 200), "mnist": (5, 20), "digits": (5, 20)}
N_EACH = {"cifar10": 500, "mnist": 500, "digits": 100}

SAMPLE_SHARE = 0.25

# Training by rotations.
RATE = 2e-3
BATCH_SIZE = 64

METHODS = (
    "random weights",
    "discriminator",
    "discriminator, unlabelled",
    "rotations, unlabelled",
    "discriminator + samples",
)


class RotationPrediction(BaseEstimator):
    """Network that learns by how many quarter turns images are turned.

    It stands in for a GAN: a ``DiscriminatorClassifier`` asks it for a backbone.

    Parameters
    ----------
    gan : fitted ImageGAN
        Its discriminator gives the shape of the network, not the weights.
    seconds : float
        CPU time of training.
    random_state : int
    """

    def __init__(self, gan: ImageGAN, seconds: float, random_state: int):
        self.gan = gan
        self.seconds = seconds
        self.random_state = random_state

    def __getattr__(self, name: str) -> Any:
        # how images come, and what may happen to them
        return getattr(self.__dict__["gan"], name)

    def fit(self, X: np.ndarray, y: None = None) -> "RotationPrediction":
        """Learn from images without their labels."""
        start = time.process_time()
        torch.manual_seed(self.random_state)
        self.backbone_ = restarted(self.gan.backbone())
        head = torch.nn.Sequential(torch.nn.LazyBatchNorm1d(), torch.nn.LazyLinear(4))
        pixels = torch.from_numpy(X).float()
        images = pixels[:, None] if X.ndim == 3 else pixels.permute(0, 3, 1, 2)
        head(self.backbone_(images[:2]))
        optimizer = torch.optim.AdamW([*self.backbone_.parameters(), *head.parameters()], RATE)
        while time.process_time() - start < self.seconds:
            batch = images[torch.randint(len(images), (BATCH_SIZE,))]
            turns = torch.arange(4).repeat(BATCH_SIZE // 4)
            turned = torch.stack(
                [x.rot90(int(n), (1, 2)) for x, n in zip(batch, turns, strict=True)]
            )
            loss = cross_entropy(head(self.backbone_(turned)), turns)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return self

    def backbone(self) -> torch.nn.Module:
        """The network, without its last layer."""
        return self.backbone_


def restarted(backbone: torch.nn.Module) -> torch.nn.Module:
    """A backbone with random weights, of the variance that its rectifiers keep."""
    for weights in backbone.parameters():
        fan_in = weights[0, 0].numel() if weights.dim() > 1 else 0
        with torch.no_grad():
            weights.normal_(std=(2 / 1.04 / max(fan_in, 1)) ** 0.5 if fan_in > 1 else 0.0)
    return backbone


@dataclass(frozen=True, eq=False)
class Task:
    """Few labelled images of each class, others whose labels nobody uses, and test images."""

    name: str
    seed: int
    augment: str
    labelled: Images
    unlabelled: np.ndarray
    test: Images


def draw(source: str, n_each: int, seed: int, options: argparse.Namespace) -> Task:
    """Draw the labelled images of one seed."""
    n_all = N_EACH[source]
    everything, test = draw_parts(source, n_all, seed, options.data)
    first = np.concatenate(
        [np.flatnonzero(everything.y == label)[:n_each] for label in np.unique(everything.y)]
    )
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(test.y))[: options.n_test]
    return Task(
        f"{source}-{n_each}", seed, AUGMENT[source], everything[first], everything.X, test[chosen]
    )


def fitted_gan(
    options: argparse.Namespace, task: Task, images: np.ndarray
) -> tuple[ImageGAN, float]:
    """A GAN of images without their labels, and the CPU seconds that it took."""
    start = time.process_time()
    gan = ImageGAN(augment=task.augment, random_state=task.seed, **dict(options.gan)).fit(images)
    return gan, time.process_time() - start


class Starts:
    """Starts of classifiers of one source and seed; each is trained once.

    Parameters
    ----------
    options : Namespace
    """

    def __init__(self, options: argparse.Namespace):
        self._options = options
        self._known: dict[tuple, tuple[Any, float]] = {}

    def start(self, method: str, task: Task) -> tuple[Any, float]:
        """A model for ``DiscriminatorClassifier``, and the CPU seconds of its training."""
        # of unlabelled images one start serves all sizes
        key = (method, "" if "unlabelled" in method else task.name)
        if key not in self._known:
            self._known[key] = self._train(method, task)
        return self._known[key]

    def _train(self, method: str, task: Task) -> tuple[Any, float]:
        if method in ("random weights", "discriminator + samples"):
            # trained by the classifier, where it needs one
            return ImageGAN(augment=task.augment, **dict(self._options.gan)), 0.0
        if method == "rotations, unlabelled":
            gan, seconds = self.start("discriminator, unlabelled", task)
            rival = RotationPrediction(gan.estimator, seconds, task.seed).fit(task.unlabelled)
            return FrozenEstimator(rival), seconds
        images = task.unlabelled if "unlabelled" in method else task.labelled.X
        gan, seconds = fitted_gan(self._options, task, images)
        return FrozenEstimator(gan), seconds


def measure(options: argparse.Namespace, starts: Starts, method: str, task: Task) -> dict[str, Any]:
    """Accuracy of one method, and CPU seconds of the start and of the classifier."""
    gan, seconds = starts.start(method, task)
    start = time.process_time()
    classifier = DiscriminatorClassifier(
        gan,
        pretrained=method != "random weights",
        sample_share=SAMPLE_SHARE if "samples" in method else 0.0,
        n_steps=options.n_steps,
        random_state=task.seed,
    )
    classifier.fit(task.labelled.X, task.labelled.y)
    scores = {
        "accuracy": classifier.score(task.test.X, task.test.y),
        "classifier_seconds": time.process_time() - start,
    }
    return {"scores": scores, "seconds": seconds}


def run(options: argparse.Namespace, results: Results, source: str, seed: int) -> list:
    """Records of all methods on one draw of a source, run where the results lack them."""
    starts = Starts(options)
    records = []
    what = {"n_steps": options.n_steps, "gan": dict(options.gan)}
    for n_each in options.sizes or SIZES[source]:
        task = draw(source, n_each, seed, options)
        # gains are over random weights
        for method in dict.fromkeys((METHODS[0], *options.methods)):
            known = results.find(task.name, method, seed, **what)
            if not known:
                measured = measure(options, starts, method, task)
                known = [results.add(task.name, method, seed, options=what, **measured)]
                print(task.name, seed, method, measured["scores"]["accuracy"], flush=True)
            records += known[:1]
    return records


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, data="required", n_seeds=3)
    add = line.parser.add_argument
    add("--sources", nargs="+", choices=SIZES, default=["cifar10", "mnist"], help="(all)")
    add("--sizes", nargs="+", type=int, help="labelled images of each class (those of the target)")
    add("--methods", nargs="+", choices=METHODS, default=METHODS, help="(all)")
    add("--n-steps", type=int, default=3000, help="batches that classifiers learn from (3000)")
    add("--n-test", type=int, default=2000, help="test images (2000)")
    add("--gan", nargs="*", type=parameter, default=[], help="parameters of ImageGAN")
    smoke = {
        "sources": ["digits"],
        "sizes": [3],
        "n_steps": 2,
        "n_test": 50,
        "gan": [("n_steps", 1)],
    }
    options, results = line.parse(smoke)
    torch.set_num_threads(1)
    records = []
    for seed in seeds_of(options):
        for source in options.sources:
            records += run(options, results, source, seed)
    print(fine_tunings(records))


if __name__ == "__main__":
    main()
