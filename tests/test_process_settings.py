"""Settings of torch, as a process has them, change no result, and come back as they were."""

import copy
import pickle
import threading
from contextlib import ExitStack, contextmanager
from functools import cache

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.tree import DecisionTreeClassifier
from torch.utils.data import TensorDataset

from ganaug import (
    AugmentedClassifier,
    AugmentedDataset,
    BatchAugment,
    ClassTranslator,
    DiscriminatorFeatures,
    GANMixer,
    GANOverSampler,
    ImageGAN,
    PairedTranslator,
    SampleBank,
    SuperResolver,
    SyntheticDataset,
    TableGAN,
    compare,
    load,
)
from ganaug.metrics.classifier import ImageClassifier
from ganaug.metrics.features import random_cnn_features
from ganaug.training.defaults import (
    MATMUL_BACKENDS,
    n_threads_outside,
    share_threads,
    torch_defaults,
)

pytestmark = [
    # classes of few rows are meant, so that training is quick
    pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning"),
]


@contextmanager
def changed(get, put, value):
    before = get()
    put(value)
    try:
        yield
    finally:
        put(before)


def default_dtype(dtype):
    return changed(torch.get_default_dtype, torch.set_default_dtype, dtype)


@contextmanager
def default_device(device):
    torch.set_default_device(device)
    try:
        yield
    finally:
        torch.set_default_device(None)


def precision(value):
    return changed(torch.get_float32_matmul_precision, torch.set_float32_matmul_precision, value)


def threads(n):
    return changed(torch.get_num_threads, torch.set_num_threads, n)


@contextmanager
def all_at_once():
    with ExitStack() as stack:
        for name, setting in SETTINGS.items():
            if name not in ("bfloat16", "device context", "all"):
                stack.enter_context(setting())
        yield


SETTINGS = {
    "float64": lambda: default_dtype(torch.float64),
    "bfloat16": lambda: default_dtype(torch.bfloat16),
    # stands for "cuda"
    "default device": lambda: default_device("meta"),
    "device context": lambda: torch.device("meta"),
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", torch.bfloat16),
    "precision": lambda: precision("medium"),
    "all": all_at_once,
}

# Each setting is in one of them: where single ones would only tell which of them does harm.
COVERING = ["bfloat16", "device context", "all"]

# Of a CPU: results of all but some fits do not depend on them.
THREADS = {"threads": lambda: threads(2)}


def settings():
    """All that torch is set to."""
    return (
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.get_num_threads(),
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.get_autocast_dtype("cpu"),
        [backend.fp32_precision for backend in MATMUL_BACKENDS],
    )


def table():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [40, 20])
    return rng.normal(size=(60, 3)) + 10.0 * y[:, None], y


def pictures():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [16, 12])
    return (rng.random((28, 8, 8)) / 2 + y[:, None, None] / 2).astype(np.float32), y


def weights(gan):
    """What a fit leaves, to be compared bit by bit."""
    networks = getattr(gan, "generators_", None) or {0: gan.upscaler_}
    found = [t for network in networks.values() for t in network.state_dict().values()]
    assert not any(tensor.is_inference() for tensor in found)
    return [tensor.numpy() for tensor in found]


MODELS = {
    "TableGAN": lambda: TableGAN(n_steps=3, random_state=0).fit(*table()),
    "TableGAN of many rows": lambda: TableGAN(n_steps=2, random_state=0).fit(
        np.random.default_rng(0).normal(size=(400, 3))
    ),
    "ImageGAN": lambda: ImageGAN(n_steps=2, random_state=0).fit(*pictures()),
    "ImageGAN, pooled": lambda: ImageGAN(n_steps=2, sharing="pooled", random_state=0).fit(
        *pictures()
    ),
    "cascade": lambda: ImageGAN(n_steps=1, upscaler=SuperResolver(n_steps=1), random_state=0).fit(
        pictures()[0].repeat(2, 1).repeat(2, 2), pictures()[1]
    ),
    "ClassTranslator": lambda: ClassTranslator(n_steps=2, guard=0, random_state=0).fit(*pictures()),
    "PairedTranslator": lambda: PairedTranslator(n_steps=2, random_state=0).fit(
        pictures()[0] > 0.5, *pictures()
    ),
    "SuperResolver": lambda: SuperResolver(n_steps=2, random_state=0).fit(pictures()[0]),
}


@cache
def fitted(kind):
    """A model that is fitted without any setting, once for all tests."""
    return MODELS[kind]()


# Every setting by itself for one model, and all of them for the others.
FITS = [(kind, setting) for kind in MODELS for setting in COVERING] + [
    ("TableGAN", setting) for setting in SETTINGS if setting not in COVERING
]


def same(found, wanted):
    """Whether results are equal bit by bit, in type, dtype and values."""
    if isinstance(wanted, tuple | list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(wanted, torch.Tensor):
        like = found.dtype == wanted.dtype and found.device == wanted.device
        return like and torch.equal(found, wanted) and not found.is_inference()
    if isinstance(wanted, pd.DataFrame):
        pd.testing.assert_frame_equal(found, wanted, check_exact=True)
        return True
    return np.asarray(found).dtype == np.asarray(wanted).dtype and np.array_equal(
        found, wanted, equal_nan=np.asarray(wanted).dtype.kind == "f"
    )


# Results of calls without a setting.
UNSET = {}


def check_same_under(setting, call, kind=""):
    """Make a call without a setting, once for all of them, and with it."""
    key = call.__qualname__, kind
    if key not in UNSET:
        with threads(1):
            UNSET[key] = call()
    wanted = UNSET[key]
    with (SETTINGS | THREADS)[setting]():
        before = settings()
        found = call()
        assert settings() == before
    assert same(found, wanted)


@pytest.mark.medium
@pytest.mark.parametrize(("kind", "setting"), FITS)
def test_fits_are_the_same_bit_by_bit(kind, setting):
    with SETTINGS[setting]():
        before = settings()
        again = MODELS[kind]()
        assert settings() == before
    assert same(weights(again), weights(fitted(kind)))


def calls_of(model):
    """What can be asked of a fitted model."""
    if isinstance(model, SuperResolver):
        return {"transform": lambda: model.transform(pictures()[0][:3])}
    point = np.linspace(-1, 1, model.n_latent)
    X = table()[0] if isinstance(model, TableGAN) else pictures()[0]
    calls = {
        "sample": lambda: model.sample(dict.fromkeys(model.class_counts_, 3), 0),
        "iter_batches": lambda: list(model.iter_batches({0: 5}, batch_size=2, random_state=0)),
        "generate": lambda: model.generate([point, -point], 0),
        "interpolate": lambda: model.interpolate(point, -point, 0, 3),
        "copy": lambda: copy.deepcopy(model).sample(4),
        "pickle": lambda: pickle.loads(pickle.dumps(model)).sample(4),
    }
    if isinstance(model, ClassTranslator):
        calls["translate"] = lambda: model.translate(X, 1)
    if isinstance(model, PairedTranslator):
        calls["translate"] = lambda: model.translate(X > 0.5, 1, random_state=0)
        calls["features"] = lambda: model.discriminator_features(X, 0, X > 0.5)
    elif getattr(model, "upscaler", None) is not None:
        calls["features"] = lambda: model.discriminator_features(X.repeat(2, 1).repeat(2, 2), 0)
        calls["to another class"] = lambda: model.interpolate(point, point, 0, 3, to=1)
    else:
        calls["features"] = lambda: model.discriminator_features(X, 0)
    return calls


@cache
def answers(kind):
    """What a fitted model answers to all calls without any setting."""
    with threads(1):
        return {name: call() for name, call in calls_of(fitted(kind)).items()}


@pytest.mark.parametrize(("kind", "setting"), [*FITS, *((kind, "threads") for kind in MODELS)])
def test_samples_are_the_same_bit_by_bit(kind, setting):
    wanted = answers(kind)
    with (SETTINGS | THREADS)[setting]():
        before = settings()
        found = {name: call() for name, call in calls_of(fitted(kind)).items()}
        assert settings() == before
    assert {name: same(found[name], wanted[name]) for name in wanted} == dict.fromkeys(wanted, True)


@pytest.mark.parametrize("setting", [*COVERING, "threads"])
def test_figures_of_quality_are_the_same(setting):
    gan = fitted("TableGAN")
    check_same_under(setting, lambda: gan.evaluate(*table()))


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["bfloat16", "all", "threads"])
def test_figures_of_the_quality_of_images_are_the_same(setting):
    gan = MODELS["ImageGAN"]()
    check_same_under(setting, lambda: gan.evaluate(*pictures()))


@pytest.mark.parametrize("setting", [*COVERING, "threads"])
def test_classifiers_of_images_and_random_features_are_the_same(setting):
    X, y = pictures()
    images = X[:, None] * 2 - 1

    def call():
        classifier = ImageClassifier.fit(images, y, seed=0, n_steps=5)
        given = classifier.probabilities(images), classifier.features(images)
        return *given, random_cnn_features(images)

    check_same_under(setting, call)


@pytest.mark.parametrize("setting", COVERING)
def test_what_a_fit_under_settings_leaves_works_without_them(setting):
    with SETTINGS[setting]():
        gan = MODELS["ImageGAN"]()
        augment = BatchAugment(gan, p=1.0)
    again = pickle.loads(pickle.dumps(gan)).fit(*pictures())
    assert again.sample(3)[0].shape == (3, 8, 8)
    augment.load_state_dict(augment.state_dict())
    X, y = pictures()
    network = torch.nn.Linear(64, 2)
    x, y = augment(torch.tensor(X)[:, None], torch.tensor(y))
    network(x.flatten(1)).sum().backward()
    assert network.weight.grad is not None


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:of 200 translations")
@pytest.mark.parametrize("setting", SETTINGS)
def test_the_guard_judges_the_same(setting):
    X, y = pictures()

    def call():
        guarded = ClassTranslator(n_steps=1, guard=0.5, random_state=0).fit(X, y)
        return list(guarded.guard_precision_.values())

    check_same_under(setting, call)


@pytest.mark.medium
@pytest.mark.parametrize("setting", COVERING)
def test_faces_are_the_same(setting):
    X, y = table()
    gan = TableGAN(n_steps=2, random_state=0)
    tree = DecisionTreeClassifier(random_state=0)

    def call():
        classifier = AugmentedClassifier(tree, gan=gan, random_state=0).fit(X, y)
        plain = compare(tree, X, y, gan=gan, cv=2, gate=None, random_state=0)
        return [
            GANOverSampler(gan, random_state=0).fit_resample(X, y),
            GANMixer(gan=gan, random_state=0).fit_transform(X, y),
            DiscriminatorFeatures(gan, random_state=0).fit_transform(X),
            classifier.predict_proba(X),
            classifier.report_.table,
            plain.drop(columns="seconds"),
        ]

    check_same_under(setting, call)


@pytest.mark.parametrize("setting", COVERING)
def test_files_and_data_sets_train_the_same(setting, tmp_path):
    X, y = table()
    frame = pd.DataFrame(X, columns=list("abc")).assign(kind=y)
    frame.to_csv(tmp_path / "table.csv", index=False)
    with h5py.File(tmp_path / "images.h5", "w") as file:
        file["X"], file["y"] = pictures()
    data = TensorDataset(torch.tensor(X), torch.tensor(y))
    table_gan, image_gan = TableGAN(n_steps=2, random_state=0), ImageGAN(n_steps=0, random_state=0)

    def call():
        return [
            table_gan.fit_dataset(data).sample(3),
            table_gan.fit_file(tmp_path / "table.csv", "kind").sample(3)[0].to_numpy(),
            image_gan.fit_file(tmp_path / "images.h5").sample(3),
        ]

    check_same_under(setting, call)


@pytest.mark.parametrize("setting", COVERING)
def test_banks_and_torch_faces_are_the_same(setting, tmp_path):
    X, y = pictures()
    gan = ImageGAN(n_steps=0, random_state=0).fit(X, y)
    real = TensorDataset(torch.tensor(X)[:, None], torch.tensor(y))

    def call():
        bank = SampleBank.create(tmp_path / "b.h5", gan, {1: 4}, random_state=0, overwrite=True)
        data = AugmentedDataset(real, gan)
        replaced = AugmentedDataset(real, gan, mode="replace", p=1.0)
        return [bank.take([0, 2]), data.targets, replaced, data, SyntheticDataset(bank)]

    with SETTINGS[setting]():
        taken, targets, *sets = call()
    wanted_taken, wanted_targets, *wanted = call()
    assert same([taken, targets], [wanted_taken, wanted_targets])
    for data, others in zip(sets, wanted, strict=True):
        if isinstance(data, AugmentedDataset):
            data.set_epoch(1)
            others.set_epoch(1)
        assert all(torch.equal(data[i][0], others[i][0]) for i in range(len(others)))


@pytest.mark.parametrize("setting", COVERING)
def test_a_saved_model_is_the_same(setting, tmp_path):
    gan = fitted("TableGAN")
    with SETTINGS[setting]():
        gan.save(tmp_path / "gan.h5")
    assert same(load(tmp_path / "gan.h5").sample(5, 0), gan.sample(5, 0))


@pytest.mark.parametrize("setting", COVERING)
@pytest.mark.parametrize("kind", ["TableGAN", "ImageGAN"])
def test_batches_are_replaced_as_without_and_training_goes_on(kind, setting):
    gan = fitted(kind)
    X, y = table() if kind == "TableGAN" else pictures()
    x = torch.tensor(X) if kind == "TableGAN" else torch.tensor(X)[:, None]
    y = torch.tensor(y)

    def call():
        return BatchAugment(gan, p=0.5, transform=lambda images: images / 2, seed=3)(x, y)

    check_same_under(setting, call, kind)


def test_data_that_record_gradients_or_come_from_inference_are_taken():
    X, y = pictures()
    y, gan = torch.tensor(y), ImageGAN(n_steps=1, random_state=0)
    plain = torch.tensor(X)[:, None]
    with torch.inference_mode():
        inference = plain.clone()
    wanted = gan.fit_dataset(TensorDataset(plain, y)).sample(3, 0)
    for x in (inference, plain.clone().requires_grad_()):
        assert same(gan.fit_dataset(TensorDataset(x, y)).sample(3, 0), wanted)
        mixed, _ = BatchAugment(gan, p=1.0)(x, y)
        assert same(mixed, BatchAugment(gan, p=1.0)(plain, y)[0])
        data = AugmentedDataset(TensorDataset(x, y), gan)
        assert torch.equal(
            data[len(data) - 1][0], AugmentedDataset(TensorDataset(plain, y), gan)[len(data) - 1][0]
        )


@pytest.mark.parametrize("setting", [*COVERING, "threads"])
def test_the_caller_has_its_settings_between_batches(setting):
    gan = fitted("TableGAN")
    with (SETTINGS | THREADS)[setting]():
        before = settings()
        batches = gan.iter_batches({0: 6}, batch_size=2)
        for _ in range(2):
            next(batches)
            assert settings() == before
        batches.close()
        assert settings() == before


@pytest.mark.parametrize("setting", [*COVERING, "threads"])
def test_settings_come_back_after_errors(setting):
    gan = fitted("TableGAN")
    with (SETTINGS | THREADS)[setting]():
        before = settings()
        for call in (
            lambda: gan.sample({"unknown": 1}),
            lambda: next(gan.iter_batches(-1)),
            lambda: gan.generate([[0.0]], 0),
            lambda: TableGAN().fit([[np.inf]]),
        ):
            with pytest.raises(ValueError):  # noqa: PT011 - which one does not matter
                call()
            assert settings() == before


def test_a_user_of_another_thread_leaves_the_settings_to_those_inside():
    seen, inside, leave = {}, threading.Event(), threading.Event()

    def stay():
        torch.set_num_threads(3)
        with torch_defaults():
            inside.set()
            leave.wait()
            seen["inside"] = torch.get_default_dtype(), torch.get_num_threads()
        seen["after"] = torch.get_num_threads()

    with default_dtype(torch.float64), threads(2), precision("medium"):
        before = settings()
        with torch_defaults():
            thread = threading.Thread(target=stay)
            thread.start()
            inside.wait()
        leave.set()
        thread.join()
        torch.set_num_threads(2)
        assert settings() == before
    assert seen == {"inside": (torch.float32, 1), "after": 3}


def test_a_thread_that_begins_meanwhile_gets_the_threads_of_the_process():
    seen = []

    def use():
        with torch_defaults():
            seen.append((torch.get_num_threads(), n_threads_outside()))
        seen.append(torch.get_num_threads())

    with threads(2), torch_defaults():
        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
    assert seen == [(1, 2), 2]


def test_a_thread_keeps_its_share():
    seen = []

    def use():
        share_threads(2)
        with torch_defaults():
            seen.append((torch.get_num_threads(), n_threads_outside()))
        seen.append(torch.get_num_threads())

    with threads(4), torch_defaults():
        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
    assert seen == [(2, 2), 2]


def test_overlapping_users_of_a_thread_leave_together():
    with threads(2):
        first, second = torch_defaults(), torch_defaults()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert torch.get_num_threads() == 1
        second.__exit__(None, None, None)
        assert torch.get_num_threads() == 2


def test_the_number_of_threads_changes_neither_tables_nor_samples():
    with threads(2):
        found = MODELS["TableGAN"]()
        assert torch.get_num_threads() == 2
        drawn = found.sample(50, 0)
    with threads(1):
        wanted = MODELS["TableGAN"]()
        assert same(weights(found), weights(wanted))
        assert same(drawn, wanted.sample(50, 0))
