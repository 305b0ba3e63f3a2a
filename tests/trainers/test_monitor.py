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
            "discriminator wins, fool rate 0.05 (class 'a'), generator loss 0.50, "
            "discriminator loss 0.50",
        ),
        (50, [MIN_FOOL_RATE, 0.4], "mean fool rate 0.25"),
        (50, [0.05] * 4, "discriminator wins, fool rate 0.05 (4 classes)"),
        (50, [0.05], "discriminator wins, fool rate 0.05 (class 'a')"),
        (50, [0.0999], "discriminator wins, fool rate 0.09 (class 'a')"),
        # at first every discriminator wins
        (49, [0.05, 0.4], "mean fool rate 0.23"),
    ],
)
def test_from_half_of_the_steps_on_a_winning_discriminator_is_named(n_steps_done, rates, start):
    heard = Heard()
    on_report = Monitor(100, heard, callback=None, shown=True).on_report
    on_report(report(n_steps_done, rates))
    assert heard.text.startswith(start)


def report(n_steps_done, rates, **options):
    """Report of a game of a hundred steps."""
    means = torch.full((len(HISTORY_KEYS), len(rates)), 0.5, dtype=torch.float64)
    means[HISTORY_KEYS.index("fool_rate")] = torch.tensor(rates)
    labels = ["a", "b", "c", "d"][: len(rates)]
    return GameReport(Figures(n_steps_done, 100, 1, means, None), labels, "GAN", **options)


@pytest.mark.parametrize(("low", "wins"), [(0.02, True), (0.12, False)])
def test_who_wins_does_not_change_from_line_to_line(low, wins):
    heard = Heard()
    on_report = Monitor(200, heard, callback=None, shown=True).on_report
    on_report(report(89, [0.9]))
    for n_steps_done, rate in enumerate([low, 0.14] * 5, 90):
        on_report(report(n_steps_done, [rate]))
    assert heard.text.startswith("discriminator wins") == wins
    on_report(report(100, [0.15 if wins else 0.05]))
    assert heard.text.startswith("discriminator wins") == wins
    # a game of the same class that is played again has rates of its own
    on_report(report(90, [0.3 if wins else 0.05], attempt=2))
    assert heard.text.startswith("discriminator wins") != wins
