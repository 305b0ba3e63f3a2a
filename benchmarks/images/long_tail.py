"""Compare remedies for a long tail of classes of few images, on a small network.

The CNN of ``classification.py`` learns from 200 images of the largest class of CIFAR-10 and 20 of
the smallest, always with strong classical augmentation. "strong" draws classes evenly; "mixup"
mixes images too, "patches" puts patches of them on images as they come (CMO), "adjusted logits"
corrects the loss by how frequent classes are instead. "another" draws other weights and batches.

"GAN, filled" brings all classes to one size by images of one ``ImageGAN`` for all of them, to which
"strong" gives a probability of .5 or more of their class, with a weight of .3 in the loss (Shao et
al., "DiffuLT", NeurIPS 2024); "GAN, blends filled" takes all to which it gives .15. "+ GAN blends"
has such images of that weight, of all classes alike, in a tenth of each batch.

"random weights" and "discriminator" are a ``DiscriminatorClassifier`` with classes drawn evenly,
from random weights, and from the discriminator of another GAN, without labels; "+ blends" draws
images that fill classes too, with .3 of the weight of real ones. Two names with "and" are mean
probabilities of two classifiers; their seconds are those of what was not trained before.
``scarce_accuracy`` is of the smaller half of the classes.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from joblib import Memory
from sklearn.frozen import FrozenEstimator

from benchmarks.common.command_line import CommandLine, parameter, seeds_of
from benchmarks.common.image_pools import Pool, keep_probable
from benchmarks.common.image_summaries import long_tails
from benchmarks.common.image_tasks import SETTINGS, SMOKE, Setting, Task, draw_task
from benchmarks.common.results import Results
from benchmarks.common.small_cnn import Images, Mixture, joined, probabilities, train
from ganaug import DiscriminatorClassifier, ImageGAN

TAILS = ("cifar10-200-20", "mnist-200-10")

STRONG = Mixture(strong=True, balanced=True)
MIXUP = replace(STRONG, mixup=0.2)

# Share of a batch that is generated, weight of a generated image, probabilities of its class from
# which it is kept, and how many are drawn for each that is needed.
SHARE = 0.1
WEIGHT = 0.3
OWN_CLASS = 0.5
BLEND = 0.15
DRAWN_PER_NEEDED = 4

# Probabilities (n, n_classes) of images.
Classifier = Callable[[np.ndarray], np.ndarray]


@dataclass(eq=False)
class Trial:
    """Training images of one seed, and what methods have in common.

    Attributes
    ----------
    task : Task
    options : Namespace
    """

    task: Task
    options: argparse.Namespace

    def __post_init__(self) -> None:
        self._known: dict[str, Classifier] = {}
        self._networks: dict[str, torch.nn.Module] = {}

    def classifier(self, name: str) -> Classifier:
        """Classifier of a method, trained once."""
        if name not in self._known:
            self._known[name] = METHODS[name](self)
        return self._known[name]

    @cached_property
    def gan(self) -> tuple[ImageGAN, float]:
        """GAN of all classes, and the CPU seconds of its training."""
        return self.fit_gan(self.task.train.y)

    @cached_property
    def label_free_gan(self) -> tuple[ImageGAN, float]:
        """The same without labels."""
        return self.fit_gan(None)

    def fit_gan(self, y: np.ndarray | None) -> tuple[ImageGAN, float]:
        """Train a GAN, or take it from the folder of them."""
        fit = Memory(self.options.cache, verbose=0).cache(fitted_gan)
        given = {"augment": self.task.setting.augment, "random_state": self.task.seed}
        return fit({**given, **dict(self.options.gan)}, self.task.train.X, y)

    def filling(self, threshold: float) -> Images:
        """Images of the GAN that bring all classes to one size."""
        sizes = np.bincount(self.task.train.y)
        needed = {label: int(max(sizes) - size) for label, size in enumerate(sizes)}
        return self.samples(threshold, {label: n for label, n in needed.items() if n})

    def alike(self, threshold: float) -> Images:
        """Images of the GAN, as many of each class as its largest has."""
        sizes = np.bincount(self.task.train.y)
        return self.samples(threshold, dict.fromkeys(range(len(sizes)), int(max(sizes))))

    def samples(self, threshold: float, needed: dict[int, int]) -> Images:
        """Images of the GAN to which "strong" gives a probability of their class."""
        counts = {label: DRAWN_PER_NEEDED * n for label, n in needed.items()}
        pool = Pool(Images(*self.gan[0].sample(counts, random_state=self.task.seed)))
        judge = self._networks["strong"]
        kept = [
            keep_probable(pool_of(pool, label), [judge], threshold, n).images
            for label, n in needed.items()
        ]
        return joined(*kept)

    def train(self, name: str, mixture: Mixture, seed: int = 0) -> Classifier:
        """Train the CNN."""
        setting = self.task.setting
        first = 1000 * seed + self.task.seed
        model = train(setting.recipe, self.task.train, mixture, setting.augment, first)
        self._networks[name] = model
        return partial(probabilities, model)

    def fine_tune(self, gan: Any = None, samples: Images | None = None) -> Classifier:
        """Train a classifier that starts from a GAN's discriminator, or from random weights."""
        setting = self.task.setting
        train = self.task.train
        images = train if samples is None else joined(train, samples)
        weights = np.append(np.ones(len(train.y)), np.full(len(images.y) - len(train.y), WEIGHT))
        of_classes = np.bincount(images.y, weights)
        model = DiscriminatorClassifier(
            ImageGAN(augment=setting.augment) if gan is None else FrozenEstimator(gan),
            pretrained=gan is not None,
            sample_share=0.0,
            n_steps=self.options.n_steps,
            random_state=self.task.seed,
        )
        return model.fit(images.X, images.y, weights / of_classes[images.y]).predict_proba


def fitted_gan(
    parameters: dict[str, Any], X: np.ndarray, y: np.ndarray | None
) -> tuple[ImageGAN, float]:
    """A GAN of images, and the CPU seconds that it took."""
    start = time.process_time()
    gan = ImageGAN(**parameters).fit(X, y)
    return gan, time.process_time() - start


def pool_of(pool: Pool, label: int) -> Pool:
    """The images of one class."""
    return replace(pool, images=pool.images[np.flatnonzero(pool.images.y == label)])


def cnn(name: str, mixture: Mixture, **options: int) -> Callable[[Trial], Classifier]:
    """A method that trains the CNN."""
    return lambda trial: trial.train(name, mixture, **options)


def filled(name: str, threshold: float) -> Callable[[Trial], Classifier]:
    """A method that trains the CNN on classes that are brought to one size."""

    def method(trial: Trial) -> Classifier:
        synthetic = trial.filling(threshold)
        mixture = Mixture(strong=True, filled=True, weight=WEIGHT, synthetic=synthetic)
        return trial.train(name, mixture)

    return method


def mixed(name: str, threshold: float) -> Callable[[Trial], Classifier]:
    """A method that trains the CNN with mixup on batches that a GAN has a share of."""

    def method(trial: Trial) -> Classifier:
        mixture = replace(MIXUP, share=SHARE, weight=WEIGHT, synthetic=trial.alike(threshold))
        return trial.train(name, mixture)

    return method


def random_weights(trial: Trial) -> Classifier:
    """Train a discriminator's network from random weights."""
    return trial.fine_tune()


def discriminator(trial: Trial) -> Classifier:
    """Train it from the discriminator of the GAN without labels."""
    return trial.fine_tune(trial.label_free_gan[0])


def discriminator_and_blends(trial: Trial) -> Classifier:
    """Train it so on classes that are brought to one size."""
    return trial.fine_tune(trial.label_free_gan[0], trial.filling(BLEND))


def mean_of(*names: str) -> Callable[[Trial], Classifier]:
    """A method that averages the probabilities of others."""

    def method(trial: Trial) -> Classifier:
        classifiers = [trial.classifier(name) for name in names]
        return lambda X: np.mean([classifier(X) for classifier in classifiers], axis=0)

    return method


# Methods by name: what trains a classifier on a trial.
METHODS: dict[str, Callable[[Trial], Classifier]] = {
    "strong": cnn("strong", STRONG),
    "strong, mixup": cnn("strong, mixup", MIXUP),
    "strong, patches": cnn("strong, patches", replace(STRONG, pasted=0.5)),
    "strong, adjusted logits": cnn("adjusted", Mixture(strong=True, adjusted=True)),
    "GAN, filled": filled("GAN, filled", OWN_CLASS),
    "GAN, blends filled": filled("GAN, blends filled", BLEND),
    "strong, mixup + GAN blends": mixed("mixup + GAN", BLEND),
    "random weights": random_weights,
    "discriminator": discriminator,
    "discriminator + blends": discriminator_and_blends,
    "strong, another": cnn("strong, another", STRONG, seed=1),
    "strong and another": mean_of("strong", "strong, another"),
    "strong and discriminator": mean_of("strong", "discriminator"),
    "mixup and patches": mean_of("strong, mixup", "strong, patches"),
    "mixup and random weights": mean_of("strong, mixup", "random weights"),
    "mixup and discriminator": mean_of("strong, mixup", "discriminator"),
}


def measure(trial: Trial, name: str) -> dict[str, Any]:
    """Scores and seconds of one method."""
    seconds = 0.0
    if "discriminator" in name:
        seconds += trial.label_free_gan[1]
    if "GAN" in name or "+" in name:
        seconds += trial.gan[1]
        # which filters samples
        trial.classifier("strong")
    start = time.process_time()
    test = trial.task.test
    correct = trial.classifier(name)(test.X).argmax(axis=1) == test.y
    sizes = np.bincount(trial.task.train.y)
    is_scarce = (sizes < np.median(sizes))[test.y]
    scores = {
        "accuracy": float(correct.mean()),
        "scarce_accuracy": float(correct[is_scarce].mean()),
        "classifier_seconds": time.process_time() - start,
    }
    return {"scores": scores, "seconds": seconds}


def run(options: argparse.Namespace, results: Results, setting: Setting, seed: int) -> list:
    """Records of all methods on one draw of the data, run where the results lack them."""
    what = {"parameters": dict(options.gan), "n_steps": options.n_steps}
    trial = Trial(draw_task(setting, seed, options.data), options)
    records = []
    for name in options.methods:
        known = results.find(setting.name, name, seed, **what)
        if not known:
            measured = measure(trial, name)
            known = [results.add(setting.name, name, seed, options=what, **measured)]
            print(setting.name, seed, name, measured["scores"], flush=True)
        records += known[:1]
    return records


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, data="required", n_seeds=3)
    add = line.parser.add_argument
    add("--settings", nargs="+", choices=TAILS, default=TAILS[:1], help=f"({TAILS[0]})")
    add("--methods", nargs="+", choices=METHODS, default=list(METHODS), help="(all)")
    add("--n-steps", type=int, default=3000, help="batches of fine-tuned classifiers (3000)")
    add("--gan", nargs="*", type=parameter, default=[], help="parameters, such as n_steps=500")
    add("--cache", type=Path, help="folder that keeps fitted GANs")
    smoke = {"n_steps": 2, "gan": [("n_steps", 1)]}
    options, results = line.parse(smoke)
    settings = [SMOKE] if options.smoke else [SETTINGS[name] for name in options.settings]
    torch.set_num_threads(1)
    records = []
    for seed in seeds_of(options):
        for setting in settings:
            records += run(options, results, setting, seed)
    print(long_tails(records))


if __name__ == "__main__":
    main()
