"""Frames of polars come in, and come out, in every face."""

import datetime as dt
from decimal import Decimal
from itertools import product

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import make_pipeline as make_resampling_pipeline
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_transformer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from ganaug import (
    AugmentedClassifier,
    DiscriminatorFeatures,
    GANMixer,
    GANOverSampler,
    TableGAN,
    load,
)
from ganaug.encoding.frames import from_pandas, to_pandas
from ganaug.encoding.rows import join_rows, take_columns, take_rows

pl = pytest.importorskip("polars")

pytestmark = pytest.mark.filterwarnings("ignore:column 'nothing' has no value")

Y = np.repeat([0, 1], [40, 20])
DAYS = [dt.date(2020, 1, 1) + dt.timedelta(day) for day in range(60)]
NUMBERS = pl.DataFrame({"a": np.arange(60.0), "s": ["u", "v", "w"] * 20})


@pytest.fixture
def rich():
    """Sixty rows with a column of most types, and gaps in some of them."""
    return NUMBERS.with_columns(
        small=pl.Series([7 * row % 30 for row in range(60)], dtype=pl.Int8),
        day=pl.Series(DAYS),
        moment=pl.Series(DAYS).cast(pl.Datetime("us", "Europe/Berlin")),
        hour=pl.Series([dt.time(row % 24) for row in range(60)]),
        price=pl.Series([Decimal("1.10") * row for row in range(60)]),
        kind=pl.Series(["x", "y", None] * 20, dtype=pl.Categorical),
        size=pl.Series(["S", "L", "S"] * 20, dtype=pl.Enum(["S", "M", "L"])),
        sunny=pl.Series([True, None] * 30),
        nothing=pl.Series([None] * 60),
    )


def test_a_frame_goes_to_pandas_and_back(rich):
    assert from_pandas(to_pandas(rich), "polars").equals(rich)


def test_rows_of_frames_are_taken_and_joined(rich):
    rows = np.array([3, 0, 3])
    assert take_rows(rich, rows).equals(rich[rows.tolist()])
    assert take_rows(rich, np.arange(60) < 5).equals(rich[:5])
    assert join_rows([take_rows(rich, slice(9)), rich[9:]]).equals(rich)
    assert take_columns(rich, np.tile(rows[:, None], rich.shape[1])).equals(rich[rows.tolist()])


def test_a_model_draws_frames_and_does_so_when_it_was_saved(quick, rich, tmp_path):
    gan = quick.fit(rich, Y)
    gan.save(tmp_path / "gan.h5")
    drawn = gan.sample(9, random_state=0)[0]
    assert drawn.schema == rich.schema
    assert load(tmp_path / "gan.h5").sample(9, random_state=0)[0].equals(drawn)
    assert gan.sample({0: 0})[0].schema == rich.schema
    assert gan.training_samples(1).sort("day").equals(rich[40:])


def test_frames_of_pandas_with_types_of_arrow_come_back_as_such_too(quick, rich):
    X = to_pandas(rich)
    resampled, _ = GANOverSampler(quick, random_state=0).fit_resample(X, Y)
    mixed = GANMixer(gan=quick, random_state=0).fit_transform(X, Y)
    for rows in (resampled, mixed, quick.fit(X, Y).sample(3)[0]):
        assert rows.dtypes.equals(X.dtypes)
    columns = make_column_transformer(("passthrough", ["a"]), (OneHotEncoder(), ["s"]))
    pipeline = make_pipeline(columns, LogisticRegression())
    model = AugmentedClassifier(pipeline, gan=quick, gate=None, random_state=0)
    assert model.fit(X, Y).score(X, Y) > 0.9


def test_the_sampler_adds_rows_to_a_frame(quick, rich):
    sampler = GANOverSampler(quick, random_state=0)
    X, y = sampler.fit_resample(rich, pl.Series("kind", Y))
    assert X.schema == rich.schema
    assert X[:60].equals(rich)
    assert (y.name, y.to_list().count(1)) == ("kind", 40)
    assert sampler.gan_.sample(2)[0].schema == rich.schema


def test_labels_keep_their_library_and_type(quick):
    kinds = ["u"] * 40 + ["v"] * 20
    labels = [
        pl.Series("kind", kinds, dtype=pl.Enum(["u", "v"])),
        pd.Series(kinds, name="kind", dtype="category"),
    ]
    for X, y in product((NUMBERS, NUMBERS["a"].to_numpy()[:, None]), labels):
        resampled = GANOverSampler(quick, random_state=0).fit_resample(X, y)[1]
        assert type(resampled) is type(y)
        assert (resampled.name, resampled.dtype, len(resampled)) == ("kind", y.dtype, 80)


def test_the_mixer_mixes_frames(quick, rich):
    mixer = GANMixer(gan=quick, random_state=0)
    mixed = mixer.fit_transform(rich, Y)
    assert mixed.schema == rich.schema
    assert not mixed.equals(rich)
    assert mixer.transform(rich).equals(rich)


class Fractions(BaseEstimator):
    """A model that draws the same number for all, as a frame of pandas."""

    def fit(self, X, y):
        self.columns_ = X.columns
        return self

    def sample(self, counts):
        y = np.repeat(list(counts), list(counts.values()))
        return pd.DataFrame(2.7, range(len(y)), self.columns_), y


def test_fractions_of_other_models_are_rounded_to_whole_numbers():
    X = pl.DataFrame({"rooms": range(1, 40, 2), "size": np.linspace(0, 1, 20)})
    X_new, _ = GANOverSampler(Fractions()).fit_resample(X, [0] * 12 + [1] * 8)
    assert X_new["rooms"].dtype == pl.Int64
    assert X_new["rooms"].to_list()[20:] == [3] * 4
    assert X_new["size"].to_list()[20:] == [2.7] * 4


@pytest.mark.parametrize("gate", [None, "fast"])
def test_what_is_inside_the_classifier_is_given_frames(quick, gate):
    seen = set()

    def doubled(rows):
        seen.add(type(rows))
        return rows.select(pl.col("a") * 2)

    columns = make_column_transformer(
        (FunctionTransformer(doubled), ["a"]), (OneHotEncoder(), ["s"])
    )
    model = AugmentedClassifier(
        make_pipeline(columns, LogisticRegression()), gan=quick, gate=gate, random_state=0
    )
    assert model.fit(NUMBERS, Y).score(NUMBERS, Y) > 0.9
    assert seen == {pl.DataFrame}


def test_steps_before_and_after_may_work_on_frames(quick):
    scaler = StandardScaler().set_output(transform="polars")
    pipeline = make_resampling_pipeline(scaler, GANOverSampler(quick), LogisticRegression())
    assert pipeline.fit(NUMBERS[["a"]], Y).score(NUMBERS[["a"]], Y) > 0.9
    features = DiscriminatorFeatures(quick, random_state=0).fit(NUMBERS)
    assert features.set_output(transform="polars").transform(NUMBERS).shape == (60, 192)


def test_conditions_hold_for_frames():
    conditions = ["a > 30 and s in ['u', 'v']", lambda rows: rows["a"] < 50]
    drawn = TableGAN(n_steps=2, random_state=0, conditions=conditions).fit(NUMBERS).sample(20)[0]
    assert ((drawn["a"] > 30) & (drawn["a"] < 50) & (drawn["s"] != "w")).all()


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (NUMBERS.lazy(), r"X.collect\(\)"),
        (NUMBERS.cast({"a": pl.Int128}), "columns that Arrow does not know"),
        (NUMBERS.with_columns(lists=pl.Series([[1]] * 60)), "column 'lists' is of the type"),
    ],
)
def test_frames_that_cannot_be_read_are_refused_with_the_reason(quick, X, message):
    with pytest.raises(ValueError, match=message):
        quick.fit(X, Y)


def test_models_of_frames_of_one_library_serve_those_of_another(quick, rich):
    other = to_pandas(rich)
    for given, trained in ((rich, other), (other, rich)):
        gan = FrozenEstimator(TableGAN(n_steps=1, random_state=0).fit(trained, Y))
        X, _ = GANOverSampler(gan, random_state=0).fit_resample(given, Y)
        assert type(X) is type(given)
        assert to_pandas(X).dtypes.equals(other.dtypes)
