"""What people look at."""

from ganaug.report.curves import draw_history
from ganaug.report.model import draw_gan

__all__ = ["draw_gan", "draw_history"]
