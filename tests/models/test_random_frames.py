"""Any frame goes through fit, sample, save and load, in its types and ranges."""

import datetime as dt
import tempfile

import numpy as np
import pandas as pd
import pytest

from ganaug import TableGAN, load

pytest.importorskip("hypothesis")
pa = pytest.importorskip("pyarrow")

from hypothesis import HealthCheck, Phase, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

MAX_ROWS = 30
FINITE = {"allow_nan": False, "allow_infinity": False}
ZONES = ["UTC", "Europe/Berlin", "America/New_York"]


def arrow(dtype):
    """Dtype of pandas for one of Arrow."""
    return pd.ArrowDtype(dtype)


def integers(dtype):
    """Numbers that an integer dtype holds."""
    limits = np.iinfo(dtype)
    return st.integers(int(limits.min), int(limits.max)) | st.integers(0, 9)


def moments(first=1, last=9999):
    """Moments of some years, many of them midnights."""
    days = st.dates(dt.date(first, 1, 1), dt.date(last, 12, 31))
    midnights = days.map(lambda day: dt.datetime.combine(day, dt.time()))
    return midnights | st.datetimes(dt.datetime(first, 1, 1), dt.datetime(last, 12, 31))


def decimals(places, digits):
    """Decimals of some places and digits before the point."""
    limit = 10**digits
    return st.decimals(-limit, limit, places=places, **FINITE)


SECONDS = moments().map(lambda moment: moment.replace(microsecond=0))
DAYS = st.dates()
HOURS = st.times()
SPANS = st.timedeltas(dt.timedelta(-9999), dt.timedelta(9999))
TEXT = st.text(max_size=5)
WORDS = st.sampled_from(["red", "blue", "", "None", "NaN", "\0", "ä"])

# values, dtype, and whether there may be gaps
KINDS = {
    "float64": (st.floats(**FINITE), "float64", True),
    "few floats": (st.sampled_from([0.0, 0.5, 2.0]), "float64", True),
    "float32": (st.floats(width=32, **FINITE), "float32", True),
    "Float64": (st.floats(-1e6, 1e6), "Float64", True),
    "double of Arrow": (st.floats(**FINITE), arrow(pa.float64()), True),
    "half of Arrow": (st.floats(width=16, **FINITE), arrow(pa.float16()), True),
    "floats as objects": (st.floats(**FINITE), object, True),
    "sparse": (st.sampled_from([0.0, 0.0, 3.5]), pd.SparseDtype(float), False),
    "int8": (integers("int8"), "int8", False),
    "int64": (integers("int64"), "int64", False),
    "uint64": (integers("uint64"), "uint64", False),
    "Int64": (integers("int64"), "Int64", True),
    "UInt8": (integers("uint8"), "UInt8", True),
    "uint64 of Arrow": (integers("uint64"), arrow(pa.uint64()), True),
    "int16 of Arrow": (integers("int16"), arrow(pa.int16()), True),
    "integers as objects": (st.integers(-(2**100), 2**100), object, True),
    "decimals": (decimals(2, 9), object, True),
    "decimals of Arrow": (decimals(3, 20), arrow(pa.decimal128(38, 3)), True),
    "bool": (st.booleans(), "bool", False),
    "boolean": (st.booleans(), "boolean", True),
    "bool of Arrow": (st.booleans(), arrow(pa.bool_()), True),
    "bools as objects": (st.booleans(), object, True),
    "str": (TEXT, "str", True),
    "text as objects": (WORDS, object, True),
    "string": (WORDS, "string", True),
    "string of Arrow": (TEXT, arrow(pa.large_string()), True),
    "dictionary of Arrow": (WORDS, arrow(pa.dictionary(pa.int32(), pa.string())), True),
    "categories": (WORDS, "category", True),
    "categories of numbers": (st.integers(0, 3), "category", True),
    "categories of days": (st.sampled_from([*pd.date_range("2020", periods=3)]), "category", True),
    "datetime64[s]": (SECONDS, "M8[s]", True),
    "datetime64[ns]": (moments(1700, 2200), "M8[ns]", True),
    "dates of Arrow": (DAYS, arrow(pa.date32()), True),
    "moments of Arrow": (moments(), arrow(pa.timestamp("us", "Europe/Berlin")), True),
    "times of Arrow": (HOURS, arrow(pa.time64("us")), True),
    "durations of Arrow": (SPANS, arrow(pa.duration("us")), True),
    "durations": (SPANS, "m8[us]", True),
    "days as objects": (DAYS, object, True),
    "moments as objects": (moments(), object, True),
    "times as objects": (HOURS, object, True),
    "nothing": (st.none(), object, True),
    "nothing of Arrow": (st.none(), arrow(pa.null()), True),
}
ZONED = {zone: (moments(1902, 2500), f"datetime64[us, {zone}]", True) for zone in ZONES}
NAMES = [
    st.text(max_size=8),
    st.sampled_from(["a", "a b", "0", "None", "\0"]),
    st.integers(-9, 9)
    | st.tuples(st.integers(0, 3), st.sampled_from("ab"))
    | st.sampled_from([*pd.date_range("2020", periods=3)]),
]
INDEXES = (
    range,
    lambda n: [f"row {row}" for row in range(n)],
    lambda n: [0] * n,
    lambda n: pd.date_range("2020", periods=n)[::-1],
)
LABELS = [[0, 1, 2], ["b", "a", ""], [True, False], [3.0, -2.0], [10**12, -3]]


@st.composite
def frames(draw):
    """A frame with columns of drawn types, names and gaps, and labels or None."""
    n_rows = draw(st.integers(1, MAX_ROWS))
    names = draw(st.lists(draw(st.sampled_from(NAMES)), min_size=1, max_size=4, unique=True))
    columns = []
    for _ in names:
        kinds = KINDS | ZONED
        values, dtype, may_gap = kinds[draw(st.sampled_from(sorted(kinds)))]
        pool = draw(st.lists(values, min_size=1, max_size=n_rows))
        rng = np.random.default_rng(draw(st.integers(0, 99)))
        chosen = [pool[number] for number in rng.integers(len(pool), size=n_rows)]
        if may_gap and draw(st.booleans()):
            chosen = [None if rng.random() < 0.3 else value for value in chosen]
        columns.append(pd.Series(chosen, dtype=dtype))
    frame = pd.concat(columns, axis=1)
    frame.columns = pd.Index(names, tupleize_cols=False)
    frame.index = pd.Index(draw(st.sampled_from(INDEXES))(n_rows))
    labels = draw(st.none() | st.sampled_from(LABELS))
    if labels is None:
        return frame, None
    return frame, np.array(labels)[np.random.default_rng(n_rows).integers(len(labels), size=n_rows)]


def check_column(real, fake):
    """Synthetic values have the type of the real ones, their range, and gaps where they have."""
    assert fake.dtype == real.dtype
    assert real.isna().any() or not fake.isna().any()
    values = real.dropna().tolist()
    drawn = fake.dropna().tolist()
    if real.dtype == object:
        assert {*map(type, drawn)} <= {*map(type, values)}
    if isinstance(real.dtype, pd.CategoricalDtype) or any(isinstance(one, str) for one in values):
        assert {*drawn} <= {*values}
    elif values:
        assert all(min(values) <= one <= max(values) for one in drawn)


def check_frame(frame, y):
    """A model of a frame draws such frames, and draws the same when it was saved and loaded."""
    gan = TableGAN(n_steps=0, random_state=0).fit(frame, y)
    drawn, labels = gan.sample(9, random_state=1)
    pd.testing.assert_index_equal(drawn.columns, frame.columns)
    for place in range(frame.shape[1]):
        check_column(frame.iloc[:, place], drawn.iloc[:, place])
    with tempfile.TemporaryDirectory() as folder:
        gan.save(f"{folder}/gan.h5")
        again, labels_again = load(f"{folder}/gan.h5").sample(9, random_state=1)
    pd.testing.assert_frame_equal(again, drawn)
    assert labels_again.dtype == labels.dtype
    assert labels_again.tolist() == labels.tolist()


SETTINGS = {
    "database": None,
    "deadline": None,
    "derandomize": True,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
OF_SMALL_TABLES = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.mark.medium
@OF_SMALL_TABLES
@settings(max_examples=15, **SETTINGS)
@given(frames())
def test_any_frame_comes_back_in_its_types_and_ranges_also_from_a_file(table):
    check_frame(*table)


@pytest.mark.slow
@OF_SMALL_TABLES
@settings(max_examples=2000, **SETTINGS)
@given(frames())
def test_two_thousand_frames_come_back_in_their_types_and_ranges(table):
    check_frame(*table)
