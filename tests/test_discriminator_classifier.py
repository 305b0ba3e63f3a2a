"""DiscriminatorClassifier is a classifier of scikit-learn that starts from what a GAN has seen."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV, cross_val_score

from ganaug import AugmentedClassifier, DiscriminatorClassifier, ImageGAN, load
from ganaug.cli import main

QUICK = {"pretrained": True, "sample_share": 0.0, "n_steps": 15, "random_state": 0}


@pytest.fixture(scope="module")
def digits():
    """Sixty images of three digits."""
    found = load_digits(n_class=3)
    return found.images[:60], found.target[:60]


@pytest.fixture(scope="module")
def model(digits):
    """A fitted classifier."""
    return quick().fit(*digits)


def test_the_time_of_the_network_is_counted_from_its_first_step(digits, monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr("ganaug.progress.time.monotonic", lambda: now[0])

    def take_long(status):
        now[0] += 100.0

    gan = ImageGAN(n_steps=2, callback=take_long)
    quick(gan=gan, n_steps=2, verbose=1).fit(*digits)
    assert now[0] > 0
    assert "DiscriminatorClassifier: 2/2 steps, 0 s" in capsys.readouterr().err


def quick(**parameters):
    """A classifier that trains in a second."""
    return DiscriminatorClassifier(**{"gan": ImageGAN(n_steps=3), **QUICK, **parameters})


def test_probabilities_sum_to_one_and_labels_are_the_most_probable(model, digits):
    X, y = digits
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (60, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert np.array_equal(model.predict(X), model.classes_[probabilities.argmax(axis=1)])
    assert model.score(X, y) > 0.9


def test_labels_of_any_type_come_back(digits):
    X, y = digits
    names = np.array(["nought", "one", "two"])[y]
    assert set(quick().fit(X, names).predict(X)) <= set(names)


def test_probabilities_do_not_depend_on_the_images_beside(model, digits):
    X, _ = digits
    np.testing.assert_allclose(model.predict_proba(X[:3]), model.predict_proba(X)[:3], atol=1e-5)


def test_equal_seeds_give_equal_classifiers(model, digits):
    X, y = digits
    assert np.array_equal(quick().fit(X, y).predict_proba(X), model.predict_proba(X))
    other = quick(random_state=1).fit(X, y)
    assert not np.array_equal(other.predict_proba(X), model.predict_proba(X))


def test_it_starts_from_the_discriminator_or_from_random_weights(digits):
    X, y = digits
    gan = ImageGAN(n_steps=3, random_state=0).fit(X)
    slow = {**QUICK, "n_steps": 1, "learning_rate": 1e-9}
    weights = {}
    for pretrained in (True, False):
        model = DiscriminatorClassifier(
            FrozenEstimator(gan), **{**slow, "pretrained": pretrained}
        ).fit(X, y)
        weights[pretrained] = model.network_.backbone.state_dict()
    for name, expected in gan.backbone().state_dict().items():
        torch.testing.assert_close(weights[True][name], expected, atol=1e-6, rtol=0)
    assert not torch.allclose(
        weights[False]["encoder.first.weight"], weights[True]["encoder.first.weight"], atol=0.01
    )


def test_images_without_a_label_change_the_start_and_are_no_class(digits):
    X, y = digits
    more = load_digits(n_class=3).images[60:120]
    model = quick(unlabeled_label=-1).fit(np.concatenate([X, more]), [*y, *[-1] * 60])
    assert model.classes_.tolist() == [0, 1, 2]
    assert not np.array_equal(model.predict_proba(X), quick().fit(X, y).predict_proba(X))


def test_without_an_unlabeled_label_minus_one_is_a_class(digits):
    X, y = digits
    assert quick().fit(X, np.where(y == 0, -1, y)).classes_.tolist() == [-1, 1, 2]


def test_a_class_of_no_weight_is_never_predicted(digits):
    X, y = digits
    model = quick().fit(X, y, sample_weight=(y != 1).astype(float))
    assert not (model.predict(X) == 1).any()
    model = quick(class_weight={0: 1, 1: 0, 2: 1}).fit(X, y)
    assert not (model.predict(X) == 1).any()


@pytest.mark.medium
def test_the_start_is_chosen_on_images_that_were_left_out(digits):
    X, y = digits
    model = quick(pretrained="auto", sample_share="auto", n_steps=5).fit(X, y)
    assert model.report_.shape == (60, 3)
    assert model.start_ in model.report_.columns
    assert model.report_.dtypes.eq(bool).all()


@pytest.mark.slow
def test_starts_are_judged_by_images_that_they_did_not_learn(digits):
    X = digits[0][:30]
    # there is nothing to be learnt, but much to be known by heart
    labels = np.random.default_rng(0).integers(0, 2, 30)
    model = quick(pretrained="auto", augment=None, n_steps=40).fit(X, labels)
    assert model.report_.to_numpy().mean() < 0.7
    assert model.score(X, labels) > 0.9


def test_random_weights_are_taken_where_no_discriminator_was_trained(digits):
    X, y = digits
    model = quick(n_steps=5).set_params(gan=ImageGAN(n_steps=0), pretrained="auto")
    with pytest.warns(UserWarning, match="no discriminator was trained"):
        assert model.fit(X, y).start_ == "random weights"


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_it_starts_from_random_weights_where_the_wanted_discriminator_was_not_trained(
    digits, share
):
    X, y = digits
    model = quick(n_steps=5, sample_share=share).set_params(gan=ImageGAN(n_steps=0))
    with pytest.warns(UserWarning, match="starts from random weights: no discriminator") as caught:
        model.fit(X, y)
    assert caught[0].filename == __file__
    assert model.start_ == ("random weights, 0.5 of samples" if share else "random weights")
    assert np.isfinite(model.predict_proba(X)).all()


def test_nothing_is_tried_where_nothing_is_to_be_chosen(model):
    assert model.report_ is None
    assert model.start_ == "discriminator"


def test_samples_of_a_gan_are_mixed_into_batches(model, digits):
    X, y = digits
    mixed = quick(sample_share=0.5).fit(X, y)
    assert mixed.start_ == "discriminator, 0.5 of samples"
    assert not np.array_equal(mixed.predict_proba(X), model.predict_proba(X))


def test_it_comes_back_from_its_file(model, digits, tmp_path):
    X, _ = digits
    model.save(tmp_path / "classifier.h5")
    again = load(tmp_path / "classifier.h5")
    assert np.array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.start_ == model.start_
    assert again.get_params()["n_steps"] == 15


def test_info_says_what_it_started_from(model, tmp_path, capsys):
    model.save(tmp_path / "classifier.h5")
    assert main(["info", str(tmp_path / "classifier.h5")]) == 0
    assert "started from  discriminator" in capsys.readouterr().out


def test_it_works_in_searches_and_inside_an_augmented_classifier(digits):
    X, y = digits
    search = GridSearchCV(quick(n_steps=5), {"gan__n_steps": [1, 2]}, cv=2).fit(X, y)
    assert search.best_params_["gan__n_steps"] in (1, 2)
    assert len(cross_val_score(clone(search.estimator), X, y, cv=2)) == 2
    keep = np.flatnonzero((y > 0) | (np.arange(60) < 40))
    augmented = AugmentedClassifier(quick(n_steps=5), gan=ImageGAN(n_steps=2), gate=None)
    assert augmented.fit(X[keep], y[keep]).predict(X).shape == (60,)


def test_rows_of_pixels_are_images_where_the_gan_knows_their_shape(model, digits):
    X, y = digits
    gan = ImageGAN(n_steps=3, image_shape=(8, 8))
    rows = DiscriminatorClassifier(gan, **QUICK).fit(X.reshape(60, -1), y)
    assert np.array_equal(rows.predict_proba(X.reshape(60, -1)), model.predict_proba(X))


@pytest.mark.filterwarnings("ignore:unlabeled_label=0 leaves one class")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": [0] * 60}, "needs 2 classes or more"),
        ({"unlabeled_label": 0, "labels": [0] * 59 + [1]}, "59 images without a class"),
        ({"pretrained": "auto", "labels": [0] * 59 + [1]}, r"class 1 has 1 image\(s\)"),
        ({"gan": FrozenEstimator(ImageGAN()), "pretrained": "auto"}, "a frozen gan"),
        ({"augment": ["warp"]}, "augment names 'warp'"),
        ({"pretrained": "yes"}, "pretrained"),
        ({"sample_share": 1.0}, "sample_share"),
    ],
)
def test_bad_input_is_named_before_any_training(digits, change, message):
    X, y = digits
    change = dict(change)
    labels = change.pop("labels", y)
    # training would never end
    model = quick(n_steps=10**9).set_params(**change)
    with pytest.raises(ValueError, match=message):
        model.fit(X, labels)
    assert not hasattr(model, "classes_")


def test_images_of_another_size_are_refused(model):
    with pytest.raises(ValueError, match="was fitted on"):
        model.predict(np.zeros((2, 8, 9)))


def test_channels_of_tensors_are_told_to_be_last():
    X = torch.rand(20, 3, 8, 8)
    model = quick(n_steps=1).fit(X.permute(0, 2, 3, 1), np.arange(20) % 2)
    with pytest.raises(ValueError, match=r"fitted on \(8, 8, 3\)\. Channels come last"):
        model.predict_proba(X)


def test_a_failed_fit_leaves_the_classifier_as_it_was(model, digits):
    X, _ = digits
    before = model.predict_proba(X)
    with pytest.raises(ValueError, match="needs 2 classes"):
        model.fit(X, np.zeros(60))
    assert np.array_equal(model.predict_proba(X), before)


@pytest.mark.parametrize("labels", [["a", "b"], [np.str_("a"), np.str_("b")]])
def test_text_in_objects_is_text_to_a_file(labels, tmp_path):
    y = np.array(labels * 10, dtype=object)
    X = np.random.default_rng(0).random((20, 8, 8))
    model = DiscriminatorClassifier(pretrained=False, sample_share=0, n_steps=1).fit(X, y)
    model.save(tmp_path / "model.h5")
    assert load(tmp_path / "model.h5").classes_.tolist() == ["a", "b"]
