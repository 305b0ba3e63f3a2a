"""Tables in files: read in chunks, by their types, and grown without touching what was there."""

import datetime
import decimal
import tarfile

import numpy as np
import pandas as pd
import pytest

from ganaug import TableGAN
from ganaug.encoding import table_file
from ganaug.encoding.csv_format import PLAIN_CSV, CsvFormat
from ganaug.encoding.table_file import CsvFile, open_table

KINDS = pytest.mark.parametrize("suffix", [".csv", ".parquet"])
N_ROWS = 90
Y = np.repeat(["common", "rare"], [70, 20])


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Chunks of a few rows, so that every file has several."""
    monkeypatch.setattr(table_file, "CHUNK", 16)


def mixed(n_rows=N_ROWS):
    """Columns of many types, every fourth cell of one a gap."""
    rng = np.random.default_rng(0)
    number = np.arange(n_rows)
    return pd.DataFrame(
        {
            "size": rng.normal(size=n_rows).round(3),
            "rooms": pd.array(rng.integers(1, 9, n_rows), dtype="Int64"),
            "kind": Y[:n_rows],
            "owned": number % 3 == 0,
            "town": pd.Series(rng.choice(["Ulm", 'Bonn, "old"\ntown'], n_rows), dtype="string"),
        }
    ).assign(rooms=lambda X: X["rooms"].mask(number % 4 == 0))


def written(folder, suffix, table):
    """Path of a file that holds the table."""
    path = folder / f"table{suffix}"
    if suffix == ".csv":
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path, index=False)
    return path


@KINDS
def test_rows_are_read_by_their_types_and_only_those_that_were_chosen(tmp_path, suffix):
    table = mixed()
    file = open_table(written(tmp_path, suffix, table), "kind")
    chosen = np.arange(N_ROWS) % 5 == 0
    X = file.samples(chosen)
    expected = table[chosen].drop(columns="kind").reset_index(drop=True)
    pd.testing.assert_frame_equal(X, expected, check_dtype=False)
    assert X["rooms"].dtype == "Int64"
    assert file.labels.tolist() == Y.tolist()


@KINDS
def test_a_file_trains_as_its_rows_in_memory_do(tmp_path, suffix):
    path = written(tmp_path, suffix, mixed())
    gan = TableGAN(n_steps=3, random_state=0).fit_file(path, "kind")
    X = open_table(path, "kind").samples(np.ones(N_ROWS, dtype=bool))
    twin = TableGAN(n_steps=3, random_state=0).fit(X, Y)
    for drawn, expected in zip(gan.sample(50), twin.sample(50), strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(drawn), pd.DataFrame(expected))


def test_of_a_larger_file_random_rows_are_kept_and_all_are_counted(tmp_path):
    path = written(tmp_path, ".csv", pd.DataFrame({"a": 3 * np.arange(N_ROWS), "kind": Y}))
    gan = TableGAN(n_steps=0, random_state=0).fit_file(path, "kind", max_rows=50)
    assert gan.class_counts_ == {"common": 70, "rare": 20}
    anchors = {label: gan.generators_[label].anchors.n_rows.item() for label in gan.classes_}
    assert anchors == {"common": 30, "rare": 20}


def test_text_is_read_once_to_find_its_spelling_and_once_for_its_values(tmp_path, monkeypatch):
    path = written(tmp_path, ".csv", mixed())
    batches = CsvFile._batches
    readings = []
    monkeypatch.setattr(
        CsvFile, "_batches", lambda file, number: readings.append(number) or batches(file, number)
    )
    TableGAN(n_steps=0, random_state=0).fit_file(path, "kind")
    assert len(readings) == 2


def test_fewer_rows_than_classes_are_refused(tmp_path):
    path = written(tmp_path, ".csv", pd.DataFrame({"a": 3 * np.arange(N_ROWS), "kind": Y}))
    with pytest.raises(ValueError, match="there are 2 classes, and only 1 samples"):
        TableGAN().fit_file(path, "kind", max_rows=1)


def test_rows_without_a_label_have_no_class_where_a_label_marks_such(tmp_path):
    frame = pd.DataFrame({"width": np.arange(40.0), "kind": pd.array([0, 1, None, 1] * 10)})
    frame.to_csv(tmp_path / "table.csv", index=False)
    with pytest.raises(ValueError, match="10 rows without 'kind'.*unlabeled_label"):
        TableGAN(n_steps=1).fit_file(tmp_path / "table.csv", "kind")
    gan = TableGAN(n_steps=1, unlabeled_label=-1).fit_file(tmp_path / "table.csv", "kind")
    assert gan.class_counts_ == {0: 10, 1: 20}


@KINDS
def test_a_grown_file_holds_the_real_rows_first_and_as_they_were(tmp_path, suffix):
    table = mixed()
    path, grown = written(tmp_path, suffix, table), tmp_path / f"grown{suffix}"
    added = table.iloc[[80, 3]].assign(size=0.5)
    # in another order of columns, as models may draw them
    open_table(path, "kind").write_grown(grown, iter([added[list(added)[::-1]]]), "new")
    read = pd.read_csv(grown) if suffix == ".csv" else pd.read_parquet(grown)
    again = pd.read_csv(path) if suffix == ".csv" else pd.read_parquet(path)
    assert read["new"].tolist() == [False] * N_ROWS + [True] * 2
    real = read.iloc[:N_ROWS].drop(columns="new")
    pd.testing.assert_frame_equal(real, again, check_dtype=False)
    assert read.iloc[N_ROWS:]["town"].tolist() == added["town"].tolist()
    if suffix == ".csv":
        assert grown.read_text().startswith("size,rooms,kind,owned,town,new\n")


def test_bools_are_spelt_as_in_the_file(tmp_path):
    path, grown = tmp_path / "table.csv", tmp_path / "grown.csv"
    path.write_text("a,owned\n1,true\n2,FALSE\n3,true\n")
    rows = pd.DataFrame({"a": [7, 8], "owned": pd.array([False, True], dtype="boolean")})
    open_table(path, "owned").write_grown(grown, iter([rows]), "new")
    assert grown.read_text().splitlines()[4:] == ["7,FALSE,True", "8,true,True"]


def test_parquet_types_are_kept_whatever_they_are(tmp_path):
    day = datetime.date(2020, 2, 3)
    table = pd.DataFrame(
        {
            "born": [day, day.replace(day=9), None] * 20,
            "price": [decimal.Decimal("1.50"), decimal.Decimal("2.25"), None] * 20,
            "grade": pd.Categorical(["b", "a", None] * 20),
            "seen": pd.to_datetime(["2020-01-01 10:00"] * 60).tz_localize("Europe/Berlin"),
            "kind": ["x", "y", "y"] * 20,
        }
    )
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    path, grown = written(tmp_path, ".parquet", table), tmp_path / "grown.parquet"
    gan = TableGAN(n_steps=2, random_state=0).fit_file(path, "kind")
    rows = (X.assign(kind=y) for X, y in gan.iter_batches(40))
    open_table(path, "kind").write_grown(grown, rows, "new")
    before, after = pq.read_schema(path), pq.read_schema(grown)
    assert after.remove_metadata() == before.append(pa.field("new", pa.bool_())).remove_metadata()
    drawn = pd.read_parquet(grown).iloc[60:]
    assert len(drawn) == 40
    assert set(drawn["grade"].dropna()) <= {"a", "b"}
    assert drawn["born"].dropna().between(day, day.replace(day=9)).all()


def test_an_index_in_a_parquet_file_is_no_feature(tmp_path):
    path, grown = tmp_path / "table.parquet", tmp_path / "grown.parquet"
    mixed().set_index(pd.Index([f"house {i}" for i in range(N_ROWS)], name="id")).to_parquet(path)
    file = open_table(path, "kind")
    X = file.samples(np.ones(N_ROWS, dtype=bool))
    assert list(X) == ["size", "rooms", "owned", "town"]
    file.write_grown(grown, iter([X.head(2).assign(kind="rare")]), "new")
    index = pd.read_parquet(grown).index
    assert index[-3] == "house 89"
    assert index[-2:].isna().all()


@pytest.mark.parametrize("content", [b"", b"PAR1 and nothing more", b"a,b\n1,2\n"])
def test_what_is_no_parquet_is_named(tmp_path, content):
    path = tmp_path / "table.parquet"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"table\.parquet is not a readable table"):
        open_table(path, "kind")


def grown(path, *rows, form=PLAIN_CSV, drop=(), suffix=".csv"):
    """Bytes of a file to which rows were added, each a dict."""
    output = path.with_name(f"grown{suffix}")
    frame = pd.DataFrame(list(rows))
    open_table(path, "kind", drop, form).write_grown(output, iter([frame]), "new")
    return output.read_bytes()


TEXT = ",a,kind\n1,0.50,None\n2,NA,x\n"
ADDED = {"Unnamed: 0": 3, "a": None, "kind": "None"}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_headers_line_ends_and_marks_are_as_they_were(tmp_path, line_end, mark):
    path = tmp_path / "table.csv"
    path.write_bytes(mark + TEXT.replace("\n", line_end).encode())
    lines = [",a,kind,new", "1,0.50,None,False", "2,NA,x,False", "3,NA,None,True", ""]
    assert grown(path, ADDED) == mark + line_end.join(lines).encode()


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zip"])
def test_a_compressed_table_grows_into_a_compressed_one(tmp_path, suffix):
    path = tmp_path / f"table.csv{suffix}"
    table = pd.DataFrame({"a": [1, 2], "kind": ["x", "y"]})
    table.to_csv(path, index=False, lineterminator="\r\n")
    added = {"a": 3, "kind": "y"}
    first = grown(path, added, suffix=f".csv{suffix}")
    assert first == grown(path, added, suffix=f".csv{suffix}")
    read = pd.read_csv(tmp_path / f"grown.csv{suffix}")
    assert read.values.tolist() == [[1, "x", False], [2, "y", False], [3, "y", True]]
    plain = grown(path, added)
    assert plain.count(b"\r\n") == 4
    assert len(first) != len(plain)


@pytest.mark.parametrize("name", ["table.TAR.GZ", "table.tar"])
def test_a_table_in_a_tar_archive_grows_into_a_plain_one(tmp_path, name):
    plain = tmp_path / "table.csv"
    plain.write_text("a,kind\n1,x\n2,y\n")
    with tarfile.open(tmp_path / name, "w:gz" if name.endswith("GZ") else "w") as archive:
        archive.add(plain, plain.name)
    added = {"a": 3, "kind": "y"}
    assert grown(tmp_path / name, added) == grown(plain, added)


def test_a_name_with_tar_in_it_is_no_archive(tmp_path):
    path = tmp_path / "roads.tar.csv"
    path.write_bytes(b"a,kind\r\n1,x\r\n")
    assert grown(path, {"a": 2, "kind": "x"}, suffix=".tar.csv").count(b"\r\n") == 3


def test_other_separators_encodings_and_decimal_points_are_kept(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes("id;größe;kind\n7;1,50;a\n8;?;ß\n".encode("latin-1"))
    form = CsvFormat(";", "latin-1", ",", ("?",))
    file = open_table(path, "kind", ("id",), form)
    assert file.samples(np.ones(2, dtype=bool))["größe"].tolist() == [1.5, pd.NA]
    added = [{"größe": 2.25, "kind": "ß"}, {"größe": None, "kind": "a"}]
    text = grown(path, *added, form=form, drop=("id",)).decode("latin-1")
    assert text == "größe;kind;new\n1,50;a;False\n?;ß;False\n2,25;ß;True\n?;a;True\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sep": ";;"}, "sep must be one character"),
        ({"decimal": ","}, "sep and decimal are both"),
        ({"decimal": "·"}, "decimal must be"),
        ({"encoding": "klingon"}, "knows no 'klingon'"),
        ({"drop": "kind"}, "cannot be left out"),
        ({"drop": ["b"]}, "no column 'b'; it has 'a', 'kind'"),
        ({"sep": ";"}, r"no column 'kind'; it has 'a,kind'"),
        ({"encoding": "ascii"}, r"Name its encoding \(--encoding\)"),
    ],
)
def test_formats_that_no_file_has_are_refused(tmp_path, options, message):
    path = tmp_path / "table.csv"
    path.write_text("a,kind\n1,ß\n2,b\n", encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        TableGAN().fit_file(path, "kind", **options)


@pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")
def test_the_name_of_a_file_tells_the_separator_unless_that_is_named(tmp_path):
    for name, text in (("rows.tsv", "a\tkind\n1\tx\n2\ty\n"), ("rows.csv", "a,kind\n1,x\n2,y\n")):
        (tmp_path / name).write_text(text)
        gan = TableGAN(n_steps=0, random_state=0).fit_file(tmp_path / name, "kind")
        assert gan.class_counts_ == {"x": 1, "y": 1}
        assert TableGAN(n_steps=0).fit_file(tmp_path / f"*{name[-4:]}", "kind").class_counts_
        wrong = "," if name == "rows.tsv" else "\t"
        with pytest.raises(ValueError, match="no column 'kind'"):
            TableGAN().fit_file(tmp_path / name, "kind", sep=wrong)


def test_columns_that_are_dropped_are_neither_learnt_nor_written(tmp_path):
    for suffix in (".csv", ".parquet"):
        path = written(tmp_path, suffix, mixed())
        gan = TableGAN(n_steps=0, random_state=0).fit_file(path, "kind", drop=["size", "town"])
        assert list(gan.sample(2)[0]) == ["rooms", "owned"]
        rows = (X.assign(kind=y) for X, y in gan.iter_batches(3))
        file = open_table(path, "kind", ["size", "town"])
        file.write_grown(tmp_path / f"grown{suffix}", rows, "new")
        read = pd.read_csv if suffix == ".csv" else pd.read_parquet
        assert list(read(tmp_path / f"grown{suffix}")) == ["rooms", "kind", "owned", "new"]


def test_options_of_csv_are_refused_for_parquet(tmp_path):
    path = written(tmp_path, ".parquet", mixed())
    with pytest.raises(ValueError, match="are for CSV"):
        TableGAN().fit_file(path, "kind", na_values="?")


def test_one_stray_word_costs_a_column_neither_its_relations_nor_its_dates(tmp_path):
    rng = np.random.default_rng(0)
    a = rng.normal(size=N_ROWS)
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta((400 + 100 * a).astype(int), unit="D")
    table = pd.DataFrame({"a": a.round(4), "b": (2 * a).round(3).astype(str), "kind": Y})
    table["day"] = day.strftime("%d.%m.%Y")
    table.loc[3, "b"] = "?"
    path = written(tmp_path, ".csv", table)
    with pytest.warns(UserWarning, match=r"column 'b': 1 of 90 cells are no number \('\?'\)"):
        gan = TableGAN(n_steps=0, random_state=0).fit_file(path, "kind")
    X = gan.sample(400)[0].dropna()
    days = X["day"].astype("int64").astype(float)
    assert np.corrcoef([X["a"], X["b"].astype(float), days]).min() > 0.9


def test_archives_that_cannot_be_written_in_a_stream_are_refused(tmp_path):
    path = written(tmp_path, ".csv", mixed())
    with pytest.raises(ValueError, match="tar archives"):
        open_table(path, "kind").write_grown(tmp_path / "grown.csv.tar.gz", iter([]), "new")
