"""Pictures and pages of models, samples and figures."""

from ganaug.report.curves import draw_history
from ganaug.report.model import draw_gan
from ganaug.report.tables import draw_figures

__all__ = ["draw_figures", "draw_gan", "draw_history"]
