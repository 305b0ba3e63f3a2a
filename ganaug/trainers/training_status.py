"""Status of a training: what its callback is told."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from ganaug.training.step import HISTORY_KEYS

FIGURES = (*HISTORY_KEYS, "validation_metric")


@dataclass(frozen=True)
class TrainingStatus:
    """Status of a training, as the ``callback`` of a model receives it.

    Figures are means over the steps since the callback was last called, by class.

    Attributes
    ----------
    step, n_steps : int
        Steps that these classes have been trained for, and that they are trained for at most.
    labels : tuple of labels
        Classes that are trained at present, side by side: all that share a game. Those of other
        sizes, and of a second game where memory or threads ask for one, have calls of their own.
        Samples without a class count as one more, under the label that marks them.
    stage : str
        Kind of generator that is trained, such as "GAN from noise"; "pooled start" before the
        classes' own training.
    attempt : int
        2 where classes failed, and are trained once more with safer values; else 1.
    generator_loss, discriminator_loss : dict of label to float
        Losses in nats; 0.69 where neither network wins.
    fool_rate : dict of label to float
        Share of generated samples that the discriminator rates above the real ones that they are
        paired with: a half where neither network wins.
    r1, r2 : dict of label to float
        Gradient penalties: squared norms of the discriminator's gradients at real and at generated
        samples.
    validation_metric : dict of label to float
        Distance of generated samples from real ones, low is good, when it was last measured: of
        images the kernel distance (KID), from half of the steps on; empty where there is none.
    seconds_left : float
        Estimate of the time to the end of all training of this ``fit``.

    Notes
    -----
    A callback for TensorBoard::

        writer = SummaryWriter(folder)

        def log(status):
            for name, value in status.metrics.items():
                writer.add_scalar(name, value, status.step)

    For Optuna, which prunes a trial whose images stay further from real ones than those of others.
    What it raises ends ``fit``::

        def prune(status):
            if status.validation_metric:
                distances = list(status.validation_metric.values())
                trial.report(sum(distances) / len(distances), status.step)
                if trial.should_prune():
                    raise optuna.TrialPruned

    For Weights & Biases, ``callback=lambda status: run.log({**status.metrics, "step":
    status.step})``. For MLflow, ``callback=lambda status: mlflow.log_metrics(status.metrics,
    step=status.step)``.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from ganaug import TableGAN
    >>> def stop_early(status):
    ...     return status.step >= 100 and max(status.fool_rate.values()) < 0.6
    >>> gan = TableGAN(callback=stop_early, random_state=0).fit(*load_iris(return_X_y=True))
    >>> gan.n_steps_
    100
    """

    step: int
    n_steps: int
    labels: tuple[Hashable, ...]
    stage: str
    attempt: int
    generator_loss: dict[Hashable, float]
    discriminator_loss: dict[Hashable, float]
    fool_rate: dict[Hashable, float]
    r1: dict[Hashable, float]
    r2: dict[Hashable, float]
    validation_metric: dict[Hashable, float]
    seconds_left: float

    @property
    def metrics(self) -> dict[str, float]:
        """All figures by one name each, such as "fool_rate/3", as loggers take them.

        Examples
        --------
        >>> from ganaug import TableGAN
        >>> seen = []
        >>> gan = TableGAN(n_steps=5, callback=seen.append, random_state=0)
        >>> gan = gan.fit([[0.1], [0.2]] * 10, ["a", "b"] * 10)
        >>> list(seen[-1].metrics)[:3]
        ['generator_loss/a', 'generator_loss/b', 'discriminator_loss/a']
        """
        return {
            f"{name}/{label}": value
            for name in FIGURES
            for label, value in getattr(self, name).items()
        }


# What a model's user may watch its training with: True ends that of the status's classes.
Callback = Callable[[TrainingStatus], object]
