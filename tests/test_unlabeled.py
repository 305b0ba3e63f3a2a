"""Which rows have no class, whatever holds their labels, and which marks are mistakes."""

import ast
import re
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from ganaug import (
    AugmentedClassifier,
    ClassTranslator,
    DiscriminatorClassifier,
    GANMixer,
    GANOverSampler,
    ImageGAN,
    SampleBank,
    SequenceGAN,
    TableGAN,
    compare,
)
from ganaug.unlabeled import unlabeled_last, unlabeled_mask, with_unlabeled

TEXT = np.array(["b", "none", "a", "none", "b"])
MIXED = np.array(["b", -1, "a", -1, "b"], dtype=object)
NUMBERS = np.array([1, -1, 0, -1, 1])
NUMBERS_AND_TEXT = np.array([1, "?", 0, "?", 1], dtype=object)


FITS = [
    pytest.param(GANOverSampler().fit_resample, id="sampler"),
    pytest.param(AugmentedClassifier(LogisticRegression()).fit, id="classifier"),
    pytest.param(TableGAN().fit, id="model"),
    pytest.param(partial(compare, LogisticRegression()), id="compare"),
]


@pytest.mark.parametrize(
    ("y", "mark"),
    [
        (TEXT, "none"),
        (MIXED, -1),
        (NUMBERS, -1),
        (NUMBERS, np.int64(-1)),
        (NUMBERS_AND_TEXT, "?"),
        (pd.Series(TEXT, index=list("vwxyz")), "none"),
        (NUMBERS.tolist(), -1),
    ],
)
@pytest.mark.parametrize(
    "container", [np.asarray, pd.DataFrame, sparse.csr_array, np.ndarray.tolist]
)
def test_marked_rows_come_last_in_every_container(y, mark, container):
    X = np.arange(10.0).reshape(5, 2)
    rows, labels = unlabeled_last(container(X), y, mark)
    values = rows.toarray() if sparse.issparse(rows) else np.asarray(rows)
    assert values[:, 0].tolist() == [0, 4, 8, 2, 6]
    assert list(labels) == [list(y)[place] for place in (0, 2, 4)]
    if container is not np.ndarray.tolist:
        assert type(rows) is type(container(X))


def test_numbers_among_which_text_marks_rows_are_numbers_again():
    assert unlabeled_last(np.zeros((5, 1)), NUMBERS_AND_TEXT, "?")[1].dtype.kind == "i"


def test_without_a_mark_nothing_is_touched():
    X = [[1.0], [2.0]]
    y = [-1, 1]
    assert unlabeled_last(X, y, None) == (X, y)
    assert not unlabeled_mask(y, None).any()


@pytest.mark.parametrize(("y", "mark"), [(TEXT, "none"), (MIXED, -1), (NUMBERS, -1)])
def test_labels_with_marks_come_back_as_they_were_taken_apart(y, mark):
    rows, labels = unlabeled_last(np.arange(5)[:, None], y, mark)
    assert with_unlabeled(labels, len(rows), mark).tolist() == y[rows[:, 0]].tolist()


def test_rows_that_are_all_marked_are_refused():
    with pytest.raises(ValueError, match="all 2 rows are marked by unlabeled_label=-1"):
        unlabeled_mask([-1, -1], -1)


@pytest.mark.parametrize(("y", "mark"), [(["a", "-1"], -1), ([0, 1], "-1"), ([0.0, 1.0], "none")])
def test_a_mark_of_another_type_is_refused(y, mark):
    with pytest.raises(ValueError, match="Name the label as y holds it"):
        unlabeled_mask(y, mark)


def test_a_mark_that_no_row_has_is_told():
    with pytest.warns(UserWarning, match="unlabeled_label=-1 marks no row: y holds 0, 1"):
        assert not unlabeled_mask([0, 1], -1).any()


def test_a_mark_that_leaves_one_class_is_told():
    # many people's two classes are -1 and 1
    with pytest.warns(UserWarning, match="Where -1 is a class too, leave it None"):
        unlabeled_mask([-1, 1, 1], -1)


@pytest.mark.parametrize(
    "y",
    [
        np.array([np.nan, np.nan, *[0.0] * 5, *[1.0] * 5]),
        pd.Series([None, None, *"aaaaabbbbb"], dtype="string"),
        pd.Series([None, None, *"aaaaabbbbb"], dtype="category"),
        np.array([None, np.nan, *"aaaaabbbbb"], dtype=object),
    ],
    ids=["numbers", "strings", "categories", "objects"],
)
@pytest.mark.parametrize("fit", FITS)
def test_missing_labels_are_counted_before_any_training(fit, y):
    mark = "-1" if y.dtype == float else "'none'"
    with pytest.raises(ValueError, match=f"NaN in 2 of 12 rows.*, and unlabeled_label={mark}"):
        fit(np.arange(24.0).reshape(12, 2), y)


@pytest.mark.parametrize(
    ("kinds", "dtype"),
    [
        ([0, 1], "float64"),
        ([0, 1], "Int64"),
        ([0, 1], "UInt8"),
        ([True, False], "boolean"),
        (["a", "b"], "category"),
        (["a", "b"], "string"),
        (["a", "b"], "object"),
    ],
)
def test_what_is_advised_of_missing_labels_works(kinds, dtype):
    X = np.random.default_rng(0).normal(size=(30, 2))
    y = pd.Series([*kinds, None] * 10, dtype=dtype)
    gan = TableGAN(n_steps=0)
    with pytest.raises(ValueError, match="NaN in 10 of 30 rows") as caught:
        gan.fit(X, y)
    filled, mark = re.search(r"(y\..*), and unlabeled_label=(.*)\.$", str(caught.value)).groups()
    gan.set_params(unlabeled_label=ast.literal_eval(mark)).fit(X, eval(filled, {"y": y}))
    assert gan.class_counts_ == dict.fromkeys(sorted(kinds), 10)


def test_labels_of_files_stay_bools_beside_a_number_that_marks_gaps(tmp_path):
    frame = pd.DataFrame({"width": 3 * np.arange(30), "kind": [True, False, None] * 10})
    frame.to_csv(tmp_path / "table.csv", index=False)
    gan = TableGAN(n_steps=0, unlabeled_label=-1).fit_file(tmp_path / "table.csv", "kind")
    assert repr(gan.class_counts_) == "{False: 10, True: 10}"


@pytest.mark.parametrize("fit", FITS)
def test_the_name_of_a_column_is_no_labels(fit):
    frame = pd.DataFrame({"age": np.arange(12.0), "status": [0, 1] * 6})
    with pytest.raises(ValueError, match=r"pass X.drop\(columns='status'\) and X\['status'\]"):
        fit(frame, "status")


IMAGE_FITS = [
    pytest.param(ImageGAN(n_steps=0).fit, id="images"),
    pytest.param(SequenceGAN(n_steps=0).fit, id="sequences"),
    pytest.param(ClassTranslator(n_steps=0).fit, id="translator"),
    pytest.param(DiscriminatorClassifier(n_steps=1).fit, id="discriminator classifier"),
]
ROW_FITS = [
    *FITS,
    pytest.param(GANMixer().fit, id="mixer"),
    pytest.param(SampleBank.in_memory, id="bank"),
]


@pytest.mark.parametrize("container", [list, tuple, partial(np.array, dtype=object), pd.Series])
@pytest.mark.parametrize("order", [1, -1], ids=["numbers first", "text first"])
@pytest.mark.parametrize(
    ("fit", "shape"),
    [
        pytest.param(*param.values, shape, id=param.id)
        for fits, shape in ((ROW_FITS, (8, 2)), (IMAGE_FITS, (8, 8, 8)))
        for param in fits
    ],
)
def test_labels_of_text_and_numbers_are_refused_and_not_turned_into_text(
    fit, shape, container, order
):
    y = container([1, 1, 1, 1, "a", "a", "a", "a"][::order])
    X = np.random.default_rng(0).random(shape)
    with pytest.raises(ValueError, match="types int, str, which.*Make them all texts"):
        fit(X, y)


@pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")
@pytest.mark.parametrize("mark", [-1, "?"])
@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (TableGAN(n_steps=0), (9, 2)),
        (ImageGAN(n_steps=0), (9, 8, 8)),
        (DiscriminatorClassifier(pretrained=False, sample_share=0, n_steps=1), (9, 8, 8)),
    ],
    ids=["table", "images", "discriminator classifier"],
)
def test_a_list_may_hold_marks_of_another_type(model, shape, mark):
    classes = [0, 1] if mark == "?" else ["a", "b"]
    y = [mark] + classes * 4
    model.set_params(unlabeled_label=mark)
    model.fit(np.random.default_rng(0).random(shape), y)
    assert model.classes_.tolist() == classes


@pytest.mark.parametrize("gap", [None, float("nan")])
def test_gaps_in_lists_of_text_are_counted_as_such(gap):
    with pytest.raises(ValueError, match="None or NaN in 1 of 4 rows"):
        TableGAN(n_steps=0).fit(np.zeros((4, 2)), ["a", gap, "b", "b"])
