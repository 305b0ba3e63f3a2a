"""From the command line: a model in a file, samples of it, and what files hold."""

import html
import re
from importlib.util import find_spec

import h5py
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ganaug import (
    DiscriminatorClassifier,
    GANOverSampler,
    ImageGAN,
    SampleBank,
    TableGAN,
    load,
    read_image_folder,
)
from ganaug.cli import main
from ganaug.commands.labels import read_subsample
from ganaug.commands.report import (
    _warn_of_identifiers,
    days,
    plain_columns,
    table_classifiers,
)
from ganaug.encoding.hdf5_file import Hdf5Samples
from ganaug.encoding.table_file import open_table

# classes of few rows are meant, so that training is quick
pytestmark = pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")


def run(*words):
    """Exit code of a command."""
    return main([str(word) for word in words])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table, images in HDF5 and in folders, and a model of each."""
    folder = tmp_path_factory.mktemp("commands")
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"size": rng.normal(size=40), "kind": ["a", "b"] * 20})
    rows.to_csv(folder / "table.csv", index=False)
    images = rng.integers(0, 256, (24, 9, 8, 3), dtype=np.uint8)
    with h5py.File(folder / "images.h5", "w") as file:
        file["train/X"], file["y"] = images, np.arange(24) % 2
    for number, image in enumerate(images):
        path = folder / "images" / ("cat" if number % 2 else "dog") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    sources = {
        "rows.gan": ["table.csv", "--target", "kind"],
        "hdf5.gan": ["images.h5", "--images", "train/X"],
        "folder.gan": ["images", "--augment", "none"],
    }
    for output, (data, *options) in sources.items():
        words = ["train", folder / data, *options, "-o", folder / output, "--steps", 1]
        assert run(*words) == 0
    return folder


def test_models_of_all_sources_are_trained_and_kept(folder):
    assert load(folder / "rows.gan").class_counts_ == {"a": 20, "b": 20}
    assert load(folder / "hdf5.gan").class_counts_ == {0: 12, 1: 12}
    images = load(folder / "folder.gan")
    assert images.class_counts_ == {"cat": 12, "dog": 12}
    assert images.augment is None
    assert images.sample(1)[0].shape == (1, 9, 8, 3)


def test_samples_go_into_banks_tables_and_folders(folder, capsys):
    assert run("sample", folder / "hdf5.gan", "-n", 3, "-o", folder / "bank.h5") == 0
    assert SampleBank(folder / "bank.h5").class_counts == {0: 3, 1: 3}
    for suffix, read in ((".csv", pd.read_csv), (".parquet", pd.read_parquet)):
        output = folder / f"out{suffix}"
        assert run("sample", folder / "rows.gan", "-n", 4, "--label", "b", "-o", output) == 0
        assert read(output)["kind"].tolist() == ["b"] * 4
        assert list(read(output)) == ["size", "kind"]
    assert run("sample", folder / "folder.gan", "-n", 2, "-o", folder / "drawn") == 0
    drawn = sorted(str(path.relative_to(folder)) for path in folder.glob("drawn/*/*"))
    assert drawn[:2] == ["drawn/cat/000000.png", "drawn/cat/000001.png"]
    with Image.open(folder / drawn[0]) as image:
        assert np.array_equal(image, load(folder / "folder.gan").sample({"cat": 2}, 0)[0][0])
    assert "4 samples in" in capsys.readouterr().out


@pytest.mark.parametrize("dtype", [int, bool, float])
def test_one_hot_columns_of_a_table_stay_one_hot(tmp_path, dtype):
    rng = np.random.default_rng(0)
    kind = rng.choice(["flat", "hut", "villa"], 60)
    X = pd.get_dummies(pd.DataFrame({"kind": kind, "size": rng.normal(size=60)}), dtype=dtype)
    X = X[["kind_flat", "size", "kind_hut", "kind_villa"]]
    X.assign(sold=np.repeat(["no", "yes"], [40, 20])).to_csv(tmp_path / "in.csv", index=False)
    words = [tmp_path / "in.csv", "--target", "sold", "--steps", 2]
    assert run("augment", *words, "-o", tmp_path / "more.csv") == 0
    assert run("train", *words, "-o", tmp_path / "gan.h5") == 0
    assert run("sample", tmp_path / "gan.h5", "-n", 50, "-o", tmp_path / "drawn.csv") == 0
    for name in ("more.csv", "drawn.csv"):
        rows = pd.read_csv(tmp_path / name)
        assert list(rows)[:4] == list(X)
        assert rows.dtypes[:4].equals(X.dtypes)
        assert (rows.filter(like="kind_").sum(axis=1) == 1).all()


def test_equal_seeds_draw_equal_samples(folder):
    tables = []
    for number, seed in enumerate((1, 1, 2)):
        output = folder / f"seed{number}.csv"
        assert run("sample", folder / "rows.gan", "-n", 5, "--seed", seed, "-o", output) == 0
        tables.append(output.read_text())
    assert tables[0] == tables[1] != tables[2]


def test_samples_and_pictures_replace_files_only_where_asked_to(folder, capsys):
    older = {suffix: folder / f"older.{suffix}" for suffix in ("csv", "h5", "png")}
    for suffix, output in older.items():
        output.write_text("precious")
        command = "explore" if suffix == "png" else "sample"
        model = folder / ("rows.gan" if suffix == "csv" else "hdf5.gan")
        words = [command, model, "-n", 2, "-o", output]
        assert run(*words) == 2
        assert "pass --overwrite" in capsys.readouterr().err
        assert output.read_text() == "precious"
        assert run(*words, "--overwrite") == 0
        assert output.read_bytes() != b"precious"


def test_commands_take_the_format_of_a_table_and_leave_columns_out(tmp_path, capsys):
    rows = [
        f"{100 + i}\t{i % 7},5\t{i % 11 if i % 4 else '?'}\t{'ab'[i % 3 == 0]}" for i in range(45)
    ]
    table = tmp_path / "table.tsv"
    table.write_text("\n".join(["id\tsize\tcount\tkind", *rows]), encoding="utf-16")
    # the name of the file says that tabs are between cells
    words = [table, "--target", "kind", "--decimal", ",", "--encoding", "utf-16"]
    words += ["--na-values", "?", "--steps", 1]
    assert run("augment", *words, "-o", tmp_path / "identified.tsv") == 0
    assert "column 'id' has another whole number in every row" in capsys.readouterr().err
    words += ["--drop", "id"]
    assert run("augment", *words, "-o", tmp_path / "grown.csv") == 2
    assert "must both be .tsv, or none of them" in capsys.readouterr().err
    assert run("augment", *words, "--sep", "tab", "-o", tmp_path / "grown.csv.xz") == 0
    assert run("train", *words, "-o", tmp_path / "gan.h5") == 0
    assert "warning" not in capsys.readouterr().err
    options = {"sep": "\t", "decimal": ",", "encoding": "utf-16", "na_values": ["?"]}
    grown = pd.read_csv(tmp_path / "grown.csv.xz", **options)
    assert list(grown) == ["size", "count", "kind", "synthetic"]
    assert grown["size"].dtype == float
    assert grown["count"].isna()[grown["synthetic"]].any()
    assert load(tmp_path / "gan.h5").sample(3)[0]["size"].between(0.5, 6.5).all()
    assert run("sample", tmp_path / "gan.h5", "-n", 3, "-o", tmp_path / "drawn.csv.gz") == 0
    drawn = pd.read_csv(tmp_path / "drawn.csv.gz", **options)
    assert len(drawn) == 6
    assert run("sample", tmp_path / "gan.h5", "-n", 3, "-o", tmp_path / "drawn.tsv") == 0
    assert pd.read_csv(tmp_path / "drawn.tsv", **options).equals(drawn)
    assert drawn["size"].dtype == float


def test_samples_of_a_saved_model_are_written_as_its_table_was(tmp_path):
    rows = ["sold;at;price;code;fine;kind"]
    rows += [
        f"{i % 12 + 1:02}/{i % 28 + 1:02}/2024;{i % 24:02}:{i % 60:02};{i % 7},{i % 90 + 10};"
        f"{i % 5:03};{'TRUE' if i % 3 else 'FALSE'};{i % 2:02}"
        for i in range(60)
    ]
    rows[7:9] = ["?;08:15;?;001;TRUE;00", "?;?;1,25;?;FALSE;01"]
    (tmp_path / "table.csv").write_text("\n".join(rows), encoding="latin-1")
    form = ["--sep", ";", "--decimal", ",", "--encoding", "latin-1", "--na-values", "?"]
    words = ["--target", "kind", "--steps", 0, "-o", tmp_path / "gan.h5"]
    assert run("train", tmp_path / "table.csv", *form, *words) == 0
    assert run("sample", tmp_path / "gan.h5", "-n", 90, "-o", tmp_path / "drawn.csv") == 0
    header, *drawn = (tmp_path / "drawn.csv").read_text().splitlines()
    assert header == "sold;at;price;code;fine;kind"
    cells = [r"\d\d/\d\d/2024", r"\d\d:\d\d", r"\d,\d\d", r"00\d", "TRUE|FALSE", "0[01]"]
    pattern = ";".join(rf"({cell}|\?)" for cell in cells)
    assert [line for line in drawn if not re.fullmatch(pattern, line)] == []
    assert len(set(drawn)) > 100
    assert any(line.startswith("?") for line in drawn)
    # types stay, where a file has them
    assert run("sample", tmp_path / "gan.h5", "-n", 3, "-o", tmp_path / "drawn.parquet") == 0
    assert pd.read_parquet(tmp_path / "drawn.parquet")["sold"].dtype.kind == "M"


@pytest.mark.parametrize("size", ["8x8", "12", "9x20"])
def test_images_of_a_folder_are_brought_to_a_size(folder, tmp_path, size, capsys):
    words = ["train", folder / "images", "--steps", 0, "--size", size, "-o", tmp_path / "gan.h5"]
    assert run(*words) == 0
    sides = [int(side) for side in size.split("x")]
    assert load(tmp_path / "gan.h5").sample(1)[0].shape == (1, sides[0], sides[-1], 3)
    assert run("train", folder / "images.h5", "-o", tmp_path / "x.h5", "--size", "9") == 2
    assert "--size is not for an HDF5 file" in capsys.readouterr().err


def test_info_says_what_files_hold(folder, capsys):
    run("sample", folder / "hdf5.gan", "-n", 3, "-o", folder / "told.h5")
    assert run("info", folder / "told.h5") == 0
    told = capsys.readouterr().out
    assert "each uint8 of the shape (9, 8, 3)" in told
    assert "0: 3, 1: 3" in told
    assert load(folder / "hdf5.gan").data_digest_ in told
    assert run("info", folder / "rows.gan") == 0
    told = capsys.readouterr().out
    assert "TableGAN(" in told
    assert "anchored GAN" in told
    assert "columns        1: size (Float64)\ntarget         kind\n" in told
    assert "steps          1\n" in told
    assert run("info", folder / "hdf5.gan") == 0
    assert "takes          images of the shape (9, 8, 3), uint8\n" in capsys.readouterr().out


def test_info_names_the_steps_of_each_kind_of_generator_and_few_columns(tmp_path, capsys):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(330, 12))).add_prefix("c").assign(town=["Ulm", "Bonn"] * 165)
    y = np.repeat([0, 1], [310, 20])
    TableGAN(n_steps=2, random_state=0).fit(X, y).save(tmp_path / "gan.h5")
    assert run("info", tmp_path / "gan.h5") == 0
    told = capsys.readouterr().out
    assert "steps          2 (GAN from noise), 2 (anchored GAN)\n" in told
    assert "columns        13: c0 (float64)," in told
    assert "c9 (float64) and 3 more\n" in told


def test_info_shows_long_parameters_in_one_line_without_gaps(tmp_path, capsys):
    images = np.random.default_rng(0).integers(0, 256, (12, 8, 8), dtype=np.uint8)
    classifier = DiscriminatorClassifier(
        ImageGAN(n_steps=1),
        n_steps=1,
        pretrained=False,
        sample_share=0,
        random_state=0,
        class_weight="balanced",
    )
    classifier.fit(images, np.arange(12) % 2).save(tmp_path / "classifier.h5")
    assert run("info", tmp_path / "classifier.h5") == 0
    (model,) = [line for line in capsys.readouterr().out.split("\n") if line.startswith("model")]
    assert "  " not in model.removeprefix("model").strip()


def test_models_of_images_are_explored_in_pictures_and_films(folder):
    seen = []
    for number, seed in enumerate((1, 1, 2)):
        picture = folder / f"ways{number}.png"
        assert run("explore", folder / "hdf5.gan", "-n", 4, "--seed", seed, "-o", picture) == 0
        with Image.open(picture) as image:
            seen.append(np.asarray(image))
    assert np.array_equal(seen[0], seen[1])
    assert not np.array_equal(seen[0], seen[2])
    # two classes and the way between them, of images enlarged sevenfold
    assert seen[0].shape[0] == 2 * 16 + 3 * (7 * 9 + 4)
    assert run("explore", folder / "hdf5.gan", "-n", 6, "-o", folder / "ways.gif") == 0
    with Image.open(folder / "ways.gif") as film:
        assert film.n_frames == 6
        assert film.info["loop"] == 0
    words = ["explore", folder / "folder.gan", "--label", "cat", "-n", 3, "-o", folder / "cat.png"]
    assert run(*words) == 0
    with Image.open(folder / "cat.png") as image:
        assert image.height == 2 * 16 + 7 * 9 + 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["explore", "hdf5.gan", "-o", "x.jpg"], "ends in .png or .gif"),
        (["explore", "rows.gan", "-o", "x.png"], "holds a TableGAN"),
        (["explore", "hdf5.gan", "-o", "x.gif", "-n", "3"], "takes 4 images or more"),
        (["explore", "hdf5.gan", "-o", "x.png", "--label", "7"], "no class '7'"),
        (["train", "table.csv", "-o", "x.gan"], "--target must name the column"),
        (["train", "absent.csv", "--target", "kind", "-o", "x.gan"], "absent.csv: No such file"),
        (["train", "images", "--sep", ";", "-o", "x.gan"], "--sep is not for a folder of images"),
        (
            ["train", "images.h5", "--drop", "a", "--na-values", "?", "-o", "x.gan"],
            "--drop, --na-values are not for an HDF5 file",
        ),
        (
            ["train", "table.csv", "--target", "kind", "--augment", "photo", "-o", "x.gan"],
            "--augment is not for a table",
        ),
        (["train", ".", "-o", "x.gan", "--steps", "1"], "shape|holds no folders"),
        (
            ["train", "images", "--target", "kind", "--size", "32", "-o", "x.gan"],
            "If images is a folder of images, with a folder for each class, leave out --target.",
        ),
        (["train", "images.h5", "-o", "x.gan"], "no dataset 'X'"),
        (["sample", "rows.gan", "-n", "1", "-o", "folder"], "ends in .h5, .csv or .parquet"),
        (["sample", "hdf5.gan", "-n", "1", "-o", "x.csv"], "images are no rows of a table; name"),
        (["sample", "hdf5.gan", "-n", "1", "-o", "x.parquet"], "ends in .h5 or .npz"),
        (["sample", "rows.gan", "-n", "1", "-o", "x.csv", "--label", "z"], "no class 'z'"),
        (["sample", "rows.gan", "-n", "1", "-o", "x.csv", "--target", "size"], "column 'size'"),
        (["sample", "hdf5.gan", "-n", "1", "-o", "images"], "is there and not empty"),
        (["sample", "table.csv", "-n", "1", "-o", "x.csv"], "is not a file of ganaug"),
        (["info", "table.csv"], "is not a file of ganaug"),
        (["train", "images.h5", "-o", "images.h5"], "the input itself"),
        (["sample", "rows.gan", "-n", "1", "-o", "rows.gan"], "the input itself"),
        (["sample", "hdf5.gan", "-n", "1", "-o", "x.png"], "name a file that ends in"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(folder, monkeypatch, capsys, words, message):
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    assert main(words) == 2
    error = capsys.readouterr().err
    assert any(part in error for part in message.split("|"))
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("command", ["train", "augment", "report"])
def test_quantities_are_no_classes_and_their_column_is_named(folder, monkeypatch, capsys, command):
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    output = "quantities.csv" if command == "augment" else "quantities.h5"
    assert run(command, "table.csv", "--target", "size", "-o", output) == 2
    assert "column 'size' of table.csv holds quantities, not classes" in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before


def test_images_of_different_sizes_are_named(folder, capsys):
    odd = folder / "odd" / "cat"
    odd.mkdir(parents=True)
    for side in (8, 9):
        Image.fromarray(np.zeros((side, 8), np.uint8)).save(odd / f"{side}.png")
    assert run("train", folder / "odd", "-o", folder / "odd.gan") == 2
    assert "9.png has 9 x 8 pixels, and other images have 8 x 8" in capsys.readouterr().err
    assert run("train", folder / "odd", "-o", folder / "odd.gan", "--size", 12, "--steps", 0) == 0
    assert load(folder / "odd.gan").sample(1)[0].shape == (1, 12, 12)


def test_shades_are_not_clipped_and_labels_are_no_paths(folder, capsys):
    deep = folder / "deep" / "cat"
    deep.mkdir(parents=True)
    Image.fromarray(np.zeros((8, 8), np.uint16)).save(deep / "0.png")
    assert run("train", folder / "deep", "-o", folder / "deep.gan") == 2
    assert "more than 256 shades" in capsys.readouterr().err
    gan = ImageGAN(n_steps=0).fit(np.zeros((12, 8, 8)), np.repeat(["../../evil", "good"], 6))
    gan.save(folder / "evil.gan")
    (folder / "apart").mkdir()
    assert run("sample", folder / "evil.gan", "-n", 1, "-o", folder / "apart/evil") == 0
    drawn = [path.relative_to(folder) for path in folder.glob("apart/evil/*")]
    assert not list(folder.parent.glob("evil"))
    assert len(drawn) == 3
    assert read_image_folder(folder / "apart/evil")[1].tolist() == ["../../evil", "good"]


def test_a_sampler_that_had_nothing_to_add_says_so(folder, capsys):
    X, y = np.zeros((20, 2)), np.arange(20) % 2
    with pytest.warns(UserWarning, match="adds no rows"):
        sampler = GANOverSampler().fit(X, y)
    sampler.save(folder / "idle.gan")
    assert run("info", folder / "idle.gan") == 2
    assert "not fitted" in capsys.readouterr().err


@pytest.mark.medium
@pytest.mark.parametrize(
    "words",
    [
        ["table.csv", "--target", "kind", "--gate", "none", "--steps", 1],
        ["images", "--gate", "none"],
    ],
)
def test_a_report_says_whether_augmentation_helps(folder, words, capsys, monkeypatch):
    # of images where none are asked for
    monkeypatch.setattr("ganaug.commands.report.IMAGE_STEPS", 1)
    page = folder / f"{words[0]}.html"
    options = ["--multiply", 2, "--folds", 2, "--max-rows", 20]
    assert run("report", folder / words[0], *words[1:], "-o", page, *options) == 0
    printed = capsys.readouterr().out
    assert "2 folds of 20 rows:" in printed
    text = page.read_text(encoding="utf-8")
    assert "Does augmentation help here?" in text
    assert f"<dd>{words[0]}</dd>" in text
    assert "GAN(n_steps=1)" in text
    verdict = html.unescape(re.search('<p class="lead">(.*?)</p>', text, re.DOTALL)[1])
    # of the quality of samples the page alone tells
    verdict = verdict.partition("Samples are worse")[0]
    assert " ".join(verdict.split()) in " ".join(printed.split())


def test_reports_say_what_takes_less_time(folder, capsys):
    """Before they train anything: of classes of twelve images there are no more folds."""
    words = ["--multiply", 2, "--folds", 13, "-o", folder / "none.html"]
    assert run("report", folder / "images", *words) == 2
    told = capsys.readouterr().err
    assert "each GAN and network trains for 500 steps. More --steps are worth some" in told
    assert run("report", folder / "images", *words, "--steps", 7) == 2
    told = capsys.readouterr().err
    assert "each GAN and network trains for 7 steps." in told
    assert "--size" not in told
    assert run("report", folder / "images", *words, "--steps", 0) == 2
    assert "GANs are not trained, and networks for as long as by default" in capsys.readouterr().err
    assert run("report", folder / "images", *words, "--size", 33) == 2
    assert (
        "fewer --steps or --folds, or smaller images (--size 32), take" in capsys.readouterr().err
    )


def test_reports_of_images_that_no_gan_learns_are_refused_before_training(tmp_path, capsys):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (30, 8, 136), dtype=np.uint8)
    np.savez(tmp_path / "wide.npz", X=pixels, y=np.repeat([0, 1], [20, 10]))
    words = ["--images", "X", "-o", tmp_path / "page.html", "--steps", 10**9]
    assert run("report", tmp_path / "wide.npz", *words) == 2
    told = capsys.readouterr().err
    assert "error: GANs learn images of up to 128 pixels a side; these have 8 x 136." in told
    assert "0/4 splits" not in told
    # which is for folders
    assert "--size 32" not in told


def test_reports_take_shares_of_classes_from_images_in_hdf5(folder):
    images = Hdf5Samples(folder / "images.h5", "train/X", "y")
    X, y = read_subsample(images, images.labels, 20, 0)
    assert X.shape == (20, 9, 8, 3)
    assert np.bincount(y).tolist() == [10, 10]


def test_columns_of_a_report_are_such_as_classifiers_read(tmp_path, capsys):
    rng = np.random.default_rng(0)
    n = 60
    table = pd.DataFrame(
        {
            "real": rng.normal(size=n), "whole": pd.array(rng.integers(0, 9, n), dtype="Int64"),
            "text": rng.choice(["a", "b"], n).astype(object), "flag": rng.random(n) < 0.5,
            "day": pd.date_range("2020-01-01", periods=n), "nothing": np.nan,
            "target": np.repeat(["x", "y"], [40, 20]),
        }
    )  # fmt: skip
    for name in ("real", "whole", "text"):
        table.loc[table.index[::7], name] = None
    table.to_parquet(tmp_path / "table.parquet")
    table = open_table(tmp_path / "table.parquet", "target")
    X, y = read_subsample(table, table.labels, 100, 0)
    X = plain_columns(X)
    assert list(X) == ["real", "whole", "text", "flag", "day"]
    count = days(X[["day"]])["day"]
    assert (count.iloc[0], *count.diff().dropna().unique()) == (18262, 1)
    ends = pd.Series(pd.to_datetime(["9999-12-31"]).as_unit("s"))
    assert days(pd.DataFrame({"end": ends}))["end"].tolist() == [2932896.0]
    waits = pd.DataFrame({"wait": pd.to_timedelta(["36h", None])})
    assert days(plain_columns(waits))["wait"].iloc[0] == 1.5
    _warn_of_identifiers(X, True)
    assert not capsys.readouterr().err
    named = X.assign(name=pd.Categorical([f"n{row}" for row in range(n)]), number=range(n))
    _warn_of_identifiers(named, True)
    assert "nearly all cells of 'name', 'number' differ" in capsys.readouterr().err
    _warn_of_identifiers(named, False)
    assert "nearly all cells of 'name' differ" in capsys.readouterr().err
    assert [str(dtype) for dtype in X.dtypes] == [
        "float64",
        "float64",
        "category",
        "category",
        "datetime64[us]",
    ]
    for classifier in table_classifiers().values():
        assert classifier.fit(X, y).score(X, y) > 0.6


def test_balanced_data_are_told_of_the_commands_own_option(folder, capsys):
    words = ["report", folder / "images", "-o", folder / "balanced.html"]
    assert run(*words) == 2
    assert "--multiply 2" in capsys.readouterr().err


def test_labels_that_are_all_the_same_are_no_target_of_a_report(tmp_path, capsys):
    path = tmp_path / "one.csv"
    pd.DataFrame({"a": np.arange(30) % 7, "kind": "only"}).to_csv(path, index=False)
    assert main(["report", str(path), "--target", "kind", "-o", str(tmp_path / "p.html")]) == 2
    assert "one.csv: all samples have the label 'only'" in capsys.readouterr().err


def test_a_column_that_names_no_classes_is_no_target_of_a_report(tmp_path, capsys):
    path = tmp_path / "table.csv"
    path.write_text("a,day\n" + "".join(f"{n},2026-01-{n:02}\n" for n in range(1, 29)))
    assert main(["report", str(path), "--target", "day", "-o", str(tmp_path / "p.html")]) == 2
    assert "28 different values in 28 rows, which name no classes" in capsys.readouterr().err


@pytest.mark.medium
def test_a_class_of_fewer_rows_than_folds_is_named_and_what_lacks_it_marked(tmp_path, capsys):
    rng = np.random.default_rng(0)
    kinds = ["x"] * 20 + ["y"] * 12 + ["z"]
    table = pd.DataFrame({"a": rng.normal(size=33), "wait": pd.to_timedelta(range(33), "h")})
    table.assign(kind=kinds).to_parquet(tmp_path / "table.parquet")
    words = [tmp_path / "table.parquet", "--target", "kind", "--folds", 2, "--steps", 0]
    assert run("report", *words, "--jobs", 1, "-o", tmp_path / "page.html") == 0
    shown = capsys.readouterr()
    assert "class 'z' has fewer rows than folds, and cannot be judged in all of 2" in shown.err
    assert "least populated" not in shown.err
    assert "y_pred contains" not in shown.err
    assert "classifiers read 'wait' as days" in shown.err
    assert "SMOTE *" in shown.out
    assert "* SMOTE, SMOTE + noise: scored on some splits alone" in shown.out
    assert "Two splits say too little of chance" in shown.out


def test_a_report_without_its_column_is_refused(folder, capsys):
    assert run("report", folder / "table.csv", "-o", folder / "none.html") == 2
    assert "--target" in capsys.readouterr().err


SEQUENCES = """@problemName walks
@timeStamps false
@missing false
@univariate true
@equalLength true
@seriesLength 9
@classLabel true up down
@data
"""


@pytest.fixture
def sequences(tmp_path):
    """A .ts file of twelve sequences of either class."""
    walks = np.random.default_rng(0).normal(size=(24, 9)).cumsum(axis=1).round(3)
    lines = [
        f"{','.join(map(str, walk))}:{'up' if number % 2 else 'down'}"
        for number, walk in enumerate(walks.tolist())
    ]
    path = tmp_path / "walks.ts"
    path.write_text(SEQUENCES + "\n".join(lines) + "\n")
    return path


def test_a_model_of_sequences_is_trained_and_drawn_from(sequences, tmp_path):
    pytest.importorskip("aeon")
    model = tmp_path / "walks.gan"
    assert run("train", sequences, "-o", model, "--steps", 1) == 0
    assert load(model).class_counts_ == {"down": 12, "up": 12}
    assert run("sample", model, "-n", 3, "-o", tmp_path / "drawn.h5") == 0
    with SampleBank(tmp_path / "drawn.h5") as drawn:
        assert (len(drawn), drawn.sample_shape) == (6, (9, 1))


@pytest.mark.skipif(
    any(find_spec(name) is not None for name in ("aeon", "sktime")), reason="a reader is installed"
)
def test_sequences_without_a_reader_name_the_package(sequences, tmp_path, capsys):
    assert run("train", sequences, "-o", tmp_path / "walks.gan") == 2
    assert "aeon or sktime is needed: pip install aeon" in capsys.readouterr().err
    assert not (tmp_path / "walks.gan").exists()
