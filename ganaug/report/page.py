"""HTML pages that stand alone: no network, no scripts, light and dark, on screens of any width."""

import base64
import io
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import matplotlib
import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure
from matplotlib.image import imsave

from ganaug.hints import three_decimals
from ganaug.report.curves import DPI, FAINT, INK
from ganaug.version import __version__

# Colours of figures, and what a page, light or dark, has in their place.
THEME = {
    INK: "var(--ink)",
    FAINT: "var(--faint)",
    "#cccccc": "var(--line)",
    "#eeeeee": "var(--line)",
}


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes
    ----------
    title : str
    note : str
        Text below the title; may be empty.
    words : dict of str to str, default={}
        Meanings of the words that it uses, shown below it.
    finding : str, default=""
        Sentence for the top of the page, where something is wrong.
    """

    kind: ClassVar[str] = "words"
    title: str
    note: str
    words: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    finding: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class Cell:
    """Text of a table in one of its colours.

    Attributes
    ----------
    text : str
    verdict : {"", "better", "worse", "unclear"}, default=""
    small : str, default=""
        What stands below it.
    """

    text: str
    verdict: str = ""
    small: str = ""


@dataclass(frozen=True)
class Table(Section):
    """Rows of text under a header."""

    kind = "table"
    header: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]


@dataclass(frozen=True)
class Code(Section):
    """Lines of Python."""

    kind = "code"
    code: str


@dataclass(frozen=True)
class Sheet:
    """Images of one class: addresses of images by the names of rows."""

    name: str
    note: str
    rows: dict[str, Sequence[str]]

    @property
    def n_columns(self) -> int:
        """Images in the longest row."""
        return max(map(len, self.rows.values()))


@dataclass(frozen=True)
class Sheets(Section):
    """Images of some classes."""

    kind = "sheets"
    sheets: Sequence[Sheet]


@dataclass(frozen=True)
class Drawing(Section):
    """A figure."""

    kind = "drawing"
    svg: str


def write_page(path: str | os.PathLike, title: str, lead: str, sections: Sequence[Section]) -> None:
    """Write a page.

    Parameters
    ----------
    path : path
    title, lead : str
        Subject of the page, and what it finds.
    sections : sequence of Section

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    findings = [section.finding for section in sections if section.finding]
    text = _render("page.html", title, "\n".join([lead, *findings]), sections)
    Path(path).write_text(text, encoding="utf-8")


def fragment(title: str, lead: str, sections: Sequence[Section]) -> str:
    """The same as markup for a notebook, which keeps its style to itself."""
    return _render("fragment.html", title, lead, sections)


def _render(template: str, title: str, lead: str, sections: Sequence[Section]) -> str:
    environment = Environment(
        loader=PackageLoader("ganaug.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = number
    return environment.get_template(template).render(
        title=title, lead=lead, sections=sections, version=__version__
    )


def address(image: np.ndarray) -> str:
    """A data address of an image (height, width[, channels]) in [0, 1].

    Examples
    --------
    >>> address(np.zeros((8, 8)))[:22]
    'data:image/png;base64,'
    """
    file = io.BytesIO()
    imsave(file, np.clip(image, 0, 1), vmin=0, vmax=1, cmap="gray", format="png")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def as_svg(figure: Figure) -> str:
    """A figure as markup in the page's colours and font, on no background."""
    file = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "ganaug"}):
        figure.savefig(file, format="svg", dpi=DPI, transparent=True, metadata={"Date": None})
    svg = file.getvalue()
    svg = svg[svg.index("<svg") :]
    for colour, variable in THEME.items():
        svg = svg.replace(colour, variable)
    # the page decides how large it is; viewBox says of what shape
    for size in ("width", "height"):
        svg = re.sub(rf'(<svg[^>]*?) {size}="[^"]*"', r"\1", svg, count=1)
    return re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)


def number(value: float, sign: str = "") -> str:
    """Three decimals, or a stroke for what is not known.

    Examples
    --------
    >>> number(0.12345, "+"), number(float("nan"))
    ('+0.123', '\N{EN DASH}')
    """
    return three_decimals(value, sign) if np.isfinite(value) else "\N{EN DASH}"
