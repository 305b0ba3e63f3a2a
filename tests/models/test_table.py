"""TableGAN: what is trained for which class, and what is drawn from it."""

import hashlib
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import ks_2samp
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LogisticRegression

from ganaug import SmallClassWarning, TableGAN
from ganaug.trainers.table_tiers import FROM_NOISE
from ganaug.training.step import HISTORY_KEYS


@pytest.fixture
def fitted(quick, blobs):
    """Quick model of the two blobs."""
    return quick.fit(*blobs)


@pytest.fixture
def sizes_apart():
    """Maker of blobs of given sizes, ten units apart."""

    def make(sizes):
        y = np.repeat(list(sizes), list(sizes.values()))
        place = np.repeat(10.0 * np.arange(len(sizes)), list(sizes.values()))
        return np.random.default_rng(1).normal(size=(len(y), 2)) + place[:, None], y

    return make


def digest():
    """Fingerprint of samples of a freshly trained model."""
    X = np.random.default_rng(0).normal(size=(330, 3))
    y = np.where(np.arange(330) < 310, "large", "small")
    X_new, y_new = TableGAN(n_steps=5, random_state=7).fit(X, y).sample(50)
    return hashlib.sha256(X_new.tobytes() + y_new.tobytes()).hexdigest()


@pytest.mark.medium
def test_the_same_seed_gives_the_same_rows_in_this_process_and_another():
    command = "import test_table, torch; torch.set_num_threads(1); print(test_table.digest())"
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    other = subprocess.run(
        [sys.executable, "-c", command],
        env=os.environ | {"PYTHONPATH": path, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert digest() == digest() == other.stdout.strip()


def test_another_seed_gives_other_rows(quick, blobs, fitted):
    other = clone(quick).set_params(random_state=1).fit(*blobs)
    assert not np.array_equal(other.sample(5)[0], fitted.sample(5)[0])


def test_a_dict_gives_exactly_what_it_names_in_its_order(fitted):
    X, y = fitted.sample({1: 2, 0: 3})
    assert X.shape == (5, 3)
    assert y.tolist() == [1, 1, 0, 0, 0]


def test_a_number_is_shared_out_in_the_proportions_of_the_classes(fitted):
    X, y = fitted.sample(20_000)
    assert len(X) == len(y) == 20_000
    assert np.mean(y == 0) == pytest.approx(40 / 60, abs=0.02)


@pytest.mark.parametrize("n", [0, {}, {0: 0}, {0: 0, 1: 0}], ids=str)
def test_no_rows_can_be_drawn(fitted, n):
    X, y = fitted.sample(n)
    assert X.shape == (0, 3)
    assert y.shape == (0,)
    assert y.dtype == fitted.classes_.dtype


def test_calls_differ_unless_they_are_seeded(fitted):
    first, second = fitted.sample(5)[0], fitted.sample(5)[0]
    assert not np.array_equal(first, second)
    seeded = [fitted.sample(5, random_state=3)[0] for _ in range(2)]
    assert np.array_equal(*seeded)
    assert not np.array_equal(seeded[0], fitted.sample(5, random_state=4)[0])


@pytest.mark.parametrize(
    ("n", "message"),
    [({2: 1}, "no GAN was trained for 2"), ({0: -1}, "negative"), (-1, "negative")],
)
def test_impossible_requests_are_refused(fitted, n, message):
    with pytest.raises(ValueError, match=message):
        fitted.sample(n)


@pytest.mark.parametrize("n_rows", [1, 5, 40, 320])
def test_equal_latent_points_give_equal_rows(sizes_apart, quick, normal, n_rows):
    X, y = sizes_apart({"a": n_rows, "b": 12})
    gan = clone(quick)
    if n_rows < 10:
        with pytest.warns(SmallClassWarning):
            gan.fit(X, y)
    else:
        gan.fit(X, y)
    noise = normal(6, gan.n_latent).numpy()
    made = gan.generate(noise, "a")
    assert np.array_equal(made, gan.generate(noise, "a"))
    singly = np.concatenate([gan.generate(point[None], "a") for point in noise])
    assert np.allclose(made, singly, atol=1e-4)
    assert gan.generate(noise[:0], "a").shape == (0, 2)


@pytest.mark.parametrize(
    ("shape", "label", "message"),
    [((2, 9), 0, "noise has 9 columns.*n_latent=64"), ((2, 64), 5, "no GAN was trained for 5")],
)
def test_latent_points_that_do_not_fit_are_refused(fitted, shape, label, message):
    with pytest.raises(ValueError, match=message):
        fitted.generate(np.zeros(shape), label)


@pytest.mark.parametrize("use", [lambda gan: gan.sample(1), lambda gan: gan.generate([[0]], 0)])
def test_an_unfitted_model_says_so(quick, use):
    with pytest.raises(NotFittedError):
        use(quick)


def test_the_size_of_a_class_is_told_in_its_tier_and_warned_of(sizes_apart, quick):
    sizes = {"one": 1, "two": 2, "nine": 9, "ten": 10, "many": 301}
    with pytest.warns(SmallClassWarning) as caught:
        gan = quick.fit(*sizes_apart(sizes))
    assert gan.class_counts_ == sizes
    assert gan.tiers_ == {
        "one": "smoothed copies",
        "two": "local Gaussian",
        "nine": "local Gaussian",
        "ten": "anchored GAN",
        "many": "GAN from noise",
    }
    told = " ".join(str(warning.message) for warning in caught)
    assert "class 'one' has" in told
    assert "classes 'nine', 'two' have" in told
    X, y = gan.sample(dict.fromkeys(sizes, 3))
    assert np.isfinite(X).all()
    assert all((y == label).sum() == 3 for label in sizes)


@pytest.mark.parametrize(("others", "tolerance"), [({"few": 5}, 0), ({"more": 12}, 1e-3)])
# a class of few rows is what is tested
@pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")
def test_a_class_trained_alone_is_the_class_trained_among_others(
    sizes_apart, quick, others, tolerance
):
    X, y = sizes_apart({"class": 30, **others})
    among, alone = clone(quick).fit(X, y), clone(quick).fit(X, y, labels=["class"])
    assert alone.classes_.tolist() == list(alone.generators_) == ["class"]
    rows = [gan.sample({"class": 20}, random_state=0)[0] for gan in (among, alone)]
    assert np.abs(rows[0] - rows[1]).max() <= tolerance
    with pytest.raises(ValueError, match="trained classes: 'class'"):
        alone.sample({next(iter(others)): 1})


def test_samples_of_every_tier_land_where_their_class_lives(sizes_apart):
    X, y = sizes_apart({"one": 1, "few": 5, "some": 40, "many": 310})
    with pytest.warns(SmallClassWarning):
        gan = TableGAN(n_steps=50, random_state=0).fit(X, y)
    synthetic = gan.sample(dict.fromkeys(np.unique(y), 100))
    assert LogisticRegression(max_iter=1000).fit(*synthetic).score(X, y) > 0.97


def test_features_of_a_large_class_are_distributed_as_its_own_however_short_the_game():
    X = np.random.default_rng(0).exponential(size=(900, 2)) * [1.0, 50.0]
    drawn = TableGAN(n_steps=3, random_state=0).fit(X).sample(4000, random_state=0)[0]
    for real, fake in zip(X.T, drawn.T, strict=True):
        assert ks_2samp(real, fake).statistic < 0.08


@pytest.mark.parametrize("n_steps", [0, 100])
def test_classes_far_apart_do_not_trade_values(blobs, n_steps):
    # ten standard deviations lie between them, so no smoothing should reach across
    X_new, y_new = TableGAN(n_steps=n_steps, random_state=0).fit(*blobs).sample(1000)
    assert ((X_new > 5) != (y_new == 1)[:, None]).mean() < 0.02


def test_the_narrowest_noise_leaves_room_for_blur(blobs):
    gan = TableGAN(n_steps=0, n_latent=5, random_state=0).fit(*blobs)
    noise = np.zeros((2, gan.n_latent))
    noise[:, -1] = -1, 1
    assert np.ptp(gan.generate(noise, 0), axis=0).max() > 0.1


def test_gradient_penalties_of_large_classes_are_taken_now_and_then(sizes_apart):
    gan = TableGAN(n_steps=9, random_state=0).fit(*sizes_apart({"large": 310, "small": 40}))
    taken = {
        label: [0, *(np.flatnonzero(np.diff(history["r1"])) + 1).tolist()]
        for label, history in gan.history_.items()
    }
    assert FROM_NOISE.penalty_interval > 1
    assert taken["large"] == list(range(0, 9, FROM_NOISE.penalty_interval))
    assert taken["small"] == list(range(9))


def test_history_tells_every_step_of_every_trained_class(sizes_apart, quick):
    with pytest.warns(SmallClassWarning):
        gan = quick.fit(*sizes_apart({"few": 5, "some": 20}))
    assert gan.n_steps_ == 3
    assert list(gan.history_) == ["few", "some"]
    for label, n_steps in {"few": 0, "some": 3}.items():
        assert list(gan.history_[label]) == list(HISTORY_KEYS)
        assert {len(values) for values in gan.history_[label].values()} == {n_steps}
    fool_rate = gan.history_["some"]["fool_rate"]
    assert ((fool_rate >= 0) & (fool_rate <= 1)).all()


def test_without_steps_rows_are_blurred_points_between_neighbours(blobs):
    X, y = blobs
    gan = TableGAN(n_steps=0, random_state=0).fit(X, y)
    assert gan.n_steps_ == 0
    assert set(gan.tiers_.values()) == {"blurred interpolation"}
    X_new, y_new = gan.sample(200)
    assert ((X_new.mean(axis=1) > 5) == y_new).mean() > 0.9


def test_a_class_that_diverges_is_named_and_still_served(blobs):
    X, y = blobs
    gan = TableGAN(n_steps=60, learning_rate=1e8, random_state=0)
    with pytest.warns(
        ConvergenceWarning, match=r"classes 'a', 'b' diverged.*gamma=1.*gamma=4.*Lower"
    ):
        gan.fit(X, np.where(y == 0, "a", "b"))
    X_new, _ = gan.sample(100)
    assert np.isfinite(X_new).all()
    assert len(np.unique(X_new, axis=0)) > 50


def test_an_interrupt_leaves_a_usable_model(blobs, interrupt_at_step):
    gan = TableGAN(n_steps=1_000_000, random_state=0)
    interrupt_at_step(10)
    with pytest.raises(KeyboardInterrupt):
        gan.fit(*blobs)
    assert 0 < gan.n_steps_ < gan.n_steps
    X_new, y_new = gan.sample({0: 100, 1: 100})
    assert ((X_new.mean(axis=1) > 5) == y_new).mean() > 0.9


def test_what_is_fitted_lives_on_the_cpu_and_pickles(quick, blobs, device):
    gan = quick.set_params(device=str(device)).fit(*blobs)
    weights = [p for network in gan.generators_.values() for p in network.parameters()]
    assert {weight.device.type for weight in weights} == {"cpu"}
    again = pickle.loads(pickle.dumps(gan))
    assert np.array_equal(again.sample(9)[0], gan.sample(9)[0])


def test_global_random_states_are_left_alone(quick, blobs):
    before = pickle.dumps(np.random.get_state()), torch.random.get_rng_state()  # noqa: NPY002
    quick.fit(*blobs).sample(5)
    quick.generate(np.zeros((1, 64)), 0)
    after = pickle.dumps(np.random.get_state()), torch.random.get_rng_state()  # noqa: NPY002
    assert before[0] == after[0]
    assert torch.equal(before[1], after[1])
