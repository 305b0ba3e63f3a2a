"""Pictures and pages of models, samples and figures."""

from ganaug.report.columns_display import ColumnsDisplay
from ganaug.report.curves import draw_history
from ganaug.report.film import draw_film
from ganaug.report.gains_display import GainsDisplay
from ganaug.report.history_display import HistoryDisplay
from ganaug.report.model import draw_gan
from ganaug.report.samples_display import NeighborsDisplay, SamplesDisplay
from ganaug.report.tables import draw_figures

__all__ = [
    "ColumnsDisplay",
    "GainsDisplay",
    "HistoryDisplay",
    "NeighborsDisplay",
    "SamplesDisplay",
    "draw_figures",
    "draw_film",
    "draw_gan",
    "draw_history",
]
