"""Do images without a class help a small CNN that knows few of each, by self-training or a GAN.

The CNN of ``classification.py`` learns from 20 images of each class of CIFAR-10, with classical
augmentation; 4,800 others have no class. "self-training": it labels those of which it is sure by
.75, twice, and learns from labelled images and these in equal parts. "GAN": a tenth of each batch
is from ``ImageGAN`` of the labelled images; "GAN, unlabelled" of all of them, by
``unlabeled_label``. "self-training + GAN": the GAN is trained on what self-training has labelled
and the rest, and a tenth of each batch of self-training is from it. All these train equally many
steps. "random weights" and "discriminator" are a ``DiscriminatorClassifier`` as it comes, from
random weights, and from the discriminator of a GAN of all images; "discriminator + self-training"
labels others by it, twice. ``labelled`` is the share of the others that self-training labels,
``label_accuracy`` the share of these labels that are right.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from sklearn.frozen import FrozenEstimator

from benchmarks.common.command_line import CommandLine, parameter, seeds_of
from benchmarks.common.image_summaries import unlabelled
from benchmarks.common.image_tasks import CIFAR, MNIST, SMOKE, Setting, Task, draw_parts
from benchmarks.common.results import Results
from benchmarks.common.small_cnn import Images, Mixture, joined, probabilities, train
from ganaug import DiscriminatorClassifier, ImageGAN

N_EACH = 20
N_UNLABELLED = 4800
N_ROUNDS = 2

# Probability above which the CNN is sure of a label, as in scikit-learn's self-training.
THRESHOLD = 0.75

MARK = -1

# Probabilities (n, n_classes) of images.
Classifier = Callable[[np.ndarray], np.ndarray]

SETTINGS = {
    "cifar10-20": Setting("cifar10", N_EACH, "photo", 8.0, CIFAR),
    "mnist-20": Setting("mnist", N_EACH, "symbol", 64.0, MNIST),
}

# Images of each class in the files, or of bundled digits, at most.
N_IN_SOURCE = {"cifar10": 500, "mnist": 500, "digits": 120}


@dataclass(frozen=True, eq=False)
class Trial:
    """Labelled images of one seed, others that have no class, and what they were made into.

    Attributes
    ----------
    task : Task
    hidden : Images
        Images without a class; their labels are known to no method.
    options : Namespace
    """

    task: Task
    hidden: Images
    options: argparse.Namespace

    def fit(self, real: Images, synthetic: Images | None = None) -> Classifier:
        """Train the CNN."""
        setting = self.task.setting
        share = 0.0 if synthetic is None else self.options.share
        mixture = Mixture(share=share, synthetic=synthetic)
        model = train(setting.recipe, real, mixture, setting.augment, self.task.seed)
        return partial(probabilities, model)

    def fine_tune(self, real: Images, pretrained: bool = True) -> Classifier:
        """Train a classifier that starts from the discriminator, or from random weights."""
        model = DiscriminatorClassifier(
            self.discriminator if pretrained else self.unfitted_gan,
            pretrained=pretrained,
            sample_share=0.0,
            n_steps=self.options.n_steps,
            random_state=self.task.seed,
        )
        return model.fit(real.X, real.y).predict_proba

    @property
    def unfitted_gan(self) -> ImageGAN:
        """GAN with the parameters of the command line."""
        given = {"augment": self.task.setting.augment, "random_state": self.task.seed}
        return ImageGAN(**{**given, **dict(self.options.gan)})

    @cached_property
    def discriminator(self) -> FrozenEstimator:
        """GAN of all images, without their labels."""
        images = joined(self.task.train, self.hidden).X
        return FrozenEstimator(self.unfitted_gan.fit(images))

    @cached_property
    def labelled_rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the images that self-training of the CNN labels, and their labels."""
        return self.label(self.fit)

    @cached_property
    def rows_by_discriminator(self) -> tuple[np.ndarray, np.ndarray]:
        """The same, by classifiers that start from the discriminator."""
        return self.label(self.fine_tune)

    def label(self, fit: Callable[[Images], Classifier]) -> tuple[np.ndarray, np.ndarray]:
        """Label images of which a classifier is sure; learn from them, and once more."""
        rows = np.empty(0, dtype=int)
        labels = rows
        for _ in range(N_ROUNDS):
            given = fit(self.with_labels(rows, labels))(self.hidden.X)
            rows = np.flatnonzero(given.max(axis=1) > THRESHOLD)
            labels = given[rows].argmax(axis=1)
        return rows, labels

    def with_labels(self, rows: np.ndarray, labels: np.ndarray) -> Images:
        """Labelled images, repeated, and as many that were labelled."""
        real = self.task.train
        if not len(rows):
            return real
        repeated = real[np.resize(np.arange(len(real.y)), max(len(rows), len(real.y)))]
        return joined(repeated, Images(self.hidden.X[rows], labels))

    def samples(self, *parts: Images) -> Images:
        """Images of a GAN of these, of which ``MARK`` has no class."""
        images = joined(*parts)
        gan = self.unfitted_gan.set_params(
            unlabeled_label=MARK if (images.y == MARK).any() else None
        ).fit(images.X, images.y)
        return Images(*gan.sample(dict.fromkeys(gan.classes_.tolist(), self.options.pool), 0))


def unmarked(images: Images) -> Images:
    """Images that have no class."""
    return Images(images.X, np.full(len(images.X), MARK))


def classical(trial: Trial) -> Classifier:
    """Train on labelled images alone."""
    return trial.fit(trial.task.train)


def self_training(trial: Trial) -> Classifier:
    """Train on labelled images and on those that the CNN has labelled."""
    return trial.fit(trial.with_labels(*trial.labelled_rows))


def labelled_gan(trial: Trial) -> Classifier:
    """Train with samples of a GAN of labelled images."""
    return trial.fit(trial.task.train, trial.samples(trial.task.train))


def unlabelled_gan(trial: Trial) -> Classifier:
    """Train with samples of a GAN of all images."""
    return trial.fit(trial.task.train, trial.samples(trial.task.train, unmarked(trial.hidden)))


def self_training_gan(trial: Trial) -> Classifier:
    """Train on what self-training has labelled, with samples of a GAN of that and the rest."""
    rows, labels = trial.labelled_rows
    rest = np.setdiff1d(np.arange(len(trial.hidden.y)), rows)
    parts = [trial.task.train, Images(trial.hidden.X[rows], labels), unmarked(trial.hidden[rest])]
    return trial.fit(trial.with_labels(rows, labels), trial.samples(*parts))


def random_weights(trial: Trial) -> Classifier:
    """Train a discriminator's network on labelled images alone, from random weights."""
    return trial.fine_tune(trial.task.train, pretrained=False)


def discriminator(trial: Trial) -> Classifier:
    """Train it on labelled images, from the discriminator of all images."""
    return trial.fine_tune(trial.task.train)


def discriminator_self_training(trial: Trial) -> Classifier:
    """Train it on labelled images too, and on those that it has labelled."""
    return trial.fine_tune(trial.with_labels(*trial.rows_by_discriminator))


# Methods by name: what trains a classifier on a trial. Others are to be added here.
METHODS: dict[str, Callable[[Trial], Classifier]] = {
    "classical": classical,
    "self-training": self_training,
    "GAN": labelled_gan,
    "GAN, unlabelled": unlabelled_gan,
    "self-training + GAN": self_training_gan,
    "random weights": random_weights,
    "discriminator": discriminator,
    "discriminator + self-training": discriminator_self_training,
}


def draw_trial(options: argparse.Namespace, setting: Setting, seed: int) -> Trial:
    """Labelled images of one seed, and as many others as there are."""
    images, test = draw_parts(setting.source, N_IN_SOURCE[setting.source], seed, options.data)
    order = np.random.default_rng(seed).permutation(len(images.y))
    labelled = np.concatenate(
        [order[images.y[order] == label][: setting.n_each] for label in np.unique(images.y)]
    )
    hidden = order[~np.isin(order, labelled)][: options.unlabelled]
    return Trial(Task(setting, seed, images[labelled], test), images[hidden], options)


def run(
    options: argparse.Namespace, results: Results, setting: Setting, seed: int
) -> list[dict[str, Any]]:
    """Records of all methods on one draw of the data, run where the results lack them."""
    what = {
        "share": options.share,
        "unlabelled": options.unlabelled,
        "parameters": dict(options.gan),
        "n_steps": options.n_steps,
    }
    wanted = {
        name: METHODS[name]
        for name in options.methods
        if not results.find(setting.name, name, seed, **what)
    }
    trial = draw_trial(options, setting, seed) if wanted else None
    for name, method in wanted.items():
        start = time.process_time()
        test = trial.task.test
        predicted = method(trial)(test.X).argmax(axis=1)
        scores = {"accuracy": float((predicted == test.y).mean())}
        if "self-training" in name:
            of_start = name.startswith("discriminator")
            rows, labels = trial.rows_by_discriminator if of_start else trial.labelled_rows
            scores["labelled"] = len(rows) / len(trial.hidden.y)
            if len(rows):
                scores["label_accuracy"] = float((labels == trial.hidden.y[rows]).mean())
        seconds = time.process_time() - start
        results.add(setting.name, name, seed, options=what, scores=scores, seconds=seconds)
        print(setting.name, seed, name, scores, f"{seconds:.0f} s", flush=True)
    return [results.find(setting.name, name, seed, **what)[0] for name in options.methods]


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, data="required", n_seeds=3)
    add = line.parser.add_argument
    add("--settings", nargs="+", choices=SETTINGS, default=["cifar10-20"], help="(cifar10-20)")
    add("--methods", nargs="+", choices=METHODS, default=list(METHODS), help="(all)")
    add("--unlabelled", type=int, default=N_UNLABELLED, help=f"images ({N_UNLABELLED})")
    add("--share", type=float, default=0.1, help="synthetic part of a batch (0.1)")
    add("--pool", type=int, default=200, help="samples of each class (200)")
    add("--n-steps", type=int, default=3000, help="batches of fine-tuned classifiers (3000)")
    add("--gan", nargs="*", type=parameter, default=[], help="parameters, such as n_steps=500")
    smoke = {"pool": 20, "unlabelled": 100, "n_steps": 2, "gan": [("n_steps", 1)]}
    options, results = line.parse(smoke)
    settings = [SETTINGS[name] for name in options.settings]
    if options.smoke:
        settings = [replace(SMOKE, n_min=None, halves=False)]
    torch.set_num_threads(1)
    records = []
    for seed in seeds_of(options):
        for setting in settings:
            records += run(options, results, setting, seed)
    print(unlabelled(records))


if __name__ == "__main__":
    main()
