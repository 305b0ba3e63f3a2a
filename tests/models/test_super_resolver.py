"""SuperResolver: enlarged images are better than interpolated ones, of every kind, and back."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from torch.nn.functional import interpolate

from ganaug import SuperResolver, load
from ganaug.cli import main


def edges(n, *shape, seed=0, dtype=np.uint8):
    """Images that are dark on one side of a random slanting edge, and bright on the other."""
    rng = np.random.default_rng(seed)
    slope, place = rng.uniform(-1, 1, (n, 1, 1)), rng.uniform(0.2, 0.8, (n, 1, 1))
    rows, columns = np.meshgrid(*(np.linspace(0, 1, side) for side in shape[:2]), indexing="ij")
    X = 40 + 170 * (columns + slope * (rows - 0.5) > place)
    return (X if len(shape) == 2 else np.repeat(X[..., None], shape[2], axis=3)).astype(dtype)


def small_of(X, scale):
    """Means of squares of pixels."""
    n, height, width = X.shape[0], X.shape[1] // scale, X.shape[2] // scale
    squares = X.reshape(n, height, scale, width, scale, *X.shape[3:]).astype(float)
    return squares.mean(axis=(2, 4)).astype(X.dtype)


def error(found, true):
    """Root mean square."""
    return np.sqrt(np.mean((found.astype(float) - true) ** 2))


@pytest.fixture(scope="module")
def learnt():
    """A resolver that has seen sharp edges."""
    return SuperResolver(n_steps=80, random_state=0).fit(edges(200, 16, 16))


@pytest.mark.medium
def test_learnt_detail_is_nearer_to_real_images_than_interpolation(learnt):
    X = edges(100, 16, 16, seed=1)
    plain = SuperResolver(n_steps=0).fit(X)
    small = small_of(X, 2)
    assert error(learnt.transform(small), X) < 0.8 * error(plain.transform(small), X)


@pytest.mark.parametrize("scale", [2, 4])
def test_without_steps_it_is_bicubic_interpolation(scale):
    X = edges(6, 16, 24, dtype=np.float64)
    found = SuperResolver(scale=scale, n_steps=0).fit(X).transform(small_of(X, scale))
    small = torch.from_numpy(small_of(X, scale))[:, None]
    expected = interpolate(small, scale_factor=scale, mode="bicubic", align_corners=False)[:, 0]
    assert np.allclose(found, expected.clip(40, 210), atol=1e-3)


@pytest.mark.parametrize("shape", [(16, 16), (16, 24, 3), (20, 12, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_images_come_back_in_their_type_and_range_and_larger(shape, dtype):
    X = edges(12, *shape, dtype=dtype)
    resolver = SuperResolver(n_steps=2, random_state=0).fit(X)
    found = resolver.transform(small_of(X, 2))
    assert found.shape == X.shape
    assert found.dtype == X.dtype
    assert found.min() >= (0 if dtype == np.uint8 else 40)
    assert found.max() <= (255 if dtype == np.uint8 else 210)
    # of another size than those in fit
    assert resolver.transform(X).shape == (12, 2 * shape[0], 2 * shape[1], *shape[2:])


@pytest.mark.medium
def test_higher_fidelity_stays_nearer_to_real_images():
    X = edges(100, 16, 16)
    errors = [
        error(
            SuperResolver(n_steps=25, fidelity=fidelity, random_state=0)
            .fit(X)
            .transform(small_of(X, 2)),
            X,
        )
        for fidelity in (0.0, 200.0)
    ]
    assert errors[1] < errors[0]


def test_brighter_images_than_those_in_fit_need_a_range():
    X = edges(12, 16, 16, dtype=np.float32)
    bright = np.full((2, 8, 8), 250.0)
    with pytest.raises(ValueError, match="pass value_range"):
        SuperResolver(n_steps=1).fit(X).transform(bright)
    resolver = SuperResolver(n_steps=1, value_range=(0, 255)).fit(X)
    assert resolver.transform(bright).max() == pytest.approx(250, abs=5)


@pytest.mark.medium
def test_small_images_may_be_given():
    X = edges(40, 16, 16)
    shifted = np.roll(small_of(X, 2), 1, axis=2)
    errors = [
        error(
            SuperResolver(n_steps=25, random_state=0).fit(X, small=small).transform(shifted),
            X,
        )
        for small in (shifted, None)
    ]
    assert errors[0] < errors[1]


def test_equal_seeds_and_devices_give_equal_images(device):
    X, small = edges(20, 16, 16), small_of(edges(20, 16, 16), 2)
    before = torch.random.get_rng_state()
    first, second, other = (
        SuperResolver(n_steps=5, random_state=seed, device=str(device)).fit(X).transform(small)
        for seed in (0, 0, 1)
    )
    assert torch.equal(before, torch.random.get_rng_state())
    assert np.array_equal(first, second) or device.type != "cpu"
    assert not np.array_equal(first, other)


@pytest.mark.medium
def test_a_file_and_a_pickle_bring_it_back(learnt, tmp_path, capsys):
    small = small_of(edges(5, 16, 16), 2)
    path = tmp_path / "resolver.h5"
    learnt.save(path)
    for again in (load(path), pickle.loads(pickle.dumps(learnt))):
        assert np.array_equal(again.transform(small), learnt.transform(small))
    assert main(["info", str(path)]) == 0
    assert "SuperResolver(" in capsys.readouterr().out
    for words in (
        ["sample", str(path), "-n", "1", "-o", "x.csv"],
        ["explore", str(path), "-o", "x.png"],
    ):
        assert main(words) == 2
        assert "makes no samples" in capsys.readouterr().err


def test_small_images_from_0_to_1_are_noticed_where_white_is_255():
    X = np.linspace(0, 255, 16 * 16).reshape(1, 16, 16)
    resolver = SuperResolver(n_steps=0).fit(X)
    with pytest.warns(UserWarning, match=r"255 \* X is, where 1 is white"):
        resolver.transform(X[:, ::2, ::2] / 255)


def test_it_fits_into_a_pipeline():
    X, y = edges(30, 16, 16), np.arange(30) % 2
    flat = FunctionTransformer(lambda images: images.reshape(len(images), -1))
    pipeline = make_pipeline(SuperResolver(n_steps=1), flat, KNeighborsClassifier(1))
    assert pipeline.fit(X, y).predict(X).shape == (30,)
    assert clone(pipeline).set_params(superresolver__n_steps=2)


@pytest.mark.parametrize(
    ("X", "options", "message"),
    [
        (edges(4, 15, 16), {}, "scale=2 must divide"),
        (edges(4, 18, 16), {"scale": 4}, "scale=4 must divide"),
        (edges(4, 8, 8), {"scale": 4}, "fewer than 4 pixels"),
        (edges(4, 6, 6), {}, "8 to 512 pixels"),
        (np.full((4, 16, 16), np.nan), {}, "NaN"),
        (edges(4, 16, 16), {"scale": 3}, "'scale' parameter"),
        (edges(4, 16, 16), {"small": edges(3, 8, 8)}, "small holds 3 images of 8 x 8"),
        (edges(4, 16, 16), {"small": edges(4, 8, 9)}, "needs 4 of 8 x 8"),
        (edges(4, 16, 16), {"small": edges(4, 8, 8, 3)}, r"\(n, height, width\) is needed"),
    ],
)
def test_bad_input_is_refused_before_training(X, options, message):
    small = options.pop("small", None)
    with pytest.raises(ValueError, match=message):
        SuperResolver(**{"n_steps": 10**9, **options}).fit(X, small=small)


@pytest.mark.medium
@pytest.mark.parametrize(
    ("X", "message"),
    [
        (edges(4, 8, 8, 3), "is needed, as in fit"),
        (edges(4, 3, 8), "4 or more a side"),
        (np.full((4, 8, 8), 300), "outside the range"),
        (np.full((4, 8, 8), np.inf), "infinity"),
    ],
)
def test_images_unlike_those_in_fit_are_refused(learnt, X, message):
    with pytest.raises(ValueError, match=message):
        learnt.transform(X)
    with pytest.raises(NotFittedError):
        SuperResolver().transform(X)


@pytest.mark.medium
def test_what_diverges_is_trained_again_and_says_so():
    X = edges(12, 16, 16)
    with pytest.warns(
        ConvergenceWarning, match="diverged: .*trained once more with.*gamma=0.8\\. "
    ):
        resolver = SuperResolver(n_steps=30, learning_rate=0.5, random_state=0).fit(X)
    small = small_of(X, 2)
    plain = SuperResolver(n_steps=0).fit(X).transform(small)
    found = resolver.transform(small)
    assert not np.array_equal(found, plain)
    assert np.abs(found.astype(float) - plain).mean() < X.std()


def test_what_diverges_twice_interpolates_and_says_so(monkeypatch):
    monkeypatch.setattr("ganaug.trainers.super_resolution.LEARNING_RATE", 1e9)
    X = edges(12, 16, 16)
    with pytest.warns(ConvergenceWarning, match="failed again: served by bicubic interpolation"):
        resolver = SuperResolver(n_steps=30, learning_rate=1e9, random_state=0).fit(X)
    small = small_of(X, 2)
    plain = SuperResolver(n_steps=0).fit(X).transform(small)
    assert np.array_equal(resolver.transform(small), plain)


def test_an_interrupt_leaves_it_usable(interrupt_at_step):
    resolver = SuperResolver(n_steps=10**6, random_state=0)
    interrupt_at_step(10)
    with pytest.raises(KeyboardInterrupt):
        resolver.fit(edges(12, 16, 16))
    assert 0 < resolver.n_steps_ < 10**6
    assert resolver.transform(edges(2, 8, 8)).shape == (2, 16, 16)
