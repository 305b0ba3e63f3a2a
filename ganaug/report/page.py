"""HTML pages that stand alone: no network, no scripts, light and dark, on screens of any width."""

import base64
import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

import matplotlib
import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure
from matplotlib.image import imsave

from ganaug.report.curves import DPI, FAINT, INK

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
    """

    kind: ClassVar[str]
    title: str
    note: str


@dataclass(frozen=True)
class Gain:
    """A method and what it gains: NaN where that is not known.

    Attributes
    ----------
    name : str
    score, gain, low, high : float
        Mean score; mean difference to the reference, and the ends of its interval.
    marked : bool
        True for the methods that the page is about.
    """

    name: str
    score: float
    gain: float
    low: float
    high: float
    marked: bool = False

    @property
    def verdict(self) -> str:
        """Word for what the interval says: "better", "worse" or "unclear"."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else "unclear"


@dataclass(frozen=True)
class Gains(Section):
    """Gains as bars around 0."""

    kind = "gains"
    rows: Sequence[Gain]

    def place(self, value: float) -> float:
        """Place of a gain between the left and the right end, in per cent."""
        ends = [0.0, *(end for row in self.rows for end in (row.low, row.high, row.gain))]
        known = [end for end in ends if np.isfinite(end)]
        low = min(known)
        return 100 * (value - low) / (max(known) - low or 1.0)


@dataclass(frozen=True)
class Table(Section):
    """Rows of text under a header."""

    kind = "table"
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


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
    environment = Environment(
        loader=PackageLoader("ganaug.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = number
    text = environment.get_template("page.html").render(
        title=title, lead=lead, sections=sections, version=version("ganaug")
    )
    Path(path).write_text(text, encoding="utf-8")


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
    return f"{value:{sign}.3f}" if np.isfinite(value) else "\N{EN DASH}"
