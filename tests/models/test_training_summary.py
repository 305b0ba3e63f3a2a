"""Trainings that went wrong are told from good ones, and say so."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from ganaug import ImageGAN, TableGAN, load
from ganaug.models.training_summary import SENTENCES, late_fool_rate, summarize_training
from ganaug.training.health import MIN_FOOL_RATE, NOT_TRAINED, VERDICTS

DIGITS = load_digits(n_class=2)


def say(health, n_steps=20, rate=0.5, auto_n_steps=20):
    """Sentences on classes of so many steps each."""
    history = {label: {"fool_rate": np.full(n_steps, rate)} for label in health}
    auto = dict.fromkeys(health, auto_n_steps)
    return [*summarize_training(health, history, "images", auto)]


def test_every_verdict_but_that_nothing_was_trained_has_its_sentence():
    assert {*SENTENCES, NOT_TRAINED} == {*VERDICTS}


def test_classes_that_fared_alike_share_a_sentence():
    history = {label: {"fool_rate": np.full(20, rate)} for label, rate in enumerate([0.5, 0.1, 0])}
    health = {0: "good", 1: "discriminator won", 2: "discriminator won"}
    auto = dict.fromkeys(health, 20)
    good, won = summarize_training(health, history, "images", auto)
    assert good.startswith("training of class 0 went well (fool rate 0.50")
    assert good.endswith(f"below {MIN_FOOL_RATE} the discriminator has won).")
    assert f"won against classes 1, 2 (fool rate 0.05, below {MIN_FOOL_RATE})" in won
    # another class may need more steps, and is told so
    assert "n_steps" not in won
    assert "augment" in won
    assert "augment" not in [*summarize_training(health, history, "rows", auto)][1]


def test_one_class_of_all_samples_has_no_name():
    for verdict, start in [
        ("good", "training went well"),
        ("discriminator won", "the discriminator won (fool"),
        ("collapsed", "images are too much"),
        ("still improving", "images were still"),
    ]:
        history = {0: {"fool_rate": np.full(20, 0.05)}}
        [said] = summarize_training({0: verdict}, history, "images", {0: 9}, named=False)
        assert said.startswith(start)


def test_a_model_without_labels_speaks_of_no_class(capsys):
    gan = ImageGAN(n_steps=20, random_state=0, verbose=1).fit(DIGITS.images)
    assert gan.health_[0] != NOT_TRAINED
    said = capsys.readouterr().err
    assert "ImageGAN: " in said
    assert "class 0" not in said


def test_no_advice_on_a_model_contradicts_another():
    said = say({"a": "discriminator won", "b": "still improving", "c": "collapsed"})
    assert len(said) == 3
    assert (
        "train for more n_steps, such as twice as many, before you change anything else" in said[-1]
    )
    others = [sentence.partition(" after more n_steps, ") for sentence in said[:-1]]
    assert not any("gamma" in first or "augment" in first for first, _, _ in others)
    assert [last for _, _, last in others] == ["raise gamma."] * 2
    fewer = say({"a": "good", "b": "still improving"})
    assert fewer[-1].endswith("train for more n_steps, such as twice as many.")


def test_a_discriminator_that_wins_is_named_where_samples_still_come_nearer():
    (alone,) = say({"a": "still improving"}, rate=0.04)
    assert (
        "at the end, though the discriminator tells nearly all from these (fool rate 0.04" in alone
    )
    assert "discriminator" not in "".join(say({"a": "still improving"}, rate=0.1))


@pytest.mark.parametrize("verdict", SENTENCES)
def test_few_steps_are_named_before_anything_else_is_blamed(verdict):
    (few,) = say({"a": verdict}, n_steps=7)
    assert "7 steps are few (by default 20)" in few
    assert "went well" not in few
    assert "gamma" not in few.partition("after more n_steps")[0]
    (enough,) = say({"a": verdict}, n_steps=8)
    assert "few" not in enough


def test_models_know_the_steps_that_they_train_by_default(blobs):
    X, y = blobs
    assert TableGAN(n_steps=1).fit(X, y).auto_n_steps_ == {0: 500, 1: 500}
    many = np.repeat(y == 0, 16)
    tall = TableGAN(n_steps=1).fit(np.repeat(X, 16, axis=0), many)
    assert tall.auto_n_steps_ == dict.fromkeys([False, True], 1500)
    assert ImageGAN(n_steps=0).fit(DIGITS.images, DIGITS.target).auto_n_steps_ == {0: 1000, 1: 1000}


def test_the_late_fool_rate_is_that_of_the_last_tenth():
    assert late_fool_rate({"fool_rate": np.arange(20.0)}) == 18.5
    assert np.isnan(late_fool_rate({"fool_rate": np.empty(0)}))


def heard(model, data, capsys, verdict):
    """What a training says that shall end with a verdict on all classes."""
    model.set_params(verbose=1, random_state=0).fit(*data)
    words = set(model.health_.values()) if isinstance(model.health_, dict) else {model.health_}
    assert words == {verdict}
    return capsys.readouterr().err


def test_nothing_is_said_of_what_is_not_trained(blobs, capsys):
    assert "went well" not in heard(TableGAN(n_steps=0), blobs, capsys, "not trained")


def test_a_good_game_says_so_and_files_know_it(blobs, capsys, tmp_path):
    gan = TableGAN(n_steps=60)
    assert "TableGAN: training of classes 0, 1 shows no trouble" in heard(
        gan, blobs, capsys, "good"
    )
    gan.save(tmp_path / "gan.h5")
    assert load(tmp_path / "gan.h5").health_ == {0: "good", 1: "good"}


def test_a_game_of_few_steps_is_still_improving(capsys):
    data = (DIGITS.images[:300], DIGITS.target[:300])
    text = heard(ImageGAN(n_steps=30, capacity=0.5), data, capsys, "still improving")
    assert "ImageGAN: images of classes 0, 1 were still coming nearer to real ones" in text


@pytest.mark.slow
def test_a_discriminator_that_knows_all_images_by_heart_has_won(capsys):
    rows = np.concatenate([np.flatnonzero(DIGITS.target == label)[:15] for label in (0, 1)])
    few = (DIGITS.images[rows], DIGITS.target[rows])
    gan = ImageGAN(n_steps=400, augment=None)
    text = heard(gan, few, capsys, "discriminator won")
    assert "ImageGAN: the discriminator won against classes 0, 1" in text
