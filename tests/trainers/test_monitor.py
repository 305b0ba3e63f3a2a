"""While games are played, what is shown says who wins."""

import pytest
import torch

from ganaug.progress import Progress
from ganaug.trainers.monitor import GameReport, Monitor
from ganaug.training.health import MIN_FOOL_RATE
from ganaug.training.loop import Figures
from ganaug.training.step import HISTORY_KEYS


class Heard(Progress):
    """Display that keeps what it is told."""

    def describe(self, text):
        self.text = text


@pytest.mark.parametrize(
    ("n_steps_done", "rates", "start"),
    [
        (
            50,
            [0.05, 0.4],
            "discriminator wins (class 'a'), mean fool rate 0.23, generator loss 0.50, "
            "discriminator loss 0.50",
        ),
        (50, [MIN_FOOL_RATE, 0.4], "mean fool rate 0.25"),
        (50, [0.05] * 4, "discriminator wins (4 classes), mean fool rate 0.05"),
        (50, [0.05], "discriminator wins (class 'a'), fool rate 0.05"),
        # at first every discriminator wins
        (49, [0.05, 0.4], "mean fool rate 0.23"),
    ],
)
def test_from_half_of_the_steps_on_a_winning_discriminator_is_named(n_steps_done, rates, start):
    means = torch.full((len(HISTORY_KEYS), len(rates)), 0.5, dtype=torch.float64)
    means[HISTORY_KEYS.index("fool_rate")] = torch.tensor(rates)
    heard = Heard()
    on_report = Monitor(100, heard, callback=None, shown=True).on_report
    on_report(
        GameReport(
            Figures(n_steps_done, 100, 10, means, None), ["a", "b", "c", "d"][: len(rates)], "GAN"
        )
    )
    assert heard.text.startswith(start)
