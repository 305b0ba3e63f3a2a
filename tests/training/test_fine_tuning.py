"""Classifiers of images learn what they are shown, as often as its weight says."""

import torch
from torch.overrides import TorchFunctionMode

from ganaug.training.diffaug import Augmentation
from ganaug.training.fine_tuning import FineTuning, fine_tune
from ganaug.training.networks.backbone_classifier import BackboneClassifier
from ganaug.training.networks.image_stages import stage_sizes

PLAIN = FineTuning(n_steps=40, augmentation=Augmentation(()), batch_size=16)


def train(images, targets, weights=None, settings=PLAIN, seed=0, n_classes=2):
    """A classifier of images of 8 pixels a side, with values from 0 to 1."""
    stream = torch.Generator().manual_seed(0)
    sizes = stage_sizes(1, 8, 8, capacity=0.5)
    classifier = BackboneClassifier(sizes, 0.0, 1.0, 1, n_classes, [stream])
    weights = torch.ones(len(images)) if weights is None else weights
    done = []
    fine_tune(classifier, images, targets, weights, settings, seed, done.append)
    assert sum(done) == settings.n_steps
    return classifier


def shades(n):
    """Dark images of class 0, light ones of class 1, with noise."""
    targets = torch.arange(n) % 2
    noise = torch.rand(n, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    return 0.4 * noise + 0.6 * targets.view(-1, 1, 1, 1), targets


def test_a_classifier_learns_and_is_left_in_evaluation_mode():
    images, targets = shades(20)
    classifier = train(images, targets)
    assert not classifier.training
    assert torch.equal(classifier(images).argmax(1), targets)


def test_equal_seeds_give_equal_classifiers_and_leave_the_global_stream_alone():
    images, targets = shades(20)
    torch.manual_seed(5)
    state = torch.get_rng_state()
    first, again = train(images, targets), train(images, targets)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first(images), again(images))
    assert not torch.equal(first(images), train(images, targets, seed=1)(images))


class Dtypes(TorchFunctionMode):
    """Notes the types of all tensors that are made."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **kwargs or {})
        if isinstance(result, torch.Tensor):
            self.seen.add(result.dtype)
        return result


def test_no_numbers_are_wider_than_the_weights():
    with Dtypes() as dtypes:
        train(*shades(20))
    assert torch.float32 in dtypes.seen
    # Apple's GPUs have none
    assert torch.float64 not in dtypes.seen


def test_images_of_no_weight_are_never_seen():
    images, targets = shades(20)
    wrong = torch.cat([targets, 1 - targets])
    both = torch.cat([images, images])
    weights = torch.cat([torch.ones(20), torch.zeros(20)])
    expected = train(images, targets)(images)
    assert torch.equal(train(both, wrong, weights)(images), expected)


def test_weights_say_how_often_an_image_is_drawn():
    images, _ = shades(20)
    targets = torch.arange(40) // 20
    weights = torch.where(targets == 0, 3.0, 1.0)
    settings = FineTuning(200, Augmentation(()), 64, learning_rate=0.01)
    classifier = train(torch.cat([images, images]), targets, weights, settings)
    with torch.no_grad():
        probability = classifier(images).softmax(1)[:, 0].mean().item()
    assert abs(probability - 0.75) < 0.1


def test_batches_are_augmented():
    images, targets = shades(20)
    moved = FineTuning(40, Augmentation(("affine",), probability=1.0), batch_size=16)
    other = train(images, targets, settings=moved)
    assert not torch.equal(train(images, targets)(images), other(images))
