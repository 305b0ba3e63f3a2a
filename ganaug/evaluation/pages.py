"""HTML pages of what ``compare`` found, and of what the gate chose."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from ganaug.evaluation.gain_sections import (
    comparison_gains,
    measures_side_by_side,
    on_one_scale,
    rows_of,
    selection_gains,
)
from ganaug.evaluation.held_out import HeldOutModel
from ganaug.evaluation.methods import (
    CHOSEN_BY_GATE,
    COMPARED,
    GATE_CHOICES,
    NONE,
    REPLACEMENTS,
    SELF_TRAINED,
)
from ganaug.evaluation.provenance import Provenance
from ganaug.evaluation.scores import MEASURES
from ganaug.evaluation.snippets import snippet
from ganaug.evaluation.summary import summary
from ganaug.evaluation.verdict import main_estimator, replacements, verdict
from ganaug.report.gains import Gains
from ganaug.report.page import Code, Section, Table, fragment, write_page
from ganaug.report.sections import sections_of

if TYPE_CHECKING:
    from ganaug.evaluation.selection import Selection

ALL = (*COMPARED, *GATE_CHOICES, *SELF_TRAINED, *REPLACEMENTS)

DESCRIPTIONS = {method.name: method.description for method in ALL} | {
    CHOSEN_BY_GATE: "the method that AugmentedClassifier chose on the training rows alone"
}

# What a classifier of the user's has to take, by the kind of samples.
WHAT_CLASSIFIERS_GET = {
    "rows": "The classifier gets rows as they are: where they hold gaps, text or dates, it must be "
    "a pipeline with an imputer and an encoder of its own. ",
    "images": "The classifier gets images as they are: one of rows needs a step before it that "
    "flattens them. ",
    "sequences": "The classifier gets sequences as they are: one of rows needs a step before it "
    "that flattens those of several channels. ",
}


def write_comparison(
    path: str | os.PathLike,
    scores: pd.DataFrame,
    methods: Sequence[str],
    test_ratio: float,
    held_out_model: HeldOutModel,
    provenance: Provenance,
    *,
    notes: Mapping[tuple[Any, Any], str] | None = None,
    data_name: str | None = None,
    image_shape: tuple[int, int] | None = None,
    seconds: float | None = None,
) -> None:
    """Write what ``compare`` found.

    Parameters
    ----------
    path : path
        File to write; replaced where there is one.
    scores : DataFrame
        A row for each split, classifier and method.
    methods : sequence of str
        Their names, in order.
    test_ratio : float
        Test rows per training row, as in ``paired_interval``.
    held_out_model : HeldOutModel
        The model of one split.
    provenance : Provenance
        Data, settings and score.
    notes : dict of (classifier, method) to str, optional
        Notes on methods without a score on some splits.
    data_name : str or None, default=None
        Name of the data, where there is one.
    image_shape : (height, width) or None, default=None
        Shape of the images that rows are, if they are.
    seconds : float or None, default=None
        Seconds that all took but the page; None leaves them out.
    """
    table = summary(scores, methods, [NONE.name], test_ratio, notes=notes)
    main = main_estimator(scores)
    overall = table[table["estimator"] == main].set_index("method")
    found = verdict(scores, methods, test_ratio, *provenance.of_verdict)
    n_splits = scores["split"].nunique()
    of_main = scores[scores["estimator"] == main]
    measured = {
        name: summary(of_main, methods, [NONE.name], test_ratio, name).set_index("method")
        for name in MEASURES
        if name in scores
    }
    sections = [
        *comparison_gains(table, provenance.score, n_splits, found.method),
        *measures_side_by_side(measured, overall["mean"]),
        *_code(found.method, provenance),
        *_code(found.replacement, provenance, "How to do better, by another classifier"),
        _descriptions(methods),
        *_choices(scores),
        *_model_sections(held_out_model, image_shape),
        _cost(overall, seconds),
        _origin(provenance, data_name),
    ]
    write_page(path, "Does augmentation help here?", "\n".join(found.sentences), sections)


def comparison_fragment(table: pd.DataFrame, lead: str, advised: str | None) -> str:
    """Markup of a table of ``compare`` for a notebook, what is advised marked."""
    parts = [
        (reference, _of_main(table[table["reference"] == reference]))
        for reference in table["reference"].unique()
    ]
    gains = [
        Gains(f"Gains over “{reference}”, {rows['estimator'].iloc[0]}", "", rows_of(rows, advised))
        for reference, rows in parts
    ]
    return fragment("Comparison", lead, on_one_scale(gains))


def write_selection(
    path: str | os.PathLike, selection: "Selection", data_name: str | None = None
) -> None:
    """Write what the gate tried and chose.

    Parameters
    ----------
    path : path
    selection : Selection
    data_name : str or None, default=None
        Name of the data, where there is one.
    """
    sections: list[Section] = []
    if len(selection.table):
        measured = {
            name: table.rename(columns={"score": "mean"})
            for name, table in selection.measures.items()
        }
        sections += [
            selection_gains(selection),
            *measures_side_by_side(measured, selection.table["score"]),
            *_code(selection.chosen, selection.provenance),
            _descriptions(selection.table.index),
        ]
        if selection.held_out_model is not None:
            sections += _model_sections(selection.held_out_model)
        seconds = selection.seconds | {"all": sum(selection.seconds.values())}
        cost = [[name, f"{value:.1f}"] for name, value in seconds.items()]
        note = f"Seconds of the choice alone, which fitted the classifier {selection.n_fits} times."
        sections.append(Table("Cost", note, ["", "seconds"], cost))
    if selection.provenance is not None:
        sections.append(_origin(selection.provenance, data_name))
    write_page(path, _title(selection), selection.sentence, sections)


def selection_fragment(selection: "Selection") -> str:
    """Markup of a choice of the gate for a notebook."""
    sections = [selection_gains(selection)] if len(selection.table) else []
    return fragment(_title(selection), selection.sentence, sections)


def _title(selection: "Selection") -> str:
    return f"What the gate chose: {selection.chosen}"


def _of_main(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["estimator"] == main_estimator(table)]


def _code(
    method: str | None, provenance: Provenance | None, title: str = "How to do it"
) -> Iterator[Section]:
    """Python for what is advised, where it is known."""
    if method is None or provenance is None:
        return
    code = snippet(method, provenance.settings)
    if code is not None:
        kind = provenance.sample_kind
        whose = "your classifier (estimator), " if "estimator" in code else ""
        gets = WHAT_CLASSIFIERS_GET[kind] if whose else ""
        note = (
            f"“{method}” in Python, for {whose}{kind} (X) and classes (y). {gets}Fit on training "
            f"{kind} only."
        )
        yield Code(title, note, code)


def _descriptions(methods: Iterable[str]) -> Section:
    """Meanings of the names of methods."""
    note = "What each does to the training rows; all that add rows add them to the same classes."
    known = {name: DESCRIPTIONS[name] for name in methods if name in DESCRIPTIONS}
    return Section("Methods", note, words=known)


def _model_sections(
    held_out: HeldOutModel, image_shape: tuple[int, int] | None = None
) -> Iterator[Section]:
    """Samples of a model, their quality, and how it trained."""
    return sections_of(held_out.model, held_out.X, held_out.y, image_shape)


def _choices(scores: pd.DataFrame) -> Iterator[Section]:
    """Numbers of splits in which the gate chose each method, where there was one."""
    if "chosen" not in scores or scores["chosen"].isna().all():
        return
    chosen = scores.dropna(subset="chosen")
    counts = pd.crosstab(chosen["estimator"], chosen["chosen"])
    order = [method.name for method in ALL if method.name in counts]
    counts = counts.reindex(index=chosen["estimator"].unique(), columns=list(dict.fromkeys(order)))
    rows = [[str(name), *map(str, of_method)] for name, of_method in counts.T.items()]
    note = (
        "Number of splits in which the gate chose a method, by training rows alone. It does "
        "nothing where no gain is significant."
    )
    yield Table("What the gate chose", note, ["", *map(str, counts.columns)], rows)


def _cost(overall: pd.DataFrame, total: float | None) -> Section:
    """Seconds of each method, and of all that was done, where they are known."""
    known = overall["seconds"].dropna()
    rows = [[str(name), f"{seconds:.2f}"] for name, seconds in known.items()]
    note = "Seconds of augmentation in each split; of the gate, with all that it tried"
    if len(replacements(overall)):
        note += "; of what replaces the classifier, with its training"
    if total is not None:
        note += f". All but this page, with the fits of classifiers, took {total:.0f} seconds"
    return Table("Cost", f"{note}.", ["", "seconds"], rows)


def _origin(provenance: Provenance, data_name: str | None) -> Section:
    """Data, settings, versions and machine behind the figures."""
    return Section("How this was found", "", words=provenance.facts(data_name))
