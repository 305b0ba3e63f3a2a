"""Display of how a training went."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox
from sklearn.utils.validation import check_is_fitted

from ganaug.report.curves import HEIGHT, MAX_CLASSES, MIN_WIDTH, add_curves, colours_of
from ganaug.report.display import axes_of


class HistoryDisplay:
    """Training curves of a model: losses, fool rate and gradient penalties of every class.

    Parameters
    ----------
    history : dict of label to dict of str to (n_steps,) array
        As a model's ``history_``.

    Attributes
    ----------
    ax_, figure_
        Axes whose place the curves take, and figure, once they are drawn.
    axes_ : list of Axes
        A panel for each figure, then the key.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from ganaug import TableGAN
    >>> gan = TableGAN(n_steps=5, random_state=0).fit(*load_iris(return_X_y=True))
    >>> display = HistoryDisplay.from_estimator(gan)
    >>> display.axes_[2].get_title(loc="left")
    'fool rate (0.5: neither wins)'
    """

    def __init__(self, history: Mapping[Hashable, Mapping[str, np.ndarray]]):
        self.history = history

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        labels: Sequence[Hashable] | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draw the training curves of a fitted model.

        Parameters
        ----------
        estimator : fitted model, or what has trained one as its ``gan_``
        labels : sequence of labels or None, default=None
            Classes to draw. None draws the first 20 that were trained.
        ax : matplotlib Axes or None, default=None
            Axes whose place the curves take; None makes a figure.

        Returns
        -------
        display

        Raises
        ------
        NotFittedError
            Before ``fit``.
        TypeError
            For what has no ``history_``.
        ValueError
            For classes that were not trained, or where none was.
        """
        check_is_fitted(estimator)
        model: Any = estimator
        if not hasattr(model, "history_"):
            model = getattr(estimator, "gan_", None)
        if not hasattr(model, "history_"):
            raise TypeError(f"a {type(estimator).__name__} has no history_ of a training.")
        history = model.history_
        if "fool_rate" in history:
            # of a model without classes
            history = {"all": history}
        trained = [label for label, figures in history.items() if len(figures["fool_rate"])]
        chosen = trained[:MAX_CLASSES] if labels is None else list(labels)
        if not chosen or set(chosen) - set(trained):
            raise ValueError(f"of the classes {list(history)}, trained were: {trained}.")
        return cls({label: history[label] for label in chosen}).plot(ax=ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes whose place the curves take; None makes a figure.

        Returns
        -------
        display
            Itself.
        """
        self.ax_ = axes_of(ax, MIN_WIDTH, HEIGHT)
        figure: Any = self.ax_.figure
        self.figure_ = figure
        self.ax_.set_axis_off()
        box = None
        if ax is None:
            # panels are laid out already
            figure.set_layout_engine("none")
        else:
            box = Bbox(ax.get_position().get_points())
        colours = colours_of(list(self.history))
        self.axes_ = add_curves(figure, self.history, colours, box)
        return self
